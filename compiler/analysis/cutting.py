"""Which conditions cells can tell: those that hold one value against constants, or count events of one kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ...dsl import ir
from ...dsl.values import DAY
from ..engines.terms import parts_of

_SIDES = (ir.Op.DOMAIN, ir.Op.LOCAL_PART, ir.Op.TO_EXACT, ir.Op.ROUND, ir.Op.FLOOR, ir.Op.CEIL)


def is_cut(expr: ir.Expr) -> bool:
    """Whether cells can tell a condition: each test in it holds one value of the lead against constants, or is about
    whether there are, or how many there are, or since when there are, events of one kind."""
    match expr:
        case ir.And() | ir.Or() | ir.Not():
            return all(is_cut(part) for part in parts_of(expr))
        case ir.Compare(left=left, right=right):
            return (_is_side(left) and isinstance(right, ir.Const)) or (isinstance(left, ir.Const) and _is_side(right))
        case ir.InSet(item=item) | ir.TextTest(item=item):
            return _is_side(item)
        case ir.IsMissing(item=item):
            return _is_side(item) or (item.kind is ir.Kind.FLAG and is_cut(item))
        case ir.FieldOf(kind=ir.Kind.FLAG) | ir.PropertyOf(kind=ir.Kind.FLAG):
            return True
        case ir.Occurs(events=events):
            return is_cut_where(events)
        case _:
            return False


def _is_side(expr: ir.Expr) -> bool:
    match expr:
        case ir.FieldOf() | ir.PropertyOf():
            return True
        case ir.SinceInstant(item=ir.FieldOf(kind=kind), unit=unit):
            # Which hour of a day it is depends on the as-of instant.
            return kind is ir.Kind.TIME or unit % DAY == 0
        case ir.Call(op=op, args=args) if op in _SIDES:
            return _is_side(args[0]) and not isinstance(args[0], ir.SinceInstant)
        case ir.CountOf(events=events, distinct=None):
            return is_cut_where(events)
        case ir.SinceEvent(events=events):
            return is_cut_where(events)
        case _:
            return False


def is_cut_where(events: ir.Events) -> bool:
    """Whether cells can tell the events of a selection from others of their kind."""
    return events.where is None or is_cut(events.where)


def with_parts(expr: ir.Expr, parts: Sequence[ir.Expr]) -> ir.Expr:
    """The expression with other parts in the places of `terms.parts_of`."""
    match expr:
        case ir.And() | ir.Or() | ir.WeightedMean():
            return replace(expr, items=tuple(parts))
        case ir.Not() | ir.IsMissing() | ir.InSet() | ir.TextTest() | ir.Scaled() | ir.SinceInstant():
            return replace(expr, item=parts[0])
        case ir.Compare():
            return replace(expr, left=parts[0], right=parts[1])
        case ir.Call():
            return replace(expr, args=tuple(parts))
        case _:
            return expr
