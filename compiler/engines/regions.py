"""What a condition says of one value: which fields it needs to be known, and into which region it places the value."""

from __future__ import annotations

from dataclasses import dataclass

from ...dsl import ir


@dataclass(frozen=True, slots=True)
class Region:
    """Where a value must lie: between two ends (`low_open`: the end itself is out), or among some `members`."""

    of: ir.Expr
    low: float = float("-inf")
    high: float = float("inf")
    low_open: bool = False
    high_open: bool = False
    members: frozenset[str | float | bool | None] | None = None


def region_of(condition: ir.Expr) -> Region | None:
    """The region of the one value that a condition speaks of, where it is true; None if it says anything else."""
    match condition:
        case ir.Compare(sign="==", left=left, right=ir.Const(value=value)):
            return Region(left, members=frozenset([value]))
        case ir.InSet(item=item, values=members):
            return Region(item, members=frozenset(members))
        case ir.Compare(sign=sign, left=left, right=ir.Const(kind=kind, value=int() | float() as end)):
            if left.kind is not kind or sign == "!=":
                return None
            if sign in ("<", "<="):
                return Region(left, high=end, high_open=sign == "<")
            return Region(left, low=end, low_open=sign == ">")
        case ir.And(items=(first, second)):
            one, other = region_of(first), region_of(second)
            if one is None or other is None or one.of != other.of or one.members or other.members:
                return None
            below, above = (one, other) if one.low == float("-inf") else (other, one)
            if below.low != float("-inf") or above.high != float("inf"):
                return None
            return Region(one.of, above.low, below.high, above.low_open, below.high_open)
        case _:
            return None


def apart(one: Region, other: Region) -> bool:
    """Whether no value lies in both."""
    if one.of != other.of:
        return False
    if one.members is not None and other.members is not None:
        return one.members.isdisjoint(other.members)
    if one.members is not None or other.members is not None:
        return False
    lower, upper = (one, other) if (one.low, one.high) <= (other.low, other.high) else (other, one)
    if lower.high == upper.low:
        return lower.high_open or upper.low_open
    return lower.high < upper.low


def needs(condition: ir.Expr) -> dict[ir.FieldOf, int]:
    """The fields that are known wherever a condition is true; 1 for those that it would have to test for that."""
    return _needs(condition, True)


def _needs(condition: ir.Expr, wanted: bool) -> dict[ir.FieldOf, int]:
    match condition:
        case ir.And(items=items) | ir.Or(items=items):
            found = [_needs(item, wanted) for item in items]
            if isinstance(condition, ir.And) == wanted:
                return {field: max(one.get(field, 0) for one in found) for one in found for field in one}
            first, *others = found
            return {f: max(one[f] for one in found) for f in first if all(f in other for other in others)}
        case ir.Not(item=item):
            return _needs(item, not wanted)
        case ir.Compare(sign=sign, left=ir.FieldOf() as field, right=ir.Const(value=value)) if value is not None:
            if field.kind is ir.Kind.FLAG:
                return {field: 0}
            return {field: 0 if (sign if wanted else _opposite(sign)) == "==" else 1}
        case ir.InSet(item=ir.FieldOf() as field):
            return {field: 0 if wanted else 1}
        case ir.TextTest(item=ir.FieldOf() as field):
            return {field: 1}
        case ir.FieldOf(kind=ir.Kind.FLAG):
            return {condition: 0}
        case ir.IsMissing(item=ir.FieldOf() as field):
            return {} if wanted else {field: 1}
        case _:
            return {}


def _opposite(sign: ir.Sign) -> ir.Sign:
    return {"==": "!=", "!=": "=="}.get(sign, sign)  # type: ignore[return-value]
