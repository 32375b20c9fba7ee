"""From rows to touchpoints (model, sections 3, 7 and 8).

Dead events are left out, then duplicates, then the readings of a touchpoint are joined and its
recovery is counted. Rows without an id are touchpoints of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import narwhals as nw
from attrs import frozen

from .contents import PARTS, first_of_contents, integers, packed, unpacked
from .engines import kept, shared
from .formula import whole
from .joining import joined_readings, recovered, with_canonical_factors
from .measuring import in_whole_numbers
from .references import without_dead
from .rows import KNOWN_RANKS, Rows


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
            return in_whole_numbers(self.rows, frame, _columns(self.keys))
        if set(self.keys) <= set(ids):
            return self._distinct(frame, ids)
        return self._in_full(frame)

    def _distinct(self, frame: nw.LazyFrame[Any], ids: list[str]) -> nw.LazyFrame[Any]:
        """One group_by: the case of logs with ids and nothing more, grouped by journey."""
        measured = integers(in_whole_numbers(self.rows, frame, _columns(ids), apart=True))
        named = measured.filter(~nw.col("id").is_null()) if self.nameless else measured
        events = (
            named.select(*ids, "rejected", _content=packed())
            .group_by(*ids)
            .agg(nw.col("_content").min(), nw.col("rejected").sum())
            .with_columns(rejected=nw.col("rejected").cast(nw.Int64()))
        )
        columns = (*self.keys, "_w", "_V", "_A", "_D", "_known", "rejected")
        distinct = unpacked(events).select(*columns)
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
            What counts, with ``_best``, the best attempt at its recovery (see `recovered`), where
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
            live = first_of_contents(live, [*_OVER, *factor], keys)
        names = {f"_key_{name}": name for name in self.keys}
        pledged = live.filter(nw.col("_pledged") & nw.col("_offered")).rename(names)
        return pledged.select(*self.keys, "_P", "_D", "_done", "_missed")

    def _live(self, measured: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
        """The rows that say something: not rejected, not dead, not only there to retract."""
        has = self.rows.has
        live = measured.filter(nw.col("rejected") == 0)
        for reference in ("supersedes", "retracts"):
            if has("id") and has(reference):
                live = without_dead(live, measured, reference)
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
        measured = in_whole_numbers(rows, frame, keep, apart=True, full=True, desired=explained)
        measured = measured.with_columns(rejected=nw.col("rejected").cast(nw.Int64()))
        optional = ["_wf"] * has("factor") + ["_desired"] * explained
        measured = integers(measured, [*PARTS, "_adequate", *optional])
        return shared(measured.with_columns(nw.col("_w_said").cast(nw.Int64())))

    def _events(self, measured: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
        """What counts: without dead rows and duplicates, readings joined, recoveries counted."""
        events = self._distinct_events(measured)
        if self.rows.has("id") and self.rows.has("factor"):
            events = joined_readings(events, _OVER)
        events = events.with_columns(_before=nw.col("_V"))
        if self.rows.has("recovers"):
            events = recovered(shared(events), self.rows.policy, by_id=self.rows.has("id"))
        return events

    def _distinct_events(self, measured: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
        """The rows that count, without dead ones and duplicates."""
        has = self.rows.has
        keys = [f"_key_{name}" for name in self.keys]
        events = measured.filter(nw.col("_w") > 0)
        if has("id"):
            for reference in ("supersedes", "retracts"):
                if has(reference):
                    events = without_dead(events, measured, reference)
            events = first_of_contents(events, [*_OVER, *(["_of_factor"] * has("factor"))], keys)
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
