"""Everything public, with its signature or its fields: ``python -m tests.compatibility.surface``."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from enum import EnumType
from pathlib import Path
from typing import Any

import attrs

import journeyscore

FILE = Path(__file__).with_name("surface.txt")


def packages() -> list[str]:
    """The modules that offer names in ``__all__``."""
    names = [found.name for found in pkgutil.walk_packages(journeyscore.__path__, "journeyscore.")]
    public = [name for name in names if not re.search(r"\._|__main__", name)]
    return ["journeyscore", *(n for n in public if hasattr(importlib.import_module(n), "__all__"))]


def surface() -> str:
    """A line for each public name, and beneath a class one for each of its own."""
    return "".join(f"{line}\n" for line in _lines())


def _lines() -> Iterator[str]:
    for package in packages():
        module = importlib.import_module(package)
        for name in sorted(module.__all__):
            if name == "__version__":
                continue
            thing = getattr(module, name)
            full = f"{package}.{name}"
            if isinstance(thing, type):
                yield f"class {full}{_bases(thing)}"
                yield from (f"  {line}" for line in sorted(_members(thing)))
            elif callable(thing) and not attrs.has(type(thing)):
                yield f"def {full}{_signature(thing)}"
            else:
                yield f"data {full}: {type(thing).__name__}"


def _bases(kind: type) -> str:
    names = [base.__name__ for base in kind.__bases__ if base is not object]
    return f"({', '.join(names)})" if names else ""


def _members(kind: type) -> Iterator[str]:
    if isinstance(kind, EnumType):
        yield from (f"{member.name} = {member.value!r}" for member in kind)  # type: ignore[var-annotated]
        return
    if not issubclass(kind, Exception):
        yield f"__init__{_signature(kind)}"
    for name, thing in vars(kind).items():
        if name.startswith("_"):
            continue
        if isinstance(thing, property):
            yield f"{name}: property"
        elif isinstance(thing, (classmethod, staticmethod)):
            yield f"{name}{_signature(thing.__func__)} [{type(thing).__name__}]"
        elif inspect.isfunction(thing):
            yield f"{name}{_signature(thing)}"
        else:
            yield f"{name}: field"


def _signature(thing: Any) -> str:
    """Parameters by name, kind and default; annotations are the type checker's business."""
    try:
        found = inspect.signature(thing)
    except (TypeError, ValueError):
        return "(...)"
    bare = [
        each.replace(annotation=inspect.Parameter.empty, default=_default(each.default))
        for each in found.parameters.values()
    ]
    text = str(found.replace(parameters=bare, return_annotation=inspect.Signature.empty))
    return re.sub(r" at 0x[0-9a-f]+", "", text)


def _default(given: Any) -> Any:
    """A default as it is; settings of Hypothesis by name, since they tell of folders and profiles."""
    return type(given) if type(given).__module__.startswith("hypothesis") else given


if __name__ == "__main__":
    FILE.write_text(surface(), encoding="utf-8")
