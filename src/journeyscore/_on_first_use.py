"""Names of a package that are imported when one is first asked for (PEP 562).

What every program needs is imported at once. What many never touch (scales, catalogues) waits
until then, so that importing the library stays cheap.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module


def on_first_use(package: str, names: Mapping[str, str]) -> Callable[[str], object]:
    """The ``__getattr__`` of a package whose names come from submodules not yet imported.

    Args:
        package: its ``__name__``.
        names: the submodule of each name; a submodule by itself is found as well.

    >>> import journeyscore
    >>> journeyscore.Scale is journeyscore.scales.Scale
    True
    """

    def __getattr__(name: str) -> object:
        if name in names.values():
            return import_module(f"{package}.{name}")
        if name not in names:
            raise AttributeError(f"module {package!r} has no attribute {name!r}", name=name)
        found: object = getattr(import_module(f"{package}.{names[name]}"), name)
        setattr(sys.modules[package], name, found)  # from now on found without coming here
        return found

    return __getattr__
