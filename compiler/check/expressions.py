"""Expressions: names to what they stand for, literals to the kind of their partner, and types to one another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import assert_never

from ...dsl import ir, tree, values
from ...dsl.problems import Fix
from ...dsl.source import Span
from . import arithmetic, comparisons, functions, literals, names, selections
from .name_problems import CircularDefinition
from .scope import (
    ANYWHERE,
    DATE,
    DEPTH,
    EXACT,
    FLAG,
    LABEL,
    NUMBER,
    TEXT,
    TEXTS,
    TIME,
    TOTAL,
    EventMeaning,
    ListMeaning,
    Meaning,
    Names,
    Reading,
    Scope,
    kind_words,
)
from .type_problems import NotACondition, NotANumber, UnitMismatch, WrongArguments
from .value_problems import EmptyText

# ------------------------------------------------------------------ what a place wants


def condition(scope: Scope, expr: tree.Expr) -> Meaning | None:
    """An expression that is true, not true, or unknown."""
    found = meaning(scope, expr)
    if found is None or found.kind is FLAG:
        return found
    quoted = scope.report.quote(expr.span)
    scope.say(
        NotACondition(
            span=expr.span,
            label="a condition belongs here",
            what=quoted,
            is_a=kind_words(found),
            hint=_comparison(quoted, found),
        )
    )
    return None


def _comparison(quoted: str, found: Meaning) -> str:
    """How something that is no condition can be made one."""
    if isinstance(found.expr, ir.Const):
        return 'a condition compares something: `employees >= 50`; for several values, `country in ("US", "CA")`'
    if found.labels:
        return f"compare it: `{quoted} is {found.labels[0]}`"
    if found.kind in (NUMBER, EXACT):
        return f"compare it: `{quoted} > 0`, `{quoted} is known`"
    if found.kind in (DATE, TIME):
        return f"compare it: `days since {quoted} < 30`, `{quoted} is known`"
    if found.kind is TEXTS:
        return f'test it: `{quoted} has "..."`'
    return f'compare it: `{quoted} is "..."`, `{quoted} is known`'


def quantity(scope: Scope, expr: tree.Expr) -> Meaning | None:
    """An expression that is a number."""
    found = meaning(scope, expr)
    if found is None or found.kind in (EXACT, NUMBER):
        return found
    quoted = scope.report.quote(expr.span)
    hint = ""
    if found.kind in (DATE, TIME):
        hint = f"count from it: `days since {quoted}`"
    elif found.kind is FLAG:
        hint = f"choose a number by it: `if({quoted}, 1, 0)`"
    elif found.kind is LABEL:
        hint = "read the score itself, not its band"
    scope.say(NotANumber(span=expr.span, label="a number belongs here", what=quoted, is_a=kind_words(found), hint=hint))
    return None


def exact(scope: Scope, expr: tree.Expr) -> Meaning | None:
    """An expression that is a number, brought to points."""
    found = quantity(scope, expr)
    if found is None:
        return None
    if found.kind is NUMBER and isinstance(expr, tree.Number):
        # A number that stands here by itself is one of points, and is not rounded behind its author's back.
        literals.ticks(scope, expr.value, expr.span, literals.LARGEST_LIMIT)
        return None
    return arithmetic.to_exact(found)


# ------------------------------------------------------------------ every expression


def meaning(scope: Scope, expr: tree.Expr) -> Meaning | None:
    """What an expression means; None where a problem has been reported, so that nothing follows from it."""
    while isinstance(expr, tree.Paren):
        expr = expr.inner
    report = scope.report
    report.depth += 1
    try:
        if report.depth > DEPTH + 20:
            scope.say_too_much(expr.span, deep=True)
            return None
        if report.total > TOTAL:
            scope.say_too_much(expr.span, deep=False)
            return None
        return _meaning(scope, expr)
    finally:
        report.depth -= 1


def _meaning(scope: Scope, expr: tree.Expr) -> Meaning | None:
    match expr:
        case tree.Ref():
            return _named(scope, expr.name)
        case tree.Number():
            return arithmetic.written(Fraction(expr.value), expr.span)
        case tree.Compare():
            return comparisons.compare(scope, expr)
        case tree.Is():
            return comparisons.is_(scope, expr)
        case tree.And():
            return _all_of(scope, expr.items, expr.span, ir.And)
        case tree.Or():
            return _all_of(scope, expr.items, expr.span, ir.Or)
        case tree.Not():
            found = condition(scope, expr.item)
            return found and scope.made(FLAG, ir.Not(FLAG, found.expr, span=expr.span), (found,))
        case tree.Between():
            return comparisons.between(scope, expr)
        case tree.In():
            return comparisons.in_(scope, expr)
        case tree.TextTest():
            return comparisons.text_test(scope, expr)
        case tree.IsMissing():
            return _missing(scope, expr.item, expr.span, expr.negated)
        case tree.IsKnown():
            return _missing(scope, expr.item, expr.span, True)
        case tree.CallOf():
            return _called(scope, expr)
        case tree.Occurs() | tree.Count() | tree.Aggregate() | tree.SinceEvent() | tree.SinceField() | tree.PathTime():
            return selections.over_events(scope, expr)
        case tree.CountLeads() | tree.OverLeads():
            return selections.over_leads(scope, expr)
        case tree.Sum():
            return arithmetic.sum_(scope, expr)
        case tree.Product():
            return arithmetic.product(scope, expr)
        case tree.PercentOf():
            return arithmetic.percent_of(scope, expr)
        case tree.Earlier():
            return _earlier(scope, expr)
        case tree.Text():
            return text(scope, expr)
        case tree.Flag():
            return Meaning(FLAG, ir.Const(FLAG, expr.value, span=expr.span))
        case tree.Date() | tree.Time():
            kind = DATE if isinstance(expr, tree.Date) else TIME
            return Meaning(kind, ir.Const(kind, literals.instant(scope, expr), span=expr.span))
        case tree.Percent():
            written = scope.report.quote(expr.span)
            share = literals.plain(expr.value / 100)
            hint = f"write `{written} of` something, or the number {share}"
            scope.say(
                UnitMismatch(
                    span=expr.span, what=written, unit="percent", other="a plain number is needed here", hint=hint
                )
            )
            return None
        case tree.Paren():
            return meaning(scope, expr.inner)
        case _:
            assert_never(expr)


def text(scope: Scope, expr: tree.Text) -> Meaning | None:
    """A written text, trimmed and folded."""
    trimmed = values.trimmed(expr.value)
    if trimmed is None:
        scope.say(EmptyText(span=expr.span, label="an empty text"))
        return None
    return Meaning(TEXT, ir.Const(TEXT, values.folded(trimmed), span=expr.span))


def _all_of(scope: Scope, items: Sequence[tree.Expr], span: Span, node: type[ir.And] | type[ir.Or]) -> Meaning | None:
    found = [condition(scope, item) for item in items]
    known = [one for one in found if one is not None]
    if len(known) < len(found):
        return None
    return scope.made(FLAG, node(FLAG, tuple(one.expr for one in known), span=span), known)


def _missing(scope: Scope, item: tree.Expr, span: Span, known: bool) -> Meaning | None:
    found = meaning(scope, item)
    if found is None:
        return None
    missing: ir.Expr = ir.IsMissing(FLAG, found.expr, span=span)
    return scope.made(FLAG, ir.Not(FLAG, missing, span=span) if known else missing, (found,))


def _earlier(scope: Scope, expr: tree.Earlier) -> Meaning | None:
    ago = literals.length(scope, expr.ago)
    name = expr.name.parts[0]
    if len(expr.name.parts) > 1:
        names.say_other_kind(scope, expr.name, "no score", "a score", "only a score has an earlier value")
        return None
    score = names.score_named(scope, name)
    if ago is None or score is None or not scope.read("earlier", score, expr.span):
        return None
    if not scope.read("score", score, expr.span):
        return None
    scope.reads.add(("ago", f"{ago.micros} {score}"))
    return Meaning(EXACT, ir.ScoreOf(EXACT, score, ago.micros, span=expr.span))


# ------------------------------------------------------------------ names


def _named(scope: Scope, name: tree.Dotted) -> Meaning | None:
    found = names.find(scope, name)
    match found:
        case None:
            return None
        case Meaning():
            # What an argument reads counts here, where the parameter stands for it.
            return found if all(scope.read(*read, name.span) for read in sorted(found.reads)) else None
        case names.Found():
            return _declared(scope, found, name)
        case ListMeaning():
            hint = f"ask whether something is in it: `FIELD in {name.text}`"
            names.say_other_kind(scope, name, "a list", "a single value", hint)
        case EventMeaning():
            names.say_other_kind(
                scope, name, "an event", "a value", f"write `any {name.text}` or `count of {name.text}`"
            )
        case str():
            names.say_unknown_value(scope, name)
        case _:
            assert_never(found)
    return None


def _declared(scope: Scope, found: names.Found, name: tree.Dotted) -> Meaning | None:
    what, node = found.declared
    text = node.name.text
    match what:
        case "field":
            field = scope.facts.fields.get(text)
            if field is None or not scope.read("field", text, name.span):
                return None
            return Meaning(field.kind, ir.FieldOf(field.kind, text, span=name.span), labels=field.values)
        case "score":
            if not scope.read("score", text, name.span):
                return None
            return Meaning(EXACT, ir.ScoreOf(EXACT, text, span=name.span))
        case "account score":
            if not scope.read("account", text, name.span):
                return None
            return Meaning(EXACT, ir.ScoreOf(EXACT, text, span=name.span))
        case "band" | "account band":
            if not scope.read("band" if what == "band" else "account", text, name.span):
                return None
            return _labelled(scope, ir.BandOf(LABEL, text, span=name.span))
        case "decision" | "account decision":
            if not scope.read("decision" if what == "decision" else "account", text, name.span):
                return None
            return _labelled(scope, ir.DecisionOf(LABEL, text, span=name.span))
        case "list":
            hint = f"ask whether something is in it: `FIELD in {name.text}`"
            names.say_other_kind(scope, name, "a list", "a single value", hint)
            return None
        case "define":
            assert isinstance(node, tree.Define)
            if node.params:
                wanted = ", ".join(param.name.text for param in node.params)
                reason = f"needs {_count(len(node.params), 'value')}"
                scope.say(
                    WrongArguments(
                        span=name.span, called=name.text, reason=reason, hint=f"write `{name.text}({wanted})`"
                    )
                )
                return None
            return define(scope, found.names, node, name.span)
        case _:
            assert_never(what)


def _labelled(scope: Scope, expr: ir.BandOf | ir.DecisionOf) -> Meaning | None:
    """A band or a decision; one whose rows could not be read has no labels, and is not judged by them."""
    labels = scope.facts.labels.get(expr.name)
    return Meaning(LABEL, expr, labels=labels) if labels else None


def _count(number: int, what: str) -> str:
    return f"1 {what}" if number == 1 else f"{number or 'no'} {what}s"


# ------------------------------------------------------------------ defines


def define(scope: Scope, owner: Names, node: tree.Define, span: Span) -> Meaning | None:
    """What a define without parameters means; it is worked out once for all its uses."""
    found, reads = opened(scope, owner, node)
    if found is None:
        return None
    # What a define reads was not known to be out of place when it was worked out: that depends on who uses it.
    for what, read in sorted(reads):
        if not scope.read(what, read, span):
            return None
    scope.report.total += found.size
    return found


def opened(scope: Scope, owner: Names, node: tree.Define) -> tuple[Meaning | None, frozenset[Reading]]:
    """The meaning of a define without parameters, and all that it reads."""
    name = node.name.text
    key = (name, scope.resets)
    if key in owner.defines:
        return owner.defines[key]
    if name in owner.opening:
        _say_circle(scope, owner, node, name)
        return None, frozenset()
    reads: set[Reading] = set()
    within = Scope(owner, scope.facts, scope.report, ANYWHERE, reads, resets=scope.resets)
    owner.opening.append(name)
    found = meaning(within, node.body)
    owner.opening.pop()
    owner.defines[key] = found, frozenset(reads)
    return owner.defines[key]


def opened_generic(scope: Scope, node: tree.Define) -> None:
    """Checks a define with parameters by itself, whatever their values will be."""
    scope.names.opening.append(f"{node.name.text}(")
    condition_or_value = replace(scope, params=functions.generic(node.params), reads=set())
    meaning(condition_or_value, node.body)
    scope.names.opening.pop()


def _called(scope: Scope, expr: tree.CallOf) -> Meaning | None:
    name = expr.name
    found: names.Found | Meaning | ListMeaning | EventMeaning | str | None = name.text
    if len(name.parts) > 1 or name.text not in names.FUNCTIONS:
        found = names.find(scope, name)
    match found:
        case None:
            return None
        case names.Found(declared=(_, tree.Define() as node)):
            return _define_called(scope, found.names, node, expr)
        case str() if found in names.FUNCTIONS and len(name.parts) == 1:
            return functions.call(scope, expr)
        case str() if len(name.parts) == 1:
            functions.say_unknown(scope, name)
        case str():
            names.say_unknown_value(scope, name)
        case names.Found():
            names.say_other_kind(scope, name, found.words, "a function or a define")
        case Meaning() | ListMeaning() | EventMeaning():
            names.say_other_kind(scope, name, "a value", "a function or a define")
        case _:
            assert_never(found)
    return None


def _define_called(scope: Scope, owner: Names, node: tree.Define, expr: tree.CallOf) -> Meaning | None:
    if not node.params:
        scope.say(
            WrongArguments(
                span=expr.span,
                called=expr.name.text,
                reason="takes no values",
                hint=f"write `{expr.name.text}` without brackets",
                fix=Fix("drop the brackets", expr.span, expr.name.text) if not expr.args else None,
            )
        )
        return None
    bound = functions.bound(scope, expr.name.text, node.params, expr.args, expr.span)
    if bound is None:
        return None
    key = f"{node.name.text}("
    if key in owner.opening:
        _say_circle(scope, owner, node, key)
        return None
    if len(scope.trail) > 50:
        scope.say_too_much(expr.span, deep=True)
        return None
    within = replace(scope, names=owner, params=bound, event=None, trail=(*scope.trail, expr.span))
    # Opening a define again and again is work even where little comes of it.
    scope.report.total += 5
    owner.opening.append(key)
    found = meaning(within, node.body)
    owner.opening.pop()
    return found


def _say_circle(scope: Scope, owner: Names, node: tree.Define, key: str) -> None:
    circle = (*owner.opening[owner.opening.index(key) :], key)
    members = frozenset(circle)
    if members not in scope.report.circles:
        scope.report.circles.add(members)
        names_in_order = tuple(name.removesuffix("(") for name in circle)
        scope.report.add(CircularDefinition(span=node.name.span, circle=names_in_order))
