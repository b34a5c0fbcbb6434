"""Arithmetic: written numbers take the kind of their partner, points stay exact, measured numbers are doubles."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import groupby
from typing import Literal

from ...dsl import ir, tree, values
from ...dsl.source import Span
from . import expressions
from .scope import EXACT, NUMBER, Meaning, Scope
from .type_problems import DivisionByZero, UnitMismatch


def written(number: Fraction, span: Span) -> Meaning:
    """A written number, or one that follows from written numbers alone."""
    ticks = number * values.TICKS
    if ticks.denominator == 1 and abs(ticks) <= values.MAX_TICKS:
        return Meaning(EXACT, ir.Const(EXACT, int(ticks), span=span), number)
    return Meaning(NUMBER, ir.Const(NUMBER, float(number), span=span), number)


def to_exact(found: Meaning) -> Meaning:
    """A number brought to ticks."""
    if found.kind is EXACT:
        return found
    if found.number is not None:
        ticks = values.ticks_of(float(found.number))
        return found._replace(kind=EXACT, expr=ir.Const(EXACT, ticks, span=found.expr.span), number=None)
    expr = ir.Call(EXACT, ir.Op.TO_EXACT, (found.expr,), span=found.expr.span)
    return found._replace(kind=EXACT, expr=expr, depth=found.depth + 1, size=found.size + 1)


def to_number(found: Meaning) -> Meaning:
    """A number brought to a double."""
    if found.number is not None:
        return found._replace(kind=NUMBER, expr=ir.Const(NUMBER, float(found.number), span=found.expr.span))
    if found.kind is NUMBER:
        return found
    expr = ir.Call(NUMBER, ir.Op.TO_NUMBER, (found.expr,), span=found.expr.span)
    return found._replace(kind=NUMBER, expr=expr, depth=found.depth + 1, size=found.size + 1)


def alike(parts: Sequence[Meaning]) -> tuple[Meaning, ...]:
    """Numbers brought to one kind: exact if they all can be, else doubles."""
    if all(part.kind is EXACT for part in parts):
        return tuple(parts)
    return tuple(map(to_number, parts))


def common_unit(scope: Scope, parts: Sequence[tuple[tree.Expr, Meaning]]) -> tuple[bool, str | None]:
    """Whether the parts can stand together, and the unit of time that they all count in, if any."""
    first: tuple[tree.Expr, str] | None = None
    for expr, part in parts:
        if part.unit is None:
            continue
        if first is None:
            first = expr, part.unit
        elif first[1] != part.unit:
            quote = scope.report.quote
            scope.say(
                UnitMismatch(
                    span=expr.span,
                    label=f"{part.unit}s",
                    what=quote(expr.span),
                    unit=f"{part.unit}s",
                    other=f"`{quote(first[0].span)}` is in {first[1]}s",
                    hint=f"count both in {first[1]}s",
                )
            )
            return False, None
    if first is None or any(part.unit is None and part.number is None for _, part in parts):
        return True, None
    return True, first[1]


# ------------------------------------------------------------------ sums


def sum_(scope: Scope, expr: tree.Sum) -> Meaning | None:
    """`a + b - c`"""
    terms: list[tuple[Literal["+", "-"], tree.Expr]] = [("+", expr.first)] if expr.first is not None else []
    terms.extend(expr.rest)
    found: list[tuple[tree.Expr, Meaning]] = []
    for _, term in terms:
        part = expressions.quantity(scope, term)
        if part is not None:
            found.append((term, part))
    if len(found) < len(terms):
        return None
    fits, unit = common_unit(scope, found)
    if not fits:
        return None
    if all(part.number is not None for _, part in found):
        total = Fraction(0)
        for (sign, _), (_, part) in zip(terms, found, strict=True):
            assert part.number is not None
            total += part.number if sign == "+" else -part.number
        return written(total, expr.span)
    parts = alike([part for _, part in found])
    kind = parts[0].kind
    if expr.first is None:
        nothing = 0 if kind is EXACT else 0.0
        result = Meaning(kind, ir.Const(kind, nothing, span=expr.span))
        pairs = list(zip((sign for sign, _ in terms), parts, strict=True))
    else:
        result = parts[0]
        pairs = list(zip((sign for sign, _ in expr.rest), parts[1:], strict=True))
    # A run of one sign is one call of many arguments, so that a long sum does not nest.
    for sign, run in groupby(pairs, key=lambda pair: pair[0]):
        members = (result, *(part for _, part in run))
        op = ir.Op.ADD if sign == "+" else ir.Op.SUBTRACT
        added = scope.made(kind, ir.Call(kind, op, tuple(part.expr for part in members), span=expr.span), members, unit)
        if added is None:
            return None
        result = added
    return result


# ------------------------------------------------------------------ products


def product(scope: Scope, expr: tree.Product) -> Meaning | None:
    """`a * b / c`: written factors of a chain are gathered, so that an exact number is scaled and rounded once."""
    factors = [("*", expr.first), *expr.rest]
    found = [expressions.quantity(scope, factor) for _, factor in factors]
    for (sign, factor), part in zip(factors, found, strict=True):
        if sign == "/" and part is not None and part.number == 0:
            scope.say(DivisionByZero(span=factor.span, label="zero"))
            return None
    known = [part for part in found if part is not None]
    if len(known) < len(found):
        return None
    result = known[0]
    for (sign, _), part in zip(expr.rest, known[1:], strict=True):
        multiplied = _times(scope, result, part, expr.span) if sign == "*" else _over(scope, result, part, expr.span)
        if multiplied is None:
            return None
        result = multiplied
    return result


def _times(scope: Scope, left: Meaning, right: Meaning, span: Span) -> Meaning | None:
    if left.number is not None and right.number is not None:
        return written(left.number * right.number, span)
    if left.number is not None and right.kind is EXACT:
        return scaled(scope, right, left.number, span)
    if right.number is not None and left.kind is EXACT:
        return scaled(scope, left, right.number, span)
    return _doubles(scope, ir.Op.MULTIPLY, left, right, span)


def _over(scope: Scope, left: Meaning, right: Meaning, span: Span) -> Meaning | None:
    if right.number is not None and left.number is not None:
        return written(left.number / right.number, span)
    if right.number is not None and left.kind is EXACT:
        return scaled(scope, left, 1 / right.number, span)
    return _doubles(scope, ir.Op.DIVIDE, left, right, span)


def _doubles(scope: Scope, op: ir.Op, left: Meaning, right: Meaning, span: Span) -> Meaning | None:
    parts = to_number(left), to_number(right)
    return scope.made(NUMBER, ir.Call(NUMBER, op, (parts[0].expr, parts[1].expr), span=span), parts)


def scaled(scope: Scope, item: Meaning, factor: Fraction, span: Span) -> Meaning | None:
    """An exact number times a written factor. A factor that directly follows another in one chain joins it."""
    if isinstance(item.expr, ir.Scaled) and item.expr.span == span:
        return item._replace(expr=ir.Scaled(EXACT, item.expr.item, item.expr.factor * factor, span=span))
    return scope.made(EXACT, ir.Scaled(EXACT, item.expr, factor, span=span), (item,))


def percent_of(scope: Scope, expr: tree.PercentOf) -> Meaning | None:
    """`60% of fit`"""
    found = expressions.quantity(scope, expr.item)
    if found is None:
        return None
    share = Fraction(expr.percent.value) / 100
    if found.number is not None:
        return written(found.number * share, expr.span)
    if found.kind is EXACT:
        return scaled(scope, found, share, expr.span)
    factor = ir.Const(NUMBER, float(expr.percent.value) / 100, span=expr.percent.span)
    return scope.made(NUMBER, ir.Call(NUMBER, ir.Op.MULTIPLY, (found.expr, factor), span=expr.span), (found,))
