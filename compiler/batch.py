"""Scores a whole table with the Python engine: leads stream through, events wait in memory until their lead comes."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from math import isfinite
from pathlib import Path
from typing import Any, TypeAlias

from ..dsl import ir
from ..dsl.facts import UNDECLARED, Clean, read_event, read_lead
from ..dsl.values import TICKS, divide
from .errors import ScorecError
from .mapped import Input, as_written, left_out, open_input
from .policy import Policy
from .tables import BadRow, Column, Header, Row, Table, TableError, Writer, bind, nearest, open_writer

CleanEvent: TypeAlias = dict[str, Clean]


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that was not used, and why. `row` is the number that a spreadsheet shows."""

    file: str
    row: int
    key: str
    column: str
    value: str
    reason: str


@dataclass
class Summary:
    """What a run saw and did."""

    leads: int = 0
    scored: int = 0
    rejected: int = 0
    bands: dict[str, Counter[str]] = field(default_factory=dict)
    decisions: dict[str, Counter[str]] = field(default_factory=dict)
    gates: Counter[str] = field(default_factory=Counter)
    events: int = 0
    events_used: int = 0
    events_rejected: int = 0
    events_to_come: int = 0
    events_without_lead: int = 0
    events_of_rejected: int = 0
    events_repeated: int = 0
    """dropped, because their `event_id` was there already"""
    events_alike: int = 0
    """kept, although another event of the lead is the same in everything"""
    undeclared: Counter[str] = field(default_factory=Counter)
    accounts: int = 0
    notes: list[str] = field(default_factory=list)


class FirstRejected(ScorecError):
    """A row was rejected in a strict run, which ends there."""

    def __init__(self, rejected: Rejected) -> None:
        self.rejected = rejected
        where = f"{rejected.file}, row {rejected.row}"
        super().__init__(f"{where}: {rejected.column + ': ' if rejected.column else ''}{rejected.reason}")


Reject: TypeAlias = Callable[[Rejected], None]
Watch: TypeAlias = Callable[[Table, int], None]
"""Told now and then how far a table has been read, and how many rows that were."""

ROWS_BETWEEN_LOOKS = 2_000


# ------------------------------------------------------------------ events


@dataclass(frozen=True, slots=True)
class EventFile:
    """A file of events; with `kind`, all of them are of that kind."""

    path: Input
    kind: str | None = None


def event_file(policy: Policy, written: str) -> EventFile:
    """`events.csv`, or `page_view=views.csv`"""
    kind, equals, rest = written.partition("=")
    if not equals or os.path.exists(written):
        return EventFile(Path(written))
    if kind not in policy.event_kinds:
        known = [event.name for event in policy.program.events]
        close = get_close_matches(kind, known, 1)
        hint = f"did you mean `{close[0]}`?" if close else f"it declares {', '.join(known) or 'none'}."
        raise TableError(f"the policy declares no event `{kind}`", hint)
    return EventFile(Path(rest), kind)


@dataclass
class EventLog:
    """The events of each lead, by its key, up to the as-of instant."""

    by_key: dict[str, list[CleanEvent]] = field(default_factory=dict)

    def take(self, key: str) -> list[CleanEvent]:
        return self.by_key.pop(key, [])


def read_events(
    policy: Policy, files: Sequence[EventFile], at: int, summary: Summary, reject: Reject, watch: Watch
) -> EventLog:
    """Reads event files. What is not used is counted in the summary, what cannot be read is rejected."""
    log = EventLog()
    seen: set[tuple[str, str]] = set()
    for file in files:
        with open_input(file.path) as table:
            for key, clean, event_id in _clean_events(policy, file, table, summary, reject, watch):
                moment = clean["at"]
                assert isinstance(moment, int)
                if event_id is not None:
                    if (key, event_id) in seen:
                        summary.events_repeated += 1
                        continue
                    seen.add((key, event_id))
                if moment > at:
                    summary.events_to_come += 1
                    continue
                log.by_key.setdefault(key, []).append(clean)
            summary.notes += left_out(table)
    return log


def _clean_events(
    policy: Policy, file: EventFile, table: Table, summary: Summary, reject: Reject, watch: Watch
) -> Iterator[tuple[str, CleanEvent, str | None]]:
    binding = bind(table, wanted_of_events(policy.program))
    key_name = check_event_columns(policy.program, table, set(binding.headers.values()), file.kind)

    def counted() -> Iterator[Row | BadRow]:
        for row in table.rows(binding):
            summary.events += 1
            if summary.events % ROWS_BETWEEN_LOOKS == 0:
                watch(table, summary.events)
            yield row

    for _, key, clean, event_id in clean_events(policy, table.name, counted(), key_name, file.kind, summary, reject):
        if key is None:
            summary.events_without_lead += 1
        else:
            yield key, clean, event_id


def wanted_of_events(program: ir.Program) -> list[str]:
    """The columns that events may have."""
    properties = [prop for event in program.events for prop in event.properties]
    names = [name for prop in properties for name in (prop.column, prop.name) if name]
    return [program.key, "lead_id", "event", "at", "event_id", "properties", *names]


def lead_column_of(program: ir.Program, there: Container[str]) -> str:
    """The column of events that says whose they are."""
    return program.key if program.key in there else "lead_id"


def check_event_columns(program: ir.Program, table: Header, there: Container[str], kind: str | None) -> str:
    """Events must have a column that says whose they are, which is given; one that says when they were; and, unless all
    are of one kind, one that says what happened."""
    key_name = lead_column_of(program, there)
    if key_name not in there:
        raise no_column(table, program.key, "tells which lead an event belongs to")
    for needed, purpose in (("event", "tells what happened"), ("at", "tells when it happened")):
        if needed not in there and not (needed == "event" and kind is not None):
            hint = " (or name the kind: --events KIND=FILE)" if needed == "event" else ""
            raise no_column(table, needed, purpose + hint)
    return key_name


def clean_events(
    policy: Policy,
    name: str,
    rows: Iterable[Row | BadRow],
    key_name: str,
    kind: str | None,
    summary: Summary,
    reject: Reject,
) -> Iterator[tuple[int, str | None, CleanEvent, str | None]]:
    """The events that can be read, each with its row, whose it is, and its id. The others are rejected, or counted if
    the policy does not declare them."""
    kinds, zone = policy.event_kinds, policy.zone
    for row in rows:
        if isinstance(row, BadRow):
            summary.events_rejected += 1
            reject(Rejected(name, row.number, row.key, row.column, row.value, row.reason))
            continue
        number, raw = row
        if kind is not None:
            raw = {**raw, "event": kind}
        key = key_text(raw.get(key_name))
        clean, refusals = read_event(kinds, zone, raw)
        if clean is None and refusals[0][2] == UNDECLARED:
            summary.undeclared[str(raw.get("event"))[:60]] += 1
        elif clean is None:
            summary.events_rejected += 1
            for refusal in refusals:
                column, value, reason = as_written(raw, refusal)
                reject(Rejected(name, number, key or "", column, shown(value), reason))
        else:
            yield number, key, clean, key_text(raw.get("event_id"))


def key_text(value: Any) -> str | None:
    """A lead's key as text: the numbers 7 and 7.0, "7" and " 7 " are one key. None where there is none."""
    match value:
        case str():
            key = value.strip(" \t\r\n")
            # Half a character (JSON can have one) is written as JSON writes it: no file could hold it.
            return (key if key.isascii() else key.encode(errors="backslashreplace").decode()) or None
        case None | bool():
            return None
        case int():
            return str(value)
        case float():
            return None if not isfinite(value) else str(int(value)) if value.is_integer() else repr(value)
        case _:
            return str(value).strip() or None


def shown(value: Any) -> str:
    return "" if value is None else str(value)[:200]


def no_column(table: Header, name: str, purpose: str) -> TableError:
    """That a table has not a column which it needs."""
    close = nearest(name, table.columns)
    there = ", ".join(table.columns[:20]) + (", ..." if len(table.columns) > 20 else "")
    hint = f"did you mean `{close}`? " if close is not None else ""
    return TableError(f"{table.name} has no column `{name}`, which {purpose}", f"{hint}it has: {there}")


# ------------------------------------------------------------------ leads


@dataclass(frozen=True)
class Shape:
    """The columns of a result, and which parts of an evaluation fill them."""

    columns: tuple[Column, ...]
    scores: tuple[str, ...]
    bands: tuple[str, ...]
    decisions: tuple[str, ...]
    reasons: bool


def seen_by(policy: Policy, audience: str | None) -> tuple[str, ...] | None:
    """The names that an audience may see; None for everything, and where no audience is asked for."""
    if audience is None:
        return None
    shows = policy.program.shows
    show = next((show for show in shows if show.audience == audience), None)
    if show is not None:
        return show.names
    known = [show.audience for show in shows]
    close = get_close_matches(audience, known, 1)
    if close:
        hint = f"did you mean `{close[0]}`?"
    else:
        hint = f"it has {', '.join(known)}." if known else f"add a line to the policy: show {audience}: NAME, NAME"
    raise TableError(f"the policy shows nothing to an audience called `{audience}`", hint)


def shape_of(policy: Policy, audience: str | None, reasons: bool) -> Shape:
    """What a result shows: everything, or what an audience may see."""
    program = policy.program
    seen = seen_by(policy, audience)
    scores = tuple(name for name in program.declared_scores if seen is None or name in seen)
    bands = tuple(band.name for band in program.bands if seen is None or band.name in seen)
    decisions = tuple(name for name in program.declared_decisions if seen is None or name in seen)
    named = [
        Column(program.key, "text"),
        *(Column(name, "points") for name in scores),
        *(Column(name, "text") for name in (*bands, *decisions)),
    ]
    taken = {column.name for column in named}
    about = [
        Column("completeness", "points"),
        Column("policy", "text"),
        Column("version", "text"),
        Column("fingerprint", "text"),
        Column("as_of", "instant"),
        *([Column("reasons", "reasons")] if reasons else []),
    ]
    return Shape((*named, *_giving_way(about, taken)), scores, bands, decisions, reasons)


def _giving_way(columns: Iterable[Column], taken: set[str]) -> Iterator[Column]:
    """An author may have called a score `version`; the result's own columns give way."""
    for column in columns:
        yield Column(f"scorec_{column.name}", column.kind) if column.name in taken else column


Decided: TypeAlias = Callable[[str, dict[str, Clean], list[CleanEvent], Any], None]
"""Told of each decision: the lead's key, its facts, and what the engine returned with reasons."""


def score_table(
    policy: Policy,
    leads: Input,
    log: EventLog,
    at: int,
    shape: Shape,
    writer: Writer,
    summary: Summary,
    reject: Reject,
    watch: Watch,
    keep: Callable[[dict[str, Clean], list[CleanEvent]], None] | None = None,
    decided: Decided | None = None,
) -> None:
    """Scores every readable row of a table of leads and writes its result."""
    program, engine = policy.program, policy.engine
    # The engine's own tuples: a result with names costs as much again as the scoring.
    evaluate = engine.score_with_reasons if shape.reasons or decided is not None else engine.score
    completeness = [
        divide(TICKS * known, len(program.reads)) if program.reads else TICKS for known in range(len(program.reads) + 1)
    ]
    line_of = [(rule, score in shape.scores) for score, rule, _ in engine.lines] if shape.reasons else []
    scores = [program.declared_scores.index(name) for name in shape.scores]
    bands = [at for at, band in enumerate(program.bands) if band.name in shape.bands]
    decisions = [program.declared_decisions.index(name) for name in shape.decisions]
    about = (program.name, program.version, program.fingerprint, at)
    counted: Counter[tuple[Any, ...]] = Counter()
    for key, lead, events in read_leads(policy, leads, log, summary, reject, watch):
        raw = evaluate(lead, events, at)
        values: list[Any] = [key]
        values += [raw[0][at] for at in scores]
        values += [raw[1][at] for at in bands]
        values += [raw[3][at][0] for at in decisions]
        values.append(completeness[raw[4]])
        values += about
        if shape.reasons:
            values.append([(line_of[line[0]][0], line[1]) for line in raw[5] if line_of[line[0]][1]])
        writer.row(values)
        counted[raw[1], raw[2], tuple([chosen[0] for chosen in raw[3]])] += 1
        if keep is not None:
            keep(lead, events)
        if decided is not None:
            decided(key, lead, events, raw)
    _count(program, counted, summary)
    for events in log.by_key.values():
        summary.events_without_lead += len(events)


def _count(program: ir.Program, counted: Counter[tuple[Any, ...]], summary: Summary) -> None:
    """How many leads are in each band and got each decision, and how many each gate barred from something."""
    summary.bands = {band.name: Counter() for band in program.bands}
    summary.decisions = {name: Counter() for name in program.declared_decisions}
    for (bands, gates, decisions), leads in counted.items():
        summary.scored += leads
        for band, label in zip(program.bands, bands, strict=True):
            summary.bands[band.name][label] += leads
        for gate, bars in zip(program.gates, gates, strict=True):
            summary.gates[gate.name] += leads if bars else 0
        for name, outcome in zip(program.declared_decisions, decisions, strict=True):
            summary.decisions[name][outcome] += leads


def read_leads(
    policy: Policy, path: Input, log: EventLog, summary: Summary, reject: Reject, watch: Watch
) -> Iterator[tuple[str, dict[str, Clean], list[CleanEvent]]]:
    """Each readable lead with its key and its events. Rows without a key, with one that was there before, or with a
    value that cannot be read, are rejected."""
    program = policy.program
    with open_input(path) as table:
        names = [name for spec in program.fields for name in (spec.column, spec.name) if name]
        binding = bind(table, (program.key, *names))
        check_columns(policy, table, set(binding.headers.values()), summary)
        first_row: dict[str, int] = {}
        specs, zone = policy.lead_specs, policy.zone
        for row in table.rows(binding):
            summary.leads += 1
            if summary.leads % ROWS_BETWEEN_LOOKS == 0:
                watch(table, summary.leads)
            if isinstance(row, BadRow):
                summary.rejected += 1
                if row.key:
                    summary.events_of_rejected += len(log.take(row.key))
                reject(Rejected(table.name, row.number, row.key, row.column, row.value, row.reason))
                continue
            number, raw = row
            key = key_text(raw.get(program.key))
            if key is None:
                summary.rejected += 1
                reject(Rejected(table.name, number, "", program.key, shown(raw.get(program.key)), "the row has no key"))
                continue
            before = first_row.setdefault(key, number)
            if before != number:
                summary.rejected += 1
                reason = f"the key stands in row {before} already; only the first counts"
                reject(Rejected(table.name, number, key, program.key, key, reason))
                continue
            events = log.take(key)
            clean, refusals = read_lead(specs, zone, raw)
            if refusals:
                summary.rejected += 1
                summary.events_of_rejected += len(events)
                for refusal in refusals:
                    column, value, reason = as_written(raw, refusal)
                    reject(Rejected(table.name, number, key, column, shown(value), reason))
                continue
            summary.events_used += len(events)
            if len(events) > 1:
                summary.events_alike += len(events) - len({tuple(event.values()) for event in events})
            yield key, clean, events
        summary.notes += left_out(table)


def check_columns(
    policy: Policy, table: Header, there: set[str], summary: Summary, one_of_several: bool = False
) -> None:
    """The key and the required fields must have a column; what else the policy reads and the file lacks is noted, with
    the file's name if it is one of several."""
    program = policy.program
    if program.key not in there:
        raise no_column(table, program.key, f"is the key of a {program.subject} (`{program.subject} by {program.key}`)")
    for one in program.fields:
        if one.name in there or one.column in there:
            continue
        name = one.column or one.name
        if one.required:
            raise no_column(table, name, "the policy requires")
        if one.name in program.reads:
            close = nearest(name, [column for column in table.columns if column not in there])
            hint = f'; if `{close}` is meant, write: {one.name}: ... from "{close}"' if close is not None else ""
            where, whom = (f" in {table.name}", " there") if one_of_several else ("", "")
            said = f"no column `{name}`{where}, so it is missing for every {program.subject}{whom}{hint}"
            summary.notes.append(said)


# ------------------------------------------------------------------ accounts


@dataclass(frozen=True)
class AccountShape:
    """The columns of an account's row, and which results fill them."""

    columns: tuple[Column, ...]
    scores: tuple[str, ...]
    bands: tuple[str, ...]
    decisions: tuple[str, ...]


def account_shape(policy: Policy, audience: str | None) -> AccountShape:
    """What the accounts show: everything, or what an audience may see."""
    account = policy.program.account
    if account is None:
        raise TableError("the policy has no `account` block", "leave --accounts out, or add: account by COLUMN")
    seen = seen_by(policy, audience)
    scores = tuple(score.name for score in account.scores if seen is None or score.name in seen)
    bands = tuple(band.name for band in account.bands if seen is None or band.name in seen)
    decisions = tuple(one.name for one in account.decisions if seen is None or one.name in seen)
    named = (
        *(Column(name, "points") for name in scores),
        *(Column(name, "text") for name in (*bands, *decisions)),
    )
    taken = {column.name for column in named}
    first = (Column("account", "text"), Column("leads", "whole"))
    about = (
        Column("policy", "text"),
        Column("version", "text"),
        Column("fingerprint", "text"),
        Column("as_of", "instant"),
    )
    columns = (*_giving_way(first, taken), *named, *_giving_way(about, taken))
    return AccountShape(columns, scores, bands, decisions)


def write_accounts(
    policy: Policy,
    leads: Iterable[tuple[dict[str, Clean], list[CleanEvent]]],
    at: int,
    shape: AccountShape,
    path: Path,
    summary: Summary,
) -> None:
    """Rolls the leads up and writes one row for each account."""
    program = policy.program
    writer = open_writer(path, shape.columns)
    try:
        for account in policy.engine.accounts(leads, at):
            writer.row(
                [
                    account.key,
                    account.leads,
                    *(account.scores[name] for name in shape.scores),
                    *(account.bands[name] for name in shape.bands),
                    *(account.decisions[name] for name in shape.decisions),
                    program.name,
                    program.version,
                    program.fingerprint,
                    at,
                ]
            )
            summary.accounts += 1
    except BaseException:
        writer.abandon()
        raise
    writer.close()


# ------------------------------------------------------------------ one lead of a table


def find_lead(
    policy: Policy, path: Input, wanted: str
) -> tuple[Mapping[str, Clean] | None, list[tuple[str, Any, str]], list[str]]:
    """The first row with a key, clean, or why it cannot be read; and if there is none, a few keys that are there."""
    program = policy.program
    others: list[str] = []
    with open_input(path) as table:
        names = [name for spec in program.fields for name in (spec.column, spec.name) if name]
        binding = bind(table, (program.key, *names))
        check_columns(policy, table, set(binding.headers.values()), Summary())
        for row in table.rows(binding):
            if isinstance(row, BadRow):
                if row.key == wanted:
                    return None, [(row.column, row.value, row.reason)], []
                continue
            key = key_text(row[1].get(program.key))
            if key == wanted:
                clean, refusals = read_lead(policy.lead_specs, policy.zone, row[1])
                refusals = [as_written(row[1], refusal) for refusal in refusals]
                return (None if refusals else clean), refusals, []
            if key is not None and len(others) < 2_000:
                others.append(key)
    return None, [], get_close_matches(wanted, others, 3, 0.6) or others[:3]
