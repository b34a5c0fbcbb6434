"""Points on a line that is cut by constants: every constant, and one point in each interval between two."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from math import floor, isfinite
from zoneinfo import ZoneInfo

from ...dsl import ir, values
from ...dsl.values import DAY, EPOCH, TICKS
from ..engines.terms import walk


def numbers(nodes: Sequence[ir.Expr]) -> list[float]:
    """Numbers for a field that is held against the constants in these tests; tidy ones where there is a choice."""
    found = {number for node in nodes for number in _constants(node)}
    if any(isinstance(node, ir.Call) and node.op in (ir.Op.ROUND, ir.Op.FLOOR, ir.Op.CEIL) for node in nodes):
        found |= {number + step for number in found for step in (-1.0, -0.5, 0.5, 1.0)}
    cuts = sorted(number for number in found if isfinite(number))
    if not cuts:
        return [1.0]
    below = 0.0 if cuts[0] > 0 else cuts[0] - 1
    between = [_between(low, high) for low, high in itertools.pairwise(cuts)]
    return [*cuts, *between, below, cuts[-1] + 1]


def _between(low: float, high: float) -> float:
    whole = float(floor(low) + 1)
    return whole if low < whole < high else (low + high) / 2


def _constants(node: ir.Expr) -> Iterator[float]:
    match node:
        case ir.Compare(left=left, right=right):
            for side in (left, right):
                if isinstance(side, ir.Const) and isinstance(side.value, int | float):
                    yield side.value / TICKS if side.kind is ir.Kind.EXACT else float(side.value)
        case ir.InSet(values=members):
            yield from (float(member) for member in members if isinstance(member, int | float))
        case _:
            pass


# ------------------------------------------------------------------ instants


def ages(nodes: Iterable[ir.Expr]) -> set[int]:
    """The ages (microseconds) at which a `days since` in these tests changes its answer."""
    found: set[int] = set()
    for node in nodes:
        for item, limit in _held_against(node):
            for part in walk(item):
                if isinstance(part, ir.SinceInstant | ir.SinceEvent):
                    whole = floor(limit)
                    found |= {whole * part.unit, (whole + 1) * part.unit}
    return found


def _held_against(node: ir.Expr) -> Iterator[tuple[ir.Expr, float]]:
    """Numbers (in points) and what is held against them."""
    match node:
        case ir.Compare(left=left, right=right):
            for side, other in ((left, right), (right, left)):
                if isinstance(other, ir.Const) and isinstance(other.value, int | float):
                    yield side, other.value / TICKS if other.kind is ir.Kind.EXACT else other.value
        case ir.InSet(item=item, values=members):
            yield from ((item, float(member)) for member in members if isinstance(member, int | float))
        case _:
            pass


def _thresholds(nodes: Sequence[ir.Expr], at: int) -> list[int]:
    found = {at - age for age in ages(nodes)}
    for node in nodes:
        if isinstance(node, ir.Compare):
            for side in (node.left, node.right):
                if isinstance(side, ir.Const) and side.kind in (ir.Kind.DATE, ir.Kind.TIME):
                    assert isinstance(side.value, int)
                    found.add(side.value)
    found.add(at)
    return sorted(found)


def times(nodes: Sequence[ir.Expr], at: int) -> list[int]:
    """Instants for a `time` that these tests hold against constants or the as-of instant `at`."""
    cuts = _thresholds(nodes, at)
    found = [point for cut in cuts for point in (cut, cut - 1, cut + 1)]
    return _possible([*found, cuts[0] - 30 * DAY, cuts[-1] + 30 * DAY])


def dates(nodes: Sequence[ir.Expr], at: int, zone: ZoneInfo) -> list[int]:
    """The same for a `date`: midnights of the policy's zone, the nearest ones on both sides of each threshold."""
    cuts = _thresholds(nodes, at)
    found: list[int] = []
    for cut in _possible([*cuts, cuts[0] - 30 * DAY, cuts[-1] + 30 * DAY]):
        day = (EPOCH + timedelta(microseconds=cut)).astimezone(zone).date()
        for step in (0, -1, 1):
            moment = datetime(day.year, day.month, day.day, tzinfo=None) + timedelta(days=step)
            found.append(values.instant(moment, zone))
    return list(dict.fromkeys(found))


_FIRST = values.instant(datetime(1, 1, 3))
_LAST = values.instant(datetime(9999, 12, 29))


def _possible(instants: Sequence[int]) -> list[int]:
    """Those that a calendar has."""
    return [one for one in dict.fromkeys(instants) if _FIRST <= one <= _LAST]
