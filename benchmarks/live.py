"""One touchpoint tracked live: what it costs over building and folding the same touchpoint.

Without an SDK (a process of its own, in which ``opentelemetry.sdk`` cannot be imported) the
baseline is the touchpoint built and folded, with no tracker. With the SDK, batch processors and
exporters that drop everything, it is what a careful host would write by hand: the same touchpoint
built, folded and valued, and a span with the same link and attributes, a log event and three
instruments. That both emit the same is checked first (`by_hand.check`). Closing the journey is not
timed on either side.

The time is that of the processor, of all threads of the process: on a shared machine the clock on
the wall measures the neighbours.
"""

from __future__ import annotations

import argparse
import gc
import json
import subprocess
import sys
from collections.abc import Callable, Iterable
from functools import partial
from statistics import median
from time import process_time_ns

from opentelemetry import _logs, metrics, trace

from journeyscore import Touchpoint, Tracker, asked, assumed, fold, promised

from .by_hand import Arguments, ByHand, check
from .report import Goal, Report
from .timing import interleaved, paired_ratio, timing_rows

JOURNEY = 10
"""Touchpoints of a journey; opening one is not timed."""

BASE, TRACKED = "build and fold", "build and track, no SDK"
HAND, WITH_SDK = "by hand, SDK", "build and track, SDK"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The size of the workload."""
    parser.add_argument("--touchpoints", type=int, default=10_000, help="in a batch")
    parser.add_argument("--repeat", type=int, default=15)


def run(options: argparse.Namespace) -> Report:
    """Time both pairs, each in a process of its own."""
    costs = {**_child("bare", options), **_child("sdk", options)}
    baselines = {TRACKED: BASE, WITH_SDK: HAND}
    pairs = zip(costs[TRACKED], costs[BASE], strict=True)
    over = median(tracked - base for tracked, base in pairs) / 1000
    return Report(
        "live",
        {"touchpoints": options.touchpoints, "a journey": JOURNEY, "repeat": options.repeat},
        {"Time of one touchpoint": timing_rows(costs, baselines, "ns/touchpoint")},
        [
            Goal("no SDK: tracked less built and folded, us (median of pairs)", over, 2.5),
            Goal("SDK: tracked / by hand", paired_ratio(costs, WITH_SDK, HAND), 1.2),
        ],
        [
            "both sides build and fold the touchpoint; the SDK's exporters drop what they get",
            "processor time of the whole process",
        ],
    )


def _child(which: str, options: argparse.Namespace) -> dict[str, list[float]]:
    """The costs measured by a fresh process."""
    command = [sys.executable, "-m", "benchmarks.live", which]
    sizes = [str(options.touchpoints), str(options.repeat)]
    done = subprocess.run([*command, *sizes], capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout))


def arguments(size: int) -> Arguments:
    """What the touchpoints are made of: mostly near what was anticipated, some far off."""
    expected = [promised(0.8), asked(0.6), assumed(0.7), asked(0.5)]
    names = ["hotel.valet", "hotel.bellman", "hotel.front_desk", "hotel.room"]
    gaps = [0.0, 0.1, -0.1, 0.2, -0.05, 0.05, -0.3, 0.15]
    return [
        (names[n % 4], expected[n % 4], round(expected[n % 4].value + gaps[n * 7 % 8], 2))
        for n in range(size)
    ]


def _journeys(given: Arguments) -> Iterable[Arguments]:
    return (given[start : start + JOURNEY] for start in range(0, len(given), JOURNEY))


def _nanoseconds(batch: Callable[[Arguments], int], given: Arguments) -> float:
    gc.collect()
    return sum(batch(journey) for journey in _journeys(given)) / len(given)


def _built_and_folded(given: Arguments) -> int:
    start = process_time_ns()
    fold(
        Touchpoint(name, anticipated=anticipated, delivered=delivered)
        for name, anticipated, delivered in given
    )
    return process_time_ns() - start


def _tracked(tracker: Tracker, given: Arguments) -> int:
    journey = tracker.journey(f"stay-{id(given)}", type="stay")
    start = process_time_ns()
    for name, anticipated, delivered in given:
        journey.record(Touchpoint(name, anticipated=anticipated, delivered=delivered))
    took = process_time_ns() - start
    journey.close()
    return took


def bare(given: Arguments, repeat: int) -> dict[str, list[float]]:
    """Without an SDK."""

    class Blocker:
        """Lets nothing of the SDK be imported."""

        def find_spec(self, name: str, path: object = None, target: object = None) -> None:
            if name.startswith("opentelemetry.sdk"):
                raise ImportError(name)

    sys.meta_path.insert(0, Blocker())  # type: ignore[arg-type]
    batches = {BASE: _built_and_folded, TRACKED: partial(_tracked, Tracker())}
    measures = {name: partial(_nanoseconds, each, given) for name, each in batches.items()}
    costs = interleaved(measures, repeat)
    assert "opentelemetry.sdk" not in sys.modules
    return costs


def sdk(given: Arguments, repeat: int) -> dict[str, list[float]]:
    """With the SDK, batch processors, and exporters that drop everything."""
    check(given[: 10 * JOURNEY])
    from opentelemetry.sdk._logs import LoggerProvider
    from opentelemetry.sdk._logs.export import (
        BatchLogRecordProcessor,
        LogRecordExporter,
        LogRecordExportResult,
    )
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import InMemoryMetricReader
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

    class DropSpans(SpanExporter):
        def export(self, spans: object) -> SpanExportResult:
            return SpanExportResult.SUCCESS

    class DropLogs(LogRecordExporter):
        def export(self, batch: object) -> LogRecordExportResult:
            return LogRecordExportResult.SUCCESS

        def shutdown(self) -> None:
            """Nothing is held."""

        def force_flush(self, timeout_millis: int = 10_000) -> bool:
            return True

    tracers, loggers = TracerProvider(), LoggerProvider()
    tracers.add_span_processor(BatchSpanProcessor(DropSpans()))
    loggers.add_log_record_processor(BatchLogRecordProcessor(DropLogs()))
    trace.set_tracer_provider(tracers)
    _logs.set_logger_provider(loggers)
    metrics.set_meter_provider(MeterProvider([InMemoryMetricReader()]))
    by_hand = ByHand(
        trace.get_tracer_provider(), _logs.get_logger_provider(), metrics.get_meter_provider()
    )
    batches = {HAND: by_hand, WITH_SDK: partial(_tracked, Tracker())}
    measures = {name: partial(_nanoseconds, each, given) for name, each in batches.items()}
    return interleaved(measures, repeat)


if __name__ == "__main__":
    which, size, times = sys.argv[1:]
    measure = {"bare": bare, "sdk": sdk}[which]
    json.dump(measure(arguments(int(size)), int(times)), sys.stdout)
