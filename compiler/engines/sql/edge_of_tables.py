"""The edge of typed tables: steps that bring the rows of a warehouse's own tables to clean leads and clean events.

A column is cast to the type that the policy declares. A row in which something is wrong is not scored; a second
statement counts such rows and says why.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sqlglot import exp

from ....dsl import facts, ir, values
from .dialects import CannotSay, Dialect, with_others
from .gathering import EventTable
from .lowering import LeadTable
from .midnights import midnight
from .rows import Names, Step, table
from .syntax import (
    Sql,
    all_of,
    any_of,
    call,
    case,
    cast,
    column,
    compare,
    flag,
    integer,
    is_null,
    is_true,
    member,
    named,
    negated,
    null,
    text,
)

PARAMETERS, LEADS, EVENTS = "parameters", "source_leads", "source_events"
"""What stands before these steps: the as-of instant, and the tables as they are."""

LEADS_READ, LEADS_JUDGED, LEADS_CLEAN = "leads_read", "leads_judged", "leads_clean"
EVENTS_READ, EVENTS_JUDGED, EVENTS_CLEAN = "events_read", "events_judged", "events_clean"

CLOCK = "clock"

TAKEN = (PARAMETERS, CLOCK, LEADS, EVENTS, LEADS_READ, LEADS_JUDGED, EVENTS_READ, EVENTS_JUDGED)

AS_OF = "as_of"
"""The column of `parameters`: a timestamp with a time zone."""


@dataclass(frozen=True)
class Edge:
    """Clean tables, the steps that make them, and where it stands why a row is refused."""

    steps: tuple[Step, ...]
    leads: LeadTable
    events: EventTable
    as_of: exp.Column
    """in microseconds; a column of the leads and of the events"""
    lead_refused: str
    event_refused: str


def edge_of(dialect: Dialect, program: ir.Program) -> Edge:
    """The steps for a program. Raises `CannotSay` for what the dialect cannot read."""
    props = {prop.name: prop for event in program.events for prop in event.properties}
    as_of = Names([*(one.name for one in program.fields), *props]).fresh(AS_OF)
    leads = _Reading(dialect, LEADS, program.timezone, as_of)
    events = _Reading(dialect, EVENTS, program.timezone, as_of)

    key = leads.put("lead_key", leads.trimmed(program.key))
    leads.refuse(is_null(column(key)), "the row has no key")
    twice = exp.Window(this=exp.Count(this=exp.Star()), partition_by=[column(key)], over="OVER")
    leads.refuse(compare(">", twice, integer(1)), "the key stands in several rows")
    fields: dict[str, str] = {}
    for one in program.fields:
        with leads.naming(f"field `{one.name}`", one):
            fields[one.name] = leads.column(one, [(one, flag(True))])
    refused = leads.names.fresh("refused_because")
    leads_clean = LeadTable(LEADS_CLEAN, (key, *fields.values(), as_of), key, fields)

    lead = events.put("lead_key", events.trimmed(program.key))
    word = events.trimmed("event")
    kind = events.put("event", _kind(program, word))
    written = events.put("event_as_written", word)
    at = events.put("at", dialect.micros(events.source("at")))
    events.refuse(is_null(column(written)), "the event has no name")
    events.refuse(is_null(column(kind)), facts.UNDECLARED)
    events.refuse(is_null(column(lead)), "the event has no lead")
    events.refuse(is_null(column(at)), "the event has no time")
    events.refuse(_out_of_range(column(at)), _RANGE.format("at"))
    properties: dict[str, str] = {}
    for name, prop in props.items():
        ways = _ways(program, name, lambda kinds: member(column(kind), [text(one) for one in kinds]))
        as_written = _ways(program, name, lambda kinds: _called(program, word, kinds))
        with events.naming(f"property `{name}`", prop):
            properties[name] = events.column(prop, ways, [test for _, test in as_written])
    event_refused = events.names.fresh("refused_because")
    events.refuse(compare(">", column(at), column(as_of)), "the event is later than the as-of instant")
    if leads.cannot or events.cannot:
        raise with_others([*leads.cannot, *events.cannot])
    events_clean = EventTable(
        EVENTS_CLEAN,
        (lead, kind, at, *properties.values(), as_of),
        lead,
        at,
        lambda kinds: member(column(kind), [text(one) for one in kinds]),
        properties,
    )
    return Edge(
        (
            _clock(dialect, as_of),
            *leads.steps(LEADS_READ, LEADS_JUDGED, LEADS_CLEAN, refused, leads_clean.columns),
            *events.steps(EVENTS_READ, EVENTS_JUDGED, EVENTS_CLEAN, event_refused, events_clean.columns),
        ),
        leads_clean,
        events_clean,
        column(as_of),
        refused,
        event_refused,
    )


def _clock(dialect: Dialect, as_of: str) -> Step:
    query = exp.select(named(dialect.micros(column(AS_OF)), as_of)).from_(table(PARAMETERS), copy=False)
    return Step(CLOCK, query)


def _kind(program: ir.Program, word: Sql) -> Sql:
    """The name that the policy gives to the kind of an event."""
    words: dict[str, str] = {event.name: event.name for event in program.events}
    words |= {event.source or event.name: event.name for event in program.events}
    if not words:
        return _none()
    return exp.Case(this=word, ifs=[exp.If(this=text(said), true=text(name)) for said, name in words.items()])


def _none() -> Sql:
    return cast(null(), "VARCHAR")


def _ways(program: ir.Program, name: str, is_one_of: Callable[[Sequence[str]], Sql]) -> list[tuple[ir.Field, Sql]]:
    """How the kinds of events declare a property, each with the test that an event is of such a kind."""
    ways: dict[tuple[str, bool, tuple[str, ...] | None], tuple[ir.Field, list[str]]] = {}
    for event in program.events:
        for prop in event.properties:
            if prop.name == name:
                ways.setdefault((prop.column, prop.required, prop.values), (prop, []))[1].append(event.name)
    everywhere = len(program.events)
    return [(prop, flag(True) if len(kinds) == everywhere else is_one_of(kinds)) for prop, kinds in ways.values()]


def _called(program: ir.Program, word: Sql, kinds: Sequence[str]) -> Sql:
    """Whether an event is of one of some kinds, by what the table calls it."""
    words = dict.fromkeys(said for kind in kinds for said in (program.event(kind).source or kind, kind))
    return member(word, [text(one) for one in words])


_RANGE = "`{}` is outside the years 0001 to 9999"


def _out_of_range(micros: Sql) -> Sql:
    return any_of(
        [compare("<", micros, integer(facts.EARLIEST)), compare(">", micros, integer(facts.LATEST))],
    )


@dataclass
class _Reading:
    """The columns of a table as they are read, and why a row may be refused."""

    dialect: Dialect
    table: str
    zone: str
    as_of: str
    names: Names = field(init=False)
    cannot: list[CannotSay] = field(default_factory=list)
    _columns: list[tuple[str, Sql]] = field(default_factory=list)
    _declared_columns: list[tuple[str, Sql]] = field(default_factory=list)
    _refusals: list[tuple[Sql, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.names = Names([self.as_of])

    def put(self, wanted: str, node: Sql) -> str:
        name = self.names.fresh(wanted)
        self._columns.append((name, node))
        return name

    def refuse(self, test: Sql, reason: str) -> None:
        self._refusals.append((test, reason))

    def naming(self, what: str, declared: ir.Field) -> _Naming:
        return _Naming(self, what, declared)

    def source(self, name: str) -> exp.Column:
        """A column of the source."""
        return exp.Column(this=self.dialect.outward(name))

    def trimmed(self, name: str) -> Sql:
        return self._trimmed(self.source(name))

    def _trimmed(self, node: Sql) -> Sql:
        return call("NULLIF", self.dialect.trimmed(self.dialect.text_column(node)), text(""))

    def column(
        self, first: ir.Field, ways: Sequence[tuple[ir.Field, Sql]], as_written: Sequence[Sql] | None = None
    ) -> str:
        """Reads a field; where kinds of events declare it differently, each in its way. `as_written` are the same tests
        over what the table calls the kinds: in the step that reads, they have no other name yet."""
        tests = [test for _, test in ways] if as_written is None else as_written
        read = [self._value(way, self.source(way.column or way.name)) for way, _ in ways]
        name = self.names.fresh(first.name)
        given = _by_kind(list(zip(tests, read, strict=True)))
        there = column(name)
        if any(way.values is not None for way in (way for way, _ in ways)):
            there = column(self.put(f"{first.name}_as_written", given))
            declared = [
                (test, there if way.values is None else self._declared(there, way.values)) for way, test in ways
            ]
            self._declared_columns.append((name, _by_kind(declared)))
        else:
            self._columns.append((name, given))
        for way, test in ways:
            if way.required:
                self.refuse(all_of([test, is_null(there)]), f"`{way.name}` is required and is missing")
            if way.values is not None:
                known = member(self.dialect.fold(there), [text(one) for one in _folded(way.values)])
                # Of something missing it is unknown whether it is among them.
                self.refuse(all_of([test, negated(known)]), f"`{way.name}` is none of the values that are declared")
        if first.kind in (ir.Kind.DATE, ir.Kind.TIME):
            self.refuse(_out_of_range(there), _RANGE.format(first.name))
        return name

    def _declared(self, node: Sql, allowed: Sequence[str]) -> Sql:
        """A text in the spelling that the policy declares; missing if it is none of those."""
        folded = self.dialect.fold(node)
        return case([(compare("==", folded, text(fold)), text(value)) for fold, value in _folded(allowed).items()])

    def _value(self, declared: ir.Field, node: Sql) -> Sql:
        dialect = self.dialect
        readers: dict[ir.Kind, Callable[[], Sql]] = {
            ir.Kind.TEXT: lambda: self._trimmed(node),
            ir.Kind.NUMBER: lambda: dialect.number_column(node),
            ir.Kind.FLAG: lambda: dialect.flag_column(node),
            ir.Kind.DATE: lambda: self._beginning(dialect.day_column(node)),
            ir.Kind.TIME: lambda: dialect.micros(node),
            ir.Kind.TEXTS: lambda: dialect.texts_column(node),
        }
        return readers[declared.kind]()

    def _beginning(self, day: Sql) -> Sql:
        """The beginning of a day. Of one that is far away, or infinite, some databases cannot tell it: for them it is
        an instant that is out of range."""
        last, first = (cast(text(one), "DATE") for one in ("9999-12-31", "0001-01-01"))
        return case(
            [
                (compare(">", day, last), integer(facts.LATEST + values.DAY)),
                (compare("<", day, first), integer(facts.EARLIEST - values.DAY)),
            ],
            midnight(self.dialect, day, self.zone),
        )

    def steps(self, read: str, judged: str, clean: str, refused: str, columns: Sequence[str]) -> list[Step]:
        """Read, judge, and keep those that nothing speaks against."""
        why = case([(test, text(reason)) for test, reason in self._refusals])
        judging = exp.select(
            exp.Star(), *[named(node, name) for name, node in self._declared_columns], named(why, refused)
        )
        judging = judging.from_(table(read), copy=False).join(table(CLOCK), join_type="cross", copy=False)
        keeping = exp.select(*[column(name) for name in columns]).from_(table(judged), copy=False)
        return [
            Step(
                read,
                exp.select(*[named(node, name) for name, node in self._columns]).from_(table(self.table), copy=False),
            ),
            Step(judged, judging),
            Step(clean, keeping.where(is_null(column(refused)), copy=False)),
        ]


def _folded(allowed: Sequence[str]) -> dict[str, str]:
    """folded -> as declared; of two that fold alike, the first."""
    found: dict[str, str] = {}
    for value in allowed:
        found.setdefault(values.folded(value), value)
    return found


def _by_kind(branches: Sequence[tuple[Sql, Sql]]) -> Sql:
    """The value of the kind of event that it is. What other kinds have in this column is none of theirs: `no event
    where ...` looks at events of every kind."""
    if len(branches) == 1 and is_true(branches[0][0]):
        return branches[0][1]
    return case(branches)


@dataclass
class _Naming:
    """Says where something stands that the dialect cannot read, and goes on."""

    reading: _Reading
    what: str
    declared: ir.Field

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, why: object, trace: object) -> bool:
        if isinstance(why, CannotSay):
            self.reading.cannot.append(why.at(self.what, self.declared.span))
            return True
        return False
