"""Event: one thing that became known of a journey, as systems tell it one another."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import evolve, field, frozen

from ..checks import number, text
from ..errors import InvalidValue, WrongType, described
from ..journey import Journey
from ..touchpoints import EventKey, Touchpoint


def _feedback(given: object) -> tuple[tuple[str, float], ...]:
    if not isinstance(given, (dict, tuple)):
        raise WrongType(f"{described(given)} is not a mapping", path="feedback", value=given)
    answers = dict(given).items()
    return tuple((text(name, "feedback"), number(said, "feedback")) for name, said in answers)


@frozen(kw_only=True)
class Event:
    """One thing that became known of a journey: a touchpoint, a retraction, what was said.

    Attributes:
        journey: opaque id of the journey.
        touchpoint: what took place, is planned, or was missed.
        retracts: the source and the id of an event that is taken back.
        feedback: what the customer said, ``{"csat": 4}``.
        type: the kind of journey, ``"stay"``.
        customer, site, segment: opaque ids.
        worth: what the journey is worth to the host.

    Raises:
        InvalidValue: it says nothing: neither touchpoint nor retracts nor feedback.

    >>> Event(journey="stay-1", touchpoint=Touchpoint("hotel.valet", delivered=0.9)).journey
    'stay-1'
    """

    journey: str
    touchpoint: Touchpoint | None = None
    retracts: EventKey | None = None
    _feedback: tuple[tuple[str, float], ...] = field(
        default=(), converter=_feedback, alias="feedback"
    )
    type: str | None = None
    customer: str | None = None
    site: str | None = None
    segment: str | None = None
    worth: float | None = None

    def __attrs_post_init__(self) -> None:
        text(self.journey, "journey")
        for name in ("type", "customer", "site", "segment"):
            if (given := getattr(self, name)) is not None:
                text(given, name)
        if self.worth is not None:
            object.__setattr__(self, "worth", number(self.worth, "worth"))
        if self.touchpoint is None and self.retracts is None and not self._feedback:
            raise InvalidValue(
                "says nothing", path="touchpoint", hint="give touchpoint, retracts or feedback"
            )

    @property
    def feedback(self) -> dict[str, float]:
        """What the customer said, by the name of the question."""
        return dict(self._feedback)


def journeys_of(events: Iterable[Event]) -> dict[str, Journey]:
    """The journeys that events tell of, by id.

    Raises:
        InvalidValue: some touchpoints of a journey have a time and others do not.

    >>> valet = Touchpoint("hotel.valet", delivered=0.9, id="v1")
    >>> told = [Event(journey="a", touchpoint=valet), Event(journey="a", retracts=(None, "v1"))]
    >>> journeys_of(told)["a"].touchpoints
    ()
    """
    found: dict[str, list[Event]] = {}
    for event in events:
        found.setdefault(event.journey, []).append(event)
    return {id: _journey(id, told) for id, told in found.items()}


def _journey(id: str, told: list[Event]) -> Journey:
    said: dict[str, float] = {}
    for event in told:
        said |= event.feedback
    return Journey(
        id,
        [event.touchpoint for event in told if event.touchpoint is not None],
        type=next((event.type for event in told if event.type), None),
        customer=next((event.customer for event in told if event.customer), None),
        site=next((event.site for event in told if event.site), None),
        segment=next((event.segment for event in told if event.segment), None),
        worth=next((event.worth for event in told if event.worth is not None), None),
        feedback=said,
        retracted=tuple(dict.fromkeys(e.retracts for e in told if e.retracts is not None)),
    )


def events_of(journey: Journey) -> list[Event]:
    """A journey as the events that tell of it; of what is planned and of its state they do not.

    >>> stay = Journey("stay-1", [Touchpoint("hotel.valet", delivered=0.9)], customer="c7")
    >>> journeys_of(events_of(stay))["stay-1"] == stay
    True
    """
    common = Event(
        journey=journey.id,
        retracts=(None, "?"),
        type=journey.type,
        customer=journey.customer,
        site=journey.site,
        segment=journey.segment,
        worth=journey.worth,
    )
    told = [evolve(common, retracts=None, touchpoint=each) for each in journey.events]
    told += [evolve(common, retracts=key) for key in journey.retracted]
    if journey.feedback:
        told.append(evolve(common, retracts=None, feedback=journey.feedback))
    return told
