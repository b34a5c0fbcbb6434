"""Scores: rules with points, triggers and modifiers, groups and limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from typing import Literal, NamedTuple, assert_never

from ...dsl import ir, tree, values
from ...dsl.problems import Note
from ...dsl.source import Span
from . import expressions, functions, literals, names, selections, templates
from .name_problems import DuplicateName, ReservedName, UnknownMember, did_you_mean
from .scope import Scope, suggestion
from .score_problems import (
    EmptyScore,
    MisplacedLine,
    MisplacedOtherwise,
    ModifierDoesNotFit,
    OtherwiseNotLast,
    RenamedFromExisting,
)
from .type_problems import TypeMismatch
from .value_problems import NumberTooLarge, RangeUpsideDown

RESERVED = ("start", "silence", "floor", "cap", "rounding", "range")
"""The steps of a score itself: `fit.start` in the account of a score is no rule's."""


class _Decay(NamedTuple):
    """A decay as written."""

    curve: tree.Curve
    after: tree.Duration | None


@dataclass(slots=True)
class _Card:
    """The score being read, and the names of its rules and groups so far."""

    score: str
    names: dict[str, tree.Name] = field(default_factory=dict)
    renamed: list[tree.Rule] = field(default_factory=list)
    is_set: bool = False
    """whether this is a set of rules read by itself: where it will stand is not known yet"""


GroupKind = Literal["group", "first of", "best of"]


# ------------------------------------------------------------------ a score


def score(scope: Scope, node: tree.Score) -> ir.Score | None:
    """What a score means. Its scope's `reads` tell afterwards what it reads."""
    card = _Card(node.name.text)
    scope = replace(scope, resets=_resets(scope, node.items))
    low, high = _range(scope, node.range)
    body = expressions.exact(scope, node.body) if node.body is not None else None
    if node.body is None and not node.items and not scope.facts.is_torn(node.span):
        scope.say(EmptyScore(span=node.span, score=node.name.text))
    start, default = 0, None
    silence: ir.Silence | None = None
    floors: list[ir.Bound] = []
    caps: list[ir.Bound] = []
    members: list[tree.Rule | tree.Include | tree.Group] = []
    seen: dict[str, tree.Node] = {}
    for item in node.items:
        match item:
            case tree.StartAt(points=points):
                _once(scope, seen, "start at", item)
                start = literals.ticks(scope, points.value, points.span, literals.LARGEST_LIMIT) or 0
                _refuse_beside_body(scope, node, item)
            case tree.ResetOn():
                pass
            case tree.DecayLine(of_silence=True):
                _once(scope, seen, "decay of silence", item)
                silence = _silence(scope, item)
            case tree.DecayLine():
                _once(scope, seen, "decay", item)
                default = _Decay(item.curve, item.after)
                _curve(scope, default, None)
                _refuse_beside_body(scope, node, item)
            case tree.CapLine() | tree.FloorLine():
                bound = _bound(scope, item)
                if bound is not None:
                    (caps if isinstance(item, tree.CapLine) else floors).append(bound)
            case tree.Rule() | tree.Include() | tree.Group():
                members.append(item)
                _refuse_beside_body(scope, node, item)
            case _:
                assert_never(item)
    items = _members(scope, members, _Among(card, default, "group", {}, True))
    _check_renames(scope, card)
    if node.body is not None and body is None:
        return None
    return ir.Score(
        name=node.name.text,
        label=_label(node.label),
        low=low,
        high=high,
        rounding=node.rounding,
        body=body.expr if body is not None else None,
        start=start,
        items=items,
        silence=silence,
        floors=tuple(floors),
        caps=tuple(caps),
        body_text=scope.report.quote(node.body.span) if node.body is not None else "",
        span=node.span,
    )


def _label(label: tree.Text | None) -> str:
    return label.value if label is not None else ""


def _once(scope: Scope, seen: dict[str, tree.Node], what: str, item: tree.Node) -> None:
    first = seen.setdefault(what, item)
    if first is not item:
        names.say_twice(scope.report, f"`{what}`", item.span, first.span)


def _refuse_beside_body(scope: Scope, node: tree.Score, item: tree.Item) -> None:
    if node.body is None:
        return
    line = scope.report.quote(item.span)
    hint = "make the rules a score of their own, and read that score in the expression"
    scope.say(MisplacedLine(span=item.span, line=line, place="a score that is an expression", hint=hint))


def _resets(scope: Scope, items: Sequence[tree.Item]) -> tuple[str, ...]:
    kinds: set[str] = set()
    for item in items:
        if isinstance(item, tree.ResetOn) and scope.read("events", "", item.span):
            for name in item.events:
                event = names.event_named(scope, tree.EventName(name, span=name.span))
                kinds.update(event.kinds or () if event is not None else ())
    return tuple(sorted(kinds))


def _range(scope: Scope, written: tree.Range | None) -> tuple[int | None, int | None]:
    if written is None:
        return None, None
    low, high = (
        literals.ticks(scope, end.value, end.span, literals.LARGEST_LIMIT) for end in (written.low, written.high)
    )
    if low is not None and high is not None and low >= high:
        ends = literals.plain(written.low.value), literals.plain(written.high.value)
        scope.say(RangeUpsideDown(span=written.span, low=ends[0], high=ends[1]))
    return low, high


def _bound(scope: Scope, item: tree.CapLine | tree.FloorLine) -> ir.Bound | None:
    ticks = literals.ticks(scope, item.points.value, item.points.span, literals.LARGEST_LIMIT)
    test = expressions.condition(scope, item.condition)
    if ticks is None or test is None:
        return None
    return ir.Bound(ticks, test.expr, span=item.span)


def _silence(scope: Scope, item: tree.DecayLine) -> ir.Silence | None:
    curve = _curve(scope, _Decay(item.curve, item.after), None)
    if not scope.read("events", "", item.span) or curve is None:
        return None
    return ir.Silence(curve, ir.Events(scope.facts.kinds, resets=scope.resets), span=item.span)


def _curve(scope: Scope, decay: _Decay, window: int | None) -> ir.Curve | None:
    """A decay in the smallest unit that its rule names."""
    written = decay.curve
    span = literals.length(scope, written.duration)
    after = literals.length(scope, decay.after) if decay.after is not None else literals.Length(0, values.DAY)
    percent: Decimal | None = Decimal(0)
    if written.percent is not None:
        percent = literals.percent(scope, written.percent, 0, 100)
    if span is None or after is None or percent is None:
        return None
    unit = min(span.unit, after.unit, window or values.DAY)
    return ir.Curve(written.shape, unit, span.micros // unit, Fraction(percent) / 100, after.micros // unit)


# ------------------------------------------------------------------ members: rules, groups, included sets


def rule_set(scope: Scope, node: tree.RuleSet) -> None:
    """Checks a set of rules by itself, whatever its parameters will be."""
    card = _Card(node.name.text, is_set=True)
    within = replace(scope, params=functions.generic(node.params))
    _members(within, _only_members(within, node.items, "a set of rules"), _Among(card, None, "group", {}, True))


def _only_members(scope: Scope, items: Sequence[tree.Item], place: str) -> list[tree.Rule | tree.Include | tree.Group]:
    """The rules, groups and included sets among the items; other lines are refused."""
    found: list[tree.Rule | tree.Include | tree.Group] = []
    for item in items:
        if isinstance(item, tree.Rule | tree.Include | tree.Group):
            found.append(item)
        else:
            hint = "such a line stands directly in its score"
            scope.say(MisplacedLine(span=item.span, line=scope.report.quote(item.span), place=place, hint=hint))
    return found


class _Among(NamedTuple):
    """What a member of a score or group stands among."""

    card: _Card
    decay: _Decay | None
    """the default of its `for each` rules"""
    kind: GroupKind
    left_out: dict[str, bool]
    """those that an `include ... except` leaves out, each with whether it has been met"""
    is_end: bool
    """whether nothing follows after the last of the members"""


def _members(
    scope: Scope, items: Sequence[tree.Rule | tree.Include | tree.Group], among: _Among
) -> tuple[ir.Rule | ir.Group, ...]:
    """What the members of a score or group mean."""
    found: list[ir.Rule | ir.Group] = []
    for position, item in enumerate(items):
        here = among._replace(is_end=among.is_end and position == len(items) - 1)
        if isinstance(item, tree.Include):
            found.extend(_included(scope, item, here))
            continue
        if item.name.text in among.left_out:
            among.left_out[item.name.text] = True
            continue
        if not _enter(scope, among.card, item):
            continue
        made = _rule(scope, item, here) if isinstance(item, tree.Rule) else _group(scope, item, here)
        if made is not None:
            found.append(made)
    return tuple(found)


def _enter(scope: Scope, card: _Card, item: tree.Rule | tree.Group) -> bool:
    """Enters a rule's or group's name in its score; False for the second of two."""
    name = item.name
    what = "a rule" if isinstance(item, tree.Rule) else "a group"
    if name.text in RESERVED:
        reason = f"`{card.score}.{name.text}` is the name of a step of the score itself"
        scope.say(ReservedName(span=name.span, name=name.text, what=what, reason=reason))
        return False
    first = card.names.get(name.text)
    if first is not None:
        # An included rule is at home in its library: the place to change is the `include`.
        span = scope.trail[0] if scope.trail else name.span
        notes = (Note(first.span, "first here"),)
        what = f"rules or groups in `{card.score}`"
        hint = f"leave it out: `except {name.text}` at the end of the `include`" if scope.trail else ""
        scope.report.add(DuplicateName(span=span, label="again", notes=notes, name=name.text, what=what, hint=hint))
        return False
    card.names[name.text] = name
    return True


def _check_otherwise(scope: Scope, item: tree.Rule, among: _Among) -> None:
    if among.kind != "first of":
        if not (among.card.is_set and among.kind == "group"):
            scope.say(MisplacedOtherwise(span=item.trigger.span, rule=item.name.text))
    elif not among.is_end:
        scope.say(OtherwiseNotLast(span=item.trigger.span, label="takes all that come here", place="a `first of`"))


def _included(scope: Scope, include: tree.Include, among: _Among) -> tuple[ir.Rule | ir.Group, ...]:
    opened = templates.opened(scope, include, tree.RuleSet)
    if opened is None or not templates.enters(scope, *opened):
        return ()
    template, within = opened
    left_out = {**among.left_out, **{name.text: False for name in include.excluded}}
    items = _only_members(within, template.items, "a set of rules")
    members = _members(within, items, among._replace(left_out=left_out))
    templates.leave(within)
    for name in include.excluded:
        if not left_out[name.text]:
            known = tuple(item.name.text for item in template.items if isinstance(item, tree.Rule | tree.Group))
            nearest = scope.report.nearest(name.text, known)
            scope.say(
                UnknownMember(
                    span=name.span,
                    label=did_you_mean(nearest),
                    fix=suggestion(name, nearest),
                    owner=include.name.text,
                    name=name.text,
                    nearest=nearest,
                    known=known,
                )
            )
    for name_text in among.left_out:
        among.left_out[name_text] = among.left_out[name_text] or left_out[name_text]
    return members


def _group(scope: Scope, node: tree.Group, among: _Among) -> ir.Group | None:
    most: int | None = None
    least: int | None = None
    counting: Fraction | None = None
    seen: dict[str, tree.Node] = {}
    for limit in node.limits:
        match limit:
            case tree.AtMost(points=points):
                _once(scope, seen, "at most", limit)
                most = literals.ticks(scope, points.value, points.span, literals.LARGEST_LIMIT)
            case tree.AtLeast(points=points):
                _once(scope, seen, "at least", limit)
                least = literals.ticks(scope, points.value, points.span, literals.LARGEST_LIMIT)
            case tree.Counting(percent=percent):
                _once(scope, seen, "counting", limit)
                share = literals.percent(scope, percent, 0, 100)
                counting = None if share is None else Fraction(share) / 100
            case _:
                assert_never(limit)
    if most is not None and least is not None and least > most:
        ends = tuple(literals.plain(values.decimal_of(end)) for end in (least, most))
        scope.say(RangeUpsideDown(span=node.limits[0].span.to(node.limits[-1].span), low=ends[0], high=ends[1]))
    decay = among.decay
    seen_decay: dict[str, tree.Node] = {}
    others: list[tree.Item] = []
    for item in node.items:
        if isinstance(item, tree.DecayLine) and not item.of_silence:
            _once(scope, seen_decay, "decay", item)
            decay = _Decay(item.curve, item.after)
            _curve(scope, decay, None)
        else:
            others.append(item)
    members = _only_members(scope, others, "a group" if node.kind == "group" else f"a `{node.kind}`")
    full_name = f"{among.card.score}.{node.name.text}"
    scope.facts.groups.add(full_name)
    kinds: dict[GroupKind, Literal["sum", "first", "best"]] = {"group": "sum", "first of": "first", "best of": "best"}
    return ir.Group(
        kind=kinds[node.kind],
        name=node.name.text,
        full_name=full_name,
        label=_label(node.label),
        most=most,
        least=least,
        counting=counting,
        items=_members(scope, members, among._replace(decay=decay, kind=node.kind, is_end=True)),
        span=node.span,
    )


# ------------------------------------------------------------------ a rule


def _rule(scope: Scope, node: tree.Rule, among: _Among) -> ir.Rule | None:
    card = among.card
    if isinstance(node.trigger, tree.Otherwise):
        _check_otherwise(scope, node, among)
    full_name = f"{card.score}.{node.name.text}"
    if not card.is_set and "leads" in scope.place.closed:
        scope.facts.rules[full_name] = node.name.span
    written = _modifiers(scope, node)
    points = _points(scope, node)
    trigger = _trigger(scope, node, written, among.decay)
    most = _max_points(scope, node, written)
    starts = literals.instant(scope, written.starts.date) if written.starts is not None else None
    ends = literals.day_after(scope, written.until.date) if written.until is not None else None
    if written.starts is not None and written.until is not None and written.starts.date.text > written.until.date.text:
        low, high = written.starts.date.text, written.until.date.text
        scope.say(RangeUpsideDown(span=written.until.span, low=low, high=high))
    if starts is not None or ends is not None:
        scope.reads.add(("clock", ""))
    if written.renamed is not None:
        card.renamed.append(node)
    if points is None or trigger is None:
        return None
    return ir.Rule(
        name=node.name.text,
        full_name=full_name,
        label=_label(node.label),
        points=points,
        trigger=trigger,
        max_points=most,
        starts=starts,
        ends=ends,
        renamed_from=written.renamed.name.text if written.renamed is not None else None,
        span=node.span,
    )


def _points(scope: Scope, node: tree.Rule) -> int | ir.Expr | None:
    if isinstance(node.points, Decimal):
        return literals.ticks(scope, node.points, _points_span(scope, node), literals.LARGEST_POINTS)
    if isinstance(node.trigger, tree.Each):
        event = names.event_named(scope, node.trigger.event)
        if event is None:
            return None
        scope = replace(scope, event=event)
    found = expressions.exact(scope, node.points)
    if found is None:
        return None
    if isinstance(found.expr, ir.Const) and isinstance(found.expr.value, int):
        ticks = -found.expr.value if node.negative else found.expr.value
        if abs(ticks) > literals.LARGEST_POINTS * values.TICKS:
            number = literals.plain(values.decimal_of(ticks))
            scope.say(NumberTooLarge(span=node.points.span, number=number, limit=f"{literals.LARGEST_POINTS:,}"))
            return None
        return ticks
    if not node.negative:
        return found.expr
    nothing = ir.Const(ir.Kind.EXACT, 0, span=node.points.span)
    return ir.Call(ir.Kind.EXACT, ir.Op.SUBTRACT, (nothing, found.expr), span=node.points.span)


def _points_span(scope: Scope, node: tree.Rule) -> Span:
    """Where the number of a rule stands: before its name."""
    number = scope.report.quote(Span(node.span.start, node.name.span.start, node.span.source))
    return Span(node.span.start, node.span.start + len(number), node.span.source)


def _trigger(scope: Scope, node: tree.Rule, written: _Modifiers, default: _Decay | None) -> ir.Trigger | None:
    trigger = node.trigger
    match trigger:
        case tree.When(condition=condition) | tree.Unless(condition=condition):
            test = expressions.condition(scope, condition)
            return test and ir.When(test.expr, isinstance(trigger, tree.Unless))
        case tree.Otherwise():
            return ir.Otherwise()
        case tree.Each():
            return _each(scope, trigger, written, default)
        case tree.Per():
            amount: int | None = values.TICKS
            if trigger.amount is not None:
                amount = literals.ticks(scope, trigger.amount.value, trigger.amount.span, literals.LARGEST_LIMIT)
                if amount is not None and amount <= 0:
                    hint = "write the number that one portion has: `per 10 of ...`"
                    what, wanted = literals.plain(trigger.amount.value), "points are given for each whole portion"
                    scope.say(
                        TypeMismatch(span=trigger.amount.span, what=what, is_a="no portion", wanted=wanted, hint=hint)
                    )
                    return None
            item = expressions.exact(scope, trigger.item)
            return None if amount is None or item is None else ir.Per(amount, item.expr)
        case _:
            assert_never(trigger)


def _each(scope: Scope, trigger: tree.Each, written: _Modifiers, default: _Decay | None) -> ir.Each | None:
    selected = selections.selection(scope, trigger.event, trigger.window, trigger.where)
    if selected is not None and trigger.unless and selected.events.where is not None:
        # An event counts unless the exception is known to hold, as everywhere after `unless`.
        exception = selected.events.where
        ways = (ir.Not(ir.Kind.FLAG, exception, span=exception.span), ir.IsMissing(ir.Kind.FLAG, exception))
        counts = ir.Or(ir.Kind.FLAG, ways, span=exception.span)
        selected = selected._replace(events=replace(selected.events, where=counts))
    decay = default
    if written.curve is not None:
        decay = _Decay(written.curve, written.after.duration if written.after is not None else None)
    curve = _curve(scope, decay, selected.unit if selected is not None else None) if decay is not None else None
    once = written.once.per if written.once is not None else None
    if isinstance(once, tree.Name) and selected is not None:
        prop = selections.property_named(scope, trigger.event, once)
        if prop is not None and prop.kind is ir.Kind.TEXTS:
            is_a, wanted = "a list of texts", "`once per` needs a property with one value"
            scope.say(TypeMismatch(span=once.span, what=prop.name, is_a=is_a, wanted=wanted))
    if selected is None:
        return None
    return ir.Each(
        events=selected.events,
        once_ever=written.once is not None and once is None,
        once_per_period=once if not isinstance(once, tree.Name) else None,
        once_per_property=once.text if isinstance(once, tree.Name) else None,
        at_most=written.times.count if written.times is not None else None,
        at_most_per=written.times.per if written.times is not None else None,
        curve=curve,
    )


def _max_points(scope: Scope, node: tree.Rule, written: _Modifiers) -> int | None:
    if written.points is None:
        return None
    limit = written.points
    ticks = literals.ticks(scope, limit.points, limit.span, literals.LARGEST_LIMIT)
    if ticks is not None and ticks <= 0:
        reason, hint = "leaves no points at all", "the limit counts the size of the points, for penalties too"
        scope.say(
            ModifierDoesNotFit(span=limit.span, modifier=scope.report.quote(limit.span), reason=reason, hint=hint)
        )
    return ticks


@dataclass(slots=True)
class _Modifiers:
    """The modifiers of a rule, each at most once."""

    times: tree.MaxTimes | None = None
    points: tree.MaxPoints | None = None
    once: tree.Once | None = None
    starts: tree.Starts | None = None
    until: tree.Until | None = None
    after: tree.After | None = None
    curve: tree.Curve | None = None
    renamed: tree.RenamedFrom | None = None


def _modifiers(scope: Scope, node: tree.Rule) -> _Modifiers:
    """The modifiers of a rule; a second one of a kind, and one that makes no sense with the trigger, are reported."""
    found = _Modifiers()
    for modifier in node.modifiers:
        first: tree.Node | None
        match modifier:
            case tree.MaxTimes():
                first, found.times = found.times, modifier
                if modifier.count < 1:
                    _misfit(scope, modifier, "counts no event at all", "to switch a rule off, delete it")
            case tree.MaxPoints():
                first, found.points = found.points, modifier
            case tree.Once():
                first, found.once = found.once, modifier
            case tree.Starts():
                first, found.starts = found.starts, modifier
            case tree.Until():
                first, found.until = found.until, modifier
            case tree.After():
                first, found.after = found.after, modifier
            case tree.Curve():
                first, found.curve = found.curve, modifier
            case tree.RenamedFrom():
                first, found.renamed = found.renamed, modifier
            case _:
                assert_never(modifier)
        if first is not None:
            reason = f"is one too many: `{scope.report.quote(first.span)}` stands there already"
            _misfit(scope, modifier, reason, "keep one of the two")
    _check_fit(scope, node, found)
    return found


def _check_fit(scope: Scope, node: tree.Rule, found: _Modifiers) -> None:
    if not isinstance(node.trigger, tree.Each):
        hint = "to give points for each event, write `for each EVENT` instead of the condition"
        for modifier in (found.times, found.once, found.curve):
            if modifier is not None:
                _misfit(scope, modifier, "counts events, and this rule gives its points for a condition", hint)
        if found.points is not None and isinstance(node.points, Decimal) and not isinstance(node.trigger, tree.Per):
            _misfit(
                scope,
                found.points,
                "has nothing to limit: the rule gives its points once",
                "change the points themselves",
            )
    if found.after is not None and found.curve is None:
        _misfit(
            scope,
            found.after,
            "delays a decay, and this rule has none of its own",
            "write `halving every 30 days, after 7 days`",
        )


def _misfit(scope: Scope, modifier: tree.Node, reason: str, hint: str) -> None:
    scope.say(
        ModifierDoesNotFit(span=modifier.span, modifier=scope.report.quote(modifier.span), reason=reason, hint=hint)
    )


def _check_renames(scope: Scope, card: _Card) -> None:
    """A rule's old name is free, and only one rule had it."""
    first: dict[str, tree.Name] = {}
    for node in card.renamed:
        for modifier in node.modifiers:
            if isinstance(modifier, tree.RenamedFrom):
                old = modifier.name
                if old.text in card.names:
                    scope.say(RenamedFromExisting(span=old.span, rule=node.name.text, old=old.text))
                elif first.setdefault(old.text, old) is not old:
                    names.say_twice(scope.report, f"`renamed from {old.text}`", old.span, first[old.text].span)
