"""Work on a log in pieces: what was asked for, and how a stage of it is done step by step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

import narwhals as nw
import polars as pl
from attrs import asdict, frozen

from .. import __version__
from ..policy import Policy
from ..scales import Scale
from .engines import collected
from .filling import Known
from .paths import damage_named, is_text, place_in
from .work import Stage


@frozen
class Progress:
    """How far a stage of the work has come, what was done before it was resumed included.

    Attributes:
        stage: what is being done.
        done: how much of it is done.
        total: how much there is.
        unit: of both: ``bytes`` of text, or ``rows``.
    """

    stage: str
    done: int
    total: int
    unit: Literal["bytes", "rows"]


@frozen
class Task:
    """All that was asked for, checked."""

    paths: list[Path]
    name: str
    out: Path
    keys: list[str]
    average: str
    policy: Policy
    columns: dict[str, str]
    timezone: str | None
    scales: dict[str, Scale]
    known: Known
    strict: bool
    quarantine: Path | None
    say: Callable[[Progress], object]
    piece: int

    @property
    def each(self) -> list[str]:
        """What tallies are grouped by."""
        by_journey = self.average == "journeys" and "journey" not in self.keys
        return [*self.keys, *(["journey"] if by_journey else [])]

    @property
    def is_text(self) -> bool:
        """Whether the files are text, whose columns are known when all is read."""
        return is_text(self.paths[0])

    @property
    def place(self) -> tuple[str, ...]:
        """What tells where a row stands."""
        return place_in(self.paths)

    @property
    def looks_for_faults(self) -> bool:
        """Whether it must be known what is not scored, and why."""
        return self.strict or self.quarantine is not None

    def manifest(self) -> dict[str, Any]:
        """What the work belongs to. Hashes and files of one version mean nothing to another."""
        market = repr(sorted(self.known.market.items(), key=repr)).encode()
        return {
            "files": [
                [str(path.resolve()), (stat := path.stat()).st_size, stat.st_mtime_ns]
                for path in self.paths
            ],
            "policy": self.policy.fingerprint,
            "market": sha256(market).hexdigest(),
            "arguments": {
                "out": str(self.out.resolve()),
                "by": self.keys,
                "average": self.average,
                "columns": self.columns,
                "timezone": self.timezone,
                "scales": {name: asdict(scale) for name, scale in sorted(self.scales.items())},
                "strict": self.strict,
                "quarantine": self.quarantine and str(self.quarantine.resolve()),
                "piece": self.piece,
            },
            "versions": {"journeyscore": __version__, "polars": pl.__version__},
        }

    def steps(
        self,
        name: str,
        stage: Stage,
        pieces: Iterable[tuple[Any, int]],
        compute: Callable[[int, Any], pl.DataFrame],
        by: Sequence[str],
    ) -> None:
        """What is not done yet of a stage, step by step."""
        pieces = list(pieces)
        total = sum(count for _, count in pieces)
        first = sum(1 for _ in stage.numbers())
        done = sum(count for _, count in pieces[:first])
        for number, (piece, count) in enumerate(pieces[first:], start=first):
            self.say(Progress(name, done, total, "rows"))
            stage.write(number, compute(number, piece), by)
            done += count
        self.say(Progress(name, total, total, "rows"))
        stage.finish()

    def collected(self, frame: nw.LazyFrame[Any]) -> pl.DataFrame:
        """A result, computed; damage names the log."""
        with damage_named(self.name):
            return collected(frame)
