"""Public data as journey logs: ``python -m benchmarks.logs orders PATH_TO_CSV OUT.jsonl``.

Three sets, each with an outcome that customers gave on their own and that scoring never sees:

* ``orders``: one journey an order, one touchpoint: the delivery, days promised against days taken.
* ``airline``: one journey a passenger, up to fourteen touchpoints rated 1 to 5 (0: not applicable).
* ``hotel``: one journey a stay, five aspects rated 1 to 5.

What anyone anticipated was asked only of the shop, by its promise. For the others it is the mean
of the touchpoint over all customers, on the basis *market*, made by `journeyscore.frames.market`.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path

import polars as pl

from journeyscore import Scale, days, frames, rating

TRANSIT = days(best=0, worst=60, gap_scale=4 / 60)
STARS = rating(1, 5)

AIRLINE = {
    "Ease of Online booking": "airline.booking",
    "Online boarding": "airline.online_boarding",
    "Checkin service": "airline.check_in",
    "Gate location": "airline.gate",
    "Departure/Arrival time convenient": "airline.departure_time",
    "On-board service": "airline.cabin_service",
    "Seat comfort": "airline.seat",
    "Leg room service": "airline.legroom",
    "Cleanliness": "airline.cleanliness",
    "Food and drink": "airline.food_and_drink",
    "Inflight wifi service": "airline.wifi",
    "Inflight entertainment": "airline.entertainment",
    "Inflight service": "airline.inflight_service",
    "Baggage handling": "airline.baggage",
}
"""Column -> touchpoint, in the order of a flight; two are in no catalogue, which is allowed."""

HOTEL = {
    "location": "hotel.location",
    "rooms": "hotel.room",
    "cleanliness": "hotel.housekeeping",
    "sleep_quality": "hotel.sleep_quality",
    "value": "hotel.value",
}
"""Column -> touchpoint; what is no contact with anyone keeps its own name."""


def orders(path: Path) -> pl.DataFrame:
    """Orders from purchase to delivery; the outcome is ``csat``, the review, 1 to 5."""
    given = pl.read_csv(path, try_parse_dates=True)
    return given.select(
        pl.format("order-{}", "order").alias("journey"),
        touchpoint=pl.lit("retail.delivery"),
        anticipated=_level(TRANSIT, _days_until("order_estimated_delivery_date")),
        delivered=_level(TRANSIT, _days_until("order_delivered_customer_date")),
        basis=pl.lit("promised"),
        gap_scale=pl.lit(TRANSIT.gap_scale),
        csat="review_score",
    )


def airline(path: Path) -> pl.DataFrame:
    """Passengers over a flight; the outcome is ``satisfied``, 1 or 0."""
    given = pl.read_csv(path).with_columns(
        satisfied=(pl.col("satisfaction") == "satisfied").cast(pl.Int64)
    )
    return _rated(given, "passenger", AIRLINE, "satisfied")


def hotel(path: Path) -> pl.DataFrame:
    """Stays over five aspects; the outcome is ``csat``, the overall rating, 1 to 5."""
    return _rated(pl.read_csv(path).rename({"overall": "csat"}), "stay", HOTEL, "csat")


LOGS: Mapping[str, Callable[[Path], pl.DataFrame]] = {
    "orders": orders,
    "airline": airline,
    "hotel": hotel,
}


def _days_until(column: str) -> pl.Expr:
    return (pl.col(column) - pl.col("order_purchase_timestamp")).dt.total_seconds() / 86_400


def _level(scale: Scale, measure: pl.Expr) -> pl.Expr:
    """`Scale.level` for a column: an open-ended measure ends where its scale does."""
    inside = measure if scale.closed else measure.clip(scale.low, scale.high)
    return (inside - scale.worst) * scale.factor


def _rated(
    given: pl.DataFrame, kind: str, touchpoints: Mapping[str, str], outcome: str
) -> pl.DataFrame:
    """A row a rating, in the order of the touchpoints; 0 means that it did not take place."""
    rated = pl.col("rating") > 0
    log = (
        given.with_row_index("_row")
        .rename(dict(touchpoints))
        .unpivot(
            on=list(touchpoints.values()),
            index=["_row", outcome],
            variable_name="touchpoint",
            value_name="rating",
        )
        .select(
            pl.format(f"{kind}-{{}}", "_row").alias("journey"),
            "touchpoint",
            delivered=pl.when(rated).then(_level(STARS, pl.col("rating"))),
            basis=pl.lit("market"),
            state=pl.when(rated).then(pl.lit("delivered")).otherwise(pl.lit("not_applicable")),
            _row="_row",
            **{outcome: outcome},
        )
    )
    means = frames.market(log).select(
        "touchpoint",
        anticipated=((pl.col("delivered") / pl.col("count") + 0.5).floor() / 10_000).round(4),
    )
    columns = ("journey", "touchpoint", "anticipated", "delivered", "basis", "state", outcome)
    joined = log.join(means, on="touchpoint", how="left", maintain_order="left")
    return joined.sort("_row", maintain_order=True).select(columns)


def main() -> None:
    """Write one set as JSON Lines, ready for ``journeyscore score OUT.jsonl --by journey``."""
    parser = argparse.ArgumentParser("python -m benchmarks.logs", description=__doc__)
    parser.add_argument("name", choices=LOGS)
    parser.add_argument("csv", type=Path)
    parser.add_argument("out", type=Path)
    given = parser.parse_args()
    log = LOGS[given.name](given.csv)
    log.write_ndjson(given.out)
    print(f"{len(log):,} rows of {log['journey'].n_unique():,} journeys")


if __name__ == "__main__":
    main()
