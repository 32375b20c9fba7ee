"""Journeys and what version 1 of the model made of them: ``python -m tests.compatibility.golden``.

The file is made once, and never again: a release never changes what a model version gives.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

from examples.hotel import stories

from journeyscore import Basis, Expectation, Journey, Reading, Touchpoint, score
from journeyscore.convert import to_data

FILE = Path(__file__).with_name("golden-1.json")


def journeys() -> Iterator[Journey]:
    """The stories, a grid of single touchpoints, readings, recoveries, what contradicts itself."""
    told = (stories.hotel_arrival(), stories.gym_smile(), stories.home_store(),
            stories.bottle_of_water())  # fmt: skip
    for story in told:
        yield from story if isinstance(story, tuple) else (story,)
    levels = (0.0, 0.0001, 0.12345, 0.3, 0.5, 0.7, 0.99995, 1.0)
    for basis, gap_scale in product(Basis, (0.001, 4 / 60, 0.2, 10.0)):
        grid = [
            Touchpoint("hotel.valet", anticipated=Expectation(a, basis), delivered=d,
                       gap_scale=gap_scale, weight=w)
            for (a, d), w in zip(product(levels, levels), (1.0, 0.5, 2.0, 0.001) * 16, strict=True)
        ]  # fmt: skip
        yield Journey(f"grid-{basis.value}-{gap_scale:g}", grid)
    readings = {
        "competence": Reading(anticipated=Expectation(0.8), delivered=0.4),
        "courtesy": Reading(anticipated=Expectation(0.5), delivered=1.0, weight=3.0),
    }
    failure = Touchpoint("hotel.room", anticipated=Expectation(0.8), delivered=0.2, id="f")
    for name, delivered in (("good", 0.9), ("poor", 0.3)):
        amends = Touchpoint("hotel.maintenance", delivered=delivered, recovers="f")
        yield Journey(f"recovery-{name}", [failure, amends])
    yield Journey("readings", [Touchpoint("hotel.front_desk", readings=readings)])
    yield Journey("conflict", [failure, Touchpoint("hotel.room", delivered=0.9, id="f")])
    yield Journey("planned", [failure], plan=["hotel.valet", "hotel.room"])  # type: ignore[arg-type]


def scored(journey: Journey) -> dict[str, Any]:
    """What a journey comes to, in whole numbers and in points."""
    card = score(journey)
    return {
        "tally": to_data(card.tally),
        "impression": card.impression,
        "par": card.par,
        "delivered": card.delivered,
        "consistency": card.consistency,
        "known_share": card.known_share,
        "verdict": card.verdict,
        "effects": list(card.effects),
        "outcomes": [outcome.value for outcome in card.outcomes],
    }


if __name__ == "__main__":
    lines = (json.dumps({"journey": to_data(j), "score": scored(j)}) for j in journeys())
    FILE.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")
