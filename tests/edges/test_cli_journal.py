"""``journeyscore journal``: from a log to a journal and its scores, by the command alone."""

import json
import sqlite3

import pytest

from journeyscore import frames
from journeyscore.cli import main
from journeyscore.store import Journal

SEASON = "examples/hotel/season.jsonl"


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    place = str(tmp_path_factory.mktemp("cli") / "stays.db")
    assert main(["journal", "init", place]) == 0
    assert main(["journal", "append", place, SEASON]) == 0
    return place


def test_a_season_scores_like_its_log(place):
    with Journal(place) as journal:
        ours = frames.fold(journal.frame(), by="journey").sort("journey")
        assert ours.equals(frames.fold(SEASON, by="journey").sort("journey"))
        assert journal.known("stay-0034").customer is not None


def test_what_is_appended_again_changes_nothing(place, capsys):
    assert main(["journal", "append", place, SEASON]) == 0
    told = capsys.readouterr().out
    assert "appended" not in told and "refolded" not in told
    assert main(["journal", "verify", place]) == 0
    assert "sound" in capsys.readouterr().out


def test_scores_export_and_forget(place, capsys):
    assert main(["journal", "score", place, "--by", "site", "--format", "csv"]) == 0
    assert capsys.readouterr().out.startswith("site,")
    with Journal(place) as journal:
        customer = journal.known("stay-0034").customer
    assert main(["journal", "export", place, customer]) == 0
    assert json.loads(capsys.readouterr().out)["customer"] == customer
    assert main(["journal", "forget", place, customer]) == 0
    assert "erased" in capsys.readouterr().out
    assert main(["journal", "verify", place]) == 0


def test_a_feed_without_ids_is_appended_once(tmp_path, capsys):
    place, log = str(tmp_path / "stays.db"), tmp_path / "log.csv"
    log.write_text(
        "stay_no,touchpoint,anticipated,delivered\na,hotel.valet,0.6,0.9\na,hotel.valet,0.6,0.9\n"
        "b,hotel.valet,0.6,2\n"
    )
    assert main(["journal", "init", place]) == 0
    for _ in range(2):
        arguments = ["journal", "append", place, str(log), "--columns", "stay_no=journey"]
        assert main(arguments) == 0
    assert "1 row was not appended" in capsys.readouterr().err
    with Journal(place) as journal:
        assert journal.tally("a").count == 2
    assert main([*arguments, "--strict"]) == 1


def test_what_is_known_of_journeys_is_kept_whatever_it_is(tmp_path):
    """The segment and the worth were kept only beside a customer, a site or an answer."""
    place, log = str(tmp_path / "stays.db"), tmp_path / "log.jsonl"
    said = {"journey": "a", "touchpoint": "hotel.valet", "delivered": 0.9}
    more = {"b": {"segment": "leisure"}, "c": {"worth": 100}, "d": {"csat": 4}}
    lines = [said, *({**said, "journey": id, **about} for id, about in more.items())]
    log.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert main(["journal", "init", place]) == 0
    assert main(["journal", "append", place, str(log)]) == 0
    with Journal(place) as journal:
        assert journal.journey("b").segment == "leisure"
        assert journal.journey("c").worth == 100.0
        assert journal.journey("d").feedback == {"csat": 4.0}


def test_what_is_wrong_is_said(tmp_path, place, capsys):
    assert main(["journal", "verify", str(tmp_path / "none.db")]) == 1
    assert "journal init" in capsys.readouterr().err
    connection = sqlite3.connect(place)
    connection.execute("UPDATE journey SET value = value + 1 WHERE id = 'stay-0052'")
    connection.commit()
    connection.close()
    assert main(["journal", "verify", place]) == 1
    assert "stay-0052" in capsys.readouterr().out


def test_another_policy_is_refused_or_adopted(tmp_path, capsys):
    from journeyscore import Policy

    place, policy = str(tmp_path / "stays.db"), tmp_path / "policy.json"
    Policy(share=0.5).save(policy)
    assert main(["journal", "init", place]) == 0
    assert main(["journal", "init", place, "--policy", str(policy)]) == 1
    assert main(["journal", "init", place, "--policy", str(policy), "--adopt"]) == 0
    assert Policy(share=0.5).fingerprint in capsys.readouterr().out
