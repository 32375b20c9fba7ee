"""A report: tables and goals, printed for people and written as JSON for comparison."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .machine import machine

RESULTS = Path(__file__).parent / "results"

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Goal:
    """A wish and what was measured. Never asserted: a busy machine is not a wrong program."""

    what: str
    measured: float
    limit: float
    at_least: bool = False

    @property
    def met(self) -> bool:
        """Whether the measure is on the right side of the limit."""
        return self.measured >= self.limit if self.at_least else self.measured <= self.limit

    def __str__(self) -> str:
        sign = ">=" if self.at_least else "<="
        verdict = "met" if self.met else "NOT met"
        return f"{self.what} {sign} {self.limit:g}: {self.measured:.3f}, {verdict}"


@dataclass
class Report:
    """What one benchmark found.

    Attributes:
        name: of the benchmark, and of its file.
        settings: what it was run with; no paths.
        tables: rows by the title of their table.
        goals: the wishes, in the order of importance.
        notes: what a reader must know to read the figures.
    """

    name: str
    settings: Row
    tables: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    goals: list[Goal] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def show(self) -> None:
        """Print the tables, then the goals."""
        settings = ", ".join(f"{name} {_cell(value)}" for name, value in self.settings.items())
        print(f"\n== {self.name} ({settings})")
        for title, rows in self.tables.items():
            print(f"\n{title}\n{table(rows)}")
        print()
        for line in (*self.notes, *self.goals):
            print(f"* {line}")

    def save(self) -> Path:
        """Write ``results/NAME.json``."""
        RESULTS.mkdir(exist_ok=True)
        path = RESULTS / f"{self.name}.json"
        content = {
            "benchmark": self.name,
            "on": datetime.now(UTC).date().isoformat(),
            "machine": machine(),
            "settings": self.settings,
            "tables": self.tables,
            "goals": [{**asdict(goal), "met": goal.met} for goal in self.goals],
            "notes": self.notes,
        }
        path.write_text(
            json.dumps(_rounded(content), indent=1, allow_nan=False) + "\n", encoding="utf-8"
        )
        return path


def _rounded(value: Any) -> Any:
    """The same with floats of five significant digits: more would be noise."""
    if isinstance(value, Mapping):
        return {name: _rounded(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_rounded(each) for each in value]
    if isinstance(value, float):
        return float(f"{value:.5g}")
    return value


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "*" if value else ""
    if isinstance(value, float):
        return f"{value:.3f}" if abs(value) < 10 else f"{value:,.1f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def table(rows: Sequence[Row]) -> str:
    """Rows as aligned text; words to the left, numbers to the right."""
    headers = list(rows[0])
    words = [any(isinstance(row.get(name), str) for row in rows) for name in headers]
    lines = [headers, *([_cell(row.get(name)) for name in headers] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    lines.insert(1, ["-" * width for width in widths])
    return "\n".join(
        "  ".join(
            cell.ljust(width) if left else cell.rjust(width)
            for cell, width, left in zip(line, widths, words, strict=True)
        ).rstrip()
        for line in lines
    )
