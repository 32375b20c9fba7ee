"""Wait: a service that runs inside this process, and whose duration is the wait."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from contextvars import Token
from datetime import timedelta
from functools import wraps
from types import TracebackType
from typing import Any, TypeVar

from opentelemetry import context as contexts
from opentelemetry import trace

from ..errors import WrongType
from ..readings import Reading
from ..touchpoints import Touchpoint
from .journey import TrackedJourney
from .service import Service
from .setting import Setting

Handler = TypeVar("Handler", bound=Callable[..., Any])


class Wait:
    """Measures the service it is wrapped around: ``with``, ``async with``, or a decorator.

    As a context manager it is used once. What the service raises, cancellation too, is passed on;
    its touchpoint is then recorded as not delivered, and does not count.

    Attributes:
        touchpoint: what was recorded, once the service is over.

    Made by `Tracker.touchpoint`.
    """

    def __init__(
        self,
        journey: Callable[..., TrackedJourney],
        service: Service | None,
        setting: Setting,
    ) -> None:
        self._find_journey = journey
        self._service = service
        self._setting = setting
        self._arguments: tuple[tuple[Any, ...], dict[str, Any]] = ((), {})
        self._readings: dict[str, Reading] = {}
        self._journey: TrackedJourney | None = None
        self._span: trace.Span = trace.INVALID_SPAN
        self._attached: Token[contexts.Context] | None = None
        self._start: float | None = None
        self.touchpoint: Touchpoint | None = None

    def reading(self, factor: str, reading: Reading) -> None:
        """Add another reading of the touchpoint: the courtesy, beside the wait."""
        self._readings[factor] = reading

    def _begin(self) -> None:
        setting = self._setting
        if self._service is None:  # the tracker has refused it, and said so
            return
        try:
            args, kwargs = self._arguments
            self._journey = self._find_journey(*args, **kwargs)
            self._span = self._journey.span(self._service.name)
            if self._span.is_recording():  # else there is nothing below to be nested
                self._attached = contexts.attach(trace.set_span_in_context(self._span))
            self._start = setting.stopwatch()
        except Exception as error:
            setting.failed("touchpoint", error)

    def _finish(self, failed: BaseException | None) -> None:
        setting, journey, service = self._setting, self._journey, self._service
        if self._attached is not None:
            contexts.detach(self._attached)
        if journey is None or service is None:
            return
        problem: Exception | None = None
        self.touchpoint = None
        try:
            if failed is None and self._start is not None:
                waited = timedelta(seconds=setting.stopwatch() - self._start)
                self.touchpoint = service.delivered(waited, setting.now(), self._readings)
        except Exception as error:  # the clock, or a reading: nothing was measured
            problem = error
        try:
            self.touchpoint = self.touchpoint or service.unmeasured(setting.now_or_system())
            journey.take(self.touchpoint, self._span, failed=failed or problem)
        except Exception as error:
            problem = problem or error
        if problem is not None:  # what the host's service raised comes first
            report = setting.failed if failed is None else setting.telemetry.failed
            report("touchpoint", problem)

    def __enter__(self) -> Wait:
        self._begin()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._finish(error)

    async def __aenter__(self) -> Wait:
        return self.__enter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.__exit__(kind, error, traceback)

    def __call__(self, handler: Handler) -> Handler:
        """The handler, each call of it measured; sync or async."""
        if inspect.isgeneratorfunction(handler) or inspect.isasyncgenfunction(handler):
            self._setting.failed(
                "touchpoint",
                WrongType("a generator is not over when it is called: use with", path="handler"),
            )
            return handler
        if inspect.iscoroutinefunction(handler):

            @wraps(handler)
            async def measured_async(*args: Any, **kwargs: Any) -> Any:
                async with self._again(args, kwargs):
                    return await handler(*args, **kwargs)

            return measured_async  # type: ignore[return-value]

        @wraps(handler)
        def measured(*args: Any, **kwargs: Any) -> Any:
            with self._again(args, kwargs):
                return handler(*args, **kwargs)

        return measured  # type: ignore[return-value]

    def _again(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Wait:
        wait = Wait(self._find_journey, self._service, self._setting)
        wait._arguments = (args, kwargs)
        return wait
