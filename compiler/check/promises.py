"""Promises: statements about all leads. Whatever its form, one says that a condition always holds, or that a score
goes one way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import assert_never

from ...dsl import ir, tree
from ...dsl.problems import Note
from . import expressions, literals, names
from .promise_problems import ContradictoryPromises, PromiseAboutSomebodyElse, PromiseBoundsOutOfOrder
from .scope import EXACT, FLAG, LABEL, NUMBER, Scope


def promise(scope: Scope, node: tree.Promise, subject: str) -> ir.Promise:
    """What a promise means; `subject` is what the policy calls a lead."""
    vows: list[ir.Holds | ir.Monotone] = []
    for vow in node.vows:
        found = _vow(scope, vow, subject)
        if found is not None:
            vows.append(found)
    label = node.label.value if node.label is not None else ""
    return ir.Promise(node.name.text, label, tuple(vows), span=node.span)


def contradictions(scope: Scope, promises: Iterable[ir.Promise]) -> None:
    """Tells which promises of a policy can both hold only if nobody is what they speak of."""
    earlier: list[ir.Holds] = []
    for vow in (vow for promise in promises for vow in promise.vows if isinstance(vow, ir.Holds)):
        other = next((one for one in earlier if one.condition == vow.condition and _is_opposite(one, vow)), None)
        if other is not None:
            scope.say(
                ContradictoryPromises(
                    span=vow.span,
                    notes=(Note(other.span, "promised here"),),
                    promise=scope.report.quote(vow.span),
                    other=scope.report.quote(other.span),
                )
            )
        earlier.append(vow)


def _is_opposite(one: ir.Holds, other: ir.Holds) -> bool:
    return _negated(one.consequence) == other.consequence or one.consequence == _negated(other.consequence)


def _negated(condition: ir.Expr) -> ir.Expr:
    opposite: Mapping[ir.Sign, ir.Sign] = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", "<=": ">", ">": "<="}
    match condition:
        case ir.Not(item=item):
            return item
        case ir.Compare(sign=sign):
            return replace(condition, sign=opposite[sign])
        case _:
            return ir.Not(FLAG, condition)


def _vow(scope: Scope, vow: tree.Vow, subject: str) -> ir.Holds | ir.Monotone | None:
    match vow:
        case tree.Holds(condition=condition):
            test = expressions.condition(scope, condition)
            return test and ir.Holds(None, test.expr, span=vow.span)
        case tree.Implies(condition=condition, consequence=consequence):
            test = expressions.condition(scope, condition)
            then = expressions.condition(scope, consequence)
            return None if test is None or then is None else ir.Holds(test.expr, then.expr, span=vow.span)
        case tree.Never(unwanted=unwanted, condition=condition):
            never = expressions.condition(scope, unwanted)
            test = expressions.condition(scope, condition)
            if never is None or test is None:
                return None
            return ir.Holds(test.expr, _negated(replace(never.expr, span=unwanted.span)), span=vow.span)
        case tree.Stays():
            return _stays(scope, vow)
        case tree.ExactlyOne():
            return _exactly_one(scope, vow, subject)
        case tree.Monotone():
            score = names.score_named(scope, vow.score)
            if vow.direction == "more":
                event = names.event_named(scope, tree.EventName(vow.name, span=vow.name.span))
                if score is None or event is None or event.kinds is None:
                    return None
                return ir.Monotone(event.kinds[0], None, vow.verb, score, span=vow.span)
            field = _number_field(scope, vow.name)
            return None if score is None or field is None else ir.Monotone(None, field, vow.verb, score, span=vow.span)
        case _:
            assert_never(vow)


def _stays(scope: Scope, vow: tree.Stays) -> ir.Holds | None:
    score = names.score_named(scope, vow.score)
    low, high = (literals.ticks(scope, end.value, end.span, literals.LARGEST_LIMIT) for end in (vow.low, vow.high))
    if low is not None and high is not None and low > high:
        shown = (scope.report.quote(vow.low.span), scope.report.quote(vow.high.span))
        scope.say(PromiseBoundsOutOfOrder(span=vow.low.span.to(vow.high.span), low=shown[0], high=shown[1]))
        return None
    if score is None or low is None or high is None:
        return None
    of = ir.ScoreOf(EXACT, score, span=vow.score.span)
    above = ir.Compare(FLAG, ">=", of, ir.Const(EXACT, low, span=vow.low.span), span=vow.span)
    below = ir.Compare(FLAG, "<=", of, ir.Const(EXACT, high, span=vow.high.span), span=vow.span)
    return ir.Holds(None, ir.And(FLAG, (above, below), span=vow.span), span=vow.span)


def _exactly_one(scope: Scope, vow: tree.ExactlyOne, subject: str) -> ir.Holds | None:
    if vow.subject.text != subject:
        scope.say(PromiseAboutSomebodyElse(span=vow.subject.span, name=vow.subject.text, subject=subject))
    declared = scope.names.values.get(vow.name.text)
    if declared is None:
        if vow.name.text not in scope.names.broken:
            names.say_unknown_value(scope, tree.Dotted((vow.name,), span=vow.name.span))
        return None
    if declared.what not in ("decision", "band"):
        hint = "a lead gets an outcome of a decision, or a label of a band"
        names.say_other_kind(scope, vow.name, names.words_of(declared), "a decision or a band", hint)
        return None
    of: ir.Expr = (ir.DecisionOf if declared.what == "decision" else ir.BandOf)(LABEL, vow.name.text)
    labels = tuple(sorted(scope.facts.labels.get(vow.name.text, ())))
    return ir.Holds(None, ir.InSet(FLAG, of, labels, span=vow.span), span=vow.span) if labels else None


def _number_field(scope: Scope, name: tree.Name) -> str | None:
    declared = scope.names.values.get(name.text)
    if declared is None:
        if name.text not in scope.names.broken:
            names.say_unknown_value(scope, tree.Dotted((name,), span=name.span))
        return None
    field = scope.facts.fields.get(name.text) if declared.what == "field" else None
    if declared.what == "field" and field is None:
        return None
    if field is None or field.kind is not NUMBER:
        is_a = names.words_of(declared) if field is None else "a field that is no number"
        names.say_other_kind(scope, name, is_a, "a field that is a number", "only a number can be higher")
        return None
    return name.text
