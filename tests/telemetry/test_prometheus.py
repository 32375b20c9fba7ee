"""A real Prometheus scrapes the three processes: the queries of docs/reference/telemetry.md answer,
and so do the rules and the dashboard of examples/observability.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from examples.hotel.arrival.guest import stays
from examples.hotel.arrival.processes import free_port, running
from prometheus import Prometheus, require_prometheus, scraping

pytestmark = pytest.mark.xdist_group("prometheus")  # one worker, so that the fixture is made once

PUNCTUAL, LATE = 8, 20
"""Minutes of the stay in which the bags come."""

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples" / "observability"
PAGE = ROOT / "docs" / "reference" / "telemetry.md"
QUERIES = re.findall(r"```promql\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
SHARE, DECILE, SHARE_OF_A_DAY, DECILE_OF_A_DAY = QUERIES


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """Prometheus, after three stays with punctual bags and one in which they were late."""
    binary = require_prometheus()
    folder = tmp_path_factory.mktemp("prometheus")
    with (
        running() as addresses,
        scraping(
            binary, addresses.values(), free_port(), folder, EXAMPLES / "journeyscore.rules.yml"
        ) as found,
    ):
        for number, bags_at in enumerate([PUNCTUAL, PUNCTUAL, LATE, PUNCTUAL]):
            for _ in stays(addresses, stay=f"stay-{number}", bags_at=bags_at):
                pass
            # four of each stay, and the amends of the late one
            told = (number + 1) * 4 + (number >= 2)
            found.wait_for("sum(journeyscore_touchpoints_total)", told)
            found.wait_for("sum(journeyscore_journey_impression_count)", number + 1)
        yield found


def test_the_share_that_fell_short_by_name(asked: Prometheus) -> None:
    assert asked.ask(SHARE) == {
        ("hotel.valet",): 0,
        ("hotel.front_desk",): 0,
        ("hotel.bellman",): 0.25,
        ("hotel.checkout",): 0,
    }


def test_the_worst_decile_of_impressions(asked: Prometheus) -> None:
    # one of four stays came to 76.76, the others to more than 80: a tenth of four is 0.4 of the
    # one stay between 70 and 80
    assert asked.ask(DECILE) == {(): pytest.approx(74)}
    buckets = asked.ask("sum by (le) (journeyscore_journey_impression_bucket)")
    assert (buckets[("70",)], buckets[("80",)], buckets[("+Inf",)]) == (0, 1, 4)


def test_the_same_over_a_day(asked: Prometheus) -> None:
    share = asked.ask(SHARE_OF_A_DAY)
    assert set(share) == set(asked.ask(SHARE))
    assert share["hotel.valet",] == share["hotel.front_desk",] == share["hotel.checkout",] == 0
    assert 0 <= share["hotel.bellman",] <= 1
    (decile,) = asked.ask(DECILE_OF_A_DAY).values()
    assert 70 < decile < 100


def test_the_rules_are_sound_and_the_dashboard_shows_something(asked: Prometheus) -> None:
    until = time.monotonic() + 30
    while set((found := asked.rules()).values()) != {"ok"} and time.monotonic() < until:
        time.sleep(0.2)
    assert len(found) == 6 and set(found.values()) == {"ok"}
    record = "journeyscore:fell_short:share_1h"
    assert set(asked.ask(record)) == {(record, *names) for names in asked.ask(SHARE)}
    panels = json.loads((EXAMPLES / "dashboard.json").read_text("utf-8"))["panels"]
    empty = [
        target["expr"]
        for panel in panels
        for target in panel["targets"]
        if not asked.ask(target["expr"])
    ]
    assert len(panels) == 6 and empty == []


def test_alerts_are_raised_when_they_should_be() -> None:
    require_prometheus()
    promtool = shutil.which("promtool")
    assert promtool, "promtool comes with Prometheus"
    run = subprocess.run(
        [promtool, "test", "rules", "rules_test.yml"], cwd=EXAMPLES, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stdout + run.stderr
