"""Zones of tolerance, outcomes and what a scale brings to its readings."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from journeyscore import (
    Journey,
    Touchpoint,
    count,
    days,
    frames,
    level,
    minutes,
    rating,
    score,
    yes_no,
)
from journeyscore.errors import InvalidValue, OutOfScale, WrongType


def outcome(**fields: Any) -> str:
    card = score(Journey("j", [Touchpoint("hotel.valet", **fields)]))
    return card.outcomes[0].value


def test_the_default_zone_is_five_points_wide_on_either_side() -> None:
    assert outcome(anticipated=0.6, delivered=0.55) == "met"
    assert outcome(anticipated=0.6, delivered=0.5499) == "fell_short"
    assert outcome(anticipated=0.6, delivered=0.65) == "met"
    assert outcome(anticipated=0.6, delivered=0.6501) == "extra_mile"
    assert outcome(anticipated=0.6, delivered=0.6501, proactive=True) == "proactive"
    assert outcome(anticipated=0.02, delivered=0.0) == "met"  # cut to 0
    assert outcome(anticipated=0.98, delivered=1.0) == "met"  # and to 1


def test_a_zone_that_is_given_counts_and_never_changes_the_value() -> None:
    assert outcome(anticipated=0.6, delivered=0.5, adequate=0.5) == "met"
    assert outcome(anticipated=0.6, delivered=0.5, adequate=0.51) == "fell_short"
    assert outcome(anticipated=0.6, delivered=0.8, desired=0.8) == "met"
    assert outcome(anticipated=0.6, delivered=0.8, desired=0.79) == "extra_mile"
    plain = score(Journey("j", [Touchpoint("x", anticipated=0.6, delivered=0.8)]))
    zoned = score(
        Journey("j", [Touchpoint("x", anticipated=0.6, delivered=0.8, adequate=0.1, desired=0.9)])
    )
    assert plain.tally == zoned.tally


@pytest.mark.parametrize(
    ("scale", "anticipated", "met", "short"),
    [
        (rating(1, 5), 4, 3.5, 3.4),  # half a star
        (rating(0, 10, step=None), 6, 5.5, 5.4),  # continuous: five points of a hundred
        (count(best=0, worst=4), 1, 1.5, 1.6),
        (minutes(best=0, worst=30), 10, 11.5, 11.6),
        (days(best=0, worst=60), 10, 13, 13.1),
        (yes_no, True, True, False),
        (level, 0.6, 0.55, 0.54),
    ],
)
def test_half_a_step_of_a_scale_is_tolerated_in_memory_and_in_frames(
    scale: Any, anticipated: Any, met: Any, short: Any
) -> None:
    def read(delivered: Any) -> str:
        reading = scale(anticipated=anticipated, delivered=delivered)
        return score(Journey("j", [Touchpoint("x", readings={"speed": reading})])).outcomes[0].value

    assert (read(met), read(short)) == ("met", "fell_short")
    # in frames the zone decides whether competence is lacking, and then courtesy earns nothing
    log = pl.DataFrame(
        {
            "journey": ["met", "met", "short", "short"],
            "touchpoint": ["x"] * 4,
            "factor": ["competence", "courtesy"] * 2,
            "id": ["1"] * 4,
            "anticipated": [float(anticipated), 0.2] * 2,
            "delivered": [float(met), 0.9, float(short), 0.9],
        }
    )
    scored = frames.score(log, scales={"competence": scale}).sort("journey")
    for journey, competence in (("met", met), ("short", short)):
        readings = {
            "competence": scale(anticipated=anticipated, delivered=competence),
            "courtesy": level(anticipated=0.2, delivered=0.9),
        }
        plain = score(Journey("j", [Touchpoint("x", readings=readings)]))
        found = scored.filter(pl.col("journey") == journey)["impression"].item()
        assert found == plain.impression


def test_the_gap_scale_of_a_scale_reaches_the_value() -> None:
    slow, fine = days(best=0, worst=60), days(best=0, worst=60, gap_scale=4 / 60)

    def impression(scale: Any) -> float | None:
        reading = scale(anticipated=10, delivered=14)
        return score(Journey("j", [Touchpoint("x", readings={"speed": reading})])).impression

    assert impression(slow) != impression(fine)
    log = pl.DataFrame(
        {"journey": ["j"], "touchpoint": ["x"], "anticipated": [10.0], "delivered": [14.0]}
    )
    for scale in (slow, fine):
        assert frames.score(log, scales={"x": scale})["impression"].item() == impression(scale)


def test_scales_refuse_what_they_cannot_mean() -> None:
    with pytest.raises(OutOfScale, match="anticipated: 0 is outside rating 1 to 5"):
        rating(1, 5)(anticipated=0, delivered=4)
    with pytest.raises(OutOfScale, match="delivered: 2 is neither yes nor no"):
        yes_no(anticipated=True, delivered=2)
    with pytest.raises(WrongType, match="delivered: True is not a number"):
        minutes(best=0, worst=30)(anticipated=5, delivered=True)
    with pytest.raises(WrongType, match="delivered: str of length 1"):
        minutes(best=0, worst=30)(anticipated=5, delivered="5")  # type: ignore[arg-type]
    with pytest.raises(InvalidValue, match="worst and best are both 5"):
        minutes(best=5, worst=5)
    with pytest.raises(OutOfScale, match="gap_scale"):
        rating(1, 5, gap_scale=0)
    assert rating(6, 1)(anticipated=1, delivered=6).delivered == 0.0  # marks where 1 is best
    assert minutes(best=0, worst=30)(anticipated=-5, delivered=99).delivered == 0.0
    assert yes_no(anticipated=1, delivered=0).delivered == 0.0
