"""Events are read: as a view of the files that they are in, or as tables where something is odd or written in text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sqlglot import exp

from ...dsl import ir
from ...dsl.facts import EARLIEST, LATEST, Clean, FieldSpec
from ...dsl.values import BLANKS
from ..batch import (
    Reject,
    Summary,
    check_event_columns,
    clean_events,
    lead_column_of,
    wanted_of_events,
)
from ..duckdb_text import identifier
from ..engines.sql import edge
from ..engines.sql.rows import table
from ..engines.sql.syntax import (
    Sql,
    add,
    all_of,
    any_of,
    call,
    case,
    cast,
    coalesce,
    column,
    compare,
    flag,
    integer,
    is_null,
    named,
    negated,
    null,
    text,
)
from ..reading import parts
from ..scans import Frame, Scan, Staging, rows_of
from ..tables import BadRow, Row, TableError
from .clean import EVENT_ID, EVENTS, FILE, MOMENT, ODD, PLACE, TYPES, CleanTables, among, untidy_properties
from .counting import count_events
from .json_lines import PACKED, rows_at
from .leads import make_keys_texts
from .packed import can_be_unpacked, unpacked
from .reading import ambiguous, has_blank_lines, has_whole_keys, never, read_cell, read_key, scans_of
from .session import Session

AS_READ = "scorec_events_as_read"

MICROS = "scorec_micros"
"""The instant that is written in a row of text."""


@dataclass(frozen=True)
class EventInput:
    """A file (or pattern) or a frame of events; with `kind`, all of them are of that kind."""

    source: Path | str | Frame
    kind: str | None = None


def read_events(
    session: Session, clean: CleanTables, inputs: Sequence[EventInput], summary: Summary, reject: Reject
) -> None:
    """Makes `EVENTS`, and counts what becomes of them."""
    _Reading(session, clean, summary, reject).read(inputs)


@dataclass(frozen=True)
class _Kinds:
    """The kinds of the events in a table. `words` has those by which the table calls each; `word` is where one of them
    stands, `declared` the test that it is one of them."""

    words: Mapping[str, Sequence[str]]
    word: Sql
    declared: Sql
    fixed: bool
    """all events are of one kind"""
    written: Sql | None = None
    """the word as it stands there, if `word` is not that"""
    undeclared: Counter[str] = field(default_factory=Counter)
    nameless: int = 0
    events: int = 0

    def test(self, kinds: Iterable[str]) -> Sql:
        """Whether an event is of one of these kinds."""
        if self.fixed:
            return flag(True)
        return among(self.word, [word for kind in kinds for word in self.words[kind]])


class _Reading:
    def __init__(self, session: Session, clean: CleanTables, summary: Summary, reject: Reject) -> None:
        self.session, self.clean, self.summary, self.reject = session, clean, summary, reject
        self.policy, self.columns = clean.policy, clean.columns
        self.parts: list[exp.Select] = []
        """what `EVENTS` consists of"""
        self.have_ids = False
        self.keys_as_written = False
        """keys may have blanks around them"""
        self.untidy = untidy_properties(self.policy.program)
        self.read_of_any = _read_of_any(self.policy.program)

    def read(self, inputs: Sequence[EventInput]) -> None:
        session, clean = self.session, self.clean
        scans: list[tuple[Scan, str | None]] = []
        for given in inputs:
            opened = scans_of(session, given.source, f"events_{len(scans)}", wanted_of_events(self.policy.program))
            scans += [(scan, given.kind) for scan in opened]
        if not all(has_whole_keys(scan, lead_column_of(clean.policy.program, scan.there)) for scan, _ in scans):
            make_keys_texts(session, clean)
        self.have_ids = any("event_id" in scan.places for scan, _ in scans)
        for number, (scan, kind) in enumerate(scans, 1):
            self._read_scan(scan, kind, number)
        if not self.parts:
            types = clean.types_of_events() | {MOMENT: "TIMESTAMPTZ"}
            nothing = exp.select(*[named(cast(null(), kind), name) for name, kind in types.items()])
            self.parts.append(nothing.where(flag(False)))
        session.view(AS_READ, " UNION ALL BY NAME ".join(part.sql("duckdb") for part in self.parts))
        session.view(EVENTS, f"SELECT * FROM {AS_READ}")
        if self.have_ids:
            self._drop_repeated()
        if inputs and not count_events(session, clean, self.summary, self.keys_as_written):
            key = column(self.columns.lead)
            tidied = named(edge.DIALECT.tidied(key), self.columns.lead).sql("duckdb")
            session.view(EVENTS, f"SELECT * REPLACE ({tidied}) FROM {AS_READ}")
            count_events(session, clean, self.summary, False)

    def _read_scan(self, scan: Scan, kind: str | None, number: int) -> None:
        program = self.policy.program
        lead_column = check_event_columns(program, scan, scan.there, kind)
        properties = [one for event in program.events for one in event.properties]
        if PACKED in scan.places and not scan.careful and not ambiguous(scan, properties):
            scan = self._unpacked(scan, properties)
        tells_kind = kind is not None or scan.careful or edge.family(scan.types["event"]) == "TEXT"
        if scan.careful or ambiguous(scan, properties) or not tells_kind:
            self._with_care(scan, lead_column, kind, number)
            return
        if scan.file is None:
            self._where_they_are(scan, lead_column, kind, number)
            return
        try:
            self._from_text(scan, lead_column, kind, number)
        except TableError:
            # Something is wrong with the lines themselves: the careful reader says with which.
            self._with_care(scan, lead_column, kind, number)

    def _unpacked(self, scan: Scan, properties: Sequence[ir.Field]) -> Scan:
        try:
            found = unpacked(self.session, scan, properties) if can_be_unpacked(scan, properties) else None
        except TableError:
            found = None
        return replace(scan, careful=True) if found is None else found

    # -------------------------------------------------------------- by DuckDB

    def _where_they_are(self, scan: Scan, lead_column: str, kind: str | None, number: int) -> None:
        """A view of events that stand in columns of their types."""
        session = self.session
        word = None if kind is not None else edge.as_text(column(scan.places["event"]), scan.types["event"])
        kinds = self._kinds_of(kind, self._counted(scan.view, word), word)
        key = self._key(scan, lead_column)
        found, odd, at = self._columns(scan, key, kinds)
        # The number of a row in the file, not among those that are readable.
        found += [named(scan.numbered if self.have_ids else integer(0), PLACE), named(integer(number), FILE)]
        in_the_file = edge.family(scan.types["at"]) == "INSTANT"
        found.append(named(column(scan.places["at"]) if in_the_file else _moment(at.value), MOMENT))
        part = exp.select(*found).from_(table(scan.view)).where(kinds.declared)
        strange_rows = 0
        if not never(odd):
            strange = exp.Count(this=case([(all_of([kinds.declared, odd]), integer(1))]))
            (strange_rows,) = session.run(exp.select(strange).from_(table(scan.view)), "reading events")[0]
            if strange_rows:
                part = part.where(negated(odd))
        self._take(kinds, part)
        unread = [all_of([kinds.declared, odd])] if strange_rows else []
        unread += [is_null(edge.DIALECT.tidied(word))] if kinds.nameless and word is not None else []
        if unread:
            self._stage(scan, rows_of(session.con, scan, any_of(unread)), lead_column, kind, number, "odd")

    def _from_text(self, scan: Scan, lead_column: str, kind: str | None, number: int) -> None:
        """A table of what stands in a file of text, which is made out in one pass; odd rows keep their cells, but lines
        of JSON are read again where they stand."""
        session, columns = self.session, self.columns
        words = {name: sorted(words) for name, words in self.clean.declared_words().items()}
        written = None if kind is not None else self._word(scan)
        if written is not None:
            # As it is written: of a kind that is not declared it is told by this.
            guessed = _Kinds(words, edge.DIALECT.tidied(written), flag(True), False, written)
        else:
            guessed = self._kinds_of(kind, [], None)
        timed, at = self._instants_in_text(scan)
        found, odd, _ = self._columns(timed, self._key(scan, lead_column), guessed, at)
        odd = odd if written is None else any_of([odd, is_null(guessed.word)])
        kept_cells = () if scan.lines else [name for name in scan.places if name not in scan.made]
        cells = {name: f"scorec cell {scan.places[name]}" for name in kept_cells}
        kept = [named(case([(odd, column(scan.places[name]))]), cell) for name, cell in cells.items()]
        made_out = f"scorec_events_{number}_made_out"
        session.keep(
            made_out,
            exp.select(*found, named(odd, ODD), *kept).from_(table(timed.view)),
            "reading events",
        )
        word = None if written is None else column(columns.event)
        kinds = self._kinds_of(kind, self._counted(made_out, word), word)
        unread = all_of([kinds.declared, column(ODD)])
        if kinds.nameless and word is not None:
            unread = any_of([unread, is_null(edge.DIALECT.tidied(word))])
        count = exp.select(exp.Count(this=case([(unread, integer(1))]))).from_(table(made_out))
        (strange_rows,) = session.run(count)[0]
        if strange_rows and not scan.lines and scan.file is not None and has_blank_lines(scan.file):
            session.run(f"DROP TABLE {identifier(made_out)}")
            self._with_care(scan, lead_column, kind, number)
            return
        row = add(column("rowid"), integer(1 + scan.above))
        part = exp.select(
            *[column(one.alias_or_name) for one in found], named(row, PLACE), named(integer(number), FILE)
        )
        part = part.select(named(_moment(column(columns.at)), MOMENT)).from_(table(made_out)).where(kinds.declared)
        self._take(kinds, part.where(negated(column(ODD))) if strange_rows else part)
        if strange_rows and scan.lines:
            numbers = {n for (n,) in session.run(exp.select(row).from_(table(made_out)).where(unread))}
            # Lines that only Python knows to be blank are no events: they are counted again.
            self.summary.events -= len(numbers)
            again = rows_at(scan, wanted_of_events(self.policy.program), numbers)
            self._stage(scan, self._each_counted(again), lead_column, kind, number, "odd")
        elif strange_rows:
            read = replace(scan, view=made_out, places=cells, numbered=row)
            self._stage(scan, rows_of(session.con, read, unread), lead_column, kind, number, "odd")

    def _word(self, scan: Scan) -> Sql:
        """What kind of event a row of text tells of, as it is written there. Only texts tell one in JSON, and only
        lines about which nothing is odd."""
        written = column(scan.places["event"])
        if not scan.lines:
            return written
        is_text = compare("==", column(scan.kinds["event"]), text("VARCHAR"))
        return case([(all_of([is_text, negated(scan.odd)]), written)])

    def _take(self, kinds: _Kinds, part: exp.Select) -> None:
        """Adds a part to the events, and counts them."""
        self.parts.append(part)
        self.summary.events += kinds.events
        self.summary.undeclared.update(kinds.undeclared)
        for name, words in kinds.words.items():
            self.clean.words.setdefault(name, set()).update(words)

    def _columns(
        self, scan: Scan, key: edge.Read, kinds: _Kinds, at: edge.Read | None = None
    ) -> tuple[list[Sql], Sql, edge.Read]:
        """The columns of the clean table, the test that something in a row is odd, and the instant."""
        columns = self.columns
        at = at or self._instants(scan)
        odd = [key.odd, at.odd, scan.odd]
        found: list[Sql] = [
            named(key.value, columns.lead),
            named(kinds.word if kinds.written is None else kinds.written, columns.event),
        ]
        found.append(named(at.value, columns.at))
        for name, prop in columns.properties.items():
            value, strange = self._property(scan, name, kinds)
            found.append(named(value, prop))
            odd.append(strange)
        event_id: Sql = cast(null(), "VARCHAR")
        if "event_id" in scan.places:
            found_id = read_key(scan, "event_id")
            event_id = found_id.value
            odd.append(found_id.odd)
        found.append(named(event_id, EVENT_ID))
        test = any_of([one for one in odd if not never(one)])
        return found, test if never(test) else coalesce(test, flag(False)), at

    def _counted(self, view: str, word: Sql | None) -> list[tuple[Any, int]]:
        """How many events there are by each word."""
        query = exp.select(named(null() if word is None else word, "word"), named(exp.Count(this=exp.Star()), "n"))
        query = query.from_(table(view))
        found = self.session.run(query if word is None else query.group_by("1"), "reading events")
        return [(one, n) for one, n in found]

    def _kinds_of(self, kind: str | None, counted: Sequence[tuple[Any, int]], word: Sql | None) -> _Kinds:
        """What kinds of events there are, by how many there are by each word."""
        event_kinds = self.policy.event_kinds
        events = sum(n for _, n in counted)
        if kind is not None or word is None:
            assert kind is not None
            name, _ = event_kinds[kind]
            return _Kinds({name: [name]}, text(name), flag(True), True, events=events)
        words: dict[str, list[str]] = {}
        undeclared: Counter[str] = Counter()
        nameless = 0
        for written, count in counted:
            trimmed = written.strip(BLANKS) if isinstance(written, str) else written
            if trimmed is None or trimmed == "":
                nameless += count
                continue
            found = event_kinds.get(trimmed) if isinstance(trimmed, str) else None
            if found is None:
                undeclared[str(written)[:60]] += count
            else:
                words.setdefault(found[0], []).append(written)
        everything = not (undeclared or nameless)
        declared = flag(True) if everything else among(word, [one for written in words.values() for one in written])
        return _Kinds(words, word, declared, False, undeclared=undeclared, nameless=nameless, events=events)

    def _key(self, scan: Scan, name: str) -> edge.Read:
        place = column(scan.places[name])
        if self.clean.key_type == "BIGINT":
            return edge.Read(cast(place, "BIGINT"), flag(False))
        if edge.family(scan.types[name]) == "TEXT" and scan.file is None and not self.have_ids:
            # A key that a lead has is one without blanks: only of those that none has it matters.
            self.keys_as_written = True
            return edge.Read(edge.as_text(place, scan.types[name]), flag(False))
        return read_key(scan, name)

    def _instants(self, scan: Scan) -> edge.Read:
        """When events happened, in a column of any type."""
        there, kind = column(scan.places["at"]), scan.types["at"]
        if edge.family(kind) == "INSTANT" and self._all_in_range(scan, there):
            return edge.Read(call("EPOCH_US", there), flag(False))
        return edge.read(there, kind, "time", None, True, self.policy.zone)

    def _instants_in_text(self, scan: Scan) -> tuple[Scan, edge.Read]:
        """When events happened: made out in a step of its own, because it is looked at twice."""
        written = edge.DIALECT.tidied(column(scan.places["at"]))
        micros = edge.micros_of_text(written, self.policy.zone)
        view = f"{scan.view}_timed"
        self.session.view(view, exp.select(exp.Star(), named(micros, MICROS)).from_(table(scan.view)))
        read = edge.in_range(column(MICROS), written)
        return replace(scan, view=view), edge.Read(read.value, is_null(read.value))

    def _all_in_range(self, scan: Scan, instant: Sql) -> bool:
        """Whether a column of timestamps has none that is odd. The ends of a file are in its statistics."""
        ends = [exp.Min(this=instant), exp.Max(this=instant)]
        micros = [case([(call("ISFINITE", end), call("EPOCH_US", end))]) for end in ends]
        looks = [exp.Count(this=exp.Star()), exp.Count(this=instant), *micros]
        rows, known, first, last = self.session.run(exp.select(*looks).from_(table(scan.view)), "reading events")[0]
        if first is None or last is None:
            return False
        return bool(rows == known and first >= EARLIEST and last <= LATEST)

    def _property(self, scan: Scan, name: str, kinds: _Kinds) -> tuple[Sql, Sql]:
        """A property's value, and whether it is odd; kinds may declare one of a name in different ways. A free text is
        left as it was written."""
        policy = self.policy
        ways: dict[FieldSpec, list[str]] = {}
        for kind, specs in dict(policy.event_kinds.values()).items():
            for spec in specs:
                if spec[0] == name and kind in kinds.words:
                    ways.setdefault(spec, []).append(kind)
        values: list[tuple[Sql, Sql]] = []
        odd: list[Sql] = []
        for (_, word, required, source, allowed), declaring in ways.items():
            there = source if source in scan.places else name
            here = kinds.test(declaring)
            if there not in scan.places:
                if required:
                    odd.append(here)
                continue
            place, kind_there = column(scan.places[there]), scan.types[there]
            found = read_cell(scan, there, word, allowed, required, policy.zone)
            untidy = name in self.untidy and edge.family(kind_there) == "TEXT"
            values.append((here, edge.as_text(place, kind_there) if untidy else found.value))
            if not never(found.odd):
                odd.append(all_of([here, found.odd]))
        if not values:
            return cast(null(), TYPES[self.columns.kinds_of[name]]), any_of(odd)
        if len(values) == 1 and name not in self.read_of_any:
            # What other kinds have in this column is never looked at.
            return values[0][1], any_of(odd)
        return case(values, cast(null(), TYPES[self.columns.kinds_of[name]])), any_of(odd)

    # -------------------------------------------------------------- by Python

    def _with_care(self, scan: Scan, lead_column: str, kind: str | None, number: int) -> None:
        rows = (
            rows_of(self.session.con, scan, flag(True))
            if scan.file is None and scan.rows is None
            else scan.read_with_care(wanted_of_events(self.policy.program), self.summary.notes)
        )
        self._stage(scan, self._each_counted(rows), lead_column, kind, number, "all")

    def _each_counted(self, rows: Iterable[Row | BadRow]) -> Iterator[Row | BadRow]:
        for row in rows:
            self.summary.events += 1
            yield row

    def _stage(
        self,
        scan: Scan,
        rows: Iterable[Row | BadRow],
        lead_column: str,
        kind: str | None,
        number: int,
        what: str,
    ) -> None:
        """Reads rows in Python: adds those that can be read, rejects the others."""
        read = clean_events(self.policy, scan.name, rows, lead_column, kind, self.summary, self.reject)
        with Staging(self.session.folder) as staging:
            for order, key, clean, event_id in read:
                about = {EVENT_ID: event_id, PLACE: order, FILE: number}
                staging.put(self._staged(self.clean.own_key(key), clean) | about)
            kept = f"scorec_events_{number}_{what}"
            types = self.clean.types_of_events()
            staging.load(self.session.con, kept, types)
        part = exp.select(*[column(one) for one in types], named(_moment(column(self.columns.at)), MOMENT))
        self.parts.append(part.from_(table(kept)))

    def _staged(self, key: str | int | None, clean: Mapping[str, Clean]) -> dict[str, Any]:
        columns = self.columns
        event = clean["event"]
        assert isinstance(event, str)
        self.clean.words.setdefault(event, set()).add(event)
        found: dict[str, Any] = {columns.lead: key, columns.event: event, columns.at: clean["at"]}
        for name, value in clean.items():
            if name not in ("event", "at") and value is not None:
                found[columns.properties[name]] = value
        return found

    # -------------------------------------------------------------- those that stand there twice

    def _drop_repeated(self) -> None:
        """Of the events of a lead with one `event_id` only the first is kept."""
        session, key = self.session, identifier(self.columns.lead)
        known = f"{EVENT_ID} IS NOT NULL AND {key} IS NOT NULL"
        # Ids that are never repeated, the usual case, are seen at once.
        ids, different = session.run(
            f"SELECT count({EVENT_ID}), count(DISTINCT {EVENT_ID}) FROM {EVENTS} WHERE {known}", "looking at event ids"
        )[0]
        if ids == different:
            return
        session.keep("scorec_events_read", f"SELECT * FROM {EVENTS}", "dropping repeated events")
        (repeated,) = session.run(
            f"SELECT count(*) - count(DISTINCT ({key}, {EVENT_ID})) FROM scorec_events_read WHERE {known}"
        )[0]
        self.summary.events_repeated += repeated
        session.keep(
            "scorec_events_once",
            f"SELECT * FROM scorec_events_read WHERE NOT ({known})"
            f" UNION ALL SELECT * FROM scorec_events_read WHERE {known}"
            f" QUALIFY row_number() OVER (PARTITION BY {key}, {EVENT_ID} ORDER BY {FILE}, {PLACE}) = 1",
            "dropping repeated events",
        )
        session.run("DROP TABLE scorec_events_read")
        session.view(EVENTS, "SELECT * FROM scorec_events_once")


def _moment(micros: Sql) -> Sql:
    return call("MAKE_TIMESTAMPTZ", micros)


def _read_of_any(program: ir.Program) -> frozenset[str]:
    """The properties that are read of events of kinds which do not declare them (`no event where ...`)."""
    declaring: dict[str, set[str]] = {}
    for event in program.events:
        for prop in event.properties:
            declaring.setdefault(prop.name, set()).add(event.name)
    found: set[str] = set()
    for events, beside, own in _selections(program):
        read = {one.name for one in parts(beside) if isinstance(one, ir.PropertyOf)}
        read |= {own} if own is not None else set()
        found |= {name for name in read if not set(events.kinds) <= declaring.get(name, set())}
    return frozenset(found)


def _selections(program: ir.Program) -> Iterator[tuple[ir.Events, Any, str | None]]:
    """Every selection of events, with the expressions that read them, and the property that is read besides."""
    for part in parts((program.scores, program.bands, program.gates, program.decisions, program.account)):
        match part:
            case ir.Rule(trigger=ir.Each(events=events, once_per_property=own), points=points):
                yield events, (events.where, points), own
            case ir.CountOf(events=events, distinct=own):
                yield events, events.where, own
            case ir.AggregateOf(events=events, prop=own):
                yield events, events.where, own
            case ir.Events():
                yield part, part.where, None
            case _:
                pass
