"""Rules, groups, scores, bands, gates and decisions as columns of a lead's (or an account's) row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import assert_never

from sqlglot import exp

from ....dsl import ir
from ....dsl.source import Span
from ....dsl.values import MAX_TICKS
from .. import terms
from .dialects import CannotSay, Dialect, with_others
from .expressions import MANY_EVENTS, Scope, Value
from .fading import Fading, age_of, is_level, written
from .gathering import Gathering
from .rows import Row
from .syntax import (
    Sql,
    add,
    all_of,
    any_of,
    big,
    case,
    coalesce,
    column,
    compare,
    flag,
    integer,
    is_known,
    is_true,
    member,
    multiply,
    negated,
    subtract,
    text,
)


@dataclass(frozen=True)
class Counted:
    """What a rule or group comes to: its ticks (never missing), whether it holds, and between what they lie."""

    ticks: Sql
    holds: Sql
    low: float
    high: float


@dataclass(frozen=True)
class ReasonLine:
    """A line of the account: where `test` holds, `ticks` were added by a rule or a step."""

    score: str
    rule: str
    test: Sql
    ticks: Sql


@dataclass
class Scoring:
    """Writes the columns of everything that a world has. Lines are kept for scores as they are now."""

    world: terms.World
    scope: Scope
    dialect: Dialect
    row: Row
    gathering: Gathering | None
    fading: Fading
    with_reasons: bool
    place: Callable[[Span], str]
    """", line 12" for a comment, or nothing"""
    things: dict[terms.Thing, exp.Column] = field(default_factory=dict)
    lines: dict[str, list[ReasonLine]] = field(default_factory=dict)
    bars: dict[tuple[str, int], dict[str, Sql]] = field(default_factory=dict)
    """(gate, shift) -> outcome -> whether the gate bars it"""
    refused: list[CannotSay] = field(default_factory=list)
    """what has no exact form; the rest is looked at all the same, so that everything is reported at once"""

    def thing(self, thing: terms.Thing) -> None:
        what, name, shift = thing
        before, self.scope.shift = self.scope.shift, shift
        stand_in = column(name)
        match what:
            case "score":
                score = self.world.scores[name]
                with self._reporting(f"score `{name}`", score.span):
                    stand_in = self._score(score)
            case "band":
                band = self.world.bands[name]
                with self._reporting(f"band `{name}`", band.span):
                    stand_in = self._band(band)
            case "gate":
                gate = self.world.gates[name]
                self.bars[name, shift] = {}
                with self._reporting(f"gate `{name}`", gate.span):
                    self._gate(gate)
            case "decision":
                decision = self.world.decisions[name]
                with self._reporting(f"decision `{name}`", decision.span):
                    stand_in = self._decision(decision)
            case _:
                assert_never(what)
        if what != "gate":
            self.things[thing] = stand_in
        self.scope.shift = before

    @contextmanager
    def _reporting(self, what: str, span: Span) -> Iterator[None]:
        try:
            yield
        except CannotSay as why:
            self.refused.append(why.at(what, span))

    def check(self) -> None:
        """Raises `CannotSay` with everything that was found."""
        if self.refused:
            raise with_others(self.refused)

    @property
    def shift(self) -> int:
        return self.scope.shift

    @property
    def _reasons(self) -> bool:
        return self.with_reasons and self.shift == 0

    def _column(self, wanted: str, node: Sql, span: Span | None = None, comment: str = "") -> exp.Column:
        """A column of its own for something that the policy names."""
        ago = f"_{self.shift}_us_ago" if self.shift else ""
        place = self.place(span) if span is not None and comment else ""
        return self.row.put(1 + self.row.level(node), f"{wanted}{ago}", node, f"{comment}{place}")

    # -------------------------------------------------------------- scores

    def _score(self, score: ir.Score) -> exp.Column:
        lines: list[ReasonLine] = []
        if score.body is not None:
            found = self.scope.value(score.body)
            total = found.node
            low, high = found.low, found.high
            if self._reasons:
                total = self._column(f"{score.name}_body", big(total), score.span, f"score {score.name}: its sum")
                known = is_known(total) if found.nullable else flag(True)
                lines.append(ReasonLine(score.name, score.name, known, total))
        else:
            found = self._items(score, lines)
            total, low, high = found.node, found.low, found.high
        total = self._steps(score, total, low, high, lines)
        if self._reasons:
            self.lines[score.name] = lines
        return self._column(score.name, big(total), score.span, f"score {score.name}")

    def _items(self, score: ir.Score, lines: list[ReasonLine]) -> Value:
        counted = [self._item(score.name, item, flag(True), lines) for item in score.items]
        low, high = sum(one.low for one in counted), sum(one.high for one in counted)
        parts: list[Sql] = [] if score.start == 0 and counted else [integer(score.start)]
        if self._reasons and score.start != 0:
            lines.insert(0, ReasonLine(score.name, f"{score.name}.start", flag(True), integer(score.start)))
        parts += [one.ticks for one in counted]
        total = add(*parts)
        if self._reasons:
            total = self._column(f"{score.name}_sum", big(total), score.span, f"score {score.name}: its rules")
        return Value(total, False, score.start + low, score.start + high)

    def _steps(self, score: ir.Score, total: Sql, low: float, high: float, lines: list[ReasonLine]) -> Sql:
        """Silence, floors, caps, rounding, range; each in a column of its own where reasons are wanted."""
        dialect, scope = self.dialect, self.scope
        if score.silence is not None:
            total = self.row.define(f"{score.name}_before_silence", total)
            after = self._silence(score.silence, total, max(abs(low), abs(high)))
            total, low = self._step(score, "silence", total, after, lines), min(low, 0)
        for bounds, step in ((score.floors, "floor"), (score.caps, "cap")):
            if not bounds:
                continue
            total = self.row.define(f"{score.name}_before_{step}", total)
            ordered = sorted(bounds, key=lambda bound: bound.ticks, reverse=step == "floor")
            limit = case([(scope.holds(bound.condition), integer(bound.ticks)) for bound in ordered], total)
            pick = dialect.greatest if step == "floor" else dialect.least
            known = pick(total, limit)
            after = known if score.body is None else case([(is_known(total), known)])
            low = min(low, *[bound.ticks for bound in bounds])
            high = max(high, *[bound.ticks for bound in bounds])
            total = self._step(score, step, total, after, lines)
        if score.rounding is not None:
            rounded = scope.rounded(Value(total, True, low, high), score.rounding, 10_000)
            total = self._step(score, "rounding", total, rounded.node, lines)
            low, high = rounded.low, rounded.high
        least = -MAX_TICKS if score.low is None else score.low
        most = MAX_TICKS if score.high is None else score.high
        if low < least or high > most:
            if score.body is not None:
                total = self.row.define(f"{score.name}_before_range", total)
            after = total
            if low < least:
                after = dialect.greatest(after, integer(least))
            if high > most:
                after = dialect.least(after, integer(most))
            if score.body is not None:
                # LEAST and GREATEST of something missing are not missing everywhere.
                after = case([(is_known(total), after)])
            total = self._step(score, "range", total, after, lines)
        return total

    def _step(self, score: ir.Score, step: str, before: Sql, after: Sql, lines: list[ReasonLine]) -> Sql:
        if not self._reasons:
            return after
        column = self._column(f"{score.name}_{step}", big(after), None, f"score {score.name}: {step}")
        if self._reasons:
            lines.append(
                ReasonLine(score.name, f"{score.name}.{step}", compare("!=", column, before), subtract(column, before))
            )
        return column

    def _silence(self, silence: ir.Silence, total: Sql, most: float) -> Sql:
        newest = self.scope.term(terms.Last(silence.events, self.shift))
        since = subtract(self.scope.now(), coalesce(newest, self.scope.now()))
        age = self.row.define("silent_for", age_of(self.dialect, since, silence.curve))
        left = self.fading.computed(self.row, total, most, silence.curve, age)
        return case([(all_of([is_known(newest), compare(">", total, integer(0))]), left)], total)

    # -------------------------------------------------------------- rules

    def _item(self, score: str, item: ir.Rule | ir.Group, counts: Sql, lines: list[ReasonLine]) -> Counted:
        """`counts` is whether the item is counted at all: the chosen one of a `first of` or `best of`."""
        match item:
            case ir.Rule():
                counted = Counted(integer(0), flag(False), 0, 0)
                with self._reporting(f"rule `{item.full_name}`", item.span):
                    counted = self._rule(item)
                if self._reasons:
                    test = all_of([counts, compare("!=", counted.ticks, integer(0))])
                    lines.append(ReasonLine(score, item.full_name, test, counted.ticks))
                return counted
            case ir.Group():
                return self._group(score, item, counts, lines)
            case _:
                assert_never(item)

    def _rule(self, rule: ir.Rule) -> Counted:
        in_force = self._in_force(rule)
        value, holds = self._earned(rule)
        node, low, high = value.node, value.low, value.high
        dialect = self.dialect
        wide = max(abs(low), abs(high)) > MAX_TICKS
        if wide:
            node, low, high = dialect.bounded(node, low, high), max(low, -MAX_TICKS), min(high, MAX_TICKS)
        if rule.max_points is not None and (low < -rule.max_points or high > rule.max_points):
            most = rule.max_points
            if low < -most:
                node = dialect.greatest(node, integer(-most))
            if high > most:
                node = dialect.least(node, integer(most))
            low, high = max(low, -most), min(high, most)
        if value.nullable:
            # What is missing gives nothing; LEAST and GREATEST may have made a limit of it.
            node = case([(is_known(value.node), node)], integer(0))
        test = all_of([in_force, holds]) if holds is not None else in_force
        if not is_true(test):
            node = case([(test, node)], integer(0))
        points = self._column(
            rule.full_name.replace(".", "_"), big(node), rule.span, f"{rule.full_name}{_worth(rule.points)}"
        )
        low, high = min(low, 0), max(high, 0)
        written = isinstance(rule.points, int) and isinstance(rule.trigger, ir.When | ir.Otherwise)
        if written and low == high == 0:
            # Only a rule with written points that happens once can hold and be worth nothing.
            return Counted(points, test, 0, 0)
        return Counted(points, compare("!=", points, integer(0)), low, high)

    def _in_force(self, rule: ir.Rule) -> Sql:
        tests = []
        if rule.starts is not None:
            tests.append(compare(">=", self.scope.now(), integer(rule.starts)))
        if rule.ends is not None:
            tests.append(compare("<", self.scope.now(), integer(rule.ends)))
        return all_of(tests)

    def _earned(self, rule: ir.Rule) -> tuple[Value, Sql | None]:
        """What a rule earns before its limits, and the condition under which it does (None: always)."""
        scope = self.scope
        match rule.trigger:
            case ir.When() as when:
                return self._points(rule), scope.triggered(when)
            case ir.Otherwise():
                return self._points(rule), flag(True)
            case ir.Per(amount=amount, item=item):
                return self._per(self._points(rule), amount, scope.value(item)), None
            case ir.Each() as each:
                return self._each(rule, each), None
            case _:
                assert_never(rule.trigger)

    def _points(self, rule: ir.Rule) -> Value:
        if isinstance(rule.points, int):
            return Value(integer(rule.points), False, rule.points, rule.points)
        found = self.scope.value(rule.points)
        return Value(self.row.define("points", big(found.node)), found.nullable, found.low, found.high)

    def _per(self, points: Value, amount: int, item: Value) -> Value:
        counted = self.row.define("counted", item.node)
        times = self.dialect.idiv(counted, integer(amount))
        most = max(0, item.high) // amount
        times = case([(compare(">=", counted, integer(0)), times)], integer(0))
        return self._times(points, self.row.define("times", times), most)

    def _times(self, points: Value, times: Sql, most: float) -> Value:
        """Points so many times (0 to `most`), within ±MAX_TICKS."""
        low, high = min(points.low * most, 0), max(points.high * most, 0)
        if max(abs(low), abs(high)) <= 2**62:
            return Value(multiply(big(times), points.node), points.nullable, low, high)
        dialect = self.dialect
        product = multiply(dialect.wide(times), dialect.wide(points.node))
        return Value(big(dialect.bounded(product, -1e30, 1e30)), points.nullable, -MAX_TICKS, MAX_TICKS)

    # -- `for each`

    def _each(self, rule: ir.Rule, each: ir.Each) -> Value:
        scope, shift, dialect = self.scope, self.shift, self.dialect
        curve = each.curve if each.curve is not None and not is_level(each.curve) else None
        points = rule.points
        alike = isinstance(points, int) or not terms.reads_property(points)
        if alike:
            # All events are worth the same: it is enough to know how many are kept, or when they were.
            if curve is None:
                times = self._how_many(each)
                if times is not None:
                    return self._times(self._points(rule), times, self._most_times(each))
            elif isinstance(points, int):
                if terms.is_plain(each):
                    total = scope.term(terms.Decayed(each.events, shift, points, curve))
                    most = abs(points) * MANY_EVENTS
                    low, high = (0, most) if points > 0 else (-most, 0)
                    return Value(coalesce(total, integer(0)), False, low, high)
                if terms.is_newest_only(each):
                    last = scope.term(terms.Last(each.events, shift))
                    age = self.row.define("age", age_of(dialect, subtract(scope.now(), last), curve))
                    window = each.events.window
                    oldest = None if window is None else max(0, window // curve.unit - curve.after)
                    left = written(dialect, points, curve, age, oldest)
                    node = case([(is_known(last), left)], integer(0))
                    return Value(node, False, min(points, 0), max(points, 0))
        assert self.gathering is not None
        earned = self.gathering.earned(each, points, shift, rule.name)
        node = earned.total
        if earned.wide:
            bounded = dialect.bounded(node, -1e30, 1e30)
            return Value(case([(is_known(node), big(bounded))], integer(0)), False, -MAX_TICKS, MAX_TICKS)
        assert isinstance(points, int)
        most = abs(points) * MANY_EVENTS
        return Value(coalesce(node, integer(0)), False, -most if points < 0 else 0, most if points > 0 else 0)

    def _how_many(self, each: ir.Each) -> Sql | None:
        """How many events are kept, where an aggregate tells it."""
        scope, shift, events = self.scope, self.shift, each.events
        if each.once_per_property is None and each.once_ever:
            return case([(scope.truth(ir.Occurs(ir.Kind.FLAG, events)), integer(1))], integer(0))
        term: terms.Term
        if each.once_per_property is not None:
            if each.once_per_period is not None or each.at_most_per is not None:
                return None
            term = terms.Distinct(events, shift, each.once_per_property)
        elif each.once_per_period is not None:
            if each.at_most_per is not None and each.at_most_per != each.once_per_period:
                return None
            term = terms.Periods(events, shift, each.once_per_period)
        else:
            if each.at_most_per is not None:
                return None
            term = terms.Count(events, shift)
        count: Sql = coalesce(scope.term(term), integer(0))
        limits = [1] if each.once_ever else []
        if each.at_most is not None and each.at_most_per is None:
            limits.append(each.at_most)
        return self.dialect.least(count, integer(min(limits))) if limits else count

    def _most_times(self, each: ir.Each) -> int:
        limits = [1] if each.once_ever else []
        if each.at_most is not None and each.at_most_per is None:
            limits.append(each.at_most)
        return min([MANY_EVENTS, *limits])

    # -------------------------------------------------------------- groups

    def _group(self, score: str, group: ir.Group, counts: Sql, lines: list[ReasonLine]) -> Counted:
        if group.kind == "sum" or not self._reasons:
            members = [self._item(score, item, counts, lines) for item in group.items]
        else:
            members = self._members_with_reasons(score, group, counts, lines)
        holds = any_of([member.holds for member in members])
        low, high = min([0, *(one.low for one in members)]), max([0, *(one.high for one in members)])
        match group.kind:
            case "sum":
                total = add(*[one.ticks for one in members]) if members else integer(0)
                low, high = sum(one.low for one in members), sum(one.high for one in members)
            case "first":
                total = case([(one.holds, one.ticks) for one in members], integer(0))
            case "best":
                total = self._best(members)
            case _:
                assert_never(group.kind)
        name = group.full_name.replace(".", "_")
        if self._reasons:
            total = self._column(f"{name}_sum", big(total), group.span, f"group {group.full_name}: its members")
        dialect = self.dialect
        if group.most is not None and high > group.most:
            limited = dialect.least(total, integer(group.most))
            total = self._limit(score, group, "most", total, limited, counts, lines)
            low, high = min(low, group.most), group.most
        if group.least is not None and low < group.least:
            limited = dialect.greatest(total, integer(group.least))
            total = self._limit(score, group, "least", total, limited, counts, lines)
            low, high = group.least, max(high, group.least)
        if group.counting is not None:
            share = group.counting
            scaled = self.scope.scaled(Value(total, False, low, high), share.numerator, share.denominator)
            total = self._limit(score, group, "counting", total, scaled.node, counts, lines)
            low, high = scaled.low, scaled.high
        column = self._column(name, big(total), group.span, f"group {group.full_name}")
        return Counted(column, holds, low, high)

    def _best(self, members: Sequence[Counted]) -> Sql:
        lowest = integer(-4 * MAX_TICKS)
        best = self.dialect.greatest(lowest, *[case([(one.holds, one.ticks)], lowest) for one in members])
        some = any_of([one.holds for one in members])
        return case([(some, best)], integer(0))

    def _members_with_reasons(self, score: str, group: ir.Group, counts: Sql, lines: list[ReasonLine]) -> list[Counted]:
        """The members, each with its lines where it is the one that counts."""
        own: list[list[ReasonLine]] = [[] for _ in group.items]
        members = [self._item(score, item, flag(True), mine) for item, mine in zip(group.items, own, strict=True)]
        earlier: list[Sql] = []
        best = (
            self._column(f"{group.full_name.replace('.', '_')}_best", self._best(members))
            if group.kind == "best"
            else None
        )
        for one, mine in zip(members, own, strict=True):
            chosen = one.holds if best is None else all_of([one.holds, compare("==", one.ticks, best)])
            alone = all_of([counts, chosen, *[negated(before) for before in earlier]])
            earlier.append(chosen)
            counted = self._column(f"{group.full_name.replace('.', '_')}_chosen", alone)
            for line in mine:
                lines.append(ReasonLine(line.score, line.rule, all_of([counted, line.test]), line.ticks))
        return members

    def _limit(
        self,
        score: str,
        group: ir.Group,
        step: str,
        before: Sql,
        after: Sql,
        counts: Sql,
        lines: list[ReasonLine],
    ) -> Sql:
        if not self._reasons:
            return after
        name = f"{group.full_name.replace('.', '_')}_{step}"
        column = self._column(name, big(after), group.span, f"group {group.full_name}: {step}")
        test = all_of([counts, compare("!=", column, before)])
        lines.append(ReasonLine(score, group.full_name, test, subtract(column, before)))
        return column

    # -------------------------------------------------------------- bands, gates, decisions

    def _band(self, band: ir.Band) -> exp.Column:
        score = ir.ScoreOf(ir.Kind.EXACT, band.score)
        branches = [
            (self.scope.holds(ir.Compare(ir.Kind.FLAG, ">=", score, row.limit)), text(row.label)) for row in band.rows
        ]
        return self._column(band.name, case(branches, text(band.otherwise)), band.span, f"band {band.name}")

    def _gate(self, gate: ir.Gate) -> None:
        by_outcome: dict[str, list[Sql]] = {}
        for ban in gate.bans:
            test = coalesce(self.scope.triggered(ban.trigger), flag(False))
            name = f"gate_{gate.name}"
            bars = test if isinstance(test, exp.Boolean) else self._column(name, test, ban.span, f"gate {gate.name}")
            for outcome in ban.outcomes:
                by_outcome.setdefault(outcome, []).append(bars)
        self.bars[gate.name, self.shift] = {outcome: any_of(tests) for outcome, tests in by_outcome.items()}

    def barred(self, outcome: str, decision: ir.Decision) -> Sql:
        """Whether any gate bars an outcome."""
        tests = [
            self.bars[gate.name, self.shift].get(outcome, flag(False))
            for gate in terms.gates_on(self.world, decision.outcomes)
        ]
        return any_of(tests)

    def _decision(self, decision: ir.Decision) -> exp.Column:
        branches: list[tuple[Sql, Sql]] = []
        for row in decision.rows:
            branches += self._row(decision, row)
        node = case(branches, text("")) if branches else text("")
        if branches and is_true(branches[-1][0]):
            node = case(branches[:-1], branches[-1][1])
        return self._column(decision.name, node, decision.span, f"decision {decision.name}")

    def _row(self, decision: ir.Decision, row: ir.Choice | ir.Grid) -> Iterator[tuple[Sql, Sql]]:
        match row:
            case ir.Choice(outcome=outcome, trigger=trigger):
                matches = flag(True) if trigger is None else self.scope.triggered(trigger)
                yield all_of([matches, negated(self.barred(outcome, decision))]), text(outcome)
            case ir.Grid():
                cell = self._column(
                    f"{decision.name}_grid", self._cell(row), row.span, f"decision {decision.name}: the grid"
                )
                outcomes = dict.fromkeys(one for line in row.cells for one in line)
                free = [one for one in outcomes if self._is_free(one, decision)]
                if free:
                    yield member(cell, [text(one) for one in free]), cell
                for one in outcomes:
                    if one not in free:
                        same = compare("==", cell, text(one))
                        yield all_of([same, negated(self.barred(one, decision))]), text(one)
            case _:
                assert_never(row)

    def _is_free(self, outcome: str, decision: ir.Decision) -> bool:
        barred = self.barred(outcome, decision)
        return isinstance(barred, exp.Boolean) and not barred.this

    def _cell(self, grid: ir.Grid) -> Sql:
        rows, columns = (self._label(name) for name in (grid.by_rows, grid.by_columns))
        lines = []
        for head, line in zip(grid.row_labels, grid.cells, strict=True):
            by_cell: dict[str, list[str]] = {}
            for label, cell in zip(grid.column_labels, line, strict=True):
                by_cell.setdefault(cell, []).append(label)
            *some, last = by_cell.items()
            inner = case(
                [(member(columns, [text(label) for label in labels]), text(cell)) for cell, labels in some],
                text(last[0]),
            )
            lines.append((compare("==", rows, text(head)), inner))
        return case(lines)

    def _label(self, name: str) -> Sql:
        what: terms.What = "band" if name in self.world.bands else "decision"
        return self.things[what, name, self.shift]


def _worth(points: int | ir.Expr) -> str:
    if not isinstance(points, int):
        return ""
    whole, rest = divmod(abs(points), 10_000)
    decimals = f".{rest:04d}".rstrip("0") if rest else ""
    return f": {'-' if points < 0 else '+'}{whole}{decimals}"
