"""The kept inputs of the fuzzing, and (slow) some more of it: see README.md in this folder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from fuzz.targets import TARGETS
from hypothesis import given, settings
from hypothesis import strategies as st

CORPUS = Path(__file__).parent / "corpus"
KEPT = [
    (name, file)
    for name in sorted(TARGETS)
    for file in sorted((CORPUS / name).iterdir())
]  # fmt: skip


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_every_target_has_kept_inputs(name: str) -> None:
    assert any(target == name for target, _ in KEPT)
    assert sum(file.stat().st_size for target, file in KEPT if target == name) < 40_000


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_no_kept_input_is_a_fault(name: str) -> None:
    for target, file in KEPT:
        if target == name:
            TARGETS[name](file.read_bytes())


@settings(max_examples=30)
@given(st.sampled_from(sorted(TARGETS)), st.binary(max_size=200))
def test_no_bytes_are_a_fault(name: str, data: bytes) -> None:
    TARGETS[name](data)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(TARGETS))
def test_guided_by_coverage_nothing_is_found(name: str, tmp_path: Path) -> None:
    """FUZZ_SECONDS for each target, 60 unless it says otherwise."""
    pytest.importorskip("atheris", reason="atheris is not there for this Python")
    seconds = os.environ.get("FUZZ_SECONDS", "60")
    command = [sys.executable, "-m", "tests.fuzz.run", name, "--seconds", seconds]
    done = subprocess.run(
        [*command, "--found", str(tmp_path)], capture_output=True, text=True, check=False,
        cwd=Path(__file__).parents[2], timeout=float(seconds) + 300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:]
