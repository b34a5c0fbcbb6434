"""When a result changes next though nothing happens: the instant that a window closes, points fade, an age is reached.

A result depends on the instant only through what a policy reads of the clock, and each such reading changes at instants
that can be told beforehand. So the instants are visited in order, with a running state (see `incremental`) in which a
visit costs little more than what has changed, until the result is another one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from heapq import heapify, heappop, heappush
from math import ceil, floor
from typing import TypeAlias, assert_never

from ...dsl import ir
from ...dsl.values import TICKS
from . import python, terms
from .aging import steps_of
from .emission import Function, Module
from .functions import Written, tuple_text
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
    agenda = Agenda(state, readings_of(program), _bounds_for(program, lead), lead, at)
    for _ in range(MOST_VISITS):
        moment = agenda.go_on()
        if moment is None or moment > LATEST:
            return None
        if agenda.something_is_new and state.finish(state.values, moment) != now:
            return moment
    moment = agenda.go_on()
    return None if moment is None or moment > LATEST else moment


def next_possible_change(state: State, lead: Mapping[str, ir.Value], at: int) -> int | None:
    """The first instant after `at`, where the state was read last, at which its result may change if no event is added;
    None if it cannot. Nothing changes before it: the state is asked, and not moved on."""
    agenda = Agenda(state, readings_of(state.program), _bounds_for(state.program, lead), lead, at)
    moment = agenda.first()
    return None if moment is None or moment > LATEST else moment


class Agenda:
    """The instants at which something that is read may change, for a state that goes from one to the next. A visit
    looks only at what is due."""

    def __init__(
        self,
        state: State,
        readings: Sequence[Reading],
        bounds: Mapping[ir.Expr, float | None],
        lead: Mapping[str, ir.Value],
        at: int,
    ) -> None:
        self.state = state
        self.readings = [_reached(reading, bounds) for reading in readings] if bounds else readings
        self.lead = lead
        self.something_is_new = True
        self._of_terms = frozenset(reading.term for reading in readings if not isinstance(reading, Date | AgeOfField))
        # Events of which the finish itself tells the age.
        self._aging = frozenset(
            number
            for number, term in enumerate(state.terms)
            if isinstance(term, terms.Kept | terms.Happened) and term.each.curve is not None
        )
        self._due: list[tuple[int, int]] = []
        self._begin(at)

    def _begin(self, at: int) -> None:
        """Everything anew. A number below 0 stands for a reading, the others for terms."""
        state = self.state
        due: list[tuple[int, int]] = []
        for number, (tally, shift) in enumerate(zip(state.tallies, state.shift_of, strict=True)):
            instant = tally.following(at - shift)
            if instant is not None:
                due.append((instant + shift, number))
        heapify(due)
        self._due = due
        for number in range(len(self.readings)):
            self._note_reading(number, at)
        events = [(event + clock.shift) for clock in state.clocks if (event := clock.next_event()) is not None]
        self._next_event = min(events, default=None)

    def _note_reading(self, number: int, at: int) -> None:
        instant = _next_of(self.readings[number], self.state, self.lead, at)
        if instant is not None:
            heappush(self._due, (instant, ~number))

    def first(self) -> int | None:
        """The next instant, without going there."""
        moments = [self._due[0][0]] if self._due else []
        return min(moments if self._next_event is None else [*moments, self._next_event], default=None)

    def go_on(self) -> int | None:
        """Goes to the next instant, and tells it; None if there is none."""
        state, due = self.state, self._due
        if self._next_event is not None and (not due or self._next_event <= due[0][0]):
            moment = self._next_event
            state.go_to(moment)
            self.something_is_new = True
            self._begin(moment)
            return moment
        if not due:
            return None
        moment = due[0][0]
        self.something_is_new = False
        while due and due[0][0] == moment:
            _, number = heappop(due)
            if number < 0:
                self.something_is_new = True
                self._note_reading(~number, moment)
                continue
            tally, shift = state.tallies[number], state.shift_of[number]
            value = tally.value(moment - shift)
            if value != state.values[number] or number in self._aging:
                state.values[number] = value
                self.something_is_new = True
                if number in self._of_terms:
                    for at, reading in enumerate(self.readings):
                        if not isinstance(reading, Date | AgeOfField) and reading.term == number:
                            self._note_reading(at, moment)
            following = tally.following(moment - shift)
            if following is not None:
                heappush(due, (following + shift, number))
        return moment


# ------------------------------------------------------------------ readings of the clock


@dataclass(frozen=True, slots=True)
class Date:
    """A rule is in force from an instant on, or until then."""

    instant: int


@dataclass(frozen=True, slots=True)
class Ages:
    """Which ages of an instant matter: all, every so many (`every`), or those at which a comparison with some `bounds`
    may turn out otherwise. Bounds are read of the lead; `reached` are their ages once that is done."""

    unit: int
    every: int = 1
    bounds: tuple[ir.Expr, ...] | None = None
    reached: tuple[int, ...] | None = None

    def after(self, age: int) -> int | None:
        if self.bounds is None or self.reached is None:
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
            age = steps_of(curve).next((at - shift - newest) // curve.unit)
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
    waiting: list[tuple[ir.Expr, tuple[ir.Expr, ...] | None, int]] = [(expr, None, every)]
    while waiting:
        part, bounds, step = waiting.pop()
        match part:
            case ir.SinceEvent(unit=unit, which=which, events=events):
                term = numbers.get((terms.First if which == "first" else terms.Last)(events, shift))
                if term is not None:
                    yield AgeOfEvent(term, Ages(unit, step, bounds), shift)
            case ir.SinceInstant(unit=unit, item=item):
                for leaf in terms.walk(item):
                    if isinstance(leaf, ir.FieldOf | ir.Const) and leaf.kind in (ir.Kind.DATE, ir.Kind.TIME):
                        yield AgeOfField(leaf, Ages(unit, step, bounds), shift)
                waiting.append((item, None, 1))
            case ir.Compare(left=left, right=right) if terms.is_of_lead(right):
                waiting.append((left, (right,), 1))
            case ir.Compare(left=left, right=right) if terms.is_of_lead(left):
                waiting.append((right, (left,), 1))
            case ir.InSet(item=item, values=members):
                constants = (ir.Const(ir.Kind.NUMBER, member) for member in members if isinstance(member, float))
                waiting.append((item, tuple(constants), 1))
            case _:
                waiting += [(inner, None, 1) for inner in terms.parts_of(part)]


# -- what ages are compared with


def _bounds_for(program: ir.Program, lead: Mapping[str, ir.Value]) -> Mapping[ir.Expr, float | None]:
    """What ages are compared with, in numbers; None where it is missing, so that no age ever reaches it."""
    engine = python.load(program)
    wanted = tuple(
        dict.fromkeys(
            bound
            for reading in readings_of(program)
            if not isinstance(reading, Date | Fading)
            for bound in reading.ages.bounds or ()
        )
    )
    if not wanted:
        return {}
    bounds = engine.made("bounds", lambda module: [_bounds_function(module, wanted)])["bounds"]
    return dict(zip(wanted, bounds(lead), strict=True))


def _bounds_function(module: Module, wanted: Sequence[ir.Expr]) -> Written:
    """A function of the lead that gives the numbers that some expressions come to."""
    function = Function(module, terms.world_of(module.program))
    parts = []
    for bound in wanted:
        number = bound if bound.kind is ir.Kind.NUMBER else ir.Call(ir.Kind.NUMBER, ir.Op.TO_NUMBER, (bound,))
        parts.append(function.value(number).text)
    head = "def bounds(lead: dict[str, Any]) -> tuple[float | None, ...]:"
    return Written("bounds", head, function.lead.lines, function.finish.lines, [f"    return {tuple_text(parts)}"])


def _reached(reading: Reading, bounds: Mapping[ir.Expr, float | None]) -> Reading:
    """A reading with the ages at which its comparisons may turn out otherwise."""
    if isinstance(reading, Date | Fading) or reading.ages.bounds is None:
        return reading
    numbers = [number for bound in reading.ages.bounds if (number := bounds[bound]) is not None]
    ages = {age for number in numbers if abs(number) < 10**15 for age in (ceil(number), floor(number) + 1)}
    return replace(reading, ages=replace(reading.ages, reached=tuple(sorted(ages))))
