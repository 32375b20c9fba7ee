"""Version 1 of the model gives what it gave: each journey, from its document, bit for bit."""

from __future__ import annotations

import json
from typing import Any

import pytest

from journeyscore import Journey
from journeyscore.convert import from_data

from .golden import FILE, scored

GOLDEN = json.loads(FILE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: golden["journey"]["id"])
def test_a_journey_scores_as_version_1_did(golden: dict[str, Any]) -> None:
    assert scored(from_data(golden["journey"], Journey)) == golden["score"]


def test_the_golden_journeys_meet_every_basis_and_outcome() -> None:
    outcomes = {outcome for each in GOLDEN for outcome in each["score"]["outcomes"]}
    assert {"fell_short", "met", "extra_mile"} <= outcomes
    assert len(GOLDEN) > 25
