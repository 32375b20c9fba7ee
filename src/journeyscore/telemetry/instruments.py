"""The instruments, made on first use, and bounds on the number of points they are told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._version import __version__
from . import Value, installed
from .semconv import CHANNEL, JOURNEY_TYPE, METRICS, OTHER, SCHEMA_URL, SCOPE, STAGE
from .semconv import TOUCHPOINT_NAME as NAME

MOST_POINTS = 1800
"""Sets of attributes a metric is told apart by; further ones share `_OTHER`, below 2000 in all."""

_OPEN = (JOURNEY_TYPE, NAME, STAGE, CHANNEL)
"""Attributes whose values the host makes up."""


class Capped:
    """At most so many values of an attribute; what comes later is `_OTHER`.

    >>> stage = Capped(1)
    >>> stage("arrival"), stage("departure"), stage("arrival"), stage(None)
    ('arrival', '_OTHER', 'arrival', None)
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._seen: set[str | None] = {None}

    def __call__(self, value: str | None) -> str | None:
        """The value, or what stands for it."""
        if value not in self._seen:
            if len(self._seen) > self._most:
                return OTHER
            self._seen.add(value)
        return value


class Instrument:
    """One metric: takes a measure with more attributes than it keeps, and keeps to its own."""

    def __init__(self, name: str, meter: Any) -> None:
        of = METRICS[name]
        self._names = of.attributes
        self._points: dict[tuple[object, ...], dict[str, Value]] = {}
        if of.instrument == "counter":
            counter = meter.create_counter(name, unit=of.unit, description=of.meaning)
            self._tell = counter.add
        else:
            histogram = meter.create_histogram(
                name,
                unit=of.unit,
                description=of.meaning,
                explicit_bucket_boundaries_advisory=of.buckets,
            )
            self._tell = histogram.record

    def __call__(self, measure: float, attributes: Mapping[str, Value]) -> None:
        """Tell a measure; a negative one, which an instrument would drop, is left out."""
        if measure >= 0:
            self._tell(measure, self._point(attributes))

    def _point(self, attributes: Mapping[str, Value]) -> dict[str, Value]:
        values = tuple(map(attributes.get, self._names))
        point = self._points.get(values)
        if point is None:
            told = {name: attributes[name] for name in self._names if name in attributes}
            if len(self._points) >= MOST_POINTS:
                return {name: OTHER if name in _OPEN else value for name, value in told.items()}
            point = self._points[values] = told
        return point


class Instruments:
    """The instruments of one meter, each made when it is first told something."""

    def __init__(self, provider: Any = None, *, on: bool = True) -> None:
        self._provider = provider
        self._on = on
        self._meter: Any = None
        self._made: dict[str, Instrument] = {}

    def listening(self) -> bool:
        """Whether a host listens; looked up anew until one does.

        >>> Instruments().listening()  # no SDK in this process
        False
        """
        if self._meter is None and self._on:
            from opentelemetry import metrics

            provider = self._provider or metrics.get_meter_provider()
            if installed(provider):
                self._meter = provider.get_meter(SCOPE, __version__, schema_url=SCHEMA_URL)
        return self._meter is not None

    def tell(self, name: str, measure: float, attributes: Mapping[str, Value]) -> None:
        """Tell a measure, if a host listens."""
        if self._meter is None:
            return
        instrument = self._made.get(name)
        if instrument is None:
            instrument = self._made.setdefault(name, Instrument(name, self._meter))
        instrument(measure, attributes)
