"""The three processes: started together, and stopped."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[3]
"""Where `examples` can be imported from."""

PROCESSES = ("front_desk", "valet", "bellman")


def free_port() -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(**environment: str) -> Iterator[dict[str, str]]:
    """The processes while they run, by the address of each.

    Args:
        environment: more of their environment: OTEL_EXPORTER_OTLP_ENDPOINT, say.

    Raises:
        RuntimeError: one of them did not come up.
    """
    ports = {name: free_port() for name in PROCESSES}
    addresses = {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}
    known = {
        **os.environ,
        **environment,
        **{f"HOTEL_{name.upper()}": address for name, address in addresses.items()},
        "HOTEL_KEY": secrets.token_hex(16),
    }
    started = {
        name: subprocess.Popen(
            [
                *(sys.executable, "-m", "uvicorn", "--factory", f"{__package__}.{name}:app"),
                *("--port", str(port), "--log-level", "warning"),
            ],
            env=known,
            cwd=ROOT,
        )
        for name, port in ports.items()
    }
    try:
        for name, process in started.items():
            _wait_for(name, process, ports[name])
        yield addresses
    finally:
        for process in started.values():
            process.terminate()  # which has the SDK send what it still holds
        for process in started.values():
            process.wait(timeout=20)


def _wait_for(name: str, process: subprocess.Popen[bytes], port: int, seconds: int = 60) -> None:
    for _ in range(seconds * 20):
        if process.poll() is not None:
            break
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"{name} did not come up")
