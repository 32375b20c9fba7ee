"""What is said where a library of an extra is not installed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def needed(what: str, extra: str) -> Iterator[None]:
    """Around the imports of an extra: their lack is told with the command that installs it.

    Raises:
        ModuleNotFoundError: one of them is not there; its ``name`` is that of the library.

    >>> with needed("teams need", "frames"):
    ...     import polers
    Traceback (most recent call last):
    ModuleNotFoundError: teams need polers: pip install 'journeyscore[frames]'
    """
    try:
        yield
    except ModuleNotFoundError as error:
        told = f"{what} {error.name}: pip install 'journeyscore[{extra}]'"
        raise ModuleNotFoundError(told, name=error.name) from error
