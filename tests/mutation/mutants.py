"""Mutants of a module: its source with one thing changed, by the operators of mutmut.

mutmut itself leaves out what is decorated, properties above all, and whatever stands outside of
functions; here that is mutated too. Left alone is what no test of behaviour can tell apart:
annotations, decorators, text, the words of what is raised, assertions, and ``strict=`` of ``zip``.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import libcst as cst
import libcst.matchers as m
from libcst.metadata import ByteSpanPositionProvider, MetadataWrapper
from mutmut.mutation.mutators import mutation_operators, operator_dict_arguments, operator_string

OPERATORS = [
    (kind, operator)
    for kind, operator in mutation_operators
    if operator not in (operator_string, operator_dict_arguments)
]

_LEFT_ALONE = (
    m.Annotation()
    | m.Decorator()
    | m.Raise()
    | m.Assert()
    | m.FormattedString()
    | m.ImportFrom()
    | m.If(test=m.Name("TYPE_CHECKING"))
    | m.Assign(targets=[m.AssignTarget(target=m.Name("__all__"))])
    | m.Arg(keyword=m.Name("strict"))
)


class Mutant(NamedTuple):
    """A changed source.

    Attributes:
        line: of the change, counted from 1.
        before, after: the lines that differ, without their indentation.
        code: all of it.
    """

    line: int
    before: str
    after: str
    code: str

    def __str__(self) -> str:
        return f"{self.before}  ->  {self.after}"


class _Visitor(cst.CSTVisitor):
    """Collects what can be changed: the place in bytes, the node, and what takes its place."""

    METADATA_DEPENDENCIES = (ByteSpanPositionProvider,)

    def __init__(self) -> None:
        self.changes: list[tuple[int, cst.CSTNode, cst.CSTNode]] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        if m.matches(node, _LEFT_ALONE):
            return False
        span = self.get_metadata(ByteSpanPositionProvider, node, None)
        for kind, operator in OPERATORS:
            if span is not None and isinstance(node, kind):
                changes = (each for each in operator(node) if not _refused(node, each))
                self.changes.extend((span.start, node, each) for each in changes)
        return True


def _refused(node: cst.CSTNode, changed: cst.CSTNode) -> bool:
    """Whether a call lacks an argument it cannot be without, or ``strict=``."""
    if not isinstance(node, cst.Call) or not isinstance(changed, cst.Call):
        return False
    positions = [sum(1 for arg in each.args if not arg.keyword) for each in (node, changed)]
    return positions[0] != positions[1] or _strict(node) != _strict(changed)


def _strict(node: cst.Call) -> int:
    said = m.Arg(keyword=m.Name("strict"), value=m.Name("True"))
    return sum(1 for arg in node.args if m.matches(arg, said))


def mutants(source: str) -> Iterator[Mutant]:
    """Every mutant of a source that is still Python."""
    wrapper = MetadataWrapper(cst.parse_module(source))
    visitor = _Visitor()
    wrapper.visit(visitor)
    original, lines, seen = source.encode(), source.splitlines(), {source}
    for start, node, changed in visitor.changes:
        old, new = (wrapper.module.code_for_node(each) for each in (node, changed))
        start -= len(old) - len(old.lstrip())  # an operator has the space before it
        end = start + len(old.encode())
        if original[start:end].decode() == old:
            code = (original[:start] + new.encode() + original[end:]).decode()
        else:  # it stands over several lines, indented by what is around it; this is slow
            code = wrapper.module.deep_replace(node, changed).code
        if code not in seen and _is_python(code):
            seen.add(code)
            yield _told(lines, code)


def _is_python(code: str) -> bool:
    try:
        ast.parse(code)
    except SyntaxError:
        return False
    return True


def _told(lines: list[str], code: str) -> Mutant:
    """A mutant, and where it differs."""
    new = code.splitlines()
    first = _alike(lines, new)
    last = min(_alike(reversed(lines), reversed(new)), len(lines) - first - 1, len(new) - first - 1)
    return Mutant(
        first + 1, _joined(lines[first : len(lines) - last]), _joined(new[first : len(new) - last]), code
    )  # fmt: skip


def _alike(one: Iterable[str], other: Iterable[str]) -> int:
    """How many lines are the same before the first that differs."""
    pairs = enumerate(zip(one, other, strict=False))
    return next(count for count, (line, changed) in pairs if line != changed)


def _joined(lines: list[str]) -> str:
    return " ".join(line.strip() for line in lines)
