"""A database with nothing in it, of either kind."""

from pathlib import Path

import pytest
from postgres import new_database
from sqlalchemy import URL

KINDS = [
    "sqlite",
    pytest.param("postgresql", marks=pytest.mark.xdist_group("postgres")),
]


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str | URL:
    return str(tmp_path / "journal.db") if request.param == "sqlite" else new_database()
