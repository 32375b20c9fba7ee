"""What drives satisfaction: weights of touchpoints, fitted to what guests said.

Asking what matters to a guest comes first. Where nobody was asked, the answers to a question
about the whole journey tell how much each touchpoint counts for it: docs/explanation/feedback.md.
What is fitted goes into a `Policy`, beside the weights that a log states and never over them.

Needs the extra ``journeyscore[drivers]``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from attrs import evolve, frozen

from ._extras import needed

with needed("drivers need", "drivers"):
    import narwhals as nw
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray
    from scipy.linalg import cholesky, solve_triangular
    from scipy.optimize import nnls
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import KFold, StratifiedKFold

from . import frames
from .errors import LogError
from .factors import is_known
from .frames.engines import computed, opened
from .frames.feedback import ANSWER, answers
from .frames.log import open_log
from .policy import DEFAULT_POLICY, Policy
from .readings import HEAVIEST
from .scales import Scale

__all__ = ["Driver", "Drivers", "fit"]

Floats = NDArray[np.float64]

ENOUGH = 30
"""Journeys with an answer that must have met a touchpoint, for its weight to be fitted."""

FOLDS = 10
"""Of the cross-validation."""

SAMPLES, GROUPS = 400, 1000
"""Of the bootstrap: how many, and into how many groups the journeys are dealt for it."""

LEAST = 0.01
"""The smallest weight that is written: of none at all, nobody would see what goes wrong there."""


class Driver(NamedTuple):
    """One touchpoint, and how much it drives what guests say.

    Attributes:
        touchpoint: its name.
        weight: fitted, 0.01 to 1000; 1 is that of an ordinary touchpoint.
        low, high: its 95% interval, by bootstrap over journeys.
        journeys: the journeys with an answer that met it.
    """

    touchpoint: str
    weight: float
    low: float
    high: float
    journeys: int


@frozen
class Drivers:
    """Fitted weights, how sure they are, and whether they tell more than equal ones.

    Attributes:
        feedback: the column they are fitted to.
        journeys: the journeys with an answer.
        measure: how well impressions tell the answers: ``AUC`` where there are two of them, else
            ``R2``, the squared correlation.
        equal, fitted: that measure with equal and with fitted weights, on journeys that the fit
            did not see: the mean over the folds of a cross-validation.
        won: the part of the folds in which fitted weights told more, 0 to 1.
        drivers: the touchpoints, the heaviest first.
        unfitted: touchpoints that too few journeys with an answer met; they keep their weight.
    """

    feedback: str
    journeys: int
    measure: str
    equal: float
    fitted: float
    won: float
    drivers: tuple[Driver, ...]
    unfitted: tuple[str, ...]

    @property
    def weights(self) -> dict[str, float]:
        """The fitted weights by touchpoint, for `Policy`."""
        return {each.touchpoint: each.weight for each in self.drivers}

    @property
    def better(self) -> bool:
        """Whether fitted weights told more in at least nine of ten folds."""
        return self.won >= 0.9

    def policy(self, base: Policy = DEFAULT_POLICY) -> Policy:
        """A policy with these weights; everything else is that of `base`, weights of factors too.

        A weight that the log states is never overwritten: a policy's weights count only where
        nobody said one.
        """
        return evolve(base, weights={**base.weights, **self.weights})

    def to_frame(self) -> pl.DataFrame:
        """The touchpoints as a table."""
        types = (pl.String, pl.Float64, pl.Float64, pl.Float64, pl.Int64)
        schema = dict(zip(Driver._fields, types, strict=True))
        return pl.DataFrame(list(self.drivers), schema=schema, orient="row")

    def __str__(self) -> str:
        """The comparison in one line."""
        judged = "more than" if self.better else "no more than"
        return (
            f"fitted weights tell {judged} equal ones: {self.measure} {self.fitted:.3f} against "
            f"{self.equal:.3f}, ahead in {self.won:.0%} of the folds; {self.journeys:,} answers"
        )


def fit(
    log: Any,
    feedback: str = "csat",
    *,
    policy: Policy = DEFAULT_POLICY,
    columns: Mapping[str, str] | None = None,
    timezone: str | None = None,
    scales: Mapping[str, Scale] | None = None,
    market: Any = None,
    seed: int = 0,
) -> Drivers:
    """Weights of touchpoints, fitted to what guests said of their journeys.

    Journeys are folded in the engine of the log, so that it may have any size; what is fitted is a
    row a journey that has an answer.

    Args:
        log, policy, columns, timezone, scales, market: as for `journeyscore.frames.score`. Weights
            of touchpoints in the policy are fitted anew, those of factors stay.
        feedback: the column with what guests said; a larger number is better. It may stand on any
            row of a journey; of several the lowest counts.
        seed: of the folds and the bootstrap; the same seed, the same result.

    Raises:
        MissingColumn: the log has no such column.
        LogError: it holds no numbers, too few journeys have an answer, all answers are the same, or
            no touchpoint goes with them.
        As `journeyscore.frames.score` does.

    >>> import polars as pl
    >>> room, valet = ([k * step % 101 / 100 for k in range(400)] for step in (37, 53))
    >>> log = pl.DataFrame({
    ...     "journey": [*range(400)] * 2,
    ...     "touchpoint": ["hotel.room"] * 400 + ["hotel.valet"] * 400,
    ...     "anticipated": [0.7] * 800, "delivered": room + valet,
    ...     "csat": [1 + 4 * level for level in room] * 2,  # whatever the valet does
    ... })
    >>> found = fit(log)
    >>> found.weights, found.better
    ({'hotel.room': 1.98, 'hotel.valet': 0.02}, True)
    """
    table = _Table.of(_folded(log, feedback, policy, columns, timezone, scales, market), feedback)
    slopes = _slopes(_sums(table.predictors()))
    if not slopes.any():
        raise LogError("no touchpoint goes with what guests said", path=feedback)
    weights = table.as_weights(slopes)
    low, high = _interval(table, seed)
    equal, fitted, won = _cross_validated(table, seed)
    rows = zip(table.names, weights, low, high, table.met, strict=True)
    drivers = [Driver(name, float(w), float(a), float(b), int(n)) for name, w, a, b, n in rows]
    return Drivers(
        feedback=feedback,
        journeys=len(table.answers),
        measure="AUC" if table.binary else "R2",
        equal=equal,
        fitted=fitted,
        won=won,
        drivers=tuple(sorted(drivers, key=lambda each: (-each.weight, each.touchpoint))),
        unfitted=table.unfitted,
    )


def _folded(
    log: Any,
    feedback: str,
    policy: Policy,
    columns: Mapping[str, str] | None,
    timezone: str | None,
    scales: Mapping[str, Scale] | None,
    market: Any,
) -> pl.DataFrame:
    """A row for each touchpoint that a journey with an answer met: its tally and the answer.

    What the log says the weight of (``said``) stands apart from what it does not.
    """
    given = open_log(log, keys=[], columns=columns, timezone=timezone, numbers=[feedback])
    weighed = ~nw.col("weight").is_null() if given.has("weight") else nw.lit(False)
    frame = given.frame.with_columns(said=weighed)
    factors = {name: weight for name, weight in policy.weights.items() if is_known(name)}
    tallies, _ = opened(
        frames.fold(
            nw.to_native(frame),
            by=["journey", "touchpoint", "said"],
            policy=evolve(policy, weights=factors),
            scales=scales,
            market=market,
        )
    )
    counted = tallies.filter(nw.col("weight") > 0)
    joined = counted.join(answers(given, feedback), on="journey")
    return computed(joined.select("journey", "touchpoint", "said", "value", "weight", ANSWER))


_FIXED = pl.col("column").is_null()


@frozen(eq=False)
class _Table:
    """Journeys with an answer, as numbers.

    Attributes:
        names: the touchpoints to be fitted.
        unfitted: those that too few journeys met.
        values, counts: by journey and touchpoint, of what has no weight of its own: the sum of V
            in points, and how many.
        fixed, heavy: by journey, of everything else: the sum of w*V in points, and of w.
        answers: what guests said.
    """

    names: tuple[str, ...]
    unfitted: tuple[str, ...]
    values: Floats
    counts: Floats
    fixed: Floats
    heavy: Floats
    answers: Floats

    @classmethod
    def of(cls, folded: pl.DataFrame, feedback: str) -> _Table:
        open_ = folded.filter(~pl.col("said"))
        met = open_.group_by("touchpoint").len().sort("touchpoint")
        names = met.filter(pl.col("len") >= ENOUGH)["touchpoint"].to_list()
        unfitted = met.filter(pl.col("len") < ENOUGH)["touchpoint"].to_list()
        journeys = folded.select("journey", ANSWER).unique().sort("journey")
        said = journeys[ANSWER].to_numpy()
        if not names or len(set(said)) < 2:
            raise LogError(
                f"{len(said)} journeys with an answer, {len(set(said))} different answers, and "
                f"{len(names)} touchpoints that enough of them met without a weight of their own",
                path=feedback,
                hint=f"two different answers, and {ENOUGH} journeys of a touchpoint, are the least",
            )
        rows = dict(zip(journeys["journey"], range(len(said)), strict=True))
        columns = dict(zip(names, range(len(names)), strict=True))
        place, column = (
            pl.col(name).replace_strict(places, default=None, return_dtype=pl.Int64)
            for name, places in (("journey", rows), ("touchpoint", columns))
        )
        cells = folded.with_columns(
            row=place,
            column=pl.when(~pl.col("said")).then(column),
            value=pl.col("value") / 10_000,
            weight=pl.col("weight") / 100,
        )
        values, counts = np.zeros((2, len(said), len(names)))
        fixed, heavy = np.zeros((2, len(said)))
        mine, rest = (cells.filter(each) for each in (~_FIXED, _FIXED))
        at = mine["row"].to_numpy(), mine["column"].to_numpy()
        values[at], counts[at] = mine["value"].to_numpy(), mine["weight"].to_numpy()
        np.add.at(fixed, rest["row"].to_numpy(), rest["value"].to_numpy())
        np.add.at(heavy, rest["row"].to_numpy(), rest["weight"].to_numpy())
        return cls(tuple(names), tuple(unfitted), values, counts, fixed, heavy, said)

    @property
    def binary(self) -> bool:
        """Whether there are two answers only."""
        return len(set(self.answers)) == 2

    @property
    def met(self) -> Floats:
        """How many journeys met each touchpoint."""
        met: Floats = (self.counts > 0).sum(axis=0)
        return met

    def rows(self, places: Any) -> _Table:
        """The journeys at these places."""
        mine = {
            name: getattr(self, name)[places]
            for name in ("values", "counts", "fixed", "heavy", "answers")
        }
        return evolve(self, **mine)

    def predictors(self) -> Floats:
        """By journey: the mean V of each touchpoint, at the mean where it was not met; what is
        weighed already; the answer.
        """
        columns = np.column_stack([self.values, self.fixed])
        weights = np.column_stack([self.counts, self.heavy])
        there = weights > 0
        means = np.divide(columns, weights, out=np.zeros_like(columns), where=there)
        usual = means.sum(axis=0) / np.maximum(there.sum(axis=0), 1)
        return np.column_stack([np.where(there, means, usual), self.answers])

    def as_weights(self, slopes: Floats) -> Floats:
        """Slopes as weights that a policy can hold; their mean over all touchpoints met is 1.

        A slope is that of all contacts of a kind in a journey together, a weight that of each.
        """
        times = self.counts.sum(axis=0)
        each = slopes * self.met / np.maximum(times, 1)
        total = (times * each).sum()
        scaled = each * (times.sum() / total if total > 0 else 0.0)
        weights: Floats = np.clip(np.round(scaled, 2), LEAST, HEAVIEST)
        return weights

    def impressions(self, weights: Floats) -> Floats:
        """What the model says of each journey under these weights, 0 to 100."""
        value = self.values @ weights + self.fixed
        impressions: Floats = value / (self.counts @ weights + self.heavy)
        return impressions

    def told(self, weights: Floats) -> float:
        """How well impressions under these weights tell the answers."""
        impressions = self.impressions(weights)
        if self.binary:
            return float(roc_auc_score(self.answers == self.answers.max(), impressions))
        if impressions.std() == 0:
            return 0.0
        return float(np.corrcoef(impressions, self.answers)[0, 1] ** 2)


def _sums(predictors: Floats) -> Floats:
    """Sums of products of a column of ones and these, to be added to those of other journeys."""
    ones = np.ones((len(predictors), 1))
    table = np.hstack([ones, predictors])
    sums: Floats = table.T @ table
    return sums


def _slopes(sums: Floats) -> Floats:
    """Non-negative least squares of the last column on the others, but for what is weighed already.

    Lawson and Hanson (1974), *Solving Least Squares Problems*, on the triangle of the covariances.
    """
    mean = sums[0, 1:] / sums[0, 0]
    covariance = sums[1:, 1:] / sums[0, 0] - np.outer(mean, mean)
    predictors, outcome = covariance[:-1, :-1], covariance[:-1, -1]
    steady = np.eye(len(predictors)) * (1e-9 * predictors.diagonal().max() + 1e-12)
    triangle = cholesky(predictors + steady, lower=True)
    slopes, _ = nnls(triangle.T, solve_triangular(triangle, outcome, lower=True))
    fitted: Floats = slopes[:-1]
    return fitted


def _interval(table: _Table, seed: int) -> tuple[Floats, Floats]:
    """The 95% interval of each weight: a bootstrap over groups of journeys, dealt by chance."""
    chance = np.random.default_rng(seed)
    predictors = table.predictors()
    groups = min(GROUPS, len(predictors))
    dealt = np.array_split(chance.permutation(len(predictors)), groups)
    sums = np.stack([_sums(predictors[places]) for places in dealt])
    drawn = chance.multinomial(groups, np.full(groups, 1 / groups), size=SAMPLES)
    samples = [table.as_weights(_slopes(np.tensordot(times, sums, axes=1))) for times in drawn]
    low, high = np.percentile(np.stack(samples), [2.5, 97.5], axis=0).round(2)
    return low, high


def _cross_validated(table: _Table, seed: int) -> tuple[float, float, float]:
    """How well equal and fitted weights tell answers the fit did not see; how often fitted win."""
    equal = np.ones(len(table.names))
    told = []
    for seen, unseen in _folds(table, seed):
        weights = table.as_weights(_slopes(_sums(table.rows(seen).predictors())))
        rest = table.rows(unseen)
        told.append((rest.told(equal), rest.told(weights)))
    of_equal, of_fitted = np.array(told).T
    return (
        round(float(of_equal.mean()), 4),
        round(float(of_fitted.mean()), 4),
        float((of_fitted > of_equal).mean()),
    )


def _folds(table: _Table, seed: int) -> Any:
    """Journeys dealt into folds, each with every kind of answer if there are two."""
    kind = StratifiedKFold if table.binary else KFold
    answers = table.answers
    return kind(FOLDS, shuffle=True, random_state=seed).split(answers, answers)
