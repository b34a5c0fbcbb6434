"""The policy's statement is run, and its result is counted, shown and written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from sqlglot import exp

from ...dsl import ir
from ..batch import AccountShape, Shape, Summary
from ..duckdb_text import identifier
from ..engines.sql.dialects import DuckDB
from ..engines.sql.lowering import Lowered, lower_accounts
from ..engines.sql.rows import Step, table
from ..engines.sql.syntax import Sql, all_of, call, case, cast, column, compare, integer, member, named, text
from ..tables import ending_of, harmless, instant_text, is_parquet
from .clean import ORDER, CleanTables
from .session import Session

RESULTS, ACCOUNTS = "scorec_results", "scorec_accounts"


def score(session: Session, clean: CleanTables, lowered: Lowered, shape: Shape, extra: Sequence[Sql] = ()) -> None:
    """Makes the table of results: the lead's order and key, scores in ticks, bands, decisions, and the rest."""
    session.keep(RESULTS, statement(lowered, [*_columns(lowered, shape), *extra]), "scoring")


def statement(lowered: Lowered, columns: Sequence[Sql]) -> exp.Select:
    """A lowered program as one statement that gives some columns."""
    query = exp.select(*columns).from_(table(lowered.relation))
    for step in lowered.steps:
        query = _with(query, step)
    return query


def _with(query: exp.Select, step: Step) -> exp.Select:
    name = exp.to_identifier(step.name, quoted=True)
    return query.with_(name, as_=step.query, materialized=True if step.apart else None, copy=False)


def _columns(lowered: Lowered, shape: Shape) -> list[Sql]:
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


def _list_of(lines: Sequence[tuple[str, Sql, Sql]]) -> Sql:
    if not lines:
        return cast(exp.Array(expressions=[]), "STRUCT(rule VARCHAR, points DECIMAL(18, 4))[]")
    return cast(DuckDB().reasons(lines), "STRUCT(rule VARCHAR, points DECIMAL(18, 4))[]")


def count_results(session: Session, program: ir.Program, summary: Summary) -> None:
    """How many leads were scored, by bands, decisions and gates."""
    shown = [("band", band.name) for band in program.bands] + [
        ("decision", name) for name in program.declared_decisions
    ]
    labels = [identifier(f"{what} {name}") for what, name in shown]
    gates = [f"count(CASE WHEN {identifier(f'gate {gate.name}')} THEN 1 END)" for gate in program.gates]
    # As many rows as there are combinations: a few.
    found = session.run(f"SELECT {', '.join([*labels, 'count(*)', *gates])} FROM {RESULTS} GROUP BY ALL")
    size = len(labels)
    summary.scored = sum(row[size] for row in found)
    for at, gate in enumerate(program.gates, size + 1):
        summary.gates[gate.name] = sum(row[at] for row in found)
    for at, (what, name) in enumerate(shown):
        counted: Counter[str] = Counter()
        for row in found:
            counted[row[at]] += row[size]
        (summary.bands if what == "band" else summary.decisions)[name] = counted


# ------------------------------------------------------------------ as it is shown


def shown(session: Session, clean: CleanTables, shape: Shape) -> exp.Query:
    """The result as it is shown, in the order of the leads."""
    return _in_order(session, clean, columns_shown(clean, shape))


def columns_shown(clean: CleanTables, shape: Shape) -> list[Sql]:
    """The columns of the result, with their names."""
    nodes = zip(_nodes(clean, shape), shape.columns, strict=True)
    return [exp.alias_(node, one.name, quoted=True) for node, one in nodes]


def _nodes(clean: CleanTables, shape: Shape) -> list[Sql]:
    """The columns of the result: ticks as decimals, instants as timestamps."""
    program, dialect = clean.policy.program, DuckDB()
    about = {
        "completeness": dialect.points(column("completeness")),
        "policy": text(program.name),
        "version": text(program.version),
        "fingerprint": text(program.fingerprint),
        "as_of": call("MAKE_TIMESTAMPTZ", integer(clean.at)),
        "reasons": column("reasons"),
    }
    nodes: list[Sql] = [column("key")]
    nodes += [dialect.points(column(f"score {name}")) for name in shape.scores]
    nodes += [column(f"band {name}") for name in shape.bands]
    nodes += [column(f"decision {name}") for name in shape.decisions]
    own = shape.columns[len(nodes) :]
    return nodes + [about[one.name.removeprefix("scorec_")] for one in own]


MANY_RUNS = 100


def _in_order(session: Session, clean: CleanTables, columns: Sequence[Sql]) -> exp.Query:
    """Some columns of the results, in the order of the leads. Where the leads stay in their files, the results come in
    a few runs of rows that are in order; to put these one behind the other costs less than to sort."""
    query = exp.select(*columns).from_(table(RESULTS))
    if not clean.in_files:
        return query.order_by(column(ORDER))
    runs = session.run(
        f"SELECT min(rowid), max(rowid) FROM {RESULTS} GROUP BY {ORDER} - rowid ORDER BY min({ORDER}) LIMIT {MANY_RUNS}"
    )
    if sum(last - first + 1 for first, last in runs) != session.run(f"SELECT count(*) FROM {RESULTS}")[0][0]:
        return query.order_by(column(ORDER))
    row = column("rowid")
    parts = [
        query.where(all_of([compare(">=", row, integer(first)), compare("<=", row, integer(last))]))
        for first, last in runs
    ]
    return exp.union(*parts, distinct=False) if len(parts) > 1 else query


def rows(session: Session, clean: CleanTables, shape: Shape) -> Iterator[list[Any]]:
    """The result row by row, as writers take it: ticks, labels, reasons as (rule, ticks)."""
    program = clean.policy.program
    about = (program.name, program.version, program.fingerprint, clean.at)
    nodes = ["key", *(f"score {name}" for name in shape.scores), *(f"band {name}" for name in shape.bands)]
    nodes += [f"decision {name}" for name in shape.decisions]
    nodes += ["completeness", *(["reasons"] if shape.reasons else [])]
    query = exp.select(*[column(name) for name in nodes]).from_(table(RESULTS)).order_by(column(ORDER))
    found = session.con.execute(query.sql("duckdb"))
    while batch := found.fetchmany(10_000):
        for row in batch:
            if not shape.reasons:
                yield [*row, *about]
                continue
            lines = [(line["rule"], int(line["points"] * 10_000)) for line in row[-1]]
            yield [*row[:-1], *about, lines]


FEW_VALUES = "DICTIONARY_SIZE_LIMIT 1000"
"""Points have too many values for a dictionary to pay, labels never."""


def write(session: Session, clean: CleanTables, shape: Shape, path: Path) -> bool:
    """Writes the result to a Parquet or CSV file, as the writers of `tables` do; False for another format."""
    ending = ending_of(path)
    if is_parquet(path):
        session.copy(shown(session, clean, shape), path, f"FORMAT parquet, COMPRESSION snappy, {FEW_VALUES}")
    elif ending in (".csv", ".tsv"):
        separator = "\t" if ending == ".tsv" else ","
        query = _under_a_header(_as_text(clean, shape), [harmless(one.name) for one in shape.columns])
        session.copy(query, path, f"FORMAT csv, HEADER false, DELIMITER '{separator}', NULLSTR ''")
    else:
        return False
    return True


# ------------------------------------------------------------------ as text


def _as_text(clean: CleanTables, shape: Shape) -> exp.Select:
    """The result as cells of a CSV file: points without zeros at the end, nothing that a spreadsheet would run."""
    cells = []
    for node, one in zip(_nodes(clean, shape), shape.columns, strict=True):
        match one.kind:
            case "points":
                cell = _points_text(node)
            case "instant":
                cell = text(instant_text(clean.at))
            case "reasons":
                cell = _reasons_text(node)
            case _:
                cell = _harmless(node)
        cells.append(exp.alias_(cell, one.name, quoted=True))
    return exp.select(*cells, column(ORDER)).from_(table(RESULTS))


def _points_text(points: Sql) -> Sql:
    """`42.5000` as `42.5`, `3.0000` as `3`"""
    written = cast(points, "VARCHAR")
    return call("REGEXP_REPLACE", written, text("[.]?0+$"), text(""))


def _reasons_text(reasons: Sql) -> Sql:
    """`fit.enterprise +30; fit.free_mail -25`"""
    line = exp.to_identifier("each_line")
    points = call("STRUCT_EXTRACT", exp.column("each_line"), text("points"))
    rule = call("STRUCT_EXTRACT", exp.column("each_line"), text("rule"))
    sign = case([(compare(">", points, integer(0)), text(" +"))], text(" "))
    said = call("CONCAT", rule, sign, _points_text(points))
    listed = call("LIST_TRANSFORM", reasons, exp.Lambda(this=said, expressions=[line]))
    joined = call("ARRAY_TO_STRING", listed, text("; "))
    return call("NULLIF", joined, text(""))


def _harmless(node: Sql) -> Sql:
    """`tables.harmless`: no spreadsheet runs it as a formula."""
    first = call("LEFT", node, integer(1))
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


# ------------------------------------------------------------------ accounts


def accounts(session: Session, clean: CleanTables, shape: AccountShape, summary: Summary) -> list[list[Any]]:
    """The accounts, sorted by their key, as writers take them."""
    program = clean.policy.program
    lowered = lower_accounts(program, clean.ground())
    columns: list[Sql] = [named(column(lowered.key), "account"), named(lowered.completeness, "leads")]
    columns += [named(lowered.scores[name], f"score {name}") for name in shape.scores]
    columns += [named(lowered.bands[name], f"band {name}") for name in shape.bands]
    columns += [named(lowered.decisions[name], f"decision {name}") for name in shape.decisions]
    session.keep(ACCOUNTS, statement(lowered, columns), "accounts")
    about = (program.name, program.version, program.fingerprint, clean.at)
    # By code points, as Python sorts.
    found = sorted(session.run(f"SELECT * FROM {ACCOUNTS}"), key=lambda row: str(row[0]))
    summary.accounts = len(found)
    return [[*row, *about] for row in found]
