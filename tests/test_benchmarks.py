"""Results of benchmarks are compared by their ratios; no benchmark is run here."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from benchmarks import compare
from benchmarks.__main__ import main
from benchmarks.report import RESULTS

STREAM: dict[str, Any] = json.loads((RESULTS / "stream.json").read_text(encoding="utf-8"))


def changed(factor: float, **settings: Any) -> dict[str, Any]:
    """The results of `stream` with every ratio and goal times a factor."""
    result = deepcopy(STREAM)
    result["settings"] |= settings
    for goal in result["goals"]:
        goal["measured"] *= factor
    for rows in result["tables"].values():
        for row in rows:
            row["ratio"] = row["ratio"] and row["ratio"] * factor
    return result


def verdicts(new: dict[str, Any], tolerance: float = 0.15) -> set[str]:
    rows, _ = compare.compared({"stream": STREAM}, {"stream": new}, tolerance)
    return {row["verdict"] for row in rows}


def test_results_say_where_they_come_from() -> None:
    for path in RESULTS.glob("*.json"):
        machine = json.loads(path.read_text(encoding="utf-8"))["machine"]
        assert machine["commit"] and machine["python"] and machine["cpus"], path.name


def test_what_is_worse_by_more_than_the_tolerance_is_told() -> None:
    costs = compare.figures_of(STREAM)
    assert len(costs) > 3
    assert verdicts(STREAM) == verdicts(changed(1.1)) == verdicts(changed(0.9)) == {"same"}
    assert verdicts(changed(1.1), tolerance=0.05) >= {"WORSE"}
    assert "WORSE" in verdicts(changed(1.2)) and "better" in verdicts(changed(0.7))


def test_a_share_of_the_baseline_is_better_when_it_rises() -> None:
    shares = [{"item": "append", "of bare": 0.5}]
    result = {"settings": {}, "machine": {}, "goals": [], "tables": {"Events": shares}}
    less = deepcopy(result) | {"tables": {"Events": [{"item": "append", "of bare": 0.4}]}}
    (row,), _ = compare.compared({"journal": result}, {"journal": less}, 0.15)
    assert (row["verdict"], row["change, %"]) == ("WORSE", pytest.approx(-20))


def test_other_settings_and_other_machines_are_told() -> None:
    rows, notes = compare.compared({"stream": STREAM}, {"stream": changed(9, repeat=1)}, 0.15)
    assert rows == [] and notes == ["stream: run with other settings, not compared"]
    other = changed(1)
    other["machine"]["cpus"] = 64
    rows, notes = compare.compared({"stream": STREAM}, {"stream": other, "live": STREAM}, 0.15)
    assert rows and notes == ["stream: another machine (cpus)", "live: only in one of them"]


@pytest.mark.parametrize(("factor", "code"), [(1, 0), (2, 1)])
def test_the_command_ends_with_1_where_something_is_worse(
    factor: float, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    path = tmp_path / "new.json"
    path.write_text(json.dumps(changed(factor)), encoding="utf-8")
    monkeypatch.setattr("sys.argv", ["benchmarks", "compare", str(RESULTS), str(path)])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == code
    assert ("WORSE" in capsys.readouterr().out) == bool(code)
