"""The panels of a report: each a function of what is known of a log, or nothing to say.

To add one, write a function and list it in `PANELS`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl

from ..scorecard import Scorecard
from .charts import (
    along_the_way,
    dots,
    give_and_take,
    histogram,
    intervals,
    journeys_map,
    levels_of,
    moved,
    quantiles,
    shares,
)
from .evidence import ROWS, Evidence, readouts, tally
from .guests import calibration, drivers
from .maps import journey_map
from .page import Column, Panel, Table
from .service import loops, promises
from .words import counted, labels, listed, points, share, signed


def verdicts(known: Evidence) -> Panel:
    """How journeys were judged, and where their impressions lie."""
    seen, policy = known.seen, known.seen.policy
    counts = dict(seen.verdicts.rows())
    total = sum(counts.values())
    tones = {"dissatisfied": "worse", "satisfied": "shade", "delighted": "better"}
    parts = [(name, counts.get(name, 0), tone) for name, tone in tones.items()]
    said = [f"{count:,} ({share(count, total)}) ended {name}" for name, count, _ in parts]
    mean = seen.journeys.row(0, named=True)
    low, high = quantiles(seen.impressions.rows(), (0.25, 0.75)) if total else (0, 0)
    words = f"Of {counted(total, 'journey')}, {listed(said)}.\n"
    if total:
        words += (
            f"The mean impression is {points(mean['impression'])}"
            + (
                f" (95% interval {points(mean['low'])} to {points(mean['high'])})"
                if mean["low"] is not None
                else ""
            )
            + f"; half of the journeys lie between {low} and {high + 1}."
        )
    marks = {
        f"dissatisfied below {policy.dissatisfied_below:g}": policy.dissatisfied_below,
        f"delighted from {policy.delighted_from:g}": policy.delighted_from,
    }
    return Panel(
        "verdicts",
        "How journeys ended",
        words,
        (
            shares(parts, "Verdicts", "Share of journeys, in per cent."),
            histogram(
                dict(seen.impressions.rows()),
                marks,
                "Impressions",
                "How many journeys made an impression of so many points, from 0 to 100, in steps "
                "of five. Delighted is who is also at or above what was anticipated.",
            ),
        ),
    )


def touchpoints(known: Evidence) -> Panel:
    """What touchpoints took and gave: by harm and by joy, in points that add up."""
    seen = known.seen
    each = sorted(seen.touchpoints.rows(named=True), key=lambda row: (row["loss"], -row["gain"]))
    said = labels([row["touchpoint"] for row in each])
    weight = seen.tally.weight
    read = seen.tally.readouts()
    harm = [row for row in each if row["loss"] < 0][:3]
    joy = sorted((row for row in each if row["gain"] > 0), key=lambda row: -row["gain"])[:3]
    words = ""
    if read.impression is not None and read.par is not None:
        words = (
            f"Over all touchpoints the impression is {points(read.impression, 2)}, where "
            f"{points(read.par, 2)} would have been just what was anticipated: "
            f"{signed(moved(sum(row['loss'] for row in each), weight))} from contacts that fell "
            f"below it and {signed(moved(sum(row['gain'] for row in each), weight))} from those "
            f"above it.\n"
        )
    if harm:
        words += "Most harm: " + listed(
            [f"{said[row['touchpoint']]} ({signed(moved(row['loss'], weight))})" for row in harm]
        )
    if joy:
        words += (
            (". " if harm else "")
            + "Most joy: "
            + listed(
                [f"{said[row['touchpoint']]} ({signed(moved(row['gain'], weight))})" for row in joy]
            )
        )
    rows = [
        (
            said[row["touchpoint"]],
            f"{row['count']:,}",
            signed(moved(row["loss"], weight)),
            signed(moved(row["gain"], weight)),
            *readouts(row),
            share(row["fell_short"], row["count"]),
            share(row["beyond"], row["count"]),
        )
        for row in each[:ROWS]
    ]
    columns = ("Contacts", "Harm", "Joy", "Impression", "Anticipated", "Fell short", "Went beyond")
    return Panel(
        "touchpoints",
        "Touchpoints by harm and by joy",
        words + ("." if harm or joy else ""),
        (
            give_and_take(each, weight or 1),
            Table(
                "Touchpoints, those that did most harm first. Harm and joy are points of the "
                "overall impression.",
                (Column("Touchpoint", number=False), *map(Column, columns)),
                rows,
            ),
        ),
    )


def breaking(known: Evidence) -> Panel:
    """Where journeys break, touchpoint by touchpoint along the way."""
    seen = known.seen
    each = seen.touchpoints.rows(named=True)
    said = labels([row["touchpoint"] for row in each])
    broke, recovered, made = (
        sum(row[name] for row in each) for name in ("broke", "recovered", "made")
    )
    often = sorted((row for row in each if row["broke"]), key=lambda row: -row["broke"])[:3]
    policy = seen.policy
    spared = ""
    if recovered:
        was = "was" if recovered == 1 else "were"
        spared = f"; {recovered:,} more would have, and {was} recovered"
    words = (
        f"{counted(broke, 'contact')} broke a journey, {policy.broke:g} points or more below what "
        f"was anticipated{spared}. "
        f"{counted(made, 'contact')} made one, {policy.made:g} points or more above it."
    )
    if often:
        words += "\nMost often it breaks at " + listed(
            [
                f"{said[row['touchpoint']]} ({row['broke']:,} of {row['count']:,}, "
                f"{share(row['broke'], row['count'])})"
                for row in often
            ]
        )
        words += "."
    levels = levels_of(seen)
    rows = []
    for row in along_the_way(seen, known.order)[:ROWS]:
        low, middle, high = quantiles(levels[row["touchpoint"]], (0.1, 0.5, 0.9))
        cells = (low, middle, high, *(f"{row[name]:,}" for name in ("broke", "recovered", "made")))
        rows.append((said[row["touchpoint"]], f"{row['count']:,}", *map(str, cells)))
    columns = (
        "Contacts",
        "A tenth below",
        "Half below",
        "A tenth above",
        "Broke it",
        "Recovered",
        "Made it",
    )
    return Panel(
        "breaking",
        "Where journeys break",
        words,
        (
            journeys_map(seen, known.order),
            Table(
                "What each touchpoint delivered, from 0 to 100, along the journey",
                (Column("Touchpoint", number=False), *map(Column, columns)),
                rows,
            ),
        ),
    )


def compared(column: str, title: str) -> Callable[[Evidence], Panel | None]:
    """The panel of the groups of a column."""

    def panel(known: Evidence) -> Panel | None:
        groups = known.seen.groups.get(column)
        if groups is None:
            return None
        measured = groups.filter(pl.col("impression").is_not_null() & pl.col(column).is_not_null())
        if len(measured) < 2:
            return None
        overall = known.seen.journeys["impression"][0]
        each = measured.sort("impression", column).rows(named=True)
        lowest, highest = each[0], each[-1]
        below = [row[column] for row in each if row["high"] is not None and row["high"] < overall]
        words = (
            f"Each journey counts once. {lowest[column]} is lowest with "
            f"{points(lowest['impression'])} over {counted(lowest['journeys'], 'journey')}, "
            f"{highest[column]} highest with {points(highest['impression'])} over "
            f"{counted(highest['journeys'], 'journey')}; all journeys: {points(overall)}."
        )
        if below:
            named = below if len(below) <= 6 else [*below[:5], f"{len(below) - 5} more"]
            words += f"\nWith their whole interval below that: {listed(named)}."
        rows = [
            (
                str(row[column]), f"{row['journeys']:,}", points(row["impression"], 2),
                points(row["low"], 2), points(row["high"], 2), f"{row['touchpoints']:,}",
            )
            for row in each[:ROWS]
        ]  # fmt: skip
        columns = ("Journeys", "Impression", "From", "To", "Contacts")
        return Panel(
            f"by-{column}",
            title,
            words,
            (
                intervals(each, column, overall),
                Table(
                    f"Mean impression by {column}, with its 95% interval; the lowest first",
                    (Column(column.capitalize(), number=False), *map(Column, columns)),
                    rows,
                ),
            ),
        )

    return panel


def consistency(known: Evidence) -> Panel | None:
    """How alike contacts are against what was anticipated."""
    seen = known.seen
    overall = seen.tally.readouts().consistency
    each = seen.touchpoints.rows(named=True)
    said = labels([row["touchpoint"] for row in each])
    found = [
        (said[row["touchpoint"]], value, row)
        for row in each
        if (value := tally(row).readouts().consistency) is not None
    ]
    if overall is None or not found:
        return None
    found.sort(key=lambda of: of[1])
    words = (
        "A hundred is a house where every contact differs from what was anticipated by the same "
        "amount; each point less is a point of standard deviation.\n"
        f"Over all contacts it is {points(overall)}."
    )
    if len(seen.consistencies):
        low, middle, high = quantiles(seen.consistencies.rows(), (0.25, 0.5, 0.75))
        words += (
            f" Of the journeys, each by itself, half come to {low} to {high}, the middle one to "
            f"{middle}."
        )
    words += f" Least alike: {listed([name for name, _, _ in found[:3]])}."
    return Panel(
        "consistency",
        "Consistency",
        words,
        (
            dots(
                [(name, value) for name, value, _ in found],
                "Consistency of each touchpoint",
                "From 0 to 100, the least consistent first.",
            ),
            Table(
                "Consistency of each touchpoint",
                (Column("Touchpoint", number=False), Column("Contacts"), Column("Consistency")),
                [
                    (name, f"{row['count']:,}", points(value, 2))
                    for name, value, row in found[:ROWS]
                ],
                folded=True,
            ),
        ),
    )


def journeys(which: str, title: str) -> Callable[[Evidence], Panel | None]:
    """The panel of the worst or the best journeys, with their maps."""

    def panel(known: Evidence) -> Panel | None:
        seen = known.seen
        cards = [known.cards[id] for id in getattr(seen, which) if id in known.cards]
        if not cards:
            return None
        blocks: list[Any] = []
        for card in cards:
            blocks += [journey_map(card), touchpoints_of(card)]
        of = f" of {seen.enough} contacts or more" if seen.enough > 1 else ""
        extreme = "lowest" if which == "worst" else "highest"
        words = f"The {counted(len(cards), 'journey')}{of} with the {extreme} impressions."
        return Panel(which, title, words, tuple(blocks))

    return panel


def touchpoints_of(card: Scorecard) -> Table:
    """The touchpoints of a journey as a table."""
    rows = [
        (
            each.touchpoint.label,
            f"{points(each.anticipated)} {each.basis}",
            points(each.delivered),
            signed(each.contribution),
            each.outcome.replace("_", " "),
            "" if each.moment is None else each.moment.value,
        )
        for each in card.touchpoints
    ]
    columns = (
        Column("Touchpoint", number=False), Column("Anticipated"), Column("Delivered"),
        Column("Effect"), Column("Outcome", number=False), Column("Moment", number=False),
    )  # fmt: skip
    return Table(f"Touchpoints of journey {card.journey.id}", columns, rows, folded=True)


PANELS: tuple[Callable[[Evidence], Panel | None], ...] = (
    verdicts,
    touchpoints,
    breaking,
    compared("team", "Teams"),
    compared("site", "Sites"),
    consistency,
    drivers,
    calibration,
    promises,
    loops,
    journeys("worst", "Worst journeys"),
    journeys("best", "Best journeys"),
)
"""The panels of a report, in the order of the page."""
