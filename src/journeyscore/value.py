"""From a reading to its value: the formula, on floats (model, section 2).

A touchpoint scores what was delivered; a surprise wins a share of the headroom above it, a
disappointment costs a share of what there is. Only ``+ - * / sqrt`` and ``floor`` occur,
evaluated in the order written, so that every engine computes the same bits.
"""

from __future__ import annotations

from collections.abc import Callable

from .policy import Policy

ValueOf = Callable[[float, float, bool], float]
"""The value of (delivered, gap, promised): see `value_under`."""


def value_under(policy: Policy) -> ValueOf:
    """The value formula under a policy, its constants bound once.

    The function returned takes what was ``delivered`` (a level, 0 to 1), the ``gap`` to what was
    anticipated (see `journeyscore.readings.saturated`) and whether that was ``promised``, which
    puts the larger share of the headroom at stake. It gives the value, 0 to 1, and exactly
    ``delivered`` where the gap is zero.

    >>> from journeyscore.readings import saturated
    >>> value = value_under(Policy())
    >>> round(value(0.9, saturated(0.9, 0.6, 0.2), False), 4)
    0.9104
    >>> round(value(0.5, saturated(0.5, 0.8, 0.2), True), 4)
    0.188
    """
    gain, plain_share, promised_share = (
        1 / policy.loss_aversion,
        policy.share,
        policy.promised_share,
    )

    def value(delivered: float, gap: float, promised: bool) -> float:
        share = promised_share if promised else plain_share
        if gap >= 0:  # a surplus counts only `gain` of an equal shortfall
            return delivered + share * (gap * gain) * (1 - delivered)
        return delivered + share * gap * delivered

    return value
