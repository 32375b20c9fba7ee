"""Laws of relationships (docs/explanation/relationships-and-teams.md), of one customer and of logs."""

from __future__ import annotations

from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import standings, visit_logs

from journeyscore import relationship
from journeyscore.convert import journeys
from journeyscore.policy import Policy
from journeyscore.relationship import Band, Reason, Segment, Standing, standing

KEPT = Standing(visits=1, total=8000, kept=1)
BROKEN = Standing(visits=1, total=4000, broken=1)


@given(st.lists(standings, max_size=5), st.randoms())
def test_visits_merge_in_any_order(parts: list[Standing], chance: Any) -> None:
    merged = sum(parts, Standing())
    chance.shuffle(parts)
    assert sum(parts, Standing()) == merged
    half = len(parts) // 2
    assert sum(parts[:half], Standing()) + sum(parts[half:], Standing()) == merged


@given(standings)
def test_trust_grows_with_visits_kept_and_falls_with_broken_ones(one: Standing) -> None:
    assert 0 <= one.trust < 100 or one.kept > 10_000
    assert (one + KEPT).trust >= one.trust
    assert (one + BROKEN).trust <= one.trust


@given(standings)
def test_what_one_broken_visit_costs_is_earned_again_by_three_kept(one: Standing) -> None:
    after = one + BROKEN
    assert (after + KEPT + KEPT).trust <= one.trust
    assert (after + KEPT + KEPT + KEPT).trust == one.trust


def test_trust_is_built_slowly() -> None:
    assert KEPT.trust == 20.0
    assert (KEPT + KEPT).trust - KEPT.trust < KEPT.trust


@given(standings)
def test_a_band_has_its_reasons(one: Standing) -> None:
    found = one.risk()
    assert found.band is {0: Band.LOW, 1: Band.RAISED}.get(len(found.reasons), Band.HIGH)
    assert len(found.hints) == len(found.reasons)
    assert (Reason.TRUST_LOST in found.reasons) == (
        one.visits > 1 and one.broken > 0 and one.trust == 0
    )


@given(visit_logs(), st.randoms(use_true_random=False))
def test_what_rows_say_of_a_journey_does_not_depend_on_their_order(
    rows: list[dict[str, Any]], chance: Any
) -> None:
    for row in rows:
        row["csat"] = chance.choice([None, 2, 4])
        row["site"] = chance.choice([None, "north", "south"])
    before = journeys(rows)
    shuffled = chance.sample(rows, len(rows))
    for id, after in journeys(shuffled).items():
        stay = before[id]
        assert (after.feedback, after.worth) == (stay.feedback, stay.worth)
        assert (after.customer, after.site) == (stay.customer, stay.site)
    for id, stay in before.items():
        answers = [row["csat"] for row in rows if row["journey"] == id and row["csat"] is not None]
        assert stay.feedback == ({"csat": min(answers)} if answers else {})


# -- a log says of all customers together what each of them says ----------------------------------


def of_each(rows: list[dict[str, Any]], policy: Policy) -> dict[str, Standing]:
    """The plain path: the standing of each customer, by way of journeys in memory."""
    found: dict[str, Standing] = {}
    for visit in journeys(rows).values():
        if visit.customer is not None:
            met = found.get(visit.customer, Standing())
            found[visit.customer] = met + standing([visit], policy=policy)
    return {customer: met for customer, met in found.items() if met.visits}


def segment_of(one: Standing, valuable_from: float, policy: Policy) -> Segment:
    """The plain rule of segments."""
    assert one.impression is not None
    high = one.worth >= valuable_from * 100
    if one.impression >= policy.delighted_from:
        return Segment.ADVOCATES if high else Segment.SUPPORTERS
    if one.impression >= policy.dissatisfied_below:
        return Segment.VALUED if high else Segment.CONTENT
    if one.visits >= 3:
        return Segment.HABITUAL
    return Segment.AT_RISK if high else Segment.POTENTIAL_SABOTEURS


def mean(values: list[float]) -> float:
    return int(sum(round(each * 100) for each in values) / len(values) + 0.5) / 100


def rolled_up(group: list[Standing]) -> dict[str, Any]:
    return {
        "customers": len(group),
        "visits": sum(each.visits for each in group),
        "returning": sum(each.visits > 1 for each in group),
        "impression": mean([each.impression or 0.0 for each in group]),
        "trust": mean([each.trust for each in group]),
    }


@settings(max_examples=40)
@given(visit_logs())
def test_segments_are_the_customers_counted_and_small_ones_say_nothing(
    rows: list[dict[str, Any]],
) -> None:
    policy = Policy()
    groups: dict[Segment, list[Standing]] = {}
    for one in of_each(rows, policy).values():
        groups.setdefault(segment_of(one, 150, policy), []).append(one)
    log = pl.DataFrame(rows, infer_schema_length=None)
    found = relationship.segments(log, valuable_from=150, minimum=5)
    assert set(found["segment"]) == {each.value for each in groups}
    for row in found.rows(named=True):
        group = groups[Segment(row.pop("segment"))]
        worth = sum(each.worth for each in group) / 100
        expected = {**rolled_up(group), "worth": worth}
        assert row == (expected if len(group) >= 5 else dict.fromkeys(expected))


@settings(max_examples=40)
@given(visit_logs())
def test_risks_are_the_customers_counted(rows: list[dict[str, Any]]) -> None:
    policy = Policy()
    groups: dict[str, list[Standing]] = {}
    for one in of_each(rows, policy).values():
        groups.setdefault(one.risk(policy).band, []).append(one)
    found = relationship.risk(pl.DataFrame(rows, infer_schema_length=None), minimum=5)
    assert set(found["band"]) == set(groups)
    for row in found.rows(named=True):
        group = groups[row.pop("band")]
        reasons = {
            reason.value: sum(reason in each.risk(policy).reasons for each in group)
            for reason in Reason
        }
        expected = {**rolled_up(group), **reasons}
        assert row == (expected if len(group) >= 5 else dict.fromkeys(expected))
