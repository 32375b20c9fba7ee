"""A call or a chat with a contact centre.

Each row: touchpoint, stage, level usually expected, factors usually judged.
"""

from __future__ import annotations

from .catalogue import Catalogue

CONTACT_CENTRE = Catalogue.of(
    "contact_centre",
    (
        ("menu", "reaching", 0.55, "accessibility communication"),
        ("queue", "reaching", 0.55, "speed information"),
        ("greeting", "contact", 0.75, "courtesy smile"),
        ("identification", "contact", 0.70, "speed recognition safety"),
        ("understanding", "contact", 0.75, "respect communication"),
        ("solution", "contact", 0.75, "competence empowerment"),
        ("transfer", "contact", 0.55, "commitment information"),
        ("callback", "after", 0.75, "reliability commitment"),
        ("closing", "after", 0.70, "courtesy commitment"),
        ("follow_up", "after", 0.50, "consideration communication"),
    ),
)
