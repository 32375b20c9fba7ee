"""Mappings: from the payloads of other systems to rows of a journey log, as data in a TOML file.

A mapping is a list of rules. Each says which payloads it is for, and what each column of the row
is, as expressions of JMESPath, the query language of JSON::

    [[rules]]
    when = "type == 'payment.updated' && data.object.payment.status == 'COMPLETED'"
    journey = "data.object.payment.order_id"
    touchpoint = "'retail.checkout'"
    ...

The functions of JMESPath are there, and those of `journeyscore.convert.expressions.Functions`. A
text that holds a number stays a text, and is refused where a number is wanted, unless the mapping
says ``to_number``.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as MappingOf
from os import PathLike
from pathlib import Path
from typing import Any, Literal

from attrs import field, frozen

from ..errors import InvalidValue, JourneyScoreError, LogNotFound, UnknownName, closest, described
from ..readings import GAP_SCALE
from ..scales import Scale, count, days, level, minutes, rating, yes_no
from . import jsontext
from .expressions import Expression, compiled
from .rows import COLUMNS, row
from .strict import members, strict_converter, structured, unicode_text

__all__ = [
    "Mapping",
    "Rule",
    "shipped",
]


REQUIRED = ("journey", "touchpoint")
"""Columns that every rule says."""

MEASURES = ("anticipated", "delivered", "adequate", "desired")
"""Columns whose raw measures a scale turns into levels."""


@frozen(kw_only=True)
class Rule:
    """Which payloads a rule is for, and the row that each of them makes.

    Attributes:
        name: what it is about, for errors.
        when: an expression; the rule is for payloads of which it is true.
        each: an expression of a list: the rule makes a row of each element. The expressions then
            see ``item``, ``index`` and the ``payload``.
        scale: the name of the scale of the measures; None: they are levels.
        columns: an expression for each column.
    """

    name: str
    when: Expression | None
    each: Expression | None
    scale: str | None
    columns: tuple[tuple[str, Expression], ...]


@frozen(kw_only=True)
class Mapping:
    """A mapping, read from a file with `Mapping.load` or by the name of one that is shipped.

    Attributes:
        name: the name of the feed.
        about: what it reads, for people.
        source: the ``source`` of events where a rule says none; None: they have none.
        rules: in order; every rule that is for a payload makes its rows.
        scales: the scales that the rules name.
    """

    name: str
    about: str = ""
    source: str | None = None
    rules: tuple[Rule, ...]
    scales: MappingOf[str, Scale] = field(factory=dict)

    @classmethod
    def load(cls, path: str | PathLike[str]) -> Mapping:
        """The mapping in a TOML file, or the one of this name that is shipped.

        Raises:
            LogNotFound: there is no such file.
            InvalidValue, WrongType, UnknownName: it is wrong; the path leads there.

        >>> Mapping.load("square").name
        'square'
        """
        import tomllib

        file = Path(path)
        if not file.suffix and str(path) in shipped():
            file = _FOLDER / f"{path}.toml"
        if not file.is_file():
            near = ", ".join(shipped())
            raise LogNotFound("no such mapping", path=str(file), hint=f"a file, or one of {near}")
        try:
            return cls.of(tomllib.loads(file.read_text(encoding="utf-8")))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise InvalidValue(f"not a TOML file ({error})", path=str(file)) from None
        except JourneyScoreError as error:
            error.path = f"{file.name}, {error.path}"
            raise

    @classmethod
    def of(cls, content: MappingOf[str, Any]) -> Mapping:
        """The mapping in plain data, as TOML or JSON hold it.

        >>> Mapping.of({"name": "till", "rules": [{"journey": "stay", "touchpoint": "what"}]}).name
        'till'
        """
        written = structured(_converter, dict(content), _Written)
        scales = {name: each.scale(f"scales.{name}") for name, each in written.scales}
        tables = dict(written.tables)
        rules = [
            _rule(table, f"rules[{place}]", scales, tables)
            for place, table in enumerate(written.rules)
        ]
        return cls(
            name=written.name,
            about=written.about,
            source=written.source,
            rules=tuple(rules),
            scales=scales,
        )

    def rows(self, payload: Any) -> list[dict[str, Any]]:
        """The rows of a journey log that a payload makes; none if no rule is for it.

        Times are moments, measures levels, and every row has an ``id``: where the rule says none,
        one of the content of what the row was made of, so that what is sent again is the same.

        Raises:
            InvalidValue, WrongType: what a column needs is missing or wrong; the path names the
                rule and the column.

        >>> till = Mapping.of({"name": "till", "rules": [
        ...     {"when": "kind == 'seated'", "journey": "visit", "touchpoint": "'dining.seating'",
        ...      "id": "no", "delivered": "waited", "anticipated": "`10`", "scale": "wait"}],
        ...     "scales": {"wait": {"kind": "minutes", "best": 0, "worst": 40}}})
        >>> till.rows({"kind": "seated", "visit": "v1", "no": "e7", "waited": 30})[0]["delivered"]
        0.25
        >>> till.rows({"kind": "left"})
        []
        """
        return [made for rule in self.rules for made in self._made_by(rule, payload)]

    def _made_by(self, rule: Rule, payload: Any) -> Iterator[dict[str, Any]]:
        if rule.when is not None and rule.when(payload, f"{rule.name}.when") is not True:
            return
        if rule.each is None:
            yield self._row(rule, payload)
            return
        found = rule.each(payload, f"{rule.name}.each")
        if found is None:
            return
        if not isinstance(found, list):
            raise InvalidValue(f"{described(found)} is not a list", path=f"{rule.name}.each")
        for index, item in enumerate(found):
            yield self._row(rule, {"item": item, "index": index, "payload": payload})

    def _row(self, rule: Rule, seen: Any) -> dict[str, Any]:
        said: dict[str, Any] = {}
        for column, expression in rule.columns:
            value = expression(seen, f"{rule.name}.{column}")
            if value is not None:
                said[column] = value
        for column in REQUIRED:
            if column not in said:
                raise InvalidValue("there is nothing in the payload", path=f"{rule.name}.{column}")
        if rule.scale is not None:
            scale = self.scales[rule.scale]
            for column in MEASURES:
                if column in said:
                    said[column] = scale.level(said[column], f"{rule.name}.{column}")
            said.setdefault("gap_scale", scale.gap_scale)
        if self.source is not None:
            said.setdefault("source", self.source)
        if "id" not in said:
            said["id"] = jsontext.digest([rule.name, seen])
        try:
            checked = row(said)  # types, closed lists, texts that are not empty
        except JourneyScoreError as error:
            error.path = f"{rule.name}.{error.path}"
            raise
        if checked.at is not None:
            said["at"] = checked.at.isoformat()
        return said


def shipped() -> list[str]:
    """The names of the mappings that are shipped.

    >>> shipped()
    ['opera_cloud', 'square']
    """
    return sorted(file.stem for file in _FOLDER.glob("*.toml"))


_FOLDER = Path(__file__).parent / "mappings"


Table = dict[str, Any]


@frozen(kw_only=True)
class _WrittenScale:
    """A scale as a mapping writes it: ``{kind = "minutes", best = 0, worst = 30}``."""

    kind: Literal["minutes", "days", "count", "rating", "yes_no", "level"]
    best: float | None = None
    worst: float | None = None
    gap_scale: float = GAP_SCALE

    def scale(self, path: str) -> Scale:
        """The scale itself."""
        ends = (self.best, self.worst)
        if self.kind in ("yes_no", "level"):
            if ends != (None, None) or self.gap_scale != GAP_SCALE:
                raise InvalidValue(f"{self.kind} has ends of its own", path=path)
            return yes_no if self.kind == "yes_no" else level
        if self.best is None or self.worst is None:
            raise InvalidValue("best and worst are both needed", path=path)
        make: Any = {"minutes": minutes, "days": days, "count": count, "rating": rating}[self.kind]
        try:
            made: Scale = make(best=self.best, worst=self.worst, gap_scale=self.gap_scale)
        except InvalidValue as error:
            error.path = path
            raise
        return made


@frozen(kw_only=True)
class _Written:
    """A mapping as it is written."""

    name: str
    about: str = ""
    source: str | None = None
    scales: tuple[tuple[str, _WrittenScale], ...] = ()
    tables: tuple[tuple[str, Table], ...] = ()
    rules: tuple[Table, ...]


_converter = strict_converter()
_converter.register_structure_hook_func(lambda kind: kind == Table, lambda given, _: members(given))


def _rule(
    table: Table, path: str, scales: MappingOf[str, Scale], tables: MappingOf[str, Table]
) -> Rule:
    """A rule: what is not one of its own fields is a column."""
    texts: dict[str, str] = {}
    for name, given in table.items():
        if name not in (*COLUMNS, *_OWN):
            near = closest(name, (*COLUMNS, *_OWN))
            raise UnknownName(
                f"no column has this name ({described(name)})",
                path=path,
                value=name,
                hint=f"did you mean {near}?" if near else "",
            )
        texts[name] = unicode_text(given, f"{path}.{name}")
    for name in REQUIRED:
        if name not in texts:
            raise InvalidValue("is missing", path=f"{path}.{name}")
    scale = texts.get("scale")
    if scale is not None and scale not in scales:
        raise UnknownName(f"no scale has this name ({described(scale)})", path=f"{path}.scale")
    expressions = {
        name: compiled(source, f"{path}.{name}", tables)
        for name, source in texts.items()
        if name not in ("name", "scale")
    }
    return Rule(
        name=texts.get("name", path),
        when=expressions.pop("when", None),
        each=expressions.pop("each", None),
        scale=scale,
        columns=tuple(expressions.items()),
    )


_OWN = ("name", "when", "each", "scale")
"""What a rule says of itself; all else it says are columns."""
