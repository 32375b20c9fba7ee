"""Prometheus, which scrapes the example: where it is missing tests are skipped, never in CI."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

CONFIGURATION = """
global: {{scrape_interval: 500ms, scrape_timeout: 400ms, evaluation_interval: 1s}}
rule_files: [{rules}]
scrape_configs:
  - job_name: hotel
    metrics_path: /metrics/
    static_configs: [{{targets: [{targets}]}}]
"""


def require_prometheus() -> str:
    """The path of Prometheus; skips the test where there is none, fails it where CI is set."""
    found = shutil.which("prometheus")
    if found:
        return found
    reason = "no Prometheus: install the package `prometheus` of Debian or Ubuntu"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


class Prometheus:
    """A Prometheus that runs."""

    def __init__(self, address: str) -> None:
        self._client = httpx.Client(base_url=address, trust_env=False, timeout=10)

    def ready(self) -> bool:
        """Whether it answers."""
        try:
            return self._client.get("/-/ready").status_code == 200
        except httpx.TransportError:
            return False

    def ask(self, promql: str) -> dict[tuple[str, ...], float]:
        """The answer to a query: a number by the values of its labels."""
        answer = self._client.get("/api/v1/query", params={"query": promql}).json()
        assert answer["status"] == "success", answer
        return {
            tuple(each["metric"].values()): float(each["value"][1])
            for each in answer["data"]["result"]
        }

    def rules(self) -> dict[str, str]:
        """The rules by name, and how it goes with each."""
        groups = self._client.get("/api/v1/rules").json()["data"]["groups"]
        return {rule["name"]: rule["health"] for group in groups for rule in group["rules"]}

    def wait_for(self, promql: str, value: float, seconds: float = 30) -> None:
        """Wait until a query has one answer, and that is it."""
        until = time.monotonic() + seconds
        while (found := list(self.ask(promql).values())) != [value]:
            assert time.monotonic() < until, f"{promql} is {found}, not {value}"
            time.sleep(0.1)

    def close(self) -> None:
        """Ask no more."""
        self._client.close()


@contextmanager
def scraping(
    binary: str, addresses: Iterable[str], port: int, folder: Path, rules: Path
) -> Iterator[Prometheus]:
    """A Prometheus while it scrapes these addresses, under these rules."""
    targets = ", ".join(f'"{address.removeprefix("http://")}"' for address in addresses)
    configuration = folder / "prometheus.yml"
    configuration.write_text(CONFIGURATION.format(targets=targets, rules=rules), encoding="utf-8")
    process = subprocess.Popen(
        [
            binary,
            f"--config.file={configuration}",
            f"--storage.tsdb.path={folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{port}",
            "--log.level=warn",
        ]
    )
    asked = Prometheus(f"http://127.0.0.1:{port}")
    try:
        until = time.monotonic() + 30
        while not asked.ready():
            assert process.poll() is None and time.monotonic() < until, "it did not come up"
            time.sleep(0.1)
        yield asked
    finally:
        asked.close()
        process.terminate()
        process.wait(timeout=20)
