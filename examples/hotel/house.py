"""The hotel as data: its three houses, its teams, and how each touchpoint usually goes.

Whoever wants another hotel changes these tables; `season` only rolls the dice over them.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Literal, NamedTuple

from journeyscore.touchpoints import CATALOGUES


class Site(NamedTuple):
    """One of the houses.

    Attributes:
        name: its opaque name in the log.
        guests: its share of the stays, against that of the others.
        amends: how often something that fell short is put right, 0 to 1.
        pledge: what it promises, times what the job usually takes: 0.6 promises too much, 1.3
            leaves room.
    """

    name: str
    guests: int
    amends: float
    pledge: float


class Job(NamedTuple):
    """Work whose length is promised to the guest, in minutes.

    Attributes:
        takes: how long it usually takes.
        worst: how long is as bad as never.
    """

    takes: int
    worst: int


class Habit(NamedTuple):
    """How one touchpoint usually goes.

    Attributes:
        name: in the catalogue of hotels, without ``hotel.``.
        team: whose work it is; every house has its own.
        source: the system that writes it down.
        channel: how guest and house meet.
        anchor: what its time is counted from; what is anchored to ``night`` recurs every night.
        hours: how long after the anchor (midnight after each night) it happens.
        often: how often it happens, 0 to 1.
        level: what is usually delivered, 0 to 1.
        weight: its importance in the stay.
        job: what is promised in minutes, if anything is.
        missed: how often it is due and forgotten, 0 to 1.
        cancelled: how often the guest calls it off, 0 to 1.
        ahead: how often it is done before the guest asked, 0 to 1.
    """

    name: str
    team: str
    source: str
    channel: str
    anchor: Literal["arrival", "night", "departure"]
    hours: float
    often: float
    level: float
    weight: float = 1.0
    job: Job | None = None
    missed: float = 0.0
    cancelled: float = 0.0
    ahead: float = 0.0

    @property
    def touchpoint(self) -> str:
        """Its full name."""
        return f"hotel.{self.name}"

    @property
    def stage(self) -> str:
        """Where in the stay it belongs, as the catalogue has it."""
        return CATALOGUES["hotel"][self.touchpoint].stage


class Manners(NamedTuple):
    """How a house behaves when something fails.

    Attributes:
        owns_up: how often it says so, 0 to 1.
        minutes: how long it usually takes to.
        excuses: how often it makes an excuse, 0 to 1.
    """

    owns_up: float
    minutes: int
    excuses: float


OPENING = datetime(2025, 6, 1, tzinfo=timezone(timedelta(hours=2)))
"""The first day of the season."""

SITES = (
    Site("lakeside", guests=5, amends=0.75, pledge=1.3),
    Site("old-town", guests=4, amends=0.50, pledge=1.2),
    Site("airport", guests=3, amends=0.25, pledge=0.6),
)

SKILL = {
    "lakeside-front-desk": 0.06,
    "lakeside-concierge": 0.06,
    "old-town-bell": -0.30,  # the weak team of this season
    "airport-restaurant": -0.06,
}
"""How far a team delivers above or below what is usual; teams not named here do what is usual."""

LAUNDRY_DOWN = range(64, 71)
"""The days of the season on which the laundry that all houses share stood still."""

HABITS = (
    Habit("booking", "reservations", "booking", "web", "arrival", -400.0, 0.90, 0.86),
    Habit("confirmation", "reservations", "booking", "email", "arrival", -72.0, 0.60, 0.90, 0.5,
          missed=0.04),
    Habit("valet", "valet", "valet-app", "app", "arrival", 0.0, 0.55, 0.80, job=Job(10, 30)),
    Habit("doorman", "bell", "bell-desk", "in_person", "arrival", 0.1, 0.40, 0.84, 0.5),
    Habit("bellman", "bell", "bell-desk", "in_person", "arrival", 0.2, 0.65, 0.84),
    Habit("front_desk", "front-desk", "front-desk", "in_person", "arrival", 0.3, 1.00, 0.82, 2.0,
          ahead=0.05),
    Habit("room", "housekeeping", "housekeeping", "in_person", "arrival", 0.6, 1.00, 0.86, 2.0),
    Habit("dining", "restaurant", "pos", "in_person", "night", -4.0, 0.40, 0.82, cancelled=0.04),
    Habit("concierge", "concierge", "concierge-desk", "chat", "night", -3.3, 0.20, 0.84,
          ahead=0.25),
    Habit("room_service", "restaurant", "pos", "phone", "night", -2.5, 0.15, 0.78,
          job=Job(30, 75)),
    Habit("maintenance", "engineering", "maintenance", "phone", "night", -2.0, 0.10, 0.70,
          job=Job(45, 150)),
    Habit("wake_up_call", "front-desk", "front-desk", "phone", "night", 6.5, 0.10, 0.98,
          missed=0.12),
    Habit("housekeeping", "housekeeping", "housekeeping", "in_person", "night", 9.0, 0.85, 0.86,
          missed=0.02),
    Habit("spa", "concierge", "spa-book", "in_person", "night", -6.0, 0.10, 0.86,
          cancelled=0.15),
    Habit("luggage", "bell", "bell-desk", "in_person", "departure", -0.3, 0.35, 0.84, 0.5),
    Habit("checkout", "front-desk", "front-desk", "in_person", "departure", 0.0, 1.00, 0.86),
    Habit("follow_up", "reservations", "mail", "email", "departure", 48.0, 0.45, 0.62, 0.5,
          missed=0.05),
)  # fmt: skip
"""The touchpoints of a stay."""

MANNERS = {
    "lakeside": Manners(owns_up=0.8, minutes=20, excuses=0.05),
    "old-town": Manners(owns_up=0.5, minutes=60, excuses=0.15),
    "airport": Manners(owns_up=0.3, minutes=180, excuses=0.40),
}
"""How each house behaves when something fails."""

CAUSES = (
    ("housekeeping", "laundry", "resource"),
    ("housekeeping", "rota", "resource"),
    ("bell", "greeting", "attitude"),
    ("valet", "estimates", "policy"),
    ("restaurant", "kitchen", "skill"),
    ("front-desk", "keys", "authority"),
    ("engineering", "spares", "resource"),
)
"""Why what a team does fails, and what stands in its way; the laundry only while it is down."""

PREVENTED = {"laundry": 71, "estimates": 30}
"""The causes that were done away with, and the day; the estimates of the valets came back."""

SEGMENTS = ("business", "leisure", "leisure", "event")
NEEDS = (
    ("quiet_room", "hotel.room"),
    ("crib", "hotel.room"),
    ("late_checkout", "hotel.checkout"),
    ("vegan", "hotel.dining"),
    ("early_breakfast", "hotel.wake_up_call"),
)
"""What guests ask for, and the touchpoint that should meet it."""

RATES = {"lakeside": 240, "old-town": 190, "airport": 130}
"""What a night is worth."""
