"""Failures of ours inside a host: counted, logged once, never raised, their text never told."""

from __future__ import annotations

from collections import Counter
from threading import Lock

MOST_LOGGED = 100
"""How many kinds of failure are logged; more would be a flood."""


class Failures:
    """What failed, by what we were doing and the class of the error.

    The text of an exception may hold anything, a guest's name too, and so may the lines of a
    traceback's source; the log says its class and the line of code that raised it.

    >>> failures = Failures()
    >>> failures.note("on_moment", ValueError("Mr Smith"))
    >>> dict(failures.counts)
    {('on_moment', 'ValueError'): 1}
    """

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()
        self._lock = Lock()

    def note(self, doing: str, error: BaseException) -> None:
        """Count a failure; log it if it is the first of its kind."""
        kind = (doing, error_type(error))
        with self._lock:
            if kind not in self.counts and len(self.counts) >= MOST_LOGGED:
                kind = (doing, "_OTHER")
            self.counts[kind] += 1
            first = self.counts[kind] == 1
        if first:
            import logging
            from traceback import extract_tb

            where = extract_tb(error.__traceback__)[-1:] if error.__traceback__ else []
            place = f" in {where[0].name}, line {where[0].lineno}" if where else ""
            logging.getLogger("journeyscore").warning(
                "%s failed (%s%s); the host goes on, later ones are only counted",
                *(doing, kind[1], place),
            )


def error_type(error: BaseException) -> str:
    """The class of an error as the attribute ``error.type`` has it.

    >>> from journeyscore.errors import NotFinite
    >>> error_type(ValueError("Mr Smith")), error_type(NotFinite("not a number"))
    ('ValueError', 'journeyscore.errors.NotFinite')
    """
    kind = type(error)
    if kind.__module__ == "builtins":
        return kind.__qualname__
    return f"{kind.__module__}.{kind.__qualname__}"
