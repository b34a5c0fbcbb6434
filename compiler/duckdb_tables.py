"""Scores whole tables in DuckDB: files and frames are read by its scans, the policy is one statement, and only rows in
which something is odd are looked at in Python.

The results are those of the Python engine to the last digit, in the order of the leads. Memory stays within the limit
that is given: what does not fit goes to a folder of its own, which is removed in the end.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
from sqlglot import exp

from ..dsl import ir
from ..dsl.facts import EARLIEST, LATEST, UNDECLARED, Clean, FieldSpec, Refusal, read_event, read_lead
from ..dsl.values import BLANKS
from .batch import (
    AccountShape,
    Reject,
    Rejected,
    Shape,
    Summary,
    check_columns,
    key_text,
    no_column,
    shown,
)
from .engines.sql import edge
from .engines.sql.dialects import DuckDB
from .engines.sql.gathering import EventTable
from .engines.sql.lowering import Ground, LeadTable, Lowered, lower, lower_accounts, lower_with_next_change
from .engines.sql.rows import Names, Step, table
from .engines.sql.syntax import (
    Sql,
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
    member,
    named,
    negated,
    null,
    text,
)
from .mapped import MappedEvents, MappedLeads, as_written
from .policy import Policy
from .scans import NUMBER, Frame, Scan, Staging, Watch, files_of, rows_of, scan_export, scan_file, scan_frame
from .tables import BadRow, Beside, Column, Row, TableError, ending_of, harmless, instant_text

_TYPES = {
    ir.Kind.TEXT: "VARCHAR",
    ir.Kind.NUMBER: "DOUBLE",
    ir.Kind.FLAG: "BOOLEAN",
    ir.Kind.DATE: "BIGINT",
    ir.Kind.TIME: "BIGINT",
    ir.Kind.TEXTS: "VARCHAR[]",
}

MANY_EVENTS_TO_COMPARE = 100_000
"""With more events it is not counted how many are the same as another: it would cost as much as scoring."""


@dataclass(frozen=True)
class Settings:
    """How much of the machine a run may take; None leaves it to DuckDB (80% of the memory, every core)."""

    memory: str | None = None
    threads: int | None = None
    folder: str | None = None
    """where what does not fit into memory is kept for the time of the run"""


@dataclass(frozen=True)
class EventInput:
    """A file (or pattern) or a frame of events; with `kind`, all of them are of that kind."""

    source: Path | str | Frame
    kind: str | None = None


LEADS, EVENTS = "scorec_leads", "scorec_events"
RESULTS, ACCOUNTS = "scorec_results", "scorec_accounts"
ORDER = "scorec_order"
"""The place of a lead in its table."""

EVENT_ID, PLACE, FILE = "scorec_event_id", "scorec_place", "scorec_file"
"""What tells one event from another, and where it stands: in which file, in which row."""

CELLS, TIMED_CELLS = "scorec_cells", "scorec_cells_timed"
"""The cells of a file of text, as they are; and with the instants that are written in them."""

ODD, MICROS = "scorec_odd", "scorec_micros"
"""Whether something in the row is odd, and the instant that is written in it."""


STATE = (
    Column("scorec_next_change", "instant"),
    Column("scorec_digest", "text"),
    Column("scorec_gates", "text"),
)
"""What a result carries for a later run: when the lead's results may change without a new event, a digest of what is
known of the lead, and the gates that bar something."""


@dataclass
class _Names:
    """The columns of the clean tables: a policy may call its fields anything."""

    key: str
    fields: dict[str, str]
    lead: str
    event: str
    at: str
    properties: dict[str, str]
    kinds_of: dict[str, ir.Kind]


def _names(program: ir.Program) -> _Names:
    leads = Names([ORDER, "scorec_state"])
    key = leads.fresh("lead_key")
    fields = {one.name: leads.fresh(one.name) for one in program.fields}
    kinds = {prop.name: prop.kind for event in program.events for prop in event.properties}
    events = Names([EVENT_ID, PLACE, FILE, ODD])
    lead, event, at = events.fresh("lead_key"), events.fresh("event"), events.fresh("at")
    return _Names(key, fields, lead, event, at, {name: events.fresh(name) for name in kinds}, kinds)


class Run:
    """One run: read the leads, read the events, score. `with Run(...) as run:` leaves nothing behind."""

    def __init__(
        self,
        policy: Policy,
        at: int,
        summary: Summary,
        reject: Reject,
        settings: Settings | None = None,
        watch: Watch | None = None,
    ) -> None:
        self.policy, self.at, self.summary, self.reject = policy, at, summary, reject
        self._watch = watch
        settings = settings or Settings()
        self._folder = tempfile.mkdtemp(prefix="scorec-", dir=settings.folder)
        config: dict[str, str | int] = {"temp_directory": self._folder}
        if settings.memory is not None:
            config["memory_limit"] = settings.memory
        if settings.threads is not None:
            config["threads"] = settings.threads
        try:
            self.con = duckdb.connect(":memory:", config=config)  # type: ignore[arg-type]
            self.con.execute("SET TimeZone = 'UTC'")
            self.con.execute("SET enable_progress_bar = true; SET enable_progress_bar_print = false")
        except duckdb.Error as failure:
            shutil.rmtree(self._folder, ignore_errors=True)
            if settings.memory is not None and "emory" in str(failure):
                raise TableError(f"`{settings.memory}` is no size of memory", "write it as 2GB or 500MB.") from None
            raise TableError(f"DuckDB cannot be started: {_first_line(failure)}") from None
        self.names = _names(policy.program)
        self._event_views: list[exp.Select] = []
        self._have_ids = False
        self._words: dict[str, set[str]] = {}
        """kind -> the words by which the data call it"""
        self._lowered: tuple[Lowered, bool] | None = None
        """the results, and whether with reasons, if the data call the kinds of events what the policy does"""
        self._leads_of_rejected = False
        self._key_type = "VARCHAR"
        """of the keys in the clean tables: whole numbers stay what they are where leads and events have nothing else"""
        self._read_of_any = _read_of_any(policy.program)

    def __enter__(self) -> Run:
        return self

    def __exit__(self, *failure: object) -> None:
        with suppress(duckdb.Error):
            self.con.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def check(self, reasons: bool = True) -> None:
        """Raises `CannotSay` for a policy that has no exact form in SQL, before anything is read."""
        # As if the data called every kind of event what the policy does: then this is the statement that is run.
        self._words = self._declared_words()
        self._lowered = lower(self.policy.program, self.ground(), reasons), reasons
        if self.policy.program.account is not None:
            lower_accounts(self.policy.program, self.ground())
        self._words = {}

    def _declared_words(self) -> dict[str, set[str]]:
        words: dict[str, set[str]] = {}
        for word, (kind, _) in self.policy.event_kinds.items():
            words.setdefault(kind, set()).add(word)
        return words

    # -------------------------------------------------------------- statements

    def run(self, query: exp.Query | str, what: str = "") -> list[tuple[Any, ...]]:
        """Runs a statement. It can be interrupted, and it says how far it is."""
        said = query if isinstance(query, str) else query.copy().sql("duckdb")
        found: list[list[tuple[Any, ...]]] = []
        failed: list[BaseException] = []

        def work() -> None:
            try:
                found.append(self.con.execute(said).fetchall())
            except BaseException as failure:
                failed.append(failure)

        worker = threading.Thread(target=work, daemon=True)
        worker.start()
        try:
            while worker.is_alive():
                worker.join(0.1)
                if self._watch is not None and what and worker.is_alive():
                    self._watch(what, max(0.0, self.con.query_progress()) / 100)
        except KeyboardInterrupt:
            self.con.interrupt()
            worker.join()
            raise
        if failed:
            raise _said(failed[0])
        return found[0]

    def _keep(self, name: str, query: exp.Query, what: str = "") -> None:
        """Makes a table of what a query gives."""
        self.run(f"CREATE OR REPLACE TEMP TABLE {_quoted_name(name)} AS {query.copy().sql('duckdb')}", what)

    # -------------------------------------------------------------- leads

    def read_leads(self, source: Path | str | Frame) -> None:
        policy, names = self.policy, self.names
        program = policy.program
        scans = self._scans(source, "leads", self._wanted_of_leads())
        for scan in scans:
            check_columns(policy, scan, set(scan.places), self.summary)
        if all(_has_whole_keys(scan, program.key) for scan in scans):
            self._key_type = "BIGINT"
        columns = {ORDER: "BIGINT", names.key: self._key_type}
        columns |= {names.fields[one.name]: _TYPES[one.kind] for one in program.fields}
        made = ", ".join(f"{_quoted_name(name)} {kind}" for name, kind in columns.items())
        self.run(f"CREATE OR REPLACE TEMP TABLE {LEADS} ({made}, scorec_file INTEGER, scorec_state UTINYINT)")
        refused: dict[tuple[int, int], tuple[str, Sequence[Refusal]]] = {}
        before = 0
        for number, scan in enumerate(scans):
            if scan.careful or _ambiguous(scan, program.fields):
                refused |= self._leads_with_care(scan, number, before)
            else:
                refused |= self._leads_at_once(scan, number, before)
            (before,) = self.run(f"SELECT coalesce(max({_quoted_name(ORDER)}), 0) FROM {LEADS}")[0]
        self._reject_leads(scans, refused)

    def _wanted_of_leads(self) -> list[str]:
        program = self.policy.program
        return [program.key, *(name for one in program.fields for name in (one.column, one.name) if name)]

    def _leads_at_once(
        self, scan: Scan, number: int, before: int
    ) -> dict[tuple[int, int], tuple[str, Sequence[Refusal]]]:
        policy, names = self.policy, self.names
        try:
            scan = self._read_once(scan, "reading leads")
        except TableError:
            if scan.file is None:
                raise
            # Something is wrong with the lines themselves: the careful reader says with which.
            return self._leads_with_care(scan, number, before)
        bare = self._bare(scan, "reading leads")
        key = self._key(scan, policy.program.key, bare)
        columns: list[Sql] = [named(_plus(scan.numbered, before), ORDER), named(key.value, names.key)]
        odd: list[Sql] = [key.odd, scan.nul]
        for spec in policy.lead_specs:
            found = self._field(scan, spec, bare)
            columns.append(named(found.value, names.fields[spec[0]]))
            odd.append(found.odd)
        state = coalesce(any_of([one for one in odd if not _never(one)]), flag(False))
        columns += [
            named(integer(number), "scorec_file"),
            named(case([(state, integer(1))], integer(0)), "scorec_state"),
        ]
        query = exp.select(*columns).from_(table(scan.view))
        self.run(f"INSERT INTO {LEADS} BY NAME {query.copy().sql('duckdb')}", "reading leads")
        where = f"scorec_file = {number} AND scorec_state = 1"
        odd_rows = [row for (row,) in self.run(f"SELECT {_quoted_name(ORDER)} FROM {LEADS} WHERE {where} ORDER BY 1")]
        if not odd_rows:
            self._forget_cells(scan)
            return {}
        if scan.file is not None and _has_blank_lines(scan.file):
            self.run(f"DELETE FROM {LEADS} WHERE scorec_file = {number}")
            return self._leads_with_care(scan, number, before)
        self.run(f"DELETE FROM {LEADS} WHERE {where}")
        refused = self._stage_leads(rows_of(self.con, scan, state), number, before)
        self._forget_cells(scan)
        return refused

    def _key(self, scan: Scan, name: str, bare: frozenset[str]) -> edge.Read:
        """The key of a lead or of an event."""
        if self._key_type == "BIGINT":
            return edge.Read(cast(column(scan.places[name]), "BIGINT"), flag(False))
        return edge.key(column(scan.places[name]), scan.types[name], name in bare)

    def _own_key(self, key: str | None) -> str | int | None:
        """A key that Python has read, as the clean tables have it."""
        return int(key) if self._key_type == "BIGINT" and key is not None else key

    def _bare(self, scan: Scan, what: str) -> frozenset[str]:
        """The columns of texts that are never to be trimmed: one look costs less than trimming them all."""
        # What an event is called is looked up as it is written.
        texts = [name for name, kind in scan.types.items() if kind.upper() == "VARCHAR" and name != "event"]
        if not texts:
            return frozenset()
        looks = [exp.Count(this=case([(edge.is_not_bare(column(scan.places[name])), integer(1))])) for name in texts]
        (found,) = self.run(exp.select(*looks).from_(table(scan.view)), what)
        return frozenset(name for name, blanks in zip(texts, found, strict=True) if not blanks)

    def _field(self, scan: Scan, spec: FieldSpec, bare: frozenset[str]) -> edge.Read:
        name, word, required, source, allowed = spec
        there = source if source in scan.places else name
        if there not in scan.places:
            kind = next(one.kind for one in self.policy.program.fields if one.name == name)
            return edge.Read(cast(null(), _TYPES[kind]), flag(required))
        place, kind_there = column(scan.places[there]), scan.types[there]
        return edge.read(place, kind_there, word, allowed, required, self.policy.zone, there in bare)

    def _leads_with_care(
        self, scan: Scan, number: int, before: int
    ) -> dict[tuple[int, int], tuple[str, Sequence[Refusal]]]:
        if scan.file is None:
            return self._stage_leads(rows_of(self.con, scan, flag(True)), number, before)
        return self._stage_leads(scan.read_with_care(self._wanted_of_leads(), self.summary.notes), number, before)

    def _stage_leads(
        self, rows: Iterable[Row | BadRow], number: int, before: int
    ) -> dict[tuple[int, int], tuple[str, Sequence[Refusal]]]:
        """Reads rows in Python and adds those that can be read; gives why the others cannot."""
        policy, names = self.policy, self.names
        refused: dict[tuple[int, int], tuple[str, Sequence[Refusal]]] = {}
        staging = Staging(self._folder)
        for row in rows:
            if isinstance(row, BadRow):
                refused[number, row.number] = (row.key, [(row.column, row.value, row.reason)])
                staging.put({ORDER: row.number + before, "scorec_file": number, "scorec_state": 3})
                continue
            order, raw = row
            key = key_text(raw.get(policy.program.key))
            clean, refusals = read_lead(policy.lead_specs, policy.zone, raw)
            if refusals:
                refused[number, order] = (key or "", [as_written(raw, refusal) for refusal in refusals])
            found: dict[str, Any] = {ORDER: order + before, names.key: self._own_key(key), "scorec_file": number}
            found["scorec_state"] = 2 if refusals else 0
            if not refusals:
                found |= {names.fields[name]: value for name, value in clean.items() if value is not None}
            staging.put(found)
        columns = {ORDER: "BIGINT", names.key: self._key_type}
        columns |= {names.fields[one.name]: _TYPES[one.kind] for one in policy.program.fields}
        staging.load(self.con, "scorec_staged", {**columns, "scorec_file": "INTEGER", "scorec_state": "UTINYINT"})
        self.run(f"INSERT INTO {LEADS} BY NAME SELECT * FROM scorec_staged")
        self.run("DROP TABLE scorec_staged")
        return refused

    def _reject_leads(
        self, scans: Sequence[Scan], refused: Mapping[tuple[int, int], tuple[str, Sequence[Refusal]]]
    ) -> None:
        """Rejects rows without a key, with a key that stands before, and those that cannot be read, in their order."""
        key, order = _quoted_name(self.names.key), _quoted_name(ORDER)
        summary, program = self.summary, self.policy.program
        (summary.leads,) = self.run(f"SELECT count(*) FROM {LEADS}")[0]
        twice = self.run(
            f"SELECT {order}, first, {key} FROM (SELECT {order}, {key}, min({order}) OVER (PARTITION BY {key}) AS first"
            f" FROM {LEADS} WHERE {key} IN (SELECT {key} FROM {LEADS} WHERE {key} IS NOT NULL GROUP BY {key}"
            f" HAVING count(*) > 1)) WHERE {order} <> first"
        )
        nameless = self.run(f"SELECT {order} FROM {LEADS} WHERE {key} IS NULL AND scorec_state <> 3")
        if not twice and not nameless and not refused:
            self.run(f"ALTER TABLE {LEADS} DROP COLUMN scorec_state")
            self.run(f"ALTER TABLE {LEADS} DROP COLUMN scorec_file")
            return
        offsets = _offsets(self.run(f"SELECT scorec_file, max({order}) FROM {LEADS} GROUP BY 1 ORDER BY 1"))
        found: dict[int, list[Rejected]] = {}

        def place(at: int) -> tuple[str, int]:
            file = max(number for number, offset in offsets.items() if offset < at)
            return scans[file].name, at - offsets[file]

        for (number, row), (its_key, refusals) in refused.items():
            found[row + offsets.get(number, 0)] = [
                Rejected(scans[number].name, row, its_key, name, shown(value), reason)
                for name, value, reason in refusals
            ]
        for (at,) in nameless:
            name, row = place(at)
            found[at] = [Rejected(name, row, "", program.key, "", "the row has no key")]
        for at, first, its_key in twice:
            name, row = place(at)
            there, before = place(first)
            where = f"in row {before}" if there == name else f"in row {before} of {there}"
            reason = f"the key stands {where} already; only that row is used"
            found[at] = [Rejected(name, row, str(its_key), program.key, str(its_key), reason)]
        summary.rejected = len(found)
        for at in sorted(found):
            for one in found[at]:
                self.reject(one)
        staging = Staging(self._folder)
        for at in found:
            staging.put({ORDER: at})
        staging.load(self.con, "scorec_rejected", {ORDER: "BIGINT"})
        kept = f"{order} NOT IN (SELECT {order} FROM scorec_rejected)"
        self.run(
            f"CREATE OR REPLACE TEMP TABLE scorec_rejected_keys AS SELECT DISTINCT {key} AS rejected FROM {LEADS}"
            f" WHERE {key} IS NOT NULL AND NOT ({kept})"
            f" AND {key} NOT IN (SELECT {key} FROM {LEADS} WHERE {key} IS NOT NULL AND {kept})"
        )
        self._leads_of_rejected = True
        self.run(
            f"CREATE OR REPLACE TEMP TABLE {LEADS} AS"
            f" SELECT * EXCLUDE (scorec_state, scorec_file) FROM {LEADS} WHERE {kept}"
        )

    # -------------------------------------------------------------- events

    def read_events(self, inputs: Sequence[EventInput]) -> None:
        names = self.names
        wanted = self._wanted_of_events()
        scans: list[tuple[Scan, str | None]] = []
        for given in inputs:
            scans += [(scan, given.kind) for scan in self._scans(given.source, f"events_{len(scans)}", wanted)]
        if not all(_has_whole_keys(scan, self._lead_column(scan)) for scan, _ in scans):
            self._make_keys_texts()
        for number, (scan, kind) in enumerate(scans, 1):
            self._read_event_scan(scan, kind, number)
        types = {names.lead: self._key_type, names.event: "VARCHAR", names.at: "BIGINT"}
        types |= {names.properties[name]: _TYPES[kind] for name, kind in names.kinds_of.items()}
        if not self._event_views:
            types |= {EVENT_ID: "VARCHAR", PLACE: "BIGINT", FILE: "INTEGER"}
            empty = exp.select(*[named(cast(null(), kind), name) for name, kind in types.items()]).where(flag(False))
            self._event_views.append(empty)
        parts = [view.copy().sql("duckdb") for view in self._event_views]
        self.run(f"CREATE OR REPLACE TEMP VIEW {EVENTS} AS {' UNION ALL BY NAME '.join(parts)}")
        if self._have_ids:
            self._drop_repeated()
        if inputs:
            self._count_events()

    def _lead_column(self, scan: Scan) -> str:
        """The column of events that says whose they are."""
        return self.policy.program.key if self.policy.program.key in scan.places else "lead_id"

    def _make_keys_texts(self) -> None:
        """Makes texts of the leads' keys, because events have something else than whole numbers for them."""
        if self._key_type == "VARCHAR":
            return
        self._key_type = "VARCHAR"
        self.run(f"ALTER TABLE {LEADS} ALTER COLUMN {_quoted_name(self.names.key)} TYPE VARCHAR")
        if self._leads_of_rejected:
            self.run("ALTER TABLE scorec_rejected_keys ALTER COLUMN rejected TYPE VARCHAR")

    def _read_event_scan(self, scan: Scan, kind: str | None, number: int) -> None:
        program = self.policy.program
        there = set(scan.places)
        lead_column = self._lead_column(scan)
        if lead_column not in there:
            raise no_column(scan, program.key, "tells which lead an event belongs to")
        for needed, purpose in (("event", "tells what happened"), ("at", "tells when it happened")):
            if needed not in there and not (needed == "event" and kind is not None):
                hint = " (or name the kind: --events KIND=FILE)" if needed == "event" else ""
                raise no_column(scan, needed, purpose + hint)
        properties = [one for event in program.events for one in event.properties]
        self._have_ids |= "event_id" in there
        if scan.careful or "properties" in scan.places or _ambiguous(scan, properties):
            self._events_with_care(scan, lead_column, kind, number)
            return
        try:
            self._events_at_once(self._read_once(scan, "reading events"), lead_column, kind, number)
        except TableError:
            if scan.file is None:
                raise
            self._events_with_care(scan, lead_column, kind, number)

    def _instants(self, scan: Scan, bare: frozenset[str]) -> tuple[Scan, edge.Read]:
        """When events happened. What a text says is made out in a step of its own, because it is looked at twice."""
        there, kind, zone = column(scan.places["at"]), scan.types["at"], self.policy.zone
        if edge.family(kind) == "INSTANT" and self._all_in_range(scan, there):
            return scan, edge.Read(call("EPOCH_US", there), flag(False))
        if scan.file is None:
            return scan, edge.read(there, kind, "time", None, True, zone, "at" in bare)
        written = there if "at" in bare else edge.trimmed(there)
        timed = exp.select(exp.Star(), named(edge.micros_of_text(written, zone), MICROS)).from_(table(scan.view))
        self.run(f"CREATE OR REPLACE TEMP VIEW {TIMED_CELLS} AS {timed.copy().sql('duckdb')}")
        read = edge.in_range(column(MICROS), written)
        return replace(scan, view=TIMED_CELLS), edge.Read(read.value, is_null(read.value))

    def _all_in_range(self, scan: Scan, instant: Sql) -> bool:
        """Whether a column of timestamps has none that is odd. The ends of a file are in its statistics."""
        ends = [exp.Min(this=instant), exp.Max(this=instant)]
        micros = [case([(call("ISFINITE", end), call("EPOCH_US", end))]) for end in ends]
        looks = [exp.Count(this=exp.Star()), exp.Count(this=instant), *micros]
        rows, known, first, last = self.run(exp.select(*looks).from_(table(scan.view)), "reading events")[0]
        if first is None or last is None:
            return False
        return bool(rows == known and first >= EARLIEST and last <= LATEST)

    def _events_at_once(self, scan: Scan, lead_column: str, kind: str | None, number: int) -> None:
        policy, names, summary = self.policy, self.names, self.summary
        by_kind: dict[str, list[str]] = {}
        undeclared: Counter[str] = Counter()
        nameless = 0
        word: Sql
        if kind is not None:
            name, _ = policy.event_kinds[kind]
            by_kind[name] = [name]
            word = text(name)
        else:
            word = column(scan.places["event"])
            if edge.family(scan.types["event"]) == "TEXT":
                word = cast(word, "VARCHAR") if scan.types["event"] != "VARCHAR" else word
            counted = exp.select(named(word, "word"), named(exp.Count(this=exp.Star()), "n"))
            for written, count in self.run(counted.from_(table(scan.view)).group_by("1"), "reading events"):
                trimmed = written.strip(BLANKS) if isinstance(written, str) else written
                if trimmed is None or trimmed == "":
                    nameless += count
                    continue
                found = policy.event_kinds.get(trimmed) if isinstance(trimmed, str) else None
                if found is None:
                    undeclared[str(written)[:60]] += count
                else:
                    by_kind.setdefault(found[0], []).append(written)
        everything = kind is not None or not (undeclared or nameless)
        declared = flag(True) if everything else _among(word, [one for words in by_kind.values() for one in words])
        bare = self._bare(scan, "reading events")
        key = self._key(scan, lead_column, bare)
        scan, at = self._instants(scan, bare)
        odd = [key.odd, at.odd, scan.nul]
        columns: list[Sql] = [named(key.value, names.lead), named(word, names.event), named(at.value, names.at)]
        for name, prop in names.properties.items():
            value, strange = self._property(scan, name, by_kind, word, kind is not None, bare)
            columns.append(named(value, prop))
            odd.append(strange)
        event_id: Sql = cast(null(), "VARCHAR")
        if "event_id" in scan.places:
            found_id = edge.key(column(scan.places["event_id"]), scan.types["event_id"], "event_id" in bare)
            event_id = found_id.value
            odd.append(found_id.odd)
        columns += [named(event_id, EVENT_ID), named(column(NUMBER) if self._have_ids else integer(0), PLACE)]
        columns.append(named(integer(number), FILE))
        test = any_of([one for one in odd if not _never(one)])
        odd_test = coalesce(test, flag(False)) if not _never(test) else test
        source: exp.Expression = table(scan.view)
        if self._have_ids:
            # The number of a row in the file, not among those that are readable.
            numbered = exp.select(exp.Star(), named(scan.numbered, NUMBER)).from_(table(scan.view))
            source = numbered.subquery("numbered")
        (total,) = self.run(exp.select(exp.Count(this=exp.Star())).from_(table(scan.view)))[0]
        read = exp.select(*columns).from_(source).where(declared)
        view_is_made = False
        if scan.file is not None and not _never(odd_test):
            # What stands in a text is made out once.
            made_out = f"scorec_events_{number}_made_out"
            self._keep(made_out, read.select(named(odd_test, ODD)), "reading events")
            (strange_rows,) = self.run(f"SELECT count(CASE WHEN {ODD} THEN 1 END) FROM {_quoted_name(made_out)}")[0]
            view = exp.select(*[column(one.alias_or_name) for one in columns]).from_(table(made_out))
            view = view.where(negated(column(ODD))) if strange_rows else view
            view_is_made = True
        elif _never(odd_test):
            strange_rows, view = 0, read
        else:
            strange = exp.Count(this=case([(all_of([declared, odd_test]), integer(1))]))
            (strange_rows,) = self.run(exp.select(strange).from_(table(scan.view)), "reading events")[0]
            view = read.where(negated(odd_test)) if strange_rows else read
        if strange_rows and scan.file is not None and _has_blank_lines(scan.file):
            self._forget_cells(scan)
            self._events_with_care(scan, lead_column, kind, number)
            return
        summary.events += total
        summary.undeclared.update(undeclared)
        for name, words in by_kind.items():
            self._words.setdefault(name, set()).update(words)
        self._event_views.append(view)
        if nameless:
            nobody = coalesce(
                compare("==", edge.read(word, "VARCHAR", "text", None, False, policy.zone).value, text("")), flag(True)
            )
            self._reject_events(scan, rows_of(self.con, scan, nobody), lead_column, None, number, "nameless")
        if strange_rows:
            rows = rows_of(self.con, scan, all_of([declared, odd_test]))
            self._reject_events(scan, rows, lead_column, kind, number, "odd")
        if view_is_made:
            self._forget_cells(scan)

    def _wanted_of_events(self) -> list[str]:
        program = self.policy.program
        wanted = [program.key, "lead_id", "event", "at", "event_id", "properties"]
        return wanted + [n for event in program.events for one in event.properties for n in (one.column, one.name) if n]

    def _property(
        self,
        scan: Scan,
        name: str,
        by_kind: Mapping[str, Sequence[str]],
        word: Sql,
        fixed: bool,
        bare: frozenset[str],
    ) -> tuple[Sql, Sql]:
        """A property's value, and whether it is odd; kinds may declare one of a name in different ways."""
        policy = self.policy
        ways: dict[FieldSpec, list[str]] = {}
        for kind, specs in dict(policy.event_kinds.values()).items():
            for spec in specs:
                if spec[0] == name and kind in by_kind:
                    ways.setdefault(spec, []).extend(by_kind[kind])
        nothing = cast(null(), _TYPES[self.names.kinds_of[name]])
        values: list[tuple[Sql, Sql]] = []
        odd: list[Sql] = []
        for (_, kind_word, required, source, allowed), words in ways.items():
            there = source if source in scan.places else name
            here = flag(True) if fixed else _among(word, words)
            if there not in scan.places:
                if required:
                    odd.append(here)
                continue
            place, kind_there = column(scan.places[there]), scan.types[there]
            found = edge.read(place, kind_there, kind_word, allowed, required, policy.zone, there in bare)
            values.append((here, found.value))
            if not _never(found.odd):
                odd.append(all_of([here, found.odd]))
        if not values:
            return nothing, any_of(odd)
        if len(values) == 1 and name not in self._read_of_any:
            # What other kinds have in this column is never looked at.
            return values[0][1], any_of(odd)
        return case(values, nothing), any_of(odd)

    def _events_with_care(self, scan: Scan, lead_column: str, kind: str | None, number: int) -> None:
        rows = (
            rows_of(self.con, scan, flag(True))
            if scan.file is None
            else scan.read_with_care(self._wanted_of_events(), self.summary.notes)
        )
        self._reject_events(scan, rows, lead_column, kind, number, "all", count=True)

    def _reject_events(
        self,
        scan: Scan,
        rows: Iterable[Row | BadRow],
        lead_column: str,
        kind: str | None,
        number: int,
        what: str,
        count: bool = False,
    ) -> None:
        """Reads rows in Python: adds those that can be read, rejects the others."""
        policy, names, summary = self.policy, self.names, self.summary
        staging = Staging(self._folder)
        for row in rows:
            if count:
                summary.events += 1
            if isinstance(row, BadRow):
                summary.events_rejected += 1
                self.reject(Rejected(scan.name, row.number, row.key, row.column, row.value, row.reason))
                continue
            order, raw = row
            if kind is not None:
                raw = {**raw, "event": kind}
            key = key_text(raw.get(lead_column))
            clean, refusals = read_event(policy.event_kinds, policy.zone, raw)
            if clean is None and refusals[0][2] == UNDECLARED:
                summary.undeclared[str(raw.get("event"))[:60]] += 1
            elif clean is None:
                summary.events_rejected += 1
                for refusal in refusals:
                    name, value, reason = as_written(raw, refusal)
                    self.reject(Rejected(scan.name, order, key or "", name, shown(value), reason))
            else:
                about = {EVENT_ID: key_text(raw.get("event_id")), PLACE: order, FILE: number}
                staging.put(self._staged_event(self._own_key(key), clean) | about)
        name = f"scorec_events_{number}_{what}"
        types = {names.lead: self._key_type, names.event: "VARCHAR", names.at: "BIGINT"}
        types |= {names.properties[one]: _TYPES[of] for one, of in names.kinds_of.items()}
        types |= {EVENT_ID: "VARCHAR", PLACE: "BIGINT", FILE: "INTEGER"}
        staging.load(self.con, name, types)
        self._event_views.append(exp.select(*[column(one) for one in types]).from_(table(name)))

    def _staged_event(self, key: str | int | None, clean: Mapping[str, Clean]) -> dict[str, Any]:
        names = self.names
        event = clean["event"]
        assert isinstance(event, str)
        self._words.setdefault(event, set()).add(event)
        found: dict[str, Any] = {names.lead: key, names.event: event, names.at: clean["at"]}
        for name, value in clean.items():
            if name not in ("event", "at") and value is not None:
                found[names.properties[name]] = value
        return found

    def _drop_repeated(self) -> None:
        """Of the events of a lead with one `event_id` only the first is kept."""
        names = self.names
        key = _quoted_name(names.lead)
        known = f"{EVENT_ID} IS NOT NULL AND {key} IS NOT NULL"
        # Ids that are never repeated, the usual case, are seen at once.
        ids, different = self.run(
            f"SELECT count({EVENT_ID}), count(DISTINCT {EVENT_ID}) FROM {EVENTS} WHERE {known}", "looking at event ids"
        )[0]
        if ids == different:
            return
        self.run(
            f"CREATE OR REPLACE TEMP TABLE scorec_events_read AS SELECT * FROM {EVENTS}", "dropping repeated events"
        )
        (summary_of,) = self.run(
            f"SELECT count(*) - count(DISTINCT ({key}, {EVENT_ID})) FROM scorec_events_read WHERE {known}"
        )[0]
        self.summary.events_repeated += summary_of
        self.run(
            f"CREATE OR REPLACE TEMP TABLE scorec_events_once AS SELECT * FROM scorec_events_read WHERE NOT ({known})"
            f" UNION ALL SELECT * FROM scorec_events_read WHERE {known}"
            f" QUALIFY row_number() OVER (PARTITION BY {key}, {EVENT_ID} ORDER BY {FILE}, {PLACE}) = 1",
            "dropping repeated events",
        )
        self.run("DROP TABLE scorec_events_read")
        self.run(f"CREATE OR REPLACE TEMP VIEW {EVENTS} AS SELECT * FROM scorec_events_once")

    def _count_events(self) -> None:
        """What becomes of the events that can be read."""
        names, summary = self.names, self.summary
        key, at = _quoted_name(names.lead), _quoted_name(names.at)
        lead_key = _quoted_name(names.key)
        rejected = (
            "EXISTS (SELECT 1 FROM scorec_rejected_keys WHERE rejected = k)" if self._leads_of_rejected else "false"
        )
        # One row for each lead is enough to know whether it is there.
        counts = self.run(
            f"WITH by_lead AS (SELECT {key} AS k, count(*) AS n, count(CASE WHEN {at} <= {self.at} THEN 1 END) AS past"
            f" FROM {EVENTS} GROUP BY {key})"
            f" SELECT sum(n - past), sum(CASE WHEN there IS NOT NULL THEN past END),"
            f" sum(CASE WHEN there IS NULL AND {rejected} THEN past END), sum(past),"
            f" sum(CASE WHEN k IS NULL THEN n END), sum(CASE WHEN k IS NULL THEN past END)"
            f" FROM by_lead LEFT JOIN (SELECT {lead_key} AS there FROM {LEADS}) ON there = k",
            "counting events",
        )[0]
        to_come, used, of_rejected, past, nobody, nobody_past = (int(count or 0) for count in counts)
        # An event without a lead is that, whenever it was.
        summary.events_to_come += to_come - (nobody - nobody_past)
        summary.events_used += used
        summary.events_of_rejected += of_rejected
        summary.events_without_lead += past - used - of_rejected + nobody - nobody_past
        if used <= MANY_EVENTS_TO_COMPARE:
            compared = [column(names.lead), self._kind(), column(names.at)]
            compared += [self._own(name) for name in names.properties]
            columns = ", ".join(node.copy().sql("duckdb") for node in compared)
            (alike,) = self.run(
                f"SELECT coalesce(sum(n - 1), 0) FROM (SELECT count(*) AS n FROM {EVENTS} SEMI JOIN {LEADS}"
                f" ON {LEADS}.{lead_key} = {EVENTS}.{key} WHERE {at} <= {self.at}"
                f" GROUP BY {columns} HAVING count(*) > 1)",
                "comparing events",
            )[0]
            summary.events_alike += int(alike)
        else:
            summary.notes.append(
                f"with more than {MANY_EVENTS_TO_COMPARE:,} events it is not counted how many are the same as another"
            )

    def _kind(self) -> Sql:
        """The kind of an event by its name in the policy."""
        event = column(self.names.event)
        return case([(_among(event, sorted(words)), text(kind)) for kind, words in sorted(self._words.items())], event)

    def _own(self, name: str) -> Sql:
        """A property, missing for events of kinds that do not declare it."""
        kinds = [
            event.name for event in self.policy.program.events if any(one.name == name for one in event.properties)
        ]
        words = sorted(word for kind in kinds for word in self._words.get(kind, ()))
        return case([(_among(column(self.names.event), words), column(self.names.properties[name]))])

    def _read_once(self, scan: Scan, what: str) -> Scan:
        """A file of text is read once: its cells are kept as they are for the statements that look at them."""
        if scan.file is None:
            return scan
        cells = exp.select(*[column(there) for there in dict.fromkeys(scan.places.values())])
        self._keep(CELLS, cells.from_(table(scan.view)), what)
        return replace(scan, view=CELLS)

    def _forget_cells(self, scan: Scan) -> None:
        if scan.file is not None:
            self.run(f"DROP TABLE IF EXISTS {CELLS} CASCADE")

    def _scans(self, source: Path | str | Frame, view: str, wanted: Sequence[str]) -> list[Scan]:
        if isinstance(source, MappedLeads | MappedEvents):
            return [scan_export(source, wanted)]
        if isinstance(source, str | Path):
            files = files_of(source)
            return [scan_file(self.con, file, f"scorec_{view}_{number}", wanted) for number, file in enumerate(files)]
        return [scan_frame(self.con, source, view.split("_")[0], f"scorec_{view}_frame", wanted)]

    # -------------------------------------------------------------- scoring

    def ground(self, leads_table: str = LEADS, events_table: str = EVENTS) -> Ground:
        names = self.names
        leads = LeadTable(leads_table, (ORDER, names.key, *names.fields.values()), names.key, names.fields)
        events = EventTable(
            events_table,
            (names.lead, names.event, names.at, *names.properties.values()),
            names.lead,
            names.at,
            lambda kinds: _among(
                column(names.event), sorted(word for kind in kinds for word in self._words.get(kind, ()))
            ),
            names.properties,
        )
        return Ground(DuckDB(), leads, events, integer(self.at))

    def score(self, shape: Shape) -> None:
        """Makes the table of results: the lead's order and key, scores in ticks, bands, decisions, and the rest."""
        declared = self._declared_words()
        as_declared = all(words <= declared.get(kind, set()) for kind, words in self._words.items())
        if self._lowered is not None and self._lowered[1] == shape.reasons and as_declared:
            lowered, _ = self._lowered
        else:
            lowered = lower(self.policy.program, self.ground(), shape.reasons)
        self._keep(RESULTS, _statement(lowered, self._columns(shape, lowered)), "scoring")
        self._count_results()

    def score_again(self, shape: Shape, previous: Path | None) -> None:
        """`score`, and what a later run needs to find the leads whose results may have changed: when they change
        without a new event, and a digest of what is known of each. With the result of such a run only those leads are
        scored."""
        then = None if previous is None else self._previous(previous, shape)
        self._digest(self.at if then is None else then)
        leads, events = LEADS, EVENTS
        if then is not None:
            leads, events = "scorec_leads_touched", "scorec_events_touched"
            self._touch(leads, events)
        lowered = lower_with_next_change(self.policy.program, self.ground(leads, events), shape.reasons)
        assert lowered.next_change is not None
        columns = [*self._columns(shape, lowered), named(lowered.next_change, "next_change")]
        self._keep(RESULTS, _statement(lowered, columns), "scoring")
        if then is not None:
            self._carry_over(shape)
        self._count_results()

    def _columns(self, shape: Shape, lowered: Lowered) -> list[Sql]:
        columns: list[Sql] = [named(column(ORDER), ORDER), named(cast(column(lowered.key), "VARCHAR"), "key")]
        columns += [named(node, f"score {name}") for name, node in lowered.scores.items()]
        columns += [named(node, f"band {name}") for name, node in lowered.bands.items()]
        columns += [named(node, f"decision {name}") for name, node in lowered.decisions.items()]
        columns += [named(node, f"gate {name}") for name, node in lowered.gates.items()]
        columns.append(named(lowered.completeness, "completeness"))
        if shape.reasons:
            lines = [(line.rule, line.test, line.ticks) for line in lowered.lines if line.score in shape.scores]
            columns.append(named(_list_of(lines), "reasons"))
        return columns

    def _count_results(self) -> None:
        program, summary = self.policy.program, self.summary
        (summary.scored,) = self.run(f"SELECT count(*) FROM {RESULTS}")[0]
        for what, counted, names in (
            ("band", summary.bands, [band.name for band in program.bands]),
            ("decision", summary.decisions, list(program.declared_decisions)),
        ):
            for name in names:
                at = _quoted_name(f"{what} {name}")
                counted[name] = Counter(dict(self.run(f"SELECT {at}, count(*) FROM {RESULTS} GROUP BY 1")))
        for gate in program.gates:
            at = _quoted_name(f"gate {gate.name}")
            (summary.gates[gate.name],) = self.run(f"SELECT count(CASE WHEN {at} THEN 1 END) FROM {RESULTS}")[0]

    # -- only what has changed

    def _previous(self, path: Path, shape: Shape) -> int | None:
        """Opens an earlier result; the instant as of which it was made, or None (with a note) if it cannot be used."""
        scan = scan_file(self.con, path, "scorec_previous", [])
        wanted = {one.name for one in (*shape.columns, *STATE)}
        lacking = sorted(wanted - set(scan.columns))
        if lacking:
            why = f"it has no column `{lacking[0]}`"
            self._cannot_use(path, f"{why}: it was not written with --incremental, or shows something else")
            return None
        version, fingerprint, as_of = (self._about(shape, name) for name in ("version", "fingerprint", "as_of"))
        made = self.run(f"SELECT DISTINCT {fingerprint}, {version}, epoch_us({as_of}) FROM scorec_previous LIMIT 2")
        program = self.policy.program
        if not made:
            self._cannot_use(path, "it has no rows")
            return None
        if len(made) > 1 or made[0][:2] != (program.fingerprint, program.version):
            self._cannot_use(path, "it was made with another policy or version")
            return None
        if made[0][2] > self.at:
            self._cannot_use(path, "it was made as of a later instant")
            return None
        return int(made[0][2])

    def _cannot_use(self, path: Path, why: str) -> None:
        self.summary.notes.append(f"all leads were scored again; {path} could not be used: {why}")

    def _about(self, shape: Shape, name: str) -> str:
        known = {one.name for one in shape.columns}
        return _quoted_name(f"scorec_{name}" if f"scorec_{name}" in known else name)

    def _digest(self, then: int) -> None:
        """What is known of each lead, as it was then and as it is now, as a number; whether there is a new event."""
        names, at = self.names, _quoted_name(self.names.at)
        row = [self._kind(), column(names.at), *(self._own(name) for name in names.properties)]
        event = f"hash({', '.join(node.copy().sql('duckdb') for node in row)})::HUGEINT"
        # Whose column it is, is always said: a policy may give a field any name.
        lead, key = _quoted_name(names.lead), _quoted_name(names.key)
        written = f"CAST(l.{key} AS VARCHAR)"
        fields = ", ".join([written, *(f"l.{_quoted_name(name)}" for name in names.fields.values())])
        self.run(
            f"CREATE OR REPLACE TEMP TABLE scorec_digests AS WITH happened AS (SELECT {lead} AS k,"
            f" sum(CASE WHEN {at} <= {then} THEN {event} END) AS h_then,"
            f" count(CASE WHEN {at} <= {then} THEN 1 END) AS n,"
            f" sum(CASE WHEN {at} <= {self.at} THEN {event} END) AS h_now,"
            f" count(CASE WHEN {at} <= {self.at} THEN 1 END) AS m FROM {EVENTS} GROUP BY 1)"
            f" SELECT {written} AS lead, printf('%016x', hash({fields}, h.h_then, coalesce(h.n, 0))) AS digest_then,"
            f" printf('%016x', hash({fields}, h.h_now, coalesce(h.m, 0))) AS digest_now,"
            f" coalesce(h.m > h.n, false) AS new_event FROM {LEADS} l LEFT JOIN happened h ON h.k = l.{key}",
            "comparing",
        )

    def _touch(self, leads: str, events: str) -> None:
        """The leads that are new, of which something else is known than before, that have a new event, or whose next
        change has come."""
        key = _quoted_name(self.policy.program.key)
        self.run(
            "CREATE OR REPLACE TEMP TABLE scorec_touched AS SELECT d.lead FROM scorec_digests d"
            f" LEFT JOIN scorec_previous p ON p.{key} = d.lead WHERE p.{key} IS NULL"
            f" OR d.digest_then <> p.scorec_digest OR d.new_event OR epoch_us(p.scorec_next_change) <= {self.at}"
        )
        own, theirs = _quoted_name(self.names.key), _quoted_name(self.names.lead)
        self.run(
            f"CREATE OR REPLACE TEMP TABLE {leads} AS SELECT {LEADS}.* FROM {LEADS} SEMI JOIN scorec_touched"
            f" ON scorec_touched.lead = CAST({LEADS}.{own} AS VARCHAR)"
        )
        self.run(
            f"CREATE OR REPLACE TEMP VIEW {events} AS SELECT {EVENTS}.* FROM {EVENTS} SEMI JOIN scorec_touched"
            f" ON scorec_touched.lead = CAST({EVENTS}.{theirs} AS VARCHAR)"
        )

    def _carry_over(self, shape: Shape) -> None:
        """The results of the leads that were not touched, as they were."""
        program = self.policy.program
        key, own = _quoted_name(program.key), _quoted_name(self.names.key)

        def ticks(name: str) -> str:
            return f"CAST(round(p.{_quoted_name(name)} * 10000) AS BIGINT)"

        columns = [f"{ORDER}", f"p.{key} AS key"]
        columns += [f"{ticks(name)} AS {_quoted_name(f'score {name}')}" for name in shape.scores]
        columns += [f"p.{_quoted_name(name)} AS {_quoted_name(f'band {name}')}" for name in shape.bands]
        columns += [f"p.{_quoted_name(name)} AS {_quoted_name(f'decision {name}')}" for name in shape.decisions]
        columns += [
            f"list_contains(string_split(p.scorec_gates, ' '), {text(gate.name).sql('duckdb')})"
            f" AS {_quoted_name(f'gate {gate.name}')}"
            for gate in program.gates
        ]
        completeness = "scorec_completeness" if "completeness" in (*shape.scores, *shape.bands) else "completeness"
        columns.append(f"{ticks(completeness)} AS completeness")
        if shape.reasons:
            columns.append("p.reasons AS reasons")
        columns.append("epoch_us(p.scorec_next_change) AS next_change")
        (touched,) = self.run(f"SELECT count(*) FROM {RESULTS}")[0]
        self.run(
            f"INSERT INTO {RESULTS} BY NAME SELECT {', '.join(columns)} FROM {LEADS}"
            f" JOIN scorec_previous p ON p.{key} = CAST({LEADS}.{own} AS VARCHAR)"
            f" WHERE CAST({LEADS}.{own} AS VARCHAR) NOT IN (SELECT lead FROM scorec_touched)",
            "carrying over",
        )
        self.summary.notes.append(f"{touched:,} leads were scored again; the others are as they were")

    def results_with_state(self, shape: Shape) -> exp.Select:
        """The result with what a later run needs."""
        gates = [
            case([(column(f"gate {gate.name}"), text(f"{gate.name} "))], text("")) for gate in self.policy.program.gates
        ]
        barring = exp.Anonymous(this="CONCAT", expressions=[text(""), *gates])
        moment = exp.Anonymous(this="MAKE_TIMESTAMPTZ", expressions=[column("next_change")])
        state = [
            exp.alias_(node, one.name) for node, one in zip((moment, column("digest_now"), barring), STATE, strict=True)
        ]
        query = self.results(shape).select(*state)
        on = compare("==", column("lead"), column("key"))
        return query.join(table("scorec_digests"), on=on, join_type="inner")

    def results(self, shape: Shape) -> exp.Select:
        """The result as it is shown, in the order of the leads: ticks as decimals, instants as timestamps."""
        program = self.policy.program
        dialect = DuckDB()
        about = {
            "completeness": dialect.points(column("completeness")),
            "policy": text(program.name),
            "version": text(program.version),
            "fingerprint": text(program.fingerprint),
            "as_of": exp.Anonymous(this="MAKE_TIMESTAMPTZ", expressions=[integer(self.at)]),
            "reasons": column("reasons"),
        }
        nodes: list[Sql] = [column("key")]
        nodes += [dialect.points(column(f"score {name}")) for name in shape.scores]
        nodes += [column(f"band {name}") for name in shape.bands]
        nodes += [column(f"decision {name}") for name in shape.decisions]
        own = shape.columns[len(nodes) :]
        nodes += [about[one.name.removeprefix("scorec_")] for one in own]
        columns = [exp.alias_(node, one.name, quoted=True) for node, one in zip(nodes, shape.columns, strict=True)]
        return exp.select(*columns).from_(table(RESULTS)).order_by(column(ORDER))

    def rows(self, shape: Shape) -> Iterator[list[Any]]:
        """The result row by row, as writers take it: ticks, labels, reasons as (rule, ticks)."""
        program = self.policy.program
        about = (program.name, program.version, program.fingerprint, self.at)
        nodes = ["key", *(f"score {name}" for name in shape.scores), *(f"band {name}" for name in shape.bands)]
        nodes += [f"decision {name}" for name in shape.decisions]
        nodes += ["completeness", *(["reasons"] if shape.reasons else [])]
        query = exp.select(*[column(name) for name in nodes]).from_(table(RESULTS)).order_by(column(ORDER))
        found = self.con.execute(query.sql("duckdb"))
        while batch := found.fetchmany(10_000):
            for row in batch:
                if not shape.reasons:
                    yield [*row, *about]
                    continue
                lines = [(line["rule"], int(line["points"] * 10_000)) for line in row[-1]]
                yield [*row[:-1], *about, lines]

    def write_with_state(self, shape: Shape, path: Path) -> None:
        """Writes the result of `score_again` to a Parquet file, which a later run takes as the previous one."""
        self._copy(self.results_with_state(shape), path, "FORMAT parquet")

    def _copy(self, query: exp.Query, path: Path, options: str) -> None:
        """Writes what a query gives to a file, which is there when it is whole."""
        beside = Beside(path)
        try:
            said = query.copy().sql("duckdb")
            self.run(f"COPY ({said}) TO {text(beside.temporary).sql('duckdb')} ({options})", "writing")
        except BaseException:
            beside.drop()
            raise
        beside.keep()

    def write(self, shape: Shape, path: Path) -> bool:
        """Writes the result to a Parquet or CSV file, as the writers of `tables` do; False for another format."""
        ending = ending_of(path)
        if ending in (".parquet", ".pq"):
            query: exp.Query = self.results(shape)
            options = "FORMAT parquet, COMPRESSION snappy"
        elif ending in (".csv", ".tsv"):
            separator = "\t" if ending == ".tsv" else ","
            query = _under_a_header(self._as_text(shape), [harmless(one.name) for one in shape.columns])
            options = f"FORMAT csv, HEADER false, DELIMITER '{separator}', NULLSTR ''"
        else:
            return False
        self._copy(query, path, options)
        return True

    def _as_text(self, shape: Shape) -> exp.Select:
        """The result as cells of a CSV file: points without zeros at the end, nothing that a spreadsheet would run."""
        found = self.results(shape)
        cells = []
        for alias, one in zip(list(found.expressions), shape.columns, strict=True):
            node = alias.this
            match one.kind:
                case "points":
                    cell = _points_text(node)
                case "instant":
                    cell = text(instant_text(self.at))
                case "reasons":
                    cell = _reasons_text(node)
                case _:
                    cell = _harmless(node)
            cells.append(exp.alias_(cell, one.name, quoted=True))
        return exp.select(*cells, column(ORDER)).from_(table(RESULTS))

    def accounts(self, shape: AccountShape) -> list[list[Any]]:
        """The accounts, sorted by their key, as writers take them."""
        program = self.policy.program
        lowered = lower_accounts(program, self.ground())
        columns: list[Sql] = [named(column(lowered.key), "account"), named(lowered.completeness, "leads")]
        columns += [named(lowered.scores[name], f"score {name}") for name in shape.scores]
        columns += [named(lowered.bands[name], f"band {name}") for name in shape.bands]
        columns += [named(lowered.decisions[name], f"decision {name}") for name in shape.decisions]
        self._keep(ACCOUNTS, _statement(lowered, columns), "accounts")
        about = (program.name, program.version, program.fingerprint, self.at)
        # By code points, as Python sorts.
        rows = sorted(self.run(f"SELECT * FROM {ACCOUNTS}"), key=lambda row: str(row[0]))
        self.summary.accounts = len(rows)
        return [[*row, *about] for row in rows]


def _statement(lowered: Lowered, columns: Sequence[Sql]) -> exp.Select:
    query = exp.select(*columns).from_(table(lowered.relation))
    for step in lowered.steps:
        query = _with(query, step)
    return query


def _with(query: exp.Select, step: Step) -> exp.Select:
    name = exp.to_identifier(step.name, quoted=True)
    return query.with_(name, as_=step.query, materialized=True if step.apart else None, copy=False)


def _list_of(lines: Sequence[tuple[str, Sql, Sql]]) -> Sql:
    if not lines:
        return cast(exp.Array(expressions=[]), "STRUCT(rule VARCHAR, points DECIMAL(18, 4))[]")
    return cast(DuckDB().reasons(lines), "STRUCT(rule VARCHAR, points DECIMAL(18, 4))[]")


def _points_text(points: Sql) -> Sql:
    """`42.5000` as `42.5`, `3.0000` as `3`"""
    written = cast(points, "VARCHAR")
    return exp.Anonymous(this="REGEXP_REPLACE", expressions=[written, text("[.]?0+$"), text("")])


def _reasons_text(reasons: Sql) -> Sql:
    """`fit.enterprise +30; fit.free_mail -25`"""
    line = exp.to_identifier("each_line")
    points = exp.Anonymous(this="STRUCT_EXTRACT", expressions=[exp.column("each_line"), text("points")])
    rule = exp.Anonymous(this="STRUCT_EXTRACT", expressions=[exp.column("each_line"), text("rule")])
    sign = case([(compare(">", points, integer(0)), text(" +"))], text(" "))
    said = exp.Anonymous(this="CONCAT", expressions=[rule, sign, _points_text(points)])
    listed = exp.Anonymous(this="LIST_TRANSFORM", expressions=[reasons, exp.Lambda(this=said, expressions=[line])])
    joined = exp.Anonymous(this="ARRAY_TO_STRING", expressions=[listed, text("; ")])
    return exp.Anonymous(this="NULLIF", expressions=[joined, text("")])


def _harmless(node: Sql) -> Sql:
    """`tables.harmless`: no spreadsheet runs it as a formula."""
    first = exp.Anonymous(this="LEFT", expressions=[node, integer(1)])
    runs = member(first, [text(sign) for sign in ("=", "+", "-", "@", "\t", "\r")])
    return case([(runs, exp.DPipe(this=text("'"), expression=node))], node)


def _under_a_header(query: exp.Query, names: Sequence[str]) -> exp.Query:
    """The rows under one with the names; DuckDB's own header would not know which names are harmless."""
    header = exp.select(
        *[exp.alias_(text(name), f"c{at}") for at, name in enumerate(names)], exp.alias_(integer(-1), "place")
    )
    both = exp.union(header, query, distinct=False).subquery("cells")
    columns = [exp.column(f"c{at}") for at in range(len(names))]
    return exp.select(*columns).from_(both).order_by(exp.column("place"))


# ------------------------------------------------------------------ small parts


def _read_of_any(program: ir.Program) -> frozenset[str]:
    """The properties that are read of events of kinds which do not declare them (`no event where ...`)."""
    declaring: dict[str, set[str]] = {}
    for event in program.events:
        for prop in event.properties:
            declaring.setdefault(prop.name, set()).add(event.name)
    found: set[str] = set()
    for node, beside in _selections((program.scores, program.bands, program.gates, program.decisions, program.account)):
        read = {part.name for part in _walk(beside) if isinstance(part, ir.PropertyOf)}
        found |= {name for name in read if not set(node.kinds) <= declaring.get(name, set())}
    return frozenset(found)


def _selections(part: object) -> Iterator[tuple[ir.Events, object]]:
    """Every selection of events, with all that is read of them."""
    for node in _walk(part):
        match node:
            case ir.Rule(trigger=ir.Each(events=events, once_per_property=prop), points=points):
                once = ir.PropertyOf(ir.Kind.TEXT, prop) if prop is not None else None
                yield events, (events.where, points, once)
            case ir.CountOf(events=events, distinct=str(prop)) | ir.AggregateOf(events=events, prop=prop):
                yield events, (events.where, ir.PropertyOf(ir.Kind.TEXT, prop))
            case ir.Events():
                yield node, node.where
            case _:
                pass


def _walk(part: object) -> Iterator[object]:
    yield part
    if isinstance(part, tuple):
        for item in part:
            yield from _walk(item)
    elif is_dataclass(part) and not isinstance(part, type):
        for one in fields(part):
            yield from _walk(getattr(part, one.name))


def _among(word: Sql, words: Sequence[str]) -> Sql:
    return member(word, [text(one) for one in words]) if words else flag(False)


def _never(node: Sql) -> bool:
    return isinstance(node, exp.Boolean) and not node.this


def _plus(node: Sql, number: int) -> Sql:
    return node if number == 0 else exp.Add(this=node, expression=integer(number))


def _has_whole_keys(scan: Scan, name: str) -> bool:
    """Whether keys can stay whole numbers; what the careful reader reads are texts."""
    return not scan.careful and name in scan.types and edge.keeps_whole_keys(scan.types[name])


def _ambiguous(scan: Scan, fields: Iterable[ir.Field]) -> bool:
    """Whether a table has both the column that a field names and one of the field's own name: which of them is meant
    can differ from row to row."""
    return any(one.column and one.column != one.name and {one.column, one.name} <= set(scan.places) for one in fields)


def _has_blank_lines(file: Path) -> bool:
    """Whether a file of text has empty lines between its rows, which DuckDB does not count."""
    if file.suffix == ".gz":
        return True
    tail = b""
    with file.open("rb") as raw:
        while chunk := raw.read(1 << 22):
            seen = (tail + chunk).replace(b"\r", b"")
            if b"\n\n" in seen.rstrip(b"\n") or (b"\n\n" in tail + chunk[:2]):
                return True
            tail = seen[-1:]
    return False


def _offsets(ends: Sequence[tuple[int, int]]) -> dict[int, int]:
    """How many rows stand in the files before each."""
    found: dict[int, int] = {}
    before = 0
    for number, end in ends:
        found[number] = before
        before = end
    return found


def _said(failure: BaseException) -> BaseException:
    """What DuckDB says, as an error with a way out where there is one."""
    if not isinstance(failure, duckdb.Error):
        return failure
    message = str(failure)
    if isinstance(failure, duckdb.InterruptException):
        return KeyboardInterrupt()
    if "No space left" in message or "max_temp_directory_size" in message:
        return TableError(
            "the disk is full: what does not fit into memory is kept in a temporary folder",
            "free some space, set TMPDIR to a larger disk, or allow more memory (--memory).",
        )
    if isinstance(failure, duckdb.OutOfMemoryException):
        return TableError(f"the memory is not enough: {_first_line(failure)}", "allow more with --memory.")
    return TableError(f"DuckDB: {_first_line(failure)}")


def _first_line(failure: BaseException) -> str:
    return str(failure).strip().split("\n")[0][:300]


def _quoted_name(name: str) -> str:
    return exp.to_identifier(name, quoted=True).sql("duckdb")
