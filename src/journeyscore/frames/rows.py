"""What a row of a log says: its levels on their scales, its expectation, its weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from operator import or_
from typing import Any

import narwhals as nw
from attrs import frozen

from ..expectations import Basis
from ..factors import names_of
from ..policy import Policy
from ..readings import GAP_SCALE, TOLERANCE
from ..scales import Scale
from ..touchpoints import State
from .engines import with_flags
from .formula import hundredths, real, whole


@frozen
class Rows:
    """How the rows of one log are read: which columns it has, on which scales, which policy.

    The frame it works on has the log's own columns; ``_level`` and ``_level_basis``, for rows
    without an expectation, where `fill` is on; and ``_usual_weight`` and ``_usual_factor_weight``,
    for rows that say no weight, where the policy has weights.
    """

    schema: Mapping[str, Any]
    policy: Policy
    scales: Mapping[str, Scale]
    fill: bool

    def has(self, *names: str) -> bool:
        """Whether the log has one of these columns."""
        return any(name in self.schema for name in names)

    @property
    def weighs(self) -> bool:
        """Whether the policy has weights, for rows that say none."""
        return bool(self.policy.weights)

    @property
    def weighs_factors(self) -> bool:
        """Whether readings of one touchpoint may have different weights."""
        return self.has("factor_weight") or (self.weighs and self.has("factor"))

    def number(self, name: str) -> nw.Expr:
        """A number column as floats, raw."""
        return nw.col(name).cast(nw.Float64())

    # -- scales --------------------------------------------------------------------------------

    def by_scale(self, of: Callable[[Scale], nw.Expr], default: nw.Expr) -> nw.Expr:
        """An expression chosen by the scale of each row: its factor's, else its touchpoint's."""
        result = default
        for column in ("touchpoint", "factor"):  # the last one wrapped is asked first
            if column in self.schema:
                for name, scale in self.scales.items():
                    names = names_of(name) if column == "factor" else (name,)
                    matches = reduce(or_, (nw.col(column) == each for each in names))
                    result = nw.when(matches).then(of(scale)).otherwise(result)
        return result

    def level(self, name: str) -> nw.Expr:
        """A measure as a level; open-ended scales end where they end."""
        raw = self.number(name)

        def of(scale: Scale) -> nw.Expr:
            x = raw
            if not scale.closed:
                low, high = real(scale.low), real(scale.high)
                x = nw.when(x < low).then(low).otherwise(nw.when(x > high).then(high).otherwise(x))
            return (x - real(scale.worst)) * real(scale.factor)

        return self.by_scale(of, raw) if self.scales else raw

    def per_gap(self) -> nw.Expr:
        """The reciprocal of the gap scale of each row."""
        default = self.by_scale(lambda scale: real(1 / scale.gap_scale), real(1 / GAP_SCALE))
        if not self.has("gap_scale"):
            return default
        gap_scale = self.number("gap_scale")
        positive = nw.when(gap_scale > 0).then(gap_scale)  # Spark refuses a division by zero
        return nw.when(gap_scale.is_null()).then(default).otherwise(real(1.0) / positive)

    # -- what the rows say ---------------------------------------------------------------------

    @property
    def missed(self) -> nw.Expr:
        """Whether the touchpoint was missed."""
        return (nw.col("state") == State.MISSED.value).fill_null(False)

    def delivered(self) -> nw.Expr:
        """The level delivered; the worst where the touchpoint was missed."""
        level = self.level("delivered")
        if not self.has("state"):
            return level
        return nw.when(self.missed).then(real(0.0)).otherwise(level)

    def unsaid(self) -> nw.Expr:
        """Whether the row says no expectation that can be used: none, or an unreasonable one."""
        if not self.has("anticipated"):  # for a market, which needs none
            return nw.lit(True)
        missing = nw.col("anticipated").is_null()
        if not self.has("unreasonable"):
            return missing
        return missing | ~nw.col("unreasonable").is_null()

    def anticipated(self) -> nw.Expr:
        """The level anticipated: said in the row, of the market, of the catalogue, assumed."""
        if not self.has("anticipated"):  # for a market, which needs none
            return real(self.policy.assumed)
        level = self.level("anticipated")
        if self.has("unreasonable"):
            level = nw.when(~self.unsaid()).then(level)
        if not self.fill:
            return level
        return nw.coalesce(level, nw.col("_level"), real(self.policy.assumed))

    def basis(self) -> nw.Expr:
        """The basis as its place in `Basis`: what is known comes before what is not."""
        rank = whole(RANK[Basis.ASSUMED])
        if self.has("basis"):
            for basis in (Basis.MARKET, Basis.EXPERIENCED, Basis.PROMISED, Basis.ASKED):
                is_it = nw.col("basis") == basis.value
                rank = nw.when(is_it).then(whole(RANK[basis])).otherwise(rank)
        if not self.fill:
            return rank
        filled = nw.coalesce(nw.col("_level_basis"), whole(RANK[Basis.ASSUMED]))
        return nw.when(self.unsaid()).then(filled).otherwise(rank)

    def prepared(self, frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
        """The log with ``_promised`` and ``_known``, whether the row's own expectation is so.

        And ``_no_basis``, whether its basis is none. Comparing text is what costs most in a row,
        so it is done once.
        """
        if not self.has("basis"):
            return frame
        flags = {
            "_promised": [Basis.PROMISED],
            "_known": [each for each in Basis if each.known],
            "_is_basis": [*Basis],
        }
        frame = with_flags(frame, "basis", flags)
        return frame.with_columns(_no_basis=~nw.col("_is_basis") & ~nw.col("basis").is_null())

    def promised(self) -> dict[str, nw.Expr]:
        """Whether a row promises, what, and whether that was asked for: of `prepared` rows."""
        pledged, level = nw.lit(False), real(0.0)
        if self.has("basis") and self.has("anticipated"):
            pledged = (nw.col("_promised") & ~self.unsaid()).fill_null(False)
            level = self.level("anticipated")
        # of a rejected row it may be anything, which Spark's floor refuses
        sound = nw.when((level >= 0) & (level <= 1)).then(level)
        offered = nw.lit(True)
        if self.has("state"):
            offered = ~(nw.col("state") == State.NOT_APPLICABLE.value).fill_null(False)
        return {
            "_pledged": pledged,
            "_P": hundredths(sound).fill_null(0.0).cast(nw.Int64()),
            "_offered": offered,
        }

    def bound(self, name: str, sign: int) -> nw.Expr:
        """A bound of the zone of tolerance as a level."""
        tolerance = self.by_scale(lambda scale: real(scale.tolerance), real(TOLERANCE))
        if sign < 0:
            low = self.anticipated() - tolerance
            default = nw.when(low < 0).then(real(0.0)).otherwise(low)
        else:
            high = self.anticipated() + tolerance
            default = nw.when(high > 1).then(real(1.0)).otherwise(high)
        if not self.has(name):
            return default
        given = self.level(name)
        if self.fill:  # the zone makes room for an expectation that nobody stated
            a = self.anticipated()
            beyond = (given > a) if sign < 0 else (given < a)
            given = nw.when(self.unsaid() & beyond).then(a).otherwise(given)
        return nw.when(nw.col(name).is_null()).then(default).otherwise(given)

    def core(self) -> nw.Expr:
        """Whether the reading is of a factor that is core."""
        names = [name for factor in self.policy.core_factors for name in names_of(factor)]
        matches = (nw.col("factor") == name for name in names)
        return reduce(or_, matches, nw.lit(False)).fill_null(False)

    def weight(self, name: str) -> nw.Expr:
        """A weight: as the row says, else as the policy weighs it, else 1."""
        said = [self.number(name)] if self.has(name) else []
        usual = [nw.col(f"_usual_{name}")] if self.weighs and self._is_weighed(name) else []
        return nw.coalesce(*said, *usual, real(1.0)) if said or usual else real(1.0)

    def _is_weighed(self, name: str) -> bool:
        return name == "weight" or self.has("factor")


RANK = {basis: place for place, basis in enumerate(Basis)}
"""The bases as whole numbers, in the order of `Basis`."""

KNOWN_RANKS = sum(1 for basis in Basis if basis.known)
"""How many bases are known, the first of `Basis`."""
