"""What a part of the library says where its extra is not installed."""

from __future__ import annotations

import argparse
import sys
from importlib.util import find_spec, module_from_spec

import pytest

from journeyscore.cli import drivers
from journeyscore.errors import InvalidValue


def loaded(name: str) -> None:
    """Load a module once more, beside the one that is loaded."""
    spec = find_spec(name)
    assert spec is not None and spec.loader is not None
    spec.loader.exec_module(module_from_spec(spec))


def test_the_journal_names_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    with pytest.raises(ModuleNotFoundError, match=r"sqlalchemy: .*journeyscore\[store\]"):
        loaded("journeyscore.store")


@pytest.mark.parametrize(
    ("name", "missing", "extra"),
    [
        ("journeyscore.frames", "narwhals", "frames"),
        ("journeyscore.relationship", "polars", "frames"),
        ("journeyscore.team", "narwhals", "frames"),
        ("journeyscore.calibration", "narwhals", "frames"),
        ("journeyscore.report", "jinja2", "report"),
        ("journeyscore.report", "vl_convert", "report"),
        ("journeyscore.drivers", "scipy.linalg", "drivers"),
        ("journeyscore.testing", "hypothesis", "testing"),
        ("journeyscore.convert.expressions", "jmespath", "feeds"),
    ],
)
def test_every_part_names_its_extra(
    name: str, missing: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(ModuleNotFoundError, match=rf"{missing}: .*journeyscore\[{extra}\]"):
        loaded(name)


def test_the_command_names_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rich.console", None)
    with pytest.raises(SystemExit, match=r"rich.console: .*journeyscore\[cli\]"):
        loaded("journeyscore.cli")


def test_drivers_name_their_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "journeyscore.drivers", None)
    with pytest.raises(InvalidValue, match="drivers need ") as caught:
        drivers.run(argparse.Namespace())
    assert "journeyscore[drivers]" in str(caught.value.hint)
