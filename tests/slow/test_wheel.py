"""The wheel in an empty environment, with ``src/`` absent."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.slow


def run(*command: str | Path, cwd: Path) -> str:
    """Run a command that must succeed; its output."""
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, env=clean)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--outdir", folder, ROOT, cwd=folder)
    (built,) = folder.glob("*.whl")
    return built


def environment(folder: Path, *packages: str) -> Path:
    """The interpreter of a new environment with these packages and what they need."""
    run(sys.executable, "-m", "venv", folder, cwd=ROOT)
    python = folder / "bin" / "python"
    run(python, "-m", "pip", "install", "--quiet", *packages, cwd=folder)
    return python


def test_with_no_extra_the_core_works_and_the_command_says_what_it_needs(
    wheel: Path, tmp_path: Path
) -> None:
    python = environment(tmp_path / "bare", str(wheel))
    code = (
        "from journeyscore import Journey, Touchpoint, score\n"
        "import journeyscore.convert\n"
        "print(score(Journey('j', [Touchpoint('hotel.valet', delivered=0.7)])).impression)"
    )
    assert run(python, "-c", code, cwd=tmp_path).strip() == "70.0"
    without_sdk = ROOT / "tests" / "telemetry" / "without_sdk.py"  # it sees that there is none
    assert run(python, without_sdk, cwd=tmp_path) == "fine\n"
    command = subprocess.run(
        [tmp_path / "bare/bin/journeyscore", "--version"], capture_output=True, text=True
    )
    assert command.returncode == 1
    assert "pip install 'journeyscore[cli]'" in command.stderr


def test_the_tests_pass_against_the_wheel(wheel: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    for name in ("tests", "examples", "docs", "benchmarks"):
        shutil.copytree(ROOT / name, project / name, ignore=shutil.ignore_patterns("data"))
    for name in ("README.md", "pyproject.toml"):
        shutil.copy(ROOT / name, project / name)
    dev = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]["dev"]
    python = environment(tmp_path / "full", f"{wheel}[all]", *dev)
    assert not (project / "src").exists()
    found = run(python, "-c", "import journeyscore; print(journeyscore.__file__)", cwd=project)
    assert "site-packages" in found
    run(
        python, "-m", "pytest", "-q", "-m", "not slow", "-n", "auto",
        "tests", "examples", "docs", "README.md", cwd=project,
    )  # fmt: skip
