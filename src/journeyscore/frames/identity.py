"""From rows to touchpoints (model, sections 3, 7 and 8).

Dead events are left out, then duplicates, then the readings of a touchpoint are joined and its
recovery is counted. Rows without an id are touchpoints of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import narwhals as nw
from attrs import frozen

from ..expectations import Basis
from ..factors import aliases
from ..policy import Policy
from .engines import divided, kept, shared, table_beside
from .formula import real, share_of, weighted_mean, whole
from .rows import Rows

_NONE = 2**63 - 1
"""The packed content of a row that is not folded: larger than that of any that is."""

KNOWN_RANKS = sum(1 for basis in Basis if basis.known)
"""How many bases are known, the first of `Basis`."""


class Survey(NamedTuple):
    """What `Identity.surveyed` returns.

    Attributes:
        events: what counts, as `Identity.explained` has it.
        rows: every row, with the keys and ``rejected``.
        promised: as `Identity.promised` has it.
    """

    events: nw.LazyFrame[Any]
    rows: nw.LazyFrame[Any]
    promised: nw.LazyFrame[Any]


@frozen
class Identity:
    """Which rows of a log are one touchpoint, and which do not count.

    Attributes:
        rows: how the rows are read.
        keys: the grouping columns, which every touchpoint keeps.
        nameless: whether there may be rows without an id.
    """

    rows: Rows
    keys: Sequence[str]
    nameless: bool

    def touchpoints(self, frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
        """One row a touchpoint: the keys, ``_w, _V, _A, _D, _known`` and ``rejected``.

        What does not count has a null weight, so that its key is there and its rejection counted.
        """
        has = self.rows.has
        ids = [name for name in ("journey", "source", "id") if has(name)]
        if has("recovers", "supersedes", "retracts") or (has("id") and has("factor")):
            return self._in_full(frame)
        if not has("id"):
            return self.rows.measured(frame, _columns(self.keys))
        if set(self.keys) <= set(ids):
            return self._distinct(frame, ids)
        return self._in_full(frame)

    def _distinct(self, frame: nw.LazyFrame[Any], ids: list[str]) -> nw.LazyFrame[Any]:
        """One group_by: the case of logs with ids and nothing more, grouped by journey."""
        measured = _integers(self.rows.measured(frame, _columns(ids), apart=True))
        named = measured.filter(~nw.col("id").is_null()) if self.nameless else measured
        events = (
            named.select(*ids, "rejected", _content=_packed())
            .group_by(*ids)
            .agg(nw.col("_content").min(), nw.col("rejected").sum())
            .with_columns(rejected=nw.col("rejected").cast(nw.Int64()))
        )
        columns = (*self.keys, "_w", "_V", "_A", "_D", "_known", "rejected")
        distinct = _unpacked(events).select(*columns)
        if not self.nameless:
            return _weighed(distinct)
        nameless = measured.filter(nw.col("id").is_null()).with_columns(
            rejected=nw.col("rejected").cast(nw.Int64())
        )
        return _weighed(nw.concat([distinct, nameless.select(*columns)]))

    def _in_full(self, frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
        """Every capability; rows that do not count follow with a null weight."""
        measured = self._measured(frame)
        keys = [f"_key_{name}" for name in self.keys]
        columns = (*keys, "_w", "_V", "_A", "_D", "_known", "rejected")
        events = self._events(measured)
        counted = events.with_columns(_known=nw.col("_basis") < KNOWN_RANKS, rejected=whole(0))
        uncounted = measured.with_columns(_w=nw.lit(None, nw.Int64()))
        every = nw.concat([counted.select(*columns), uncounted.select(*columns)])
        return every.rename({f"_key_{name}": name for name in self.keys})

    def explained(self, frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
        """One row a touchpoint that counts, with what explains it.

        Returns:
            The keys, ``_w, _V, _A, _D, _basis``, the zone of tolerance ``_adequate`` and
            ``_desired``, ``_proactive``, and ``_before``, V without recovery.
        """
        events = self._events(self._measured(frame, explained=True))
        return events.rename({f"_key_{name}": name for name in self.keys})

    def surveyed(self, frame: nw.LazyFrame[Any]) -> Survey:
        """All that a log says, of rows that are measured once, for queries that run now."""
        measured = kept(self._measured(frame, explained=True))
        names = {f"_key_{name}": name for name in self.keys}
        events = kept(self._events(measured).rename(names))
        every = measured.rename(names).select(*self.keys, "rejected")
        return Survey(events, every, self._promised(measured))

    def readings(self, frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
        """One row a reading that counts, those of a touchpoint apart; of recoveries none.

        Returns:
            The keys, and ``_V, _A, _D`` of the reading by itself.
        """
        events = self._distinct_events(self._measured(frame))
        if self.rows.has("recovers"):
            events = events.filter(nw.col("_recovers_id").is_null())
        keys = {name: nw.col(f"_key_{name}") for name in self.keys}
        return events.select(**keys, **_columns(("_V", "_A", "_D")))

    def handled(self, frame: nw.LazyFrame[Any]) -> tuple[nw.LazyFrame[Any], nw.LazyFrame[Any]]:
        """What counts, as `explained` has it, and beside it every row that lives.

        Returns:
            What counts, with ``_best``, the best attempt at its recovery (see `_recovered`), where
            the log has any. And the rows that were not rejected and are not dead, with the keys,
            ``_done``, whether something was delivered, and the references ``_recovers_*`` and
            ``_regards_*``, as far as the log has them; a row that came twice is there twice.
        """
        measured = self._measured(frame, explained=True)
        names = {f"_key_{name}": name for name in self.keys}
        return self._events(measured).rename(names), self._live(measured).rename(names)

    def promised(self, frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
        """One row for every reading that was promised, whether anything was delivered or not.

        Returns:
            The keys, ``_P``, the level promised in hundredths of a point, ``_D``, ``_done`` and
            ``_missed``. Recoveries and what was not asked for are left out.
        """
        return self._promised(self._measured(frame, explained=True))

    def _promised(self, measured: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
        live = self._live(measured)
        if self.rows.has("recovers"):
            live = live.filter(nw.col("_recovers_id").is_null())
        keys = [f"_key_{name}" for name in self.keys]
        if self.rows.has("id"):
            factor = ["_of_factor"] * self.rows.has("factor")
            live = _first_of_contents(live, [*_OVER, *factor], keys)
        names = {f"_key_{name}": name for name in self.keys}
        kept = live.filter(nw.col("_pledged") & nw.col("_offered")).rename(names)
        return kept.select(*self.keys, "_P", "_D", "_done", "_missed")

    def _live(self, measured: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
        """The rows that say something: not rejected, not dead, not only there to retract."""
        has = self.rows.has
        live = measured.filter(nw.col("rejected") == 0)
        for reference in ("supersedes", "retracts"):
            if has("id") and has(reference):
                live = _without_dead(live, measured, reference)
        if has("retracts"):
            nothing = ~nw.col("_done") & (nw.col("_missed") == 0)
            live = live.filter(nw.col("_retracts_id").is_null() | ~nothing)
        return live

    def _measured(self, frame: nw.LazyFrame[Any], *, explained: bool = False) -> nw.LazyFrame[Any]:
        """The rows in whole numbers, with all that tells which event each is, and of which."""
        rows, has = self.rows, self.rows.has
        if has("id") and has("factor"):
            frame = with_canonical_factors(frame)
        keep = {f"_key_{name}": nw.col(name) for name in self.keys}
        keep |= {
            f"_of_{name}": nw.col("_factor" if name == "factor" and has("id") else name)
            for name in ("journey", "source", "id", "factor", "touchpoint")
            if has(name)
        }
        if not has("source"):
            keep["_of_source"] = nw.lit(None, nw.String())
        for reference in ("recovers", "supersedes", "retracts", *(["regards"] * explained)):
            if has(reference):
                keep |= self._reference(reference)
        if explained:
            keep["_done"] = ~nw.col("delivered").is_null()
            keep |= rows.promised()
            given = nw.col("proactive").fill_null(False) if has("proactive") else nw.lit(False)
            keep["_proactive"] = given
        measured = rows.measured(frame, keep, apart=True, full=True, desired=explained)
        measured = measured.with_columns(rejected=nw.col("rejected").cast(nw.Int64()))
        optional = ["_wf"] * has("factor") + ["_desired"] * explained
        measured = _integers(measured, [*_PARTS, "_adequate", *optional])
        return shared(measured.with_columns(nw.col("_w_said").cast(nw.Int64())))

    def _events(self, measured: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
        """What counts: without dead rows and duplicates, readings joined, recoveries counted."""
        events = self._distinct_events(measured)
        if self.rows.has("id") and self.rows.has("factor"):
            events = _joined_readings(events, _OVER)
        events = events.with_columns(_before=nw.col("_V"))
        if self.rows.has("recovers"):
            events = _recovered(shared(events), self.rows.policy, by_id=self.rows.has("id"))
        return events

    def _distinct_events(self, measured: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
        """The rows that count, without dead ones and duplicates."""
        has = self.rows.has
        keys = [f"_key_{name}" for name in self.keys]
        events = measured.filter(nw.col("_w") > 0)
        if has("id"):
            for reference in ("supersedes", "retracts"):
                if has(reference):
                    events = _without_dead(events, measured, reference)
            events = _first_of_contents(events, [*_OVER, *(["_of_factor"] * has("factor"))], keys)
        return events

    def _reference(self, name: str) -> dict[str, nw.Expr]:
        """The source and id that a reference names; without a source, the row's own."""
        if isinstance(self.rows.schema[name], nw.Struct):
            field = nw.col(name).struct.field
            return {f"_{name}_source": field("source"), f"_{name}_id": field("id")}
        source = nw.col("source") if self.rows.has("source") else nw.lit(None, nw.String())
        return {f"_{name}_source": source, f"_{name}_id": nw.col(name).cast(nw.String())}


_OVER = ["_of_journey", "_of_source", "_of_id"]
"""What identifies an event."""


def _weighed(touchpoints: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    return touchpoints.with_columns(_w=nw.when(nw.col("_w") > 0).then(nw.col("_w")))


def _columns(names: Sequence[str]) -> dict[str, nw.Expr]:
    return {name: nw.col(name) for name in names}


# -- several contents under one id ---------------------------------------------------------------

_BASES = (10001, 100001, len(Basis), 10001)


_PARTS = ("_w", "_V", "_A", "_D")


def _integers(rows: nw.LazyFrame[Any], names: Sequence[str] = _PARTS) -> nw.LazyFrame[Any]:
    """The rows with whole numbers as integers; 0 in rows that do not count."""
    return rows.with_columns(nw.col(name).cast(nw.Int64()).fill_null(0) for name in names)


def _packed() -> nw.Expr:
    """What a row folds to as one integer, whose order is that of contents: D, A, w, basis, V."""
    packed = nw.col("_D")
    for name, base in zip(("_A", "_w", "_basis", "_V"), _BASES, strict=True):
        packed = packed * base + nw.col(name)
    return nw.when(nw.col("_w") > 0).then(packed).otherwise(whole(_NONE))


def _unpacked(events: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """The parts of ``_content`` as columns of their own; all zero where nothing is folded."""
    counts = nw.col("_content") < _NONE
    rest = events.with_columns(
        _content=nw.when(counts).then(nw.col("_content")).otherwise(whole(0))
    )
    for name, base in zip(("_V", "_basis", "_w", "_A"), reversed(_BASES), strict=True):
        rest = divided(rest, "_content", base, name)
    return rest.rename({"_content": "_D"}).with_columns(_known=nw.col("_basis") < KNOWN_RANKS)


def _first_of_contents(
    events: nw.LazyFrame[Any], over: list[str], keys: Sequence[str]
) -> nw.LazyFrame[Any]:
    """One row of each id: the smallest content, and of equal contents the smallest keys."""
    columns = events.collect_schema().names()
    counted = shared(events.with_columns(_content=_packed(), _n=nw.len().over(*over)))
    alone = counted.filter((nw.col("_n") == 1) | nw.col("_of_id").is_null())
    several = counted.filter((nw.col("_n") > 1) & ~nw.col("_of_id").is_null())
    rest = [name for name in ("_wf", "_adequate", "_recovers_id", "_w_said") if name in columns]
    last = [name for name in ("_desired", "_proactive") if name in columns]
    for name in ("_content", *rest, *keys, *last):
        smallest = nw.col(name).min().over(*over)
        several = several.filter((nw.col(name) == smallest) | smallest.is_null())
    # what is left of an id agrees in everything that counts
    others = [name for name in columns if name not in over]
    firsts = several.group_by(*over).agg(*(nw.col(name).min() for name in others))
    return nw.concat([alone.select(*columns), firsts.select(*columns)])


# -- dead events ---------------------------------------------------------------------------------


def joinable(column: nw.Expr) -> nw.Expr:
    """A key as text that joins null to null, and nothing else to it."""
    text = nw.concat_str([nw.lit("="), column.cast(nw.String())])
    return nw.when(column.is_null()).then(nw.lit("")).otherwise(text)


def _by_key(journey: str, source: str, id: str) -> dict[str, nw.Expr]:
    return {
        "_j": joinable(nw.col(journey)),
        "_s": joinable(nw.col(source)),
        "_i": nw.col(id).cast(nw.String()),
    }


def _without_dead(
    events: nw.LazyFrame[Any], measured: nw.LazyFrame[Any], reference: str
) -> nw.LazyFrame[Any]:
    """The events that no row of their journey names in this column; rejected rows name nothing."""
    named = (
        measured.filter(~nw.col(f"_{reference}_id").is_null() & (nw.col("rejected") == 0))
        .select(**_by_key("_of_journey", f"_{reference}_source", f"_{reference}_id"))
        .unique(["_j", "_s", "_i"])
    )
    own = events.with_columns(**_by_key("_of_journey", "_of_source", "_of_id"))
    return own.join(named, on=["_j", "_s", "_i"], how="anti").drop("_j", "_s", "_i")


# -- several readings of one touchpoint ----------------------------------------------------------


def with_canonical_factors(frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """The log with ``_factor``: courtesy under every name it has, so that it counts once."""
    names = aliases()
    table = table_beside(frame, {"factor": list(names), "_canonical": list(names.values())})
    joined = frame.join(table, on="factor", how="left")
    return joined.with_columns(_factor=nw.coalesce(nw.col("_canonical"), nw.col("factor")))


def _joined_readings(events: nw.LazyFrame[Any], over: list[str]) -> nw.LazyFrame[Any]:
    """Touchpoints out of their readings: weighted means, competence first.

    What their readings say of the touchpoint as a whole should agree; where it does not, the
    smallest counts.
    """
    columns = events.collect_schema().names()
    wf, v, d = nw.col("_wf"), nw.col("_V"), nw.col("_D")
    unsurprised = nw.when(~nw.col("_core") & (v > d)).then(d).otherwise(v)
    lacking = (nw.col("_core") & (d < nw.col("_adequate"))).cast(nw.Int64())
    means = {"_V": v, "_U": unsurprised, "_A": nw.col("_A"), "_D": d}
    means |= {name: nw.col(name) for name in ("_adequate", "_desired") if name in columns}
    summed = events.filter(~nw.col("_of_id").is_null()).with_columns(
        _lacking=lacking, **{f"_sum{name}": wf * each for name, each in means.items()}
    )
    aggregated = [*over, *means, "_wf", "_basis", "_core", "_of_factor"]
    grouped = summed.group_by(*over).agg(
        nw.col("_wf").sum(),
        nw.col("_lacking").max(),
        nw.col("_basis").max(),
        *(nw.col(f"_sum{name}").sum() for name in means),
        *(nw.col(name).min() for name in columns if name not in aggregated),
    )
    joined = grouped.with_columns(
        **{name: weighted_mean(nw.col(f"_sum{name}"), nw.col("_wf")) for name in means}
    ).with_columns(
        _V=nw.when(nw.col("_lacking") > 0).then(nw.col("_U")).otherwise(nw.col("_V")),
        _w=nw.coalesce(nw.col("_w_said"), nw.col("_w")),
    )
    kept = [name for name in columns if name not in ("_wf", "_core", "_of_factor")]
    nameless = events.filter(nw.col("_of_id").is_null())
    return nw.concat([joined.select(*kept), nameless.select(*kept)])


# -- recoveries ----------------------------------------------------------------------------------


def _recovered(events: nw.LazyFrame[Any], policy: Policy, *, by_id: bool) -> nw.LazyFrame[Any]:
    """Touchpoints after the best of their recoveries, and without the recoveries themselves.

    An attempt is one integer, ``succeeded * 10001 + D``, whose maximum is the best.
    """
    is_attempt = ~nw.col("_recovers_id").is_null()
    enough = (nw.col("_D") >= nw.col("_adequate")).cast(nw.Int64())
    attempts = events.filter(is_attempt).with_columns(_attempt=enough * 10001 + nw.col("_D"))
    failures = events.filter(~is_attempt)
    missed = nw.when(nw.col("_missed") > 0).then(nw.col("_of_touchpoint").cast(nw.String()))
    by_name = (
        attempts.select("_attempt", _j=joinable(nw.col("_of_journey")), _i=nw.col("_recovers_id"))
        .group_by("_j", "_i")
        .agg(_by_name=nw.col("_attempt").max())
    )
    failures = failures.with_columns(_j=joinable(nw.col("_of_journey")), _i=missed)
    failures = failures.join(by_name, on=["_j", "_i"], how="left").drop("_j", "_i")
    best = nw.col("_by_name").fill_null(-1)
    if by_id:
        keyed = (
            attempts.select(
                "_attempt", **_by_key("_of_journey", "_recovers_source", "_recovers_id")
            )
            .group_by("_j", "_s", "_i")
            .agg(_by_id=nw.col("_attempt").max())
        )
        failures = failures.with_columns(**_by_key("_of_journey", "_of_source", "_of_id"))
        failures = failures.join(keyed, on=["_j", "_s", "_i"], how="left").drop("_j", "_s", "_i")
        other = nw.col("_by_id").fill_null(-1)
        best = nw.when(other > best).then(other).otherwise(best)
    tried = failures.with_columns(_best=best)
    v, a, credit = nw.col("_V"), nw.col("_A"), real(policy.recovery_credit)
    succeeded = nw.col("_best") >= 10001
    d = nw.when(succeeded).then(nw.col("_best") - 10001).otherwise(nw.col("_best"))
    r = share_of(d.cast(nw.Float64()))
    shortfall = nw.when(a > v).then(a - v).otherwise(whole(0))
    gained = (credit * r * shortfall + real(0.5)).floor().cast(nw.Int64())
    lost = (credit * (real(1.0) - r) * v + real(0.5)).floor().cast(nw.Int64())
    value = nw.when(succeeded).then(v + gained).otherwise(v - lost)
    return tried.with_columns(_V=nw.when(nw.col("_best") < 0).then(v).otherwise(value))
