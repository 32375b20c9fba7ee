"""The panels of what a house owes: promises kept and broken, and problems that are open still."""

from __future__ import annotations

from collections import Counter

from ..frames.engines import computed, opened
from ..frames.loops import counted as counted_loops
from .charts import shares
from .evidence import ROWS, Evidence
from .page import Column, Panel, Table
from .words import counted, labels, listed, points, share, signed

TOLD_OF_PROBLEMS = {"recovers", "regards", "act", "cause", "owner"}
"""The columns of a log of which any tells what became of problems."""


def promises(known: Evidence) -> Panel | None:
    """Promises, kept and broken, by team or else by touchpoint: what could be promised safely."""
    if known.seen.promises is None:
        return None
    by = known.seen.promises.columns[0]
    found = known.seen.promises.rows(named=True)
    due, kept = (sum(row[name] for row in found) for name in ("due", "kept"))
    if not due:
        return None
    found.sort(key=lambda row: (row["kept_rate"] if row["due"] else 2, str(row[by])))
    said = labels([row[by] for row in found]) if by == "touchpoint" else {}
    names = [said.get(row[by]) or str(row[by]) for row in found]
    too_much = [
        name for row, name in zip(found, names, strict=True) if 2 * row["unrealistic"] > row["due"]
    ]
    words = f"Of {counted(due, 'promise')} that {'was' if due == 1 else 'were'} due, {kept:,} "
    words += f"({share(kept, due)}) {'was' if kept == 1 else 'were'} kept."
    if too_much:
        words += f" Most of what is promised cannot be kept: {listed(too_much[:6])}."
    rows = [
        (
            name,
            f"{row['due']:,}",
            f"{row['kept']:,}",
            share(row["kept"], row["due"]),
            "\N{EN DASH}" if row["gap"] is None else signed(row["gap"], 1),
            points(row["keepable"]),
        )
        for row, name in zip(found[:ROWS], names, strict=False)
    ]
    parts = [("kept", kept, "better"), ("broken", sum(row["broken"] for row in found), "worse")]
    columns = ("Due", "Kept", "Share", "Delivered less promised", "Could be promised")
    return Panel(
        "promises",
        "Promises",
        words,
        (
            shares(parts, "Promises that were due", "Share of the promises, in per cent."),
            Table(
                f"Promises by {by}, the least kept first. Could be promised: the level that nine "
                "in ten deliveries reach",
                (Column(by.capitalize(), number=False), *map(Column, columns)),
                rows,
            ),
        ),
    )


def loops(known: Evidence) -> Panel | None:
    """Problems: what became of them, and where they are open still."""
    if not TOLD_OF_PROBLEMS & set(known.seen.columns):
        return None
    found = opened(counted_loops(known.log, **known.reading))[0]
    counts = Counter({(name, open_): n for name, open_, n in computed(found).rows()})
    total = sum(counts.values())
    if not total:
        return None
    names = sorted({name for name, _ in counts}, key=str)
    said = labels(names)
    states = {"failure": "not put right", "recovery": "not followed up", None: "closed"}
    sums = {state: sum(counts[name, state] for name in names) for state in states}
    order = sorted(names, key=lambda name: (-counts[name, "failure"], str(name)))
    words = (
        f"{counted(total, 'contact')} fell short. {sums['failure']:,} "
        f"({share(sums['failure'], total)}) were never put right; {sums['recovery']:,} were put "
        f"right, and nobody asked afterwards whether that was enough."
    )
    rows = [
        (said[name], *(f"{counts[name, state]:,}" for state in states)) for name in order[:ROWS]
    ]
    tones = {"failure": "worse", "recovery": "shade", None: "better"}
    return Panel(
        "loops",
        "Open problems",
        words,
        (
            shares(
                [(states[state], sums[state], tones[state]) for state in states],
                "What became of contacts that fell short",
                "Share of the contacts that fell short, in per cent.",
            ),
            Table(
                "Contacts that fell short, by touchpoint",
                (
                    Column("Touchpoint", number=False),
                    *(Column(words.capitalize()) for words in states.values()),
                ),
                rows,
            ),
        ),
    )
