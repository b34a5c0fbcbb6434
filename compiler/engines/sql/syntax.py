"""Small words for SQL expressions. sqlglot prints what it is given and adds no parentheses, so that they are put here.

An expression may stand in several places of a statement: whoever prints the statement copies it first, so that sqlglot
has a tree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import groupby
from typing import TypeAlias

from sqlglot import exp

Sql: TypeAlias = exp.Expr

_NEEDS_NO_PARENTHESES = (
    exp.Column,
    exp.Literal,
    exp.Paren,
    exp.Func,
    exp.Anonymous,
    exp.Cast,
    exp.Boolean,
    exp.Null,
    exp.Case,
    exp.Window,
    exp.Placeholder,
)


def closed(node: Sql) -> Sql:
    """An expression that can stand beside any operator."""
    if isinstance(node, _NEEDS_NO_PARENTHESES) and not isinstance(node, exp.Connector | exp.Binary):
        return node
    return exp.Paren(this=node)


def integer(number: int) -> Sql:
    if number < 0:
        return exp.Paren(this=exp.Neg(this=exp.Literal.number(-number)))
    return exp.Literal.number(number)


def text(value: str) -> Sql:
    return exp.Literal.string(value)


def spelled(value: str, below: int = 0x11_0000, named: Callable[[str], Sequence[Sql]] | None = None) -> Sql:
    """A text without characters that an editor would hide or change: `named` says them otherwise (else CHR, with their
    number, if it is below some number). A long text is said in parts."""
    parts: list[Sql] = []
    for hidden, run in groupby(value, lambda character: not character.isprintable() and ord(character) < below):
        characters = "".join(run)
        if hidden:
            parts += _by_number(characters) if named is None else named(characters)
        else:
            parts += [text(characters[start : start + 60]) for start in range(0, len(characters), 60)]
    if not parts:
        return text("")
    found = parts[0]
    for part in parts[1:]:
        found = exp.DPipe(this=found, expression=part, safe=True)
    return found


def _by_number(characters: str) -> list[Sql]:
    return [call("CHR", integer(ord(character))) for character in characters]


def flag(value: bool) -> Sql:
    return exp.true() if value else exp.false()


def null() -> Sql:
    return exp.null()


def column(name: str, of: str | None = None) -> exp.Column:
    return exp.column(exp.to_identifier(name, quoted=True), table=exp.to_identifier(of, quoted=True) if of else None)


def call(name: str, *args: Sql) -> Sql:
    return exp.Anonymous(this=name, expressions=list(args))


def cast(node: Sql, kind: str) -> Sql:
    return exp.Cast(this=node, to=_type(kind))


@lru_cache(maxsize=64)
def _type(kind: str) -> exp.DataType:
    return exp.DataType.build(kind, dialect="duckdb")


def big(node: Sql) -> Sql:
    return cast(node, "BIGINT")


def case(branches: Iterable[tuple[Sql, Sql]], otherwise: Sql | None = None) -> Sql:
    listed = list(branches)
    if not listed:
        return null() if otherwise is None else otherwise
    return exp.Case(ifs=[exp.If(this=test, true=then) for test, then in listed], default=otherwise)


def _folded(kind: type[exp.Binary], nodes: Sequence[Sql]) -> Sql:
    found = closed(nodes[0]) if len(nodes) > 1 else nodes[0]
    for node in nodes[1:]:
        found = kind(this=found, expression=closed(node))
    return found


def add(*nodes: Sql) -> Sql:
    """A sum of whole numbers. A long one is balanced, so that a thousand parts do not nest a thousand deep."""
    if len(nodes) > 60:
        half = len(nodes) // 2
        return exp.Add(this=exp.Paren(this=add(*nodes[:half])), expression=exp.Paren(this=add(*nodes[half:])))
    return _folded(exp.Add, _of_64_bits(nodes)) if nodes else integer(0)


def subtract(left: Sql, *rest: Sql) -> Sql:
    """A difference of whole numbers."""
    return _folded(exp.Sub, _of_64_bits((left, *rest)))


def multiply(*nodes: Sql) -> Sql:
    """A product of whole numbers."""
    return _folded(exp.Mul, _of_64_bits(nodes))


def of_doubles(kind: type[exp.Binary], left: Sql, right: Sql) -> Sql:
    """`left + right`, and so on, of doubles."""
    return kind(this=closed(left), expression=closed(right))


def _of_64_bits(nodes: Sequence[Sql]) -> Sequence[Sql]:
    """Numbers that are written have 32 bits for most engines, and so has what is computed from nothing else."""
    if len(nodes) < 2 or not all(isinstance(node, exp.Literal | exp.Case | exp.Paren) for node in nodes):
        return nodes
    return (big(nodes[0]), *nodes[1:])


def slash(left: Sql, right: Sql) -> Sql:
    return exp.Div(this=closed(left), expression=closed(right), typed=False, safe=False)


def negative(node: Sql) -> Sql:
    return exp.Paren(this=exp.Neg(this=closed(node)))


_SIGNS: dict[str, type[exp.Binary]] = {
    "<": exp.LT,
    "<=": exp.LTE,
    ">": exp.GT,
    ">=": exp.GTE,
    "==": exp.EQ,
    "!=": exp.NEQ,
}


def compare(sign: str, left: Sql, right: Sql) -> Sql:
    return _SIGNS[sign](this=closed(left), expression=closed(right))


TRUE, FALSE = exp.true(), exp.false()


def is_true(node: Sql) -> bool:
    return isinstance(node, exp.Boolean) and bool(node.this)


def is_false(node: Sql) -> bool:
    return isinstance(node, exp.Boolean) and not node.this


def all_of(nodes: Iterable[Sql]) -> Sql:
    """AND, as SQL and the language both mean it (Kleene)."""
    live = [node for node in nodes if not is_true(node)]
    if any(is_false(node) for node in live):
        return flag(False)
    return _joined(exp.And, live) if live else flag(True)


def any_of(nodes: Iterable[Sql]) -> Sql:
    live = [node for node in nodes if not is_false(node)]
    if any(is_true(node) for node in live):
        return flag(True)
    return _joined(exp.Or, live) if live else flag(False)


def _joined(kind: type[exp.And] | type[exp.Or], nodes: Sequence[Sql]) -> Sql:
    """Balanced, so that a thousand of them do not nest a thousand deep. `AND` beside `AND` needs no parentheses."""
    if len(nodes) == 1:
        return nodes[0]
    if len(nodes) > 8:
        middle = len(nodes) // 2
        return kind(
            this=exp.Paren(this=_joined(kind, nodes[:middle])), expression=exp.Paren(this=_joined(kind, nodes[middle:]))
        )
    found = _operand(kind, nodes[0])
    for node in nodes[1:]:
        found = kind(this=found, expression=_operand(kind, node))
    return found


def _operand(kind: type[exp.And] | type[exp.Or], node: Sql) -> Sql:
    other = isinstance(node, exp.Connector) and not isinstance(node, kind)
    return exp.Paren(this=node) if other else node


def negated(node: Sql) -> Sql:
    if is_true(node) or is_false(node):
        return flag(is_false(node))
    return exp.Not(this=closed(node))


def is_null(node: Sql) -> Sql:
    return exp.Is(this=closed(node), expression=exp.null())


def is_known(node: Sql) -> Sql:
    return exp.Not(this=is_null(node))


def coalesce(*nodes: Sql) -> Sql:
    return exp.Coalesce(this=nodes[0], expressions=list(nodes[1:]))


def member(node: Sql, values: Sequence[Sql]) -> Sql:
    if len(values) == 1:
        return compare("==", node, values[0])
    return exp.In(this=closed(node), expressions=list(values))


def count_when(test: Sql) -> Sql:
    """`count(CASE WHEN ... THEN 1 END)`: the fastest way to say it on every engine that was measured."""
    return exp.Count(this=case([(test, integer(1))])) if not is_true(test) else exp.Count(this=exp.Star())


def maximum(node: Sql) -> Sql:
    return exp.Max(this=node)


def minimum(node: Sql) -> Sql:
    return exp.Min(this=node)


def total(node: Sql) -> Sql:
    return exp.Sum(this=node)


def named(node: Sql, name: str, comment: str | None = None) -> Sql:
    """`node AS "name" /* comment */`"""
    if isinstance(node, exp.Column) and node.name == name and not node.table:
        return node
    alias = exp.alias_(node, name, quoted=True)
    if comment:
        alias.comments = [f" {comment} "]
    return alias
