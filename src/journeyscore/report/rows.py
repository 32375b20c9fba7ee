"""The one form that all charts share: a row each of things compared, on a scale from 0 to 100.

The name stands to the left of a row and its figure to the right, as labels of axes, so that the
drawing takes the room that names and figures leave it, and a narrow screen is enough.

Charts are specifications of Vega-Lite, in plain data.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, Literal, NamedTuple

from .colours import colour

FONT = "system-ui, -apple-system, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif"

HEIGHT = 26
"""The height of a row, pixels."""

DIGIT = 7.0
"""The width of a digit at the size of the labels, pixels."""

Tone = Literal["ink", "muted", "better", "worse"]
Row = dict[str, Any]
Spec = dict[str, Any]


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


class Scale(NamedTuple):
    """What lies at the left and at the right end of a drawing, and where its grid is."""

    low: float = 0
    high: float = 100
    ticks: Sequence[float] = (0, 25, 50, 75, 100)

    def of(self, field: str) -> Spec:
        """The horizontal place of a column."""
        domain = [self.low, self.high]
        scale = {"domain": domain, "nice": False, "zero": False}
        return {"field": field, "type": "quantitative", "axis": None, "scale": scale}


POINTS = Scale()
PLACE: Spec = {"field": "row", "type": "ordinal", "axis": None}
"""The vertical place of a row: its number, from 0."""


def layer(mark: str, look: Spec, *, where: str | None = None, **encoding: Spec) -> Spec:
    """What is drawn of each row, or of those where an expression holds."""
    drawn: Spec = {"mark": {"type": mark, **look}, "encoding": {"y": PLACE, **encoding}}
    return drawn if where is None else {"transform": [{"filter": where}], **drawn}


def bar(
    start: str,
    end: str,
    tone: str,
    height: float,
    *,
    radius: float = 0,
    scale: Scale = POINTS,
    where: str | None = None,
) -> Spec:
    """A bar from one column to another."""
    look = {"height": height, "cornerRadius": radius, "color": colour(tone)}
    return layer("bar", look, where=where, x=scale.of(start), x2={"field": end})


def dot(field: str) -> Spec:
    """A dot at a column."""
    look = {"filled": True, "opacity": 1, "size": 70, "color": colour("ink")}
    return layer("point", look, x=POINTS.of(field))


def stroke(
    field: str,
    height: float = 18,
    *,
    thickness: float = 2,
    tone: str = "ink",
    scale: Scale = POINTS,
) -> Spec:
    """A stroke across the row at a column."""
    look = {"thickness": thickness, "height": height, "color": colour(tone), "opacity": 1}
    return layer("tick", look, x=scale.of(field))


def charted(
    rows: Sequence[Row],
    labels: Sequence[Label],
    layers: Iterable[Spec],
    told: Sequence[str],
    *,
    scale: Scale = POINTS,
) -> Spec:
    """A chart as wide as the place it is put in.

    Args:
        rows: what is drawn: a dictionary a row, with its number in ``row``.
        labels: one a row.
        layers: what is drawn of the rows, from the back to the front.
        told: the columns that a reader is told who points at a row.
        scale: from one end of the drawing to the other.
    """
    grid = {
        "orient": "top", "values": list(scale.ticks), "grid": True, "gridColor": colour("line"),
        "labelColor": colour("muted"), "labelPadding": 4,
    }  # fmt: skip
    unseen = {"opacity": 0, "tooltip": None}
    ends = {"_low": scale.low, "_high": scale.high}
    tooltip = [{"field": name, "type": "nominal"} for name in told]
    whole = layer(
        "bar", {"opacity": 0, "height": HEIGHT}, x=scale.of("_low"), x2={"field": "_high"},
        tooltip=tooltip,  # type: ignore[arg-type]  # a list of what others are one of
    )  # fmt: skip
    return finished(
        {
            "data": {"values": [{**ends, **row} for row in rows]},
            "layer": [
                layer("point", unseen, x={**scale.of("_low"), "axis": grid}),
                layer("point", unseen, y={**PLACE, "axis": _names(labels)}),
                layer("point", unseen, y={**PLACE, "axis": _figures(labels)}),
                *layers,
                whole,
            ],
            "resolve": {"axis": {"x": "independent", "y": "independent"}},
            "height": HEIGHT * len(labels),
        }
    )


def finished(spec: Spec) -> Spec:
    """A specification as wide as its place, in the type of the house."""
    size = {"type": "fit-x", "contains": "padding"}
    page = {"width": "container", "autosize": size, "background": "transparent"}
    return {**spec, **page, "config": _CONFIG}


def _names(labels: Sequence[Label]) -> Spec:
    texts = json.dumps([label.name for label in labels])
    return {"orient": "left", "labelExpr": f"{texts}[datum.value]", "labelPadding": 10}


def _figures(labels: Sequence[Label]) -> Spec:
    """Figures in a column, flush right."""
    texts = json.dumps([label.figure for label in labels])
    tones = json.dumps([colour(label.tone) for label in labels])
    widest = max((len(label.figure) for label in labels), default=0)
    return {
        "orient": "right",
        "labelExpr": f"{texts}[datum.value]",
        "labelAlign": "right",
        "labelPadding": 12 + DIGIT * widest,
        "labelColor": {"expr": f"{tones}[datum.value]"},
    }


_CONFIG: Spec = {
    "font": FONT,
    "aria": False,
    "mark": {"aria": False},
    "view": {"stroke": None},
    "axis": {
        "domain": False, "ticks": False, "title": None, "labelFontSize": 13, "labelLimit": 260,
        "labelColor": colour("ink"), "grid": False, "aria": False,
    },
}  # fmt: skip
