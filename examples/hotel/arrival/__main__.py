"""``python -m examples.hotel.arrival``: one stay through three processes, and what they told."""

from __future__ import annotations

from collections.abc import Iterator

from .collector import Collector, Received, collecting
from .guest import Step, stays
from .processes import running

TOUCHPOINT = "journeyscore.touchpoint."


def main() -> None:
    """Have a guest stay; print the stay, its traces, and the moment that broke it."""
    steps = []
    with (
        collecting() as (collector, endpoint),
        running(OTEL_EXPORTER_OTLP_ENDPOINT=endpoint) as addresses,
    ):
        print("THE STAY\n")
        for step in stays(addresses):
            steps.append(step)
            print(*_told(step), sep="\n")
    # the processes have ended, and sent everything
    print("\nTHE TRACES: a request each, through one process or more\n")
    print(*traces(collector, steps), sep="\n")
    print("\nTHE MOMENT THAT BROKE IT\n")
    print(*broke(collector), sep="\n")
    print("\nTHE SCORE AT THE DEPARTURE\n")
    print(steps[-1].answer["card"])


def _told(step: Step) -> Iterator[str]:
    days, minutes = divmod(step.minute, 1440)
    when = f"day {days + 1}" if days else f"{minutes:>2} min"
    yield f"{when:>6}  guest       {step.guest}"
    yield f"        {_name(step.process):<11} {step.answer['said']}"


def _name(process: str) -> str:
    return process.replace("_", " ")


def traces(collector: Collector, steps: list[Step]) -> Iterator[str]:
    """Each trace as a tree, a span a line; what is linked to the origin is marked."""
    spans = collector.spans
    origin = next(each.what for each in spans if each.what.name.startswith("journey open"))
    by_trace: dict[bytes, list[Received]] = {}
    for each in spans:
        by_trace.setdefault(each.what.trace_id, []).append(each)
    for number, trace in enumerate(by_trace.values(), start=1):
        depth: dict[bytes, int] = {b"": -1}
        for each in trace:
            span = each.what
            depth[span.span_id] = depth[span.parent_span_id] + 1
            linked = any(
                (link.trace_id, link.span_id) == (origin.trace_id, origin.span_id)
                for link in span.links
            )
            mark = "the origin" if span is origin else "-> origin" if linked else ""
            name = "  " * depth[span.span_id] + span.name
            place = f"trace {number}" if depth[span.span_id] == 0 else ""
            yield f"{place:<9}{_name(each.process):<12}{name:<36}{mark}".rstrip()


def broke(collector: Collector) -> Iterator[str]:
    """The log event of the moment: what any backend finds by ``journeyscore.moment.kind``."""
    numbers: dict[bytes, int] = {}
    for span in collector.spans:
        numbers.setdefault(span.what.trace_id, len(numbers) + 1)
    for event in collector.events:
        known = event.attributes
        if known.get("journeyscore.moment.kind") == "broke":
            trace = numbers[event.what.trace_id]
            yield f"{event.what.event_name}, process {event.process}, trace {trace}"
            for name in ("name", "basis", "anticipated", "delivered", "value", "effect", "outcome"):
                yield f"  {TOUCHPOINT + name:<37}{known[TOUCHPOINT + name]}"


if __name__ == "__main__":
    main()
