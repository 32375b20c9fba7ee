"""Log events, behind one small adapter: Python's logs API is still marked in development."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from opentelemetry import trace

from .._version import __version__
from . import Value, installed
from .semconv import SCHEMA_URL, SCOPE


class Events:
    """Emits log records with an event name; silent where the logs API is missing or switched off.

    >>> Events().listening()  # no SDK in this process
    False
    """

    def __init__(self, provider: Any = None, *, on: bool = True) -> None:
        self._provider = provider
        self._on = on
        self._logger: Any = None

    def listening(self) -> bool:
        """Whether a host listens; looked up anew until one does."""
        if self._logger is None and self._on:
            try:
                from opentelemetry import _logs

                provider = self._provider or _logs.get_logger_provider()
                if installed(provider):
                    self._severity = _logs.SeverityNumber.INFO
                    self._logger = provider.get_logger(SCOPE, __version__, schema_url=SCHEMA_URL)
            except (ImportError, AttributeError, TypeError):
                self._on = False  # another release of the logs API: the spans say the same
        return self._logger is not None

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
        at: datetime,
    ) -> None:
        """Emit an event, once it is `enabled`, at its time, within a span."""
        self._logger.emit(
            timestamp=int(at.timestamp() * 1_000_000) * 1000,
            context=trace.set_span_in_context(span),
            severity_number=self._severity,
            severity_text="INFO",
            attributes=attributes,
            event_name=name,
        )
