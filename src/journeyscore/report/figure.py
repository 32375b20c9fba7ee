"""A drawing and the words that say the same: for files, for pages, for notebooks."""

from __future__ import annotations

import json
from html import escape
from os import PathLike
from pathlib import Path
from typing import Any

import vl_convert
from attrs import frozen

from ..errors import InvalidValue
from .colours import Theme, colour, coloured

VEGA_LITE = str(vl_convert.get_vegalite_versions()[-1])
"""The version of Vega-Lite that draws: the newest that vl-convert brings."""

WIDTH = 640
"""The width of a drawing that stands alone, pixels."""


@frozen
class Figure:
    """A drawing with its title and its words.

    Attributes:
        title: what is drawn.
        words: what it comes to; a reader who sees no drawing has these.
        key: how the drawing is to be read.
        spec: the specification for Vega-Lite, with colours by name and the width of its container.
    """

    title: str
    words: str
    key: str
    spec: dict[str, Any]

    def svg(self, *, theme: Theme = "light", width: int = WIDTH) -> str:
        """The drawing as SVG, complete in itself.

        Args:
            theme: light or dark.
            width: of the rows, in pixels; names and figures stand beside them.
        """
        return str(vl_convert.vegalite_to_svg(self._alone(theme, width), vl_version=VEGA_LITE))

    def png(self, *, theme: Theme = "light", width: int = WIDTH, scale: float = 2) -> bytes:
        """The drawing as PNG.

        Args:
            theme, width: as for `svg`.
            scale: how many pixels of the picture a pixel of the drawing takes.
        """
        alone = self._alone(theme, width)
        return bytes(vl_convert.vegalite_to_png(alone, vl_version=VEGA_LITE, scale=scale))

    def save(self, path: str | PathLike[str], *, theme: Theme = "light") -> None:
        """Write the drawing: ``.svg``, ``.png``, or as ``.html`` a page that answers the pointer.

        Raises:
            InvalidValue: another kind of file, or no such folder.
        """
        file = Path(path)
        if not file.parent.is_dir():
            raise InvalidValue("no such folder", path=str(file.parent), value=str(file))
        if file.suffix == ".svg":
            file.write_text(self.svg(theme=theme), encoding="utf-8")
        elif file.suffix == ".png":
            file.write_bytes(self.png(theme=theme))
        elif file.suffix == ".html":
            file.write_text(self.html(), encoding="utf-8")
        else:
            raise InvalidValue(
                f"cannot draw {file.suffix or 'a file without a suffix'}",
                path="path",
                value=str(file),
                hint="one of .svg, .png, .html",
            )

    def html(self) -> str:
        """A page of its own that works without a network and answers the pointer."""
        from .page import Page, Panel  # which show figures

        return Page(self.title, self.words, (Panel("map", "", "", (self,)),)).html()

    def _alone(self, theme: Theme, width: int) -> str:
        title = {
            "text": self.title, "subtitle": _lines(self.key, width), "anchor": "start",
            "frame": "bounds", "fontSize": 15, "fontWeight": 600, "color": colour("ink"),
            "subtitleColor": colour("muted"), "subtitleFontSize": 12, "subtitlePadding": 6,
            "subtitleLineHeight": 16, "offset": 14,
        }  # fmt: skip
        size = {"width": width, "background": colour("paper"), "padding": 16}
        return coloured(json.dumps({**self.spec, **size, "title": title}), theme)

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        words = "<br>".join(escape(line) for line in self.words.splitlines())
        return f"<figure style='margin:0'>{self.svg()}<figcaption>{words}</figcaption></figure>"


def _lines(words: str, width: int) -> list[str]:
    from textwrap import wrap

    return wrap(words, width // 6)
