"""Mutants of a module: its source with one thing changed, by the operators of mutmut.

mutmut itself leaves out what is decorated, properties above all, and whatever stands outside of
functions; here that is mutated too. Left alone is what no test of behaviour can tell apart:
annotations and names of types, decorators, text, what is raised, assertions, ``strict=`` of ``zip``.
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
    | m.Assign(targets=[m.AssignTarget(target=m.Name(value=m.MatchRegex(r"[A-Z]\w*[a-z]\w*")))])
)

_SCOPES = (cst.FunctionDef, cst.ClassDef)


class Mutant(NamedTuple):
    """A changed source.

    Attributes:
        line: of the change, counted from 1.
        scope: the function or class in which it is, empty outside of any.
        before, after: the lines that differ, without their indentation.
        code: all of it.
    """

    line: int
    scope: str
    before: str
    after: str
    code: str

    def __str__(self) -> str:
        """What it is known by, whatever comes before it in the module."""
        where = f"{self.scope}: " if self.scope else ""
        return f"{where}{self.before}  ->  {self.after}"


class _Visitor(cst.CSTVisitor):
    """Collects what can be changed: scope, place in bytes, the node, and what takes its place."""

    METADATA_DEPENDENCIES = (ByteSpanPositionProvider,)

    def __init__(self) -> None:
        self.changes: list[tuple[str, int, cst.CSTNode, cst.CSTNode]] = []
        self.scope: list[str] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        if isinstance(node, _SCOPES):
            self.scope.append(node.name.value)
        if m.matches(node, _LEFT_ALONE):
            return False
        span = self.get_metadata(ByteSpanPositionProvider, node, None)
        for kind, operator in OPERATORS:
            if span is not None and isinstance(node, kind):
                changes = (each for each in operator(node) if not _refused(node, each))
                scope = ".".join(self.scope)
                self.changes.extend((scope, span.start, node, each) for each in changes)
        return True

    def on_leave(self, original_node: cst.CSTNode) -> None:
        if isinstance(original_node, _SCOPES):
            self.scope.pop()


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
    for scope, start, node, changed in visitor.changes:
        old, new = (wrapper.module.code_for_node(each) for each in (node, changed))
        start -= len(old) - len(old.lstrip())  # an operator has the space before it
        end = start + len(old.encode())
        if original[start:end].decode() == old:
            code = (original[:start] + new.encode() + original[end:]).decode()
        else:  # it stands over several lines, indented by what is around it; this is slow
            code = wrapper.module.deep_replace(node, changed).code
        if code not in seen and _is_python(code):
            seen.add(code)
            yield _told(scope, lines, code)


def _is_python(code: str) -> bool:
    try:
        ast.parse(code)
    except SyntaxError:
        return False
    return True


def _told(scope: str, lines: list[str], code: str) -> Mutant:
    """A mutant, and where it differs."""
    new = code.splitlines()
    first = _alike(lines, new)
    last = min(_alike(reversed(lines), reversed(new)), len(lines) - first - 1, len(new) - first - 1)
    before, after = (_joined(each[first : len(each) - last]) for each in (lines, new))
    return Mutant(first + 1, scope, before, after, code)


def _alike(one: Iterable[str], other: Iterable[str]) -> int:
    """How many lines are the same before the first that differs."""
    pairs = enumerate(zip(one, other, strict=False))
    return next(count for count, (line, changed) in pairs if line != changed)


def _joined(lines: list[str]) -> str:
    return " ".join(line.strip() for line in lines)
