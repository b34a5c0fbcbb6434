"""The smallest and the largest that everything can be (interval arithmetic), and which answers a condition can have.

An outer bound: what is outside is impossible; what is inside may be impossible too, because two parts of a sum are
bounded as if they had nothing to do with each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias, assert_never

from ...dsl import ir, values
from ...dsl.values import MAX_TICKS, TICKS
from ..engines.terms import walk
from .claims import conjuncts

YES, NO, UNKNOWN = 1, 2, 4
ANYTHING = YES | NO | UNKNOWN
Truths: TypeAlias = int
"""Which answers are possible: a sum of YES, NO and UNKNOWN."""


@dataclass(frozen=True)
class Span:
    """A number from `low` to `high`, and whether it may be missing. Empty (low > high) where it can only be missing."""

    low: float
    high: float
    missing: bool = False


NEVER_KNOWN = Span(1, 0, True)


@dataclass
class Outlook:
    """What is known of a lead so far: for facts the answers or numbers that they can have, for conditions that have
    been settled their answers, for scores the sum of their rules."""

    program: ir.Program
    facts: Mapping[str, Truths | Span]
    settled: Mapping[ir.Expr, Truths] = field(default_factory=dict)
    sums: Mapping[str, Span] = field(default_factory=dict)
    """of the rules of a score that were added up elsewhere, with its start"""
    late: Mapping[str, Sequence[ir.Rule | ir.Group]] = field(default_factory=dict)
    """the rules of such a score that were not"""
    _scores: dict[str, Span] = field(default_factory=dict)
    _bands: dict[str, frozenset[str]] = field(default_factory=dict)
    _decisions: dict[str, frozenset[str]] = field(default_factory=dict)

    # -- scores

    def score(self, name: str) -> Span:
        if name not in self._scores:
            found = next(one for one in self.program.scores if one.name == name)
            self._scores[name] = self._score(found)
        return self._scores[name]

    def _score(self, score: ir.Score) -> Span:
        if score.body is not None:
            body = self.number(score.body)
            if body.low > body.high:
                return NEVER_KNOWN
            low, high, missing = body.low, body.high, body.missing
        else:
            missing = False
            start = self.sums.get(score.name)
            items = score.items if start is None else self.late.get(score.name, ())
            parts = [self.item(item)[0] for item in items]
            low = (score.start if start is None else start.low) + sum(part.low for part in parts)
            high = (score.start if start is None else start.high) + sum(part.high for part in parts)
        if score.silence is not None and high > 0:
            low = min(low, 0)
        sure = [bound.ticks for bound in score.floors if self.truths(bound.condition) == YES]
        maybe = [bound.ticks for bound in score.floors if self.truths(bound.condition) & YES]
        low, high = max([low, *sure]), max([high, *maybe])
        sure = [bound.ticks for bound in score.caps if self.truths(bound.condition) == YES]
        maybe = [bound.ticks for bound in score.caps if self.truths(bound.condition) & YES]
        low, high = min([low, *maybe]), min([high, *sure])
        if score.rounding is not None:
            low, high = (values.rounded(_whole(end), score.rounding) for end in (low, high))
        least = -MAX_TICKS if score.low is None else score.low
        most = MAX_TICKS if score.high is None else score.high
        return Span(min(max(low, least), most), max(min(high, most), least), missing)

    def item(self, item: ir.Rule | ir.Group) -> tuple[Span, Truths]:
        """What a rule or group can come to, and whether it can hold."""
        match item:
            case ir.Rule():
                return self._rule(item)
            case ir.Group():
                return self._group(item)
            case _:
                assert_never(item)

    def _rule(self, rule: ir.Rule) -> tuple[Span, Truths]:
        match rule.trigger:
            case ir.When() as when:
                held = self.holds(when)
            case ir.Otherwise():
                held = YES
            case ir.Per(amount=amount, item=item):
                held = YES | NO
                times = self.number(item)
                most = 0 if times.low > times.high else max(0, _whole(times.high) // amount)
                least = 0 if times.missing or times.low > times.high else max(0, _whole(times.low) // amount)
                points = self._points(rule)
                ends = [_times(end, count) for end in (points.low, points.high) for count in (least, most)]
                if points.missing or points.low > points.high:
                    ends.append(0)
                return self._limited(rule, Span(min(ends, default=0), max(ends, default=0))), held
            case ir.Each():
                raise AssertionError("the abstraction has made a number of every rule that happens many times")
            case _:
                assert_never(rule.trigger)
        if held == NO:
            return Span(0, 0), NO
        points = self._points(rule)
        if not isinstance(rule.points, int):
            held = held | NO if points.low <= 0 <= points.high or points.missing else held
            if points.low == points.high == 0 or points.low > points.high:
                return Span(0, 0), NO
        limited = self._limited(rule, points)
        if held & NO or points.missing:
            limited = Span(min(0, limited.low), max(0, limited.high))
        return limited, held

    def _points(self, rule: ir.Rule) -> Span:
        return Span(rule.points, rule.points) if isinstance(rule.points, int) else self.number(rule.points)

    def _limited(self, rule: ir.Rule, span: Span) -> Span:
        most = MAX_TICKS if rule.max_points is None else min(MAX_TICKS, rule.max_points)
        return Span(max(-most, min(most, span.low)), max(-most, min(most, span.high)), span.missing)

    def _group(self, group: ir.Group) -> tuple[Span, Truths]:
        members = [self.item(item) for item in group.items]
        held = _any([truths for _, truths in members])
        held = (held & YES) | (NO if held & (NO | UNKNOWN) else 0)
        match group.kind:
            case "sum":
                low, high = sum(span.low for span, _ in members), sum(span.high for span, _ in members)
            case "first":
                low, high = _first(members)
            case "best":
                low, high = _best(members)
            case _:
                assert_never(group.kind)
        if group.most is not None:
            low, high = min(low, group.most), min(high, group.most)
        if group.least is not None:
            low, high = max(low, group.least), max(high, group.least)
        if group.counting is not None:
            share = group.counting
            low, high = (values.scale(_whole(end), share.numerator, share.denominator) for end in (low, high))
        return Span(min(low, high), max(low, high)), held

    # -- bands, gates, decisions

    def band(self, name: str) -> frozenset[str]:
        if name not in self._bands:
            band = next(one for one in self.program.bands if one.name == name)
            self._bands[name] = self._band(band)
        return self._bands[name]

    def _band(self, band: ir.Band) -> frozenset[str]:
        score = self.score(band.score)
        found: set[str] = set()
        if score.low > score.high:
            return frozenset({band.otherwise})
        for row in band.rows:
            truths = _compare(">=", score, self.number(row.limit))
            if truths & YES:
                found.add(row.label)
                # What is left for the rows below lies under this limit, where the limit is one number.
                limit = self.number(row.limit)
                if truths == YES:
                    return frozenset(found)
                if limit.low == limit.high and not limit.missing:
                    score = Span(score.low, min(score.high, limit.high - 1), score.missing)
        return frozenset({*found, band.otherwise})

    def decision(self, name: str) -> frozenset[str]:
        if name not in self._decisions:
            decision = next(one for one in self.program.decisions if one.name == name)
            self._decisions[name] = self._decision(decision)
        return self._decisions[name]

    def _decision(self, decision: ir.Decision) -> frozenset[str]:
        found: set[str] = set()
        for row in decision.rows:
            certain = False
            match row:
                case ir.Choice(outcome=outcome, trigger=trigger):
                    held = YES if trigger is None else self.holds(trigger)
                    if held & YES:
                        barred = self.barred(outcome)
                        if barred & NO:
                            found.add(outcome)
                        certain = held == YES and barred == NO
                case ir.Grid():
                    lines, columns = self.band(row.by_rows), self.band(row.by_columns)
                    cells = {
                        row.cells[i][j]
                        for i, line in enumerate(row.row_labels)
                        for j, column in enumerate(row.column_labels)
                        if line in lines and column in columns
                    }
                    barred_cells = {cell: self.barred(cell) for cell in cells}
                    found |= {cell for cell, barred in barred_cells.items() if barred & NO}
                    certain = all(barred == NO for barred in barred_cells.values())
                case _:
                    assert_never(row)
            if certain:
                break
        return frozenset(found)

    def barred(self, outcome: str) -> Truths:
        """Whether some gate bars an outcome (YES or NO)."""
        held = [self.holds(ban.trigger) for gate in self.program.gates for ban in gate.bans if outcome in ban.outcomes]
        return _any(held)

    def holds(self, when: ir.When) -> Truths:
        """Whether a trigger holds (YES or NO)."""
        truths = self.truths(when.condition)
        if when.unless:
            return (NO if truths & YES else 0) | (YES if truths & (NO | UNKNOWN) else 0)
        return (truths & YES) | (NO if truths & (NO | UNKNOWN) else 0)

    # -- conditions

    def truths(self, expr: ir.Expr) -> Truths:
        if (settled := self.settled.get(expr)) is not None:
            return settled
        match expr:
            case ir.Const(value=value):
                return YES if value is True else NO if value is False else UNKNOWN
            case ir.FieldOf(name=name):
                found = self.facts.get(name, ANYTHING)
                return found if isinstance(found, int) else ANYTHING
            case ir.And(items=items):
                return _opposite(_any([_opposite(self.truths(item)) for item in items]))
            case ir.Or(items=items):
                return _any([self.truths(item) for item in items])
            case ir.Not(item=item):
                return _opposite(self.truths(item))
            case ir.IsMissing(item=item):
                return self._missing(item)
            case ir.Compare(sign=sign, left=left, right=right):
                return self._compared(sign, left, right)
            case ir.InSet(item=item, values=members):
                return self._in(item, members)
            case ir.Call(op=ir.Op.IF, args=(condition, then, otherwise)):
                asked = self.truths(condition)
                found = self.truths(then) if asked & YES else 0
                return found | (self.truths(otherwise) if asked & (NO | UNKNOWN) else 0)
            case _:
                return ANYTHING

    def _missing(self, item: ir.Expr) -> Truths:
        if item.kind is ir.Kind.FLAG:
            truths = self.truths(item)
            return (YES if truths & UNKNOWN else 0) | (NO if truths & (YES | NO) else 0)
        if item.kind in (ir.Kind.EXACT, ir.Kind.NUMBER):
            number = self.number(item)
            return (YES if number.missing else 0) | (NO if number.low <= number.high else 0)
        return NO if item.kind is ir.Kind.LABEL else YES | NO

    def _compared(self, sign: ir.Sign, left: ir.Expr, right: ir.Expr) -> Truths:
        if left.kind is ir.Kind.LABEL:
            one, other = self.labels(left), self.labels(right)
            equal = (YES if one & other else 0) | (NO if len(one | other) > 1 else 0)
            return equal if sign == "==" else _opposite(equal)
        if left.kind in _NUMBERS and right.kind in _NUMBERS:
            if left.kind is right.kind is ir.Kind.EXACT:
                return _compare(sign, self.number(left), self.number(right))
            mine, theirs = _in_points(self.number(left), left.kind), _in_points(self.number(right), right.kind)
            return _compare(sign, mine, theirs)
        return ANYTHING

    def _in(self, item: ir.Expr, members: Iterable[str | float]) -> Truths:
        if item.kind is ir.Kind.LABEL:
            labels, wanted = self.labels(item), frozenset(members)
            return (YES if labels & wanted else 0) | (NO if labels - wanted else 0)
        if item.kind in _NUMBERS:
            number = _in_points(self.number(item), item.kind)
            inside = any(number.low <= float(member) <= number.high for member in members)
            alone = number.low == number.high
            return (
                (YES if inside else 0)
                | (0 if (alone and inside) or number.low > number.high else NO)
                | (UNKNOWN if number.missing else 0)
            )
        return ANYTHING

    def labels(self, expr: ir.Expr) -> frozenset[str]:
        match expr:
            case ir.BandOf(name=name):
                return self.band(name)
            case ir.DecisionOf(name=name):
                return self.decision(name)
            case ir.Const(value=str(value)):
                return frozenset({value})
            case ir.Call(op=ir.Op.IF, args=(_, then, otherwise)):
                return self.labels(then) | self.labels(otherwise)
            case _:
                raise AssertionError(f"{type(expr).__name__} has no labels")

    # -- numbers

    def number(self, expr: ir.Expr) -> Span:
        match expr:
            case ir.Const(value=value):
                return NEVER_KNOWN if not isinstance(value, int | float) else Span(value, value)
            case ir.FieldOf(name=name):
                found = self.facts.get(name)
                return found if isinstance(found, Span) else _ANY_NUMBER
            case ir.ScoreOf(name=name, ago=0):
                return self.score(name)
            case ir.Scaled(item=item, factor=factor):
                one = self.number(item)
                if one.low > one.high:
                    return one
                ends = [values.scale(_whole(end), factor.numerator, factor.denominator) for end in (one.low, one.high)]
                return Span(min(ends), max(ends), one.missing)
            case ir.WeightedMean(items=items):
                spans = [self.number(item) for item in items]
                known = [span for span in spans if span.low <= span.high]
                if not known:
                    return NEVER_KNOWN
                missing = all(span.missing for span in spans)
                if not any(span.missing for span in spans):
                    ends = [
                        values.divide(
                            sum(w * _whole(end(s)) for w, s in zip(expr.weights, spans, strict=True)),
                            sum(expr.weights),
                        )
                        for end in (_low, _high)
                    ]
                    return Span(ends[0], ends[1], missing)
                return Span(min(span.low for span in known), max(span.high for span in known), missing)
            case ir.Call():
                return self._call(expr)
            case _:
                return _ANY_NUMBER

    def _call(self, call: ir.Call) -> Span:
        if call.op is ir.Op.IF:
            asked = self.truths(call.args[0])
            branches = [self.number(call.args[1])] if asked & YES else []
            branches += [self.number(call.args[2])] if asked & (NO | UNKNOWN) else []
            return _hull(branches)
        if any(arg.kind not in _NUMBERS for arg in call.args):
            return _ANY_NUMBER
        args = [self.number(arg) for arg in call.args]
        if any(arg.low > arg.high for arg in args):
            return NEVER_KNOWN
        missing = any(arg.missing for arg in args)
        lows, highs = [arg.low for arg in args], [arg.high for arg in args]
        match call.op:
            case ir.Op.ADD:
                return Span(sum(lows), sum(highs), missing)
            case ir.Op.SUBTRACT:
                return Span(lows[0] - sum(highs[1:]), highs[0] - sum(lows[1:]), missing)
            case ir.Op.MIN:
                return Span(min(lows), min(highs), missing)
            case ir.Op.MAX:
                return Span(max(lows), max(highs), missing)
            case ir.Op.ABS:
                low = 0 if lows[0] <= 0 <= highs[0] else min(abs(lows[0]), abs(highs[0]))
                return Span(low, max(abs(lows[0]), abs(highs[0])), missing)
            case ir.Op.TO_NUMBER:
                return Span(lows[0] / TICKS, highs[0] / TICKS, missing)
            case ir.Op.TO_EXACT:
                return Span(_ticks(lows[0]), _ticks(highs[0]), missing)
            case ir.Op.FLOOR | ir.Op.CEIL | ir.Op.ROUND:
                return Span(lows[0] - TICKS, highs[0] + TICKS, missing)
            case ir.Op.MULTIPLY if len(args) == 2:
                ends = [_times(a, b) for a in (lows[0], highs[0]) for b in (lows[1], highs[1])]
                return Span(min(ends), max(ends), True)
            case _:
                return _ANY_NUMBER


_NUMBERS = (ir.Kind.EXACT, ir.Kind.NUMBER)
_ANY_NUMBER = Span(float("-inf"), float("inf"), True)


def _low(span: Span) -> float:
    return span.low


def _high(span: Span) -> float:
    return span.high


def _whole(end: float) -> int:
    return MAX_TICKS if end >= MAX_TICKS else -MAX_TICKS if end <= -MAX_TICKS else int(end)


def _ticks(end: float) -> int:
    if end in (float("inf"), float("-inf")):
        return MAX_TICKS if end > 0 else -MAX_TICKS
    found = values.ticks_of(end)
    assert found is not None
    return found


def _times(a: float, b: float) -> float:
    return 0.0 if a == 0 or b == 0 else a * b


def _in_points(span: Span, kind: ir.Kind) -> Span:
    """A span in points, as doubles: how numbers of two kinds are compared."""
    if kind is ir.Kind.NUMBER or span.low > span.high:
        return span
    return Span(span.low / 10000.0, span.high / 10000.0, span.missing)


def _hull(spans: Sequence[Span]) -> Span:
    known = [span for span in spans if span.low <= span.high]
    missing = any(span.missing for span in spans)
    if not known:
        return NEVER_KNOWN
    return Span(min(span.low for span in known), max(span.high for span in known), missing)


def _any(truths: Sequence[Truths]) -> Truths:
    """Kleene's `or` over sets of answers."""
    answer = 0
    if any(one & YES for one in truths):
        answer |= YES
    if not any(one == YES for one in truths):
        if all(one & NO for one in truths):
            answer |= NO
        if any(one & UNKNOWN for one in truths) and all(one & (NO | UNKNOWN) for one in truths):
            answer |= UNKNOWN
    return answer


def _opposite(truths: Truths) -> Truths:
    return (YES if truths & NO else 0) | (NO if truths & YES else 0) | (truths & UNKNOWN)


def _compare(sign: ir.Sign, left: Span, right: Span) -> Truths:
    answer = UNKNOWN if left.missing or right.missing else 0
    if left.low > left.high or right.low > right.high:
        return UNKNOWN
    match sign:
        case "<":
            yes, no = left.low < right.high, left.high >= right.low
        case "<=":
            yes, no = left.low <= right.high, left.high > right.low
        case ">":
            yes, no = left.high > right.low, left.low <= right.high
        case ">=":
            yes, no = left.high >= right.low, left.low < right.high
        case "==" | "!=":
            meet = left.low <= right.high and right.low <= left.high
            apart = not (left.low == left.high == right.low == right.high)
            yes, no = (meet, apart) if sign == "==" else (apart, meet)
        case _:
            assert_never(sign)
    return answer | (YES if yes else 0) | (NO if no else 0)


def _first(members: Sequence[tuple[Span, Truths]]) -> tuple[float, float]:
    """Of the first member that holds."""
    spans: list[Span] = []
    for span, held in members:
        if held & YES:
            spans.append(span)
        if held == YES:
            break
    else:
        spans.append(Span(0, 0))
    return min(span.low for span in spans), max(span.high for span in spans)


def _best(members: Sequence[tuple[Span, Truths]]) -> tuple[float, float]:
    """The largest of those that hold."""
    able = [span for span, held in members if held & YES]
    sure = [span.low for span, held in members if held == YES]
    nothing = [] if sure else [Span(0, 0)]
    low = max(sure) if sure else min(span.low for span in (*able, *nothing))
    return low, max(span.high for span in (*able, *nothing))


# ------------------------------------------------------------------ what a claim takes for granted

MOST_CASES = 64


def assumptions(claim: ir.Expr) -> list[dict[ir.Expr, Truths]]:
    """What is settled if a claim is true, case by case (its `or`s taken apart, as long as they are few)."""
    cases: list[dict[ir.Expr, Truths]] = [{}]
    for part in conjuncts(claim):
        alternatives = _alternatives(part)
        if len(cases) * len(alternatives) > MOST_CASES:
            alternatives = [{part: YES}]
        cases = [{**case, **alternative} for case in cases for alternative in alternatives]
    return cases


def _alternatives(part: ir.Expr) -> list[dict[ir.Expr, Truths]]:
    """The ways in which one part is true. A part about results is no assumption: it is what has to be shown."""
    about_results = any(isinstance(node, ir.ScoreOf | ir.BandOf | ir.DecisionOf) for node in walk(part))
    if about_results and not isinstance(part, ir.Or):
        return [{}]
    match part:
        case ir.Or(items=items):
            return [alternative for item in items for alternative in assumptions(item)] or [{part: NO}]
        case ir.Not(item=ir.And(items=(one, ir.Not(item=ir.IsMissing(item=other))))) if one == other:
            return [{part: YES, one: NO | UNKNOWN}]
        case ir.Not(item=item):
            return [{part: YES, item: NO}]
        case _:
            return [{part: YES}]
