"""What a notebook shows of a journey or a scorecard: its map, where the extra ``report`` is there.

The core draws nothing and never imports what does: it is asked for when something is displayed,
and where it is absent a notebook shows text.
"""

from __future__ import annotations

from importlib import import_module

EXTRA = frozenset({"jinja2", "vl_convert", "narwhals", "polars"})
"""What the extra ``report`` brings, any of which may be absent."""


def mimebundle(shown: object) -> dict[str, str]:
    """The representations of a journey or a scorecard, by media type; none without the extra.

    >>> from journeyscore import Journey, Touchpoint, score
    >>> card = score(Journey("stay-1", [Touchpoint("hotel.valet", delivered=0.7)]))
    >>> "text/plain" in card._repr_mimebundle_()
    True
    """
    try:
        report = import_module("journeyscore.report")
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in EXTRA:
            return {}
        raise
    html: str = report.journey_map(shown)._repr_html_()
    return {"text/html": html}
