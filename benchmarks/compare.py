"""Whether results got better or worse: ``python -m benchmarks compare OLD NEW``.

OLD and NEW are each a file of results, a folder of them, or a commit (its ``benchmarks/results``).
Only ratios and goals are compared, which a faster machine does not move: against the baseline that
was timed in the same rounds. What was run with other settings is not compared at all. Ends with 1
where something is worse by more than the tolerance.
"""

from __future__ import annotations

import argparse
import json
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from .report import RESULTS, table

Results = Mapping[str, Any]

TOLERANCE = 0.15
"""Of a ratio: on a machine that others use, medians of the same code differ by up to a tenth."""


class Figure(NamedTuple):
    """A number that can be compared with its like.

    Attributes:
        value: what was measured.
        more_is_better: as of a share of the baseline's speed; else it is a cost.
    """

    value: float
    more_is_better: bool = False


def add_options(parser: argparse.ArgumentParser) -> None:
    """What to compare."""
    parser.add_argument("old", metavar="OLD", help="a file, a folder or a commit")
    parser.add_argument("new", metavar="NEW", help="likewise; by default the results at hand",
                        nargs="?", default=str(RESULTS))  # fmt: skip
    parser.add_argument("--tolerance", type=float, default=TOLERANCE)


def run(options: argparse.Namespace) -> int:
    """Print what got better and what worse, ratio by ratio; 1 where something is worse."""
    old, new = loaded(options.old), loaded(options.new)
    rows, notes = compared(old, new, options.tolerance)
    if not rows:
        raise SystemExit("nothing to compare: no benchmark is in both with the same settings")
    print(table(rows))
    for note in notes:
        print(f"* {note}")
    worse = sum(row["verdict"] == "WORSE" for row in rows)
    print(f"* {len(rows)} figures, {worse} worse by more than {options.tolerance:.0%}")
    return 1 if worse else 0


def loaded(place: str) -> dict[str, Results]:
    """The results in a file, in a folder, or of a commit, by benchmark."""
    path = Path(place)
    if path.is_dir():
        texts = [each.read_text(encoding="utf-8") for each in sorted(path.glob("*.json"))]
    elif path.is_file():
        texts = [path.read_text(encoding="utf-8")]
    else:
        texts = list(_committed(place))
    return {result["benchmark"]: result for result in map(json.loads, texts)}


def _committed(commit: str) -> Iterator[str]:
    folder = RESULTS.relative_to(RESULTS.parents[1]).as_posix()
    for name in _git("ls-tree", "--name-only", commit, f"{folder}/").splitlines():
        if name.endswith(".json"):
            yield _git("show", f"{commit}:{name}")


def _git(*arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=RESULTS.parents[1], capture_output=True, text=True
    )
    if done.returncode:
        raise SystemExit(f"no file, no folder and no commit: {done.stderr.strip()}")
    return done.stdout


def compared(
    old: Mapping[str, Results], new: Mapping[str, Results], tolerance: float
) -> tuple[list[dict[str, Any]], list[str]]:
    """A row for each figure that is in both; and what a reader must know."""
    rows: list[dict[str, Any]] = []
    notes: list[str] = []
    for name in sorted(old.keys() & new.keys()):
        before, after = old[name], new[name]
        if before["settings"] != after["settings"]:
            notes.append(f"{name}: run with other settings, not compared")
            continue
        unlike = sorted(
            key for key in before["machine"]
            if key not in ("commit", "source_changed_since")
            and before["machine"][key] != after["machine"].get(key)
        )  # fmt: skip
        if unlike:
            notes.append(f"{name}: another machine ({', '.join(unlike)})")
        figures, others = figures_of(before), figures_of(after)
        for what in figures.keys() & others.keys():
            rows.append({"benchmark": name, "what": what}
                        | _row(figures[what], others[what], tolerance))  # fmt: skip
    rows.sort(key=lambda row: (row["benchmark"], row["what"]))
    notes += [f"{name}: only in one of them" for name in sorted(old.keys() ^ new.keys())]
    return rows, notes


def _row(old: Figure, new: Figure, tolerance: float) -> dict[str, Any]:
    """Two measures of one thing; the change is a part of the old one."""
    change = (new.value - old.value) / abs(old.value) if old.value else float(new.value != 0)
    loss = -change if new.more_is_better else change
    verdict = "WORSE" if loss > tolerance else "better" if loss < -tolerance else "same"
    return {"old": old.value, "new": new.value, "change, %": 100 * change, "verdict": verdict}


def figures_of(result: Results) -> dict[str, Figure]:
    """The goals of a result and the ratios in its tables, by what they are of."""
    found: dict[str, Figure] = {}
    for goal in result["goals"]:
        found.setdefault(f"goal: {goal['what']}", Figure(goal["measured"], goal["at_least"]))
    for title, rows in result["tables"].items():
        for row in rows:
            said = ", ".join(str(value) for value in row.values() if isinstance(value, str))
            if row.get("ratio") is not None:
                found[f"{title}: {said}"] = Figure(row["ratio"])
            elif row.get("of bare") is not None:
                found[f"{title}: {said}"] = Figure(row["of bare"], more_is_better=True)
    return found
