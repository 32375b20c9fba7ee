"""What a host knows of its teams: the needs that are met, and the traits of who serves well."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from enum import StrEnum
from os import PathLike
from pathlib import Path

from attrs import field, frozen

from ..checks import within
from ..errors import (
    InvalidValue,
    JourneyScoreError,
    LogNotFound,
    UnknownName,
    WrongType,
    closest,
    described,
)
from ..factors import PACKS

AVAILABLE = 0.8
"""The part of a team that has a need met, from which it counts as met for the team."""

TRAITS = tuple(
    wording.replace(" ", "_") for wording, _ in PACKS["eight_traits_of_the_employee"].items
)
"""The eight traits of an employee who serves well."""


class Need(StrEnum):
    """What employees need, of which at least two should be there."""

    MAKING_A_DIFFERENCE = "making_a_difference"
    VALUED = "valued"
    COMPENSATED = "compensated"


def _parts(given: Mapping[str, float], path: str, known: Iterable[str]) -> dict[str, float]:
    if not isinstance(given, Mapping):
        raise WrongType(f"{described(given)} is not a mapping", path=path, value=given)
    known = list(known)
    for name in given:
        if name not in known:
            near = closest(name, known) if isinstance(name, str) else None
            hint = f"did you mean {near}?" if near else f"one of {', '.join(known)}"
            raise UnknownName(f"{described(name)} is unknown", path=path, value=name, hint=hint)
    return {str(name): within(part, 0, 1, f"{path}.{name}") for name, part in given.items()}


@frozen(kw_only=True)
class Team:
    """What a host knows of one team, from all of its people together.

    Attributes:
        people: how many there are.
        needs: for each `Need` the part of them for whom it is met, 0 to 1; all three.
        traits: for some of `TRAITS` the level of the team, 0 to 1.

    Raises:
        InvalidValue, OutOfScale, WrongType: a number that is not in its range; a need not told.
        UnknownName: no such need or trait.

    >>> bell = Team(people=9, needs={"making_a_difference": 0.9, "valued": 0.3, "compensated": 1})
    >>> bell.met, bell.enough
    (('making_a_difference', 'compensated'), True)
    """

    people: int
    needs: Mapping[str, float]
    traits: Mapping[str, float] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        if type(self.people) is not int or self.people < 1:
            raise InvalidValue(f"{described(self.people)} is no number of people", path="people")
        object.__setattr__(self, "needs", _parts(self.needs, "needs", Need))
        object.__setattr__(self, "traits", _parts(self.traits, "traits", TRAITS))
        if missing := [need.value for need in Need if need not in self.needs]:
            raise InvalidValue(f"nothing is told of {', '.join(missing)}", path="needs")

    @property
    def met(self) -> tuple[str, ...]:
        """The needs that are met for at least `AVAILABLE` of the team."""
        return tuple(need.value for need in Need if self.needs[need] >= AVAILABLE)

    @property
    def enough(self) -> bool:
        """Whether at least two of the three needs are met."""
        return len(self.met) >= 2

    @property
    def weakest_trait(self) -> str | None:
        """The trait with the lowest level, the first of them as `TRAITS` has them."""
        told = [trait for trait in TRAITS if trait in self.traits]
        return min(told, key=lambda trait: self.traits[trait], default=None)


def load(path: str | PathLike[str]) -> dict[str, Team]:
    """The teams in a JSON file: an object of teams, each with what `Team` takes.

    Raises:
        LogNotFound: there is no such file (a FileNotFoundError).
        InvalidValue, UnknownName, OutOfScale, WrongType: it is not JSON, or tells what `Team`
            refuses; the path names the file and the field.
    """
    file = Path(path)
    if not file.is_file():
        raise LogNotFound("no such file of teams", path=str(file))
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:  # bad JSON and bad UTF-8 alike
        raise InvalidValue(f"not a JSON file ({error})", path=str(file)) from error
    if not isinstance(content, dict):
        raise WrongType("not a JSON object of teams", path=str(file), value=content)
    try:
        return {name: _team(told) for name, told in content.items()}
    except JourneyScoreError as error:
        error.path = f"{file}, {error.path}"
        raise


def _team(told: object) -> Team:
    names = ("people", "needs", "traits")
    if not isinstance(told, dict) or not {"people", "needs"} <= told.keys() <= set(names):
        raise InvalidValue(
            f"{described(told)} is no team", path="team", hint=f"an object of {', '.join(names)}"
        )
    return Team(**told)
