"""Names outside every catalogue, and factors off their channel: allowed, and noted."""

from __future__ import annotations

from collections.abc import Iterable

from .errors import described
from .factors import applies, closest_factor, is_known
from .touchpoints import Touchpoint, catalogued, closest_touchpoint


def unknown_names(touchpoints: Iterable[Touchpoint]) -> list[str]:
    """A note for each name in no catalogue, of which only the length is told; and for each factor
    that cannot be judged on the channel of its touchpoint.

    >>> unknown_names([Touchpoint("hotel.vallet", delivered=0.5)])
    ['a touchpoint outside every catalogue (str of length 12); the closest known is hotel.valet']
    """
    notes: dict[str, None] = {}
    for touchpoint in touchpoints:
        if catalogued(touchpoint.name) is None:
            near = closest_touchpoint(touchpoint.name)
            notes[_note("touchpoint", touchpoint.name, near)] = None
        for factor in touchpoint.readings:
            if not is_known(factor):
                notes[_note("factor", factor, closest_factor(factor))] = None
            elif not applies(factor, touchpoint.channel):
                on = f"cannot be judged on the channel {touchpoint.channel}"
                notes[f"{factor} {on}; leave it out: not applicable is not zero"] = None
    return list(notes)


def slips(given: Iterable[str]) -> list[str]:
    """A note for each name in no catalogue that is close to a known one.

    For names that stand in a policy, where one that is misspelt would count for nothing.

    >>> slips(["courtesy", "competance", "scent"])
    ['a name outside every catalogue (str of length 10); the closest known is competence']
    """
    notes = []
    for name in given:
        if not is_known(name) and catalogued(name) is None:
            near = closest_factor(name) or closest_touchpoint(name)
            notes += [_note("name", name, near)] if near else []
    return notes


def _note(what: str, name: str, near: str | None) -> str:
    like = f"; the closest known is {near}" if near else ""
    return f"a {what} outside every catalogue ({described(name)}){like}"
