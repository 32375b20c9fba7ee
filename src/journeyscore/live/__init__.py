"""Live tracking: journeys while they go on, so that staff can act while the guest is in the house.

`Tracker` is the door. A promise made in one process is a small token, delivered in another; a
service whose duration is the wait is wrapped; a moment that matters is told at once.
"""

from __future__ import annotations

from ..telemetry.signals import Telemetry
from .carrier import HEADER
from .journey import TrackedJourney
from .running import Moment
from .tracker import Tracker
from .wait import Wait

__all__ = ["HEADER", "Moment", "Telemetry", "TrackedJourney", "Tracker", "Wait"]
