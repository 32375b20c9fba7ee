"""Calibration: impressions beside what guests said of the same journeys, never mixed.

A score of 70 should mean that customers say about 70. Whether it does, where a host measures, is
one table: bins of impression, and the mean of what was said in each (docs/explanation/feedback.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from math import ceil
from operator import add
from typing import Any

from attrs import frozen

from ._extras import needed

with needed("calibration needs", "frames"):
    import narwhals as nw

from . import frames
from .checks import whole_from, within
from .errors import InvalidValue, WrongType, described
from .frames.averages import added, over_journeys
from .frames.engines import opened
from .frames.feedback import answered
from .frames.formula import hundredths, points, real, whole
from .frames.log import open_log
from .policy import DEFAULT_POLICY, Policy
from .scales import Scale, rating

__all__ = ["FEW", "SCALES", "calibrate"]

SCALES: Mapping[str, Scale] = {
    "csat": rating(1, 5),
    "nps": rating(0, 10),
    "ces": rating(1, 7),
}
"""The scales on which satisfaction, recommendation and ease are usually asked."""

FEW = 5
"""Journeys below which a bin shows their number only: a mean of two is nearly a person's answer."""


def calibrate(
    log: Any,
    feedback: str = "csat",
    *,
    scale: Scale | None = None,
    width: float = 10,
    minimum: int = FEW,
    policy: Policy = DEFAULT_POLICY,
    columns: Mapping[str, str] | None = None,
    timezone: str | None = None,
    scales: Mapping[str, Scale] | None = None,
    market: Any = None,
) -> Any:
    """What guests said of their journeys, by bins of what the journeys scored.

    Args:
        log, policy, columns, timezone, scales, market: as for `journeyscore.frames.score`.
        feedback: the column with what guests said, on any row of a journey; of several answers
            the lowest counts.
        scale: what it is on, best and worst; ``csat`` 1 to 5, ``nps`` 0 to 10 and ``ces`` 1 to 7
            unless said otherwise.
        width: of a bin, 1 to 100 points of impression.
        minimum: the journeys with an answer below which a bin shows their number only, from 5.

    Returns:
        A dataframe of the kind that came in, in no order, a row for each bin that holds a journey
        with an answer: ``from``, ``to`` (points of impression; the last bin includes 100),
        ``journeys`` (with an answer on the scale), ``impression`` (their mean), ``said`` (the mean
        of what they said, 0 to 100), its 95% interval ``low``, ``high``, ``difference``
        (said - impression), and ``rejected`` (answers outside the scale).

    Raises:
        InvalidValue: the scale is not known, or is one without ends.
        As `journeyscore.frames.score` does.

    >>> import polars as pl
    >>> log = pl.DataFrame({
    ...     "journey": range(6), "touchpoint": ["hotel.room"] * 6, "anticipated": [0.7] * 6,
    ...     "delivered": [0.7] * 6, "csat": [4, 4, 3, 4, 5, 3],
    ... })
    >>> calibrate(log).row(0)
    (70.0, 80.0, 6, 70.0, 70.83, 51.09, 90.58, 0.83, 0)
    """
    asked = _Bins.of(feedback, scale, width, minimum)
    given = open_log(log, keys=[], columns=columns, timezone=timezone, numbers=[feedback])
    folded, _ = opened(
        frames.fold(nw.to_native(given.frame), policy=policy, scales=scales, market=market)
    )
    return given.restore(asked.told(answered(folded, given, feedback)))


def read_answers(
    answers: Any,
    feedback: str = "csat",
    *,
    scale: Scale | None = None,
    width: float = 10,
    minimum: int = FEW,
) -> Any:
    """What `calibrate` says of a log, out of what an overview of it has counted.

    Args:
        answers: a frame of `journeyscore.frames.Overview.answers`.
        feedback, scale, width, minimum: as for `calibrate`.

    Returns, Raises: as `calibrate`.

    >>> import polars as pl
    >>> log = pl.DataFrame({
    ...     "journey": range(6), "touchpoint": ["hotel.room"] * 6, "anticipated": [0.7] * 6,
    ...     "delivered": [0.7] * 6, "csat": [4, 4, 3, 4, 5, 3],
    ... })
    >>> seen = frames.overview(log, feedback=["csat"])
    >>> read_answers(seen.answers["csat"]).equals(calibrate(log))
    True
    """
    asked = _Bins.of(feedback, scale, width, minimum)
    frame, restore = opened(answers)
    return restore(asked.told(frame))


@frozen
class _Bins:
    """How answers are read and told."""

    scale: Scale
    width: float
    minimum: int

    @classmethod
    def of(cls, feedback: object, scale: object, width: object, minimum: object) -> _Bins:
        found = _scale_of(feedback, scale)
        least = whole_from(minimum, FEW, "minimum")
        return cls(found, within(width, 1, 100, "width"), least)

    def told(self, answers: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
        """The bins of what `answered` has counted."""
        answer, journeys = nw.col("answer"), nw.col("journeys")
        sound = (answer >= self.scale.low) & (answer <= self.scale.high)
        level = (answer - real(self.scale.worst)) * real(self.scale.factor)
        said = answers.with_columns(
            _bin=_bin(nw.col("impression"), self.width),
            _n=nw.when(sound).then(journeys).otherwise(whole(0)),
            _said=nw.when(sound).then(hundredths(level).cast(nw.Int64())).otherwise(whole(0)),
        )
        sums = added(
            said.select(
                "_bin",
                "_n",
                _s=nw.col("_said") * nw.col("_n"),
                _q=nw.col("_said") * nw.col("_said") * nw.col("_n"),
                _count=nw.col("impression") * nw.col("_n"),
                _rejected=journeys - nw.col("_n"),
            ),
            ["_bin"],
        )
        return _table(over_journeys(sums, ["_bin"]), self.width, self.minimum)


def _scale_of(feedback: object, scale: object) -> Scale:
    if not isinstance(feedback, str):
        raise WrongType(f"{described(feedback)} is not a column name", path="feedback")
    found = SCALES.get(feedback) if scale is None else scale
    if not isinstance(found, Scale) or not found.closed:
        raise InvalidValue(
            "not a scale with a worst and a best answer",
            path="scale",
            value=scale,
            hint="scale=rating(1, 5)",
        )
    return found


def _bin(impression: nw.Expr, width: float) -> nw.Expr:
    """The number of the bin, from 0: how many of the edges above the first were reached."""
    edges = [round(k * width * 100) for k in range(1, ceil(100 / width))]
    reached = ((impression >= edge).cast(nw.Int64()) for edge in edges)
    return reduce(add, reached, whole(0))


def _table(means: nw.LazyFrame[Any], width: float, minimum: int) -> nw.LazyFrame[Any]:
    """The bins under their names; what `over_journeys` calls an impression is what was said."""
    n = nw.when(nw.col("journeys") >= minimum).then(nw.col("journeys"))
    start = nw.col("_bin") * real(width)
    end = start + real(width)
    mean = (nw.col("touchpoints") / n + real(0.5)).floor()
    enough = ~n.is_null()
    shown = {name: nw.when(enough).then(nw.col(name)) for name in ("impression", "low", "high")}
    gap = (nw.col("impression") * real(100.0) + real(0.5)).floor() - mean
    return means.select(
        **{"from": start, "to": nw.when(end > 100).then(real(100.0)).otherwise(end)},
        journeys=nw.col("journeys"),
        impression=points(mean),
        said=shown["impression"],
        low=shown["low"],
        high=shown["high"],
        difference=nw.when(enough).then(points(gap)),
        rejected=nw.col("rejected"),
    )
