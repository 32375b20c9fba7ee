"""Customers by how satisfied they are and by what they are worth, and how to treat each kind."""

from __future__ import annotations

from enum import StrEnum


class Segment(StrEnum):
    """Customers by satisfaction (the mean of their visits) and by what they are worth."""

    ADVOCATES = "advocates"
    SUPPORTERS = "supporters"
    VALUED = "valued"
    CONTENT = "content"
    AT_RISK = "at_risk"
    POTENTIAL_SABOTEURS = "potential_saboteurs"
    HABITUAL = "habitual"

    @property
    def hint(self) -> str:
        """How to treat customers of this segment.

        >>> Segment.ADVOCATES.hint
        'look after them: special treatment, references, new things to try'
        """
        return _HINTS[self]


_HINTS = {
    Segment.ADVOCATES: "look after them: special treatment, references, new things to try",
    Segment.SUPPORTERS: "thank them; find out what else they need",
    Segment.VALUED: "ask what would delight them: they pay for it already",
    Segment.CONTENT: "keep what was promised, and exceed it in small things",
    Segment.AT_RISK: "put right what broke it before anything is sold to them again",
    Segment.POTENTIAL_SABOTEURS: "rebuild trust on a new basis, or part with dignity: nothing left "
    "open, no last offer",
    Segment.HABITUAL: "do not take their return for consent: ask, before a competitor does",
}
