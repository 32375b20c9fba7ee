"""Numbers as people read them."""

from __future__ import annotations

from collections.abc import Sequence

MINUS = "\N{MINUS SIGN}"


def points(value: float | None, digits: int = 1) -> str:
    """Points; a dash where there are none.

    >>> points(76.62), points(None)
    ('76.6', '\N{EN DASH}')
    """
    return "\N{EN DASH}" if value is None else f"{value:.{digits}f}".replace("-", MINUS)


def signed(value: float, digits: int = 2) -> str:
    """Points more or less, with their sign; what rounds to nothing has none.

    >>> signed(-0.5), signed(0.001)
    ('\N{MINUS SIGN}0.50', '0.00')
    """
    text = f"{value:+.{digits}f}"
    return text[1:] if not float(text) else text.replace("-", MINUS)


def share(part: float, whole: float) -> str:
    """A share in whole per cent, but never none of some, nor all of fewer.

    >>> share(1, 300), share(299, 300), share(0, 300)
    ('under 1%', 'over 99%', '0%')
    """
    if not whole:
        return "\N{EN DASH}"
    if 0 < part < 0.005 * whole:
        return "under 1%"
    if 0.995 * whole <= part < whole:
        return "over 99%"
    return f"{part / whole:.0%}"


def counted(number: int, one: str, more: str = "") -> str:
    """A number of things.

    >>> counted(1, "journey"), counted(1200, "journey")
    ('1 journey', '1,200 journeys')
    """
    return f"{number:,} {one if number == 1 else more or one + 's'}"


def listed(words: Sequence[str]) -> str:
    """Words in a sentence.

    >>> listed(["valet", "room", "spa"])
    'valet, room and spa'
    """
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def labels(names: Sequence[str | None]) -> dict[str | None, str]:
    """Names of touchpoints as people say them; in full where two would be the same.

    >>> labels(["hotel.front_desk", "gym.front_desk", "hotel.valet"])["hotel.valet"]
    'valet'
    """
    short = {name: _label(name) for name in names}
    said = list(short.values())
    return {
        name: label if said.count(label) == 1 or name is None else name
        for name, label in short.items()
    }


def _label(name: str | None) -> str:
    return "(no name)" if name is None else name.rpartition(".")[2].replace("_", " ")
