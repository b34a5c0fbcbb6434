"""SQL as text: it stays as it is kept, each dialect reads it back, and DuckDB gives for it what the reference gives."""

from __future__ import annotations

import csv
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import jinja2
import psycopg
import pytest
import sqlglot
import yaml
from claims import case_of
from command_line import Ran
from command_line import scorec as run
from dice import Dice, rolled
from servers import postgres
from sql_pages import AT, PAGES, POLICIES, ROOT, fill, known, page, pages, quoted
from sqlglot.optimizer.qualify import qualify
from strategies import facts_for, happenings

import scorec
from scorec.compiler.dbt import dbt_files
from scorec.compiler.engines.sql.dialects import CannotSay, Dialect, DuckDB, dialect_named
from scorec.compiler.engines.sql.midnights import doubtful_days
from scorec.compiler.engines.sql.self_test import statement
from scorec.compiler.engines.sql.syntax import column
from scorec.compiler.engines.sql.warehouses import Redshift, Warehouse
from scorec.compiler.policy import Policy
from scorec.compiler.sql_text import DialectError, Tables, accounts_sql, leads_sql, rejected_sql, self_test_sql
from scorec.dsl import ir, semantics, values
from scorec.dsl.values import decimal_of

EXAMPLES = sorted((ROOT / "examples").rglob("*.score"))
INBOUND = ROOT / "examples" / "saas_inbound"
every_dialect = pytest.mark.parametrize("dialect", known())


# ------------------------------------------------------------------ golden pages


@pytest.mark.parametrize(("kept", "path", "dialect"), [pytest.param(*one, id=one[0].name) for one in pages()])
def test_a_page_is_as_it_is_kept(kept: Path, path: Path, dialect: str) -> None:
    """After a change that is meant: `python tests/sql_pages.py`."""
    assert kept.exists(), "run `python tests/sql_pages.py`"
    assert kept.read_text("utf-8") == page(path, dialect)


@every_dialect
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_can_be_written_and_is_read_back(path: Path, dialect: str) -> None:
    policy = scorec.load(path)
    try:
        said = leads_sql(policy, dialect, Tables(), reasons=True)
    except DialectError as why:
        assert dialect == "redshift" and all("the longest run of one character" in line for line in why.found)
        return
    assert len(sqlglot.parse(said, read=dialect)) == 1
    assert len(sqlglot.parse(rejected_sql(policy, dialect, Tables()), read=dialect)) == 1
    if policy.program.account is not None:
        assert len(sqlglot.parse(accounts_sql(policy, dialect, Tables()), read=dialect)) == 1


@every_dialect
def test_no_line_is_long_and_no_character_hidden(dialect: str) -> None:
    said = page(POLICIES[1], dialect)
    assert all(len(line) <= 200 for line in said.split("\n"))
    hidden = {one for one in said if not one.isprintable() and one != "\n"}
    # CHR of Spark ends at 255.
    assert not hidden or (dialect in ("spark", "databricks") and min(hidden) >= "\x80")


def test_a_rule_is_named_with_its_points_and_its_line() -> None:
    said = page(POLICIES[1], "duckdb")
    line = 1 + POLICIES[1].read_text("utf-8").split("\n").index(
        next(one for one in POLICIES[1].read_text("utf-8").split("\n") if one.startswith("  +10 join"))
    )
    assert f"-- table.join: +10, line {line}\n" in said


def test_the_same_policy_gives_the_same_text() -> None:
    one, other = (leads_sql(scorec.load(POLICIES[1]), "trino", Tables(), reasons=True) for _ in range(2))
    assert one == other


# ------------------------------------------------------------------ DuckDB runs it


Rows = Sequence[tuple[str, Mapping[str, Any], Sequence[Mapping[str, Any]]]]


def agree(policy: Policy, rows: Rows, at: int) -> None:
    """What the text gives for typed tables is what the reference gives."""
    program = policy.program
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'America/New_York'")
        fill(con, program, rows)
        tables = Tables(at=at)
        found = con.execute(leads_sql(policy, "duckdb", tables, reasons=True))
        names = [column[0] for column in found.description or ()]
        got = {row[0]: dict(zip(names, row, strict=True)) for row in found.fetchall()}
        if program.account is not None:
            accounts = con.execute(accounts_sql(policy, "duckdb", tables)).fetchall()
    assert len(got) == len(rows)
    for key, lead, events in rows:
        meant = semantics.evaluate(program, dict(lead), happenings(list(events)), at)
        row = got[key]
        for name, ticks in meant.scores.items():
            assert row[name] == (None if ticks is None else decimal_of(ticks)), name
        assert {name: row[name] for name in meant.bands} == dict(meant.bands)
        assert {name: row[name] for name in meant.decisions} == {
            name: outcome for name, (outcome, _, _) in meant.decisions.items()
        }
        reasons = row.get("reasons", row.get("scorec_reasons")) or []
        assert [(one["rule"], one["points"]) for one in reasons] == [
            (line.rule, decimal_of(line.ticks)) for line in meant.lines or ()
        ]
        assert (row.get("scorec_completeness") or row["completeness"]) == decimal_of(meant.completeness)
    if program.account is not None:
        meant_accounts = semantics.evaluate_accounts(
            program, [(dict(lead), happenings(list(events))) for _, lead, events in rows], at
        )
        assert sorted(row[:2] for row in accounts) == sorted((one.key, one.leads) for one in meant_accounts)
        by_key = {row[0]: row for row in accounts}
        for one in meant_accounts:
            points = [None if ticks is None else decimal_of(ticks) for ticks in one.scores.values()]
            rest = [*points, *one.bands.values(), *(outcome for outcome in one.decisions.values())]
            assert list(by_key[one.key][2 : 2 + len(rest)]) == rest


def drawn(program: ir.Program, how_many: int, seed: int) -> tuple[Rows, int]:
    facts = [facts_for(program, Dice(rolled(seed + number))) for number in range(how_many)]
    at = facts[0].at
    return [(f"L{number}", one.lead, one.events) for number, one in enumerate(facts)], at


@pytest.mark.parametrize("path", [*EXAMPLES, POLICIES[1]], ids=lambda path: path.stem)
def test_an_example_s_text_gives_in_duckdb_what_is_meant(path: Path) -> None:
    policy = scorec.load(path)
    agree(policy, *drawn(policy.program, 40, 7))


@pytest.mark.parametrize("seed", range(12))
def test_a_random_policy_s_text_gives_in_duckdb_what_is_meant(seed: int) -> None:
    case = case_of(seed)
    if case is None:
        return
    policy = scorec.loads(case.text)
    try:
        agree(policy, *drawn(policy.program, 6, 100 * seed))
    except DialectError:
        pytest.skip("it cannot be said in SQL")


@pytest.mark.deep
@pytest.mark.parametrize("seed", range(12, 400))
def test_many_random_policies_texts_give_in_duckdb_what_is_meant(seed: int) -> None:
    test_a_random_policy_s_text_gives_in_duckdb_what_is_meant(seed)


def test_the_example_s_files_give_what_scorec_score_gives(tmp_path: Path) -> None:
    out = tmp_path / "scored.parquet"
    ran = run(
        tmp_path, "score", INBOUND / "inbound.score", INBOUND / "leads.csv", "--events", INBOUND / "events.csv",
        "--at", AT, "--reasons", "-o", out,
    )  # fmt: skip
    assert ran.code == 0, ran.err
    with (tmp_path / "scored.parquet.rejected.csv").open(encoding="utf-8") as rejected:
        refused = {(Path(row["file"]).name, int(row["row"])) for row in csv.DictReader(rejected)}
    policy = scorec.load(INBOUND / "inbound.score")
    with duckdb.connect() as con:
        _load(con, INBOUND / "leads.csv", tmp_path, refused, {"employees": "DOUBLE", "created_at": "TIMESTAMPTZ"})
        _load(con, INBOUND / "events.csv", tmp_path, refused, {"seconds": "DOUBLE", "at": "TIMESTAMPTZ"})
        said = policy.to_sql("duckdb", at=AT, reasons=True)
        got = con.execute(f"SELECT * FROM ({said}) ORDER BY lead_id").fetchall()
        assert got == con.execute(f"SELECT * FROM '{out}' ORDER BY lead_id").fetchall()
        assert len(got) > 100
        counted = con.execute(rejected_sql(policy, "duckdb", Tables(at=policy.instant(AT)))).fetchall()
        assert {(what, why) for what, why, _, _ in counted} == {
            ("event", "the policy declares no event of this name"),
            ("event", "the event is later than the as-of instant"),
        }


def _load(
    con: duckdb.DuckDBPyConnection, file: Path, folder: Path, refused: set[tuple[str, int]], types: dict[str, str]
) -> None:
    """A CSV file as a typed table, without the rows that are refused anyway."""
    with file.open(encoding="utf-8", newline="") as source, (folder / file.name).open("w", newline="") as kept:
        writer = csv.writer(kept)
        for number, row in enumerate(csv.reader(source), 1):
            if (file.name, number) not in refused:
                writer.writerow(row)
    cast = ", ".join(f'CAST("{name}" AS {kind}) AS "{name}"' for name, kind in types.items())
    con.execute(
        f"CREATE TABLE {file.stem} AS SELECT * REPLACE ({cast}) FROM read_csv('{folder / file.name}', all_varchar=true)"
    )


REFUSING = """
policy refusing
  language 1
  version 1.0.0

lead by lead_id
  email: text required
  country: one of ("US", "GB")
  born: date

event view from "Viewed"
  url: text required

score s
  +1 here when country is "US"
  +2 seen for each view
"""


def test_rows_with_something_wrong_are_not_scored_and_are_counted() -> None:
    policy = scorec.loads(REFUSING)
    with duckdb.connect() as con:
        con.execute(
            "CREATE TABLE leads AS SELECT * FROM (VALUES (' a ', 'x@y', ' us ', DATE '2000-01-01'),"
            " (NULL, 'x', 'US', NULL), ('b', ' ', 'US', NULL), ('c', 'x', 'FR', NULL), ('d', 'x', NULL, NULL),"
            " ('d', 'x', NULL, NULL), ('e', 'x', '', DATE '12000-01-01')) AS v(lead_id, email, country, born)"
        )
        con.execute(
            "CREATE TABLE events AS SELECT * FROM (VALUES ('a', 'Viewed', TIMESTAMP '2026-01-01', '/'),"
            " ('a', 'view', TIMESTAMP '2026-01-01', '/'), ('a', 'Viewed', TIMESTAMP '2026-01-01', NULL),"
            " ('a', 'other', TIMESTAMP '2026-01-01', '/'), ('a', 'Viewed', NULL, '/'),"
            " (NULL, 'Viewed', TIMESTAMP '2026-01-01', '/'), ('a', ' ', TIMESTAMP '2026-01-01', '/'),"
            " ('a', 'Viewed', TIMESTAMP '2027-01-01', '/')) AS v(lead_id, event, \"at\", url)"
        )
        assert [row[:2] for row in con.execute(policy.to_sql("duckdb", at=AT)).fetchall()] == [("a", 5)]
        counted = con.execute(rejected_sql(policy, "duckdb", Tables(at=policy.instant(AT)))).fetchall()
    assert sorted((what, why, number) for what, why, number, _ in counted) == [
        ("event", "`url` is required and is missing", 1),
        ("event", "the event has no lead", 1),
        ("event", "the event has no name", 1),
        ("event", "the event has no time", 1),
        ("event", "the event is later than the as-of instant", 1),
        ("event", "the policy declares no event of this name", 1),
        ("lead", "`born` is outside the years 0001 to 9999", 1),
        ("lead", "`country` is none of the values that are declared", 1),
        ("lead", "`email` is required and is missing", 1),
        ("lead", "the key stands in several rows", 2),
        ("lead", "the row has no key", 1),
    ]


def test_without_an_instant_it_is_scored_as_of_the_run() -> None:
    assert "CURRENT_TIMESTAMP" in scorec.loads(REFUSING).to_sql("duckdb")


# ------------------------------------------------------------------ PostgreSQL runs it


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres() as address:
        yield address


def test_the_self_test_is_right_in_postgres(server: str) -> None:
    with psycopg.connect(server) as con:
        con.execute("SET TimeZone = 'Asia/Kolkata'")
        found = con.execute(statement(dialect_named("postgres"), "America/Havana")).fetchall()
    assert [row for row in found if row[2] != 0] == []


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.stem)
def test_the_text_gives_in_postgres_what_it_gives_in_duckdb(path: Path, server: str) -> None:
    policy = scorec.load(path)
    program = policy.program
    rows, at = drawn(program, 40, 11)
    tables = Tables(at=at)
    with duckdb.connect() as duck, psycopg.connect(server) as con:
        duck.execute("SET TimeZone = 'UTC'")
        con.execute("SET TimeZone = 'America/New_York'")
        fill(duck, program, rows)
        for name in ("leads", "events"):
            _copy(duck, con, name)
        asked = [(leads_sql(policy, one, tables), one) for one in ("duckdb", "postgres")]
        if program.account is not None:
            asked += [(accounts_sql(policy, one, tables), one) for one in ("duckdb", "postgres")]
        asked += [(rejected_sql(policy, one, tables), one) for one in ("duckdb", "postgres")]
        for (in_duckdb, _), (in_postgres, _) in zip(asked[::2], asked[1::2], strict=True):
            got = con.execute(in_postgres).fetchall()
            assert sorted(got) == sorted(duck.execute(in_duckdb).fetchall())
        reasons = con.execute(leads_sql(policy, "postgres", tables, reasons=True)).fetchall()
        meant = {row[0]: row[-1] for row in duck.execute(leads_sql(policy, "duckdb", tables, reasons=True)).fetchall()}
        for row in reasons:
            said = [
                f"{one['rule']} {'+' if one['points'] > 0 else ''}{one['points'].normalize():f}"
                for one in meant[row[0]]
            ]
            assert (row[-1] or "") == "; ".join(said)
        con.rollback()


@pytest.mark.parametrize("zone", ["UTC", "America/New_York"])
def test_dates_that_are_infinite_or_far_away_are_refused(server: str, zone: str) -> None:
    """A database cannot tell when such a day begins; an instant that is infinite is missing."""
    policy = scorec.loads(
        f'policy p\n  language 1\n  timezone "{zone}"\nlead by lead_id\n  born: date\n  since: time\nevent view\n'
        "score s\n  +1 a when days since born > 3\n  +2 b when since is known\n  +4 c for each view\n"
    )
    days = ["infinity", "-infinity", "294000-01-01", "1000000-01-01", "9999-12-30", "0001-01-02", None]
    leads = " UNION ALL ".join(
        f"SELECT 'L{n}' AS lead_id, CAST({day!r} AS DATE) AS born, TIMESTAMPTZ 'infinity' AS since".replace(
            "None", "NULL"
        )
        for n, day in enumerate(days)
    )
    events = "SELECT 'L6' AS lead_id, 'view' AS event, TIMESTAMP '-infinity' AS at"
    tables = Tables(at=policy.instant(AT))
    with duckdb.connect() as duck, psycopg.connect(server) as con:
        for one, dialect in ((duck, "duckdb"), (con, "postgres")):
            run: Any = one.execute
            run(f"CREATE TEMP TABLE leads AS {leads}")
            run(f"CREATE TEMP TABLE events AS {events}")
            found = [row[:2] for row in sorted(run(leads_sql(policy, dialect, tables)).fetchall())]
            assert found == [("L4", 0), ("L5", 1), ("L6", 0)]
            assert sorted(row[:3] for row in run(rejected_sql(policy, dialect, tables)).fetchall()) == [
                ("event", "the event has no time", 1),
                ("lead", "`born` is outside the years 0001 to 9999", 4),
            ]
        con.rollback()


def _said(rule: str, points: Decimal) -> str:
    return f"{rule} {'+' if points > 0 else ''}{points.normalize():f}"


def _copy(duck: duckdb.DuckDBPyConnection, con: psycopg.Connection[Any], name: str) -> None:
    """A table of DuckDB, in PostgreSQL."""
    kinds = {
        "VARCHAR": "text",
        "DOUBLE": "double precision",
        "VARCHAR[]": "text[]",
        "TIMESTAMP WITH TIME ZONE": "timestamptz",
    }
    columns = duck.execute(
        f"SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = '{name}'"
    ).fetchall()
    made = ", ".join(f"{quoted(column)} {kinds.get(kind, kind)}" for column, kind in columns)
    con.execute(f"CREATE TEMP TABLE {name} ({made})")
    rows = duck.execute(f"SELECT * FROM {name}").fetchall()
    with con.cursor() as cursor:
        marks = ", ".join(["%s"] * len(columns))
        cursor.executemany(f"INSERT INTO {name} VALUES ({marks})", rows)


# ------------------------------------------------------------------ primitives


@pytest.mark.parametrize("zone", ["UTC", "America/Havana", "Atlantic/Azores", "Australia/Lord_Howe"])
def test_the_self_test_is_right_in_duckdb(zone: str) -> None:
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'Asia/Kolkata'")
        found = con.execute(statement(DuckDB(), zone)).fetchall()
    assert len(found) > 50
    assert [row for row in found if row[2] != 0] == []


@every_dialect
def test_the_self_test_is_read_back(dialect: str) -> None:
    said = self_test_sql(scorec.loads(REFUSING), dialect)
    assert len(sqlglot.parse(said, read=dialect)) == 1
    left_out = [line for line in said.split("\n") if "left out" in line]
    assert left_out == [] or dialect in ("redshift", "postgres")


class _InDuckDB(Warehouse):
    """The forms of the warehouses that DuckDB knows, too."""

    name = "duckdb"
    idiv = DuckDB.idiv
    micros, instant_of, local_date = DuckDB.micros, DuckDB.instant_of, DuckDB.local_date
    local_midnight = DuckDB.midnight
    is_ascii, repeats = DuckDB.is_ascii, DuckDB.repeats
    wide_type = "HUGEINT"
    position = Warehouse.position


class _RedshiftInDuckDB(_InDuckDB):
    product, quotient, plus, minus = Redshift.product, Redshift.quotient, Redshift.plus, Redshift.minus
    _if_finite = Redshift._if_finite


@pytest.mark.parametrize("dialect", [_InDuckDB(), _RedshiftInDuckDB()], ids=["texts", "doubles"])
def test_the_forms_of_the_warehouses_are_right_where_duckdb_knows_them(dialect: Dialect) -> None:
    with duckdb.connect() as con:
        found = con.execute(statement(dialect, "UTC")).fetchall()
    assert [row for row in found if row[2] != 0] == []


def test_redshift_s_doubles_are_never_too_large() -> None:
    """What would be an error there is seen before, and nothing else is missing."""
    dialect = _RedshiftInDuckDB()
    numbers = [0.0, 1.0, -1.0, 0.5, 1e-320, 5e-324, 1e-300, 1e154, 1.3407807929942596e154, 1.34e154, 1e300, -1e308]
    numbers += [1.7976931348623157e308, 8.98846567431158e307, 2.0**512, 2.0**-512, 3.0]
    with duckdb.connect() as con:
        for left in numbers:
            for right in numbers:
                one, other = dialect.number(left), dialect.number(right)
                asked = [dialect.product(one, other), dialect.plus(one, other), dialect.minus(one, other)]
                meant = [left * right, left + right, left - right]
                if right != 0:
                    asked.append(dialect.quotient(one, other))
                    meant.append(_divided(left, right))
                said = ", ".join(node.copy().sql("duckdb") for node in asked)
                got = con.execute(f"SELECT {said}").fetchone()
                assert got == tuple(one if abs(one) < float("inf") else None for one in meant), (left, right)


def _divided(left: float, right: float) -> float:
    return (
        left / right
        if abs(left) <= 1 or abs(right) >= 1e-300
        else float(duckdb.execute("SELECT ? / ?", [left, right]).fetchone()[0])
    )


def test_days_that_begin_twice_or_never_are_known() -> None:
    assert doubtful_days("Europe/Berlin") == () == doubtful_days("UTC")
    assert len(doubtful_days("America/Havana")) > 50


# ------------------------------------------------------------------ what cannot be said


def test_everything_that_cannot_be_said_is_reported(tmp_path: Path) -> None:
    text = REFUSING + "  +4 again when repeats(email, 3)\n  +5 more when repeats(email, 4)\n"
    (tmp_path / "inbound.score").write_text(text, "utf-8")
    ran = run(tmp_path, "build", "inbound.score", "--target", "sql", "--dialect", "redshift")
    assert ran.code == 1 and ran.out == ""
    first, second = ran.err.strip().split("\n")
    assert (
        first == "inbound.score:17: rule `s.again` cannot be said exactly in redshift: the longest run of one character"
    )
    assert second.startswith("inbound.score:18: rule `s.more`")


class _ListsInDuckDB(_InDuckDB):
    texts_column, folded_list, has = Redshift.texts_column, Redshift.folded_list, Redshift.has
    replace_all = DuckDB.replace_all


@pytest.mark.parametrize(
    ("written", "needle", "meant"),
    [
        ("a; B ;c", "b", True),
        (" a ", "a", True),
        ("aa;b", "a", False),
        ("a;b", "a;b", False),
        (";;", "a", False),
        ("  ", "a", None),
        (None, "a", None),
        ("x\t;\r\ny", "y", True),
    ],
)
def test_a_list_is_a_text_in_redshift(written: str | None, needle: str, meant: bool | None) -> None:
    dialect = _ListsInDuckDB()
    given = column("given")
    asked = dialect.has(dialect.folded_list(dialect.texts_column(given)), needle).copy().sql("duckdb")
    assert duckdb.execute(f"SELECT {asked} FROM (SELECT CAST(? AS VARCHAR) AS given)", [written]).fetchone() == (meant,)


@every_dialect
@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.stem)
def test_every_name_in_a_statement_is_there_and_means_one_thing(path: Path, dialect: str) -> None:
    policy = scorec.load(path)
    program, outward = policy.program, dialect_named(dialect).outward
    props = [one.column or one.name for event in program.events for one in event.properties]
    columns = {
        "leads": [program.key, *(one.column or one.name for one in program.fields)],
        "events": [program.key, "event", "at", *props],
    }
    schema = {
        name: {outward(one).sql(dialect): "VARCHAR" for one in dict.fromkeys(listed)}
        for name, listed in columns.items()
    }
    written = [leads_sql(policy, dialect, Tables(), reasons=True)]
    if program.account is not None:
        written.append(accounts_sql(policy, dialect, Tables()))
    for said in written:
        qualify(sqlglot.parse_one(said, read=dialect), schema=schema, dialect=dialect, validate_qualify_columns=True)


def test_an_unknown_dialect_is_refused() -> None:
    with pytest.raises(scorec.ScorecError, match="there is no dialect `oracle`"):
        scorec.loads(REFUSING).to_sql("oracle")


def test_what_cannot_be_said_keeps_its_innermost_place() -> None:
    why = CannotSay("why").at("rule `x`", ir.NOWHERE).at("score `y`", ir.NOWHERE)
    assert (why.what, why.reason) == ("rule `x`", "why")


# ------------------------------------------------------------------ the command


def test_options_of_sql_do_not_go_with_other_targets(tmp_path: Path) -> None:
    (tmp_path / "p.score").write_text(REFUSING, "utf-8")
    assert run(tmp_path, "build", "p.score", "--target", "sql").code == 2
    assert run(tmp_path, "build", "p.score", "--target", "json", "--dialect", "duckdb").code == 2
    assert run(tmp_path, "build", "p.score", "--target", "python", "--reasons").code == 2
    wrong = ("--self-test", "--accounts")
    assert run(tmp_path, "build", "p.score", "--target", "sql", "--dialect", "duckdb", *wrong).code == 2
    assert run(tmp_path, "build", "p.score", "--target", "sql", "--dialect", "duckdb", "--accounts").code == 2


def test_the_command_writes_a_file(tmp_path: Path) -> None:
    (tmp_path / "p.score").write_text(REFUSING, "utf-8")
    options = ("--dialect", "duckdb", "--at", AT, "--leads-table", "crm.people", "--events-table", "web.hits")
    ran = run(tmp_path, "build", "p.score", "--target", "sql", *options, "-o", "p.sql")
    assert ran.code == 0, ran.err
    said = (tmp_path / "p.sql").read_text("utf-8")
    assert "FROM crm.people" in said and "FROM web.hits" in said and "2026-03-02 00:00:00" in said


# ------------------------------------------------------------------ dbt


def rendered(text: str, as_of: str = "2026-03-02 00:00:00") -> str:
    """As dbt would, which `tests/test_dbt.py` asks in earnest."""
    environment = jinja2.Environment(keep_trailing_newline=True)
    return environment.from_string(text).render(
        config=lambda **options: "",
        source=lambda source, name: f"{source}__{name}",
        ref=lambda name: name,
        scorec_as_of=lambda zone: as_of,
    )


@every_dialect
@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.stem)
def test_the_models_of_dbt_are_well_formed(path: Path, dialect: str) -> None:
    policy = scorec.load(path)
    try:
        files = dbt_files(policy, dialect, Tables(), reasons=True)
    except DialectError:
        return
    for name, text in files.items():
        if name.endswith(".yml"):
            schema = yaml.safe_load(text)
            assert schema["models"][0]["name"] == policy.name
        elif name.startswith("models/"):
            said = rendered(text)
            assert f"{policy.name}__crm__leads" in said and "'2026-03-02 00:00:00" in said
            assert len(sqlglot.parse(said, read=dialect)) == 1
    assert f"models/{policy.name}.sql" in files


def test_a_model_of_dbt_gives_what_the_statement_gives() -> None:
    policy = scorec.load(POLICIES[1])
    rows, at = drawn(policy.program, 20, 3)
    files = dbt_files(policy, "duckdb", Tables("ref('leads')", "crm.events"), reasons=True)
    moment = f"{values.moment_of(at):%Y-%m-%d %H:%M:%S.%f}"
    with duckdb.connect() as con:
        fill(con, policy.program, rows)
        con.execute("CREATE VIEW keywords__crm__events AS FROM events")
        for name, said in (
            ("keywords", leads_sql(policy, "duckdb", Tables(at=at), reasons=True)),
            ("keywords_accounts", accounts_sql(policy, "duckdb", Tables(at=at))),
            ("keywords_rejected", rejected_sql(policy, "duckdb", Tables(at=at))),
        ):
            model = rendered(files[f"models/{name}.sql"], moment)
            assert sorted(con.execute(model).fetchall()) == sorted(con.execute(said).fetchall())


def test_only_a_statement_that_people_run_says_where_to_change_it() -> None:
    """A model of dbt is written again, and takes its instant and its tables from the project."""
    policy = scorec.load(POLICIES[1])
    models = [said for name, said in dbt_files(policy, "duckdb", Tables()).items() if name.startswith("models/")]
    assert "change it here" in leads_sql(policy, "duckdb", Tables())
    assert len(models) > 2
    assert not any("change it here" in said or "change their names here" in said for said in models)


def test_the_columns_of_a_result_are_named_as_people_ask_for_them() -> None:
    """In Snowflake a name in quotation marks is another one than without."""
    policy = scorec.load(POLICIES[0])
    for write in (leads_sql, rejected_sql):
        shown = write(policy, "snowflake", Tables()).rpartition("\n)\nSELECT\n")[2]
        assert " AS " in shown and ' AS "' not in shown


def test_the_tests_of_dbt_hold_what_the_policy_says() -> None:
    policy = scorec.load(POLICIES[1])
    schema = yaml.safe_load(dbt_files(policy, "duckdb", Tables())["models/keywords.yml"])
    columns = {column["name"]: column for column in schema["models"][0]["columns"]}
    assert columns["key"]["data_tests"] == ["unique", "not_null"]
    assert columns["table"]["quote"] is True
    assert rendered(columns["table"]["description"]) == "What they do; DROP TABLE leads; --"
    assert {"scorec_within": {"arguments": {"least": 0, "most": 100}}} in columns["table"]["data_tests"]
    assert {"accepted_values": {"arguments": {"values": ["values", "low"]}}} in columns["end"]["data_tests"]
    assert rendered(schema["models"][0]["description"]).startswith("Names of SQL; -- and its ends */ {{ config() }}. ")


def test_columns_are_quoted_in_the_tests_of_dbt_as_they_are_in_the_statement() -> None:
    """Snowflake makes large letters of names without quotation marks, and small ones of none."""
    policy = scorec.load(POLICIES[1])
    schema = yaml.safe_load(dbt_files(policy, "snowflake", Tables())["models/keywords.yml"])
    quoted = {column["name"]: column.get("quote", False) for column in schema["models"][0]["columns"]}
    assert quoted["table"] and not quoted["key"]


@pytest.mark.parametrize(
    ("table", "source"),
    [
        ("people", {"name": "p__crm", "schema": "crm", "tables": [{"name": "people"}]}),
        ("web.people", {"name": "p__web", "schema": "web", "tables": [{"name": "people"}]}),
        (
            'raw."Web 1"."Our People"',
            {
                "name": "p__raw__Web_1",
                "database": "raw",
                "schema": "Web 1",
                "quoting": {"schema": True},
                "tables": [{"name": "Our_People", "identifier": "Our People", "quoting": {"identifier": True}}],
            },
        ),
        (
            "my-raw.web.Hits",
            {
                "name": "p__my_raw__web",
                "database": "my-raw",
                "schema": "web",
                "tables": [{"name": "Hits", "quoting": {"identifier": False}}],
            },
        ),
        (
            "`a.b`.`c`",
            {
                "name": "p__a_b",
                "schema": "a.b",
                "quoting": {"schema": True},
                "tables": [{"name": "c", "quoting": {"identifier": True}}],
            },
        ),
    ],
)
def test_dbt_is_told_where_a_table_is(table: str, source: dict[str, Any]) -> None:
    policy = scorec.loads(SMALL)
    schema = yaml.safe_load(dbt_files(policy, "bigquery", Tables("ref('x')", table))["models/p.yml"])
    assert schema["sources"] == [source]


def test_tables_of_the_project_are_not_told_of_again() -> None:
    """dbt refuses to be told of a source twice; so do two policies not tell of one source."""
    policy = scorec.loads(SMALL)
    files = dbt_files(policy, "duckdb", Tables("ref('stg', 'people', v=2)", 'source("crm", "events")'))
    assert "sources" not in yaml.safe_load(files["models/p.yml"])
    assert "FROM {{ ref('stg', 'people', v=2) }}" in files["models/p.sql"]
    assert "FROM {{ source('crm', 'events') }}" in files["models/p_rejected.sql"]


SMALL = "policy p\n  language 1\n\nlead by id\n  n: number\n  firm: text\n\nscore s from 0 to 9\n  +1 a when n > 1\n"


OF_FIRMS = "\naccount by firm\n  score heat = sum of s\n"


def write_models(folder: Path, text: str, *options: str) -> Ran:
    (folder / "p.score").write_text(text, "utf-8")
    return run(folder, "build", "p.score", "--target", "sql", "--dialect", "snowflake", "--dbt", "warehouse", *options)


def test_the_command_writes_the_models(tmp_path: Path) -> None:
    ran = write_models(tmp_path, REFUSING)
    assert ran.code == 0, ran.err
    written = sorted(path.relative_to(tmp_path).as_posix() for path in (tmp_path / "warehouse").rglob("*.*"))
    assert written == [
        "warehouse/macros/scorec_as_of.sql",
        "warehouse/models/refusing.sql",
        "warehouse/models/refusing.yml",
        "warehouse/models/refusing_rejected.sql",
        "warehouse/refusing.md",
        "warehouse/tests/generic/scorec_within.sql",
    ]


def test_the_command_is_said_that_writes_the_models_again(tmp_path: Path) -> None:
    arguments = ("--leads-table", 'web."Our People"', "--events-table", "ref('hits')", "--reasons")
    assert write_models(tmp_path, SMALL, *arguments).code == 0
    said = (tmp_path / "warehouse" / "p.md").read_text("utf-8")
    (line,) = (line for line in said.splitlines() if line.startswith("scorec build p.score "))
    assert shlex.split(line)[-5:] == list(arguments)


def test_nothing_of_the_project_is_written_over(tmp_path: Path) -> None:
    models = tmp_path / "warehouse" / "models"
    models.mkdir(parents=True)
    (models / "p.sql").write_text("SELECT 1")
    ran = write_models(tmp_path, SMALL)
    assert ran.code == 2 and "p.sql is there, and scorec has not written it" in " ".join(ran.err.split())
    assert [path.name for path in models.iterdir()] == ["p.sql"] and (models / "p.sql").read_text() == "SELECT 1"
    # The model of the accounts of `p` would be that of a policy called `p_accounts`.
    (models / "p.sql").unlink()
    assert write_models(tmp_path, SMALL + OF_FIRMS).code == 0
    ran = write_models(tmp_path, SMALL.replace("policy p", "policy p_accounts"))
    assert ran.code == 2 and "p_accounts.sql is there" in ran.err


def test_what_the_policy_has_no_more_is_removed(tmp_path: Path) -> None:
    accounts = tmp_path / "warehouse" / "models" / "p_accounts.sql"
    assert write_models(tmp_path, SMALL + OF_FIRMS).code == 0
    assert accounts.exists()
    ran = write_models(tmp_path, SMALL)
    assert ran.code == 0 and "p_accounts.sql: removed, because the policy has no accounts any more" in ran.err
    assert not accounts.exists()


def test_only_names_that_dbt_knows_are_given_to_it(tmp_path: Path) -> None:
    ran = write_models(tmp_path, SMALL, "--leads-table", "a.b.c.d")
    assert ran.code == 2 and "a.b.c.d: dbt knows tables of snowflake by database, schema and table" in ran.err
    for name in ("ref('x') }} {{ 1", "source('x')", "var('x')"):
        ran = write_models(tmp_path, SMALL, "--leads-table", name)
        assert ran.code == 2 and "is no name of a table" in ran.err
    policy = scorec.loads(SMALL)
    with pytest.raises(scorec.ScorecError, match="by schema and table, and no more"):
        dbt_files(policy, "spark", Tables("raw.crm.leads"))


def test_nothing_names_a_machine() -> None:
    for kept in PAGES.glob("*.sql"):
        assert re.search(r"/work|/home|/tmp", kept.read_text("utf-8")) is None


@pytest.mark.parametrize("dialect", ["spark", "databricks"])
def test_nothing_is_put_in_place_of_a_variable_in_spark(dialect: str) -> None:
    said = page(POLICIES[1], dialect)
    assert "${" not in said and "CONCAT('$', '{x}')" in said


def test_only_names_of_tables_go_into_the_text(tmp_path: Path) -> None:
    (tmp_path / "p.score").write_text(
        "policy p\n  language 1\n\nlead by id\n  n: number\n\nscore s\n  +1 a when n > 1\n"
    )
    for name in ("leads; drop table leads", "a b", "leads --", "'leads'"):
        ran = run(tmp_path, "build", "p.score", "--target", "sql", "--dialect", "duckdb", "--leads-table", name)
        assert ran.code == 2 and "is no name of a table" in ran.err
    ran = run(
        tmp_path, "build", "p.score", "--target", "sql", "--dialect", "duckdb", "--leads-table", 'crm."Our Leads"'
    )
    assert ran.code == 0 and "Our Leads" in ran.out
