"""L1 to L3: relationships over journeys."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from journeyscore import Journey, Touchpoint, frames, relationship, score
from journeyscore.cli import main
from journeyscore.errors import InvalidValue, JourneyScoreError, MissingColumn
from journeyscore.relationship import Band, Reason, Segment, parting, standing

SEASON = Path(__file__).parents[2] / "examples" / "hotel" / "season.jsonl"
START = datetime(2026, 1, 1, tzinfo=UTC)


def visit(number: int, delivered: float, anticipated: float = 0.75) -> Journey:
    room = Touchpoint(
        "hotel.room", anticipated=anticipated, delivered=delivered, id=f"e{number}",
        at=START + timedelta(days=number),
    )  # fmt: skip
    return Journey(f"j{number}", [room])


def rows_of(
    customers: int, delivered: float, worth: float, visits: int = 1
) -> list[dict[str, Any]]:
    return [
        {
            "journey": f"{delivered}-{worth}-{visits}-{customer}-{number}",
            "customer": f"{delivered}-{worth}-{visits}-{customer}", "touchpoint": "hotel.room",
            "anticipated": 0.7, "delivered": delivered, "at": START + timedelta(days=number),
            "worth": worth, "segment": "leisure" if customer % 2 else "business",
        }
        for customer in range(customers)
        for number in range(visits)
    ]  # fmt: skip


def log() -> pl.DataFrame:
    rows = rows_of(12, 0.95, 900.0) + rows_of(11, 0.95, 90.0) + rows_of(15, 0.7, 900.0)
    rows += rows_of(13, 0.7, 90.0) + rows_of(10, 0.2, 900.0) + rows_of(14, 0.2, 90.0)
    return pl.DataFrame(rows + rows_of(16, 0.2, 100.0, visits=3) + rows_of(3, 0.5, 5.0, visits=2))


# -- L1: two axes, habit, trust, treatment, an end with dignity ------------------------------------


def test_L1_segments_of_satisfaction_and_value_with_habit_apart() -> None:
    found = relationship.segments(log(), valuable_from=300)
    assert dict(found.select("segment", "customers").rows()) == {
        "advocates": 12, "supporters": 11, "valued": 15, "content": 13, "at_risk": 10,
        "potential_saboteurs": 14 + 3, "habitual": 16,
    }  # fmt: skip
    of = {row["segment"]: row for row in found.rows(named=True)}
    assert of["habitual"]["worth"] == 16 * 300  # of high value, and yet no friends of the house
    assert of["habitual"]["returning"] == 16 and of["habitual"]["impression"] < 55
    assert of["advocates"]["trust"] == 20.0 and of["at_risk"]["trust"] == 0.0


def test_L1_a_segment_is_of_many_customers_and_labels_none() -> None:
    few = pl.DataFrame(rows_of(9, 0.95, 900.0) + rows_of(10, 0.7, 900.0))
    found = relationship.segments(few, valuable_from=300)
    of = {row["segment"]: row for row in found.rows(named=True)}
    assert of["valued"]["customers"] == 10
    assert set(of["advocates"].values()) == {"advocates", None}
    assert "customer" not in found.columns
    assert not hasattr(standing([visit(1, 0.9)]), "segment")
    with pytest.raises(InvalidValue, match="minimum"):
        relationship.segments(few, valuable_from=300, minimum=2)


def test_L1_trust_builds_slowly_and_must_be_earned_again() -> None:
    good = [visit(number, 0.8) for number in range(8)]
    trust = [standing(good[:n]).trust for n in range(9)]
    assert trust[:5] == [0.0, 20.0, 33.33, 42.86, 50.0] and trust == sorted(trust)
    broken = visit(20, 0.3)
    after = standing([*good, broken])
    assert after.trust == trust[8 - 3]
    again = standing([*good, broken, *(visit(30 + n, 0.8) for n in range(3))])
    assert again.trust == trust[8]
    a_little_short = standing([*good, visit(20, 0.71)])  # neither builds nor breaks
    assert (a_little_short.kept, a_little_short.broken) == (8, 0)


def test_L1_every_segment_has_a_hint_and_the_last_one_is_an_end_with_dignity() -> None:
    assert len({segment.hint for segment in Segment}) == len(Segment)
    assert "part with dignity" in Segment.POTENTIAL_SABOTEURS.hint
    assert "look after them" in Segment.ADVOCATES.hint
    failed = visit(1, 0.2)
    amends = Touchpoint(
        "hotel.room", delivered=0.95, id="r", recovers="e1", at=START + timedelta(days=2)
    )
    assert [(id, loop.id) for id, loop in parting([failed]).open_loops] == [("j1", "e1")]
    assert not parting([failed]).ready
    kept = score(failed.add(amends)).open_loops
    assert all(loop.id != "e1" or loop.kind != "failure" for loop in kept)


# -- L2: the risk of not returning ---------------------------------------------------------------


def test_L2_the_risk_is_a_band_with_its_reasons_and_no_number() -> None:
    content = standing([visit(1, 0.8), visit(2, 0.8)]).risk()
    assert (content.band, content.reasons) == (Band.LOW, ())
    once = standing([visit(1, 0.68)]).risk()
    assert (once.band, once.reasons) == (Band.RAISED, (Reason.FELL_SHORT,))
    falling = standing([visit(1, 0.9), visit(2, 0.9), visit(3, 0.68)]).risk()
    assert falling.reasons == (Reason.FELL_SHORT, Reason.INCONSISTENT, Reason.TRUST_LOST)
    assert falling.band is Band.HIGH
    bad = standing([visit(1, 0.3), visit(2, 0.3, anticipated=0.3)]).risk()
    assert bad.reasons == (Reason.DISSATISFIED, Reason.TRUST_LOST)
    for risk in (content, once, falling, bad):
        assert not any(isinstance(part, (int, float)) for part in risk)
        assert len(risk.hints) == len(risk.reasons)


def test_L2_only_the_last_visit_speaks_for_itself() -> None:
    mended = [visit(1, 0.3), *(visit(2 + n, 0.8) for n in range(4))]
    assert standing(mended).risk().band is Band.LOW
    assert standing(reversed(mended)) == standing(mended)
    assert standing([*mended, visit(9, 0.3)]).risk().band is Band.HIGH


def test_L2_over_a_log_bands_are_counted_with_their_reasons() -> None:
    found = relationship.risk(log())
    of = {row["band"]: row for row in found.rows(named=True)}
    assert of["low"]["customers"] == 12 + 11 + 15 + 13
    assert of["high"]["dissatisfied"] == of["high"]["customers"] == 10 + 14 + 16 + 3
    assert of["high"]["trust_lost"] == 16 + 3
    with pytest.raises(MissingColumn, match="no column at"):
        relationship.risk(log().drop("at"))


# -- L3: what to know about customers ------------------------------------------------------------


def test_L3_value_growth_and_advocates_by_segment() -> None:
    rows = rows_of(20, 0.95, 100.0, visits=2) + rows_of(3, 0.2, 7.0)
    found = relationship.knowledge(pl.DataFrame(rows), since=START + timedelta(days=1))
    of = {row["segment"]: row for row in found.rows(named=True)}
    assert set(of) == {"business", "leisure"}
    assert (of["leisure"]["customers"], of["leisure"]["visits"]) == (11, 21)
    assert (of["leisure"]["returning"], of["leisure"]["delighted"]) == (10, 10)
    assert (of["leisure"]["worth"], of["leisure"]["growth"]) == (2007.0, -7.0)


def test_L3_needs_are_counted_and_whether_they_were_met() -> None:
    base = {"touchpoint": "hotel.room", "anticipated": 0.7, "delivered": None}
    rows = []
    for n in range(12):
        rows.append(base | {"journey": f"j{n}", "customer": f"c{n}", "need": "crib", "meets": None})
        rows.append(rows[-1])
        met = "crib" if n < 9 else "vegan"
        met_by = {"need": None, "meets": met, "delivered": 0.8}
        rows.append(base | {"journey": f"j{n}", "customer": f"c{n}"} | met_by)
    rows.append(base | {"journey": "x", "customer": "x", "need": "vegan", "meets": None})
    found = relationship.needs(pl.DataFrame(rows, infer_schema_length=None)).sort("need")
    assert found.rows() == [("crib", 12, 12, 9, 0.75), ("vegan", None, None, None, None)]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--valuable-from", "600"], "look after them"),
        (["--show", "risk"], "fell short"),
        (["--show", "knowledge", "--since", "2025-08-01T00:00+02:00"], "growth"),
        (["--show", "needs"], "quiet_room"),
    ],
)
def test_L1_L2_L3_of_the_season_from_the_command(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("COLUMNS", "120")
    assert main(["relationships", str(SEASON), "--format", "table", *arguments]) == 0
    assert told in capsys.readouterr().out
    assert main(["relationships", str(SEASON), *arguments, "--minimum", "5"]) == 0
    assert "c-" not in capsys.readouterr().out  # no customer


def test_L1_the_command_asks_for_the_worth_of_a_valuable_customer(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["relationships", str(SEASON)]) == 1
    assert "--valuable-from" in capsys.readouterr().err


@pytest.mark.parametrize("wrong", [float("inf"), float("nan")])
def test_L1_a_worth_that_is_no_number_costs_its_own_row_only(wrong: float) -> None:
    """One such row, which scoring rejects, ended the whole of it in an error of the engine."""
    sound = log()
    row = sound.head(1).with_columns(worth=pl.lit(wrong), delivered=pl.lit(0.1))
    found, plain = (
        relationship.segments(each, valuable_from=300).sort("segment")
        for each in (pl.concat([sound, row]), sound)
    )
    assert found.equals(plain)


def test_L1_what_is_no_journey_or_no_worth_is_refused() -> None:
    with pytest.raises(JourneyScoreError, match="is not a Journey"):
        standing(["j1"])  # type: ignore[list-item]
    with pytest.raises(JourneyScoreError, match="is not a Journey"):
        parting(["j1"])  # type: ignore[list-item]
    with pytest.raises(MissingColumn, match="no column worth"):
        relationship.segments(log().drop("worth"), valuable_from=300)
    assert frames.check(log()).is_empty()
