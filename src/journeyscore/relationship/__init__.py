"""Relationships: what the journeys of a customer come to, over all visits.

`standing` is of one customer, in memory, with trust and the risk of losing them; `segments`,
`risk`, `knowledge` and `needs` are of a log, and of many customers together.
"""

from __future__ import annotations

from .._extras import needed

with needed("relationships need", "frames"):
    import narwhals as _narwhals  # noqa: F401
    import polars as _polars  # noqa: F401

from .customer import Band, Parting, Reason, Risk, Standing, parting, standing
from .customers import knowledge, needs, risk, segments
from .segment import Segment

__all__ = [
    "Band",
    "Parting",
    "Reason",
    "Risk",
    "Segment",
    "Standing",
    "knowledge",
    "needs",
    "parting",
    "risk",
    "segments",
    "standing",
]
