"""Everything that a policy can come to, counted through cell by cell.

A claim depends on a few *sums* (the rules of a score that read facts only) and on a few *conditions* about facts. All
combinations of their values that some lead can have are found by eliminating one variable after the other: a table
holds, for each choice of cells of the variables it is still about, the set of combinations that the eliminated ones
can bring about. Such a set is one Python integer, in which bit number n stands for the combination with the packed
index n; adding points is a shift, an alternative is `|`, and independent parts are convolved.

(The method is variable elimination, or non-serial dynamic programming: Bertele and Brioschi 1972; the order is
min-size.)
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from math import gcd
from typing import Any, TypeAlias

from ...dsl import ir, semantics
from ..engines.terms import parts_of
from .abstraction import Abstraction, Cell
from .ranges import NO, UNKNOWN, YES, Outlook, Span, Truths

Choice: TypeAlias = tuple[int, ...]
"""Numbers of cells, one for each variable of a table."""

Assignment: TypeAlias = dict[str, Cell]


class TooMuch(Exception):
    """The count would go beyond the budget. Never leaves the analysis."""


@dataclass(frozen=True)
class Limits:
    """Bits in one set, rows in one table, leads looked at, and the moment (`time.monotonic`) to stop."""

    bits: int
    rows: int
    states: int
    until: float

    def check(self) -> None:
        if time.monotonic() > self.until:
            raise TooMuch("it took too long")


# ------------------------------------------------------------------ what a claim depends on


@dataclass(frozen=True)
class Sum:
    """The rules of a score that read facts only and can be tabled (`items`); those that read other results (`late`),
    and what the ones that no table holds can come to (`loose`)."""

    score: str
    start: int
    items: tuple[ir.Rule | ir.Group, ...]
    late: tuple[ir.Rule | ir.Group, ...]
    loose: Span


@dataclass(frozen=True)
class Parts:
    """What the claim has to be answered from."""

    sums: tuple[Sum, ...]
    conditions: tuple[ir.Expr, ...]


def parts_for(abstraction: Abstraction, claim: ir.Expr) -> Parts:
    """The sums and conditions that a claim over the facts depends on."""
    program = abstraction.program
    outlook = Outlook(program, stretched(abstraction))
    sums: dict[str, Sum] = {}
    conditions: dict[ir.Expr, None] = {}
    seen: set[tuple[str, str]] = set()

    def read(expr: ir.Expr) -> None:
        if expr.kind is ir.Kind.FLAG and not reads_results(expr):
            if facts_of(expr) and not any(fact in abstraction.stretches for fact in facts_of(expr)):
                conditions[expr] = None
            return
        match expr:
            case ir.ScoreOf(name=name):
                score(name)
            case ir.BandOf(name=name):
                band(name)
            case ir.DecisionOf(name=name):
                decision(name)
            case _:
                for part in parts_of(expr):
                    read(part)

    def score(name: str) -> None:
        if ("score", name) in seen:
            return
        seen.add(("score", name))
        found = next(one for one in program.scores if one.name == name)
        for bound in (*found.floors, *found.caps):
            read(bound.condition)
        if found.body is not None:
            read(found.body)
            return
        flat = list(_flat(found.items))
        late = tuple(item for item in flat if any(reads_results(expr) for expr in exprs_of(item)))
        rest = [item for item in flat if item not in late]
        loose = [item for item in rest if any(fact in abstraction.stretches for fact in facts_of_item(item))]
        spans = [outlook.item(item)[0] for item in loose]
        sums[name] = Sum(
            name,
            found.start,
            tuple(item for item in rest if item not in loose),
            late,
            Span(sum(span.low for span in spans), sum(span.high for span in spans)),
        )
        for item in late:
            for expr in exprs_of(item):
                read(expr)

    def band(name: str) -> None:
        if ("band", name) in seen:
            return
        seen.add(("band", name))
        found = next(one for one in program.bands if one.name == name)
        score(found.score)
        for row in found.rows:
            read(row.limit)

    def decision(name: str) -> None:
        if ("decision", name) in seen:
            return
        seen.add(("decision", name))
        found = next(one for one in program.decisions if one.name == name)
        for row in found.rows:
            if isinstance(row, ir.Grid):
                band(row.by_rows)
                band(row.by_columns)
            elif row.trigger is not None:
                read(row.trigger.condition)
        for gate in program.gates:
            for ban in gate.bans:
                if set(ban.outcomes) & set(found.outcomes):
                    read(ban.trigger.condition)

    read(claim)
    return Parts(tuple(sums.values()), tuple(conditions))


def stretched(abstraction: Abstraction) -> dict[str, Truths | Span]:
    """What every fact can be when nothing else is known. Kept until a claim brings new facts along."""
    size = abstraction.size
    if abstraction.bounds is not None and abstraction.bounds[0] == size:
        return abstraction.bounds[1]
    found: dict[str, Truths | Span] = {
        name: Span(one.low, one.high, one.missing) for name, one in abstraction.stretches.items()
    }
    for fact in abstraction.facts:
        found[fact] = outlook_of(cell.facts[fact] for cell in abstraction.variable_of(fact).cells)
    abstraction.bounds = size, found
    return found


def outlook_of(answers: Iterable[Any]) -> Truths | Span:
    """The answers of several cells together."""
    seen = list(answers)
    if all(answer is None or isinstance(answer, bool) for answer in seen):
        truths = 0
        for answer in seen:
            truths |= YES if answer is True else NO if answer is False else UNKNOWN
        return truths
    known = [answer for answer in seen if answer is not None]
    return Span(min(known), max(known), len(known) < len(seen))


def _flat(items: Sequence[ir.Rule | ir.Group]) -> Iterator[ir.Rule | ir.Group]:
    """Members, with those of groups that have no say in what their members come to."""
    for item in items:
        if isinstance(item, ir.Group) and item.kind == "sum" and _has_no_limits(item):
            yield from _flat(item.items)
        else:
            yield item


def _has_no_limits(group: ir.Group) -> bool:
    return group.most is None and group.least is None and group.counting is None


def exprs_of(item: ir.Rule | ir.Group) -> Iterator[ir.Expr]:
    if isinstance(item, ir.Group):
        for member in item.items:
            yield from exprs_of(member)
        return
    if isinstance(item.trigger, ir.When):
        yield item.trigger.condition
    elif isinstance(item.trigger, ir.Per):
        yield item.trigger.item
    if not isinstance(item.points, int):
        yield item.points


def reads_results(expr: ir.Expr) -> bool:
    if isinstance(expr, ir.ScoreOf | ir.BandOf | ir.DecisionOf):
        return True
    return any(reads_results(part) for part in parts_of(expr))


def facts_of(expr: ir.Expr) -> frozenset[str]:
    if isinstance(expr, ir.FieldOf):
        return frozenset({expr.name})
    return frozenset(fact for part in parts_of(expr) for fact in facts_of(part))


def facts_of_item(item: ir.Rule | ir.Group) -> frozenset[str]:
    return frozenset(fact for expr in exprs_of(item) for fact in facts_of(expr))


# ------------------------------------------------------------------ tables


@dataclass(frozen=True)
class Table:
    """For each choice of cells of the variables in `scope`, the set of packed indexes that are possible."""

    scope: tuple[str, ...]
    rows: Mapping[Choice, int]


@dataclass(frozen=True)
class Axis:
    """One sum or condition as a digit of the packed index: the value of digit d is `least` + d x `step`, or for a
    condition the answer `answers[d]`."""

    least: int
    step: int
    width: int
    stride: int
    answers: tuple[bool | None, ...] = ()

    def value(self, index: int) -> int:
        return self.least + (index // self.stride % self.width) * self.step


@dataclass
class Count:
    """All combinations of the parts of a claim that leads can have."""

    abstraction: Abstraction
    parts: Parts
    limits: Limits

    def __post_init__(self) -> None:
        used: set[str] = set()
        for one in self.parts.sums:
            for item in one.items:
                used |= facts_of_item(item)
        for condition in self.parts.conditions:
            used |= facts_of(condition)
        self.used = used
        self.owner: dict[str, str] = {}
        self.cells: dict[str, list[Cell]] = {}
        self.exact = not any(one.late or one.loose.low != one.loose.high for one in self.parts.sums)
        for fact in sorted(used):
            variable = self.abstraction.variable_of(fact)
            self.owner[fact] = variable.name
            if variable.name not in self.cells:
                self.cells[variable.name] = told_apart(variable.cells, used)
                self.exact = self.exact and variable.exact

    # -- the factors

    def scope_of(self, facts: Iterable[str]) -> tuple[str, ...]:
        return tuple(sorted({self.owner[fact] for fact in facts}))

    def _each(self, scope: tuple[str, ...]) -> Iterator[tuple[Choice, dict[str, Any]]]:
        size = 1
        for name in scope:
            size *= len(self.cells[name])
        if size > self.limits.rows:
            raise TooMuch(f"{len(scope)} fields and kinds of events have to be looked at together")
        for choice in product(*(range(len(self.cells[name])) for name in scope)):
            facts: dict[str, Any] = {}
            for name, number in zip(scope, choice, strict=True):
                facts.update(self.cells[name][number].facts)
            yield choice, facts

    @cached_property
    def _plain_world(self) -> semantics.World:
        return semantics.world_of(self.abstraction.program, {}, (), self.abstraction.at)

    def _world(self, facts: Mapping[str, Any]) -> semantics.World:
        return replace(self._plain_world, lead=facts, seen={})

    def _sum_tables(self, one: Sum) -> list[tuple[tuple[str, ...], dict[Choice, set[int]]]]:
        """The points of a sum, by the variables that decide them; those of one scope together."""
        by_scope: dict[tuple[str, ...], list[ir.Rule | ir.Group]] = {}
        found: list[tuple[tuple[str, ...], dict[Choice, set[int]]]] = []
        for item in one.items:
            by_scope.setdefault(self.scope_of(facts_of_item(item)), []).append(item)
        for scope, items in by_scope.items():
            try:
                rows = {
                    choice: {sum(self._ticks(item, facts) for item in items)} for choice, facts in self._each(scope)
                }
                found.append((scope, rows))
            except TooMuch:
                if not all(isinstance(item, ir.Group) for item in items):
                    raise
                found.extend(self._group_table(item, one) for item in items if isinstance(item, ir.Group))
            self.limits.check()
        return found

    def _ticks(self, item: ir.Rule | ir.Group, facts: Mapping[str, Any]) -> int:
        return semantics.counted(self._world(facts), "", item).ticks

    def _group_table(self, group: ir.Group, within: Sum) -> tuple[tuple[str, ...], dict[Choice, set[int]]]:
        """A group that is too wide for one table: its members are added up first, over the variables that nothing
        else reads, and its limits are laid on the results."""
        if group.kind != "sum":
            raise TooMuch(f"`{group.full_name}` looks at too much together")
        inner = Sum(within.score, 0, tuple(_flat(group.items)), (), Span(0, 0))
        tables = self._sum_tables(inner)
        outside: set[str] = set()
        for other in self.parts.sums:
            for item in other.items:
                if item is not group:
                    outside |= set(self.scope_of(facts_of_item(item)))
        for condition in self.parts.conditions:
            outside |= set(self.scope_of(facts_of(condition)))
        own = {name for scope, _ in tables for name in scope} - outside
        axes, packed = _packed([tables], [], self.limits)
        (axis,) = axes
        (table,) = [_joined(_eliminated(packed, own, self.cells, self.limits, None), self.cells, self.limits)]
        rows: dict[Choice, set[int]] = {}
        for choice, indexes in table.rows.items():
            rows[choice] = {self._limited(group, axis.value(index)) for index in _bits(indexes)}
        return table.scope, rows

    def _limited(self, group: ir.Group, ticks: int) -> int:
        rule = ir.Rule("", "", "", ticks, ir.Otherwise())
        return semantics.counted(self._world({}), "", replace(group, items=(rule,))).ticks

    # -- counting

    def run(self) -> None:
        """Eliminates every variable. Raises TooMuch beyond the limits."""
        sums = [self._sum_tables(one) for one in self.parts.sums]
        conditions: list[tuple[tuple[str, ...], dict[Choice, set[int]], tuple[bool | None, ...]]] = []
        for condition in self.parts.conditions:
            scope = self.scope_of(facts_of(condition))
            answers = {choice: semantics.value_of(condition, self._world(facts)) for choice, facts in self._each(scope)}
            kinds = tuple(dict.fromkeys(answers.values()))
            conditions.append((scope, {choice: {kinds.index(one)} for choice, one in answers.items()}, kinds))
        self.axes, self.tables = _packed(sums, conditions, self.limits)
        self.steps: list[tuple[str, list[Table], Table]] = []
        left = _eliminated(self.tables, set(self.cells), self.cells, self.limits, self.steps)
        self.last = left
        self.states = _joined(left, self.cells, self.limits).rows.get((), 1)
        if self.states.bit_count() > self.limits.states:
            raise TooMuch("there are too many different results")

    def indexes(self) -> list[int]:
        return list(_bits(self.states))

    def outlook(self, low: Sequence[int], high: Sequence[int], free: Mapping[str, Truths | Span]) -> Outlook:
        """What is known when every digit of the index is between two ends."""
        sums: dict[str, Span] = {}
        for number, one in enumerate(self.parts.sums):
            axis = self.axes[number]
            sums[one.score] = Span(
                one.start + axis.least + low[number] * axis.step + one.loose.low,
                one.start + axis.least + high[number] * axis.step + one.loose.high,
            )
        settled: dict[ir.Expr, Truths] = {}
        for number, condition in enumerate(self.parts.conditions, len(self.parts.sums)):
            axis = self.axes[number]
            answers = axis.answers[low[number] : high[number] + 1]
            truths = outlook_of(answers)
            assert isinstance(truths, int)
            settled[condition] = truths
        late = {one.score: one.late for one in self.parts.sums}
        return Outlook(self.abstraction.program, free, settled, sums, late)

    def digits(self, index: int) -> tuple[int, ...]:
        return tuple(index // axis.stride % axis.width for axis in self.axes)

    def satisfying(self, claim: ir.Expr) -> Iterator[int]:
        """The indexes for which the claim can be true. Whole boxes of them are ruled out at once."""
        free = stretched(self.abstraction)
        waiting = [[(self.digits(index), index) for index in self.indexes()]]
        while waiting:
            box = waiting.pop()
            low = [min(ends) for ends in zip(*(digits for digits, _ in box), strict=True)]
            high = [max(ends) for ends in zip(*(digits for digits, _ in box), strict=True)]
            self.limits.check()
            if not self.outlook(low, high, free).truths(claim) & YES:
                continue
            if len(box) == 1:
                yield box[0][1]
                continue
            widest = max(range(len(low)), key=lambda axis: (high[axis] - low[axis]) / self.axes[axis].width)
            middle = (low[widest] + high[widest]) // 2
            waiting.append([one for one in box if one[0][widest] > middle])
            waiting.append([one for one in box if one[0][widest] <= middle])

    def assignment(self, index: int) -> Assignment:
        """Cells that bring an index about: back through the eliminated variables."""
        chosen: dict[str, int] = {}
        whole = _split(self.last, [table.rows[()] for table in self.last], index)
        assert whole is not None, "the index is one of those that were counted"
        wanted: list[tuple[Table, int]] = list(zip(self.last, whole, strict=True))
        made = {id(table): (name, inputs) for name, inputs, table in self.steps}
        while wanted:
            table, part = wanted.pop()
            if id(table) not in made:
                continue
            name, inputs = made[id(table)]
            for number in range(len(self.cells[name])):
                chosen[name] = number
                rows = [one.rows[tuple(chosen[variable] for variable in one.scope)] for one in inputs]
                split = _split(inputs, rows, part)
                if split is not None:
                    wanted.extend(zip(inputs, split, strict=True))
                    break
            else:
                raise AssertionError("an index without cells that bring it about")
        return {name: self.cells[name][number] for name, number in chosen.items()}


def told_apart(cells: Sequence[Cell], used: set[str]) -> list[Cell]:
    """Cells that differ in a fact that is asked about, the real ones first."""
    found: dict[tuple[Any, ...], Cell] = {}
    for cell in sorted(cells, key=lambda cell: not cell.real):
        found.setdefault(tuple(cell.facts[fact] for fact in cell.facts if fact in used), cell)
    return list(found.values())


# -- packing


def _packed(
    sums: Sequence[Sequence[tuple[tuple[str, ...], Mapping[Choice, set[int]]]]],
    conditions: Sequence[tuple[tuple[str, ...], Mapping[Choice, set[int]], tuple[bool | None, ...]]],
    limits: Limits,
) -> tuple[list[Axis], list[Table]]:
    """Every table with its values as packed indexes. Each table's values are counted from its least, so that nothing
    is negative and no digit runs over."""
    axes: list[Axis] = []
    tables: list[Table] = []
    stride = 1
    for factors in sums:
        leasts = [min(min(ticks) for ticks in rows.values()) for _, rows in factors]
        step = 0
        for (_, rows), least in zip(factors, leasts, strict=True):
            for ticks in rows.values():
                step = gcd(step, *(one - least for one in ticks))
        step = step or 1
        spans = [
            max(max(ticks) for ticks in rows.values()) - least for (_, rows), least in zip(factors, leasts, strict=True)
        ]
        axis = Axis(sum(leasts), step, sum(spans) // step + 1, stride)
        axes.append(axis)
        if stride * axis.width > limits.bits:
            raise TooMuch("there are too many different sums")
        for (scope, rows), least in zip(factors, leasts, strict=True):
            tables.append(
                Table(
                    scope,
                    {choice: _set((one - least) // step * stride for one in ticks) for choice, ticks in rows.items()},
                )
            )
        stride *= axis.width
    for scope, rows, answers in conditions:
        axes.append(Axis(0, 1, len(answers), stride, answers))
        if stride * len(answers) > limits.bits:
            raise TooMuch("there are too many conditions to look at together")
        tables.append(Table(scope, {choice: _set(one * stride for one in numbers) for choice, numbers in rows.items()}))
        stride *= len(answers)
    return axes, tables


def _set(indexes: Iterable[int]) -> int:
    found = 0
    for index in indexes:
        found |= 1 << index
    return found


def _bits(indexes: int) -> Iterator[int]:
    """The numbers in a set, smallest first."""
    text = bin(indexes)[:1:-1]
    at = text.find("1")
    while at >= 0:
        yield at
        at = text.find("1", at + 1)


def _convolved(one: int, other: int) -> int:
    """All sums of a number of the one set and a number of the other."""
    if one.bit_count() > other.bit_count():
        one, other = other, one
    found = 0
    while one:
        low = one & -one
        found |= other << (low.bit_length() - 1)
        one ^= low
    return found


# -- elimination


def _eliminated(
    tables: Sequence[Table],
    names: set[str],
    cells: Mapping[str, Sequence[Cell]],
    limits: Limits,
    steps: list[tuple[str, list[Table], Table]] | None,
) -> list[Table]:
    """The tables without the variables in `names`: each is eliminated from the tables that are about it."""
    left = list(tables)
    waiting = set(names)
    while waiting:
        scopes = {name: _joint_scope([one for one in left if name in one.scope], name) for name in waiting}
        name = min(sorted(waiting), key=lambda one: _size((*scopes[one], one), cells))
        waiting.discard(name)
        inputs = [one for one in left if name in one.scope]
        if not inputs:
            continue
        left = [one for one in left if name not in one.scope]
        scope = scopes[name]
        if _size((*scope, name), cells) > limits.rows:
            raise TooMuch("too many fields and kinds of events have to be looked at together")
        rows: dict[Choice, int] = {}
        places = [[(*scope, name).index(variable) for variable in one.scope] for one in inputs]
        for choice in product(*(range(len(cells[variable])) for variable in scope)):
            found = 0
            for number in range(len(cells[name])):
                full = (*choice, number)
                part = 1
                for one, where in zip(inputs, places, strict=True):
                    part = _convolved(part, one.rows[tuple(full[at] for at in where)])
                found |= part
            rows[choice] = found
            limits.check()
        table = Table(scope, rows)
        left.append(table)
        if steps is not None:
            steps.append((name, inputs, table))
    return left


def _joint_scope(tables: Sequence[Table], without: str) -> tuple[str, ...]:
    return tuple(sorted({name for table in tables for name in table.scope} - {without}))


def _size(scope: Sequence[str], cells: Mapping[str, Sequence[Cell]]) -> int:
    size = 1
    for name in scope:
        size *= len(cells[name])
    return size


def _joined(tables: Sequence[Table], cells: Mapping[str, Sequence[Cell]], limits: Limits) -> Table:
    """All tables as one."""
    scope = _joint_scope(tables, "")
    if _size(scope, cells) > limits.rows:
        raise TooMuch("too many fields and kinds of events have to be looked at together")
    rows: dict[Choice, int] = {}
    for choice in product(*(range(len(cells[name])) for name in scope)):
        part = 1
        for table in tables:
            part = _convolved(part, table.rows[tuple(choice[scope.index(name)] for name in table.scope)])
            limits.check()
        rows[choice] = part
    return Table(scope, rows)


def _split(tables: Sequence[Table], rows: Sequence[int], wanted: int) -> list[int] | None:
    """Numbers, one of each set, that add up to `wanted`; None if there are none."""
    tails = [1]
    for one in reversed(rows):
        tails.append(_convolved(one, tails[-1]))
    tails.reverse()
    if not tails[0] >> wanted & 1:
        return None
    found: list[int] = []
    for number, one in enumerate(rows):
        for part in _bits(one):
            if part <= wanted and tails[number + 1] >> (wanted - part) & 1:
                found.append(part)
                wanted -= part
                break
    return found
