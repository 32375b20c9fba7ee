"""What all tests share: profiles of Hypothesis, and a session of Spark.

The profiles: `default` for every run, `slow` (HYPOTHESIS_PROFILE=slow) for many more.

Where CI is set it is `ci`: the same examples every time, so that a change is judged by what it
changes. Other runs look further at each turn, and what they find becomes a test.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from java import require_java

with suppress(ModuleNotFoundError):  # where the extra `testing` is not installed (tests/extras.py)
    from hypothesis import HealthCheck, Phase, settings

    settings.register_profile(
        "default", deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
    settings.register_profile("slow", parent=settings.get_profile("default"), max_examples=2000)
    settings.register_profile("ci", parent=settings.get_profile("default"), derandomize=True)
    # of tests that are run again and again, for each mutant or environment: few examples
    settings.register_profile(
        "quick", parent=settings.get_profile("ci"), max_examples=15, database=None,
        phases=[Phase.explicit, Phase.generate],
    )  # fmt: skip
    usual = "ci" if os.environ.get("CI") else "default"
    settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", usual))


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """One small session, in a timezone that turns its clocks and that no log is in."""
    require_java()
    from pyspark.sql import SparkSession

    folder = tmp_path_factory.mktemp("spark")
    configuration = {
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.extraJavaOptions": f"-Dderby.system.home={folder}",
        "spark.local.dir": str(folder),
        "spark.log.level": "ERROR",
        "spark.pyspark.python": "/no/python/on/executors",  # whatever needs one there fails
        "spark.python.sql.dataFrameDebugging.enabled": "false",  # halves the time to plan
        "spark.sql.constraintPropagation.enabled": "false",  # see docs/how-to/spark.md
        "spark.sql.session.timeZone": "America/New_York",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    session = SparkSession.builder.master("local[2]").config(map=configuration).getOrCreate()
    yield session
    session.stop()
