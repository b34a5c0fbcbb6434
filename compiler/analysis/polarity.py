"""Which way a score goes when one more event happens, read from the rules alone.

A sum goes up if no part of it goes down. That is a proof where it gives an answer, and says nothing where it does not.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntFlag
from typing import assert_never

from ...dsl import ir
from ..engines.terms import parts_of


class Way(IntFlag):
    """How a value can move: a set of UP and DOWN. STILL is neither; of a condition, UP is from not true to true."""

    STILL = 0
    UP = 1
    DOWN = 2
    EITHER = 3


def with_more_events(program: ir.Program, kind: str, score: str) -> Way:
    """How a score can move when a lead has one more event of a kind, whatever its properties and its age."""
    found = next(one for one in program.scores if one.name == score)
    return _Reader(program, kind).score(found)


def _turned(way: Way) -> Way:
    return (Way.DOWN if way & Way.UP else Way.STILL) | (Way.UP if way & Way.DOWN else Way.STILL)


def _together(ways: Iterable[Way]) -> Way:
    found = Way.STILL
    for way in ways:
        found |= way
    return found


def _has_points_without_events(score: ir.Score) -> bool:
    return score.start > 0 or any(_may_pay_without_events(item) for item in score.items)


def _may_pay_without_events(item: ir.Rule | ir.Group) -> bool:
    if isinstance(item, ir.Group):
        pays = any(_may_pay_without_events(member) for member in item.items)
        return pays or (item.least is not None and item.least > 0)
    if isinstance(item.points, int) and item.points <= 0:
        return False
    match item.trigger:
        case ir.Each():
            return False
        case ir.Per(item=ir.CountOf() | ir.AggregateOf(word="sum")):
            return False
        case ir.When(condition=condition, unless=False):
            return not _needs_an_event(condition)
        case _:
            return True


def _needs_an_event(condition: ir.Expr) -> bool:
    """Whether a condition is true for no lead without events, as far as its form tells."""
    match condition:
        case ir.Occurs():
            return True
        case ir.And(items=items):
            return any(_needs_an_event(item) for item in items)
        case ir.Or(items=items):
            return all(_needs_an_event(item) for item in items)
        case ir.Compare(sign=">=", left=ir.CountOf(), right=ir.Const(value=int(limit))):
            return limit > 0
        case ir.Compare(sign=">", left=ir.CountOf(), right=ir.Const(value=int(limit))):
            return limit >= 0
        case _:
            return False


class _Reader:
    def __init__(self, program: ir.Program, kind: str) -> None:
        self.program = program
        self.kind = kind

    def score(self, score: ir.Score) -> Way:
        if score.body is not None:
            way = self.number(score.body)
        else:
            way = _together(self.item(item) for item in score.items)
        if score.silence is not None and self.reads(score.silence.events):
            # A newer event shortens the silence. But the very first one begins it, and what a lead had without any
            # event fades from then on.
            silent = set(score.silence.events.kinds)
            everything = silent >= {kind.name for kind in self.program.events}
            resets = self.kind in score.silence.events.resets
            if resets or not everything or score.body is not None or _has_points_without_events(score):
                way = Way.EITHER
            elif self.kind in silent:
                way |= Way.UP
        for bound in (*score.floors, *score.caps):
            if self.condition(bound.condition) is not Way.STILL:
                way = Way.EITHER
        return way

    def reads(self, events: ir.Events) -> bool:
        return self.kind in events.kinds or self.kind in events.resets

    def item(self, item: ir.Rule | ir.Group) -> Way:
        match item:
            case ir.Rule():
                return self.rule(item)
            case ir.Group():
                ways = [self.item(member) for member in item.items]
                if item.kind == "first" and any(way is not Way.STILL for way in ways):
                    return Way.EITHER
                way = _together(ways)
                if (
                    item.kind == "best"
                    and way is not Way.STILL
                    and any(self._may_hold_below(one) for one in item.items)
                ):
                    return Way.EITHER
                return _turned(way) if item.counting is not None and item.counting < 0 else way
            case _:
                assert_never(item)

    def _may_hold_below(self, item: ir.Rule | ir.Group) -> bool:
        """A member of a `best of` that begins to hold with fewer points than nothing takes points away."""
        return isinstance(item, ir.Group) or not isinstance(item.points, int) or item.points < 0

    def rule(self, rule: ir.Rule) -> Way:
        match rule.trigger:
            case ir.Otherwise():
                return Way.STILL if isinstance(rule.points, int) else self.number(rule.points)
            case ir.When(condition=condition, unless=unless):
                held = self.condition(condition)
                held = _turned(held) if unless else held
                if not isinstance(rule.points, int):
                    return Way.STILL if held is self.number(rule.points) is Way.STILL else Way.EITHER
                return held if rule.points > 0 else _turned(held)
            case ir.Each(events=events):
                if not isinstance(rule.points, int) and self.touches(rule.points):
                    return Way.EITHER
                if not self.reads(events):
                    return Way.STILL
                if self.kind in events.resets or not isinstance(rule.points, int):
                    return Way.EITHER
                # Limits keep the newest, and the newer an event the more is left of it: a further event can only take
                # the place of one that gave no more.
                return Way.UP if rule.points > 0 else Way.DOWN
            case ir.Per(item=item):
                way = self.number(item)
                if way is Way.STILL:
                    return Way.STILL if isinstance(rule.points, int) else self.number(rule.points)
                if not isinstance(rule.points, int):
                    return Way.EITHER
                return way if rule.points > 0 else _turned(way)
            case _:
                assert_never(rule.trigger)

    def number(self, expr: ir.Expr) -> Way:
        match expr:
            case ir.ScoreOf(name=name, ago=0):
                return self.score(next(one for one in self.program.scores if one.name == name))
            case ir.CountOf(events=events):
                if not self.reads(events):
                    return Way.STILL
                return Way.EITHER if self.kind in events.resets else Way.UP
            case ir.Scaled(item=item, factor=factor):
                return self.number(item) if factor >= 0 else _turned(self.number(item))
            case ir.Call(op=ir.Op.ADD | ir.Op.MIN | ir.Op.MAX | ir.Op.ROUND | ir.Op.FLOOR | ir.Op.CEIL, args=args):
                return _together(self.number(arg) for arg in args)
            case ir.Call(op=ir.Op.SUBTRACT, args=(first, *rest)):
                return self.number(first) | _turned(_together(self.number(arg) for arg in rest))
            case ir.WeightedMean(items=items):
                return _together(self.number(item) for item in items)
            case ir.Call(op=ir.Op.TO_NUMBER | ir.Op.TO_EXACT, args=(item,)):
                return self.number(item)
            case _:
                return Way.EITHER if self.touches(expr) else Way.STILL

    def condition(self, expr: ir.Expr) -> Way:
        """How an answer can move; unknown counts as not true, so a negation is trusted only where nothing is ever
        unknown."""
        match expr:
            case ir.Occurs(events=events):
                if not self.reads(events):
                    return Way.STILL
                return Way.EITHER if self.kind in events.resets else Way.UP
            case ir.And(items=items) | ir.Or(items=items):
                return _together(self.condition(item) for item in items)
            case ir.Not(item=ir.Occurs() as item):
                return _turned(self.condition(item))
            case ir.Compare(sign=">=" | ">", left=left, right=right):
                return self._compared(left, right)
            case ir.Compare(sign="<=" | "<", left=left, right=right):
                return self._compared(right, left)
            case _:
                return Way.EITHER if self.touches(expr) else Way.STILL

    def _compared(self, upper: ir.Expr, lower: ir.Expr) -> Way:
        return self.number(upper) | _turned(self.number(lower))

    def touches(self, expr: ir.Expr) -> bool:
        """Whether an expression reads such events, in whatever way."""
        match expr:
            case ir.Occurs(events=events) | ir.CountOf(events=events) | ir.AggregateOf(events=events):
                return self.reads(events)
            case ir.SinceEvent(events=events):
                return self.reads(events)
            case ir.PathTime(start=start, end=end):
                return self.reads(start) or self.reads(end)
            case ir.ScoreOf(name=name):
                score = next(one for one in self.program.scores if one.name == name)
                return self.score(score) is not Way.STILL
            case ir.BandOf(name=name):
                band = next(one for one in self.program.bands if one.name == name)
                return self.touches(ir.ScoreOf(ir.Kind.EXACT, band.score))
            case ir.DecisionOf() | ir.LeadsCount() | ir.LeadsOf():
                return True
            case _:
                return any(self.touches(part) for part in parts_of(expr))
