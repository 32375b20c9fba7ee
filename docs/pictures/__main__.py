"""``python -m docs.pictures``: the pictures of docs/how-to/maps-and-reports.md, drawn anew."""

from __future__ import annotations

from pathlib import Path

from journeyscore import frames, score
from journeyscore.report import journey_map, journeys_map
from journeyscore.report.season import in_order

HERE = Path(__file__).parent
SEASON = "examples/hotel/season.jsonl"


def main() -> None:
    """Draw one stay, and the season."""
    seen = frames.overview(SEASON)
    stays = frames.journeys(SEASON, ["stay-0170", *seen.longest])
    journey_map(score(stays["stay-0170"])).save(HERE / "stay.svg")
    journeys_map(seen, in_order(stays.values())).save(HERE / "season.svg")


if __name__ == "__main__":
    main()
