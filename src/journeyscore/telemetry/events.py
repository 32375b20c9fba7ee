"""Log events, behind one small adapter: Python's logs API is still marked in development."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from opentelemetry import trace

from .._version import __version__
from . import Value
from .semconv import SCHEMA_URL, SCOPE


class Events:
    """Emits log records with an event name; silent where the logs API is missing or switched off.

    >>> Events().enabled("journeyscore.journey.closed")  # no SDK in this process
    False
    """

    def __init__(self, provider: Any = None, *, on: bool = True) -> None:
        self._logger: Any = None
        if not on:
            return
        try:
            from opentelemetry import _logs

            get_logger = _logs.get_logger if provider is None else provider.get_logger
            self._logger = get_logger(SCOPE, __version__, schema_url=SCHEMA_URL)
            self._severity = _logs.SeverityNumber.INFO
        except (ImportError, AttributeError, TypeError):
            pass  # another release of the logs API: the spans say the same

    def enabled(self, name: str) -> bool:
        """Whether anyone would hear of the event."""
        logger = self._logger
        return logger is not None and bool(logger.enabled(event_name=name))

    def emit(
        self,
        name: str,
        attributes: dict[str, Value],
        *,
        span: trace.Span,
        at: datetime | None = None,
    ) -> None:
        """Emit an event at the time it happened (now unless given), within a span."""
        if not self.enabled(name):
            return
        self._logger.emit(
            timestamp=None if at is None else int(at.timestamp() * 1_000_000) * 1000,
            context=trace.set_span_in_context(span),
            severity_number=self._severity,
            severity_text="INFO",
            attributes=attributes,
            event_name=name,
        )
