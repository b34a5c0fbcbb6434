"""Events of a lead that stand for all others: how many of each class, where a class is what rules can tell apart.

Rules see of an event whether it passes their filters and how old it is against their windows. So the events of one kind
fall into classes (which filters hold, between which two ages), and what a policy sees of them is how many there are in
each class, up to the number at which every rule that reads the class has had enough.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import product
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from ...dsl import ir, semantics
from ...dsl.values import DAY, HOUR, MAX_TICKS, SECOND, TICKS, UNIT
from ..engines.terms import parts_of, walk
from .cutting import is_cut_where
from .points_on_lines import ages
from .representatives import values_of

Properties: TypeAlias = tuple[tuple[str, ir.Value], ...]
History: TypeAlias = tuple[tuple[str, int, Properties], ...]
"""Events as (kind, age in microseconds, known properties)."""

MOST_TIMES = 400
"""More repetitions than this are not looked at one by one."""


# ------------------------------------------------------------------ rules by themselves


def is_plain(rule: ir.Rule) -> bool:
    """Whether what a rule gives depends only on how many events of its selection there are, up to some number."""
    trigger = rule.trigger
    return (
        isinstance(trigger, ir.Each)
        and isinstance(rule.points, int)
        and trigger.curve is None
        and trigger.once_per_property is None
        and trigger.once_per_period is None
        and trigger.at_most_per is None
        and is_cut_where(trigger.events)
        and most_times(rule) is not None
    )


def most_times(rule: ir.Rule) -> int | None:
    """How many times a rule can happen at most before more makes no difference; None where there is no such number."""
    limits: list[int] = []
    if isinstance(rule.points, int) and rule.points and rule.max_points is not None:
        limits.append(-(-rule.max_points // abs(rule.points)))
    if isinstance(rule.trigger, ir.Each):
        each = rule.trigger
        if each.once_ever:
            limits.append(1)
        if each.at_most is not None and each.at_most_per is None:
            limits.append(each.at_most)
        period = each.once_per_period or each.at_most_per
        if period is not None and each.events.window is not None:
            # A month of the calendar has at least 28 days; a window touches one period more than fit into it.
            length = 28 * DAY if period == "month" else UNIT[period]
            times = each.at_most if each.at_most_per is not None and each.at_most is not None else 1
            limits.append((each.events.window // length + 2) * times)
    return min(limits, default=None)


def multiples(rule: ir.Rule) -> tuple[int, ...] | None:
    """What a rule can come to (ticks), by how many times it happens; None where that is not a short list."""
    times = most_times(rule)
    decays = isinstance(rule.trigger, ir.Each) and rule.trigger.curve is not None
    if not isinstance(rule.points, int) or decays or times is None or times > MOST_TIMES:
        return None
    return tuple(_limited(rule, rule.points * number) for number in range(times + 1))


def bounds(rule: ir.Rule) -> tuple[int, int]:
    """The least and the most that a rule can come to, in ticks."""
    if not isinstance(rule.points, int):
        return _limited(rule, -MAX_TICKS), _limited(rule, MAX_TICKS)
    times = most_times(rule)
    end = _limited(rule, (MAX_TICKS if rule.points > 0 else -MAX_TICKS) if times is None else rule.points * times)
    return min(0, end), max(0, end)


def _limited(rule: ir.Rule, ticks: int) -> int:
    most = MAX_TICKS if rule.max_points is None else rule.max_points
    return max(-most, min(most, ticks))


def repeated(program: ir.Program, rule: ir.Rule, times: int, at: int) -> History:
    """Events that make a rule happen some times: the newest an hour old, the others a day apart."""
    match rule.trigger:
        case ir.Each(events=events):
            wanted, distinct = events, rule.trigger.once_per_property
        case ir.Per(amount=amount, item=ir.CountOf(events=events, distinct=distinct)):
            wanted, times = events, amount * times // TICKS
        case ir.Per(amount=amount, item=ir.AggregateOf(prop=prop, events=events)):
            if times == 0:
                return ()
            return _with_property(_some_event(program, events, HOUR), prop, amount * times / TICKS)
        case _:
            return ()
    step = DAY if wanted.window is None or wanted.window > (times + 1) * DAY else SECOND
    sample = _some_event(program, wanted, 0)
    made: list[tuple[str, int, Properties]] = []
    for number in range(min(times, MOST_TIMES)):
        age = number * step + min(HOUR, step)
        aged = tuple((kind, age, known) for kind, _, known in sample)
        made.extend(_with_property(aged, distinct, f"item {number + 1}", program))
    return tuple(made)


def _with_property(history: History, prop: str | None, value: Any, program: ir.Program | None = None) -> History:
    if prop is None:
        return history
    changed: list[tuple[str, int, Properties]] = []
    for kind, age, known in history:
        if program is not None:
            declared = next((one for one in program.event(kind).properties if one.name == prop), None)
            if declared is None or declared.kind is not ir.Kind.TEXT or declared.values is not None:
                return history
        changed.append((kind, age, (*((name, old) for name, old in known if name != prop), (prop, value))))
    return tuple(changed)


def _some_event(program: ir.Program, events: ir.Events, age: int) -> History:
    """One event of a selection; none where its filter lets no sample through."""
    for kind in events.kinds:
        wheres = () if events.where is None else (events.where,)
        for known, truths in classes(program, kind, wheres) or ():
            if all(truths):
                return ((kind, age, known),)
    return ()


# ------------------------------------------------------------------ all histories of one kind


def classes(
    program: ir.Program, kind: str, wheres: Sequence[ir.Expr]
) -> list[tuple[Properties, tuple[bool, ...]]] | None:
    """Properties of an event of the kind for each combination of answers to the filters; None where there is no saying
    which combinations there are."""
    declared = program.event(kind).properties
    nodes = [part for where in wheres for part in walk(where)]
    read = {part.name for part in nodes if isinstance(part, ir.PropertyOf)}
    if any(isinstance(part, ir.FieldOf) for part in nodes):
        return None
    choices: list[tuple[tuple[str, ir.Value], ...]] = []
    size = 1
    for prop in declared:
        tests = [where for where in wheres if any(_is_of(part, prop.name) for part in walk(where))]
        sides = {side for test in tests for side in _sides(test, prop.name)} or {""}
        if len(sides) > 1 or not sides <= {"", *_SIDES.values()}:
            return None
        (side,) = sides
        found = values_of(prop, side, _about(tests, prop.name), 0, ZoneInfo(program.timezone)) if tests else None
        if tests and found is None:
            return None
        if prop.name in read or prop.required:
            choices.append(tuple((prop.name, value) for value in (found or [_something(prop)])))
            size *= len(choices[-1])
    if size > 5_000:
        return None
    made: dict[tuple[bool, ...], Properties] = {}
    for picked in product(*choices):
        known = tuple((name, value) for name, value in picked if value is not None)
        happening = ir.Happening(kind, 0, known)
        world = replace(semantics.world_of(program, {}, (), 0), happening=happening)
        truths = tuple(semantics.value_of(where, world) is True for where in wheres)
        made.setdefault(truths, known)
    return [(known, truths) for truths, known in made.items()]


def _is_of(part: ir.Expr, prop: str) -> bool:
    return isinstance(part, ir.PropertyOf) and part.name == prop


_SIDES = {ir.Op.DOMAIN: "domain", ir.Op.LOCAL_PART: "local part"}


def _sides(expr: ir.Expr, prop: str, side: str = "") -> Iterator[str]:
    """What a filter looks at of a property: the text itself, its domain, or its local part."""
    match expr:
        case ir.PropertyOf(name=name):
            if name == prop:
                yield side
        case ir.Call(op=op, args=(item,)) if op in _SIDES:
            yield from _sides(item, prop, f"{side} of {_SIDES[op]}" if side else _SIDES[op])
        case _:
            for part in parts_of(expr):
                yield from _sides(part, prop, side)


def _about(tests: Sequence[ir.Expr], prop: str) -> list[ir.Expr]:
    """The tests inside the filters that look at one property."""
    return [
        part
        for test in tests
        for part in walk(test)
        if isinstance(part, ir.Compare | ir.InSet | ir.TextTest) and any(_is_of(inner, prop) for inner in walk(part))
    ]


def _something(prop: ir.Field) -> ir.Value:
    """A value that a property must have although no rule looks at it."""
    match prop.kind:
        case ir.Kind.TEXT:
            return prop.values[0] if prop.values else "x"
        case ir.Kind.NUMBER:
            return 1.0
        case ir.Kind.FLAG:
            return True
        case ir.Kind.TEXTS:
            return ("x",)
        case _:
            return 0


def selections(tests: Iterable[ir.Expr], rules: Iterable[ir.Rule]) -> Iterator[tuple[ir.Events, int]]:
    """The selections that are read, each with the number of events after which more make no difference."""
    for test in tests:
        yield from _selections_of(test)
    for rule in rules:
        if isinstance(rule.trigger, ir.Each):
            yield rule.trigger.events, most_times(rule) or 0


def _selections_of(test: ir.Expr) -> Iterator[tuple[ir.Events, int]]:
    for part in walk(test):
        match part:
            case ir.Occurs(events=events) | ir.SinceEvent(events=events):
                yield events, 1
            case ir.Compare(left=left, right=right):
                for side, other in ((left, right), (right, left)):
                    if isinstance(side, ir.CountOf) and isinstance(other, ir.Const):
                        assert isinstance(other.value, int | float)
                        limit = other.value / TICKS if other.kind is ir.Kind.EXACT else other.value
                        yield side.events, max(0, int(limit)) + 1
            case ir.InSet(item=ir.CountOf(events=events), values=members):
                yield events, max([0, *(int(float(member)) for member in members)]) + 1
            case _:
                pass


def all_histories(
    program: ir.Program, kind: str, tests: Sequence[ir.Expr], rules: Sequence[ir.Rule], at: int, most: int
) -> list[History] | None:
    """Histories of one kind among which everything that the tests and rules can see is found, the shortest first; None
    where they would be more than `most`."""
    read = list(selections(tests, rules))
    wheres = list(dict.fromkeys(events.where for events, _ in read if events.where is not None))
    kinds_of = classes(program, kind, wheres)
    if kinds_of is None:
        return None
    cuts = {events.window for events, _ in read if events.window is not None}
    cuts |= {age for age in ages(part for test in tests for part in walk(test)) if age > 0}
    edges = [0, *sorted(cuts)]
    slots: list[tuple[int, Properties, int]] = []
    size = 1
    for number, start in enumerate(edges):
        end = edges[number + 1] if number + 1 < len(edges) else None
        for known, truths in kinds_of:
            passed = dict(zip(wheres, truths, strict=True))
            limits = [
                times
                for events, times in read
                if (events.window is None or start < events.window) and (events.where is None or passed[events.where])
            ]
            if limits and max(limits) > 0:
                slots.append((_age_in(start, end), known, max(limits)))
                size *= max(limits) + 1
                if size > most:
                    return None
    counts = sorted(product(*(range(times + 1) for _, _, times in slots)), key=sum)
    return [tuple(_events_of(kind, slots, numbers)) for numbers in counts]


def _age_in(start: int, end: int | None) -> int:
    """An age from `start` on and before `end`: whole days where there is room."""
    if start == 0:
        return DAY if end is None or end > 2 * DAY else HOUR if end > 2 * HOUR else end // 2
    return start


def _events_of(
    kind: str, slots: Sequence[tuple[int, Properties, int]], numbers: Sequence[int]
) -> Iterator[tuple[str, int, Properties]]:
    for (age, known, _), number in zip(slots, numbers, strict=True):
        for _ in range(number):
            yield kind, age, known


def some(program: ir.Program, test: ir.Expr, at: int) -> Iterator[History]:
    """A few histories for one test: none, one event, and enough of them, in each class and at each age by itself."""
    yield ()
    read = list(_selections_of(test))
    cuts = [events.window for events, _ in read if events.window is not None]
    cuts += [age for age in ages(walk(test)) if age > 0]
    for events, times in read:
        for age in dict.fromkeys([min([DAY, *(cut // 2 for cut in cuts)]), *cuts]):
            for number in dict.fromkeys((1, times)):
                yield _some_event(program, events, age) * min(number, MOST_TIMES)
