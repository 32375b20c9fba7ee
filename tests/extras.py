"""What each part of the tests needs, so that they run where the library has few of its extras.

In an environment without an extra, what needs it is not collected, and the report says so; where
the extra is there nothing is left out, and without the extra nothing but what is listed here. So
what needs more than it says fails: the core that asks for a dataframe, above all.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest

BRINGS = {
    "frames": ("narwhals", "polars"),
    "feeds": ("jmespath",),
    "cli": ("rich", "polars", "jmespath"),
    "drivers": ("sklearn", "polars"),
    "report": ("jinja2", "vl_convert", "polars"),
    "testing": ("hypothesis",),
    "store": ("sqlalchemy", "aiosqlite", "greenlet"),
    "store-postgres": ("asyncpg", "pg8000", "sqlalchemy"),
    "dev": ("duckdb", "pandas", "pyspark", "opentelemetry.sdk"),
}
"""The extras, and the group of tools for development, by what they install."""

NEEDS = {
    "journeyscore/frames": "frames",
    "journeyscore/relationship": "frames",
    "journeyscore/team": "frames",
    "journeyscore/calibration.py": "frames",
    "journeyscore/drivers.py": "drivers",
    "journeyscore/report": "report",
    "journeyscore/cli": "cli",
    "journeyscore/__main__.py": "cli",
    "journeyscore/store": "store",
    "journeyscore/store/frame.py": "frames",
    "journeyscore/testing": "testing",
    "journeyscore/convert/mapping.py": "feeds",
    "journeyscore/convert/expressions.py": "feeds",
    "journeyscore/convert/ocel.py": "feeds",
    "journeyscore/convert/xes.py": "feeds",
    "README.md": "dev",
    "docs": "dev",
    "examples": "dev",
    "benchmarks": "dev",
    "tests/capabilities/test_D.py": "dev",
    "tests/capabilities/test_D6.py": "dev",
    "tests/capabilities/test_U.py": "cli report",
    "tests/capabilities/test_expectations.py": "frames testing",
    "tests/capabilities/test_feedback.py": "cli drivers",
    "tests/capabilities/test_journeys.py": "frames testing",
    "tests/capabilities/test_promises.py": "frames testing",
    "tests/capabilities/test_recovery.py": "frames testing",
    "tests/capabilities/test_relationships.py": "cli",
    "tests/capabilities/test_teams.py": "cli",
    "tests/compatibility/test_surface.py": "dev",
    "tests/docs": "dev",
    "tests/edges/test_cli.py": "cli",
    "tests/edges/test_cli_journal.py": "cli store",
    "tests/edges/test_cli_show.py": "cli report",
    "tests/edges/test_cloudevents.py": "dev",
    "tests/edges/test_convert_command.py": "cli",
    "tests/edges/test_csv.py": "frames testing",
    "tests/edges/test_documents.py": "dev",
    "tests/edges/test_eventlogs.py": "dev",
    "tests/edges/test_jsonlines.py": "frames testing",
    "tests/edges/test_log.py": "frames",
    "tests/edges/test_mapping.py": "feeds testing",
    "tests/edges/test_missing_extras.py": "cli drivers report",
    "tests/fuzz": "dev",
    "tests/laws": "testing",
    "tests/laws/test_frames.py": "frames",
    "tests/laws/test_relationships.py": "frames",
    "tests/mutation": "dev",
    "tests/parity": "frames testing",
    "tests/parity/test_engines.py": "dev",
    "tests/parity/test_touchpoints.py": "dev",
    "tests/parity/test_promises.py": "dev",
    "tests/parity/test_overview.py": "dev",
    "tests/parity/test_loops.py": "dev",
    "tests/parity/test_edges.py": "dev",
    "tests/parity/test_spark.py": "dev",
    "tests/report": "dev",
    "tests/chromium.py": "dev",
    "tests/prometheus.py": "dev",
    "tests/postgres.py": "store",
    "tests/slow": "dev",
    "tests/store": "store testing",
    "tests/store/test_content.py": "frames",
    "tests/strategies.py": "testing",
    "tests/telemetry": "dev",
    "tests/test_benchmarks.py": "dev",
    "tests/test_comparing.py": "dev",
    "tests/test_contents.py": "testing",
    "tests/test_counts.py": "dev",
    "tests/test_policy.py": "testing",
    "tests/test_testing.py": "testing",
    "tests/test_zones_and_scales.py": "frames",
    "tests/test_journey.py::test_a_zone_makes_room_for_an_expectation_that_is_filled_in": "frames",
    "tests/test_journey.py::test_a_market_is_checked_and_added_up": "frames",
    "tests/test_journey.py::test_numbers_of_other_libraries_are_numbers": "dev",
    "tests/test_imports.py": "dev",
    "tests/typing": "dev",
}
"""Folders, files and single tests (``file.py::test``), by what they need."""


@cache
def lacking(needed: str) -> str | None:
    """The first of what is needed that is not installed."""
    found = (extra for extra in needed.split() if not all(map(find_spec, BRINGS[extra])))
    return next(found, None)


def _needs(path: Path, test: str = "") -> str | None:
    """What a file, or a test of it, cannot do without and has not got."""
    place = path.as_posix() + test
    for listed, needed in NEEDS.items():
        at = place.rfind(f"/{listed}")
        if at >= 0 and place[at + 1 + len(listed) :][:1] in ("", "/", ":", "["):
            if (missing := lacking(needed)) is not None:
                return missing
    return None


_left_out: dict[str, int] = {}


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave out what cannot even be imported."""
    if (missing := _needs(collection_path)) is None:
        return None
    _left_out[missing] = _left_out.get(missing, 0) + 1
    return True


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip single tests that need more than their file."""
    for item in items:
        if (missing := _needs(item.path, f"::{item.nodeid.rpartition('::')[2]}")) is not None:
            item.add_marker(pytest.mark.skip(reason=f"it needs {missing}, which is not installed"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was left out, and for want of what."""
    for missing, files in sorted(_left_out.items()):
        terminalreporter.write_line(f"{files} files left out: they need {missing}")
