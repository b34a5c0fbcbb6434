"""Tests: the lead that an example describes, and what is expected of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import assert_never

from ...dsl import ir, tree, values
from ...dsl.problems import Fix
from . import comparisons, expressions, literals, names
from .example_problems import TestCannotFail, TestDependsOnToday, TestFieldNotInSchema, TooManyEvents
from .name_problems import UnknownProperty, UnknownRule, did_you_mean
from .scope import DATE, FLAG, KIND_WORDS, NUMBER, TEXT, TEXTS, TIME, Scope, suggestion
from .type_problems import TypeMismatch
from .value_problems import EmptyText

_MOST_EVENTS = 10_000


def test(scope: Scope, node: tree.Test, reads_clock: bool) -> ir.Test | None:
    """What a test means; `reads_clock` tells whether the policy's results change as time goes by."""
    title = node.title.value
    at = _at(scope, node, reads_clock)
    lead: dict[str, ir.Value] = dict.fromkeys(scope.facts.fields)
    given: list[tree.Name] = []
    happened: list[ir.Happening] = []
    expected: list[ir.Expectation] = []
    for step in node.steps:
        match step:
            case tree.At():
                pass
            case tree.Given(values=pairs):
                given.extend(name for name, _ in pairs)
                for name, value in pairs:
                    field = _field_named(scope, name)
                    if field is not None:
                        lead[field.name] = _value(scope, field, value)
            case tree.Happened():
                happened.extend(_happened(scope, step, at))
            case tree.Expect(condition=condition):
                holds = expressions.condition(scope, condition)
                if holds is not None:
                    text = scope.report.quote(condition.span)
                    expected.append(ir.Expectation(holds.expr, None, False, text, span=step.span))
            case tree.ExpectFired():
                expected.extend(_fired(scope, step))
            case _:
                assert_never(step)
    _given_once(scope, given)
    expects = any(isinstance(step, tree.Expect | tree.ExpectFired) for step in node.steps)
    if not expects and not scope.facts.is_torn(node.span):
        scope.say(TestCannotFail(span=node.title.span, title=title))
    return ir.Test(title, at, tuple(lead.items()), tuple(happened), tuple(expected), span=node.span)


def _at(scope: Scope, node: tree.Test, reads_clock: bool) -> int:
    steps = [step for step in node.steps if isinstance(step, tree.At)]
    for step in steps[1:]:
        names.say_twice(scope.report, "`at`", step.span, steps[0].span)
    if steps:
        return literals.instant(scope, steps[0].when)
    if reads_clock or any(isinstance(step, tree.Happened) for step in node.steps):
        scope.say(TestDependsOnToday(span=node.title.span, title=node.title.value))
    return literals.instant(scope, tree.Date("2000-01-01"))


# ------------------------------------------------------------------ the lead


def _given_once(scope: Scope, given: Iterable[tree.Name]) -> None:
    first: dict[str, tree.Name] = {}
    for name in given:
        if first.setdefault(name.text, name) is not name:
            names.say_twice(scope.report, f"`{name.text}`", name.span, first[name.text].span)


def _field_named(scope: Scope, name: tree.Name) -> ir.Field | None:
    field = scope.facts.fields.get(name.text)
    if field is not None:
        return field
    if name.text in scope.names.broken or name.text in scope.names.values:
        declared = scope.names.values.get(name.text)
        if declared is not None and declared.what != "field":
            names.say_other_kind(scope, name, names.words_of(declared), "a field of the lead")
        return None
    nearest = scope.report.nearest(name.text, scope.facts.fields)
    scope.say(
        TestFieldNotInSchema(
            span=name.span,
            label=did_you_mean(nearest),
            fix=suggestion(name, nearest),
            name=name.text,
            nearest=nearest,
        )
    )
    return None


def _value(scope: Scope, field: ir.Field, written: tree.Literal_ | tree.Values) -> ir.Value:
    """A written value as a clean one of the field's type; None where it is missing or a problem is reported."""
    if isinstance(written, tree.Name) and written.text == "missing" and "missing" not in (field.values or ()):
        return None
    if isinstance(written, tree.Values):
        if field.kind is not TEXTS:
            _say_wrong(scope, field, "several values", written)
            return None
        return tuple(text for item in written.items if (text := _text(scope, item)) is not None)
    if field.values is not None:
        return _one_of(scope, field, written)
    match written:
        case tree.Text() | tree.Name() if field.kind is TEXT:
            return _text(scope, written)
        case tree.Text() | tree.Name() if field.kind is TEXTS:
            text = _text(scope, written)
            return None if text is None else (text,)
        case tree.Number() if field.kind is NUMBER:
            return float(written.value)
        case tree.Flag() if field.kind is FLAG:
            return written.value
        case tree.Date() if field.kind in (DATE, TIME):
            return literals.instant(scope, written)
        case tree.Time() if field.kind is TIME:
            return literals.instant(scope, written)
        case _:
            _say_wrong(scope, field, _WRITTEN[type(written)], written)
            return None


_WRITTEN: Mapping[type[tree.Node], str] = {
    tree.Text: "a text",
    tree.Name: "a word",
    tree.Number: "a number",
    tree.Flag: "yes or no",
    tree.Date: "a date",
    tree.Time: "a time",
}


def _text(scope: Scope, written: tree.Literal_) -> str | None:
    text = values.trimmed(literals.word(written))
    if text is None:
        scope.say(EmptyText(span=written.span, label="write `missing` for no value"))
    return text


def _one_of(scope: Scope, field: ir.Field, written: tree.Literal_) -> str | None:
    assert field.values is not None
    folded = values.folded(literals.word(written))
    found = next((value for value in field.values if values.folded(value) == folded), None)
    if found is None:
        quoted = f'"{literals.word(written)}"' if isinstance(written, tree.Text) else literals.word(written)
        comparisons.say_outside(scope, field.name, field.values, literals.word(written), written.span, quoted)
    return found


def _say_wrong(scope: Scope, field: ir.Field, is_a: str, written: tree.Literal_ | tree.Values) -> None:
    is_text = field.kind is TEXT and isinstance(written, tree.Number)
    scope.say(
        TypeMismatch(
            span=written.span,
            label=is_a,
            what=field.name,
            is_a=KIND_WORDS[field.kind],
            wanted=f"the test gives it {is_a}",
            hint="put it in quotes" if is_text else "",
            fix=Fix("write it as a text", written.span, f'"{literals.word(written)}"')
            if is_text and not isinstance(written, tree.Values)
            else None,
        )
    )


# ------------------------------------------------------------------ its events


def _happened(scope: Scope, step: tree.Happened, at: int) -> list[ir.Happening]:
    event = names.event_named(scope, tree.EventName(step.event, span=step.event.span))
    when: int | None = None
    if step.ago is not None:
        # `0 days ago` is just now; nothing else in the language lasts no time.
        ago = literals.length(scope, step.ago) if step.ago.count else None
        when = at - ago.micros if ago is not None else at if not step.ago.count else None
    elif step.on is not None:
        when = literals.instant(scope, step.on)
    else:
        when = at
    if not 1 <= step.times <= _MOST_EVENTS:
        scope.say(TooManyEvents(span=step.span, times=step.times))
        return []
    _given_once(scope, [name for name, _ in step.values])
    if event is None or event.kinds is None:
        return []
    kind = step.event.text
    found: dict[str, ir.Value] = {}
    known = scope.facts.events.get(kind)
    if known is None:
        return []
    properties = {prop.name: prop for prop in known.properties}
    for name, written in step.values:
        prop = properties.get(name.text)
        if prop is None:
            if name.text not in scope.names.broken:
                _say_no_property(scope, kind, name, properties)
            continue
        value = _value(scope, prop, written)
        if value is not None:
            found[prop.name] = value
    if when is None:
        return []
    return [ir.Happening(kind, when, tuple(found.items()))] * step.times


def _say_no_property(scope: Scope, kind: str, name: tree.Name, properties: Iterable[str]) -> None:
    nearest = scope.report.nearest(name.text, properties)
    scope.say(
        UnknownProperty(
            span=name.span,
            label=did_you_mean(nearest),
            fix=suggestion(name, nearest),
            name=name.text,
            event=kind,
            nearest=nearest,
        )
    )


# ------------------------------------------------------------------ what is expected


def _fired(scope: Scope, step: tree.ExpectFired) -> list[ir.Expectation]:
    found: list[ir.Expectation] = []
    word = "not fired" if step.negated else "fired"
    for name in step.rules:
        if name.text in scope.facts.rules:
            text = f"{word} {name.text}"
            found.append(ir.Expectation(None, name.text, step.negated, text, span=name.span))
        elif name.text in scope.facts.groups:
            hint = "name one of the rules in it"
            names.say_other_kind(scope, name, "a group", "a rule", hint)
        elif not scope.facts.incomplete:
            _say_no_rule(scope, name)
    return found


def _say_no_rule(scope: Scope, name: tree.Dotted) -> None:
    rules = scope.facts.rules
    last = name.parts[-1].text
    nearest = next((rule for rule in rules if rule.endswith(f".{last}")), None) or scope.report.nearest(
        name.text, rules
    )
    fix = Fix(f"replace with `{nearest}`", name.span, nearest) if nearest is not None else None
    scope.say(UnknownRule(span=name.span, label=did_you_mean(nearest), fix=fix, name=name.text, nearest=nearest))
