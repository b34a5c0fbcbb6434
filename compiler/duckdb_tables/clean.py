"""The clean tables: what leads and events are once they were read, and what the policy's statement stands on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ...dsl import ir
from ..engines.sql.dialects import DuckDB
from ..engines.sql.gathering import EventTable
from ..engines.sql.lowering import Ground, LeadTable
from ..engines.sql.rows import Names
from ..engines.sql.syntax import Sql, case, column, flag, integer, member, text
from ..policy import Policy

LEADS, EVENTS = "scorec_leads", "scorec_events"

ORDER = "scorec_order"
"""The place of a lead in its table."""

EVENT_ID, PLACE, FILE = "scorec_event_id", "scorec_place", "scorec_file"
"""What tells one event from another, and where it stands: in which file, in which row."""

MOMENT = "scorec_moment"
"""The instant of an event as it stands in the file: a timestamp with a time zone."""

STATE, ODD = "scorec_state", "scorec_odd"
"""Whether something in a row is odd."""

MANY_SELECTIONS = 30
"""From so many selections of events on, DuckDB gathers events of each kind by themselves: with 12 it takes 1.1 of the
time, with 100 it takes 0.7."""

TYPES = {
    ir.Kind.TEXT: "VARCHAR",
    ir.Kind.NUMBER: "DOUBLE",
    ir.Kind.FLAG: "BOOLEAN",
    ir.Kind.DATE: "BIGINT",
    ir.Kind.TIME: "BIGINT",
    ir.Kind.TEXTS: "VARCHAR[]",
}


@dataclass(frozen=True)
class Columns:
    """The columns of the clean tables: a policy may call its fields anything."""

    key: str
    fields: dict[str, str]
    lead: str
    event: str
    at: str
    properties: dict[str, str]
    kinds_of: dict[str, ir.Kind]


def columns_of(program: ir.Program) -> Columns:
    leads = Names([ORDER, FILE, STATE])
    key = leads.fresh("lead_key")
    fields = {one.name: leads.fresh(one.name) for one in program.fields}
    kinds = {prop.name: prop.kind for event in program.events for prop in event.properties}
    events = Names([EVENT_ID, PLACE, FILE, ODD, MOMENT])
    lead, event, at = events.fresh("lead_key"), events.fresh("event"), events.fresh("at")
    return Columns(key, fields, lead, event, at, {name: events.fresh(name) for name in kinds}, kinds)


@dataclass
class CleanTables:
    """What is known of the tables while they are read."""

    policy: Policy
    at: int
    """the as-of instant in microseconds"""
    columns: Columns
    key_type: str = "VARCHAR"
    """of the keys: whole numbers stay what they are where leads and events have nothing else"""
    key_bits: tuple[int, int] | None = None
    """the least and the greatest key, if the table `KEY_BITS` has a bit for each of the leads"""
    rejected_keys: bool = False
    """whether there are keys that only rejected leads have"""
    in_files: bool = False
    """whether the leads are read from where they are"""
    words: dict[str, set[str]] = field(default_factory=dict)
    """kind -> the words by which the data call it"""

    def types_of_leads(self) -> dict[str, str]:
        found = {ORDER: "BIGINT", self.columns.key: self.key_type}
        return found | {self.columns.fields[one.name]: TYPES[one.kind] for one in self.policy.program.fields}

    def types_of_events(self) -> dict[str, str]:
        columns = self.columns
        found = {columns.lead: self.key_type, columns.event: "VARCHAR", columns.at: "BIGINT"}
        found |= {columns.properties[name]: TYPES[kind] for name, kind in columns.kinds_of.items()}
        return found | {EVENT_ID: "VARCHAR", PLACE: "BIGINT", FILE: "INTEGER"}

    def own_key(self, key: str | None) -> str | int | None:
        """A key that Python has read, as the clean tables have it."""
        return int(key) if self.key_type == "BIGINT" and key is not None else key

    # -------------------------------------------------------------- what a statement stands on

    def ground(self, leads: str = LEADS, events: str = EVENTS) -> Ground:
        columns = self.columns
        lead_table = LeadTable(leads, (ORDER, columns.key, *columns.fields.values()), columns.key, columns.fields)
        event_table = EventTable(
            events,
            (columns.lead, columns.event, columns.at, *columns.properties.values()),
            columns.lead,
            columns.at,
            lambda kinds: among(
                column(columns.event), sorted(word for kind in kinds for word in self.words.get(kind, ()))
            ),
            columns.properties,
            untidy_properties(self.policy.program),
            MOMENT,
        )
        return Ground(DuckDB(), lead_table, event_table, integer(self.at), by_kind_from=MANY_SELECTIONS)

    def declared_words(self) -> dict[str, set[str]]:
        """The words of an export that calls every kind of event what the policy does."""
        words: dict[str, set[str]] = {}
        for word, (kind, _) in self.policy.event_kinds.items():
            words.setdefault(kind, set()).add(word)
        return words

    # -------------------------------------------------------------- what is known of an event

    def facts_of_event(self, properties: Iterable[str]) -> list[Sql]:
        """By which one event differs from another of a lead: its kind, its instant, and these properties."""
        return [self._kind(), column(self.columns.at), *(self._own(name) for name in properties)]

    def _kind(self) -> Sql:
        """The kind of an event by its name in the policy."""
        event = column(self.columns.event)
        renamed = {kind: words for kind, words in sorted(self.words.items()) if words != {kind}}
        return case([(among(event, sorted(words)), text(kind)) for kind, words in renamed.items()], event)

    def _own(self, name: str) -> Sql:
        """A property, missing for events of kinds that do not declare it."""
        program = self.policy.program
        kinds = [event.name for event in program.events if any(one.name == name for one in event.properties)]
        words = sorted(word for kind in kinds for word in self.words.get(kind, ()))
        found: Sql = column(self.columns.properties[name])
        if name in untidy_properties(program):
            found = DuckDB().tidied(found)
        return case([(among(column(self.columns.event), words), found)])


def untidy_properties(program: ir.Program) -> frozenset[str]:
    """The properties that stand in the clean tables as they were written, with the blanks around them: the free
    texts."""
    declared = [one for event in program.events for one in event.properties]
    shut = {one.name for one in declared if one.values is not None}
    return frozenset(one.name for one in declared if one.kind is ir.Kind.TEXT and one.name not in shut)


def among(word: Sql, words: Sequence[str]) -> Sql:
    return member(word, [text(one) for one in words]) if words else flag(False)
