"""What guests said of a journey (CSAT, NPS, CES, ...): beside the scores, never in them."""

from __future__ import annotations

from typing import Any

import narwhals as nw

from .formula import weighted_mean
from .log import Log

ANSWER = "_answer"


def answers(opened: Log, feedback: str) -> nw.LazyFrame[Any]:
    """The answer of each journey that gave one, as it stands in the log.

    Any row of a journey may hold it. Of several the lowest counts, whatever their order.

    Args:
        opened: the log.
        feedback: the column with what guests said, a number.

    Returns:
        ``journey`` and ``_answer``.
    """
    said = opened.frame.select("journey", **{ANSWER: nw.col(feedback).cast(nw.Float64())})
    return said.filter(~nw.col(ANSWER).is_null()).group_by("journey").agg(nw.col(ANSWER).min())


def answered(tallies: nw.LazyFrame[Any], opened: Log, feedback: str) -> nw.LazyFrame[Any]:
    """How many journeys came to an impression and gave an answer, by the two.

    Args:
        tallies: of journeys.
        opened: the log they are of.
        feedback: the column with what guests said, a number.

    Returns:
        ``impression`` (hundredths of a point), ``answer`` and ``journeys``, their number.
    """
    scored = tallies.filter(nw.col("weight") > 0).select(
        "journey", impression=weighted_mean(nw.col("value"), nw.col("weight"))
    )
    both = scored.join(answers(opened, feedback), on="journey").rename({ANSWER: "answer"})
    counted = both.group_by("impression", "answer").agg(journeys=nw.len())
    return counted.with_columns(nw.col("journeys").cast(nw.Int64()))
