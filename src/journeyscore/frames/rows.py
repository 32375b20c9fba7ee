"""From the columns of a log to whole numbers per row: levels, what is missing, what is refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from operator import or_
from typing import Any

import narwhals as nw
from attrs import frozen

from ..expectations import Basis, Unreasonable
from ..factors import names_of
from ..handling import Act, NoticedBy, Obstacle
from ..policy import Policy
from ..readings import GAP_SCALE, GAP_SCALES, HEAVIEST, LIGHTEST, TOLERANCE
from ..scales import Scale
from ..touchpoints import State
from .columns import REFERENCES, TIMES
from .engines import countable, floor_refuses, with_flags
from .formula import hundredths, real, value, weight_units, whole, with_gap

_BIGGEST = 1.7976931348623157e308


@frozen
class Rule:
    """What makes a row be rejected.

    Attributes:
        field: the column at fault.
        broken: true where the rule is broken; null, for a field that is null, counts as false.
        reason: what would be right, after "... is not".
    """

    field: str
    broken: nw.Expr
    reason: str


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

    def _by_scale(self, of: Callable[[Scale], nw.Expr], default: nw.Expr) -> nw.Expr:
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

        return self._by_scale(of, raw) if self.scales else raw

    def _outside(self, name: str) -> nw.Expr:
        """Whether a raw measure is not a number of its scale; false for null."""
        raw = self.number(name)

        def of(scale: Scale) -> nw.Expr:
            if scale.yes_no:
                return ~((raw == 0) | (raw == 1))
            if scale.closed:
                return ~((raw >= scale.low) & (raw <= scale.high))
            return ~((raw >= -_BIGGEST) & (raw <= _BIGGEST))

        outside = ~((raw >= 0.0) & (raw <= 1.0))
        if self.scales:
            outside = self._by_scale(of, outside)
        return outside

    def _per_gap(self) -> nw.Expr:
        """The reciprocal of the gap scale of each row."""
        default = self._by_scale(lambda scale: real(1 / scale.gap_scale), real(1 / GAP_SCALE))
        if not self.has("gap_scale"):
            return default
        gap_scale = self.number("gap_scale")
        positive = nw.when(gap_scale > 0).then(gap_scale)  # Spark refuses a division by zero
        return nw.when(gap_scale.is_null()).then(default).otherwise(real(1.0) / positive)

    # -- what the rows say ---------------------------------------------------------------------

    @property
    def _missed(self) -> nw.Expr:
        return (nw.col("state") == State.MISSED.value).fill_null(False)

    def delivered(self) -> nw.Expr:
        """The level delivered; the worst where the touchpoint was missed."""
        level = self.level("delivered")
        if not self.has("state"):
            return level
        return nw.when(self._missed).then(real(0.0)).otherwise(level)

    def unsaid(self) -> nw.Expr:
        """Whether the row says no expectation that can be used: none, or an unreasonable one."""
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
        tolerance = self._by_scale(lambda scale: real(scale.tolerance), real(TOLERANCE))
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

    def rules(self) -> list[Rule]:
        """Everything for which a row is rejected, in the order in which it is reported."""
        rules = [
            Rule(name, self._outside(name), self._range(name))
            for name in ("delivered", "anticipated", "adequate", "desired")
            if self.has(name)
        ]
        for name, (low, high) in {
            "weight": (LIGHTEST, HEAVIEST),
            "factor_weight": (LIGHTEST, HEAVIEST),
            "gap_scale": GAP_SCALES,
        }.items():
            if self.has(name):
                x = self.number(name)
                rules.append(Rule(name, ~((x >= low) & (x <= high)), f"from {low:g} to {high:g}"))
        if self.has("basis"):
            rules.append(Rule("basis", nw.col("_no_basis"), f"one of {', '.join(Basis)}"))
        if self.has("state"):
            known = reduce(or_, (nw.col("state") == state.value for state in State))
            rules.append(Rule("state", ~known, f"one of {', '.join(State)}"))
            rules += self._state_rules()
        if self.has("adequate", "desired"):
            rules.append(self._zone_rule())
        for name, choices in CLOSED.items():
            if self.has(name):
                known = reduce(or_, (nw.col(name) == each for each in choices))
                rules.append(Rule(name, ~known, f"one of {', '.join(choices)}"))
        if self.has("worth"):
            x = self.number("worth")
            rules.append(Rule("worth", ~((x >= -_BIGGEST) & (x <= _BIGGEST)), "a number"))
        for name in ("id", "source", *CODES, *REFERENCES):
            if self.has(name) and isinstance(self.schema[name], nw.String):
                rules.append(Rule(name, nw.col(name) == "", "a name, or null"))
        for name in ("recovers", "supersedes", "regards"):
            if self.has(name) and self.has("id") and self.schema[name] == self.schema["id"]:
                rules.append(Rule(name, nw.col(name) == nw.col("id"), "another event"))
        for name in TIMES:
            if self.has(unreadable := f"_unreadable_{name}"):
                reason = "a moment: an ISO time (2026-05-01 14:30) with its offset, or timezone="
                rules.append(Rule(name, nw.col(unreadable), reason))
        return rules

    def _range(self, name: str) -> str:
        if not self.scales:
            return "a level from 0 to 1"
        return "within its scale; without a scale a level from 0 to 1"

    def _state_rules(self) -> list[Rule]:
        state, delivered = nw.col("state"), nw.col("delivered")
        absent = (state == State.NOT_APPLICABLE.value) | (state == State.NOT_YET.value)
        nothing = (state == State.DELIVERED.value) & delivered.is_null()
        if self.has("retracts"):
            nothing = nothing & self._is_null("retracts")
        something = self._missed & ~delivered.is_null() & (self.level("delivered") != 0)
        return [
            Rule("delivered", nothing, "given, though the state is delivered"),
            Rule("delivered", absent & ~delivered.is_null(), "null, though nothing was delivered"),
            Rule("delivered", something, "null or the worst level, though it was missed"),
        ]

    def _is_null(self, name: str) -> nw.Expr:
        dtype = self.schema[name]
        if isinstance(dtype, nw.Struct):
            return nw.col(name).struct.field("id").is_null()
        return nw.col(name).is_null()

    def _zone_rule(self) -> Rule:
        def rounded(level: nw.Expr) -> nw.Expr:
            # far out of its range a level breaks another rule, and Spark's floor refuses it
            near = nw.when((level >= -1) & (level <= 2)).then(level)
            return hundredths(near)

        anticipated = rounded(self.anticipated())
        wrong = []
        for name, sign in (("adequate", -1), ("desired", 1)):
            if self.has(name):
                bound = rounded(self.level(name))
                beyond = (bound > anticipated) if sign < 0 else (bound < anticipated)
                wrong.append(beyond & ~self.unsaid() & ~nw.col(name).is_null())
        if self.has("adequate") and self.has("desired"):
            crossed = rounded(self.level("adequate")) > rounded(self.level("desired"))
            wrong.append(crossed & ~nw.col("adequate").is_null() & ~nw.col("desired").is_null())
        return Rule(
            "adequate" if self.has("adequate") else "desired",
            reduce(or_, wrong),
            "in order: adequate <= anticipated <= desired",
        )

    # -- whole numbers -------------------------------------------------------------------------

    def measured(
        self,
        frame: nw.LazyFrame[Any],
        keep: Mapping[str, nw.Expr],
        *,
        apart: bool = False,
        full: bool = False,
        desired: bool = False,
    ) -> nw.LazyFrame[Any]:
        """The rows in whole numbers; of a row that does not count ``_w`` is null.

        Those are the rows that were rejected, those that did not take place, and those of no
        weight.

        Args:
            frame: the log, with `_level` and `_level_basis` where `fill` is on.
            keep: what else each row keeps, by name.
            apart: whether rows will be told apart by what they hold: then there is ``_basis``,
                and of rows that do not count all numbers are null, which otherwise may be anything.
            full: whether what joins readings and recoveries is wanted as well: ``_adequate``,
                the lower end of the zone of tolerance, ``_missed``, ``_wf`` and ``_core``.
            desired: whether ``_desired``, the upper end of that zone, is wanted.

        Returns:
            The columns kept, ``_w, _V, _A, _D`` (whole numbers in Float64), ``_known`` and
            ``rejected``.
        """
        broken = reduce(or_, (rule.broken for rule in self.rules()))
        took_place = ~nw.col("delivered").is_null()
        if self.has("state"):
            took_place = took_place | self._missed
        promised, known = nw.lit(False), nw.lit(False)
        if self.has("basis"):
            promised, known = nw.col("_promised"), nw.col("_known")
            if self.fill:  # a basis without an expectation says nothing
                said = ~self.unsaid()
                promised, known = promised & said, known & said
        if self.fill:
            met = nw.col("_level_basis") == RANK[Basis.EXPERIENCED]
            known = known | (self.unsaid() & met.fill_null(False))
        extra: dict[str, nw.Expr] = {}
        if self.weighs_factors:
            extra["_factor_weight"] = self._weight("factor_weight")
        if full and self.has("weight"):
            extra["_said"] = ~nw.col("weight").is_null()
        varying_gap = self.has("gap_scale") or bool(self.scales)
        if varying_gap:
            extra["_per_gap"] = self._per_gap()
        if apart:
            extra["_basis"] = self.basis()
        if full:
            extra["_low"] = self.bound("adequate", -1)
            extra["_missed"] = self._missed if self.has("state") else nw.lit(False)
            extra["_core"] = self._core() if self.has("factor") else nw.lit(False)
        if desired:
            extra["_high"] = self.bound("desired", 1)
        levels = self.prepared(frame).select(
            **keep,
            _d=self.delivered(),
            _a=self.anticipated(),
            _weight=self._weight("weight"),
            _promised=promised,
            _known=known,
            _broken=broken.fill_null(False),
            _there=took_place,
            **extra,
        )
        counts = nw.col("_there") & ~nw.col("_broken")
        weights = ["_weight", *(["_factor_weight"] if self.weighs_factors else [])]
        numbers: list[str] = []
        if apart or floor_refuses(frame):
            numbers = ["_d", "_a", *(name for name in ("_low", "_high") if name in extra)]
        sound = levels.with_columns(
            *(nw.when(counts).then(nw.col(name)).alias(name) for name in numbers),
            *(
                nw.when(counts & (nw.col(name) > 0)).then(nw.col(name)).alias(name)
                for name in weights
            ),
        )
        per_gap = nw.col("_per_gap") if varying_gap else real(1 / GAP_SCALE)
        gapped = with_gap(sound, per_gap)
        is_promised = nw.col("_promised") if self.has("basis") else None
        weight = weight_units(nw.col("_weight"))
        more: dict[str, nw.Expr] = {}
        if self.weighs_factors:
            more["_wf"] = weight_units(nw.col("_factor_weight"))
            weight = nw.when(~nw.col("_factor_weight").is_null()).then(weight)
        elif full and self.has("factor"):
            more["_wf"] = real(100.0)
        if apart:
            more["_basis"] = nw.col("_basis")
        if full:
            more["_adequate"] = hundredths(nw.col("_low"))
            more["_missed"] = nw.col("_missed").cast(nw.Int64())
            more["_core"] = nw.col("_core")
            more["_w_said"] = weight
            if self.has("weight"):
                more["_w_said"] = nw.when(nw.col("_said")).then(weight)
        if desired:
            more["_desired"] = hundredths(nw.col("_high"))
        return gapped.select(
            *keep,
            _w=weight,
            _V=hundredths(value(nw.col("_d"), nw.col("_gap"), is_promised, self.policy)),
            _A=hundredths(nw.col("_a")),
            _D=hundredths(nw.col("_d")),
            _known=nw.col("_known"),
            rejected=countable(nw.col("_broken"), frame),
            **more,
        )

    def _core(self) -> nw.Expr:
        names = [name for factor in self.policy.core_factors for name in names_of(factor)]
        matches = (nw.col("factor") == name for name in names)
        return reduce(or_, matches, nw.lit(False)).fill_null(False)

    def _weight(self, name: str) -> nw.Expr:
        """A weight: as the row says, else as the policy weighs it, else 1."""
        said = [self.number(name)] if self.has(name) else []
        usual = [nw.col(f"_usual_{name}")] if self.weighs and self._is_weighed(name) else []
        return nw.coalesce(*said, *usual, real(1.0)) if said or usual else real(1.0)

    def _is_weighed(self, name: str) -> bool:
        return name == "weight" or self.has("factor")


CLOSED: dict[str, tuple[str, ...]] = {
    "unreasonable": tuple(Unreasonable),
    "obstacle": tuple(Obstacle),
    "act": tuple(Act),
    "noticed_by": tuple(NoticedBy),
}
"""Columns of a closed list, with its members."""

CODES = ("need", "meets", "cause", "owner", "segment")
"""Columns of opaque codes."""

RANK = {basis: place for place, basis in enumerate(Basis)}
"""The bases as whole numbers, in the order of `Basis`."""
