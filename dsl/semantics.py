"""What a policy means: (program, lead, events, instant) -> result, as slowly and plainly as possible.

This is the reference that every engine is compared with, to the last digit. One small function for each construct;
nothing is optimised, nothing here is used by an engine. Rounding, decay, folding and the calendar are in `values.py`.

Everything is read at an instant T, the `at` of a `World`. Nothing reads a clock, and the order of the events given
does not matter. A missing value is None: a comparison with it is unknown (None again), and an unknown condition never
makes a rule fire.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from math import isfinite, sqrt
from typing import Any, Literal, TypeAlias, assert_never
from zoneinfo import ZoneInfo

from . import ir, values
from .result import AccountEvaluation, Evaluation, Line
from .values import TICKS

Lead: TypeAlias = Mapping[str, ir.Value]


def evaluate(program: ir.Program, lead: Lead, events: Sequence[ir.Happening], at: int) -> Evaluation:
    """The result for one lead at the instant `at`, with the lines of every score."""
    world = world_of(program, lead, events, at)
    found = {name: scored(world, name) for name in program.declared_scores}
    known = sum(lead.get(name) is not None for name in program.reads)
    return Evaluation(
        scores={name: one.ticks for name, one in found.items()},
        bands={band.name: _band(world, band.name) for band in program.bands},
        decisions={name: _decision(world, name) for name in program.declared_decisions},
        gates={gate.name: barred_by(world, gate) for gate in program.gates},
        completeness=values.divide(TICKS * known, len(program.reads)) if program.reads else TICKS,
        lines=tuple(line for one in found.values() for line in one.lines),
    )


def evaluate_accounts(
    program: ir.Program, leads: Iterable[tuple[Lead, Sequence[ir.Happening]]], at: int
) -> tuple[AccountEvaluation, ...]:
    """The result for every account, sorted by key. A lead without a key, or one for which the account's `where` is
    not true, counts in no account."""
    account = program.account
    if account is None:
        return ()
    members: defaultdict[str, list[World]] = defaultdict(list)
    for lead, events in leads:
        world = world_of(program, lead, events, at)
        key = value_of(account.key, world)
        if key is not None and (account.where is None or value_of(account.where, world) is True):
            members[values.folded(key)].append(world)
    return tuple(_evaluate_account(program, account, key, tuple(members[key]), at) for key in sorted(members))


def _evaluate_account(
    program: ir.Program, account: ir.Account, key: str, leads: tuple[World, ...], at: int
) -> AccountEvaluation:
    world = World(
        zone=ZoneInfo(program.timezone),
        scores=account.scores,
        bands=account.bands,
        gates=account.gates,
        decisions=account.decisions,
        lead={},
        events=(),
        leads=leads,
        at=at,
    )
    return AccountEvaluation(
        key=key,
        leads=len(leads),
        scores={score.name: scored(world, score.name).ticks for score in account.scores},
        bands={band.name: _band(world, band.name) for band in account.bands},
        decisions={decision.name: _decision(world, decision.name)[0] for decision in account.decisions},
        gates={gate.name: barred_by(world, gate) for gate in account.gates},
    )


# ------------------------------------------------------------------ what can be seen


@dataclass(frozen=True)
class World:
    """What an expression can see: the facts of one lead (or the leads of one account), and the names that are
    computed from them, at the instant `at`. Inside a `where` of events, `happening` is the event looked at."""

    zone: tzinfo
    scores: tuple[ir.Score, ...]
    bands: tuple[ir.Band, ...]
    gates: tuple[ir.Gate, ...]
    decisions: tuple[ir.Decision, ...]
    lead: Lead
    events: tuple[ir.Happening, ...]
    leads: tuple[World, ...]
    at: int
    happening: ir.Happening | None = None
    # What was computed already, by name and instant. A score that is read by many is worth the same to all of them;
    # only the time to compute it would grow.
    seen: dict[tuple[str, str, int], Any] = field(default_factory=dict, compare=False, repr=False)

    def earlier(self, micros: int) -> World:
        """The same facts as they were read at an earlier instant (attributes as of now)."""
        return replace(self, at=self.at - micros, leads=tuple(lead.earlier(micros) for lead in self.leads))

    def once(self, what: str, name: str, compute: Callable[[], Any]) -> Any:
        key = (what, name, self.at)
        if key not in self.seen:
            self.seen[key] = compute()
        return self.seen[key]


def world_of(program: ir.Program, lead: Lead, events: Sequence[ir.Happening], at: int) -> World:
    """All that a policy's expressions can see of one lead."""
    return World(
        zone=ZoneInfo(program.timezone),
        scores=program.scores,
        bands=program.bands,
        gates=program.gates,
        decisions=program.decisions,
        lead=lead,
        events=tuple(events),
        leads=(),
        at=at,
    )


def _named(items: Iterable[Any], name: str) -> Any:
    return next(item for item in items if item.name == name)


# ------------------------------------------------------------------ scores


@dataclass(frozen=True)
class Scored:
    """A score's value (None: missing) and the lines that add up to it."""

    ticks: int | None
    lines: tuple[Line, ...]


def scored(world: World, name: str) -> Scored:
    """A score's value and lines at the world's instant."""
    found: Scored = world.once("score", name, lambda: _score(world, _named(world.scores, name)))
    return found


def _score(world: World, score: ir.Score) -> Scored:
    """start + items (or the expression), then silence, floors, caps, rounding and range, in this order."""
    total = Running(score.name)
    if score.body is not None:
        value = value_of(score.body, world)
        if value is None:
            return Scored(None, ())
        total.lines.append(Line(score.name, score.name, "body", value))
        total.ticks = value
    else:
        total.change(f"{score.name}.start", "start", score.start)
        for item in score.items:
            one = counted(world, score.name, item)
            total.ticks += one.ticks
            total.lines.extend(one.lines)
    if score.silence is not None:
        total.change(f"{score.name}.silence", "silence", _after_silence(world, score.silence, total.ticks))
    floors = [floor.ticks for floor in score.floors if value_of(floor.condition, world) is True]
    total.change(f"{score.name}.floor", "floor", max([total.ticks, *floors]))
    caps = [cap.ticks for cap in score.caps if value_of(cap.condition, world) is True]
    total.change(f"{score.name}.cap", "cap", min([total.ticks, *caps]))
    if score.rounding is not None:
        total.change(f"{score.name}.rounding", "rounding", values.rounded(total.ticks, score.rounding))
    total.change(f"{score.name}.range", "range", _within(total.ticks, score.low, score.high))
    return Scored(total.ticks, tuple(total.lines))


@dataclass
class Running:
    """A value on its way through the steps that may change it, with a line for each that did."""

    score: str
    ticks: int = 0
    lines: list[Line] = field(default_factory=list)

    def change(self, rule: str, step: str, after: int) -> None:
        if after != self.ticks:
            before = None if step == "start" else self.ticks
            self.lines.append(Line(self.score, rule, step, after - self.ticks, before))
            self.ticks = after


def _within(ticks: int, low: int | None, high: int | None) -> int:
    """Cut to the range; where a score has none, to what any score can be."""
    ticks = max(ticks, -values.MAX_TICKS if low is None else low)
    return min(ticks, values.MAX_TICKS if high is None else high)


def _after_silence(world: World, silence: ir.Silence, ticks: int) -> int:
    newest = max((event.at for event in _selected(world, silence.events)), default=None)
    if newest is None or ticks <= 0:
        return ticks
    return _decayed(ticks, silence.curve, world.at - newest)


def _decayed(ticks: int, curve: ir.Curve, micros: int) -> int:
    """What is left of some points after a time, counted in whole units."""
    age = micros // curve.unit
    return values.decayed(ticks, curve.shape, curve.percent, curve.span, max(0, age - curve.after))


# ------------------------------------------------------------------ rules and groups


@dataclass(frozen=True)
class Counted:
    """What a rule or a group comes to. In a `first of` or `best of` only members that hold are looked at."""

    ticks: int
    holds: bool
    lines: tuple[Line, ...]


NOTHING = Counted(0, False, ())


def counted(world: World, score: str, item: ir.Rule | ir.Group) -> Counted:
    """What one rule or group of a score comes to, by itself."""
    match item:
        case ir.Rule():
            return _rule(world, score, item)
        case ir.Group():
            return _group(world, score, item)
        case _:
            assert_never(item)


def _rule(world: World, score: str, rule: ir.Rule) -> Counted:
    if not _in_force(rule, world.at):
        return NOTHING
    match rule.trigger:
        case ir.When() as when:
            ticks = _points(rule, world) if _holds(when, world) else None
        case ir.Otherwise():
            ticks = _points(rule, world)
        case ir.Each() as each:
            ticks = sum(_left_of(one, each.curve, world.at) for one in _kept(world, rule, each))
        case ir.Per(amount=amount, item=item):
            times = _whole_times(value_of(item, world), amount)
            points = _points(rule, world)
            ticks = None if points is None else points * times
        case _:
            assert_never(rule.trigger)
    if ticks is None:
        return NOTHING
    ticks = values.bounded(ticks)
    limited = ticks if rule.max_points is None else max(-rule.max_points, min(rule.max_points, ticks))
    if limited == 0:
        # Only a rule with written points that happens once can hold and be worth nothing.
        return Counted(0, isinstance(rule.points, int) and isinstance(rule.trigger, ir.When | ir.Otherwise), ())
    before = ticks if limited != ticks else None
    return Counted(limited, True, (Line(score, rule.full_name, "rule", limited, before),))


def _in_force(rule: ir.Rule, at: int) -> bool:
    return (rule.starts is None or rule.starts <= at) and (rule.ends is None or at < rule.ends)


def _points(rule: ir.Rule, world: World) -> int | None:
    """A rule's points as written, or as computed (from the event looked at, too)."""
    points: int | None = rule.points if isinstance(rule.points, int) else value_of(rule.points, world)
    return points


def _holds(when: ir.When, world: World) -> bool:
    """`when C` needs a true C; `unless C` needs one that is not true."""
    truth = value_of(when.condition, world)
    return truth is not True if when.unless else truth is True


def _whole_times(ticks: int | None, amount: int) -> int:
    return 0 if ticks is None or ticks < 0 else ticks // amount


# -- `for each`


@dataclass(frozen=True, order=True)
class Earning:
    """An event that may earn points. The newer is the greater; of two at one instant, the one with more points."""

    at: int
    points: int


def _kept(world: World, rule: ir.Rule, each: ir.Each) -> list[Earning]:
    """The events that earn points: filter, `once ...`, then `at most N times`.

    `once per PROPERTY` comes before the other limits: they look at instants and points only, so that it makes no
    difference which of several events at one instant they keep, nor in which order the events were given.
    """
    events = _selected(world, each.events)
    if each.once_per_property is None:
        kept = _earning(world, rule, events)
    else:
        groups = _by_value(events, each.once_per_property)
        kept = [one for group in groups for one in _newest(_earning(world, rule, group), 1)]
    if each.once_ever:
        kept = _newest(kept, 1)
    if each.once_per_period is not None:
        kept = _newest_per_period(world, kept, 1, each.once_per_period)
    if each.at_most is None:
        return kept
    if each.at_most_per is None:
        return _newest(kept, each.at_most)
    return _newest_per_period(world, kept, each.at_most, each.at_most_per)


def _earning(world: World, rule: ir.Rule, events: Iterable[ir.Happening]) -> list[Earning]:
    """Events with their points; one whose points are missing drops out."""
    points = [(event.at, _points(rule, replace(world, happening=event))) for event in events]
    return [Earning(at, ticks) for at, ticks in points if ticks is not None]


def _left_of(earning: Earning, curve: ir.Curve | None, now: int) -> int:
    return earning.points if curve is None else _decayed(earning.points, curve, now - earning.at)


def _by_value(events: Iterable[ir.Happening], prop: str) -> list[list[ir.Happening]]:
    """The events with each known value of a property."""
    groups: defaultdict[Hashable, list[ir.Happening]] = defaultdict(list)
    for event in events:
        value = _property(event, prop)
        if value is not None:
            groups[_comparable(value)].append(event)
    return list(groups.values())


def _newest_per_period(world: World, earnings: Iterable[Earning], how_many: int, period: str) -> list[Earning]:
    groups: defaultdict[int, list[Earning]] = defaultdict(list)
    for one in earnings:
        groups[values.period_of(one.at, period, world.zone)].append(one)
    return [one for group in groups.values() for one in _newest(group, how_many)]


def _newest(earnings: Iterable[Earning], how_many: int) -> list[Earning]:
    return sorted(earnings, reverse=True)[:how_many]


# -- groups


def _group(world: World, score: str, group: ir.Group) -> Counted:
    """The members that count, added; then `at most`, `at least`, `counting`, in this order. A group holds if one of
    its members does."""
    members = [counted(world, score, item) for item in group.items]
    holding = [member for member in members if member.holds]
    match group.kind:
        case "sum":
            counting = members
        case "first":
            counting = holding[:1]
        case "best":
            counting = [max(holding, key=lambda member: member.ticks)] if holding else []
        case _:
            assert_never(group.kind)
    total = Running(score, sum(member.ticks for member in counting))
    total.lines.extend(line for member in counting for line in member.lines)
    if group.most is not None:
        total.change(group.full_name, "most", min(total.ticks, group.most))
    if group.least is not None:
        total.change(group.full_name, "least", max(total.ticks, group.least))
    if group.counting is not None:
        share = group.counting
        total.change(group.full_name, "counting", values.scale(total.ticks, share.numerator, share.denominator))
    return Counted(total.ticks, bool(holding), tuple(total.lines))


# ------------------------------------------------------------------ bands, gates, decisions


def _band(world: World, name: str) -> str:
    label: str = world.once("band", name, lambda: _row_of(world, _named(world.bands, name)))
    return label


def _row_of(world: World, band: ir.Band) -> str:
    """The first row whose limit is known and reached; a missing score is in the last row."""
    ticks = scored(world, band.score).ticks
    for row in band.rows:
        limit = value_of(row.limit, world)
        if ticks is not None and limit is not None and ticks >= limit:
            return row.label
    return band.otherwise


def barred_by(world: World, gate: ir.Gate) -> tuple[str, ...]:
    """The outcomes that a gate bars, each once."""
    barred = [outcome for ban in gate.bans if _holds(ban.trigger, world) for outcome in ban.outcomes]
    return tuple(dict.fromkeys(barred))


Chosen: TypeAlias = tuple[str, int, tuple[tuple[int, tuple[str, ...]], ...]]


def _decision(world: World, name: str) -> Chosen:
    chosen: Chosen = world.once("decision", name, lambda: _choice(world, _named(world.decisions, name)))
    return chosen


def _choice(world: World, decision: ir.Decision) -> Chosen:
    """The first row that matches and whose outcome no gate bars, with the rows that were barred before it."""
    passed_over: list[tuple[int, tuple[str, ...]]] = []
    for row in decision.rows:
        outcome = _outcome_of(world, row)
        if outcome is None:
            continue
        barring = tuple(gate.name for gate in world.gates if outcome in barred_by(world, gate))
        if not barring:
            return outcome, row.row, tuple(passed_over)
        passed_over.append((row.row, barring))
    raise AssertionError(f"decision {decision.name}: the checker lets no gate bar the last row")


def _outcome_of(world: World, row: ir.Choice | ir.Grid) -> str | None:
    """The outcome of a row that matches; None of one that does not. A grid always matches."""
    match row:
        case ir.Choice(outcome=outcome, trigger=trigger):
            return outcome if trigger is None or _holds(trigger, world) else None
        case ir.Grid():
            line = row.row_labels.index(_band(world, row.by_rows))
            column = row.column_labels.index(_band(world, row.by_columns))
            return row.cells[line][column]
        case _:
            assert_never(row)


# ------------------------------------------------------------------ expressions


def value_of(expr: ir.Expr, world: World) -> Any:
    """The value of an expression, None where it is missing or unknown."""
    match expr:
        case ir.Const(value=value):
            return value
        case ir.FieldOf(name=name):
            return world.lead.get(name)
        case ir.PropertyOf(name=name):
            assert world.happening is not None, "a property is read only in a `where` of events"
            return _property(world.happening, name)
        case ir.ScoreOf(name=name, ago=ago):
            return scored(world.earlier(ago) if ago else world, name).ticks
        case ir.BandOf(name=name):
            return _band(world, name)
        case ir.DecisionOf(name=name):
            return _decision(world, name)[0]
        case ir.And(items=items):
            return _all([value_of(item, world) for item in items])
        case ir.Or(items=items):
            return _any([value_of(item, world) for item in items])
        case ir.Not(item=item):
            return _not(value_of(item, world))
        case ir.Compare(sign=sign, left=left, right=right):
            return _compare(sign, left.kind, value_of(left, world), right.kind, value_of(right, world))
        case ir.IsMissing(item=item):
            return value_of(item, world) is None
        case ir.InSet(item=item, values=members):
            return _is_in(item.kind, value_of(item, world), members)
        case ir.TextTest(op=op, item=item, needles=needles, every=every):
            return _text_test(op, value_of(item, world), needles, every)
        case ir.Call():
            return _call(expr, world)
        case ir.Scaled(item=item, factor=factor):
            ticks = value_of(item, world)
            return None if ticks is None else values.scale(ticks, factor.numerator, factor.denominator)
        case ir.WeightedMean(weights=weights, items=items):
            return _weighted_mean(weights, [value_of(item, world) for item in items])
        case ir.Occurs(events=events):
            return len(_selected(world, events)) > 0
        case ir.CountOf(events=events, distinct=distinct):
            return _count(_selected(world, events), distinct)
        case ir.AggregateOf(word=word, prop=prop, events=events):
            return _aggregate(word, [_property(event, prop) for event in _selected(world, events)])
        case ir.SinceEvent(unit=unit, which=which, events=events):
            then = _instant(which, _selected(world, events))
            return None if then is None else (world.at - then) // unit * TICKS
        case ir.SinceInstant(unit=unit, item=item):
            then = value_of(item, world)
            return None if then is None else (world.at - then) // unit * TICKS
        case ir.PathTime(unit=unit):
            start = _instant(expr.start_which, _selected(world, expr.start))
            end = _instant(expr.end_which, _selected(world, expr.end))
            return None if start is None or end is None else (end - start) // unit * TICKS
        case ir.LeadsCount(where=where):
            return TICKS * sum(where is None or value_of(where, lead) is True for lead in world.leads)
        case ir.LeadsOf(word=word, score=score, top=top):
            return _over_leads(word, [scored(lead, score).ticks for lead in world.leads], top)
        case _:
            assert_never(expr)


# -- yes, no, unknown


def _all(truths: Sequence[bool | None]) -> bool | None:
    """Kleene's `and`: no if anything is no, else unknown if anything is unknown."""
    return False if False in truths else None if None in truths else True


def _any(truths: Sequence[bool | None]) -> bool | None:
    """Kleene's `or`: yes if anything is yes, else unknown if anything is unknown."""
    return True if True in truths else None if None in truths else False


def _not(truth: bool | None) -> bool | None:
    return None if truth is None else not truth


def _compare(sign: ir.Sign, left_kind: ir.Kind, left: Any, right_kind: ir.Kind, right: Any) -> bool | None:
    if left is None or right is None:
        return None
    match left_kind, right_kind:
        case (ir.Kind.TEXT, ir.Kind.TEXT):
            left, right = values.folded(left), values.folded(right)
        case (ir.Kind.NUMBER, ir.Kind.EXACT):
            right = _number_of(right)
        case (ir.Kind.EXACT, ir.Kind.NUMBER):
            left = _number_of(left)
        case _:
            pass
    answer: bool
    match sign:
        case "<":
            answer = left < right
        case "<=":
            answer = left <= right
        case ">":
            answer = left > right
        case ">=":
            answer = left >= right
        case "==":
            answer = left == right
        case "!=":
            answer = left != right
        case _:
            assert_never(sign)
    return answer


def _is_in(kind: ir.Kind, item: Any, members: Sequence[str | float]) -> bool | None:
    if item is None:
        return None
    if kind is ir.Kind.TEXT:
        return values.folded(item) in members
    if kind is ir.Kind.EXACT:
        return _number_of(item) in members
    return item in members


# -- texts


def _text_test(op: ir.TextOp, item: Any, needles: Sequence[str], every: bool) -> bool | None:
    if item is None:
        return None
    return text_fits(op, item, needles, every)


def text_fits(op: ir.TextOp, item: Any, needles: Sequence[str], every: bool) -> bool:
    """A known text (for `has`, several) tested against needles, one of which or all of which must fit."""
    fits = [_fits(op, item, needle) for needle in needles]
    return all(fits) if every else any(fits)


def _fits(op: ir.TextOp, item: Any, needle: str) -> bool:
    match op:
        case ir.TextOp.CONTAINS:
            return needle in values.folded(item)
        case ir.TextOp.STARTS_WITH:
            return values.folded(item).startswith(needle)
        case ir.TextOp.ENDS_WITH:
            return values.folded(item).endswith(needle)
        case ir.TextOp.LIKE:
            return values.is_like(values.folded(item), needle)
        case ir.TextOp.HAS_WORD:
            return needle in values.words_of(values.folded(item))
        case ir.TextOp.HAS:
            return needle in [values.folded(element) for element in item]
        case _:
            assert_never(op)


# -- numbers


def _number_of(ticks: int) -> float:
    return ticks / 10000.0


def _finite(number: float) -> float | None:
    return number if isfinite(number) else None


def _call(call: ir.Call, world: World) -> Any:
    if call.op is ir.Op.IF:
        condition, then, otherwise = call.args
        return value_of(then if value_of(condition, world) is True else otherwise, world)
    args = [value_of(arg, world) for arg in call.args]
    return None if None in args else _apply(call, args)


def _apply(call: ir.Call, args: list[Any]) -> Any:
    """A function of values that are all known."""
    exact = call.kind is ir.Kind.EXACT
    first = args[0]
    match call.op:
        case ir.Op.ADD:
            return sum(args) if exact else _left_to_right(lambda a, b: a + b, args)
        case ir.Op.SUBTRACT:
            return first - sum(args[1:]) if exact else _left_to_right(lambda a, b: a - b, args)
        case ir.Op.MULTIPLY:
            return _left_to_right(lambda a, b: a * b, args)
        case ir.Op.DIVIDE:
            return None if 0.0 in args[1:] else _left_to_right(lambda a, b: a / b, args)
        case ir.Op.TO_NUMBER:
            return _number_of(first)
        case ir.Op.TO_EXACT:
            return values.ticks_of(first)
        case ir.Op.MIN:
            return min(args)
        case ir.Op.MAX:
            return max(args)
        case ir.Op.ABS:
            return abs(first)
        case ir.Op.SQRT:
            return None if first < 0 else sqrt(first)
        case ir.Op.ROUND:
            return _rounded_at(first, args[1] // TICKS if len(args) > 1 else 0)
        case ir.Op.FLOOR:
            return values.rounded(first, "rounded down")
        case ir.Op.CEIL:
            return values.rounded(first, "rounded up")
        case ir.Op.DOMAIN:
            return values.domain_of(first)
        case ir.Op.LOCAL_PART:
            return values.local_part_of(first)
        case ir.Op.LENGTH:
            return TICKS * len(first)
        case ir.Op.WORDS:
            return TICKS * values.word_count(first)
        case ir.Op.CAPITALISED:
            return values.is_capitalised(first)
        case ir.Op.REPEATS:
            return TICKS * values.longest_repeat(values.folded(first)) >= args[1]
        case ir.Op.IF:
            raise AssertionError("`if` reads only one of its branches: see _call")
        case _:
            assert_never(call.op)


def _left_to_right(combine: Callable[[float, float], float], args: list[float]) -> float | None:
    """Doubles, combined in the order of the text; what is not finite is missing."""
    result = args[0]
    for arg in args[1:]:
        result = combine(result, arg)
    return _finite(result)


def _rounded_at(ticks: int, decimals: int) -> int:
    """Half away from zero at a decimal: whole points for 0, tenths for 1."""
    step: int = TICKS // 10**decimals
    return values.divide(ticks, step) * step


def _weighted_mean(weights: Sequence[int], items: Sequence[int | None]) -> int | None:
    known = [(weight, item) for weight, item in zip(weights, items, strict=True) if item is not None]
    if not known:
        return None
    return values.divide(sum(weight * item for weight, item in known), sum(weight for weight, _ in known))


# -- events


def _selected(world: World, events: ir.Events) -> list[ir.Happening]:
    """The events of some kinds up to T: in the window, after the newest reset, and for which `where` is true."""
    past = [event for event in world.events if event.at <= world.at]
    reset = max((event.at for event in past if event.kind in events.resets), default=None)
    return [
        event
        for event in past
        if event.kind in events.kinds
        and (events.window is None or world.at - event.at < events.window)
        and (reset is None or event.at > reset)
        and (events.where is None or value_of(events.where, replace(world, happening=event)) is True)
    ]


def _property(event: ir.Happening, name: str) -> ir.Value:
    return dict(event.properties).get(name)


def _comparable(value: ir.Value) -> Hashable:
    """A property's value as `distinct` and `once per` compare it: texts folded."""
    return values.folded(value) if isinstance(value, str) else value


def _instant(which: Literal["first", "last"], events: Sequence[ir.Happening]) -> int | None:
    instants = [event.at for event in events]
    return min(instants, default=None) if which == "first" else max(instants, default=None)


def _count(events: Sequence[ir.Happening], distinct: str | None) -> int:
    if distinct is None:
        return TICKS * len(events)
    found = [_property(event, distinct) for event in events]
    return TICKS * len({_comparable(value) for value in found if value is not None})


def _aggregate(word: Literal["sum", "average", "highest", "lowest"], found: Sequence[Any]) -> int | float | None:
    """Sum and average are exact, each value being brought to ticks first; highest and lowest are doubles as found."""
    numbers: list[float] = [number for number in found if number is not None]
    match word:
        case "highest":
            return max(numbers, default=None)
        case "lowest":
            return min(numbers, default=None)
        case "sum" | "average":
            ticks = [values.ticks_of(number) for number in numbers]
            return _sum_or_average(word, [one for one in ticks if one is not None])
        case _:
            assert_never(word)


def _sum_or_average(word: Literal["sum", "average"], ticks: Sequence[int]) -> int | None:
    if word == "sum":
        return values.bounded(sum(ticks))
    return values.divide(sum(ticks), len(ticks)) if ticks else None


# -- the leads of an account


def _over_leads(
    word: Literal["sum", "average", "highest", "lowest"], scores: Iterable[int | None], top: int | None
) -> int | None:
    known = sorted([ticks for ticks in scores if ticks is not None], reverse=True)[:top]
    match word:
        case "highest":
            return max(known, default=None)
        case "lowest":
            return min(known, default=None)
        case "sum" | "average":
            return _sum_or_average(word, known)
        case _:
            assert_never(word)
