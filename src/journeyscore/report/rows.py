"""The one form that all charts share: a row each of things compared, on a scale from 0 to 100.

The name stands to the left of a row and its figure to the right, as labels of axes, so that the
drawing takes the room that names and figures leave it, and a narrow screen is enough.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, Literal, NamedTuple

import altair as alt

from .colours import colour

FONT = "system-ui, -apple-system, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif"

HEIGHT = 26
"""The height of a row, pixels."""

DIGIT = 7.0
"""The width of a digit at the size of the labels, pixels."""

Tone = Literal["ink", "muted", "better", "worse"]
Row = dict[str, Any]
Scale = alt.Scale | None


class Label(NamedTuple):
    """What stands beside a row.

    Attributes:
        name: to the left.
        figure: to the right.
        tone: the colour of the figure.
    """

    name: str
    figure: str
    tone: Tone = "ink"


def place() -> alt.Y:
    """The vertical place of a row: its number, from 0."""
    return alt.Y("row:O", axis=None)


def points(field: str, scale: Scale = None) -> alt.X:
    """The horizontal place: a column of points, from 0 to 100 unless on another scale."""
    return alt.X(f"{field}:Q", axis=None, scale=POINTS if scale is None else scale)


def upto(field: str) -> alt.X2:
    """Where a bar ends that begins at `points`."""
    return alt.X2(f"{field}:Q")


def ends(low: float, high: float) -> alt.Scale:
    """A scale from one end of the drawing to the other."""
    return alt.Scale(domain=[low, high], nice=False, zero=False)


POINTS = ends(0, 100)
QUARTERS = (0, 25, 50, 75, 100)


def bar(
    start: str, end: str, tone: str, height: float, *, radius: float = 0, scale: Scale = None
) -> alt.Chart:
    """A bar from one column to another."""
    mark: alt.Chart = alt.Chart().mark_bar(height=height, cornerRadius=radius, color=colour(tone))
    return mark.encode(points(start, scale), upto(end), place())


def dot(field: str, tone: str = "ink") -> alt.Chart:
    """A dot at a column."""
    mark: alt.Chart = alt.Chart().mark_point(filled=True, opacity=1, size=70, color=colour(tone))
    return mark.encode(points(field), place())


def stroke(field: str, height: float = 18, *, thickness: float = 2, tone: str = "ink") -> alt.Chart:
    """A stroke across the row at a column."""
    mark: alt.Chart = alt.Chart().mark_tick(
        thickness=thickness, height=height, color=colour(tone), opacity=1
    )
    return mark.encode(points(field), place())


def charted(
    rows: Sequence[Row],
    labels: Sequence[Label],
    layers: Iterable[alt.Chart],
    told: Sequence[str],
    *,
    scale: alt.Scale = POINTS,
    ticks: Sequence[float] = QUARTERS,
) -> dict[str, Any]:
    """A chart as a specification of Vega-Lite, as wide as the place it is put in.

    Args:
        rows: what is drawn: a dictionary a row, with its number in ``row``.
        labels: one a row.
        layers: what is drawn of the rows, from the back to the front; ``alt.Chart()`` draws them.
        told: the columns that a reader is told who points at a row.
        scale: from one end of the drawing to the other.
        ticks: where its grid is.
    """
    grid = alt.Axis(
        orient="top", values=list(ticks), title=None, grid=True, domain=False,
        ticks=False, gridColor=colour("line"), labelColor=colour("muted"), labelPadding=4,
    )  # fmt: skip
    unseen = alt.Chart().mark_point(opacity=0, tooltip=None)
    lines = unseen.encode(alt.X("nothing:Q", axis=grid, scale=scale), place())
    names = unseen.encode(alt.Y("row:O", axis=_names(labels)))
    figures = unseen.encode(alt.Y("row:O", axis=_figures(labels)))
    whole = (
        alt.Chart()
        .mark_bar(opacity=0, height=HEIGHT, cursor="default")
        .encode(points("nothing", scale), upto("everything"), place())
        .encode(tooltip=[alt.Tooltip(f"{name}:N") for name in told])
    )
    low, high = scale.to_dict()["domain"]
    chart = alt.layer(
        lines, names, figures, *layers, whole,
        data=alt.InlineData(values=[{"nothing": low, "everything": high, **row} for row in rows]),
    ).resolve_axis(x="independent", y="independent")  # fmt: skip
    chart = chart.properties(
        width="container", height=HEIGHT * len(labels), background="transparent"
    )
    # what is drawn is the same for every journey: the tests validate it, once
    spec: dict[str, Any] = chart.to_dict(validate=False)
    return finished(spec)


def finished(spec: dict[str, Any]) -> dict[str, Any]:
    """A specification as wide as its place, in the type of the house, without any address."""
    del spec["$schema"]
    return {**spec, "autosize": {"type": "fit-x", "contains": "padding"}, "config": _CONFIG}


def _names(labels: Sequence[Label]) -> alt.Axis:
    texts = json.dumps([label.name for label in labels])
    return alt.Axis(orient="left", labelExpr=f"{texts}[datum.value]", labelPadding=10)


def _figures(labels: Sequence[Label]) -> alt.Axis:
    """Figures in a column, flush right."""
    texts = json.dumps([label.figure for label in labels])
    widest = max((len(label.figure) for label in labels), default=0)
    tones = json.dumps([colour(label.tone) for label in labels])
    return alt.Axis(
        orient="right",
        labelExpr=f"{texts}[datum.value]",
        labelAlign="right",
        labelPadding=12 + DIGIT * widest,
        labelColor=alt.ExprRef(f"{tones}[datum.value]"),
    )


_CONFIG: dict[str, Any] = {
    "font": FONT,
    "aria": False,
    "mark": {"aria": False},
    "view": {"stroke": None},
    "axis": {
        "domain": False, "ticks": False, "title": None, "labelFontSize": 13, "labelLimit": 260,
        "labelColor": colour("ink"), "grid": False, "aria": False,
    },
}  # fmt: skip
