"""A soak: threads and tasks, interleaved journeys, an exporter and a clock that fail.

Eight threads and a thousand tasks record a hundred thousand touchpoints, each a few times over,
in any order; every journey's whole numbers equal those of the same events scored afterwards.
"""

from __future__ import annotations

import asyncio
import logging
import random
import threading
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor, InMemoryLogRecordExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from journeyscore import Journey, Touchpoint, Tracker, asked, minutes, promised, score
from journeyscore.live import Moment, Telemetry

pytestmark = pytest.mark.slow

THREADS, TASKS, JOURNEYS, TOUCHPOINTS = 8, 1000, 250, 100_000
WAITS = 5
START = datetime(2026, 1, 1, tzinfo=UTC)
NAMES = ["hotel.valet", "hotel.bellman", "hotel.front_desk", "pool.towel"]


class FailingExporter(InMemorySpanExporter):
    """Raises every third time."""

    calls = count()

    def export(self, spans: Any) -> Any:
        if next(self.calls) % 3 == 0:
            raise OSError("collector away")
        return super().export(spans)


def clock(dice: random.Random) -> Any:
    """A clock that fails, goes back, or forgets its timezone, each once in a hundred times."""

    def tell() -> datetime:
        fault = dice.random()
        if fault < 0.01:
            raise OSError("no time today")
        now = datetime.now(UTC)
        if fault < 0.02:
            return now.replace(tzinfo=None)
        return now - timedelta(hours=1) if fault < 0.03 else now

    return tell


def season(dice: random.Random) -> list[tuple[str, Touchpoint]]:
    """Touchpoints of all journeys, mixed: plain ones, ones that come twice, and tangled ones."""
    expected = [promised(0.8), asked(0.6), 0.5, None]
    found = []
    for n in range(TOUCHPOINTS - TASKS * WAITS):
        journey = dice.randrange(JOURNEYS)
        fields: dict[str, Any] = {"delivered": dice.randrange(101) / 100}
        if n % 2:
            fields |= {"id": f"e{n}", "source": "pos"}
        if n % 2 and journey < 5 and dice.random() < 0.3:  # few: each event of these scores anew
            fields[dice.choice(["recovers", "supersedes"])] = f"e{dice.randrange(n + 1) | 1}x"
        event = Touchpoint(
            dice.choice(NAMES), anticipated=dice.choice(expected), weight=dice.choice([1, 1, 2.5]),
            at=START + timedelta(seconds=dice.randrange(10**6)), **fields,
        )  # fmt: skip
        found += [(f"stay-{journey}", event)] * (2 if n % 20 == 1 else 1)
    dice.shuffle(found)
    return found


def test_a_hundred_thousand_touchpoints(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)  # the SDK says each failed export
    dice = random.Random(4)
    spans, logs = FailingExporter(), InMemoryLogRecordExporter()
    tracers, loggers = TracerProvider(), LoggerProvider()
    tracers.add_span_processor(BatchSpanProcessor(spans))
    loggers.add_log_record_processor(BatchLogRecordProcessor(logs))
    reader = InMemoryMetricReader()
    told: Counter[int] = Counter()

    def page(moment: Moment) -> None:
        told[id(moment.touchpoint.touchpoint)] += 1
        if len(told) % 1000 == 0:
            raise ValueError("nobody at the desk")

    tracker = Tracker(
        page,
        clock=clock(random.Random(5)),
        telemetry=Telemetry(
            tracer_provider=tracers,
            logger_provider=loggers,
            meter_provider=MeterProvider([reader]),
        ),
    )
    given = season(dice)
    waited: list[tuple[str, Touchpoint]] = []
    half = len(given) // 2

    def work(mine: list[tuple[str, Touchpoint]]) -> None:
        for stay, event in mine:
            tracker.record(stay, event)

    async def task(number: int) -> None:
        for stay, event in given[half + number :: TASKS]:
            tracker.record(stay, event)
            await asyncio.sleep(0)
        for n in range(WAITS):
            stay = f"stay-{(number + n) % JOURNEYS}"
            try:
                async with tracker.touchpoint(
                    stay, NAMES[n % 4], scale=minutes(best=0, worst=1)
                ) as tp:
                    await asyncio.sleep(0)
                    if number % 50 == 0:
                        raise RuntimeError("the guest left")
            except RuntimeError:
                pass
            if tp.touchpoint is not None:
                waited.append((stay, tp.touchpoint))

    async def tasks() -> None:
        await asyncio.gather(*(task(n) for n in range(TASKS)))

    threads = [
        threading.Thread(target=work, args=(given[:half][n::THREADS],)) for n in range(THREADS)
    ]
    for thread in threads:
        thread.start()
    asyncio.run(tasks())
    for thread in threads:
        thread.join()

    assert len(waited) == TASKS * WAITS
    offline: dict[str, list[Touchpoint]] = defaultdict(list)
    for stay, event in [*given, *waited]:
        offline[stay].append(event)
    assert len(tracker) == JOURNEYS == len(offline)
    total = 0
    for stay, events in offline.items():
        live = tracker.journey(stay)
        expected = score(Journey(stay, events)).tally
        assert live.tally == expected
        closed = live.close()
        assert closed is not None and closed.tally == expected
        total += expected.count
    assert total > 0.9 * TOUCHPOINTS
    assert len(tracker) == 0
    assert max(told.values()) == 1
    kinds = {doing for doing, _ in tracker.failures}
    assert kinds == {"clock", "touchpoint", "on_moment"}
    tracers.shutdown()
    loggers.shutdown()
    assert spans.get_finished_spans() and logs.get_finished_logs()
