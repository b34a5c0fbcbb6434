"""Events and leads: which events an expression looks at, and what it makes of them."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple, assert_never

from ...dsl import ir, tree, values
from ...dsl.source import Span
from . import expressions, literals, names
from .name_problems import UnknownProperty, did_you_mean
from .scope import (
    DATE,
    EVENT,
    EXACT,
    FLAG,
    KIND_WORDS,
    NUMBER,
    ONE_LEAD,
    TEXTS,
    TIME,
    EventMeaning,
    Meaning,
    Scope,
    kind_words,
    suggestion,
)
from .type_problems import MisplacedReading, NotANumber, TypeMismatch


class Selected(NamedTuple):
    """A selection of events, how large its condition is, and the unit of its window."""

    events: ir.Events
    parts: tuple[Meaning, ...]
    unit: int | None


def selection(
    scope: Scope, event: tree.EventName, window: tree.Duration | None, where: tree.Expr | None
) -> Selected | None:
    """The events that an expression looks at; None where a problem has been reported."""
    named = names.event_named(scope, event)
    within = literals.length(scope, window) if window is not None else None
    if not scope.read("events", "", event.span) or named is None:
        return None
    test: Meaning | None = None
    if where is not None:
        test = expressions.condition(replace(scope, place=EVENT, event=named), where)
        if test is None:
            return None
    if window is not None and within is None:
        return None
    events = ir.Events(named.kinds or (), within.micros if within else None, test.expr if test else None, scope.resets)
    return Selected(events, (test,) if test else (), within.unit if within else None)


def property_named(scope: Scope, event: tree.EventName, name: tree.Name) -> ir.Field | None:
    """A property of the named events; None where that is reported, or cannot be known yet."""
    named = names.event_named(scope, event)
    if named is None or named.kinds is None:
        return None
    found = scope.facts.properties(named.kinds)
    prop = found.get(name.text)
    if prop is not None:
        if prop.kind is ir.Kind.LABEL:
            names.say_two_types(scope, name)
            return None
        return prop
    owner = event.name.text if event.name is not None else "event"
    nearest = scope.report.nearest(name.text, found)
    scope.say(
        UnknownProperty(
            span=name.span,
            label=did_you_mean(nearest),
            fix=suggestion(name, nearest),
            name=name.text,
            event=owner,
            nearest=nearest,
        )
    )
    return None


def is_generic(scope: Scope, event: tree.EventName) -> bool:
    """Whether the event is a parameter whose argument is not known yet."""
    if event.name is None:
        return bool(scope.names.library) and not scope.facts.kinds
    bound = scope.params.get(event.name.text)
    return isinstance(bound, EventMeaning) and bound.kinds is None


# ------------------------------------------------------------------ of a lead's events


def over_events(
    scope: Scope,
    expr: tree.Occurs | tree.Count | tree.Aggregate | tree.SinceEvent | tree.SinceField | tree.PathTime,
) -> Meaning | None:
    """Whether, how many, how much, how long ago."""
    match expr:
        case tree.Occurs():
            found = selection(scope, expr.event, expr.window, expr.where)
            if found is None:
                return None
            occurs: ir.Expr = ir.Occurs(FLAG, found.events, span=expr.span)
            return scope.made(
                FLAG, ir.Not(FLAG, occurs, span=expr.span) if expr.quantifier == "no" else occurs, found.parts
            )
        case tree.Count():
            return _count(scope, expr)
        case tree.Aggregate():
            return _aggregate(scope, expr)
        case tree.SinceEvent():
            found = selection(scope, expr.event, None, expr.where)
            if found is None or not scope.read("clock", "", expr.span):
                return None
            since = ir.SinceEvent(EXACT, values.UNIT[expr.unit], expr.which, found.events, span=expr.span)
            return scope.made(EXACT, since, found.parts, unit=expr.unit)
        case tree.SinceField():
            return _since_field(scope, expr)
        case tree.PathTime():
            start = selection(scope, expr.start, None, None)
            end = selection(scope, expr.end, None, None)
            if start is None or end is None:
                return None
            path = ir.PathTime(
                EXACT,
                values.UNIT[expr.unit],
                expr.start_which,
                start.events,
                expr.end_which,
                end.events,
                span=expr.span,
            )
            return scope.made(EXACT, path, (), unit=expr.unit)
        case _:
            assert_never(expr)


def _count(scope: Scope, expr: tree.Count) -> Meaning | None:
    found = selection(scope, expr.event, expr.window, expr.where)
    distinct: str | None = None
    if expr.distinct is not None and found is not None:
        prop = property_named(scope, expr.event, expr.distinct)
        if prop is None and not is_generic(scope, expr.event):
            return None
        if prop is not None and prop.kind is TEXTS:
            hint = "count the events instead: `count of EVENT`"
            wanted = "different single values are counted here"
            is_a = KIND_WORDS[TEXTS]
            scope.say(TypeMismatch(span=expr.distinct.span, what=prop.name, is_a=is_a, wanted=wanted, hint=hint))
            return None
        distinct = expr.distinct.text
    return found and scope.made(EXACT, ir.CountOf(EXACT, found.events, distinct, span=expr.span), found.parts)


def _aggregate(scope: Scope, expr: tree.Aggregate) -> Meaning | None:
    found = selection(scope, expr.event, expr.window, expr.where)
    if found is None:
        return None
    prop = property_named(scope, expr.event, expr.prop)
    if prop is None and not is_generic(scope, expr.event):
        return None
    if prop is not None and prop.kind is not NUMBER:
        hint = f"count the events: `count of distinct {prop.name} of {scope.report.quote(expr.event.span)}`"
        is_a = KIND_WORDS[prop.kind]
        scope.say(NotANumber(span=expr.prop.span, label=is_a, what=prop.name, is_a=is_a, hint=hint))
        return None
    kind = NUMBER if expr.word in ("highest", "lowest") else EXACT
    aggregate = ir.AggregateOf(kind, expr.word, expr.prop.text, found.events, span=expr.span)
    return scope.made(kind, aggregate, found.parts)


def _since_field(scope: Scope, expr: tree.SinceField) -> Meaning | None:
    name = expr.name
    if len(name.parts) == 1 and name.text in scope.names.events and isinstance(names.find(scope, name), str):
        hint = f"write `{expr.unit}s since last {name.text}`"
        names.say_other_kind(scope, name, "an event", "a date or a time", hint)
        return None
    item = expressions.meaning(scope, tree.Ref(name, span=name.span))
    if not scope.read("clock", "", expr.span) or item is None:
        return None
    if item.kind not in (DATE, TIME):
        words = "until` counts to" if expr.until else "since` counts from"
        wanted = f"`{expr.unit}s {words} a date or a time"
        is_a = kind_words(item)
        scope.say(TypeMismatch(span=name.span, label=is_a, what=name.text, is_a=is_a, wanted=wanted))
        return None
    age: ir.Expr = ir.SinceInstant(EXACT, values.UNIT[expr.unit], item.expr, span=expr.span)
    if expr.until:
        age = ir.Call(EXACT, ir.Op.SUBTRACT, (ir.Const(EXACT, 0, span=expr.span), age), span=expr.span)
    return scope.made(EXACT, age, (item,), unit=expr.unit)


# ------------------------------------------------------------------ of an account's leads


def over_leads(scope: Scope, expr: tree.CountLeads | tree.OverLeads) -> Meaning | None:
    """`count of leads where (...)`, `sum of top 3 engagement`"""
    if "leads" in scope.place.closed:
        scope.say(MisplacedReading(span=expr.span, what="leads", name="", place=scope.place.noun))
        return None
    scope.reads.add(("leads", ""))
    match expr:
        case tree.CountLeads(where=None):
            return Meaning(EXACT, ir.LeadsCount(EXACT, None, span=expr.span))
        case tree.CountLeads(where=where):
            assert where is not None
            # What one lead's condition reads is read of the lead, not of the account.
            test = expressions.condition(replace(scope, place=ONE_LEAD, reads=set()), where)
            return test and scope.made(EXACT, ir.LeadsCount(EXACT, test.expr, span=expr.span), (test,))
        case tree.OverLeads():
            score = names.score_named(scope, expr.score)
            if score is None:
                return None
            if expr.top is not None and not _is_count(scope, expr.top, expr.span):
                return None
            return Meaning(EXACT, ir.LeadsOf(EXACT, expr.word, score, expr.top, span=expr.span))
        case _:
            assert_never(expr)


def _is_count(scope: Scope, count: int, span: Span) -> bool:
    if 1 <= count <= 1_000_000:
        return True
    hint = "write `sum of top 3 SCORE`"
    wanted = "a number from 1 to 1,000,000 belongs here"
    scope.say(TypeMismatch(span=span, what=f"top {count}", is_a="no number of leads", wanted=wanted, hint=hint))
    return False
