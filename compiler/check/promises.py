"""Promises: statements about all leads."""

from __future__ import annotations

from typing import assert_never

from ...dsl import ir, tree
from . import expressions, names
from .scope import NUMBER, Scope


def promise(scope: Scope, node: tree.Promise) -> ir.Promise:
    vows: list[ir.Holds | ir.Monotone] = []
    for vow in node.vows:
        found = _vow(scope, vow)
        if found is not None:
            vows.append(found)
    label = node.label.value if node.label is not None else ""
    return ir.Promise(node.name.text, label, tuple(vows), span=node.span)


def _vow(scope: Scope, vow: tree.Vow) -> ir.Holds | ir.Monotone | None:
    match vow:
        case tree.Holds(condition=condition):
            test = expressions.condition(scope, condition)
            return test and ir.Holds(None, test.expr, span=vow.span)
        case tree.Implies(condition=condition, consequence=consequence):
            test = expressions.condition(scope, condition)
            then = expressions.condition(scope, consequence)
            return None if test is None or then is None else ir.Holds(test.expr, then.expr, span=vow.span)
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
