"""A log at a glance, and journeys taken out of it, against scorecards in memory."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from random import Random
from typing import Any

import narwhals as nw
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from parity.test_engines import ENGINES
from parity.test_frames import frame_of, markets
from parity.test_touchpoints import without_ties
from strategies import logs, policies

from journeyscore import Policy, Tally, frames, rating, score
from journeyscore.calibration import calibrate, read_answers
from journeyscore.convert import journeys
from journeyscore.errors import InvalidValue, LogError, LogNotFound, WrongType
from journeyscore.frames import Overview
from journeyscore.frames.pairs import doubtful, hashed
from journeyscore.scorecard import Scorecard

SEASON = "examples/hotel/season.jsonl"


def cards_of(rows: list[dict[str, Any]], policy: Policy, market: Any) -> dict[str, Scorecard]:
    found = journeys(rows, rejected=[])
    return {id: score(journey, policy, market=market) for id, journey in found.items()}


def told(seen: Overview) -> dict[str, Any]:
    """What an overview says, in plain numbers."""
    return {
        "tally": seen.tally,
        "verdicts": dict(seen.verdicts.rows()),
        "impressions": dict(seen.impressions.rows()),
        "consistencies": dict(seen.consistencies.rows()),
        "levels": {(name, level): count for name, level, count in seen.levels.rows()},
        "touchpoints": {
            row["touchpoint"]: tuple(row[name] for name in COLUMNS)
            for row in seen.touchpoints.rows(named=True)
        },
        "worst": seen.worst,
        "best": seen.best,
    }


COLUMNS = ("count", "gain", "loss", "fell_short", "beyond", "broke", "made", "recovered")


def plainly(cards: dict[str, Scorecard], extremes: int) -> dict[str, Any]:
    """The same, counted journey by journey."""
    scored = {id: card for id, card in cards.items() if card.impression is not None}
    touchpoints: defaultdict[str, list[int]] = defaultdict(lambda: [0] * len(COLUMNS))
    levels: Counter[tuple[str, int]] = Counter()
    for card in cards.values():
        for each in card.touchpoints:
            moved = round(100 * each.weight) * round(100 * each.effect)
            outcome, moment = each.outcome.value, each.moment and each.moment.value
            counts = (
                1, max(0, moved), min(0, moved), outcome == "fell_short",
                outcome in ("extra_mile", "proactive"), moment == "broke", moment == "made",
                moment == "recovered",
            )  # fmt: skip
            sums = touchpoints[each.touchpoint.name]
            sums[:] = [sum_ + count for sum_, count in zip(sums, counts, strict=True)]
            levels[each.touchpoint.name, round(100 * each.delivered) // 100] += 1
    enough = {id: card for id, card in scored.items() if card.tally.count >= 3} or scored
    worst = sorted(enough, key=lambda id: (enough[id].impression, id))[:extremes]
    best = sorted(enough, key=lambda id: (-(enough[id].impression or 0), id))[:extremes]
    alike = [card.consistency for card in cards.values() if card.consistency is not None]
    return {
        "tally": sum((card.tally for card in cards.values()), Tally()),
        "verdicts": Counter(card.verdict for card in scored.values()),
        "impressions": Counter(int(card.impression or 0) for card in scored.values()),
        "consistencies": Counter(map(int, alike)),
        "levels": levels,
        "touchpoints": {name: tuple(sums) for name, sums in touchpoints.items()},
        "worst": tuple(worst),
        "best": tuple(id for id in best if id not in worst),
    }


@settings(max_examples=25)
@given(logs(), policies, markets, st.integers(1, 2))
def test_an_overview_is_what_the_scorecards_say(
    log: list[dict[str, Any]], policy: Policy, market: Any, extremes: int
) -> None:
    seen = frames.overview(frame_of(log), policy=policy, market=market, extremes=extremes)
    plain = plainly(cards_of(log, policy, market), extremes)
    found = told(seen)
    if not without_ties(log):  # either name, or zone, may be the one that counts
        for name in ("levels", "touchpoints"):
            del found[name], plain[name]
    assert found == plain
    assert seen.rejected == int(frames.fold(frame_of(log))["rejected"].sum())
    teams = frames.score(frame_of(log), by="team", average="journeys", policy=policy, market=market)
    assert seen.groups["team"].equals(teams.sort("team", nulls_last=True))


@settings(max_examples=15)
@given(logs(), policies, st.data())
def test_what_is_added_up_along_with_it_is_what_its_own_function_says(
    log: list[dict[str, Any]], policy: Policy, data: st.DataObject
) -> None:
    """Sites, that may change within a journey; promises; what guests said."""
    for row in log:
        row["site"] = data.draw(st.sampled_from(["lake", "bay", None]))
        row["stars"] = data.draw(st.sampled_from([None, 1.0, 4.0, 7.0]))
    frame = frame_of(log)
    seen = frames.overview(frame, policy=policy, feedback=["stars", "csat"])
    for name in ("team", "site"):
        each = frames.score(frame, by=name, average="journeys", policy=policy)
        assert seen.groups[name].equals(each.sort(name, nulls_last=True))
    assert list(seen.answers) == [name for name in ("stars",) if name in frame.columns]
    for answers in seen.answers.values():
        bins = calibrate(frame, "stars", scale=rating(1, 5), policy=policy).sort("from")
        assert read_answers(answers, scale=rating(1, 5)).sort("from").equals(bins)
    if "basis" not in frame.columns:
        assert seen.promises is None
    elif without_ties(log):  # of equal contents either team may be the one that counts
        assert seen.promises is not None
        owed = frames.promises(frame, policy=policy).sort("team", nulls_last=True)
        assert seen.promises.sort("team", nulls_last=True).equals(owed)


HASHES: dict[str, Callable[[str], pl.Expr]] = {
    "all alike": lambda name: 0 * _length(name),
    "alike by length": lambda name: _length(name),
    "journeys alike": lambda name: hashed(name) if name != "journey" else 0 * _length(name),
    "of one row each, pairs alike": lambda name: _numbered(
        name, "jkl" if name == "journey" else "xyz"
    ),
}


def _length(name: str) -> pl.Expr:
    return pl.col(name).str.len_bytes().fill_null(0).cast(pl.UInt64)


def _numbered(name: str, texts: str) -> pl.Expr:
    """1, 2, 3: so that 1 ^ 2 = 3 = 3 ^ 0, and 0 is null."""
    places = {text: place for place, text in enumerate(texts, start=1)}
    return pl.col(name).replace_strict(places, default=0, return_dtype=pl.UInt64)


@pytest.mark.parametrize("clash", HASHES)
def test_hashes_that_clash_change_nothing(clash: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Journeys within teams are told apart by number; where numbers do not, by their names."""
    random = Random(clash)
    log = pl.DataFrame(
        [
            {
                "journey": random.choice(["j", "k", "l", None]), "touchpoint": "hotel.room",
                "anticipated": random.randrange(101) / 100, "delivered": random.randrange(111) / 100,
                "weight": random.choice([0.5, 1.0, 3.0]), "team": random.choice(["x", "y", "z", None]),
                "site": random.choice(["x", "yy", None]),
            }
            for _ in range(60)
        ]
    )  # fmt: skip
    plain = {
        name: frames.score(log, by=name, average="journeys").sort(name, nulls_last=True)
        for name in ("team", "site")
    }
    assert plain["team"]["rejected"].sum() == plain["site"]["rejected"].sum() > 0
    monkeypatch.setattr("journeyscore.frames.pairs.hashed", HASHES[clash])
    seen = frames.overview(log)
    for name, expected in plain.items():
        assert seen.groups[name].equals(expected)


def test_what_clashes_is_noticed_and_what_does_not_is_not() -> None:
    def of(**columns: list[Any]) -> Any:
        return nw.from_native(pl.LazyFrame(columns))

    apart = of(journey=["a", "b", None])
    found = {"journeys": apart, "one": of(_of=[1, 2]), "two": of(_of=[1, 1]), "plain": of(team=[1])}
    found["three"] = of(_of=[1, None])
    assert doubtful(found, ["one", "plain"]) == []
    assert doubtful(found, ["one", "two", "three", "plain"]) == ["two", "three"]
    found["journeys"] = of(journey=["a", "b", "a"])
    assert doubtful(found, ["one", "plain"]) == ["one"]
    assert doubtful(found, ["plain"]) == []


@pytest.mark.parametrize(("sites", "rounds"), [(["lake", "bay", "bay"], 1), (["lake"] * 3, 1),
                                               (["lake", "lake", "bay"], 2), ([None] * 3, 1)])  # fmt: skip
def test_a_log_is_measured_again_only_where_journeys_change_their_site(
    sites: list[str | None], rounds: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = pl.DataFrame(
        {
            "journey": ["a", "b", "b"], "touchpoint": ["hotel.valet", "hotel.room", "hotel.bar"],
            "anticipated": [0.5] * 3, "delivered": [0.6, 0.7, 0.8], "site": sites,
            "team": ["x", "y", "x"],
        },
        schema_overrides={"site": pl.String},
    )  # fmt: skip
    computed: list[Any] = []
    kept = pl.collect_all
    monkeypatch.setattr(
        pl, "collect_all", lambda frames, **how: computed.append(frames) or kept(frames, **how)
    )
    seen = frames.overview(log, groups=["team", "site"])
    assert len(computed) == rounds
    each = frames.score(log, by="site", average="journeys").sort("site", nulls_last=True)
    assert seen.groups["site"].equals(each)


@settings(max_examples=20)
@given(logs(), policies)
def test_journeys_out_of_a_log_score_as_the_log_does(
    log: list[dict[str, Any]], policy: Policy
) -> None:
    scored = frames.score(frame_of(log), policy=policy)
    found = frames.journeys(frame_of(log), ["c", "a", "no such journey", "a"])
    assert list(found) == [id for id in ("c", "a") if id in found]
    for row in scored.rows(named=True):
        if row["journey"] in found:
            card = score(found[row["journey"]], policy)
            names = ("impression", "par", "delivered", "consistency", "known_share", "verdict")
            assert [row[name] for name in names] == [getattr(card, name) for name in names]
        else:
            assert row["journey"] == "b" or row["touchpoints"] == 0


@pytest.mark.parametrize("engine", ENGINES)
@settings(max_examples=2)
@given(log=logs(max_size=10), policy=policies)
def test_every_engine_sees_the_same(engine: str, log: list[dict[str, Any]], policy: Policy) -> None:
    if engine == "pandas":  # where NaN is how a missing value is written
        log = [{k: 5.0 if v != v else v for k, v in row.items()} for row in log]
    _, there, _ = ENGINES[engine]
    frame = frame_of(log).drop("at", strict=False)
    assert told(frames.overview(there(frame), policy=policy)) == told(
        frames.overview(frame, policy=policy)
    )
    found = frames.journeys(there(frame), ["a", "b"])
    plain = frames.journeys(frame, ["a", "b"])
    assert {id: card.tally for id, card in _scores(found, policy)} == {
        id: card.tally for id, card in _scores(plain, policy)
    }


def _scores(found: dict[str, Any], policy: Policy) -> list[tuple[str, Scorecard]]:
    return [(id, score(journey, policy)) for id, journey in found.items()]


def test_how_many_journeys_to_name_is_no_number_below_nothing() -> None:
    log = pl.DataFrame(
        {"journey": ["a"], "touchpoint": ["b"], "anticipated": [0.6], "delivered": [0.9]}
    )
    assert frames.overview(log, extremes=0).worst == ()
    with pytest.raises(InvalidValue, match="^extremes: -1 is not a whole number from 0$"):
        frames.overview(log, extremes=-1)


def test_groups_are_those_asked_for() -> None:
    seen = frames.overview(SEASON, groups=["channel"])
    assert list(seen.groups) == ["channel"]
    assert list(frames.overview(SEASON, groups=[]).groups) == []
    assert list(frames.overview(SEASON).groups) == ["team", "site"]
    assert frames.overview(SEASON).enough == 3
    with pytest.raises(LogError, match="no column teem"):
        frames.overview(SEASON, groups=["teem"])
    with pytest.raises(LogNotFound):
        frames.overview("none.parquet")
    with pytest.raises(WrongType, match="ids: str of length 9 is not a list of ids"):
        frames.journeys(SEASON, "stay-0177")


def test_ids_that_are_numbers_and_times_without_a_zone() -> None:
    log = pl.DataFrame(
        {
            "stay": [7, 7, 8], "touchpoint": ["hotel.valet", "hotel.room", "hotel.room"],
            "anticipated": [0.5] * 3, "delivered": [0.6, 0.7, 0.8],
            "at": ["2025-05-01 10:00", "2025-05-01T09:00Z", None],
        }
    )  # fmt: skip
    names = {"columns": {"stay": "journey"}}
    (stay,) = frames.journeys(log, ["7"], **names, timezone="Europe/Zurich").values()
    assert [each.name for each in stay.touchpoints] == ["hotel.valet", "hotel.room"]
    (stay,) = frames.journeys(log, ["7"], **names).values()  # a naive time is not folded
    assert [each.name for each in stay.touchpoints] == ["hotel.room"]
    assert frames.overview(log, **names).worst == ("7", "8")
