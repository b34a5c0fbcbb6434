"""Facts: the fields of a lead, and the kinds of events with their properties."""

from __future__ import annotations

from collections.abc import Sequence

from ...dsl import ir, tree, values
from . import literals, names
from .file_problems import OtherSubject
from .name_problems import OtherKindOfName, ReservedName
from .scope import NUMBER, TEXT, Report, Scope
from .value_problems import DuplicateListEntry, EmptyText

_KINDS = {
    "text": ir.Kind.TEXT,
    "number": ir.Kind.NUMBER,
    "yes/no": ir.Kind.FLAG,
    "date": ir.Kind.DATE,
    "time": ir.Kind.TIME,
    "list of text": ir.Kind.TEXTS,
    "one of": ir.Kind.TEXT,
}

RESERVED_PROPERTIES = ("event", "at")
"""What every event has: its kind and its instant."""


def lead_fields(scope: Scope, records: Sequence[tree.Record], subject: str) -> str:
    """Enters the fields of a lead among the facts, and gives the name of its key."""
    for record in records[1:]:
        names.say_twice(scope.report, "the block of fields", record.subject.span, records[0].subject.span)
    key = "lead_id" if subject == "lead" else f"{subject}_id"
    for record in records[:1]:
        if record.subject.text != subject:
            scope.say(OtherSubject(span=record.subject.span, written=record.subject.text, subject=subject))
        if record.key is not None:
            key = record.key.text
        for written in record.fields:
            made = field(scope, written)
            if made is None or made.name in scope.facts.fields:
                continue
            if record.key is not None and made.name == key:
                made = _key_field(scope, record.key, made)
            scope.facts.fields[made.name] = made
    return key


def _key_field(scope: Scope, key: tree.Name, made: ir.Field) -> ir.Field:
    """A field that is the key: a lead without it is nobody, so it is required whether or not that is written."""
    if made.kind not in (TEXT, NUMBER):
        names.say_other_kind(
            scope, key, "neither a text nor a number", "a text or a number", "leads are told apart by it"
        )
    return ir.Field(made.name, made.kind, True, made.column, made.values, span=made.span)


def field(scope: Scope, written: tree.Field) -> ir.Field | None:
    """A field or a property."""
    name = written.name.text
    kind = _KINDS.get(written.type.kind)
    if kind is None:
        hint = "only the parameters of a set of rules stand for events and scores"
        is_a = f"`{written.type.kind}`"
        scope.say(OtherKindOfName(span=written.type.span, name=name, is_a=is_a, wanted="a type of data", hint=hint))
        return None
    allowed = _allowed(scope, written) if written.type.kind == "one of" else None
    column = written.column.value if written.column is not None else name
    return ir.Field(name, kind, written.required, column, allowed, span=written.span)


def _allowed(scope: Scope, written: tree.Field) -> tuple[str, ...] | None:
    found: dict[str, str] = {}
    for item in written.type.values:
        text = values.trimmed(literals.word(item))
        if text is None:
            scope.say(EmptyText(span=item.span, label="an empty text"))
            continue
        folded = values.folded(text)
        if folded in found:
            scope.say(DuplicateListEntry(span=item.span, entry=text, label="again"))
        found.setdefault(folded, text)
    return tuple(found.values()) or None


def event_kinds(scope: Scope, events: Sequence[tree.Event], report: Report) -> None:
    """Enters the kinds of events among the facts."""
    sources: dict[str, tree.EventKind] = {}
    for event in events:
        properties: list[ir.Field] = []
        names.once(report, (written.name for written in event.fields), "properties")
        seen: set[str] = set()
        for written in event.fields:
            if written.name.text in RESERVED_PROPERTIES:
                own = written.name.text
                reason = f"every event has a column `{own}`: give this one another name, and its column with `from`"
                scope.say(
                    ReservedName(span=written.name.span, name=written.name.text, what="a property", reason=reason)
                )
                continue
            made = field(scope, written)
            if made is not None and made.name not in seen:
                seen.add(made.name)
                properties.append(made)
        for kind in event.kinds:
            name = kind.name.text
            source = kind.source.value if kind.source is not None else name
            if name in scope.facts.events:
                continue
            first = sources.setdefault(source, kind)
            if first is not kind:
                names.say_twice(report, f'data called "{source}"', kind.span, first.span)
            scope.facts.events[name] = ir.EventKind(name, source, tuple(properties), span=kind.span)
    scope.facts.kinds = tuple(sorted(scope.facts.events))
