"""What type checkers say of the public surface: complete, and as `usage.py` uses it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import journeyscore

HERE = Path(__file__).parent
TOOLS = Path(sys.executable).parent


def checked(*command: str | Path, cwd: Path | None = None) -> None:
    """A checker finds nothing; it sees the packages that this interpreter sees."""
    source = Path(journeyscore.__file__).parents[1]
    environment = os.environ | {
        "PATH": f"{TOOLS}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(source),
        "MYPYPATH": "" if source.name == "site-packages" else str(source),
    }
    done = subprocess.run(
        [TOOLS / command[0], *command[1:]],
        env=environment, cwd=cwd or HERE.parents[1], capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


def test_every_public_type_is_known() -> None:
    checked("basedpyright", "--ignoreexternal", "--verifytypes", "journeyscore")


def test_pyright_agrees_with_the_usage() -> None:
    checked("basedpyright", "--project", HERE.parents[1])  # which names the file, and how strict


def test_mypy_agrees_with_the_usage() -> None:
    checked("mypy", "--strict", HERE / "usage.py")
