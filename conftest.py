"""Tests are left out where the extra that they need is not installed: see ``tests/extras.py``."""

pytest_plugins = ["extras"]
