"""The instruments, made on first use, and bounds on the number of points they are told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .._version import __version__
from . import Value, installed, semconv

MOST_POINTS = 1800
"""Sets of attributes a metric is told apart by; further ones share `_OTHER`, below 2000 in all."""

_OPEN = (semconv.JOURNEY_TYPE, semconv.TOUCHPOINT_NAME, semconv.STAGE, semconv.CHANNEL)
"""Attributes whose values the host makes up."""

_OF_A_TOUCHPOINT = (semconv.TOUCHPOINTS, semconv.EFFECT_MAGNITUDE, semconv.TOUCHPOINT_VALUE)
_TOLD_APART = tuple(
    each
    for each in semconv.METRICS[semconv.TOUCHPOINTS].attributes
    if each != semconv.TOUCHPOINT_NAME
)
"""The metrics of a touchpoint, and what besides its name the points of the first lie apart by."""


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
                return semconv.OTHER
            self._seen.add(value)
        return value


class Instrument:
    """One metric, made on first use: keeps to its own attributes of those that it is given."""

    def __init__(self, name: str, meter: Any) -> None:
        of = semconv.METRICS[name]
        self._names = of.attributes
        self._points: set[tuple[object, ...]] = set()
        if of.instrument == "counter":
            counter = meter.create_counter(name, unit=of.unit, description=of.meaning)
            self.tell = counter.add
        else:
            histogram = meter.create_histogram(
                name,
                unit=of.unit,
                description=of.meaning,
                explicit_bucket_boundaries_advisory=of.buckets,
            )
            self.tell = histogram.record

    def point(self, attributes: Mapping[str, Value]) -> dict[str, Value]:
        """The attributes that a measure is told with; beyond `MOST_POINTS` of them, `_OTHER`."""
        told = {name: attributes[name] for name in self._names if name in attributes}
        values = tuple(map(attributes.get, self._names))
        if values not in self._points:
            if len(self._points) >= MOST_POINTS:
                return {
                    name: semconv.OTHER if name in _OPEN else value for name, value in told.items()
                }
            self._points.add(values)
        return told


Bound = tuple[Callable[..., None], dict[str, Value]]
"""What tells a measure, and the attributes that it is told with."""


class Instruments:
    """The instruments of one meter, each made when it is first told something."""

    def __init__(self, provider: Any = None, *, on: bool = True) -> None:
        self._provider = provider
        self._on = on
        self._meter: Any = None
        self._made: dict[str, Instrument] = {}
        self._touchpoints: dict[tuple[object, ...], tuple[Bound, ...]] = {}

    def listening(self) -> bool:
        """Whether a host listens; looked up anew until one does.

        >>> Instruments().listening()  # no SDK in this process
        False
        """
        if self._meter is None and self._on:
            from opentelemetry import metrics

            provider = self._provider or metrics.get_meter_provider()
            if installed(provider):
                self._meter = provider.get_meter(
                    semconv.SCOPE, __version__, schema_url=semconv.SCHEMA_URL
                )
        return self._meter is not None

    def tell(self, name: str, measure: float, attributes: Mapping[str, Value]) -> None:
        """Tell a measure, if a host listens; not a negative one, which an instrument would drop."""
        if self._meter is not None and measure >= 0:
            tell, point = self._bound(name, attributes)
            tell(measure, point)

    def touchpoint(self, name: str, attributes: Mapping[str, Value]) -> None:
        """Tell of a touchpoint by its three instruments, under this name; a host listens.

        What is told apart by few attributes is bound to the instruments once.
        """
        key = (name, *map(attributes.get, _TOLD_APART))
        bound = self._touchpoints.get(key)
        if bound is None:
            named = {**attributes, semconv.TOUCHPOINT_NAME: name}
            bound = tuple(self._bound(each, named) for each in _OF_A_TOUCHPOINT)
            if len(self._touchpoints) < MOST_POINTS:
                self._touchpoints[key] = bound
        (count, counted), (magnitude, of_magnitude), (value, of_value) = bound
        count(1, counted)
        magnitude(abs(attributes[semconv.EFFECT]), of_magnitude)  # type: ignore[arg-type]
        value(attributes[semconv.VALUE], of_value)

    def _bound(self, name: str, attributes: Mapping[str, Value]) -> Bound:
        instrument = self._made.get(name)
        if instrument is None:
            instrument = self._made.setdefault(name, Instrument(name, self._meter))
        return instrument.tell, instrument.point(attributes)
