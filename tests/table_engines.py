"""Runs lowered statements on clean leads and events in a database, and holds the results to the reference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, ClassVar, Protocol

import duckdb
import pyarrow
from sqlglot import exp
from strategies import Facts, happenings

from scorec.compiler.duckdb_tables.clean import untidy_properties
from scorec.compiler.engines.sql.dialects import Dialect, DuckDB, dialect_named
from scorec.compiler.engines.sql.gathering import EventTable
from scorec.compiler.engines.sql.lowering import Ground, LeadTable, Lowered, lower, lower_accounts
from scorec.compiler.engines.sql.rows import Names, table
from scorec.compiler.engines.sql.syntax import Sql, big, case, column, integer, member, named, text
from scorec.dsl import ir, semantics

LEADS, EVENTS, EVENTS_IN_FILES = "leads_clean", "events_clean", "events_in_files"


@dataclass(frozen=True)
class Clean:
    """The clean tables of a program: columns with what they hold, in order."""

    leads: dict[str, ir.Kind]
    events: dict[str, ir.Kind]
    lead_rows: list[list[Any]]
    event_rows: list[list[Any]]


class Database(Protocol):
    """A database that a statement can be run in."""

    dialect: Dialect

    def fill(self, tables: Clean) -> None: ...

    def rows(self, statement: exp.Select) -> list[tuple[Any, ...]]: ...


class InDuckDB:
    """DuckDB, in this process."""

    types: ClassVar[dict[ir.Kind, str]] = {
        ir.Kind.TEXT: "VARCHAR",
        ir.Kind.NUMBER: "DOUBLE",
        ir.Kind.FLAG: "BOOLEAN",
        ir.Kind.DATE: "BIGINT",
        ir.Kind.TIME: "BIGINT",
        ir.Kind.TEXTS: "VARCHAR[]",
    }
    arrays: ClassVar[dict[ir.Kind, pyarrow.DataType]] = {
        ir.Kind.TEXT: pyarrow.string(),
        ir.Kind.NUMBER: pyarrow.float64(),
        ir.Kind.FLAG: pyarrow.bool_(),
        ir.Kind.DATE: pyarrow.int64(),
        ir.Kind.TIME: pyarrow.int64(),
        ir.Kind.TEXTS: pyarrow.list_(pyarrow.string()),
    }

    def __init__(self) -> None:
        self.dialect = DuckDB()
        self._con = duckdb.connect(config={"threads": 1})
        self._con.execute("SET TimeZone = 'UTC'")

    def fill(self, tables: Clean) -> None:
        for name, columns, rows in (
            (LEADS, tables.leads, tables.lead_rows),
            (EVENTS, tables.events, tables.event_rows),
        ):
            made = ", ".join(f"{_quoted(one)} {self.types[kind]}" for one, kind in columns.items())
            self._con.execute(f"CREATE OR REPLACE TABLE {name} ({made})")
            if rows:
                arrays = [
                    pyarrow.array([row[at] for row in rows], self.arrays[kind])
                    for at, kind in enumerate(columns.values())
                ]
                # Columns by number: their own names may be anything.
                given = pyarrow.table(arrays, names=[f"column {at}" for at in range(len(arrays))])
                self._con.register("given", given)
                self._con.execute(f"INSERT INTO {name} SELECT * FROM given")
                self._con.unregister("given")

        at = _quoted(list(tables.events)[2])
        said = f"SELECT *, make_timestamptz({at}) AS {_quoted(MOMENT)} FROM {EVENTS}"
        self._con.execute(f"CREATE OR REPLACE VIEW {EVENTS_IN_FILES} AS {said}")

    def rows(self, statement: exp.Select) -> list[tuple[Any, ...]]:
        return self._con.execute(statement.copy().sql("duckdb")).fetchall()


def _quoted(name: str) -> str:
    return exp.to_identifier(name, quoted=True).sql("duckdb")


class InPostgres:
    """A PostgreSQL server, by its address."""

    types: ClassVar[dict[ir.Kind, str]] = {
        ir.Kind.TEXT: "text",
        ir.Kind.NUMBER: "double precision",
        ir.Kind.FLAG: "boolean",
        ir.Kind.DATE: "bigint",
        ir.Kind.TIME: "bigint",
        ir.Kind.TEXTS: "text[]",
    }

    def __init__(self, address: str) -> None:
        import psycopg

        self.dialect = dialect_named("postgres")
        self._con = psycopg.connect(address, autocommit=True)
        # Short statements: to plan them well costs more than to run them.
        self._con.execute("SET jit = off")
        self._con.execute("SET TimeZone = 'America/New_York'")

    def fill(self, tables: Clean) -> None:
        for name, columns, rows in (
            (LEADS, tables.leads, tables.lead_rows),
            (EVENTS, tables.events, tables.event_rows),
        ):
            made = ", ".join(f"{_quoted(one)} {self.types[kind]}" for one, kind in columns.items())
            self._con.execute(f"DROP TABLE IF EXISTS {name}".encode())
            self._con.execute(f"CREATE UNLOGGED TABLE {name} ({made})".encode())
            with self._con.cursor() as cursor:
                said = f"INSERT INTO {name} VALUES ({', '.join(['%s'] * len(columns))})"
                cursor.executemany(said.encode(), rows)

    def close(self) -> None:
        self._con.close()

    def rows(self, statement: exp.Select) -> list[tuple[Any, ...]]:
        said = statement.copy().sql("postgres").encode()
        return [tuple(map(_plain, row)) for row in self._con.execute(said).fetchall()]


class InSpark:
    """Apache Spark in this process, with clocks that are not those of UTC."""

    def __init__(self) -> None:
        from pyspark.sql import SparkSession

        self.dialect = dialect_named("spark")
        self.session = (
            SparkSession.builder.master("local[2]")
            .config("spark.ui.enabled", "false")
            # Steps that are read at several instants are planned for each of them.
            .config("spark.driver.memory", "4g")
            .config("spark.sql.shuffle.partitions", "2")
            .config("spark.sql.session.timeZone", "America/New_York")
            .config("spark.sql.variable.substitute", "false")
            .config("spark.sql.analyzer.maxIterations", "2000")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.driver.host", "127.0.0.1")
            .getOrCreate()
        )
        self.session.sparkContext.setLogLevel("ERROR")

    def close(self) -> None:
        self.session.stop()

    @contextmanager
    def settings(self, wanted: Mapping[str, str]) -> Iterator[None]:
        before = {name: self.session.conf.get(name) for name in wanted}
        for name, value in wanted.items():
            self.session.conf.set(name, value)
        try:
            yield
        finally:
            for name, value in before.items():
                self.session.conf.set(name, value)

    def fill(self, tables: Clean) -> None:
        from pyspark.sql import types

        kinds: dict[ir.Kind, types.DataType] = {
            ir.Kind.TEXT: types.StringType(),
            ir.Kind.NUMBER: types.DoubleType(),
            ir.Kind.FLAG: types.BooleanType(),
            ir.Kind.DATE: types.LongType(),
            ir.Kind.TIME: types.LongType(),
            ir.Kind.TEXTS: types.ArrayType(types.StringType()),
        }
        for name, columns, rows in (
            (LEADS, tables.leads, tables.lead_rows),
            (EVENTS, tables.events, tables.event_rows),
        ):
            schema = types.StructType([types.StructField(one, kinds[kind]) for one, kind in columns.items()])
            frame = self.session.createDataFrame([tuple(row) for row in rows], schema)
            frame.coalesce(1).createOrReplaceTempView(name)

    def rows(self, statement: exp.Select) -> list[tuple[Any, ...]]:
        found = self.session.sql(statement.copy().sql("spark")).collect()
        return [tuple(map(_plain, row)) for row in found]


def _plain(value: Any) -> Any:
    """Whole numbers of any width are one thing here."""
    return int(value) if isinstance(value, Decimal) and value == int(value) else value


# ------------------------------------------------------------------ tables


MOMENT = "moment as a timestamp"


def in_files(ground: Ground, program: ir.Program) -> Ground:
    """The same, with events that stand in files as they were written, and are gathered kind by kind."""
    events = replace(ground.events, relation=EVENTS_IN_FILES, untidy=untidy_properties(program), moment=MOMENT)
    return replace(ground, events=events, by_kind_from=1)


def ground_of(program: ir.Program, dialect: Dialect, at: int) -> tuple[Ground, dict[str, str], dict[str, str]]:
    """What statements stand on, and the columns of fields and properties."""
    names = Names()
    key = names.fresh("lead_key")
    fields = {one.name: names.fresh(one.name) for one in program.fields}
    others = Names()
    lead, kind, moment = others.fresh("lead_key"), others.fresh("event"), others.fresh("at")
    found = dict.fromkeys(prop.name for event in program.events for prop in event.properties)
    properties = {name: others.fresh(name) for name in found}
    leads = LeadTable(LEADS, (key, *fields.values()), key, fields)
    events = EventTable(
        EVENTS,
        (lead, kind, moment, *properties.values()),
        lead,
        moment,
        lambda kinds: member(column(kind), [text(one) for one in kinds]),
        properties,
    )
    return Ground(dialect, leads, events, integer(at)), fields, properties


def tables_of(program: ir.Program, ground: Ground, facts: Sequence[Facts]) -> Clean:
    kinds = {one.name: one.kind for one in program.fields}
    of_events = {prop.name: prop.kind for event in program.events for prop in event.properties}
    fields, properties = ground.leads.fields, ground.events.properties
    lead_columns = {ground.leads.key: ir.Kind.TEXT} | {at: kinds[name] for name, at in fields.items()}
    lead, event, at, *_ = ground.events.columns
    event_columns = {lead: ir.Kind.TEXT, event: ir.Kind.TEXT, at: ir.Kind.TIME}
    event_columns |= {there: of_events[name] for name, there in properties.items()}
    untidy = ground.events.untidy

    def written(name: str, value: Any) -> Any:
        if name not in untidy:
            return _cell(value)
        return " " if value is None else f"\t{value} "

    return Clean(
        lead_columns,
        event_columns,
        [[_key(number), *(_cell(one.lead.get(name)) for name in fields)] for number, one in enumerate(facts)],
        [
            [
                _key(number),
                happened["event"],
                happened["at"],
                *(written(name, happened.get(name)) for name in properties),
            ]
            for number, one in enumerate(facts)
            for happened in one.events
        ],
    )


def _key(number: int) -> str:
    return f"L{number}"


def _cell(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def statement_of(lowered: Lowered, columns: Sequence[Sql], dialect: Dialect) -> exp.Select:
    query = exp.select(*[named(node, f"out_{at}") for at, node in enumerate(columns)]).from_(table(lowered.relation))
    for step in lowered.steps:
        name = exp.to_identifier(step.name, quoted=True)
        query = query.with_(name, as_=step.query, materialized=dialect.computes_apart(step.apart) or None, copy=False)
    return query


# ------------------------------------------------------------------ what must hold


def differences(
    program: ir.Program, database: Database, facts: Sequence[Facts], at: int, with_reasons: bool
) -> Iterator[str]:
    """Where a database gives something else than the reference: for leads, with or without reasons, and for accounts.

    Raises `CannotSay` where the dialect has no exact form.
    """
    ground, _, _ = ground_of(program, database.dialect, at)
    if isinstance(database, InDuckDB) and with_reasons == program.fingerprint.endswith(tuple("02468ace")):
        ground = in_files(ground, program)
    lowered = lower(program, ground, with_reasons)
    accounts = None if program.account is None else lower_accounts(program, ground)
    database.fill(tables_of(program, ground, facts))
    columns: list[Sql] = [column(lowered.key), *lowered.scores.values(), *lowered.bands.values()]
    columns += [*lowered.decisions.values(), *lowered.gates.values(), lowered.completeness]
    # A column for each line: 0 or missing where it is not given.
    columns += [case([(line.test, big(line.ticks))]) for line in lowered.lines]
    found = {row[0]: tuple(row[1:]) for row in database.rows(statement_of(lowered, columns, database.dialect))}
    assert len(found) == len(facts)
    for number, one in enumerate(facts):
        meant = semantics.evaluate(program, one.lead, happenings(one.events), at)
        wanted = (
            *meant.scores.values(),
            *meant.bands.values(),
            *(outcome for outcome, _, _ in meant.decisions.values()),
            *(bool(bars) for bars in meant.gates.values()),
            meant.completeness,
        )
        row = found[_key(number)]
        results, lines = row[: len(wanted)], row[len(wanted) :]
        if results != wanted:
            yield f"lead {number}: {results} instead of {wanted}: {one}"
        if with_reasons:
            given = [
                (line.score, line.rule, ticks)
                for line, ticks in zip(lowered.lines, lines, strict=True)
                if ticks is not None
            ]
            assert meant.lines is not None
            if given != [(line.score, line.rule, line.ticks) for line in meant.lines]:
                yield f"lead {number}: the reasons {given} instead of {meant.lines}: {one}"
    if accounts is not None:
        yield from _accounts(program, database, accounts, facts, at)


def _accounts(
    program: ir.Program, database: Database, lowered: Lowered, facts: Sequence[Facts], at: int
) -> Iterator[str]:
    columns: list[Sql] = [column(lowered.key), lowered.completeness, *lowered.scores.values()]
    columns += [*lowered.bands.values(), *lowered.decisions.values(), *lowered.gates.values()]
    found = sorted(tuple(row) for row in database.rows(statement_of(lowered, columns, database.dialect)))
    leads = [(one.lead, happenings(one.events)) for one in facts]
    wanted = [
        (
            account.key,
            account.leads,
            *account.scores.values(),
            *account.bands.values(),
            *account.decisions.values(),
            *(bool(bars) for bars in account.gates.values()),
        )
        for account in semantics.evaluate_accounts(program, leads, at)
    ]
    if found != wanted:
        yield f"the accounts {found} instead of {wanted}"
