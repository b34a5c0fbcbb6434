"""The leads of a table with their events, read once, and scored by any version of a policy: with DuckDB or with the
Python engine. Results go to Parquet files, one for each version, from which everything is counted."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from hashlib import md5
from itertools import count
from pathlib import Path
from typing import Any, Protocol

import duckdb

from ...dsl import ir
from ...dsl.facts import Clean
from ..batch import CleanEvent, Rejected, Summary, read_events, read_leads
from ..duckdb_tables.events import EventInput
from ..duckdb_tables.results import statement
from ..duckdb_tables.run import Run
from ..duckdb_tables.session import Settings
from ..duckdb_text import identifier, literal
from ..engines.python import load
from ..engines.sql.lowering import Ground, Lowered, lower
from ..engines.sql.syntax import Sql, case, column, named
from ..inputs import Inputs
from ..policy import Policy
from ..scans import Staging, Watch
from ..tables import Table

EXAMPLES = 3
"""Rejected rows that a report shows."""


@dataclass(frozen=True)
class Columns:
    """The columns of a version's results: for each score, band and decision its own, whatever its name."""

    scores: dict[str, str]
    bands: dict[str, str]
    decisions: dict[str, str]

    @property
    def labels(self) -> dict[str, str]:
        return {**self.bands, **self.decisions}

    @property
    def everything(self) -> dict[str, str]:
        return {**self.scores, **self.labels}


def columns_of(program: ir.Program) -> Columns:
    return Columns(
        {name: f"s{at}" for at, name in enumerate(program.declared_scores)},
        {band.name: f"b{at}" for at, band in enumerate(program.bands)},
        {name: f"d{at}" for at, name in enumerate(program.declared_decisions)},
    )


class Facts(Protocol):
    """The leads and events as one reading of the data gives them, or a part of them."""

    summary: Summary
    rejected: list[Rejected]

    def write(self, program: ir.Program, path: Path) -> None:
        """Scores the leads; the results are a Parquet file with their keys and the columns of `columns_of`."""

    def write_with_lines(self, program: ir.Program, path: Path) -> tuple[str, ...]:
        """The same, and a column for each line of the account of the scores: `l0`, `l1` and so on have its ticks where
        it stands in the account, and are missing elsewhere. Gives the rule (or limit) of each."""

    def sampled(self, below: str) -> Facts:
        """Only the leads whose key's MD5, in hexadecimal, is below."""


def reading(programs: Sequence[ir.Program], policy: Policy) -> Policy:
    """A policy that reads what all of these read, so that one reading of the data serves all of them. They have to
    have the same fields and events. It is never scored with."""
    reads = {name: None for program in programs for name in program.reads}
    together = replace(
        policy.program,
        scores=tuple(score for program in programs for score in program.scores),
        bands=tuple(band for program in programs for band in program.bands),
        gates=tuple(gate for program in programs for gate in program.gates),
        decisions=tuple(decision for program in programs for decision in program.decisions),
        account=None,
        reads=tuple(one.name for one in policy.program.fields if one.name in reads),
    )
    return Policy(together, policy.sources, policy.problems)


@dataclass
class _Rejects:
    """Keeps a few of the rejected leads, and lets the others, and events, be counted only."""

    first: list[Rejected] = field(default_factory=list)
    of_leads: bool = False

    def __call__(self, one: Rejected) -> None:
        if self.of_leads and len(self.first) < EXAMPLES:
            self.first.append(one)


def _is_rule(score: str, rule: str) -> bool:
    """The line of a score that is an expression only repeats its value."""
    return rule != score


# ------------------------------------------------------------------ DuckDB


@dataclass
class InDuckDB:
    """Facts in the tables of a run."""

    run: Run
    summary: Summary
    rejected: list[Rejected]
    ground: Ground
    """the tables of the leads and events that are meant"""
    parts: Iterator[int] = field(default_factory=count)

    def write(self, program: ir.Program, path: Path) -> None:
        found = lower(program, self.ground)
        self._copy(found, _results(found, columns_of(program)), path)

    def write_with_lines(self, program: ir.Program, path: Path) -> tuple[str, ...]:
        found = lower(program, self.ground, True)
        lines = [line for line in found.lines if _is_rule(line.score, line.rule)]
        given = [named(case([(line.test, line.ticks)]), f"l{at}") for at, line in enumerate(lines)]
        self._copy(found, [*_results(found, columns_of(program)), *given], path)
        return tuple(line.rule for line in lines)

    def _copy(self, found: Lowered, nodes: Sequence[Sql], path: Path) -> None:
        said = statement(found, nodes).sql("duckdb")
        self.run.session.run(f"COPY ({said}) TO {literal(str(path))} (FORMAT parquet)", "scoring")

    def sampled(self, below: str) -> InDuckDB:
        return self._part(f"md5({self._key}) < {literal(below)}")

    @property
    def _key(self) -> str:
        return identifier(self.ground.leads.key)

    def _part(self, where: str) -> InDuckDB:
        number = next(self.parts)
        leads, events = f"impact_leads_{number}", f"impact_events_{number}"
        all_leads, all_events = self.ground.leads.relation, self.ground.events.relation
        self.run.session.run(f"CREATE OR REPLACE TEMP TABLE {leads} AS SELECT * FROM {all_leads} WHERE {where}")
        self.run.session.run(
            f"CREATE OR REPLACE TEMP TABLE {events} AS SELECT {all_events}.* FROM {all_events}"
            f" SEMI JOIN {leads} ON {leads}.{self._key} = {all_events}.{identifier(self.ground.events.lead)}",
            "choosing events",
        )
        return replace(self, ground=self.run.ground(leads, events))


@contextmanager
def in_duckdb(
    programs: Sequence[ir.Program], policy: Policy, inputs: Inputs, at: int, settings: Settings, watch: Watch | None
) -> Iterator[Facts]:
    """Facts that were read by DuckDB. Raises `CannotSay` where a program has no exact form in SQL."""
    summary, rejects = Summary(), _Rejects()
    with Run(reading(programs, policy), at, summary, rejects, settings, watch) as run:
        for program in programs:
            lower(program, run.ground(), True)
        rejects.of_leads = True
        run.read_leads(inputs.leads)
        rejects.of_leads = False
        run.read_events([EventInput(file.path, file.kind) for file in inputs.events])
        summary.scored = summary.leads - summary.rejected
        yield InDuckDB(run, summary, rejects.first, run.ground())


def _results(found: Lowered, names: Columns) -> list[Sql]:
    nodes: list[Sql] = [named(column(found.key), "key")]
    nodes += [named(found.scores[name], at) for name, at in names.scores.items()]
    nodes += [named(found.bands[name], at) for name, at in names.bands.items()]
    nodes += [named(found.decisions[name], at) for name, at in names.decisions.items()]
    return nodes


# ------------------------------------------------------------------ Python


@dataclass
class InPython:
    """Facts in memory."""

    leads: Mapping[str, tuple[dict[str, Clean], list[CleanEvent]]]
    at: int
    summary: Summary
    rejected: list[Rejected]

    def write(self, program: ir.Program, path: Path) -> None:
        engine, names = load(program), columns_of(program)
        raws = ((key, engine.score(lead, events, self.at)) for key, (lead, events) in self.leads.items())
        _stage(((key, _row(raw, names)) for key, raw in raws), names, 0, path)

    def write_with_lines(self, program: ir.Program, path: Path) -> tuple[str, ...]:
        engine, names = load(program), columns_of(program)
        told = [number for number, (score, rule, _) in enumerate(engine.lines) if _is_rule(score, rule)]
        place = {number: f"l{at}" for at, number in enumerate(told)}

        def rows() -> Iterator[tuple[str, dict[str, object]]]:
            for key, (lead, events) in self.leads.items():
                raw = engine.score_with_reasons(lead, events, self.at)
                yield key, _row(raw, names) | {place[line[0]]: line[1] for line in raw[5] if line[0] in place}

        _stage(rows(), names, len(told), path)
        return tuple(engine.lines[number][1] for number in told)

    def sampled(self, below: str) -> InPython:
        kept = {key: facts for key, facts in self.leads.items() if md5(key.encode()).hexdigest() < below}
        return replace(self, leads=kept)


def _row(raw: Any, names: Columns) -> dict[str, object]:
    scores, bands, _, decisions, *_ = raw
    row: dict[str, object] = dict(zip(names.scores.values(), scores, strict=True))
    row.update(zip(names.bands.values(), bands, strict=True))
    row.update((at, one[0]) for at, one in zip(names.decisions.values(), decisions, strict=True))
    return row


def _stage(rows: Iterable[tuple[str, dict[str, object]]], names: Columns, lines: int, path: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="scorec-") as folder, duckdb.connect(":memory:") as con:
        staging = Staging(folder)
        for key, row in rows:
            staging.put({"key": key, **row})
        types = {"key": "VARCHAR", **dict.fromkeys(names.scores.values(), "BIGINT")}
        types |= {**dict.fromkeys(names.labels.values(), "VARCHAR"), **{f"l{at}": "BIGINT" for at in range(lines)}}
        staging.load(con, "results", types)
        con.execute(f"COPY results TO {literal(str(path))} (FORMAT parquet)")


@contextmanager
def in_python(
    programs: Sequence[ir.Program], policy: Policy, inputs: Inputs, at: int, watch: Watch | None
) -> Iterator[Facts]:
    """Facts that were read row by row."""
    carrier = reading(programs, policy)
    summary, rejects = Summary(), _Rejects()

    def told(what: str) -> Callable[[Table, int], None]:
        return lambda table, rows: watch(f"{rows:,} {what}", table.progress()) if watch is not None else None

    log = read_events(carrier, inputs.events, at, summary, rejects, told("events"))
    rejects.of_leads = True
    found = read_leads(carrier, inputs.leads, log, summary, rejects, told("leads"))
    leads = {key: (lead, events) for key, lead, events in found}
    summary.scored = len(leads)
    summary.events_without_lead += sum(map(len, log.by_key.values()))
    yield InPython(leads, at, summary, rejects.first)
