"""When a result changes next though nothing happens: the instant that a window closes, points fade, an age is reached.

A result depends on the instant only through what a policy reads of the clock, and each such reading changes at instants
that can be told beforehand. So the instants are visited in order, with a running state (see `incremental`) in which a
visit costs little more than what has changed, until the result is another one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import TypeAlias, assert_never

from ...dsl import ir
from ...dsl.values import TICKS
from . import python, terms
from .aging import next_age
from .incremental import State, plan_of
from .runtime import ALWAYS, NEVER

MOST_VISITS = 10_000
"""After so many instants at which something might have changed and nothing did, the next one is given unvisited."""

LATEST = 253_402_300_799_999_999
"""The last microsecond of the year 9999, in which every calendar ends."""


def next_change(
    program: ir.Program, lead: Mapping[str, ir.Value], events: Sequence[Mapping[str, ir.Value]], at: int
) -> int | None:
    """The first instant after `at` at which scores, bands, gates or decisions differ from those at `at`; None if they
    never do again.

    Between `at` and the instant that is given, the result is the same. Where something is read of the clock that makes
    no difference for very long (`days since created_at`, ten thousand times), the instant may be one at which the
    result still is the same: it is never too late, and asking again from there goes on.
    """
    state = State(program, lead)
    for event in events:
        state.add(event)
    now = state.read(at)
    readings = readings_of(program)
    moment = at
    for _ in range(MOST_VISITS):
        following = _following(state, readings, lead, moment)
        if following is None or following > LATEST:
            return None
        moment = following
        if state.read(moment) != now:
            return moment
    following = _following(state, readings, lead, moment)
    return None if following is None or following > LATEST else following


def _following(state: State, readings: Sequence[Reading], lead: Mapping[str, ir.Value], at: int) -> int | None:
    """The next instant at which anything that is read may be another."""
    found: list[int] = []
    for clock in state.clocks:
        event = clock.next_event()
        if event is not None:
            found.append(event + clock.shift)
    for tally, shift in zip(state.tallies, state.shift_of, strict=True):
        instant = tally.following(at - shift)
        if instant is not None:
            found.append(instant + shift)
    for reading in readings:
        instant = _next_of(reading, state, lead, at)
        if instant is not None:
            found.append(instant)
    return min(found, default=None)


# ------------------------------------------------------------------ readings of the clock


@dataclass(frozen=True, slots=True)
class Date:
    """A rule is in force from an instant on, or until then."""

    instant: int


@dataclass(frozen=True, slots=True)
class Ages:
    """Which ages of an instant matter: all, those in `reached` (from which on something is true or no longer true), or
    every so many (`every`)."""

    unit: int
    reached: tuple[int, ...] | None = None
    every: int = 1

    def after(self, age: int) -> int | None:
        if self.reached is None:
            return (age // self.every + 1) * self.every
        return next((one for one in self.reached if one > age), None)


@dataclass(frozen=True, slots=True)
class AgeOfEvent:
    """`days since last E`: `term` is the place of its First or Last among the terms."""

    term: int
    ages: Ages
    shift: int


@dataclass(frozen=True, slots=True)
class AgeOfField:
    """`days since FIELD`, or since a written instant."""

    item: ir.FieldOf | ir.Const
    ages: Ages
    shift: int


@dataclass(frozen=True, slots=True)
class AgeOfProperty:
    """The age of a property, in points that read it together with what is known only after the pass."""

    term: int
    prop: str
    ages: Ages
    shift: int


@dataclass(frozen=True, slots=True)
class Fading:
    """Points that fade with the age of the newest event."""

    term: int
    curve: ir.Curve
    shift: int


Reading: TypeAlias = Date | AgeOfEvent | AgeOfField | AgeOfProperty | Fading


def _next_of(reading: Reading, state: State, lead: Mapping[str, ir.Value], at: int) -> int | None:
    """The next instant at which a reading may give something else."""
    match reading:
        case Date(instant=instant):
            return instant if instant > at else None
        case AgeOfEvent(term=term, ages=ages, shift=shift):
            return _next_at_age(state.values[term], ages, shift, at)
        case AgeOfField(item=item, ages=ages, shift=shift):
            since = lead.get(item.name) if isinstance(item, ir.FieldOf) else item.value
            return _next_at_age(since, ages, shift, at)
        case AgeOfProperty(term=term, prop=prop, ages=ages, shift=shift):
            found = [_next_at_age(event.get(prop), ages, shift, at) for _, event in state.values[term]]
            return min((one for one in found if one is not None), default=None)
        case Fading(term=term, curve=curve, shift=shift):
            newest = state.values[term]
            if newest == NEVER:
                return None
            age = next_age(curve, (at - shift - newest) // curve.unit)
            return None if age is None else newest + age * curve.unit + shift
        case _:
            assert_never(reading)


def _next_at_age(instant: object, ages: Ages, shift: int, at: int) -> int | None:
    if not isinstance(instant, int) or instant in (NEVER, ALWAYS):
        return None
    age = ages.after((at - shift - instant) // ages.unit)
    return None if age is None else instant + age * ages.unit + shift


# -- finding them


def readings_of(program: ir.Program) -> tuple[Reading, ...]:
    """Everything that a program reads of the clock, but for what the tallies of the events tell themselves."""
    engine = python.load(program)
    found: tuple[Reading, ...] | None = engine.remembered.get("readings")
    if found is None:
        numbers: dict[terms.Term, int] = {term: number for number, term in enumerate(plan_of(program).terms)}
        found = engine.remembered["readings"] = tuple(dict.fromkeys(_readings(program, numbers)))
    return found


def _readings(program: ir.Program, numbers: Mapping[terms.Term, int]) -> Iterator[Reading]:
    world = terms.world_of(program)
    for what, name, shift in terms.needed(world, terms.everything(world)):
        if what != "score":
            for expr in terms.expressions_of(world, what, name):
                yield from _read_in(expr, shift, numbers)
            continue
        score = world.scores[name]
        if score.silence is not None:
            newest = terms.Last(score.silence.events, shift)
            yield Fading(numbers[newest], score.silence.curve, shift)
        for expr in terms.expressions_beside_rules(score):
            yield from _read_in(expr, shift, numbers)
        for rule in terms.rules_of(score.items):
            yield from _read_by_rule(rule, shift, numbers)


def _read_by_rule(rule: ir.Rule, shift: int, numbers: Mapping[terms.Term, int]) -> Iterator[Reading]:
    for instant in (rule.starts, rule.ends):
        if instant is not None:
            yield Date(instant + shift)
    if not isinstance(rule.points, int):
        yield from _read_in(rule.points, shift, numbers)
    match rule.trigger:
        case ir.When(condition=condition):
            yield from _read_in(condition, shift, numbers)
        case ir.Per(amount=amount, item=item):
            # So many days of an age make a portion: nothing happens in between.
            yield from _read_in(item, shift, numbers, amount // TICKS if amount % TICKS == 0 else 1)
        case ir.Each() as each:
            yield from _read_by_events(rule, each, shift, numbers)
        case ir.Otherwise():
            pass
        case _:
            assert_never(rule.trigger)


def _read_by_events(rule: ir.Rule, each: ir.Each, shift: int, numbers: Mapping[terms.Term, int]) -> Iterator[Reading]:
    newest = numbers.get(terms.Last(each.events, shift))
    if each.curve is not None and terms.is_newest_only(each) and newest is not None:
        yield Fading(newest, each.curve, shift)
    happened = numbers.get(terms.Happened(each.events, shift, each))
    if happened is not None and not isinstance(rule.points, int):
        for part in terms.walk(rule.points):
            if isinstance(part, ir.SinceInstant):
                for leaf in terms.walk(part.item):
                    if isinstance(leaf, ir.PropertyOf):
                        yield AgeOfProperty(happened, leaf.name, Ages(part.unit), shift)


def _read_in(expr: ir.Expr, shift: int, numbers: Mapping[terms.Term, int], every: int = 1) -> Iterator[Reading]:
    """The ages that an expression reads. What is only compared with a number matters only when it reaches that."""
    waiting: list[tuple[ir.Expr, Sequence[float] | None, int]] = [(expr, None, every)]
    while waiting:
        part, bounds, step = waiting.pop()
        match part:
            case ir.SinceEvent(unit=unit, which=which, events=events):
                term = numbers.get((terms.First if which == "first" else terms.Last)(events, shift))
                if term is not None:
                    yield AgeOfEvent(term, _ages(unit, bounds, step), shift)
            case ir.SinceInstant(unit=unit, item=item):
                for leaf in terms.walk(item):
                    if isinstance(leaf, ir.FieldOf | ir.Const) and leaf.kind in (ir.Kind.DATE, ir.Kind.TIME):
                        yield AgeOfField(leaf, _ages(unit, bounds, step), shift)
                waiting.append((item, None, 1))
            case ir.Compare(left=left, right=ir.Const() as bound):
                waiting.append((left, _numbers_of([bound]), 1))
            case ir.Compare(left=ir.Const() as bound, right=right):
                waiting.append((right, _numbers_of([bound]), 1))
            case ir.InSet(item=item, values=members):
                waiting.append((item, [member for member in members if isinstance(member, float)], 1))
            case _:
                waiting += [(inner, None, 1) for inner in terms.parts_of(part)]


def _numbers_of(constants: Sequence[ir.Const]) -> list[float]:
    return [
        constant.value / TICKS if constant.kind is ir.Kind.EXACT else constant.value
        for constant in constants
        if isinstance(constant.value, int | float)
    ]


def _ages(unit: int, bounds: Sequence[float] | None, every: int) -> Ages:
    """The ages that matter: those at which a comparison with one of the bounds may turn out otherwise."""
    if bounds is None:
        return Ages(unit, None, every)
    reached = {age for bound in bounds if abs(bound) < 10**15 for age in (ceil(bound), floor(bound) + 1)}
    return Ages(unit, tuple(sorted(reached)))
