"""Names: what a file declares, what is declared twice, and what a name stands for where it is used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple, TypeVar

from ...dsl import ir, tree
from ...dsl.problems import Fix, Note
from ...dsl.source import Span
from . import name_problems as problems
from .scope import (
    EVENT,
    Declared,
    DeclaredAs,
    EventMeaning,
    ListMeaning,
    Meaning,
    Names,
    Report,
    Scope,
    Template,
    suggestion,
)

FUNCTIONS = (
    "domain", "local_part", "length", "words", "capitalised", "repeats", "min", "max", "abs", "round", "floor", "ceil",
    "sqrt", "weighted_mean", "if",
)  # fmt: skip
"""The functions of the language."""

DECLARED_WORDS: Mapping[DeclaredAs, str] = {
    "field": "a field",
    "define": "a define",
    "list": "a list",
    "score": "a score",
    "band": "a band",
    "decision": "a decision",
    "account score": "a score of the account",
    "account band": "a band of the account",
    "account decision": "a decision of the account",
}


def words_of(declared: Declared) -> str:
    return DECLARED_WORDS[declared.what]


# ------------------------------------------------------------------ declaring


def declare(file: tree.File, names: Names, report: Report) -> None:
    """Enters everything that a file declares. Of two things with one name the first is kept, the second reported."""
    for declaration in file.declarations:
        match declaration:
            case tree.Record(fields=fields):
                for field in fields:
                    _enter_value(names, report, field.name, Declared("field", field))
            case tree.Event(kinds=kinds):
                for kind in kinds:
                    _enter(names.events, report, kind.name, kind, "events")
            case tree.ListOf(name=name):
                _enter_value(names, report, name, Declared("list", declaration))
            case tree.Define(name=name):
                _enter_value(names, report, name, Declared("define", declaration))
                if declaration.params and name.text in FUNCTIONS:
                    reason = "the language has a function of that name"
                    report.add(problems.ReservedName(span=name.span, name=name.text, what="a define", reason=reason))
            case tree.RuleSet() | tree.BandSet() | tree.ChoiceSet():
                _enter(names.templates, report, declaration.name, declaration, "sets")
            case tree.Score(name=name):
                _enter_value(names, report, name, Declared("score", declaration))
            case tree.Band(name=name):
                _enter_value(names, report, name, Declared("band", declaration))
            case tree.Decide(name=name):
                _enter_value(names, report, name, Declared("decision", declaration))
            case tree.Outcome(name=name):
                _enter(names.outcomes, report, name, declaration, "outcomes")
            case tree.Account(items=items):
                for item in items:
                    match item:
                        case tree.Score():
                            _enter_value(names, report, item.name, Declared("account score", item))
                        case tree.Band():
                            _enter_value(names, report, item.name, Declared("account band", item))
                        case tree.Decide():
                            _enter_value(names, report, item.name, Declared("account decision", item))
                        case tree.Gate():
                            pass
            case _:
                pass
    for declaration in file.declarations:
        if isinstance(declaration, tree.Record):
            _say_key_taken(names, report, declaration)


def _say_key_taken(names: Names, report: Report, record: tree.Record) -> None:
    """A result has a column for the key, and one for each score, band and decision."""
    key = record.key.text if record.key is not None else f"{record.subject.text}_id"
    taken = names.values.get(key)
    if taken is not None and taken.what in ("score", "band", "decision"):
        told_apart = f"a {record.subject.text} is told from others by `{key}`, which stands in the result too"
        place = (record.key or record.subject).span
        name = taken.node.name
        say_duplicate(
            report, name, name, "columns of the result", (Note(place, told_apart),), f"call the {taken.what} otherwise"
        )


T = TypeVar("T", bound=tree.EventKind | tree.Outcome | tree.RuleSet | tree.BandSet | tree.ChoiceSet)


def _enter(table: dict[str, T], report: Report, name: tree.Name, declared: T, what: str) -> None:
    first = table.setdefault(name.text, declared)
    if first is not declared:
        say_duplicate(report, name, first.name, what)


def _enter_value(names: Names, report: Report, name: tree.Name, declared: Declared) -> None:
    first = names.values.setdefault(name.text, declared)
    if first is not declared:
        same = first.what == declared.what
        notes = () if same else (Note(first.node.name.span, DECLARED_WORDS[first.what]),)
        say_duplicate(report, name, first.node.name, f"{first.what}s" if same else "things", notes)


def say_duplicate(
    report: Report,
    again: tree.Name | tree.Label,
    first: tree.Name | tree.Label,
    what: str,
    notes: tuple[Note, ...] = (),
    hint: str = "",
) -> None:
    """Reports the second of two things of one name."""
    notes = notes or (Note(first.span, "first here"),)
    report.add(
        problems.DuplicateName(span=again.span, label="again", notes=notes, name=again.text, what=what, hint=hint)
    )


def say_twice(report: Report, what: str, again: Span, first: Span) -> None:
    """Reports something that stands twice."""
    report.add(problems.SaidTwice(span=again, label="again", notes=(Note(first, "first here"),), what=what))


def once(report: Report, names: Iterable[tree.Name], what: str) -> None:
    """Reports the names that stand twice."""
    first: dict[str, tree.Name] = {}
    for name in names:
        if first.setdefault(name.text, name) is not name:
            say_duplicate(report, name, first[name.text], what)


# ------------------------------------------------------------------ finding


class Found(NamedTuple):
    """A name for a value, and the file that declares it."""

    names: Names
    declared: Declared

    @property
    def words(self) -> str:
        return DECLARED_WORDS[self.declared.what]


def find(scope: Scope, name: tree.Dotted) -> Found | Meaning | ListMeaning | EventMeaning | str | None:
    """What a name stands for: a parameter, a property of the event at hand, or something that a file declares. Text
    is a name that is not there (the part of it that is unknown); None is one whose problem has been reported."""
    if len(name.parts) > 1:
        return _find_member(scope, name)
    text = name.parts[0].text
    if text in scope.params:
        return scope.params[text]
    if scope.event is not None:
        if scope.event.kinds is None:
            if text not in scope.names.values:
                return None
        else:
            prop = scope.facts.properties(scope.event.kinds).get(text)
            if prop is not None:
                return _property(scope, prop, name)
    declared = scope.names.values.get(text)
    if declared is not None:
        return Found(scope.names, declared)
    return None if text in scope.names.broken else text


def _property(scope: Scope, prop: ir.Field, name: tree.Dotted) -> Meaning | None:
    if prop.kind is ir.Kind.LABEL:
        say_two_types(scope, name)
        return None
    if scope.place is not EVENT:
        scope.reads.add(("property", prop.name))
    return Meaning(prop.kind, ir.PropertyOf(prop.kind, prop.name, span=name.span), labels=prop.values)


def say_two_types(scope: Scope, name: tree.Name | tree.Dotted) -> None:
    scope.say(problems.PropertyOfTwoTypes(span=name.span, name=name.text))


def _find_member(scope: Scope, name: tree.Dotted) -> Found | str | None:
    owner = library_named(scope, name)
    if not isinstance(owner, Names):
        return owner
    member = name.parts[-1]
    declared = owner.values.get(member.text)
    if declared is not None:
        return Found(owner, declared)
    if member.text not in owner.broken:
        say_unknown_member(scope, name, (*owner.values, *owner.templates))
    return None


def library_named(scope: Scope, name: tree.Dotted) -> Names | str | None:
    """The library that a dotted name begins with."""
    alias = ".".join(part.text for part in name.parts[:-1])
    if alias in scope.names.libraries:
        return scope.names.libraries[alias]
    return None if alias in scope.names.broken else name.text


def say_unknown_member(scope: Scope, name: tree.Dotted, members: tuple[str, ...]) -> None:
    member = name.parts[-1]
    alias = ".".join(part.text for part in name.parts[:-1])
    nearest = scope.report.nearest(member.text, members)
    scope.say(
        problems.UnknownMember(
            span=member.span,
            label=problems.did_you_mean(nearest),
            fix=suggestion(member, nearest),
            owner=alias,
            name=member.text,
            nearest=nearest,
            known=members,
        )
    )


def say_unknown_text(scope: Scope, name: tree.Dotted) -> None:
    """Reports a name that is nothing, where a text may have been meant."""
    if len(name.parts) > 1 or _elsewhere(scope, name.text) is not None:
        say_unknown_value(scope, name)
        return
    quoted = f'"{name.text}"'
    nearest = _nearest_value(scope, name.text)
    scope.say(
        problems.UnknownField(
            span=name.span,
            label=problems.did_you_mean(nearest),
            fix=suggestion(name.parts[0], nearest) or Fix("put it in quotes", name.span, quoted),
            name=name.text,
            nearest=nearest,
            hint=f"if it is meant as a text, put it in quotes: `{quoted}`",
        )
    )


def say_unknown_value(scope: Scope, name: tree.Dotted) -> None:
    """Reports a name that is used as a value and is none."""
    if len(name.parts) > 1:
        _say_unknown_dotted(scope, name)
        return
    text = name.parts[0].text
    elsewhere = _elsewhere(scope, text)
    if elsewhere is not None:
        say_other_kind(scope, name, elsewhere[0], "a value", elsewhere[1])
        return
    nearest = _nearest_value(scope, text)
    hint = "a library knows no lead: let it be told the value, as a parameter" if scope.names.library else ""
    scope.say(
        problems.UnknownField(
            span=name.span,
            label=problems.did_you_mean(nearest),
            fix=suggestion(name.parts[0], nearest),
            name=text,
            nearest=nearest,
            hint="" if nearest else hint,
        )
    )


def _nearest_value(scope: Scope, text: str) -> str | None:
    properties: Iterable[str] = ()
    if scope.event is not None and scope.event.kinds is not None:
        properties = scope.facts.properties(scope.event.kinds)
    return scope.report.nearest(text, (*properties, *scope.params, *scope.names.values))


def _say_unknown_dotted(scope: Scope, name: tree.Dotted) -> None:
    alias = ".".join(part.text for part in name.parts[:-1])
    declared = scope.names.values.get(alias)
    if name.text in scope.facts.rules or (declared is not None and declared.what == "score"):
        hint = "a rule's points are part of its score: read the score, or repeat the rule's condition"
        scope.say(problems.OtherKindOfName(span=name.span, name=name.text, is_a="a rule", wanted="a value", hint=hint))
        return
    nearest = scope.report.nearest(alias, scope.names.libraries)
    scope.say(
        problems.UnknownLibraryName(span=name.span, label=problems.did_you_mean(nearest), name=alias, nearest=nearest)
    )


def _elsewhere(scope: Scope, text: str) -> tuple[str, str] | None:
    """What a name is that is no value by itself, and how it is used; None if it is nothing at all."""
    if text in scope.names.events:
        return "an event", f"write `any {text}`, `no {text}` or `count of {text}`"
    if text in scope.names.libraries:
        return "a library", f"name one of its members: `{text}.NAME`"
    if text in scope.names.templates:
        return "a set of rows", f"bring it in with `include {text}`"
    if text in FUNCTIONS:
        return "a function", f"say of what: `{text}(...)`"
    for kind in scope.facts.events.values():
        if any(prop.name == text for prop in kind.properties):
            way = f"write `sum of {text} of {kind.name}`, or read it in a `where` about `{kind.name}`"
            return f"a property of `{kind.name}`", way
    for owner, labels in scope.facts.labels.items():
        if text in labels:
            return f"one of the labels of `{owner}`", f"write `{owner} is {text}`"
    for field in scope.facts.fields.values():
        if field.values is not None and text in field.values:
            return f"one of the values of `{field.name}`", f"write `{field.name} is {text}`"
    return None


def event_named(scope: Scope, event: tree.EventName) -> EventMeaning | None:
    """The kinds that an event's name stands for; `event` is any kind."""
    if event.name is None:
        return EventMeaning(None if scope.names.library and not scope.facts.kinds else scope.facts.kinds)
    text = event.name.text
    if text in scope.params:
        bound = scope.params[text]
        if bound is None or isinstance(bound, EventMeaning):
            return bound
        hint = "give the parameter the type `event`"
        say_other_kind(scope, event.name, "a parameter that is no event", "an event", hint)
        return None
    if text in scope.names.events:
        return EventMeaning((text,))
    if text in scope.names.broken:
        return None
    if text in scope.names.values:
        say_other_kind(scope, event.name, DECLARED_WORDS[scope.names.values[text].what], "an event")
        return None
    nearest = scope.report.nearest(text, (*scope.names.events, *_parameters(scope, EventMeaning)))
    scope.say(
        problems.UnknownEvent(
            span=event.name.span,
            label=problems.did_you_mean(nearest),
            fix=suggestion(event.name, nearest),
            name=text,
            nearest=nearest,
        )
    )
    return None


def _parameters(scope: Scope, kind: type[Meaning] | type[ListMeaning] | type[EventMeaning]) -> list[str]:
    return [name for name, bound in scope.params.items() if isinstance(bound, kind)]


def say_other_kind(scope: Scope, name: tree.Name | tree.Dotted, is_a: str, wanted: str, hint: str = "") -> None:
    scope.say(problems.OtherKindOfName(span=name.span, name=name.text, is_a=is_a, wanted=wanted, hint=hint))


def list_named(scope: Scope, name: tree.Dotted) -> ListMeaning | None:
    """The list that a name stands for."""
    found = find(scope, name)
    match found:
        case None:
            return None
        case ListMeaning():
            return found
        case Found(names=owner, declared=Declared(what="list", node=node)):
            return owner.lists.get(node.name.text)
        case Meaning() | EventMeaning():
            say_other_kind(scope, name, "no list", "a list", "a list is declared with `list NAME = (...)`")
        case Found():
            say_other_kind(scope, name, found.words, "a list", "a list is declared with `list NAME = (...)`")
        case str():
            lists = [text for text, declared in scope.names.values.items() if declared.what == "list"]
            nearest = scope.report.nearest(name.text, (*lists, *_parameters(scope, ListMeaning)))
            scope.say(
                problems.UnknownList(
                    span=name.span,
                    label=problems.did_you_mean(nearest),
                    fix=suggestion(name.parts[-1], nearest) if len(name.parts) == 1 else None,
                    name=name.text,
                    nearest=nearest,
                )
            )
    return None


def score_named(scope: Scope, name: tree.Name, wanted: DeclaredAs = "score") -> str | None:
    """The score that a name stands for: one of a lead, or an `account score`."""
    if name.text in scope.params:
        bound = scope.params[name.text]
        if isinstance(bound, Meaning) and isinstance(bound.expr, ir.ScoreOf):
            return bound.expr.name
        if bound is not None:
            say_other_kind(scope, name, "a parameter that is no score", "a score", "give it the type `score`")
        return None
    declared = scope.names.values.get(name.text)
    if declared is not None and declared.what == wanted:
        return name.text
    if name.text in scope.names.broken:
        return None
    if declared is not None:
        hint = "an account has scores of its own, declared inside its block" if wanted == "account score" else ""
        say_other_kind(scope, name, DECLARED_WORDS[declared.what], DECLARED_WORDS[wanted], hint)
        return None
    known = tuple(text for text, d in scope.names.values.items() if d.what == wanted)
    nearest = scope.report.nearest(name.text, known)
    scope.say(
        problems.UnknownScore(
            span=name.span,
            label=problems.did_you_mean(nearest),
            fix=suggestion(name, nearest),
            name=name.text,
            nearest=nearest,
            known=known,
        )
    )
    return None


_SETS: Mapping[type[Template], str] = {tree.RuleSet: "rules", tree.BandSet: "bands", tree.ChoiceSet: "choices"}

S = TypeVar("S", tree.RuleSet, tree.BandSet, tree.ChoiceSet)


def template_named(scope: Scope, name: tree.Dotted, kind: type[S]) -> tuple[Names, S] | None:
    """The set of rules, bands or choices that an `include` names, and the file it is in."""
    owner: Names | str | None = scope.names if len(name.parts) == 1 else library_named(scope, name)
    if owner is None:
        return None
    if isinstance(owner, str):
        _say_unknown_dotted(scope, name)
        return None
    member = name.parts[-1]
    template = owner.templates.get(member.text)
    if isinstance(template, kind):
        return owner, template
    if member.text in owner.broken:
        return None
    what = _SETS[kind]
    if template is not None:
        say_other_kind(scope, name, f"a set of {_SETS[type(template)]}", f"a set of {what}")
    elif member.text in owner.values:
        say_other_kind(scope, name, words_of(owner.values[member.text]), f"a set of {what}")
    else:
        known = tuple(name for name, set_ in owner.templates.items() if isinstance(set_, kind))
        nearest = scope.report.nearest(member.text, known)
        scope.say(
            problems.UnknownRuleSet(
                span=member.span,
                label=problems.did_you_mean(nearest),
                fix=suggestion(member, nearest),
                name=name.text,
                what=what,
                nearest=nearest,
                known=known,
            )
        )
    return None
