"""Policy: defaults pinned, files, fingerprints, refusals."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from attrs import evolve, fields
from hypothesis import given
from strategies import policies

from journeyscore import Journey, Policy, Touchpoint, score
from journeyscore.errors import InvalidValue, LogNotFound, OutOfScale, UnknownName, WrongType
from journeyscore.readings import GAP_SCALE, TOLERANCE


def test_the_defaults_are_pinned() -> None:
    """They are measured (docs/explanation/evidence.md): who changes one changes every score."""
    assert Policy().to_dict() == {
        "loss_aversion": 2.0,
        "share": 0.25,
        "promised_share": 0.75,
        "assumed": 0.7,
        "core_factors": ("competence", "reliability"),
        "dissatisfied_below": 55.0,
        "delighted_from": 80.0,
        "broke": 25.0,
        "made": 40.0,
        "recovery_credit": 0.5,
        "weights": {},
        "fresh_days": 365.0,
    }
    assert (GAP_SCALE, TOLERANCE) == (0.2, 0.05)
    assert Policy().fingerprint == "920b552880d1f3b9"


@given(policies)
def test_a_policy_survives_its_file(policy: Policy) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "policy.json")
        policy.save(file)
        assert Policy.load(file) == policy
        assert Policy.load(file).fingerprint == policy.fingerprint


@pytest.mark.parametrize("name", [each.alias for each in fields(Policy)])
def test_every_parameter_changes_the_fingerprint(name: str) -> None:
    others = {"core_factors": ("courtesy",), "weights": {"hotel.valet": 2}}
    other = others.get(name) or getattr(Policy(), name) * 0.9 + 0.11
    assert evolve(Policy(), **{name: other}).fingerprint != Policy().fingerprint


def test_every_parameter_has_an_effect() -> None:
    """On one journey that has everything: a parameter that is accepted does something."""
    from journeyscore import promised, rating

    stars = rating(1, 5)
    journey = Journey(
        "j",
        [
            Touchpoint("pool.towel", delivered=0.2),
            Touchpoint("hotel.valet", anticipated=0.4, delivered=0.85),
            Touchpoint("hotel.bellman", anticipated=promised(0.8), delivered=0.5, id="b"),
            Touchpoint("hotel.concierge", anticipated=0.5, delivered=0.9, recovers="b"),
            Touchpoint(
                "hotel.front_desk",
                readings={
                    "competence": stars(anticipated=4, delivered=2),
                    "courtesy": stars(anticipated=3, delivered=4),
                },
            ),
        ],
    )
    changes = {
        "loss_aversion": 4.0, "share": 0.6, "promised_share": 0.3, "assumed": 0.1,
        "core_factors": (), "dissatisfied_below": 20.0, "delighted_from": 40.0, "broke": 90.0,
        "made": 90.0, "recovery_credit": 1.0, "weights": {"hotel.valet": 2},
    }  # fmt: skip
    assert set(changes) | {"fresh_days"} == {each.alias for each in fields(Policy)}

    def read(policy: Policy) -> object:
        data = score(journey, policy).to_dict()
        return {name: value for name, value in data.items() if name != "policy_fingerprint"}

    low = Policy(dissatisfied_below=1.0)
    for name, value in changes.items():
        base = low if name == "delighted_from" else Policy()
        if name == "delighted_from":
            easy = Journey("k", [Touchpoint("hotel.valet", anticipated=0.4, delivered=0.5)])
            assert score(easy, base).verdict == "satisfied"
            assert score(easy, evolve(base, delighted_from=40.0)).verdict == "delighted"
        else:
            assert read(evolve(base, **{name: value})) != read(base), name


def test_refusals_name_the_parameter(tmp_path: Path) -> None:
    with pytest.raises(OutOfScale, match="^loss_aversion: 0.5 is outside 1 to 100"):
        Policy(loss_aversion=0.5)
    with pytest.raises(WrongType, match="^share: True is not a number"):
        Policy(share=True)
    with pytest.raises(WrongType, match="core_factors"):
        Policy(core_factors="competence")  # type: ignore[arg-type]
    with pytest.raises(InvalidValue, match="dissatisfied_below"):
        Policy(dissatisfied_below=90)
    with pytest.raises(FileNotFoundError):
        Policy.load(tmp_path / "none.json")
    with pytest.raises(LogNotFound, match="none.json: no such policy file"):
        Policy.load(tmp_path / "none.json")
    file = tmp_path / "policy.json"
    for content, error, match in (
        ("{", InvalidValue, "not a JSON file"),
        ("[]", WrongType, "not a JSON object"),
        ('{"shares": 0.3}', UnknownName, "did you mean share"),
        ('{"share": "0.3"}', WrongType, "policy.json, share: str of length 3 is not a number"),
        ('{"share": 3}', OutOfScale, "policy.json, share: 3 is outside 0 to 1"),
        ('{"model": 2}', InvalidValue, "model version 1"),
    ):
        file.write_text(content)
        with pytest.raises(error, match=match):
            Policy.load(file)
    file.write_text(json.dumps({"broke": 30}))
    assert Policy.load(file) == Policy(broke=30)
