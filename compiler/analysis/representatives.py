"""Values of a field, or of an event's property, that stand for all others: one for each way the policy can see it.

Two searches gather constants in ways of their own, because they want something else. Here every combination of answers
to the tests of one field has to be among the values, or nothing is promised. `compiler/diff/search.py` puts all that
two whole versions compare with into one pool, and what lies beside it: a change may move anything.
`compiler/scaffold.py` looks around one small change, by the names of what is compared there, and at no more of a long
list than its few tries can use. Only how a text is made that fits is the same for all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product
from zoneinfo import ZoneInfo

from ...dsl import ir
from ...dsl.values import DAY
from ..engines.terms import walk
from . import points_on_lines, texts


def values_of(
    declared: ir.Field, side: str, tests: Iterable[ir.Expr], at: int, zone: ZoneInfo
) -> list[ir.Value] | None:
    """Values of a field, or of the domain or local part of one, among which every combination of answers to the tests
    is found; the plainest first. None where that cannot be guaranteed."""
    missing: list[ir.Value] = [] if declared.required and not side else [None]
    nodes = [part for test in tests for part in walk(test)]
    match declared.kind:
        case ir.Kind.FLAG:
            return [*missing, True, False]
        case ir.Kind.TEXT if declared.values is not None:
            return [*missing, *declared.values]
        case ir.Kind.TEXT:
            literals, patterns = _literals_and_patterns(nodes)
            found = texts.samples(literals, patterns)
            return None if found is None else [*missing, *(address(side, text) for text in found)]
        case ir.Kind.NUMBER:
            return [*missing, *points_on_lines.numbers(nodes)]
        case ir.Kind.DATE:
            return [*missing, *points_on_lines.dates(nodes, at, zone)]
        case ir.Kind.TIME:
            return [*missing, *points_on_lines.times(nodes, at)]
        case ir.Kind.TEXTS:
            return _text_lists(nodes, missing)
        case _:
            return None


def samples_of(declared: ir.Field, side: str, test: ir.Expr, at: int, zone: ZoneInfo) -> list[ir.Value]:
    """Some values for one test, for a field whose values cannot all be told apart."""
    alone = values_of(declared, side, [test], at, zone)
    if alone is not None:
        return alone
    literals, patterns = _literals_and_patterns(list(walk(test)))
    words = [*literals[:5], *(fitting(needle) for pattern in patterns for needle in pattern.needles[:5]), "q"]
    if declared.kind is ir.Kind.TEXTS:
        return [None, (), tuple(words), *((word,) for word in words)]
    return [None, *(address(side, word) for word in words if word)]


def address(side: str, text: str) -> str:
    """A text of which one side is this: `ann@acme.example` for the domain `acme.example`; without a side, itself."""
    if side == "domain":
        return f"ann@{text}"
    if side == "local part":
        return f"{text}@company.example"
    return text


def fitting(needle: str) -> str:
    """A short text in which a needle is found, or that a pattern such as `vp*` fits."""
    return needle.replace("*", "").replace("?", "x").strip()


def _literals_and_patterns(nodes: Sequence[ir.Expr]) -> tuple[list[str], list[texts.Pattern]]:
    literals: dict[str, None] = {}
    patterns: list[texts.Pattern] = []
    for node in nodes:
        match node:
            case ir.Compare(left=left, right=right):
                for one in (left, right):
                    if isinstance(one, ir.Const) and isinstance(one.value, str):
                        literals[one.value] = None
            case ir.InSet(values=members):
                literals.update((str(member), None) for member in members)
            case ir.TextTest(op=op, needles=needles, every=every):
                patterns.append(texts.Pattern(op, needles, every))
            case _:
                pass
    return list(literals), patterns


def _text_lists(nodes: Sequence[ir.Expr], missing: list[ir.Value]) -> list[ir.Value] | None:
    needles = list(dict.fromkeys(needle for node in nodes if isinstance(node, ir.TextTest) for needle in node.needles))
    if len(needles) > 8:
        return None
    subsets = product((False, True), repeat=len(needles))
    return [*missing, *(tuple(n for n, yes in zip(needles, picked, strict=True) if yes) for picked in subsets)]


def values_to_try(declared: ir.Field, at: int) -> list[ir.Value]:
    """A few values of a field of which nothing says where the policy cuts it."""
    match declared.kind:
        case ir.Kind.NUMBER:
            return [None, 0.0, 1.0, 2.0, 10.0, 100.0, 1000.0, 10_000.0, 1_000_000.0, -1.0]
        case ir.Kind.FLAG:
            return [None, True, False]
        case ir.Kind.TEXT:
            return [None, *(declared.values or ("x", "ann@company.example", "Ann", "aaaaaa", "a b c d e f"))]
        case ir.Kind.DATE | ir.Kind.TIME:
            midnight = at // DAY * DAY
            return [None, *(midnight - days * DAY for days in (0, 1, 10, 100, 1000, -10))]
        case ir.Kind.TEXTS:
            return [None, (), ("x",)]
        case _:
            return [None]
