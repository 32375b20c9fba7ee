"""Policy: every parameter of the model, frozen, in a file, with a fingerprint.

What only files and fingerprints need is imported there: importing the library should cost little.
"""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from typing import Any

from attrs import field, fields, frozen

from .checks import text, within
from .errors import InvalidValue, LogNotFound, UnknownName, WrongType, closest, described
from .factors import canonical
from .readings import HEAVIEST, LIGHTEST

MODEL_VERSION = 1
"""The version of the formulas. A score is comparable with scores of the same version."""


def _factor_names(given: object) -> tuple[str, ...]:
    if isinstance(given, str) or not isinstance(given, (tuple, list)):
        raise WrongType(
            f"{described(given)} is not a list of factors", path="core_factors", value=given
        )
    return tuple(sorted({canonical(text(name, "core_factors")) for name in given}))


def _weights(
    given: Mapping[str, float] | tuple[tuple[str, float], ...],
) -> tuple[tuple[str, float], ...]:
    """Weights by name, in the order of names; a factor under its canonical name."""
    if not isinstance(given, (Mapping, tuple)):
        raise WrongType(f"{described(given)} is not a mapping", path="weights", value=given)
    named: dict[str, float] = {}
    for name, weight in dict(given).items():
        known = canonical(text(name, "weights"))
        if known in named:
            raise InvalidValue("two weights of one factor", path="weights", value=known)
        named[known] = within(weight, LIGHTEST, HEAVIEST, "weights")
    return tuple(sorted(named.items()))


@frozen(kw_only=True)
class Policy:
    """Every parameter of the scoring model; docs/explanation/evidence.md says why each default.

    Attributes:
        loss_aversion: how many times a disappointment weighs an equal surprise; 1 to 100.
        share: the part of the headroom that a gap can win or cost; 0 to 1.
        promised_share: the same where the expectation was promised; 0 to 1.
        assumed: the level assumed where nobody knows and no catalogue says; 0 to 1.
        core_factors: the factors that come first. While one is below adequate, surprises on
            the other readings of its touchpoint count nothing.
        dissatisfied_below: impressions below it are *dissatisfied*; points.
        delighted_from: impressions from it on, and at or above par, are *delighted*; points.
        broke: a touchpoint this far below what was anticipated broke the journey; points.
        made: a touchpoint this far above what was anticipated made it; points.
        recovery_credit: the part of a shortfall that a perfect recovery restores; 0 to 1.
        weights: the weight, 0 to 1000, of touchpoints and factors by name, for those of which
            nobody said one: what was asked is never overwritten.
        fresh_days: an expectation learned more than so many days before the touchpoint is stale:
            ask again. It changes no score.

    Raises:
        OutOfScale, NotFinite, WrongType: a parameter out of its range, by name.
        InvalidValue: ``dissatisfied_below`` is above ``delighted_from``.

    >>> Policy(loss_aversion=3).loss_aversion
    3.0
    >>> Policy(share=2)
    Traceback (most recent call last):
    journeyscore.errors.OutOfScale: share: 2 is outside 0 to 1
    """

    loss_aversion: float = 2.0
    share: float = 0.25
    promised_share: float = 0.75
    assumed: float = 0.7
    core_factors: tuple[str, ...] = field(
        default=("competence", "reliability"), converter=_factor_names
    )
    dissatisfied_below: float = 55.0
    delighted_from: float = 80.0
    broke: float = 25.0
    made: float = 40.0
    recovery_credit: float = 0.5
    _weights: tuple[tuple[str, float], ...] = field(default=(), converter=_weights, alias="weights")
    fresh_days: float = 365.0

    def __attrs_post_init__(self) -> None:
        for name, (low, high) in RANGES.items():
            object.__setattr__(self, name, within(getattr(self, name), low, high, name))
        if self.dissatisfied_below > self.delighted_from:
            raise InvalidValue(
                f"{self.dissatisfied_below:g} is above delighted_from {self.delighted_from:g}",
                path="dissatisfied_below",
                value=self.dissatisfied_below,
            )

    @property
    def weights(self) -> dict[str, float]:
        """The weights of touchpoints and factors by name.

        >>> Policy(weights={"hotel.front_desk": 2, "warmth": 3}).weights
        {'hotel.front_desk': 2.0, 'smile': 3.0}
        """
        return dict(self._weights)

    def to_dict(self) -> dict[str, Any]:
        """The parameters by name, as plain data that JSON can hold.

        >>> Policy(broke=30).to_dict()["broke"]
        30.0
        """
        names = (each.alias for each in fields(type(self)))
        return {str(name): getattr(self, str(name)) for name in names}

    @property
    def fingerprint(self) -> str:
        """Sixteen hexadecimal digits that change when any parameter, or the model, changes.

        >>> Policy().fingerprint == Policy(share=0.25).fingerprint != Policy(share=0.3).fingerprint
        True
        """
        import json
        from hashlib import sha256

        content = self.to_dict()
        for name, default in _LATER.items():  # policies from before these keep their fingerprint
            if content[name] == default:
                del content[name]
        canonical_form = json.dumps({"model": MODEL_VERSION, **content}, sort_keys=True)
        return sha256(canonical_form.encode()).hexdigest()[:16]

    def save(self, path: str | PathLike[str]) -> None:
        """Write the policy as a JSON file that `load` reads back.

        >>> import tempfile, pathlib
        >>> file = pathlib.Path(tempfile.mkdtemp(), "policy.json")
        >>> Policy(broke=30).save(file)
        >>> Policy.load(file) == Policy(broke=30)
        True
        """
        import json
        from pathlib import Path

        content = {"model": MODEL_VERSION, **self.to_dict()}
        Path(path).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: str | PathLike[str]) -> Policy:
        """The policy in a JSON file; parameters it does not name keep their defaults.

        Raises:
            LogNotFound: there is no such file (a FileNotFoundError).
            InvalidValue: it is not JSON, of another model version, or a parameter is wrong.
            UnknownName: it names a parameter that does not exist; the hint has the closest.
        """
        import json
        from pathlib import Path

        file = Path(path)
        if not file.is_file():
            raise LogNotFound("no such policy file", path=str(file))
        try:
            content = json.loads(file.read_text(encoding="utf-8"))
        except ValueError as error:  # bad JSON and bad UTF-8 alike
            raise InvalidValue(f"not a JSON file ({error})", path=str(file)) from error
        if not isinstance(content, dict):
            raise WrongType("not a JSON object of parameters", path=str(file), value=content)
        model = content.pop("model", MODEL_VERSION)
        if model != MODEL_VERSION or isinstance(model, bool):
            raise InvalidValue(
                f"{described(model)} is not model version {MODEL_VERSION}",
                path=f"{file}, model",
                value=model,
            )
        known = [str(each.alias) for each in fields(cls)]
        for name in content:
            if name not in known:
                near = closest(name, known)
                raise UnknownName(
                    f"no parameter has this name ({described(name)})",
                    path=str(file),
                    value=name,
                    hint=f"did you mean {near}?" if near else f"one of {', '.join(known)}",
                )
        try:
            return cls(**content)
        except InvalidValue as error:
            error.path = f"{file}, {error.path}"
            raise


RANGES: dict[str, tuple[float, float]] = {
    "loss_aversion": (1.0, 100.0),
    "share": (0.0, 1.0),
    "promised_share": (0.0, 1.0),
    "assumed": (0.0, 1.0),
    "dissatisfied_below": (0.0, 100.0),
    "delighted_from": (0.0, 100.0),
    "broke": (0.0, 100.0),
    "made": (0.0, 100.0),
    "recovery_credit": (0.0, 1.0),
    "fresh_days": (0.0, 36500.0),
}
"""The range of each number."""

_LATER: dict[str, object] = {"weights": {}, "fresh_days": 365.0}
"""Parameters that came after the first release, with their defaults."""

DEFAULT_POLICY = Policy()
"""The policy used where none is given."""
