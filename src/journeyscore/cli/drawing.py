"""What commands draw with: the extra ``report``, which is asked for only where it is needed."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from ..errors import InvalidValue, JourneyScoreError
from ..scorecard import Scorecard


def drawing() -> Any:
    """The package ``journeyscore.report``.

    Raises:
        JourneyScoreError: the extra is not installed.
    """
    try:
        return import_module("journeyscore.report")
    except ModuleNotFoundError as error:
        raise JourneyScoreError(
            f"drawing needs {error.name}", hint="pip install 'journeyscore[report]'"
        ) from error


def save_drawing(card: Scorecard, path: str) -> None:
    """Draw the map of a journey into a file, of the kind of its suffix."""
    try:
        drawing().journey_map(card).save(path)
    except InvalidValue as error:
        error.path = "--out"
        raise
