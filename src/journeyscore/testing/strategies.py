"""Hypothesis strategies of the library's types: valid, and on request at the edge of it.

``hostile=True`` draws what is still valid and hurts: any float of the range down to the smallest,
the heaviest and lightest weights, times at both ends of the calendar, and ids that look like SQL,
paths, formulas or another script. What is not valid no type can hold; `invalid_touchpoints` draws
arguments that a constructor must refuse.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from ..expectations import Basis, Expectation
from ..extremes import Extremes
from ..factors import FACTORS
from ..handling import Act, Handling, NoticedBy, Obstacle
from ..journey import Journey
from ..plan import Plan, PlannedTouchpoint
from ..policy import Policy
from ..readings import Reading
from ..scales import Scale, count, days, minutes, rating, yes_no
from ..scales import level as level_scale
from ..scorecard import Scorecard, evaluate
from ..tally import Tally
from ..touchpoints import CATALOGUES, Catalogue, State, Touchpoint
from ..valuation import Valuer

START = datetime(2026, 1, 1, tzinfo=UTC)
"""The earliest of `times`."""

_HOSTILE_TEXTS = (
    "'; DROP TABLE journeys; --", '{"$ne": null}', "../../etc/passwd", "=1+1", "<script>", "%s%n",
    "\x00", "\u202egnp.exe", "İ", "ﬀ", "🛎️", "null", "NaN", "-0", " ", "\n", "a" * 300,
)  # fmt: skip


# -- numbers and text ------------------------------------------------------------------------------


def levels(
    *, min_value: float = 0.0, max_value: float = 1.0, hostile: bool = False
) -> st.SearchStrategy[float]:
    """Levels from 0 to 1 in whole ten-thousandths, the ends more often.

    Args:
        min_value, max_value: the range, itself in whole ten-thousandths.
        hostile: any float of the range. Between neighbouring floats rounding may step back, so the
            laws of monotony are not asked of these (model, section 9).
    """
    low, high = round(min_value * 10000), round(max_value * 10000)
    whole = st.one_of(st.sampled_from([low, high]), st.integers(low, high))
    levels = whole.map(lambda n: n / 10000)
    return st.one_of(levels, st.floats(min_value, max_value)) if hostile else levels


def weights(*, hostile: bool = False) -> st.SearchStrategy[float]:
    """Positive weights, mostly 1; hostile ones are the lightest and heaviest too."""
    plain = st.one_of(st.just(1.0), st.sampled_from([0.5, 2.0]), st.floats(0.01, 1000))
    return st.one_of(plain, st.sampled_from([5e-324, 0.001, 1000.0])) if hostile else plain


def gap_scales() -> st.SearchStrategy[float]:
    """Gap scales, the ends of their range included."""
    return st.sampled_from([0.001, 0.05, 0.1, 0.2, 4 / 60, 1.0, 10.0])


def times(*, hostile: bool = False) -> st.SearchStrategy[datetime]:
    """Timezone-aware moments of one season, to the second; hostile ones from year 1 to 9999."""
    season = st.integers(0, 10**7).map(lambda seconds: START + timedelta(seconds=seconds))
    if not hostile:
        return season
    ends = st.sampled_from([datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)])
    return st.one_of(season, ends, st.datetimes(datetime(1, 1, 2), timezones=st.just(UTC)))


def texts(*, hostile: bool = False) -> st.SearchStrategy[str]:
    """Opaque ids, few enough to coincide; hostile ones are any text, never empty."""
    plain = st.sampled_from(["e1", "e2", "e3", "e4"])
    if not hostile:
        return plain
    return st.one_of(plain, st.sampled_from(_HOSTILE_TEXTS), st.text(min_size=1, max_size=20))


# -- names -----------------------------------------------------------------------------------------


def catalogue_of(given: Catalogue | str) -> Catalogue:
    """A catalogue given as itself or by name."""
    return given if isinstance(given, Catalogue) else CATALOGUES[given]


def names(catalogue: Catalogue | str = "hotel") -> st.SearchStrategy[str]:
    """Names of touchpoints, out of a catalogue given as itself or by name."""
    return st.sampled_from([entry.name for entry in catalogue_of(catalogue)])


def factors(catalogue: Catalogue | str | None = None) -> st.SearchStrategy[str]:
    """Canonical factors, core ones more often: those that a catalogue judges, if it judges any.

    >>> from hypothesis import find
    >>> find(factors("gym"), lambda factor: factor == "smile")
    'smile'
    """
    entries = () if catalogue is None else catalogue_of(catalogue).entries
    judged = {factor for entry in entries for factor in entry.factors}
    known = sorted(judged) or [factor.name for factor in FACTORS]
    core = [name for name in Policy().core_factors if name in known]
    return st.sampled_from(core + known)


@st.composite
def catalogues(draw: st.DrawFn, *, min_size: int = 1, max_size: int = 6) -> Catalogue:
    """Catalogues of a trade of its own, for the argument ``catalogue`` of other strategies."""
    name = draw(st.sampled_from(["ferry", "clinic", "garage"]))
    places = ["arrival", "desk", "wait", "service", "bill", "departure"][:max_size]
    some = draw(st.lists(st.sampled_from(places), min_size=min_size, unique=True))
    judged = st.lists(factors(), max_size=3, unique=True).map(" ".join)
    return Catalogue.of(name, [(place, "visit", draw(levels()), draw(judged)) for place in some])


# -- expectations and readings ---------------------------------------------------------------------


def bases() -> st.SearchStrategy[Basis]:
    """How an expectation is known."""
    return st.sampled_from(Basis)


def expectations(*, hostile: bool = False) -> st.SearchStrategy[Expectation]:
    """Expectations of a level, on any basis."""
    return st.builds(Expectation, levels(hostile=hostile), bases())


def scales() -> st.SearchStrategy[Scale]:
    """Scales: durations and counts either way round, ratings, yes or no, levels."""
    whole = st.integers(0, 1000)
    ends = st.tuples(whole, whole).filter(lambda pair: pair[0] != pair[1])
    open_ended = st.sampled_from([minutes, days, count])
    return st.one_of(
        st.builds(lambda make, pair: make(best=pair[0], worst=pair[1]), open_ended, ends),
        ends.map(lambda pair: rating(*pair)),
        st.sampled_from([yes_no, level_scale]),
    )


@st.composite
def readings(draw: st.DrawFn, *, hostile: bool = False) -> Reading:
    """Readings as levels, as a scale's call makes them; some with a zone of tolerance."""
    expected = draw(st.one_of(st.none(), expectations(hostile=hostile)))
    return Reading(
        delivered=draw(levels(hostile=hostile)),
        anticipated=expected,
        weight=draw(weights(hostile=hostile)),
        gap_scale=draw(gap_scales()),
        **draw(_zones(expected)),
    )


@st.composite
def _zones(draw: st.DrawFn, expected: Expectation | None) -> dict[str, float]:
    """Bounds of a zone of tolerance around an expectation; mostly none."""
    if expected is None or draw(st.integers(0, 3)):
        return {}
    level = int(expected.value * 10000) / 10000
    zone = {
        "adequate": draw(levels(max_value=level)),
        "desired": draw(levels(min_value=min(1.0, level + 0.0001))),
    }
    return {name: zone[name] for name in draw(st.sets(st.sampled_from(sorted(zone))))}


# -- touchpoints and journeys ----------------------------------------------------------------------


def handlings(*, hostile: bool = False) -> st.SearchStrategy[Handling]:
    """What events say of a problem, of a need or of a promise; for ``touchpoints(handling=...)``.

    >>> from hypothesis import find
    >>> find(handlings(), lambda handling: handling.act is not None).act in Act
    True
    """
    ids, codes, moments = texts(hostile=hostile), texts(hostile=hostile), times(hostile=hostile)
    return st.builds(
        Handling,
        obstacle=st.one_of(st.none(), st.sampled_from(Obstacle)),
        act=st.one_of(st.none(), st.sampled_from(Act)),
        noticed_by=st.one_of(st.none(), st.sampled_from(NoticedBy)),
        regards=st.one_of(st.none(), ids, st.tuples(st.one_of(st.none(), ids), ids)),
        excuse=st.booleans(),
        pitch=st.booleans(),
        **{name: st.one_of(st.none(), codes) for name in ("need", "meets", "cause", "owner")},
        **{name: st.one_of(st.none(), moments) for name in ("promised_at", "due")},
    )


@st.composite
def touchpoints(
    draw: st.DrawFn,
    /,
    *,
    catalogue: Catalogue | str = "hotel",
    hostile: bool = False,
    **fields: Any,
) -> Touchpoint:
    """Touchpoints that were delivered, of one level or of several readings.

    Args:
        catalogue: where the names and the factors come from.
        hostile: see the module; with an id, a source and a time of that kind as well.
        fields: fields of the touchpoint that are given, as they are or as a strategy.

    >>> from hypothesis import find
    >>> find(touchpoints(delivered=0.5, team=st.just("north")), lambda each: True).team
    'north'
    """
    given = {
        name: draw(value) if isinstance(value, st.SearchStrategy) else value
        for name, value in fields.items()
    }
    drawn: dict[str, Any] = {
        "weight": draw(weights(hostile=hostile)),
        "proactive": draw(st.booleans()),
        "team": draw(st.sampled_from([None, "north", "south"])),
    }
    if hostile:
        drawn |= {
            "at": draw(times(hostile=True)),
            "id": draw(st.one_of(st.none(), texts(hostile=True))),
            "source": draw(st.one_of(st.none(), texts(hostile=True))),
            "team": draw(texts(hostile=True)),
            "channel": draw(texts(hostile=True)),
        }
    one_level = {"anticipated", "delivered", "adequate", "desired", "gap_scale", "state"}
    if "readings" not in given and (one_level & given.keys() or draw(st.integers(0, 2))):
        expected = draw(st.one_of(st.none(), expectations(hostile=hostile)))
        delivered = draw(levels(hostile=hostile))
        gap_scale = draw(gap_scales())
        plain: dict[str, Any] = {"anticipated": expected, "gap_scale": gap_scale}
        if given.get("state", State.DELIVERED) == State.DELIVERED:
            plain["delivered"] = delivered
        if not one_level & given.keys():
            plain |= draw(_zones(expected))
        drawn |= plain
    elif "readings" not in given:
        of = readings(hostile=hostile)
        drawn["readings"] = draw(st.dictionaries(factors(catalogue), of, min_size=1, max_size=4))
    name = given.pop("name", None) or draw(names(catalogue))
    return Touchpoint(name, **{**drawn, **given})


def planned_touchpoints(
    catalogue: Catalogue | str = "hotel",
) -> st.SearchStrategy[PlannedTouchpoint]:
    """Touchpoints that are meant to happen; some with an expectation, a weight, a due time."""
    return st.builds(
        PlannedTouchpoint,
        names(catalogue),
        anticipated=st.one_of(st.none(), expectations()),
        weight=st.sampled_from([None, 1.0, 0.5, 2.0]),
        due=st.one_of(st.none(), times()),
    )


def plans(
    *, catalogue: Catalogue | str = "hotel", min_size: int = 0, max_size: int = 5
) -> st.SearchStrategy[Plan]:
    """Plans of touchpoints out of a catalogue."""
    some = st.lists(planned_touchpoints(catalogue), min_size=min_size, max_size=max_size)
    return some.map(Plan)


@st.composite
def journeys(
    draw: st.DrawFn,
    *,
    catalogue: Catalogue | str = "hotel",
    min_size: int = 0,
    max_size: int = 8,
    hostile: bool = False,
    plan: bool = False,
) -> Journey:
    """Journeys of touchpoints out of a catalogue.

    Args:
        catalogue: where the names and the factors come from.
        min_size, max_size: of the number of touchpoints.
        hostile: see the module; then events also repeat and contradict each other.
        plan: whether there may be a plan.
    """
    each = touchpoints(catalogue=catalogue, hostile=hostile)
    events = draw(st.lists(each, min_size=min_size, max_size=max_size))
    if hostile and events:
        events += draw(st.lists(st.sampled_from(events), max_size=2))
    return Journey(
        draw(texts(hostile=True)) if hostile else "journey",
        events,
        plan=draw(st.one_of(st.none(), plans(catalogue=catalogue))) if plan else None,
    )


def scorecards(
    *, catalogue: Catalogue | str = "hotel", hostile: bool = False
) -> st.SearchStrategy[Scorecard]:
    """Scorecards of journeys with and without a plan, under any policy; no span is emitted."""
    of = journeys(catalogue=catalogue, hostile=hostile, plan=True)
    return st.builds(evaluate, of, st.builds(Valuer, policies()))


# -- parameters and sums ---------------------------------------------------------------------------


def policies(*, hostile: bool = False) -> st.SearchStrategy[Policy]:
    """Policies with other parameters of the value and of recovery, some with weights.

    Args:
        hostile: with weights of 0 too, which take touchpoints out, and recoveries made there.
    """
    weights = [0.004, 0.5, 1.0, 3.0, *([0.0] * hostile)]
    return st.builds(
        Policy,
        loss_aversion=st.floats(1, 5),
        share=st.floats(0, 1),
        promised_share=st.floats(0, 1),
        recovery_credit=st.floats(0, 1),
        assumed=levels(),
        core_factors=st.sampled_from([(), ("competence",), ("competence", "reliability")]),
        weights=st.one_of(
            st.just({}),
            st.dictionaries(
                st.one_of(names(), st.sampled_from(["competence", "courtesy", "speed"])),
                st.sampled_from(weights),
            ),
        ),
    )


def tallies() -> st.SearchStrategy[Tally]:
    """Elements of the group: whole numbers of either sign, also beyond 64 bits."""
    return st.builds(Tally, *[st.integers(-(10**20), 10**20)] * 7)


def extremes() -> st.SearchStrategy[Extremes]:
    """Extremes of a few values in time, or of none."""
    pairs = st.tuples(st.integers(0, 10**12), st.integers(0, 10000))
    return st.lists(pairs, max_size=5).map(Extremes.of)


# -- what must be refused --------------------------------------------------------------------------

_NO_NUMBER: tuple[Any, ...] = (
    float("nan"), float("inf"), -float("inf"), "0.5", b"0.5", True, [0.5], 10**400, 1j,
)  # fmt: skip
_INVALID: dict[str, tuple[Any, ...]] = {
    "name": ("", 5, b"hotel.valet"),
    "anticipated": (*_NO_NUMBER, -1e-9, 1.0000001),
    "delivered": (*_NO_NUMBER, -1e-9, 1.0000001),
    "adequate": (*_NO_NUMBER, -0.1, 1.1),
    "desired": (*_NO_NUMBER, -0.1, 1.1),
    "weight": (*_NO_NUMBER, -1e-9, 1000.5),
    "gap_scale": (*_NO_NUMBER, 0.0, 0.0009, 10.1),
    "at": (datetime(2026, 1, 1), "2026-01-01T00:00Z", 0),
    "state": ("done", 1),
    "id": ("", 5),
    "source": ("", 5),
    "team": ("", 5),
    "proactive": (1, "yes"),
    "recovers": ("", 5, ("pos", ""), ("a", "b", "c")),
}


@st.composite
def invalid_touchpoints(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """Arguments of a touchpoint with one of them invalid, and which.

    `Touchpoint(**arguments)` must raise a `JourneyScoreError` whose ``path`` is that field.

    >>> from hypothesis import find
    >>> wrong = find(invalid_touchpoints(), lambda pair: pair[0] == "weight")[1]["weight"]
    >>> 0 <= wrong <= 1000
    False
    """
    field = draw(st.sampled_from(sorted(_INVALID)))
    arguments: dict[str, Any] = {"name": draw(names()), "delivered": draw(levels())}
    return field, arguments | {field: draw(st.sampled_from(_INVALID[field]))}
