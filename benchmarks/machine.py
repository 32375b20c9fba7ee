"""Where a result comes from: the machine, the versions, the commit."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

LIBRARIES = (
    "journeyscore", "attrs", "cattrs", "duckdb", "narwhals", "numpy", "opentelemetry-api",
    "pandas", "polars", "pyarrow", "pyspark", "river", "scikit-learn",
)  # fmt: skip


def machine() -> dict[str, Any]:
    """What one must know to compare a result with another."""
    return {
        "cpus": os.cpu_count(),
        "architecture": platform.machine(),
        "system": platform.system(),
        "python": platform.python_version(),
        "libraries": {name: _version(name) for name in LIBRARIES},
        "commit": _git("rev-parse", "--short=12", "HEAD"),
        "source_changed_since": bool(_git("status", "--porcelain", "--", "src")),
    }


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _git(*arguments: str) -> str | None:
    """What git says, or None: an unpacked sdist has no commit."""
    root = Path(__file__).parent.parent
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=root, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()
