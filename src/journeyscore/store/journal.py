"""Journal: journeys that survive processes, crashes and late events, in SQLite or PostgreSQL."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from os import PathLike
from types import TracebackType
from typing import TYPE_CHECKING, Any, Concatenate, Literal, ParamSpec, TypeAlias, TypeVar

from sqlalchemy import URL, Connection, Engine

from ..errors import JourneyScoreError, OtherPolicy
from ..journey import Journey
from ..policy import Policy
from ..scorecard import Scorecard
from ..tally import Tally
from ..telemetry.origin import Origin
from ..touchpoints import Touchpoint
from . import appending, checking, engines, folding, forgetting, journeys, ledgers, scores
from .checking import Progress, Verification
from .forgetting import Forgotten
from .journeys import Known
from .ledgers import Ledger
from .outcomes import Appended
from .scores import RecordedScore
from .telling import tell

if TYPE_CHECKING:
    import polars as pl

T = TypeVar("T")
P = ParamSpec("P")
Work = Callable[Concatenate[Connection, Ledger, P], T]
"""What is done in one transaction: everything in this package is written so, once."""

Database: TypeAlias = str | PathLike[str] | URL


class Journal:
    """An append-only journal of journeys, and the sums each of them comes to.

    An append is one transaction: the event, and ``SET value = value + ...`` of its journey. No
    lock is held between calls, and any number of processes may append at once, in any order.

    Args:
        database: the path of a file, for SQLite; or a URL: ``postgresql://user@host/name``.
        tenant: whose journeys; a journal sees and touches those of no other.
        policy: under which the sums are folded. A new journal takes it, or the default; an
            existing one keeps its own, and refuses another.
        adopt: fold the sums of an existing journal anew, where they are folded under another
            policy than the one given. Recorded scores stay as they are.
        durable: of SQLite, whether a commit waits for the disk. Without, a power cut may lose the
            last commits; a killed process never does.
        now: tells the time.
        progress: told of the events that were folded anew, of those that `adopt` asks for.

    Raises:
        OtherPolicy: the sums are folded under another policy.
        JournalUnavailable: the database cannot be reached, is locked, or is full.
        JournalError: a newer library made it.

    Whoever has a journal closes it, or uses it in a ``with`` statement. It is safe under threads.

    >>> from tempfile import mkdtemp
    >>> journal = Journal(f"{mkdtemp()}/stays.db")
    >>> valet = Touchpoint("hotel.valet", anticipated=0.6, delivered=0.9, id="v1")
    >>> journal.append("stay-1042", valet).outcome.value
    'appended'
    >>> journal.append("stay-1042", valet).outcome.value  # the feed sends it again
    'duplicate'
    >>> journal.close("stay-1042").impression
    91.04
    >>> journal.dispose()
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
        url = engines.url_of(database, asynchronous=False)
        self._engine: Engine = engines.engine_of(url, durable=durable)
        self._reader: Engine = engines.reading(self._engine)
        try:
            self._ledger = self._attempted(
                self._engine, lambda it: begun(it, tenant, policy, now, adopt, progress)
            )
        except BaseException:
            self.dispose()
            raise

    @property
    def policy(self) -> Policy:
        """The policy under which the sums are folded."""
        return self._ledger.policy

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.dispose()

    @property
    def path(self) -> str:
        """The database, as it may be given to another `Journal`, without its password."""
        url = self._engine.url
        return str(url.database) if url.get_backend_name() == "sqlite" else str(url)

    def dispose(self) -> None:
        """Close the connections to the database."""
        self._engine.dispose()

    # -- events ----------------------------------------------------------------------------------

    def append(self, journey: str, touchpoint: Touchpoint) -> Appended:
        """Append an event to a journey, which is opened if it is new; what became of it.

        An event that has an id counts once, however often it is sent; one without is given an id,
        and counts each time. Late events, also of journeys that have ended, are taken like others.

        Raises:
            InvalidValue: an id that no database can keep, of more than 400 bytes, say.
            JournalUnavailable: it was not written.
        """
        return self._write(appending.append, [(journey, touchpoint)])[0]

    def append_all(self, events: Iterable[tuple[str, Touchpoint]]) -> list[Appended]:
        """Append events of any journeys in one transaction: all of them, or none.

        Args:
            events: pairs of a journey's id and a touchpoint; some thousands at a time.

        Returns:
            What became of each, in the order given.
        """
        return self._write(appending.append, list(events))

    def retract(self, journey: str, id: str, source: str | None = None) -> Appended:
        """Take an event back for good, also one that is still to come; what superseded it stays."""
        return self._write(appending.retract, journey, id, source)

    # -- journeys --------------------------------------------------------------------------------

    def open(
        self, journey: Journey | str, *, guests: Iterable[str] = (), origin: Origin | None = None
    ) -> Known:
        """Open a journey, or complete what is known of one; its events are appended.

        Args:
            journey: its id, or a `Journey` with type, customer, site, plan, feedback; its ``ref``
                is kept if the journey is new, its state is not looked at.
            guests: further customers on it.
            origin: the trace context of its first span, kept for links.

        Raises:
            InvalidValue: it is known with another type, customer or site; or was forgotten.
        """
        given = journey if isinstance(journey, Journey) else Journey(journey)
        return self._write(journeys.open_journey, given, list(guests), origin)

    def close(self, journey: str) -> Scorecard:
        """Close a journey: record its score, in which what was planned and not done is missed.

        Emits one span, linked to the journey's origin, as `score` does.

        Closing one that has ended records nothing; late events are taken after it as well, and
        `record` writes the score that they lead to beside the first.

        Raises:
            UnknownName: the journal has no such journey.
        """
        card, origin = self._write(journeys.close, journey)
        tell(card, origin)
        return card

    def abandon(self, idle: timedelta) -> list[str]:
        """End the open journeys in which nothing was recorded for this long; their ids."""
        ended = self._write(journeys.abandon, idle)
        for card, origin in ended:
            tell(card, origin)
        return [card.journey.id for card, _ in ended]

    def known(self, journey: str) -> Known:
        """What is known of a journey without looking at its events.

        Raises:
            UnknownName: the journal has no such journey.
        """
        return self._read(journeys.known, journey)

    def journey(self, journey: str) -> Journey:
        """A journey with all of its events, duplicates left out.

        Raises:
            UnknownName: the journal has no such journey.
        """
        return self._read(folding.journey_of, journey)

    # -- what they come to -----------------------------------------------------------------------

    def tally(self, journey: str) -> Tally:
        """The sums of a journey as they stand, read and not computed.

        What a plan adds to them depends on the time, and is in `score` alone.

        Raises:
            UnknownName: the journal has no such journey.
        """
        return self._read(journeys.known, journey).tally

    def tallies(self, by: Literal["site", "type"] | None = None) -> dict[str | None, Tally]:
        """The sums of all journeys together; by site or type, or under None those of all.

        The sums of forgotten journeys are among them.

        Raises:
            InvalidValue: ``by`` is neither of the two.
        """
        return self._read(journeys.tallies, by)

    def score(
        self, journey: str, *, policy: Policy | None = None, market: Any = None,
        now: datetime | None = None,
    ) -> Scorecard:  # fmt: skip
        """The scorecard of a journey as it is now; emits one span, linked to its origin.

        Args:
            journey: its id.
            policy: another than the journal's, to see what it would say; nothing is recorded.
            market: as in `journeyscore.score`.
            now: in an open journey, what was due until then is missed.

        Raises:
            UnknownName: the journal has no such journey.
        """
        card, origin = self._read(journeys.scored, journey, policy, market, now)
        tell(card, origin)
        return card

    def record(self, journey: str, *, policy: Policy | None = None) -> RecordedScore:
        """Record the score of a journey as it is now, beside those recorded before.

        Raises:
            UnknownName: the journal has no such journey.
        """
        return self._write(scores.record, journey, policy)

    def scores(self, journey: str) -> list[RecordedScore]:
        """The recorded scores of a journey, the earliest first; nothing ever changes them."""
        return self._read(scores.recorded, journey)

    def rescore(self, policy: Policy, *, progress: Progress | None = None) -> int:
        """Record scores under another policy, beside the recorded ones, where there is none yet.

        Returns:
            How many were recorded.
        """
        count, after = 0, ""
        while ids := self._read(scores.with_scores, after, checking.PAGE):
            count += self._write(scores.rescored, ids, policy)
            after = ids[-1]
            if progress is not None:
                progress(count)
        return count

    # -- customers -------------------------------------------------------------------------------

    def merge(self, customer: str, of: str) -> None:
        """Remember that a customer is found to be another one: ``merge("c7", of="c2")``.

        Raises:
            InvalidValue: they are merged already, the other way round.
        """
        self._write(forgetting.merge, customer, of)

    def separate(self, customer: str) -> bool:
        """Take a merge back; whether there was one."""
        return self._write(forgetting.separate, customer)

    def journeys_of(self, customer: str) -> list[str]:
        """The journeys that a customer is on, under any of their ids."""
        return self._read(forgetting.all_journeys_of, customer)

    def export(self, customer: str) -> dict[str, Any]:
        """All there is on a customer, as plain data; the events as rows of a journey log."""
        return self._read(forgetting.export, customer)

    def forget(self, customer: str, *, keep_sums: bool = True) -> Forgotten:
        """Erase a customer, under all of their ids, and the journeys that are theirs alone.

        Args:
            customer: any of their ids.
            keep_sums: whether what the journeys came to stays in `tallies`, as nobody's.
        """
        told = self._write(forgetting.forget, customer, keep_sums=keep_sums)
        self._attempted(engines.outside(self._engine), engines.emptied)
        return told

    def retain(self, since: datetime, *, keep_sums: bool = True) -> Forgotten:
        """Erase the journeys that have ended, and in which nothing was recorded since.

        Raises:
            NaiveTime: ``since`` has no timezone.
        """
        told = self._write(forgetting.retain, since, keep_sums=keep_sums)
        self._attempted(engines.outside(self._engine), engines.emptied)
        return told

    # -- all of it -------------------------------------------------------------------------------

    def verify(self, *, progress: Progress | None = None) -> Verification:
        """Fold everything again from the events, and compare with the sums; in one snapshot."""
        return self._read(checking.verify, progress)

    def count(self) -> int:
        """How many events there are."""
        return self._read(checking.counted)

    def frame(self) -> pl.DataFrame:
        """The events that count as a journey log, for `journeyscore.frames` and any engine.

        What is retracted or superseded is left out, and of several contents under an id all but
        the one that counts. For another engine: ``frame().to_arrow()``,
        ``.to_pandas()``, or ``duckdb.sql("from frame")``. Needs the extra ``frames``.
        """
        from .frame import frame

        return self._read(frame)

    # -- transactions ----------------------------------------------------------------------------

    def _write(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return self._attempted(self._engine, lambda it: work(it, self._ledger, *args, **kwargs))

    def _read(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return self._attempted(self._reader, lambda it: work(it, self._ledger, *args, **kwargs))

    def _attempted(self, engine: Engine, work: Callable[[Connection], T]) -> T:
        """Run work in a transaction; again if it met a lock, a deadlock or a lost connection.

        Whatever is written has a key, so that it may be done again even where it is not known
        whether the last attempt was committed.
        """
        pauses = engines.pauses()
        while True:
            try:
                with engine.begin() as connection:
                    return work(connection)
            except engines.failures(engine) as error:
                if isinstance(error, JourneyScoreError):  # some of which are of these kinds too
                    raise
                pause = next(pauses, None) if engines.passes(error) else None
                if pause is None:
                    raise engines.unavailable(error) from None
                if engines.is_gone(error):
                    engine.dispose()  # the others to this server are gone with it
            time.sleep(pause)


def begun(
    connection: Connection,
    tenant: str,
    policy: Policy | None,
    now: Callable[[], datetime],
    adopt: bool,
    progress: Progress | None,
) -> Ledger:
    """The ledger of a journal that is being opened."""
    book, differs = ledgers.set_up(connection, tenant, policy, now)
    if differs and not adopt:
        raise OtherPolicy(
            "the sums of this journal are folded under another policy"
            if policy is not None
            else "the sums of this journal are folded under an older model",
            path="policy",
            hint="adopt=True folds them anew; recorded scores stay",
        )
    if differs:
        checking.adopt(connection, book, progress)
    return book
