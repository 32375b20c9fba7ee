"""A database with nothing in it, of either kind."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from postgres import new_database
from sqlalchemy import URL

from journeyscore.store import Journal

from .events import Clock

KINDS = [
    "sqlite",
    pytest.param("postgresql", marks=pytest.mark.xdist_group("postgres")),
]


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str | URL:
    return str(tmp_path / "journal.db") if request.param == "sqlite" else new_database()


@pytest.fixture
def journal(database: str | URL) -> Iterator[Journal]:
    """A journal on that database, by a clock of its own."""
    with Journal(database, durable=False, now=Clock()) as made:
        yield made
