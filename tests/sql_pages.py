"""The golden pages of SQL: `python tests/sql_pages.py` writes them again. Beside it, what tests need to run them."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

import scorec
from scorec.compiler.engines.sql.dialects import NAMES, dialect_named
from scorec.compiler.sql_text import DialectError, Tables, accounts_sql, leads_sql
from scorec.dsl import ir

ROOT = Path(__file__).resolve().parent.parent
PAGES = ROOT / "tests" / "data" / "sql"
POLICIES = (ROOT / "examples" / "eloqua_profile_engagement.score", PAGES / "keywords.score")
AT = "2026-03-02"


def known() -> tuple[str, ...]:
    """The dialects that can be written."""
    return tuple(name for name in NAMES if _is_there(name))


def _is_there(name: str) -> bool:
    try:
        dialect_named(name)
    except ModuleNotFoundError:
        return False
    return True


def page(path: Path, dialect: str) -> str:
    policy = scorec.load(path)
    tables = Tables("crm.leads", "crm.events", policy.instant(AT))
    try:
        said = leads_sql(policy, dialect, tables, reasons=True)
        if policy.program.account is not None:
            said += "\n" + accounts_sql(policy, dialect, tables)
    except DialectError as why:
        return "".join(f"-- {line.replace(str(path), path.name)}\n" for line in why.found)
    return said


def pages() -> Iterator[tuple[Path, Path, str]]:
    """(where it is kept, the policy, the dialect) of every page."""
    for path in POLICIES:
        for dialect in known():
            yield PAGES / f"{path.stem}.{dialect}.sql", path, dialect


# ------------------------------------------------------------------ typed tables in DuckDB

TYPES = {
    ir.Kind.TEXT: "VARCHAR",
    ir.Kind.NUMBER: "DOUBLE",
    ir.Kind.FLAG: "BOOLEAN",
    ir.Kind.DATE: "DATE",
    ir.Kind.TIME: "TIMESTAMPTZ",
    ir.Kind.TEXTS: "VARCHAR[]",
}


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def fill(
    con: duckdb.DuckDBPyConnection,
    program: ir.Program,
    rows: Sequence[tuple[str, Mapping[str, Any], Sequence[Mapping[str, Any]]]],
) -> None:
    """Makes the tables `leads` and `events` of clean facts: (key, lead, events) each."""
    fields = {one.column or one.name: one for one in program.fields}
    leads = [[key, *(lead.get(one.name) for one in fields.values())] for key, lead, _ in rows]
    _make(con, program, "leads", {program.key: None, **fields}, leads)
    props: dict[str, ir.Field] = {}
    for event in program.events:
        props |= {prop.column or prop.name: prop for prop in event.properties}
    words = {event.name: event.source or event.name for event in program.events}
    at = ir.Field("at", ir.Kind.TIME)
    happened = []
    for key, _, events in rows:
        for event in events:
            own = {p.column or p.name: p.name for p in program.event(event["event"]).properties}
            values = [event.get(own[name]) if name in own else None for name in props]
            happened.append([key, words[event["event"]], event["at"], *values])
    _make(con, program, "events", {program.key: None, "event": None, "at": at, **props}, happened)


def _make(
    con: duckdb.DuckDBPyConnection,
    program: ir.Program,
    name: str,
    columns: Mapping[str, ir.Field | None],
    rows: list[list[Any]],
) -> None:
    kinds = [ir.Kind.TEXT if one is None else one.kind for one in columns.values()]
    raw = ["BIGINT" if kind in (ir.Kind.DATE, ir.Kind.TIME) else TYPES[kind] for kind in kinds]
    made = ", ".join(f"c{number} {kind}" for number, kind in enumerate(raw))
    con.execute(f"CREATE OR REPLACE TEMP TABLE raw_{name} ({made})")
    if rows:
        plain = [[list(value) if isinstance(value, tuple) else value for value in row] for row in rows]
        con.executemany(f"INSERT INTO raw_{name} VALUES ({', '.join('?' * len(raw))})", plain)
    said = []
    for number, (column, kind) in enumerate(zip(columns, kinds, strict=True)):
        node = f"c{number}"
        if kind is ir.Kind.TIME:
            node = f"make_timestamptz({node})"
        elif kind is ir.Kind.DATE:
            node = f"CAST(timezone('{program.timezone}', make_timestamptz({node})) AS DATE)"
        said.append(f"{node} AS {quoted(column)}")
    con.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT {', '.join(said)} FROM raw_{name}")


def main() -> None:
    PAGES.mkdir(parents=True, exist_ok=True)
    for kept, path, dialect in pages():
        kept.write_text(page(path, dialect), "utf-8")
        print(f"wrote {kept.relative_to(ROOT)}")


if __name__ == "__main__":
    assert importlib.util.find_spec("scorec") is not None
    main()
