"""Handling: what an event says of a problem, of a need or of a promise, beside its levels.

Imported when a first event says any of it: most touchpoints say nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any, Union

from attrs import field, fields, frozen

from .checks import moment, one_of, text
from .errors import WrongType, described


class Act(StrEnum):
    """What was done for the customer, beyond or after the service itself.

    The first three are ways of going the extra mile; the others belong to a problem.
    """

    GIFT = "gift"
    EDUCATION = "education"
    PROACTIVE_FIX = "proactive_fix"
    ACKNOWLEDGEMENT = "acknowledgement"
    FOLLOW_UP = "follow_up"
    PREVENTION = "prevention"


class Obstacle(StrEnum):
    """What stood in the way of the service."""

    POLICY = "policy"
    RESOURCE = "resource"
    SKILL = "skill"
    AUTHORITY = "authority"
    ATTITUDE = "attitude"


class NoticedBy(StrEnum):
    """Who noticed first that something was wrong, or wanted."""

    CUSTOMER = "customer"
    HOUSE = "house"


def _obstacle(given: Obstacle | str | None) -> Obstacle | None:
    return None if given is None else one_of(given, Obstacle, "obstacle")


def _act(given: Act | str | None) -> Act | None:
    return None if given is None else one_of(given, Act, "act")


def _noticed_by(given: NoticedBy | str | None) -> NoticedBy | None:
    return None if given is None else one_of(given, NoticedBy, "noticed_by")


@frozen(kw_only=True)
class Handling:
    """What an event says of a problem, of a need or of a promise. Codes are opaque.

    Attributes:
        need: the code of a need taken down at this contact.
        meets: the code of a need that this event met.
        cause: the code of the root cause of a failure; of a prevention, the cause it removes.
        obstacle: what stood in the way.
        act: what was done: a gift, education, a proactive fix; or, of a problem, an
            acknowledgement, a follow-up, a prevention.
        regards: the failure that an acknowledgement or a follow-up is about: its id, or a pair
            (source, id), or the name of a touchpoint that was missed.
        owner: the role or team that owns the problem, never a person.
        excuse: an excuse was made.
        pitch: something was sold along with it: then it closes nothing.
        noticed_by: who noticed first.
        promised_at: when the promise was made, timezone-aware.
        due: by when what was promised, or a follow-up, is to be done, timezone-aware.

    Raises:
        InvalidValue: none of a closed list, or an empty code.
        NaiveTime: a time without a timezone.
        WrongType: a code that is not text, a truth that is not True or False.

    >>> Handling(act="acknowledgement", regards="v1").act.value
    'acknowledgement'
    """

    need: str | None = None
    meets: str | None = None
    cause: str | None = None
    obstacle: Obstacle | None = field(default=None, converter=_obstacle)
    act: Act | None = field(default=None, converter=_act)
    regards: Union[str, tuple[Union[str, None], str], None] = None
    owner: str | None = None
    excuse: bool = False
    pitch: bool = False
    noticed_by: NoticedBy | None = field(default=None, converter=_noticed_by)
    promised_at: datetime | None = None
    due: datetime | None = None

    def __attrs_post_init__(self) -> None:
        for name in ("need", "meets", "cause", "owner"):
            if (code := getattr(self, name)) is not None:
                text(code, name)
        for name in ("excuse", "pitch"):
            if not isinstance(told := getattr(self, name), bool):
                raise WrongType(f"{described(told)} is neither True nor False", path=name)
        for name in ("promised_at", "due"):
            if (at := getattr(self, name)) is not None:
                object.__setattr__(self, name, moment(at, name))


FACTS = tuple(each.name for each in fields(Handling))
"""The names of the facts, in the order in which contradicting ones are told apart."""


def joined(given: Iterable[Handling | None]) -> Handling | None:
    """What several rows say of one event: of each fact the smallest, of truths whether any is.

    >>> joined([Handling(need="quiet"), None, Handling(need="crib", excuse=True)])
    Handling(need='crib', ..., excuse=True, pitch=False, ...)
    """
    several = [each for each in given if each is not None]
    if len(several) < 2:
        return several[0] if several else None
    return Handling(**{name: _joined(name, several) for name in FACTS})


def _joined(name: str, several: list[Handling]) -> Any:
    said = [value for each in several if (value := getattr(each, name)) is not None]
    if name in ("excuse", "pitch"):
        return any(said)
    return min(said, key=_order if name == "regards" else None, default=None)


def _order(regards: str | tuple[str | None, str]) -> tuple[str, bool, str]:
    """By the id; of one id that of the same source first, and that of no source last."""
    source, id = ("", regards) if isinstance(regards, str) else regards
    return (id, source is None, source or "")
