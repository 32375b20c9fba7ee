"""Journey maps: what was anticipated against what was delivered, touchpoint by touchpoint."""

from __future__ import annotations

from typing import Any

from ..errors import WrongType, described
from ..journey import Journey
from ..moments import MomentKind, Outcome, ScoredTouchpoint
from ..scorecard import Scorecard, evaluate
from ..touchpoints import State
from ..valuation import Valuer
from .colours import colour
from .figure import Figure
from .rows import POINTS, Label, Row, Spec, Tone, bar, charted, layer, stroke
from .words import MINUS, signed

KEY = (
    "Band: the zone of tolerance. Stroke: what was anticipated. Dot: what was delivered, orange "
    "where it fell short, blue where it went beyond. Figure: what it moved the impression, in "
    "points."
)
"""How the map of one journey is read."""

TONES: dict[Outcome, Tone] = {
    Outcome.FELL_SHORT: "worse",
    Outcome.MET: "ink",
    Outcome.EXTRA_MILE: "better",
    Outcome.PROACTIVE: "better",
}

SHAPES = {MomentKind.BROKE: "triangle-down", MomentKind.MADE: "triangle-up"}
"""What a moment that matters is drawn as, so that colour is not all that tells it."""

SAID = {
    MomentKind.BROKE: "broke it",
    MomentKind.MADE: "made it",
    MomentKind.RECOVERED: "recovered",
}


def journey_map(shown: Scorecard | Journey) -> Figure:
    """The map of one journey: its touchpoints in order, from 0 to 100.

    Args:
        shown: a scorecard; or a journey, scored under the default policy without telling anyone.

    Raises:
        WrongType: it is neither.

    >>> from journeyscore import Touchpoint, promised
    >>> stay = Journey("stay-1042", [
    ...     Touchpoint("hotel.valet", anticipated=0.6, delivered=0.9),
    ...     Touchpoint("hotel.front_desk", anticipated=promised(0.8), delivered=0.5),
    ... ])
    >>> journey_map(stay).svg()[:4]
    '<svg'
    """
    if isinstance(shown, Journey):
        shown = evaluate(shown, Valuer())
    if not isinstance(shown, Scorecard):
        raise WrongType(
            f"{described(shown)} is neither a Scorecard nor a Journey", path="shown", value=shown
        )
    rows = [_row(number, each) for number, each in enumerate(shown.touchpoints)]
    labels = [
        Label(each.touchpoint.label, signed(each.contribution), _side(each.contribution))
        for each in shown.touchpoints
    ]
    told = ("touchpoint", "anticipated", "delivered", "zone", "effect", "outcome")
    spec = charted(rows, labels, _drawn(), told)
    # made, broke and recovered, a line each
    words = str(shown).replace("   ", "\n").replace("(-", f"({MINUS}")
    return Figure(f"Journey {shown.journey.id}", words, KEY, spec)


def _side(effect: float) -> Tone:
    return "better" if effect > 0 else "worse" if effect < 0 else "muted"


def _row(number: int, each: ScoredTouchpoint) -> Row:
    missed = each.touchpoint.state is State.MISSED
    said = "missed" if missed else SAID[each.moment] if each.moment else ""
    return {
        "row": number,
        "from": each.adequate,
        "to": each.desired,
        "expected": each.anticipated,
        "got": each.delivered,
        "colour": colour(TONES[each.outcome]),
        "shape": SHAPES.get(each.moment, "circle") if each.moment else "circle",
        "size": 130 if each.moment else 70,
        "ring": each.moment is MomentKind.RECOVERED,
        "said": said,
        "side": _side_of_words(each),
        "touchpoint": each.touchpoint.label,
        "anticipated": f"{each.anticipated:g} ({each.basis})",
        "delivered": "missed" if missed else f"{each.delivered:g}",
        "zone": f"{each.adequate:g} to {each.desired:g}",
        "effect": signed(each.contribution),
        "outcome": ", ".join(filter(None, (each.outcome.replace("_", " "), said))),
    }


def _drawn() -> list[Spec]:
    """The layers of a map, from the back to the front."""
    own: Spec = {"field": "colour", "type": "nominal", "scale": None}
    got, expected = POINTS.of("got"), POINTS.of("expected")
    path = {"color": colour("line"), "strokeWidth": 1.5}
    in_order: Spec = {"field": "row", "type": "quantitative"}
    ring = {"size": 230, "strokeWidth": 1.5, "color": colour("better")}
    return [
        bar("from", "to", "zone", 14, radius=4),
        layer("line", path, x=got, order=in_order),
        layer("bar", {"height": 2}, x=expected, x2={"field": "got"}, color=own),
        stroke("expected", 16),
        layer(
            "point",
            {"filled": True, "opacity": 1},
            x=got,
            color=own,
            shape={"field": "shape", "type": "nominal", "scale": None},
            size={"field": "size", "type": "quantitative", "scale": None},
        ),
        layer("point", ring, where="datum.ring", x=got),
        *(_beside(side) for side in _SIDES),
    ]


_SIDES: dict[str, dict[str, Any]] = {
    "left": {"align": "right", "dx": -13},
    "right": {"align": "left", "dx": 13},
    "over": {"align": "left", "dx": 12, "dy": -8},
    "over, left": {"align": "right", "dx": -12, "dy": -8},
}
"""Where the words of a moment stand beside its dot."""


def _side_of_words(each: ScoredTouchpoint) -> str:
    """Away from what was anticipated, or where that side has no room, over the stroke."""
    if each.delivered <= each.anticipated:
        return "left" if each.delivered > 30 else "over"
    return "right" if each.delivered < 70 else "over, left"


def _beside(side: str) -> Spec:
    """What a moment did, in words beside its dot."""
    look = {"fontSize": 12, "fontStyle": "italic", "color": colour("muted"), **_SIDES[side]}
    here = f"datum.said != '' && datum.side == '{side}'"
    words: Spec = {"field": "said", "type": "nominal"}
    return layer("text", look, where=here, x=POINTS.of("got"), text=words)
