"""The wheel in environments of its own, with ``src/`` absent: no extra, each extra, all of them.

The tests come out of the sdist, and the wheel is built from it. What needs an extra is left out
where that extra is not installed (`extras`), so each environment runs what it can; warnings are
errors in all of them. Environments are made by uv, which finds the oldest versions that
``pyproject.toml`` allows as well as the newest.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import tomllib
from pathlib import Path
from typing import NamedTuple

import pytest
from extras import lacking

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
EXTRAS = list(PROJECT["project"]["optional-dependencies"])
RUNNERS = ["pytest>=8.3", "pytest-xdist"]

pytestmark = pytest.mark.slow


class Built(NamedTuple):
    """What was built, and the folder of the tests that are in the sdist."""

    sdist: Path
    wheel: Path
    project: Path


def run(*command: str | Path, cwd: Path) -> str:
    """Run a command that must succeed; its output."""
    dropped = ("PYTHONPATH", "CI")  # nothing of this tree; what cannot run there, skips
    clean = {name: value for name, value in os.environ.items() if name not in dropped}
    clean["HYPOTHESIS_PROFILE"] = "quick"
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, env=clean)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-4000:]
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The sdist, unpacked without its ``src``, and the wheel that is built from it."""
    folder = tmp_path_factory.mktemp("built")
    run(sys.executable, "-m", "build", "--outdir", folder, ROOT, cwd=folder)
    (sdist,) = folder.glob("*.tar.gz")
    (wheel,) = folder.glob("*.whl")
    with tarfile.open(sdist) as packed:
        inside = (each for each in packed if Path(each.name).parts[1:2] != ("src",))
        packed.extractall(folder, members=list(inside), filter="data")
    return Built(sdist, wheel, folder / sdist.name.removesuffix(".tar.gz"))


def environment(folder: Path, *packages: str) -> Path:
    """The interpreter of a new environment with these packages and what they need."""
    run(sys.executable, "-m", "uv", "venv", "--quiet", "--python", sys.executable, folder, cwd=ROOT)
    python = folder / "bin" / "python"
    install(python, *packages)
    return python


def install(python: Path, *packages: str) -> None:
    """Install into an environment."""
    run(
        sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", python, *packages,
        cwd=python.parent,
    )  # fmt: skip


def passed(python: Path, built: Built, *tests: str) -> int:
    """How many tests pass against what is installed, examples of its docstrings included."""
    assert not (built.project / "src").exists()
    found = run(
        python, "-c", "import journeyscore; print(journeyscore.__file__)", cwd=built.project
    )
    assert "site-packages" in found
    said = run(
        python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "not slow", "-n", "auto",
        *tests, "--pyargs", "journeyscore", cwd=built.project,
    )  # fmt: skip
    count = re.search(r"(\d+) passed", said)
    assert count is not None, said
    return int(count[1])


# What an extra adds comes on top of the core, which is over 300 tests by itself.
CORE = 300


def test_the_sdist_installs_and_the_core_needs_no_extra(built: Built, tmp_path: Path) -> None:
    python = environment(tmp_path / "bare", str(built.sdist), *RUNNERS)
    assert passed(python, built, "tests") > CORE
    without_sdk = built.project / "tests" / "telemetry" / "without_sdk.py"  # it sees there is none
    assert run(python, without_sdk, cwd=tmp_path) == "fine\n"
    command = subprocess.run(
        [tmp_path / "bare/bin/journeyscore", "--version"], capture_output=True, text=True
    )
    assert command.returncode == 1
    assert "pip install 'journeyscore[cli]'" in command.stderr


@pytest.mark.parametrize("extra", [extra for extra in EXTRAS if extra != "all"])
def test_each_extra_by_itself_is_enough_for_what_needs_it(
    built: Built, tmp_path: Path, extra: str
) -> None:
    python = environment(tmp_path / extra, f"{built.wheel}[{extra}]", *RUNNERS)
    assert passed(python, built, "tests") > CORE


def test_the_oldest_versions_that_are_declared_work(built: Built, tmp_path: Path) -> None:
    oldest = [
        "--resolution", "lowest-direct", "-r", str(built.project / "pyproject.toml"),
        "--extra", "all",
    ]  # fmt: skip
    python = environment(tmp_path / "oldest", *oldest)
    install(python, "--no-deps", str(built.wheel))
    install(python, *RUNNERS)
    declared = [*PROJECT["project"]["dependencies"], *map_all()]
    for name, lowest in re.findall(r"([a-z0-9-]+)>=([0-9.]+)", " ".join(declared)):
        asked = f"from importlib.metadata import version; print(version({name!r}))"
        assert run(python, "-c", asked, cwd=tmp_path).startswith(lowest)
    assert passed(python, built, "tests") > 2 * CORE


def map_all() -> list[str]:
    """Every requirement of every extra."""
    extras = PROJECT["project"]["optional-dependencies"].values()
    return [requirement for extra in extras for requirement in extra]


def test_all_tests_pass_against_the_wheel_with_everything_at_its_newest(
    built: Built, tmp_path: Path
) -> None:
    dev = PROJECT["dependency-groups"]["dev"]
    python = environment(tmp_path / "full", f"{built.wheel}[all]", *dev)
    assert passed(python, built, "tests", "examples", "docs", "README.md") > 4 * CORE


def test_extras_are_told_apart_by_what_they_install() -> None:
    """Here everything is installed, so nothing may be left out."""
    assert [name for name in [*EXTRAS, "dev"] if name != "all" and lacking(name)] == []
