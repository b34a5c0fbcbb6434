"""Leads are read: where nothing in them is odd, they stay in their files, under the names that the policy's statement
knows; otherwise they go to a table, and Python looks at the odd rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

from sqlglot import exp

from ...dsl.facts import FieldSpec, Refusal, read_lead
from ..batch import Reject, Rejected, Summary, check_columns, key_text, shown
from ..duckdb_text import identifier
from ..engines.sql import edge
from ..engines.sql.rows import table
from ..engines.sql.syntax import (
    Sql,
    all_of,
    any_of,
    case,
    cast,
    coalesce,
    column,
    flag,
    integer,
    is_known,
    is_null,
    named,
    negated,
    null,
)
from ..mapped import as_written
from ..scans import Frame, Scan, Staging, rows_of
from ..tables import BadRow, Row, TableError
from .clean import FILE, LEADS, ORDER, STATE, TYPES, CleanTables
from .json_lines import rows_at
from .reading import ambiguous, has_blank_lines, has_whole_keys, never, plus, read_cell, read_key, scans_of
from .session import Session

KEY_BITS = "scorec_key_bits"
"""One row with a bit for each key of a lead, where keys are whole numbers that lie close enough to each other."""

MOST_BITS = 1 << 28
"""32 MB for each thread"""

REJECTED_KEYS = "scorec_rejected_keys"
"""The keys that only rejected rows have."""

IN_FILES = "scorec_leads_in_files"
"""The leads where they are."""

_Refused: TypeAlias = dict[tuple[int, int], tuple[str, Sequence[Refusal]]]
"""(number of the file, row) -> key, and why the row cannot be read"""


def read_leads(
    session: Session, clean: CleanTables, source: Path | str | Frame, summary: Summary, reject: Reject
) -> None:
    """Makes `LEADS`."""
    _Reading(session, clean, summary, reject).read(source)


class _Reading:
    def __init__(self, session: Session, clean: CleanTables, summary: Summary, reject: Reject) -> None:
        self.session, self.clean, self.summary, self.reject = session, clean, summary, reject
        self.policy, self.columns = clean.policy, clean.columns
        self.blank_keys: dict[tuple[int, int], str] = {}
        """(number of the file, row) -> what stands where a key should be"""

    def read(self, source: Path | str | Frame) -> None:
        program = self.policy.program
        scans = scans_of(self.session, source, "leads", self._wanted())
        for scan in scans:
            check_columns(self.policy, scan, set(scan.there), self.summary, len(scans) > 1)
        if all(has_whole_keys(scan, program.key) for scan in scans):
            self.clean.key_type = "BIGINT"
        if self._stay(scans):
            return
        refused = self._make_table(scans)
        # Rejected rows are told by their numbers, and DuckDB does not count empty lines.
        if (refused or not self._have_keys_apart(self._count())) and self._lacks_numbers(scans):
            self.blank_keys.clear()
            scans = [replace(scan, careful=scan.careful or scan.file is not None) for scan in scans]
            refused = self._make_table(scans)
        self._reject(scans, refused)
        if not self.clean.rejected_keys:
            self._make_bits(self.summary.leads - self.summary.rejected)

    def _make_table(self, scans: Sequence[Scan]) -> _Refused:
        columns = self.clean.types_of_leads() | {FILE: "INTEGER", STATE: "UTINYINT"}
        made = ", ".join(f"{identifier(name)} {kind}" for name, kind in columns.items())
        self.session.run(f"CREATE OR REPLACE TEMP TABLE {LEADS} ({made})")
        refused: _Refused = {}
        before = 0
        for number, scan in enumerate(scans):
            if scan.careful or ambiguous(scan, self.policy.program.fields):
                refused |= self._with_care(scan, number, before)
            else:
                refused |= self._at_once(scan, number, before)
            (before,) = self.session.run(f"SELECT coalesce(max({identifier(ORDER)}), 0) FROM {LEADS}")[0]
        return refused

    def _lacks_numbers(self, scans: Sequence[Scan]) -> bool:
        return any(
            scan.file is not None and not scan.careful and not scan.lines and has_blank_lines(scan.file)
            for scan in scans
        )

    def _count(self) -> int:
        return int(self.session.run(f"SELECT count(*) FROM {LEADS}")[0][0])

    def _have_keys_apart(self, rows: int) -> bool:
        """Whether each of so many rows has a key that no other has."""
        key = identifier(self.columns.key)
        looks = f"SELECT count({key}), count(DISTINCT {key}) FROM {LEADS}"
        return self.session.run(looks, "reading leads")[0] == (rows, rows)

    def _wanted(self) -> list[str]:
        program = self.policy.program
        return [program.key, *(name for one in program.fields for name in (one.column, one.name) if name)]

    # -------------------------------------------------------------- where they are

    def _stay(self, scans: Sequence[Scan]) -> bool:
        """Leaves leads where they are, if no row is odd and every key is there once."""
        fields = self.policy.program.fields
        if any(scan.careful or scan.file is not None or ambiguous(scan, fields) for scan in scans):
            return False
        parts: list[exp.Select] = []
        before = 0
        for scan in scans:
            tidy = self._tidy_columns(scan)
            columns, odd = self._read(scan, before, tidy)
            looks: list[Sql] = [exp.Count(this=exp.Star())]
            looks.append(integer(0) if never(odd) else exp.Count(this=case([(odd, integer(1))])))
            rows, strange = self.session.run(exp.select(*looks).from_(table(scan.view)), "reading leads")[0]
            if strange:
                return False
            before += rows
            parts.append(exp.select(*columns).from_(table(scan.view)))
        said = " UNION ALL BY NAME ".join(part.sql("duckdb") for part in parts)
        self.session.view(IN_FILES, said)
        self.session.view(LEADS, f"SELECT * FROM {IN_FILES}")
        if not self._are_different(before):
            self.clean.key_bits = None
            self.session.run(f"DROP VIEW {LEADS}")
            return False
        self.summary.leads = before
        self.clean.in_files = True
        return True

    def _tidy_columns(self, scan: Scan) -> frozenset[str]:
        """The columns of texts that the policy reads in which nothing has blanks around it: to see that costs less
        than to look at each text when it is used."""
        reads = set(self.policy.program.reads)
        read = [self._source(scan, spec) for spec in self.policy.lead_specs if spec[0] in reads]
        texts = [name for name in read if scan.types.get(name, "").upper() == "VARCHAR"]
        if not texts:
            return frozenset()
        untidy = [
            exp.Count(this=case([(negated(edge.DIALECT.is_tidy(column(scan.places[name]))), integer(1))]))
            for name in texts
        ]
        (found,) = self.session.run(exp.select(*untidy).from_(table(scan.view)), "reading leads")
        return frozenset(name for name, count in zip(texts, found, strict=True) if not count)

    def _are_different(self, rows: int) -> bool:
        """`_have_keys_apart`, by bits where that can be."""
        if not self._make_bits(rows):
            return self._have_keys_apart(rows)
        (different,) = self.session.run(f"SELECT bit_count(bits) FROM {KEY_BITS}")[0]
        return bool(different == rows)

    def _make_bits(self, rows: int) -> bool:
        """Makes `KEY_BITS`, if each of these rows has a key, and all are whole numbers that lie close enough."""
        if self.clean.key_type != "BIGINT" or not rows:
            return False
        key = identifier(self.columns.key)
        known, low, high = self.session.run(f"SELECT count({key}), min({key}), max({key}) FROM {LEADS}")[0]
        if known < rows or high - low >= min(MOST_BITS, 1024 * rows):
            return False
        bits = f"bitstring_agg({key}, {low}::BIGINT, {high}::BIGINT)"
        self.session.keep(KEY_BITS, f"SELECT {bits} AS bits FROM {LEADS}")
        self.clean.key_bits = low, high
        return True

    def _read(self, scan: Scan, before: int, tidy: frozenset[str] = frozenset()) -> tuple[list[Sql], Sql]:
        """The columns of the clean table, and the test that something in a row is odd."""
        policy, columns = self.policy, self.columns
        key = self._key(scan)
        found: list[Sql] = [named(plus(scan.numbered, before), ORDER), named(key.value, columns.key)]
        odd: list[Sql] = [key.odd, scan.odd]
        for spec in policy.lead_specs:
            read = self._field(scan, spec, tidy)
            found.append(named(read.value, columns.fields[spec[0]]))
            odd.append(read.odd)
        strange = [one for one in odd if not never(one)]
        return found, coalesce(any_of(strange), flag(False)) if strange else flag(False)

    def _key(self, scan: Scan) -> edge.Read:
        place = column(scan.places[self.policy.program.key])
        if self.clean.key_type == "BIGINT":
            return edge.Read(cast(place, "BIGINT"), flag(False))
        kind = scan.types[self.policy.program.key]
        found = read_key(scan, self.policy.program.key)
        if edge.family(kind) != "TEXT":
            return found
        # Blanks are no key, and are shown as they stand there.
        return edge.Read(found.value, any_of([found.odd, all_of([is_known(place), is_null(found.value)])]))

    def _field(self, scan: Scan, spec: FieldSpec, tidy: frozenset[str]) -> edge.Read:
        name, word, required, _, allowed = spec
        there = self._source(scan, spec)
        if there not in scan.places:
            kind = next(one.kind for one in self.policy.program.fields if one.name == name)
            return edge.Read(cast(null(), TYPES[kind]), flag(required))
        return read_cell(scan, there, word, allowed, required, self.policy.zone, there in tidy)

    def _source(self, scan: Scan, spec: FieldSpec) -> str:
        """The column that a field is read from."""
        name, _, _, source, _ = spec
        return source if source in scan.places else name

    # -------------------------------------------------------------- a table of them

    def _at_once(self, scan: Scan, number: int, before: int) -> _Refused:
        session = self.session
        columns, odd = self._read(scan, before)
        state = case([(odd, integer(1))], integer(0))
        query = exp.select(*columns, named(integer(number), FILE), named(state, STATE)).from_(table(scan.view))
        try:
            session.run(f"INSERT INTO {LEADS} BY NAME {query.sql('duckdb')}", "reading leads")
        except TableError:
            if scan.file is None:
                raise
            # Something is wrong with the lines themselves: the careful reader says with which.
            return self._with_care(scan, number, before)
        where = f"{FILE} = {number} AND {STATE} = 1"
        odd_rows = session.run(f"SELECT {identifier(ORDER)} FROM {LEADS} WHERE {where}")
        if not odd_rows:
            return {}
        if scan.lines:
            session.run(f"DELETE FROM {LEADS} WHERE {where}")
            numbers = {order - before for (order,) in odd_rows}
            return self._stage(rows_at(scan, self._wanted(), numbers), number, before)
        if scan.file is not None and has_blank_lines(scan.file):
            session.run(f"DELETE FROM {LEADS} WHERE {FILE} = {number}")
            return self._with_care(scan, number, before)
        session.run(f"DELETE FROM {LEADS} WHERE {where}")
        return self._stage(rows_of(session.con, scan, odd), number, before)

    def _with_care(self, scan: Scan, number: int, before: int) -> _Refused:
        if scan.file is None and scan.rows is None:
            return self._stage(rows_of(self.session.con, scan, flag(True)), number, before)
        return self._stage(scan.read_with_care(self._wanted(), self.summary.notes), number, before)

    def _stage(self, rows: Iterable[Row | BadRow], number: int, before: int) -> _Refused:
        """Reads rows in Python and adds those that can be read; gives why the others cannot."""
        policy, columns = self.policy, self.columns
        refused: _Refused = {}
        with Staging(self.session.folder) as staging:
            for row in rows:
                if isinstance(row, BadRow):
                    refused[number, row.number] = (row.key, [(row.column, row.value, row.reason)])
                    staging.put({ORDER: row.number + before, FILE: number, STATE: 3})
                    continue
                order, raw = row
                key = key_text(raw.get(policy.program.key))
                if key is None:
                    self.blank_keys[number, order] = shown(raw.get(policy.program.key))
                clean, refusals = read_lead(policy.lead_specs, policy.zone, raw)
                if refusals:
                    refused[number, order] = (key or "", [as_written(raw, refusal) for refusal in refusals])
                found: dict[str, Any] = {ORDER: order + before, columns.key: self.clean.own_key(key), FILE: number}
                found[STATE] = 2 if refusals else 0
                if not refusals:
                    found |= {columns.fields[name]: value for name, value in clean.items() if value is not None}
                staging.put(found)
            types = {**self.clean.types_of_leads(), FILE: "INTEGER", STATE: "UTINYINT"}
            staging.load(self.session.con, "scorec_staged", types)
        self.session.run(f"INSERT INTO {LEADS} BY NAME SELECT * FROM scorec_staged")
        self.session.run("DROP TABLE scorec_staged")
        return refused

    # -------------------------------------------------------------- those that are rejected

    def _reject(self, scans: Sequence[Scan], refused: Mapping[tuple[int, int], tuple[str, Sequence[Refusal]]]) -> None:
        """Rejects rows without a key, with a key that stands before, and those that cannot be read, in their order."""
        key, order = identifier(self.columns.key), identifier(ORDER)
        run, summary, program = self.session.run, self.summary, self.policy.program
        summary.leads = self._count()
        twice = run(
            f"SELECT {order}, first, {key} FROM (SELECT {order}, {key}, min({order}) OVER (PARTITION BY {key}) AS first"
            f" FROM {LEADS} WHERE {key} IN (SELECT {key} FROM {LEADS} WHERE {key} IS NOT NULL GROUP BY {key}"
            f" HAVING count(*) > 1)) WHERE {order} <> first"
        )
        nameless = run(f"SELECT {order} FROM {LEADS} WHERE {key} IS NULL AND {STATE} <> 3")
        if not twice and not nameless and not refused:
            run(f"ALTER TABLE {LEADS} DROP COLUMN {STATE}")
            run(f"ALTER TABLE {LEADS} DROP COLUMN {FILE}")
            return
        offsets = _offsets(run(f"SELECT {FILE}, max({order}) FROM {LEADS} GROUP BY 1 ORDER BY 1"))
        found: dict[int, list[Rejected]] = {}

        def where(at: int) -> tuple[int, int]:
            file = max(number for number, offset in offsets.items() if offset < at)
            return file, at - offsets[file]

        def place(at: int) -> tuple[str, int]:
            file, row = where(at)
            return scans[file].name, row

        for (number, row), (its_key, refusals) in refused.items():
            found[row + offsets.get(number, 0)] = [
                Rejected(scans[number].name, row, its_key, name, shown(value), reason)
                for name, value, reason in refusals
            ]
        for (at,) in nameless:
            name, row = place(at)
            value = self.blank_keys.get(where(at), "")
            found[at] = [Rejected(name, row, "", program.key, value, "the row has no key")]
        for at, first, its_key in twice:
            name, row = place(at)
            there, before = place(first)
            first_row = f"in row {before}" if there == name else f"in row {before} of {there}"
            reason = f"the key stands {first_row} already; only the first counts"
            found[at] = [Rejected(name, row, str(its_key), program.key, str(its_key), reason)]
        summary.rejected = len(found)
        for at in sorted(found):
            for one in found[at]:
                self.reject(one)
        self._take_out(found)

    def _take_out(self, rejected: Iterable[int]) -> None:
        """Leaves the rejected rows out, and notes the keys that nobody has but they."""
        key, order = identifier(self.columns.key), identifier(ORDER)
        staging = Staging(self.session.folder)
        for at in rejected:
            staging.put({ORDER: at})
        staging.load(self.session.con, "scorec_rejected", {ORDER: "BIGINT"})
        kept = f"{order} NOT IN (SELECT {order} FROM scorec_rejected)"
        self.session.keep(
            REJECTED_KEYS,
            f"SELECT DISTINCT {key} AS rejected FROM {LEADS} WHERE {key} IS NOT NULL AND NOT ({kept})"
            f" AND {key} NOT IN (SELECT {key} FROM {LEADS} WHERE {key} IS NOT NULL AND {kept})",
        )
        (keys,) = self.session.run(f"SELECT count(*) FROM {REJECTED_KEYS}")[0]
        self.clean.rejected_keys = keys > 0
        self.session.keep(LEADS, f"SELECT * EXCLUDE ({STATE}, {FILE}) FROM {LEADS} WHERE {kept}")


def make_keys_texts(session: Session, clean: CleanTables) -> None:
    """Makes texts of the leads' keys, because events have something else than whole numbers for them."""
    if clean.key_type == "VARCHAR":
        return
    clean.key_type = "VARCHAR"
    clean.key_bits = None
    key = identifier(clean.columns.key)
    if clean.in_files:
        session.view(LEADS, f"SELECT * REPLACE (CAST({key} AS VARCHAR) AS {key}) FROM {IN_FILES}")
        return
    session.run(f"ALTER TABLE {LEADS} ALTER COLUMN {key} TYPE VARCHAR")
    if clean.rejected_keys:
        session.run(f"ALTER TABLE {REJECTED_KEYS} ALTER COLUMN rejected TYPE VARCHAR")


def _offsets(ends: Sequence[tuple[int, int]]) -> dict[int, int]:
    """How many rows stand in the files before each."""
    found: dict[int, int] = {}
    before = 0
    for number, end in ends:
        found[number] = before
        before = end
    return found
