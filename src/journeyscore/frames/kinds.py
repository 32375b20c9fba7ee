"""What goes out is of the kind that came in, for type checkers: who reads a file gets Polars."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from os import PathLike
from typing import Any, Concatenate, ParamSpec, Protocol, cast, overload

import polars as pl
from narwhals.typing import IntoFrameT

File = str | PathLike[str]

P = ParamSpec("P")


class OfItsKind(Protocol[P]):
    """A function of a log that returns a dataframe of the log's kind."""

    @overload
    def __call__(
        self, log: File | Sequence[File], *args: P.args, **kwargs: P.kwargs
    ) -> pl.DataFrame: ...

    @overload
    def __call__(self, log: IntoFrameT, *args: P.args, **kwargs: P.kwargs) -> IntoFrameT: ...


def of_its_kind(function: Callable[Concatenate[Any, P], Any]) -> OfItsKind[P]:
    """The function itself, under types that tell which dataframe comes out."""
    return cast(OfItsKind[P], function)
