"""A hotel stay, from the booking to the call afterwards.

Each row: touchpoint, stage, level usually expected, factors usually judged.
"""

from __future__ import annotations

from .catalogue import Catalogue

HOTEL = Catalogue.of(
    "hotel",
    (
        ("booking", "before", 0.80, "information speed courtesy"),
        ("confirmation", "before", 0.85, "information reliability"),
        ("valet", "arrival", 0.70, "speed courtesy smile"),
        ("doorman", "arrival", 0.70, "courtesy recognition smile"),
        ("bellman", "arrival", 0.70, "courtesy attitude recognition"),
        ("front_desk", "arrival", 0.75, "speed competence courtesy recognition"),
        ("room", "stay", 0.80, "cleanliness comfort quality"),
        ("housekeeping", "stay", 0.80, "cleanliness reliability consideration"),
        ("concierge", "stay", 0.75, "competence resourcefulness personalisation"),
        ("dining", "stay", 0.75, "quality courtesy speed"),
        ("room_service", "stay", 0.70, "speed quality courtesy"),
        ("maintenance", "stay", 0.65, "speed competence communication"),
        ("wake_up_call", "stay", 0.90, "reliability"),
        ("spa", "stay", 0.75, "comfort courtesy professionalism"),
        ("checkout", "departure", 0.80, "speed reliability courtesy"),
        ("luggage", "departure", 0.75, "reliability speed"),
        ("follow_up", "after", 0.50, "consideration communication"),
    ),
)
