"""The drawings of many journeys: where they break, who gives and who takes, who stands where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Any

from ..frames import Overview
from .colours import colour
from .figure import Figure
from .rows import POINTS, Label, Scale, Spec, bar, charted, dot, finished, stroke
from .words import counted, labels, points, share, signed

MOST = 40
"""Rows of a drawing; tables have more."""

Numbers = Mapping[str, Any]


def journeys_map(seen: Overview, order: Sequence[str] = ()) -> Figure:
    """The map of many journeys: what each touchpoint delivers, and how often it breaks a journey.

    Args:
        seen: the log at a glance, as `journeyscore.frames.overview` gives it.
        order: the names of touchpoints in their order; what is not named follows by its name.

    >>> import polars as pl
    >>> from journeyscore import frames
    >>> log = pl.DataFrame({"journey": ["a", "b"], "touchpoint": ["hotel.valet"] * 2,
    ...                     "anticipated": [0.6, 0.8], "delivered": [0.9, 0.5]})
    >>> journeys_map(frames.overview(log)).title
    'Many journeys: what each touchpoint delivered'
    """
    levels = levels_of(seen)
    touchpoints = along_the_way(seen, order)[:MOST]
    said = labels([each["touchpoint"] for each in touchpoints])
    rows = []
    for number, each in enumerate(touchpoints):
        tenth, quarter, half, most, nearly = quantiles(levels[each["touchpoint"]], QUANTILES)
        expected = each["par"] / each["weight"] / 100
        rows.append(
            {
                "row": number, "p10": tenth, "p25": quarter, "p50": half, "p75": most,
                "p90": nearly, "expected": expected,
                "touchpoint": said[each["touchpoint"]],
                "delivered": f"half of them {quarter} to {most}, the middle {half}",
                "anticipated": f"{points(expected)} on average",
                "broke": f"{each['broke']:,} of {each['count']:,}",
                "recovered": f"{each['recovered']:,}",
                "made": f"{each['made']:,}",
            }
        )  # fmt: skip
    return Figure(
        title="Many journeys: what each touchpoint delivered",
        words="",
        key="Dark bar: the middle half of what was delivered; light bar: eight in ten. Dot: the "
        "middle one. Stroke: what was anticipated, on average. Figure: how often it broke the "
        "journey.",
        spec=charted(
            rows,
            [
                Label(said[each["touchpoint"]], share(each["broke"], each["count"]), "worse")
                for each in touchpoints
            ],
            [
                bar("p10", "p90", "zone", 10, radius=2),
                bar("p25", "p75", "shade", 10, radius=2),
                stroke("expected"),
                dot("p50"),
            ],
            ("touchpoint", "delivered", "anticipated", "broke", "recovered", "made"),
        ),
    )


def along_the_way(seen: Overview, order: Sequence[str]) -> list[dict[str, Any]]:
    """The rows of `Overview.touchpoints` in an order of names; what it does not name comes last."""
    known = {name: number for number, name in enumerate(order)}
    return sorted(
        seen.touchpoints.rows(named=True),
        key=lambda each: (known.get(each["touchpoint"], len(known)), each["touchpoint"] or ""),
    )


def levels_of(seen: Overview) -> dict[object, list[tuple[int, int]]]:
    """What each touchpoint delivered: the whole points, and how often."""
    groups = seen.levels.group_by("touchpoint")
    return {name: of["level", "count"].rows() for (name,), of in groups}


QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)


def quantiles(counts: Iterable[tuple[int, int]], wanted: Sequence[float]) -> list[int]:
    """The quantiles of whole points, out of how many there are of each.

    >>> quantiles([(50, 2), (80, 1), (90, 1)], [0.5, 0.75, 0.9])
    [50, 80, 90]
    """
    counts = sorted(counts)
    total = sum(count for _, count in counts)
    upto_each = list(accumulate(count for _, count in counts))
    return [
        next(level for (level, _), passed in zip(counts, upto_each, strict=True) if passed >= least)
        for least in (part * total for part in wanted)
    ]


def give_and_take(touchpoints: Sequence[Numbers], weight: int) -> Figure:
    """What each touchpoint took from the impression and gave to it, in points.

    Args:
        touchpoints: rows of `Overview.touchpoints`, in the order in which they are drawn.
        weight: of all touchpoints.
    """
    said = labels([each["touchpoint"] for each in touchpoints])
    both = [(moved(each["loss"], weight), moved(each["gain"], weight)) for each in touchpoints]
    rows = [
        {
            "row": number, "loss": loss, "zero": 0, "gain": gain,
            "touchpoint": said[each["touchpoint"]], "took": signed(loss), "gave": signed(gain),
            "contacts": f"{each['count']:,}",
        }
        for number, (each, (loss, gain)) in enumerate(zip(touchpoints[:MOST], both, strict=False))
    ]  # fmt: skip
    widest = max((max(-loss, gain) for loss, gain in both), default=1.0) or 1.0
    tick = next(step for step in _STEPS if step * 2.2 >= widest)
    scale = Scale(-1.05 * widest, 1.05 * widest, [step * tick for step in (-2, -1, 0, 1, 2)])
    return Figure(
        title="What took from the impression, and what gave to it",
        words="",
        key="To the left what contacts below expectation took, to the right what contacts above it "
        "gave, in points of the overall impression. Figure: the two together.",
        spec=charted(
            rows,
            [_net(row) for row in rows],
            [
                bar("loss", "zero", "worse", 12, scale=scale),
                bar("zero", "gain", "better", 12, scale=scale),
            ],
            ("touchpoint", "took", "gave", "contacts"),
            scale=scale,
        ),
    )


_STEPS = [step * 10**power for power in range(-4, 3) for step in (1, 2, 5)]


def _net(row: Numbers) -> Label:
    net = row["gain"] + row["loss"]
    return Label(
        row["touchpoint"], signed(net), "better" if net > 0 else "worse" if net < 0 else "muted"
    )


def moved(effect: int, weight: int) -> float:
    """Points that a sum of w*E moved the impression over all touchpoints."""
    return effect / weight / 100


def intervals(groups: Sequence[Numbers], name: str, mean: float | None) -> Figure:
    """The mean impressions of groups with their 95% intervals.

    Args:
        groups: rows as ``score(..., average="journeys")`` gives them, in the order drawn.
        name: of the column of groups.
        mean: over all journeys.
    """
    rows = [
        {
            "row": number, "mean": each["impression"], "overall": mean,
            "low": each["low"] if each["low"] is not None else each["impression"],
            "high": each["high"] if each["high"] is not None else each["impression"],
            "group": _named(each[name]), "impression": points(each["impression"], 2),
            "interval": f"{points(each['low'])} to {points(each['high'])}",
            "journeys": f"{each['journeys']:,}",
        }
        for number, each in enumerate(groups[:MOST])
    ]  # fmt: skip
    return Figure(
        title=f"Impression by {name}",
        words="",
        key="Dot: the mean impression of the journeys; bar: its 95% interval. Where bars are far "
        "apart, the difference is more than chance. Line: all journeys.",
        spec=charted(
            rows,
            [Label(_named(each[name]), points(each["impression"])) for each in groups[:MOST]],
            [
                stroke("overall", 26, thickness=1, tone="muted"),
                bar("low", "high", "shade", 6, radius=3),
                dot("mean"),
            ],
            ("group", "impression", "interval", "journeys"),
        ),
    )


def _named(value: object) -> str:
    return "(none)" if value is None else str(value)


def shares(counts: Sequence[tuple[str, int, str]], title: str, key: str) -> Figure:
    """Parts of a whole: a bar each.

    Args:
        counts: of each its name, its number, its colour.
        title, key: of the drawing.
    """
    total = sum(count for _, count, _ in counts)
    rows = [
        {
            "row": number, "part": 100 * count / total if total else 0, "zero": 0,
            "name": name, "journeys": f"{count:,}",
            "share": share(count, total),
        }
        for number, (name, count, _) in enumerate(counts)
    ]  # fmt: skip
    parts = [
        bar("zero", "part", tone, 14, where=f"datum.row == {number}")
        for number, (_, _, tone) in enumerate(counts)
    ]
    figures = [Label(name, share(count, total)) for name, count, _ in counts]
    return Figure(title, "", key, charted(rows, figures, parts, ("name", "journeys", "share")))


def dots(values: Sequence[tuple[str, float]], title: str, key: str) -> Figure:
    """A figure each on the scale from 0 to 100."""
    rows = [
        {"row": number, "value": value, "name": name, "zero": 0, "figure": points(value, 2)}
        for number, (name, value) in enumerate(values[:MOST])
    ]
    layers = [bar("zero", "value", "shade", 1.5), dot("value")]
    figures = [Label(name, points(value)) for name, value in values[:MOST]]
    return Figure(title, "", key, charted(rows, figures, layers, ("name", "figure")))


def words_and_scores(bins: Sequence[Numbers], feedback: str) -> Figure:
    """What guests said, by what their journeys scored.

    Args:
        bins: rows of `journeyscore.calibration.calibrate` with a mean, in the order drawn.
        feedback: what guests were asked.
    """
    names = [f"{row['from']:g} to {row['to']:g}" for row in bins]
    rows = [
        {
            "row": number, "scored": row["impression"], "said": row["said"], "low": row["low"],
            "high": row["high"], "bin": name, "impression": points(row["impression"]),
            "guests said": points(row["said"]),
            "interval": f"{points(row['low'])} to {points(row['high'])}",
            "journeys": f"{row['journeys']:,}",
        }
        for number, (row, name) in enumerate(zip(bins, names, strict=True))
    ]  # fmt: skip
    return Figure(
        title=f"Impressions, and what guests said ({feedback})",
        words="",
        key="A row a bin of impressions. Stroke: the mean impression of its journeys; dot: what "
        "their guests said, from 0 to 100; bar: its 95% interval. Figure: what guests said, less "
        "the impression.",
        spec=charted(
            rows,
            [
                Label(name, signed(row["difference"], 1))
                for row, name in zip(bins, names, strict=True)
            ],
            [bar("low", "high", "shade", 6, radius=3), stroke("scored"), dot("said")],
            ("bin", "impression", "guests said", "interval", "journeys"),
        ),
    )


def weights(each: Sequence[tuple[str, float]]) -> Figure:
    """How much touchpoints count, where an ordinary one counts 1."""
    rows = [
        {"row": number, "weight": weight, "zero": 0, "one": 1, "touchpoint": name,
         "weighs": f"{weight:g}"}
        for number, (name, weight) in enumerate(each[:MOST])
    ]  # fmt: skip
    widest = max([1.0, *(weight for _, weight in each)])
    tick = next(step for step in _STEPS if step * 4 >= widest)
    scale = Scale(0, 1.05 * widest, [step * tick for step in range(5) if step * tick <= widest])
    return Figure(
        title="How much touchpoints count",
        words="",
        key="Bar: the weight. Stroke: 1, that of an ordinary touchpoint.",
        spec=charted(
            rows,
            [Label(name, f"{weight:g}") for name, weight in each[:MOST]],
            [bar("zero", "weight", "shade", 12, scale=scale), stroke("one", scale=scale)],
            ("touchpoint", "weighs"),
            scale=scale,
        ),
    )


BIN = 5
"""Points of a bar of the histogram."""


def histogram(
    counts: Mapping[int, int], marks: Mapping[str, float], title: str, key: str
) -> Figure:
    """How many journeys lie where between 0 and 100.

    Args:
        counts: of each whole point.
        marks: what is marked on the scale, by the words that say what it is.
        title, key: of the drawing.
    """
    bars: dict[int, int] = {}
    for point, count in counts.items():
        start = min(point, 99) // BIN * BIN
        bars[start] = bars.get(start, 0) + count
    rows = [
        {"from": start + 0.25, "to": start + BIN - 0.25, "count": count, "none": 0,
         "points": f"{start} to {start + BIN}", "journeys": counted(count, "journey")}
        for start, count in sorted(bars.items())
    ]  # fmt: skip
    axis = {
        "orient": "bottom", "values": list(POINTS.ticks), "labelColor": colour("muted"),
        "domain": True, "domainColor": colour("shade"), "labelPadding": 6,
    }  # fmt: skip
    tallest = {"domain": [0, 1.4 * max([1, *bars.values()])]}
    lines = [
        {"at": value, "words": words, "line": line}
        for line, (words, value) in enumerate(marks.items())
    ]
    at = POINTS.of("at")
    told = [{"field": name, "type": "nominal"} for name in ("points", "journeys")]
    dashed = {"type": "rule", "color": colour("muted"), "strokeDash": [3, 3], "tooltip": None}
    words = {
        "type": "text", "align": "right", "dx": -6, "y": {"expr": "7 + 17 * datum.line"},
        "fontSize": 12, "color": colour("muted"), "tooltip": None,
    }  # fmt: skip
    layers: list[Spec] = [
        {
            "data": {"values": rows},
            "mark": {"type": "bar", "color": colour("shade")},
            "encoding": {
                "x": {**POINTS.of("from"), "axis": axis},
                "x2": {"field": "to"},
                "y": {"field": "count", "type": "quantitative", "axis": None, "scale": tallest},
                "y2": {"field": "none"},
                "tooltip": told,
            },
        },
        {"data": {"values": lines}, "mark": dashed, "encoding": {"x": at}},
        {
            "data": {"values": lines},
            "mark": words,
            "encoding": {"x": at, "text": {"field": "words", "type": "nominal"}},
        },
    ]
    resolve = {"axis": {"x": "independent", "y": "independent"}}
    return Figure(title, "", key, finished({"layer": layers, "resolve": resolve, "height": 150}))
