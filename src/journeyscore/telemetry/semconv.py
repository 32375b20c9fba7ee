"""Every name that telemetry uses, in one registry; docs/reference/telemetry.md has its tables.

A constant is the name itself; making it also enters it in the registry, with its type, the
signals it appears on, whether it is on by default, and what it means.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

SCOPE = "journeyscore"
"""The name of the instrumentation scope, of tracer, meter and logger alike."""

SCHEMA_URL = "https://journeyscore.dev/schemas/1"

OTHER = "_OTHER"
"""What stands for a value beyond the number that an attribute may have."""


class Attribute(NamedTuple):
    """An attribute of spans, events and metrics.

    Attributes:
        name: as it is emitted.
        type: string, boolean, double or int.
        on: the signals, or the spans and events, that carry it.
        default: whether it is emitted unless switched on.
        meaning: what it says, with its unit or its values.
    """

    name: str
    type: str
    on: str
    default: bool
    meaning: str


class Metric(NamedTuple):
    """An instrument; ``attributes`` names what its points are told apart by."""

    name: str
    instrument: str
    unit: str
    attributes: tuple[str, ...]
    buckets: tuple[float, ...]
    meaning: str


class Named(NamedTuple):
    """A span or an event, and when it is emitted."""

    name: str
    when: str


ATTRIBUTES: dict[str, Attribute] = {}
METRICS: dict[str, Metric] = {}
SPANS: dict[str, Named] = {}
EVENTS: dict[str, Named] = {}


def _attribute(name: str, type: str, on: str, meaning: str, *, default: bool = True) -> str:
    ATTRIBUTES[name] = Attribute(name, type, on, default, meaning)
    return name


def _metric(
    name: str,
    instrument: str,
    unit: str,
    attributes: Sequence[str],
    meaning: str,
    buckets: Sequence[float] = (),
) -> str:
    METRICS[name] = Metric(name, instrument, unit, tuple(attributes), tuple(buckets), meaning)
    return name


def _span(name: str, of: str, when: str) -> str:
    SPANS[name] = Named(f"{name} {{{of}}}", when)
    return name


def _event(name: str, when: str) -> str:
    EVENTS[name] = Named(name, when)
    return name


TOUCHPOINT = _span(
    "touchpoint", "touchpoint.name", "a touchpoint is recorded: around the service, or at a point"
)
JOURNEY_OPEN = _span("journey open", "journey.type", "the journey is opened: the origin")
JOURNEY_SCORE = _span(
    "journey score",
    "journey.type",
    "a journey is scored, on demand or at its close; of a log, one for all",
)

TOUCHPOINT_SCORED = _event("journeyscore.touchpoint.scored", "a touchpoint came to count")
JOURNEY_SCORED = _event("journeyscore.journey.scored", "a journey was scored at its close")
JOURNEY_CLOSED = _event("journeyscore.journey.closed", "a journey was closed or abandoned")

JOURNEY_ID = _attribute(
    "journeyscore.journey.id", "string", "spans, events",
    "the journey's `ref`: random, or the host's function of its id; never that id",
)  # fmt: skip
JOURNEY_TYPE = _attribute(
    "journeyscore.journey.type", "string", "all", "the kind of journey; at most 20 values"
)
JOURNEY_STATE = _attribute(
    "journeyscore.journey.state", "string", "score, duration", "open, closed, abandoned"
)
TOUCHPOINT_NAME = _attribute(
    "journeyscore.touchpoint.name", "string", "all",
    "of a catalogue or plan; any other is `_OTHER` on metrics",
)  # fmt: skip
STAGE = _attribute(
    "journeyscore.touchpoint.stage", "string", "spans, events, counter", "at most 10 values"
)
CHANNEL = _attribute(
    "journeyscore.touchpoint.channel", "string", "spans, events, counter", "at most 10 values"
)
TOUCHPOINT_ANTICIPATED = _attribute(
    "journeyscore.touchpoint.anticipated", "double", "touchpoint", "a level, 0 to 1"
)
TOUCHPOINT_DELIVERED = _attribute(
    "journeyscore.touchpoint.delivered", "double", "touchpoint", "a level, 0 to 1"
)
VALUE = _attribute("journeyscore.touchpoint.value", "double", "touchpoint", "points, 0 to 100")
EFFECT = _attribute(
    "journeyscore.touchpoint.effect", "double", "touchpoint",
    "points above (or below) what was anticipated",
)  # fmt: skip
WEIGHT = _attribute("journeyscore.touchpoint.weight", "double", "touchpoint", "0 to 1000")
BASIS = _attribute(
    "journeyscore.touchpoint.basis", "string", "touchpoint",
    "assumed, asked, promised, experienced, market",
)  # fmt: skip
OUTCOME = _attribute(
    "journeyscore.touchpoint.outcome", "string", "all",
    "fell_short, met, extra_mile, proactive, missed",
)  # fmt: skip
MOMENT_MATTERS = _attribute(
    "journeyscore.moment.matters", "boolean", "all", "whether it made, broke or recovered"
)
MOMENT_KIND = _attribute(
    "journeyscore.moment.kind", "string", "touchpoint", "made, broke, recovered"
)
IMPRESSION = _attribute("journeyscore.impression", "double", "score", "points, 0 to 100")
PAR = _attribute("journeyscore.par", "double", "score", "points, 0 to 100")
DELIVERED = _attribute("journeyscore.delivered", "double", "score", "points, 0 to 100")
CONSISTENCY = _attribute("journeyscore.consistency", "double", "score", "points, 0 to 100")
KNOWN_SHARE = _attribute("journeyscore.known_share", "double", "score", "0 to 1")
VERDICT = _attribute(
    "journeyscore.verdict", "string", "score", "dissatisfied, satisfied, delighted"
)
POLICY_FINGERPRINT = _attribute(
    "journeyscore.policy.fingerprint", "string", "score, events", "which policy scored it"
)
TOUCHPOINT_COUNT = _attribute("journeyscore.touchpoint.count", "int", "score", "how many count")
TEAM = _attribute(
    "journeyscore.team", "string", "touchpoint", "the touchpoint's `team`", default=False
)
SITE = _attribute(
    "journeyscore.site", "string", "spans, events", "the journey's `site`", default=False
)
EXPLANATION = _attribute(
    "journeyscore.explanation", "string", "score", "the score in words", default=False
)
ERROR_TYPE = _attribute(
    "error.type", "string", "failed spans, errors", "the class of the exception, never its text"
)

_POINTS = tuple(range(10, 101, 10))

TOUCHPOINTS = _metric(
    "journeyscore.touchpoints", "counter", "{touchpoint}",
    (JOURNEY_TYPE, TOUCHPOINT_NAME, STAGE, CHANNEL, OUTCOME, MOMENT_MATTERS),
    "Touchpoints that came to count.",
)  # fmt: skip
EFFECT_MAGNITUDE = _metric(
    "journeyscore.touchpoint.effect.magnitude", "histogram", "{point}",
    (JOURNEY_TYPE, TOUCHPOINT_NAME, OUTCOME),
    "How far a touchpoint lay from what was anticipated; the outcome says on which side.",
    (0, 5, 10, 15, 20, 25, 40, 60, 100),
)  # fmt: skip
TOUCHPOINT_VALUE = _metric(
    "journeyscore.touchpoint.value", "histogram", "{point}", (JOURNEY_TYPE, TOUCHPOINT_NAME),
    "What touchpoints scored.", _POINTS,
)  # fmt: skip
JOURNEY_IMPRESSION = _metric(
    "journeyscore.journey.impression", "histogram", "{point}", (JOURNEY_TYPE,),
    "The impressions of journeys, at their close.", _POINTS,
)  # fmt: skip
JOURNEY_CONSISTENCY = _metric(
    "journeyscore.journey.consistency", "histogram", "{point}", (JOURNEY_TYPE,),
    "The consistency of journeys, at their close.", _POINTS,
)  # fmt: skip
JOURNEY_DURATION = _metric(
    "journeyscore.journey.duration", "histogram", "s", (JOURNEY_TYPE, JOURNEY_STATE),
    "From the opening of journeys to their close.",
    (3600, 21600, 86400, 172800, 345600, 604800, 1209600),
)  # fmt: skip
SCORE_DURATION = _metric(
    "journeyscore.score.duration", "histogram", "s", (JOURNEY_TYPE,),
    "How long scoring a tracked journey took.",
    (0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5),
)  # fmt: skip
SCORE_ERRORS = _metric(
    "journeyscore.score.errors", "counter", "{error}", (ERROR_TYPE,),
    "Failures of the tracker, of its callback and of telemetry.",
)  # fmt: skip


def tables() -> str:
    """The registry as the tables of docs/reference/telemetry.md.

    >>> tables().splitlines()[0]
    '| span | when |'
    """
    return "\n\n".join(
        (
            _table(("span", "when"), ((f"`{name}`", when) for name, when in SPANS.values())),
            _table(("event", "when"), ((f"`{name}`", when) for name, when in EVENTS.values())),
            _table(
                ("attribute", "type", "on", "default", "meaning"),
                (
                    (f"`{name}`", type, on, "on" if default else "**off**", meaning)
                    for name, type, on, default, meaning in ATTRIBUTES.values()
                ),
            ),
            _table(
                ("metric", "instrument", "unit", "attributes", "buckets advised", "meaning"),
                (
                    (
                        f"`{name}`",
                        instrument,
                        f"`{unit}`",
                        ", ".join(each.removeprefix("journeyscore.") for each in attributes),
                        " ".join(f"{bucket:g}" for bucket in buckets),
                        meaning,
                    )
                    for name, instrument, unit, attributes, buckets, meaning in METRICS.values()
                ),
            ),
        )
    )


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = (header, ["---"] * len(header), *rows)
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
