"""The panels of what guests said, and of what counts more than the rest because they did."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..calibration import FEW, SCALES, read_answers
from ..factors import is_known
from .charts import moved, weights, words_and_scores
from .evidence import ROWS, Evidence, readouts
from .figure import Figure
from .page import Column, Panel, Table
from .words import counted, labels, listed, points, share, signed


def calibration(known: Evidence) -> Panel | None:
    """Impressions beside what guests said of the same journeys: does 70 mean 70?"""
    words: list[str] = []
    blocks: list[Figure | Table] = []
    for feedback, answers in known.seen.answers.items():
        found = read_answers(answers, feedback, scale=known.asked.get(feedback)).sort("from")
        given = int(found["journeys"].sum())
        if not given:
            continue
        told = found.drop_nulls("difference").rows(named=True)
        words.append(_said(known, feedback, told, given, int(found["rejected"].sum())))
        if told:
            blocks.append(words_and_scores(told, called(feedback)))
        rows = [
            (
                f"{row['from']:g} to {row['to']:g}", f"{row['journeys']:,}",
                *(points(row[name]) for name in ("impression", "said", "low", "high")),
                "\N{EN DASH}" if row["difference"] is None else signed(row["difference"], 1),
            )
            for row in found.rows(named=True)
        ]  # fmt: skip
        columns = ("Journeys", "Impression", "Guests said", "From", "To", "Difference")
        blocks.append(
            Table(
                f"What guests said ({called(feedback)}, from 0 to 100), by the impression of their "
                f"journeys, with its 95% interval; of fewer than {FEW} their number only",
                (Column("Impression", number=False), *map(Column, columns)),
                rows,
            )
        )
    if not words:
        return None
    words.append("What guests say is held against the scores, and never mixed into them.")
    return Panel("calibration", "What guests said", "\n".join(words), tuple(blocks))


def called(feedback: str) -> str:
    """A column with what guests said, as people call it.

    >>> called("csat"), called("stars_given")
    ('CSAT', 'stars given')
    """
    return feedback.upper() if feedback in SCALES else feedback.replace("_", " ")


def _said(
    known: Evidence, feedback: str, told: list[dict[str, Any]], given: int, rejected: int
) -> str:
    """What answers come to, in words."""
    journeys = int(known.seen.journeys["journeys"][0])
    words = (
        f"{called(feedback)}: {given:,} of {counted(journeys, 'journey')} "
        f"({share(given, journeys)}) {'has' if given == 1 else 'have'} an answer."
    )
    number = sum(row["journeys"] for row in told)
    if number:
        means = {
            name: sum(row[name] * row["journeys"] for row in told) / number
            for name in ("impression", "said")
        }
        apart = sum(abs(row["difference"]) * row["journeys"] for row in told) / number
        words += (
            f" On average guests said {points(means['said'])} of 100 where the impression is "
            f"{points(means['impression'])}; in a row of the table the two lie {points(apart)} "
            f"apart, on average."
        )
    else:
        words += f" No bin of impressions has {FEW} of them, and fewer are not shown."
    if rejected:
        words += f" {counted(rejected, 'answer')} outside the scale left out."
    return words


def drivers(known: Evidence) -> Panel | None:
    """What counts more than the rest: the weights of the policy, beside how it goes there."""
    fitted = known.seen.policy.weights
    each = [
        {**row, "usual": fitted[row["touchpoint"]]}
        for row in known.seen.touchpoints.rows(named=True)
        if row["touchpoint"] in fitted
    ]
    factors = {name: weight for name, weight in fitted.items() if is_known(name)}
    if not each and not factors:
        return None
    each.sort(key=lambda row: (-row["usual"], row["touchpoint"]))
    said = labels([row["touchpoint"] for row in each])
    total = known.seen.tally.weight
    words = [
        "Some contacts count for more than others, as the policy of this report weighs them; an "
        "ordinary one weighs 1. A weight that the log itself states comes first."
    ]
    if each:
        heaviest = [f"{said[row['touchpoint']]} ({row['usual']:g})" for row in each[:3]]
        words.append(f"The heaviest: {listed(heaviest)}.")
        harm = min(each, key=_effect)
        if _effect(harm) < 0:
            words[-1] += (
                f" Of those weighed, {said[harm['touchpoint']]} costs most: "
                f"{signed(moved(_effect(harm), total))} of the overall impression."
            )
    if factors:
        words.append(
            f"Factors: {listed([f'{name} ({weight:g})' for name, weight in factors.items()])}."
        )
    rows = [
        (
            said[row["touchpoint"]], f"{row['usual']:g}", f"{row['count']:,}",
            share(row["weight"], total), *readouts(row), signed(moved(_effect(row), total)),
        )
        for row in each[:ROWS]
    ]  # fmt: skip
    columns = ("Weight", "Contacts", "Part of all weight", "Impression", "Anticipated", "Effect")
    table = Table(
        "What is weighed, the heaviest first; the effect in points of the overall impression",
        (Column("Touchpoint", number=False), *map(Column, columns)),
        rows,
    )
    drawn = (weights([(said[row["touchpoint"]], row["usual"]) for row in each]), table)
    return Panel("drivers", "What counts most", "\n".join(words), drawn if each else ())


def _effect(row: Mapping[str, Any]) -> int:
    """The sum of w*E of a touchpoint."""
    effect: int = row["gain"] + row["loss"]
    return effect
