"""What telemetry is told of a score: one short span, linked to the origin of its journey."""

from __future__ import annotations

from ..scorecard import Scorecard
from ..telemetry import semconv, span, spanned
from ..telemetry.origin import Origin


def tell(card: Scorecard, origin: Origin | None) -> None:
    """Emit the span ``journey score {type}`` of a scorecard.

    >>> from journeyscore import Journey, score
    >>> tell(score(Journey("stay-1")), None)
    """
    name = spanned(semconv.JOURNEY_SCORE, card.journey.type)
    span(name, card.attributes, () if origin is None else origin.links)
