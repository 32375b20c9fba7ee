"""AsyncJournal: the same journal for asynchronous hosts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, ParamSpec, TypeVar

from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

from ..errors import JourneyScoreError
from ..journey import Journey
from ..policy import Policy
from ..scorecard import Scorecard
from ..tally import Tally
from ..telemetry.origin import Origin
from ..touchpoints import Touchpoint
from . import appending, checking, engines, folding, forgetting, journeys, ledgers, scores
from .checking import Progress, Verification
from .forgetting import Forgotten
from .journal import Database, Work, begun
from .journeys import Known
from .ledgers import Ledger
from .outcomes import Appended
from .scores import RecordedScore
from .telling import tell

if TYPE_CHECKING:
    import polars as pl

T = TypeVar("T")
P = ParamSpec("P")


class AsyncJournal:
    """A `Journal` whose methods are coroutines; what they do is the same, line by line.

    The database is opened on first use, or by ``async with``.

    >>> from tempfile import mkdtemp
    >>> async def check_in():
    ...     async with AsyncJournal(f"{mkdtemp()}/stays.db") as journal:
    ...         valet = Touchpoint("hotel.valet", anticipated=0.6, delivered=0.9, id="v1")
    ...         return await journal.append("stay-1042", valet)
    >>> asyncio.run(check_in()).outcome.value
    'appended'
    """

    def __init__(
        self,
        database: Database,
        *,
        tenant: str = "default",
        policy: Policy | None = None,
        adopt: bool = False,
        durable: bool = True,
        now: Callable[[], datetime] = ledgers.system_time,
        progress: Progress | None = None,
    ) -> None:
        url = engines.url_of(database, asynchronous=True)
        self._engine: AsyncEngine = engines.async_engine_of(url, durable=durable)
        self._reader: AsyncEngine = engines.reading(self._engine)
        self._begin = lambda it: begun(it, tenant, policy, now, adopt, progress)
        self._begun: Ledger | None = None
        self._beginning = asyncio.Lock()

    async def __aenter__(self) -> AsyncJournal:
        await self._ledger()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.dispose()

    async def dispose(self) -> None:
        """See `Journal.dispose`."""
        await self._engine.dispose()

    async def policy(self) -> Policy:
        """See `Journal.policy`."""
        return (await self._ledger()).policy

    # -- events ----------------------------------------------------------------------------------

    async def append(self, journey: str, touchpoint: Touchpoint) -> Appended:
        """See `Journal.append`."""
        return (await self._write(appending.append, [(journey, touchpoint)]))[0]

    async def append_all(self, events: Iterable[tuple[str, Touchpoint]]) -> list[Appended]:
        """See `Journal.append_all`."""
        return await self._write(appending.append, list(events))

    async def retract(self, journey: str, id: str, source: str | None = None) -> Appended:
        """See `Journal.retract`."""
        return await self._write(appending.retract, journey, id, source)

    # -- journeys --------------------------------------------------------------------------------

    async def open(
        self, journey: Journey | str, *, guests: Iterable[str] = (), origin: Origin | None = None
    ) -> Known:
        """See `Journal.open`."""
        given = journey if isinstance(journey, Journey) else Journey(journey)
        return await self._write(journeys.open_journey, given, list(guests), origin)

    async def close(self, journey: str) -> Scorecard:
        """See `Journal.close`."""
        card, origin = await self._write(journeys.close, journey)
        tell(card, origin)
        return card

    async def abandon(self, idle: timedelta) -> list[str]:
        """See `Journal.abandon`."""
        ended = await self._write(journeys.abandon, idle)
        for card, origin in ended:
            tell(card, origin)
        return [card.journey.id for card, _ in ended]

    async def known(self, journey: str) -> Known:
        """See `Journal.known`."""
        return await self._read(journeys.known, journey)

    async def journey(self, journey: str) -> Journey:
        """See `Journal.journey`."""
        return await self._read(folding.journey_of, journey)

    # -- what they come to -----------------------------------------------------------------------

    async def tally(self, journey: str) -> Tally:
        """See `Journal.tally`."""
        return (await self._read(journeys.known, journey)).tally

    async def tallies(self, by: Literal["site", "type"] | None = None) -> dict[str | None, Tally]:
        """See `Journal.tallies`."""
        return await self._read(journeys.tallies, by)

    async def score(
        self, journey: str, *, policy: Policy | None = None, market: Any = None,
        now: datetime | None = None,
    ) -> Scorecard:  # fmt: skip
        """See `Journal.score`."""
        card, origin = await self._read(journeys.scored, journey, policy, market, now)
        tell(card, origin)
        return card

    async def record(self, journey: str, *, policy: Policy | None = None) -> RecordedScore:
        """See `Journal.record`."""
        return await self._write(scores.record, journey, policy)

    async def scores(self, journey: str) -> list[RecordedScore]:
        """See `Journal.scores`."""
        return await self._read(scores.recorded, journey)

    async def rescore(self, policy: Policy, *, progress: Progress | None = None) -> int:
        """See `Journal.rescore`."""
        count, after = 0, ""
        while ids := await self._read(scores.with_scores, after, checking.PAGE):
            count += await self._write(scores.rescored, ids, policy)
            after = ids[-1]
            if progress is not None:
                progress(count)
        return count

    # -- customers -------------------------------------------------------------------------------

    async def merge(self, customer: str, of: str) -> None:
        """See `Journal.merge`."""
        await self._write(forgetting.merge, customer, of)

    async def separate(self, customer: str) -> bool:
        """See `Journal.separate`."""
        return await self._write(forgetting.separate, customer)

    async def journeys_of(self, customer: str) -> list[str]:
        """See `Journal.journeys_of`."""
        return await self._read(forgetting.all_journeys_of, customer)

    async def export(self, customer: str) -> dict[str, Any]:
        """See `Journal.export`."""
        return await self._read(forgetting.export, customer)

    async def forget(self, customer: str, *, keep_sums: bool = True) -> Forgotten:
        """See `Journal.forget`."""
        told = await self._write(forgetting.forget, customer, keep_sums=keep_sums)
        await self._attempted(engines.outside(self._engine), engines.emptied)
        return told

    async def retain(self, since: datetime, *, keep_sums: bool = True) -> Forgotten:
        """See `Journal.retain`."""
        told = await self._write(forgetting.retain, since, keep_sums=keep_sums)
        await self._attempted(engines.outside(self._engine), engines.emptied)
        return told

    # -- all of it -------------------------------------------------------------------------------

    async def verify(self, *, progress: Progress | None = None) -> Verification:
        """See `Journal.verify`."""
        return await self._read(checking.verify, progress)

    async def count(self) -> int:
        """See `Journal.count`."""
        return await self._read(checking.counted)

    async def frame(self) -> pl.DataFrame:
        """See `Journal.frame`."""
        from .frame import frame

        return await self._read(frame)

    # -- transactions ----------------------------------------------------------------------------

    async def _ledger(self) -> Ledger:
        async with self._beginning:
            if self._begun is None:
                self._begun = await self._attempted(self._engine, self._begin)
            return self._begun

    async def _write(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        ledger = await self._ledger()
        return await self._attempted(self._engine, lambda it: work(it, ledger, *args, **kwargs))

    async def _read(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        ledger = await self._ledger()
        return await self._attempted(self._reader, lambda it: work(it, ledger, *args, **kwargs))

    async def _attempted(self, engine: AsyncEngine, work: Callable[[Connection], T]) -> T:
        """See `Journal._attempted`."""
        pauses = engines.pauses()
        while True:
            try:
                async with engine.begin() as connection:
                    return await connection.run_sync(work)
            except engines.failures(engine) as error:
                if isinstance(error, JourneyScoreError):  # some of which are of these kinds too
                    raise
                pause = next(pauses, None) if engines.passes(error) else None
                if pause is None:
                    raise engines.unavailable(error) from None
                if engines.is_gone(error):
                    await engine.dispose()
            await asyncio.sleep(pause)
