"""A page of one file that needs no network: panels of words, drawings and tables."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from os import PathLike
from pathlib import Path
from typing import NamedTuple

from attrs import frozen
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from .._version import __version__
from ..errors import InvalidValue
from . import vega
from .colours import stylesheet
from .figure import Figure


class Column(NamedTuple):
    """A column of a table.

    Attributes:
        name: its heading.
        number: whether it holds figures, which stand flush right.
    """

    name: str
    number: bool = True


@frozen
class Table:
    """Figures for those who want them, or cannot see the drawing.

    Attributes:
        caption: what is in it.
        columns: its columns.
        rows: its cells as they are shown; the first of a row names it.
        folded: whether it is opened by the reader.
    """

    caption: str
    columns: tuple[Column, ...]
    rows: Sequence[tuple[str, ...]]
    folded: bool = False

    @property
    def is_table(self) -> bool:
        """True, for the template."""
        return True


@frozen
class Panel:
    """A part of a page with one thing to say.

    Attributes:
        id: what a link names it.
        title: its heading; none on a page of a single panel.
        words: what it comes to, a paragraph a line.
        blocks: drawings and tables.
    """

    id: str
    title: str
    words: str
    blocks: tuple[Figure | Table, ...] = ()


@frozen
class Page:
    """A page: its title, what it comes to in words, its panels.

    Attributes:
        title: of the page.
        words: what it comes to, a paragraph a line.
        panels: its parts, in order.
        notes: what stands in small print at its end.
        rejected: rows of the log that could not be scored.
    """

    title: str
    words: str
    panels: tuple[Panel, ...]
    notes: tuple[str, ...] = ()
    rejected: int = 0

    def html(self) -> str:
        """The page, complete in itself."""
        figures = [
            block for panel in self.panels for block in panel.blocks if isinstance(block, Figure)
        ]
        specs = json.dumps([figure.spec for figure in figures], separators=(",", ":"))
        return _environment().get_template("page.html.jinja").render(
            page=self,
            number={id(figure): number for number, figure in enumerate(figures)},
            identity=id,
            version=__version__,
            light=stylesheet("light"),
            dark=stylesheet("dark"),
            style=Markup(_resource("page.css")),
            script=Markup(_resource("page.js")),
            vega=Markup(vega.script()),
            specs=Markup(specs.replace("<", "\\u003c")),  # no end of the script inside it
        )  # fmt: skip

    def save(self, path: str | PathLike[str]) -> None:
        """Write the page to a file.

        Raises:
            InvalidValue: no such folder.
        """
        file = Path(path)
        if not file.parent.is_dir():
            raise InvalidValue("no such folder", path=str(file.parent), value=str(file))
        file.write_text(self.html(), encoding="utf-8")

    def _repr_html_(self) -> str:
        """A notebook shows the words; the page is a file of its own."""
        return str(Markup("<p>{}</p>").format(self.words))


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("journeyscore.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _resource(name: str) -> str:
    return files("journeyscore.report").joinpath(name).read_text(encoding="utf-8")
