"""The few colours of every drawing, as names that a page gives a value to.

A drawing says ``var(--ink)``; a page in a browser sets the variables for light, dark and print, and
a file that stands alone gets the values of one theme put in.

The pair of accents, blue for above what was anticipated and orange for below, is told apart by
readers with any of the common deficiencies of colour vision (Okabe and Ito, 2008, *Color Universal
Design*); shape or words say the same beside it. Text and accents reach a contrast of 4.5 to 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Theme = Literal["light", "dark"]

LIGHT: Mapping[str, str] = {
    "paper": "#ffffff",
    "ink": "#1b1f24",
    "muted": "#59626c",
    "line": "#d9dde1",
    "zone": "#e6e9ec",
    "shade": "#c3cad1",
    "better": "#0b62a8",
    "worse": "#b3400a",
}

DARK: Mapping[str, str] = {
    "paper": "#15181b",
    "ink": "#e9ebed",
    "muted": "#a4adb6",
    "line": "#3a4047",
    "zone": "#31373e",
    "shade": "#56606a",
    "better": "#74b6f2",
    "worse": "#f39a5e",
}

THEMES: Mapping[str, Mapping[str, str]] = {"light": LIGHT, "dark": DARK}


def colour(name: str) -> str:
    """A colour as a drawing says it.

    >>> colour("ink")
    'var(--ink)'
    """
    if name not in LIGHT:
        raise KeyError(name)
    return f"var(--{name})"


def coloured(drawing: str, theme: Theme) -> str:
    """A drawing with the values of a theme in place of the names.

    >>> coloured("fill: var(--ink)", "light")
    'fill: #1b1f24'
    """
    for name, value in THEMES[theme].items():
        drawing = drawing.replace(colour(name), value)
    return drawing


def stylesheet(theme: Theme) -> str:
    """The variables of a theme, as declarations of a stylesheet."""
    return " ".join(f"--{name}: {value};" for name, value in THEMES[theme].items())
