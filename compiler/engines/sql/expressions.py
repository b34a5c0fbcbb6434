"""Expressions of the core as expressions of SQL, in the sight of one row: a lead's, an event's or an account's."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from sqlglot import exp

from ....dsl import ir
from ....dsl.values import MAX_TICKS, TICKS
from .. import terms
from .dialects import CannotSay, Dialect
from .rows import Row
from .syntax import (
    Sql,
    add,
    all_of,
    any_of,
    case,
    coalesce,
    compare,
    flag,
    integer,
    is_known,
    is_null,
    member,
    multiply,
    negated,
    negative,
    null,
    subtract,
    text,
)

MANY_EVENTS = 10**8
"""No lead has so many events; what is counted stays below it."""

LONG_AGES = 7 * 10**17
"""More microseconds than lie between any two instants of the calendar."""

_INT64 = 2**63 - 1


@dataclass(frozen=True)
class Value:
    """An expression; `low` and `high` are the ticks between which an exact number lies."""

    node: Sql
    nullable: bool = True
    low: float = float("-inf")
    high: float = float("inf")


@dataclass
class Scope:
    """What expressions see. `field_of` and `property_of` give the columns of a fact; `term` what was gathered from the
    events; `thing` the column of a score, band or decision; `of_leads` what an account gathered from its leads."""

    dialect: Dialect
    row: Row
    as_of: Sql
    """the as-of instant in microseconds"""
    scores: Mapping[str, ir.Score]
    field_of: Callable[[str], Sql]
    property_of: Callable[[str], Sql]
    term: Callable[[terms.Term], Sql]
    thing: Callable[[terms.Thing], Sql]
    of_leads: Callable[[ir.LeadsCount | ir.LeadsOf, int], Sql]
    required: frozenset[str] = frozenset()
    """fields that are always known"""
    written_out: frozenset[str] = frozenset()
    """properties that are read in one place: there, behind other tests, few events are left for which it matters"""
    shift: int = 0

    # -------------------------------------------------------------- conditions

    def holds(self, expr: ir.Expr) -> Sql:
        """True where a condition is true, and anything else where it is not (for CASE WHEN, where unknown is as good as
        false)."""
        match expr:
            case ir.And(items=items):
                return all_of([self.holds(item) for item in items])
            case ir.Or(items=items):
                return any_of([self.holds(item) for item in items])
            case ir.Compare(
                sign="<" | "<=" as sign,
                left=ir.SinceEvent(which="last", events=events, unit=unit),
                right=ir.Const(value=int(ticks), kind=ir.Kind.EXACT),
            ):
                # The newest is less than so many days old if any is. Then the older ones need not be read.
                units = ticks // TICKS + 1 if sign == "<=" else -(-ticks // TICKS)
                if 0 < units * unit < LONG_AGES:
                    return self.truth(ir.Occurs(ir.Kind.FLAG, within(events, units * unit)))
        return self.truth(expr)

    def triggered(self, when: ir.When) -> Sql:
        if not when.unless:
            return self.holds(when.condition)
        return negated(coalesce(self.holds(when.condition), flag(False)))

    def truth(self, expr: ir.Expr) -> Sql:
        """Yes, no or unknown (NULL); SQL's AND, OR and NOT are those of the language."""
        match expr:
            case ir.Const(value=bool(value)):
                return flag(value)
            case ir.Const():
                return exp.Cast(this=null(), to=exp.DataType.build("BOOLEAN"))
            case ir.And(items=items):
                return all_of([self.truth(item) for item in items])
            case ir.Or(items=items):
                return any_of([self.truth(item) for item in items])
            case ir.Not(item=item):
                return negated(self.truth(item))
            case ir.Compare():
                return self._compare(expr)
            case ir.IsMissing(item=item):
                found = self.value(item) if item.kind is not ir.Kind.FLAG else Value(self.truth(item))
                return is_null(found.node) if found.nullable else flag(False)
            case ir.InSet():
                return self._in_set(expr)
            case ir.TextTest():
                return self._text_test(expr)
            case ir.Occurs(events=events):
                found_any = self.term(terms.Occurred(events, self.shift))
                return coalesce(found_any, flag(False))
            case _:
                return self.value(expr).node

    def _compare(self, expr: ir.Compare) -> Sql:
        left, right = expr.left, expr.right
        kinds = {left.kind, right.kind}
        if kinds == {ir.Kind.EXACT}:
            one, other = self._whole(left), self._whole(right)
            if one is not None and other is not None:
                return compare(expr.sign, one, other)
            return compare(expr.sign, self.value(left).node, self.value(right).node)
        if kinds == {ir.Kind.NUMBER, ir.Kind.EXACT} or kinds == {ir.Kind.NUMBER}:
            return compare(expr.sign, self._number_beside(left, right), self._number_beside(right, left))
        if kinds == {ir.Kind.TEXT}:
            return compare(expr.sign, self._folded_here(left), self._folded_here(right))
        if kinds == {ir.Kind.FLAG}:
            return self._compare_flags(expr)
        return compare(expr.sign, self.value(left).node, self.value(right).node)

    def _compare_flags(self, expr: ir.Compare) -> Sql:
        for one, other in ((expr.left, expr.right), (expr.right, expr.left)):
            if isinstance(other, ir.Const) and isinstance(other.value, bool):
                same = other.value == (expr.sign == "==")
                return self.truth(one) if same else negated(self.truth(one))
        return compare(expr.sign, self.truth(expr.left), self.truth(expr.right))

    def _number_beside(self, expr: ir.Expr, other: ir.Expr) -> Sql:
        """A side of a comparison of doubles. Whole constants beside a double are written as they were."""
        if isinstance(expr, ir.Const) and not isinstance(other, ir.Const):
            found = expr.value
            if isinstance(found, float) and found.is_integer() and abs(found) < 2**53:
                return integer(int(found))
            if isinstance(found, int) and found % TICKS == 0 and other.kind is ir.Kind.NUMBER:
                return integer(found // TICKS)
        return self._number(expr)

    def _number(self, expr: ir.Expr) -> Sql:
        if expr.kind is ir.Kind.EXACT:
            if isinstance(expr, ir.Const) and isinstance(expr.value, int):
                return self.dialect.number(expr.value / 10000.0)
            return self.dialect.number_of(self.value(expr).node)
        return self.value(expr).node

    def _in_set(self, expr: ir.InSet) -> Sql:
        if expr.item.kind is ir.Kind.TEXT:
            return member(self._folded_here(expr.item), [text(str(one)) for one in expr.values])
        if expr.item.kind in (ir.Kind.NUMBER, ir.Kind.EXACT):
            return member(self._number(expr.item), [self.dialect.number(float(one)) for one in expr.values])
        return member(self.value(expr.item).node, [text(str(one)) for one in expr.values])

    def _text_test(self, expr: ir.TextTest) -> Sql:
        dialect, item = self.dialect, self._looked_at(expr)
        fits: Callable[[Sql, str], Sql]
        match expr.op:
            case ir.TextOp.HAS:
                fits = dialect.has
            case ir.TextOp.HAS_WORD | ir.TextOp.CONTAINS:
                fits = dialect.contains
            case ir.TextOp.STARTS_WITH:
                fits = dialect.starts_with
            case ir.TextOp.ENDS_WITH:
                fits = dialect.ends_with
            case ir.TextOp.LIKE:
                fits = dialect.like
            case _:
                assert_never(expr.op)
        tests = [fits(item, needle) for needle in expr.needles]
        if not tests:
            # Nothing to look for: every one of none fits, none of none does; of an unknown text both are unknown.
            return case([(is_known(item), flag(expr.every))])
        return all_of(tests) if expr.every else any_of(tests)

    def _looked_at(self, expr: ir.TextTest) -> Sql:
        """The text (or the texts) that a test looks at."""
        match expr.op:
            case ir.TextOp.HAS:
                return self._name("list", self.dialect.folded_list(self.value(expr.item).node))
            case ir.TextOp.HAS_WORD:
                return self._name("words", self.dialect.words(self.folded(expr.item)))
            case _:
                return self._folded_here(expr.item) if len(expr.needles) == 1 else self.folded(expr.item)

    # -------------------------------------------------------------- texts

    def folded(self, expr: ir.Expr) -> Sql:
        """A text as it is compared."""
        match expr:
            case ir.Const(value=str(value)):
                return text(value)
            case ir.Const():
                return exp.Cast(this=null(), to=exp.DataType.build("TEXT"))
            case ir.Call(op=ir.Op.IF, args=(condition, then, otherwise)):
                return case([(self.truth(condition), self.folded(then))], self.folded(otherwise))
            case ir.FieldOf(name=name) | ir.PropertyOf(name=name):
                return self._name(f"{name}_folded", self.dialect.fold(self.value(expr).node))
            case ir.Call(op=op) if op in (ir.Op.DOMAIN, ir.Op.LOCAL_PART):
                wanted = "domain" if op is ir.Op.DOMAIN else "local_part"
                return self._name(wanted, self.dialect.fold(self.value(expr).node))
            case _:
                return self.dialect.fold(self.value(expr).node)

    def _folded_here(self, expr: ir.Expr) -> Sql:
        """`folded`, for one place."""
        if isinstance(expr, ir.PropertyOf) and expr.name in self.written_out:
            return self.dialect.fold(self.value(expr).node)
        return self.folded(expr)

    def _name(self, wanted: str, node: Sql) -> exp.Column:
        return self.row.define(wanted, node)

    # -------------------------------------------------------------- values

    def value(self, expr: ir.Expr) -> Value:
        dialect = self.dialect
        match expr:
            case ir.Const(kind=ir.Kind.FLAG) | ir.And() | ir.Or() | ir.Not() | ir.Compare() | ir.IsMissing():
                return Value(self.truth(expr))
            case ir.InSet() | ir.TextTest() | ir.Occurs():
                return Value(self.truth(expr))
            case ir.Const(value=None):
                return Value(self._typed_null(expr.kind), True, 0, 0)
            case ir.Const(value=str(value)):
                return Value(text(value), False)
            case ir.Const(value=float(value)):
                return Value(dialect.number(value), False)
            case ir.Const(value=int(value)):
                return Value(integer(value), False, value, value)
            case ir.Const():
                raise AssertionError(expr)
            case ir.FieldOf(name=name):
                return Value(self.field_of(name), name not in self.required)
            case ir.PropertyOf(name=name):
                return Value(self.property_of(name))
            case ir.ScoreOf(name=name, ago=ago):
                score = self.scores[name]
                low = -MAX_TICKS if score.low is None else score.low
                high = MAX_TICKS if score.high is None else score.high
                node = self.thing(("score", name, self.shift + ago))
                return Value(node, score.body is not None, low, high)
            case ir.BandOf(name=name):
                return Value(self.thing(("band", name, self.shift)), False)
            case ir.DecisionOf(name=name):
                return Value(self.thing(("decision", name, self.shift)), False)
            case ir.Call():
                return self._call(expr)
            case ir.Scaled(item=item, factor=factor):
                return self.scaled(self.value(item), factor.numerator, factor.denominator)
            case ir.WeightedMean(weights=weights, items=items):
                return self._weighted_mean(weights, [self.value(item) for item in items])
            case ir.CountOf() | ir.SinceEvent() | ir.SinceInstant() | ir.PathTime() | ir.LeadsCount():
                whole = self._whole(expr)
                assert whole is not None
                low, high = self._reach_of_whole(expr)
                nullable = not isinstance(expr, ir.CountOf | ir.LeadsCount)
                return Value(multiply(whole, integer(TICKS)), nullable, low * TICKS, high * TICKS)
            case ir.AggregateOf():
                return self._aggregate(expr)
            case ir.LeadsOf():
                node = self.of_leads(expr, self.shift)
                return Value(node, expr.word != "sum", -MAX_TICKS, MAX_TICKS)
            case _:
                assert_never(expr)

    def _typed_null(self, kind: ir.Kind) -> Sql:
        name = {
            ir.Kind.NUMBER: "DOUBLE",
            ir.Kind.EXACT: "BIGINT",
            ir.Kind.DATE: "BIGINT",
            ir.Kind.TIME: "BIGINT",
            ir.Kind.FLAG: "BOOLEAN",
        }.get(kind, "TEXT")
        return exp.Cast(this=null(), to=exp.DataType.build(name))

    def _whole(self, expr: ir.Expr) -> Sql | None:
        """A value of whole points as the number of them; None of what may have decimals."""
        now = self.now()
        match expr:
            case ir.Const(kind=ir.Kind.EXACT, value=int(value)) if value % TICKS == 0:
                return integer(value // TICKS)
            case ir.CountOf(events=events, distinct=None):
                return coalesce(self.term(terms.Count(events, self.shift)), integer(0))
            case ir.CountOf(events=events, distinct=str(prop)):
                return coalesce(self.term(terms.Distinct(events, self.shift, prop)), integer(0))
            case ir.SinceEvent(unit=unit, which=which, events=events):
                return self.dialect.idiv(subtract(now, self._instant_of(which, events)), integer(unit))
            case ir.SinceInstant(unit=unit, item=item):
                since = self._name("since", subtract(now, self.value(item).node))
                return self.dialect.floor_div(since, unit)
            case ir.PathTime(unit=unit):
                end = self._instant_of(expr.end_which, expr.end)
                start = self._instant_of(expr.start_which, expr.start)
                return self.dialect.floor_div(self._name("between", subtract(end, start)), unit)
            case ir.LeadsCount():
                return self.of_leads(expr, self.shift)
            case _:
                return None

    def _reach_of_whole(self, expr: ir.Expr) -> tuple[int, int]:
        match expr:
            case ir.SinceEvent(unit=unit):
                return 0, LONG_AGES // unit
            case ir.SinceInstant(unit=unit) | ir.PathTime(unit=unit):
                return -LONG_AGES // unit, LONG_AGES // unit
            case _:
                return 0, MANY_EVENTS

    def now(self) -> Sql:
        return subtract(self.as_of, integer(self.shift)) if self.shift else self.as_of

    def _instant_of(self, which: str, events: ir.Events) -> Sql:
        kind = terms.First if which == "first" else terms.Last
        return self.term(kind(events, self.shift))

    # -- functions

    def _call(self, call: ir.Call) -> Value:
        dialect, op = self.dialect, call.op
        if op is ir.Op.IF:
            condition, then, otherwise = call.args
            if call.kind is ir.Kind.FLAG:
                return Value(case([(self.truth(condition), self.truth(then))], self.truth(otherwise)))
            one, other = self.value(then), self.value(otherwise)
            node = case([(self.truth(condition), one.node)], other.node)
            if call.kind is ir.Kind.EXACT:
                node = exp.Cast(this=node, to=_BIGINT)
            return Value(node, one.nullable or other.nullable, min(one.low, other.low), max(one.high, other.high))
        args = [self.value(arg) for arg in call.args]
        nodes = [arg.node for arg in args]
        nullable = any(arg.nullable for arg in args)
        first = args[0]
        exact = call.kind is ir.Kind.EXACT
        match op:
            case ir.Op.ADD if exact:
                return self._within(add(*nodes), nullable, sum(a.low for a in args), sum(a.high for a in args))
            case ir.Op.SUBTRACT if exact:
                low = first.low - sum(arg.high for arg in args[1:])
                high = first.high - sum(arg.low for arg in args[1:])
                return self._within(subtract(*nodes), nullable, low, high)
            case ir.Op.ADD | ir.Op.SUBTRACT | ir.Op.MULTIPLY | ir.Op.DIVIDE:
                return Value(self._of_doubles(op, nodes))
            case ir.Op.TO_NUMBER:
                return Value(self._number(call.args[0]), nullable)
            case ir.Op.TO_EXACT:
                return Value(dialect.ticks(self._name("number", first.node)), nullable, -MAX_TICKS, MAX_TICKS)
            case ir.Op.MIN | ir.Op.MAX:
                return self._extreme(op, args, exact)
            case ir.Op.ABS:
                most = max(abs(first.low), abs(first.high))
                return Value(dialect.magnitude(first.node), nullable, 0, most)
            case ir.Op.SQRT:
                item = self._name("number", first.node)
                return Value(case([(compare(">=", item, integer(0)), dialect.sqrt(item))]))
            case ir.Op.ROUND:
                decimals = call.args[1].value if len(call.args) > 1 and isinstance(call.args[1], ir.Const) else 0
                assert isinstance(decimals, int)
                step = TICKS // 10 ** (decimals // TICKS)
                return self.rounded(first, "rounded", step)
            case ir.Op.FLOOR:
                return self.rounded(first, "rounded down", TICKS)
            case ir.Op.CEIL:
                return self.rounded(first, "rounded up", TICKS)
            case ir.Op.DOMAIN:
                return Value(dialect.domain(first.node))
            case ir.Op.LOCAL_PART:
                return Value(dialect.local_part(first.node))
            case ir.Op.LENGTH:
                length = multiply(exp.Cast(this=dialect.length(first.node), to=_BIGINT), integer(TICKS))
                return Value(length, nullable, 0, MANY_EVENTS * TICKS)
            case ir.Op.WORDS:
                count = dialect.word_count(first.node)
                node = multiply(exp.Cast(this=count, to=_BIGINT), integer(TICKS))
                return Value(node, nullable, 0, MANY_EVENTS * TICKS)
            case ir.Op.CAPITALISED:
                item = self._name("first", dialect.first_character(first.node))
                return Value(case([(is_known(item), dialect.capitalised(item))]))
            case ir.Op.REPEATS:
                times = call.args[1]
                assert isinstance(times, ir.Const) and isinstance(times.value, int)
                folded = self.folded(call.args[0])
                return Value(case([(is_known(folded), dialect.repeats(folded, times.value // TICKS))]))
            case _:
                raise AssertionError(op)

    def _within(self, node: Sql, nullable: bool, low: float, high: float) -> Value:
        if max(abs(low), abs(high)) > _INT64:
            raise CannotSay("a sum that may be larger than any whole number of 64 bits")
        return Value(node, nullable, low, high)

    def _of_doubles(self, op: ir.Op, nodes: Sequence[Sql]) -> Sql:
        """From left to right; what is not finite is missing."""
        dialect = self.dialect
        found = nodes[0]
        for node in nodes[1:]:
            match op:
                case ir.Op.ADD:
                    found = dialect.plus(found, node)
                case ir.Op.SUBTRACT:
                    found = dialect.minus(found, node)
                case ir.Op.MULTIPLY:
                    found = dialect.product(found, node)
                case _:
                    divisor = exp.Anonymous(this="NULLIF", expressions=[node, dialect.number(0.0)])
                    found = dialect.quotient(found, divisor)
        return dialect.finite(self._name("number", found))

    def _extreme(self, op: ir.Op, args: Sequence[Value], exact: bool) -> Value:
        """Missing if any is missing, which LEAST and GREATEST see differently from engine to engine."""
        pick = self.dialect.least if op is ir.Op.MIN else self.dialect.greatest
        choose = min if op is ir.Op.MIN else max
        low, high = choose(arg.low for arg in args), choose(arg.high for arg in args)
        unknown = [arg for arg in args if arg.nullable]
        if not unknown:
            found = pick(*[arg.node for arg in args])
            return Value(exp.Cast(this=found, to=_BIGINT) if exact else found, False, low, high)
        nodes = [self._name("item", arg.node) if arg.nullable else arg.node for arg in args]
        known = all_of([is_known(node) for node, arg in zip(nodes, args, strict=True) if arg.nullable])
        found = case([(known, pick(*nodes))])
        return Value(exp.Cast(this=found, to=_BIGINT) if exact else found, True, low, high)

    def rounded(self, value: Value, how: str, step: int) -> Value:
        """`values.rounded`, and half away from zero at a decimal."""
        low, high = value.low - step, value.high + step
        if step == 1:
            return value
        if how == "rounded":
            node = self.dialect.half_away(self._name("unrounded", value.node), step, value.low, value.high)
        elif how == "rounded down":
            node = self.dialect.floor_div(self._name("unrounded", value.node), step)
        else:
            item = self._name("unrounded", negative(value.node))
            node = negative(self.dialect.floor_div(item, step))
        return Value(multiply(node, integer(step)), value.nullable, low, high)

    def scaled(self, value: Value, numerator: int, denominator: int) -> Value:
        """`values.scale`"""
        ends = sorted((value.low * numerator, value.high * numerator))
        low, high = ends[0] / denominator - 1, ends[1] / denominator + 1
        most = max(abs(ends[0]), abs(ends[1]))
        if most > 10**37:
            raise CannotSay(f"an exact share of {numerator}/{denominator}: the numbers have more than 38 digits")
        dialect = self.dialect
        item: Sql
        if most > _INT64:
            item = multiply(dialect.wide(value.node), dialect.wide_number(numerator))
        else:
            item = value.node if numerator == 1 else multiply(value.node, integer(numerator))
        if denominator != 1:
            item = dialect.half_away(self._name("share", item), denominator, ends[0], ends[1])
        node = dialect.bounded(item, low, high)
        if most > _INT64 or most * 2 + denominator > _INT64:
            node = exp.Cast(this=node, to=_BIGINT)
        return Value(node, value.nullable, max(low, -MAX_TICKS), min(high, MAX_TICKS))

    def _weighted_mean(self, weights: Sequence[int], items: Sequence[Value]) -> Value:
        dialect = self.dialect
        nodes = [self._name("item", item.node) if item.nullable else item.node for item in items]
        low = sum(min(0, item.low) * weight for item, weight in zip(items, weights, strict=True))
        high = sum(max(0, item.high) * weight for item, weight in zip(items, weights, strict=True))
        hull = min(item.low for item in items), max(item.high for item in items)
        wide = max(abs(low), abs(high)) * 2 + sum(weights) > _INT64
        if max(abs(low), abs(high)) > 10**37:
            raise CannotSay("a weighted mean of numbers with more than 38 digits")

        def product(node: Sql, weight: int) -> Sql:
            if wide:
                return multiply(dialect.wide(node), dialect.wide_number(weight))
            return node if weight == 1 else multiply(node, integer(weight))

        if not any(item.nullable for item in items):
            total = add(*[product(node, weight) for node, weight in zip(nodes, weights, strict=True)])
            node = dialect.half_away(self._name("total", total), sum(weights), low, high)
            return Value(exp.Cast(this=node, to=_BIGINT) if wide else node, False, *hull)
        zero = dialect.wide_number(0) if wide else integer(0)
        total = add(*[coalesce(product(node, weight), zero) for node, weight in zip(nodes, weights, strict=True)])
        weighed = add(
            *[
                case([(is_known(node), integer(weight))], integer(0))
                for node, weight in zip(nodes, weights, strict=True)
            ]
        )
        node = self.divided(self._name("total", total), self._name("weights", weighed), wide)
        return Value(exp.Cast(this=node, to=_BIGINT), True, *hull)

    def divided(self, total: Sql, by: Sql, wide: bool) -> Sql:
        """`values.divide` by a column; missing where that is 0."""
        dialect = self.dialect
        two: Sql = integer(2)
        idiv = dialect.idiv
        if wide:
            by, two, idiv = dialect.wide(by), dialect.wide_number(2), dialect.wide_idiv
        above = idiv(add(multiply(total, two), by), multiply(by, two))
        below = negative(idiv(add(multiply(negative(total), two), by), multiply(by, two)))
        some = compare(">", by, integer(0))
        return case([(all_of([some, compare(">=", total, integer(0))]), above), (some, below)])

    def _aggregate(self, aggregate: ir.AggregateOf) -> Value:
        events, prop, dialect = aggregate.events, aggregate.prop, self.dialect
        match aggregate.word:
            case "sum":
                total = self.term(terms.Sum(events, self.shift, prop))
                node = exp.Cast(this=dialect.bounded(coalesce(total, dialect.wide_number(0)), -1e30, 1e30), to=_BIGINT)
                return Value(node, False, -MAX_TICKS, MAX_TICKS)
            case "average":
                total = self.term(terms.Sum(events, self.shift, prop))
                known = self.term(terms.Known(events, self.shift, prop))
                node = exp.Cast(this=self.divided(total, known, True), to=_BIGINT)
                return Value(node, True, -MAX_TICKS, MAX_TICKS)
            case "highest" | "lowest" as which:
                return Value(self.term(terms.Extreme(events, self.shift, prop, which)))
            case _:
                assert_never(aggregate.word)


_BIGINT = exp.DataType.build("BIGINT")


def within(events: ir.Events, window: int) -> ir.Events:
    """Those of a selection that are less than a time old."""
    return replace(events, window=window if events.window is None else min(window, events.window))


def unread(what: str) -> Callable[..., Sql]:
    """For a scope in which something cannot stand."""

    def refuse(*args: object) -> Sql:
        raise AssertionError(f"{what} is not read here")

    return refuse
