"""Teams: what employees have and what stands in their way, beside what their guests meet.

Who serves well needs at least two of three: to make a difference, to be valued, to be compensated.
The host knows, from its own people, and tells by team; nothing here is of a person, and of a team
that is too small nothing is said.
"""

from __future__ import annotations

from .._extras import needed

with needed("teams need", "frames"):
    import narwhals as _narwhals  # noqa: F401
    import polars as _polars  # noqa: F401

from .aligning import ALIGNED, alignment
from .service import obstacles, teams
from .staff import TRAITS, Need, Team, load

__all__ = ["ALIGNED", "TRAITS", "Need", "Team", "alignment", "load", "obstacles", "teams"]
