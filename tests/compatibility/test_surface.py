"""Nothing public changes unseen."""

from __future__ import annotations

from .surface import FILE, surface


def test_the_public_surface_is_the_one_that_is_written_down() -> None:
    """If this fails on purpose: ``python -m tests.compatibility.surface``, and the changelog."""
    assert surface().splitlines() == FILE.read_text(encoding="utf-8").splitlines()
