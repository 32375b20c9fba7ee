"""Every public door used as its types allow: checked by mypy and pyright, and never run.

What is asserted are the types that a host builds upon. A line marked ``type: ignore`` must be an
error: that checkers refuse it is part of the promise, and both complain of an ignore too many.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, assert_type

import duckdb
import polars as pl
import pyspark.sql as spark
from hypothesis import given
from hypothesis import strategies as st

import journeyscore
from journeyscore import (
    Basis,
    Expectation,
    Extremes,
    Handling,
    Journey,
    JourneyScoreError,
    Outcome,
    Plan,
    PlannedTouchpoint,
    Policy,
    Reading,
    Scale,
    Scorecard,
    Tally,
    Touchpoint,
    Tracker,
    asked,
    assumed,
    calibration,
    convert,
    count,
    days,
    drivers,
    experienced,
    fold,
    frames,
    level,
    market,
    minutes,
    promised,
    rating,
    relationship,
    report,
    score,
    store,
    team,
    testing,
    yes_no,
)
from journeyscore.convert import cloudevents, logrows, mapping, ocel, schema, xes
from journeyscore.live import Moment, Telemetry, TrackedJourney, Wait
from journeyscore.loops import Failure, OpenLoop
from journeyscore.promises import Promise
from journeyscore.touchpoints import CATALOGUES, Catalogue, catalogued

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def the_core() -> None:
    assert_type(journeyscore.__version__, str)
    assert_type(promised(0.8), Expectation)
    assert_type([asked(True), assumed(1), experienced(0.5), market(0.5)], list[Expectation])
    assert_type(promised(5).basis, Basis)
    valet = Touchpoint("hotel.valet", anticipated=0.6, delivered=0.9, at=NOW, weight=2, id="v1")
    desk = Touchpoint("hotel.front_desk", anticipated=promised(0.8), delivered=1)
    fixed = Touchpoint("hotel.valet", delivered=0.9, recovers=("pos", "v1"), state="delivered")
    handled = Touchpoint("hotel.valet", handling=Handling(act="follow_up", regards="v1"))
    assert_type(valet.delivered, float | None)
    assert_type(valet.at, datetime | None)
    assert_type(valet.anticipated, Expectation | None)
    stay = Journey("stay-1", [valet, desk, fixed, handled], plan=["hotel.valet"], state="closed")
    planned = PlannedTouchpoint("hotel.valet", anticipated=0.7, due=NOW)
    assert_type(Journey("stay-2", plan=Plan([planned])).add(desk), Journey)
    assert_type(stay.retract("v1").replace("v1", delivered=0.2), Journey)
    assert_type(stay.what_if("v1", delivered=0.2).touchpoints, tuple[Touchpoint, ...])
    policy = Policy(promised_share=0.9, weights={"hotel.valet": 2})
    assert_type(policy.fingerprint, str)
    policy.save("policy.toml")
    assert_type(Policy.load(Path("policy.toml")), Policy)
    card = score(stay, policy=policy, market={"hotel.valet": (9000, 1)}, now=NOW, strict=True)
    assert_type(card, Scorecard)
    assert_type((card.impression, card.par), tuple[float | None, float | None])
    assert_type(card.effects, tuple[float, ...])
    assert_type(card.outcomes, tuple[Outcome, ...])
    assert_type(card.open_loops, tuple[OpenLoop, ...])
    assert_type(card.failures, tuple[Failure, ...])
    assert_type(card.promises, tuple[Promise, ...])
    assert_type(card.missed, tuple[str, ...])
    assert_type(card.to_dict(), dict[str, Any])
    assert_type(card.what_if("v1", delivered=1), Scorecard)
    if card.verdict is not None:
        assert_type(card.verdict in ("dissatisfied", "satisfied", "delighted"), bool)
    assert_type(card.tally + Tally() - Tally(count=1), Tally)
    assert_type(sum([card.tally, card.tally], Tally()), Tally)
    assert_type(fold([valet, desk], policy), Tally)
    assert_type(card.extremes | Extremes(), Extremes)
    assert_type(card.extremes.peak_end, float | None)
    assert_type(CATALOGUES["hotel"], Catalogue)
    if (entry := catalogued("hotel.valet")) is not None:
        assert_type(entry.anticipated, float)


def the_scales() -> None:
    wait, stars = minutes(best=0, worst=30), rating(1, 5)
    assert_type([wait, stars, days(best=0, worst=3), count(best=0, worst=4), yes_no], list[Scale])
    speed = wait(anticipated=promised(5), delivered=12)
    assert_type(speed, Reading)
    Touchpoint("hotel.front_desk", readings={"speed": speed, "calm": level(delivered=0.5)})


def the_wrong() -> None:
    Touchpoint("hotel.valet", delivered="good")  # type: ignore[arg-type]
    Journey("stay-1", ["hotel.valet"])  # type: ignore[list-item]
    score("stay-1")  # type: ignore[arg-type]
    _ = Tally() + 1  # type: ignore[operator]
    Policy(loss_aversion="two")  # type: ignore[arg-type]
    _ = journeyscore.no_such_name  # type: ignore[attr-defined]


def errors() -> None:
    try:
        score(Journey("stay-1"))
    except JourneyScoreError as error:
        assert_type(error.hint, str)
        assert_type(error.path, str)


def tell(moment: Moment) -> None:
    assert_type(moment.touchpoint.touchpoint.name, str)


async def live() -> None:
    tracker = Tracker(tell, abandon_after=timedelta(days=2), telemetry=Telemetry(team=True))
    stay = tracker.journey("stay-1", type="leisure", plan=["hotel.valet"])
    assert_type(stay, TrackedJourney)
    wait = minutes(best=0, worst=30)
    token = stay.promise("hotel.valet", within=timedelta(minutes=10), scale=wait)
    assert_type(token, str)
    assert_type(tracker.deliver(token, team="north"), Touchpoint | None)
    assert_type(tracker.record(stay, Touchpoint("hotel.valet", delivered=1)), bool)
    with tracker.touchpoint(stay, "hotel.front_desk", scale=wait) as tp:
        assert_type(tp, Wait)
        tp.reading("courtesy", rating(1, 5)(anticipated=4, delivered=5))
    async with tracker.touchpoint("stay-1", "hotel.front_desk", scale=wait, anticipated=5) as tp:
        assert_type(tp, Wait)
    carrier: dict[str, str] = {}
    stay.inject(carrier)
    assert_type(tracker.extract(carrier), TrackedJourney | None)
    assert_type(stay.close(), Scorecard | None)
    assert_type(stay.tally, Tally)


def documents(body: bytes, headers: Mapping[str, str]) -> None:
    assert_type(convert.from_json("{}", Journey), Journey)
    assert_type(convert.from_data({}, Tally), Tally)
    assert_type(convert.to_json(Tally(), indent=1), str)
    assert_type(convert.journeys([{"journey": "a"}]), dict[str, Journey])
    assert_type(convert.journeys_of(convert.events_of(Journey("a"))), dict[str, Journey])
    for envelope in cloudevents.from_http(headers, body):
        event = cloudevents.from_cloudevent(envelope)
        assert_type(event, convert.Event)
        assert_type(cloudevents.to_batch([cloudevents.to_cloudevent(event, source="pos")]), str)
    assert_type(schema.json_schema(Journey), dict[str, Any])
    ocel.write_ocel([Journey("a")], "log.jsonocel")
    xes.write_xes([Journey("a")], Path("log.xes"))
    logrows.log_rows([Journey("a")])
    mapping.shipped()


def dataframes(log: pl.DataFrame) -> None:
    wait = {"speed": minutes(best=0, worst=30)}
    frames.score("stays.parquet", by="journey", scales=wait, timezone="Europe/Zurich")
    frames.score(log, by=["site", "team"], average="journeys", strict=True)
    frames.score(log, average="days")  # type: ignore[call-overload]
    teams = frames.fold(log, by="team")
    assert_type(frames.read(frames.merge(teams, teams, minus=[teams])), pl.DataFrame)
    assert_type(frames.compare(log, log, by="team"), pl.DataFrame)
    frames.touchpoints(log, keep=["room"], experience=frames.experience(log))
    frames.check(log, market=frames.market(log, by_segment=True))
    assert_type(frames.read_ledger(frames.ledger(log), rate=0.8), pl.DataFrame)
    assert_type(frames.score(["may.csv", Path("june.csv")], "site"), pl.DataFrame)
    assert_type(frames.score(log.lazy(), by="site"), pl.LazyFrame)
    assert_type(frames.fold(log, policy=Policy()), pl.DataFrame)
    for table in (frames.loops, frames.causes, frames.follow_ups, frames.promises, frames.needs):
        assert_type(table(log), pl.DataFrame)


def of_other_engines(relation: duckdb.DuckDBPyRelation, cluster: spark.DataFrame) -> None:
    assert_type(frames.touchpoints(relation, keep=["room"]), duckdb.DuckDBPyRelation)
    assert_type(frames.market(cluster), spark.DataFrame)
    frames.score(1)  # type: ignore[call-overload]


def of_several(log: pl.DataFrame) -> None:
    frames.silences(log, now=NOW)
    frames.answers(log)
    frames.ask_again(log)
    assert_type(frames.journeys(log, ["stay-1"]), dict[str, Journey])
    assert_type(frames.overview(log), frames.Overview)
    assert_type(
        frames.score_files(["a.parquet"], "scores.parquet", work="work", resume=True),
        frames.Written,
    )


def journal(events: Sequence[tuple[str, Touchpoint]]) -> None:
    with store.Journal("stays.db", policy=Policy()) as opened:
        assert_type(opened.append("stay-1", events[0][1]), store.Appended)
        assert_type(opened.append_all(events)[0].outcome, store.Outcome)
        assert_type(opened.retract("stay-1", "v1", source="pos"), store.Appended)
        assert_type(opened.open(Journey("stay-1", customer="c-1"), guests=["c-2"]), store.Known)
        assert_type(opened.close("stay-1"), Scorecard)
        assert_type(opened.tallies("site"), dict[str | None, Tally])
        assert_type(opened.record("stay-1"), store.RecordedScore)
        assert_type(opened.forget("c-1"), store.Forgotten)
        assert_type(opened.verify(), store.Verification)
        assert_type(opened.frame(), pl.DataFrame)


async def asynchronous_journal(touchpoint: Touchpoint) -> None:
    async with store.AsyncJournal("stays.db") as opened:
        assert_type(await opened.append("stay-1", touchpoint), store.Appended)
        assert_type(await opened.score("stay-1"), Scorecard)


def over_visits_and_teams(log: pl.DataFrame) -> None:
    assert_type(relationship.segments(log.lazy(), valuable_from=500.0), pl.LazyFrame)
    assert_type(relationship.risk("stays.parquet", by="site"), pl.DataFrame)
    assert_type(relationship.knowledge(log, since=NOW), pl.DataFrame)
    assert_type(relationship.standing([Journey("stay-1")]), relationship.Standing)
    staff = team.load("teams.toml")
    assert_type(staff["north"].weakest_trait, str | None)
    for table in (team.teams(log, staff), team.alignment(log), team.obstacles(log, staff)):
        assert_type(table, pl.DataFrame)
    calibration.calibrate(log, "nps")
    fitted = drivers.fit(log)
    assert_type(fitted.policy(Policy()), Policy)
    assert_type(fitted.weights, dict[str, float])


def reports(log: pl.DataFrame, stay: Journey) -> None:
    figure = report.journey_map(stay)
    assert_type(figure, report.Figure)
    assert_type(figure.svg(theme="dark"), str)
    assert_type(figure.png(scale=1.5), bytes)
    assert_type(report.report(log, title="Winter"), report.Page)
    assert_type(report.journeys_map(frames.overview(log)), report.Figure)


def our_own(stay: Journey) -> float | None:
    return score(stay).impression


def laws() -> None:
    testing.check_scorer(our_own, catalogue="hotel", laws=["order_changes_nothing"])
    assert_type(testing.journeys(max_size=3), st.SearchStrategy[Journey])
    assert_type(testing.tallies(), st.SearchStrategy[Tally])
    assert_type(testing.touchpoints(delivered=0.5), st.SearchStrategy[Touchpoint])

    @given(testing.policies(), testing.levels())
    def holds(policy: Policy, delivered: float) -> None:
        score(Journey("a", [Touchpoint("hotel.valet", delivered=delivered)]), policy)

    holds()
