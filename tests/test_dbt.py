"""The models of dbt, run by dbt: they give what `scorec score` gives, and their tests can fail.

dbt runs in a process of its own, once for many commands, because it takes seconds to start."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest
from command_line import scorec as run
from psycopg.conninfo import conninfo_to_dict
from servers import dbt_python, postgres
from sql_pages import POLICIES, ROOT, fill
from test_sql_text import drawn

import scorec
from scorec.dsl import values

pytestmark = pytest.mark.dbt

INBOUND = ROOT / "examples" / "saas_inbound"
KEYWORDS = POLICIES[1]
AT = "2026-03-02T00:00:00Z"

AWKWARD = r"""
policy awkward "He said \"{{ var('x') }}\" {% if %} {# no #} \\ it's 50% }} %}"
  language 1
  version 0.1.0
  timezone "Europe/Berlin"

lead by order
  select: number from "sel ect {{ x }}"
  note: text
  tags: list of text

event group from "{{ group }}"
  user: text

score limit "{% docs limit %} 'x' \\n {{ doc('y') }}" from -5 to 100
  start at 1
  +10 case "{{ case }} isn't {# a #} \"case\" \\" when note is "{{ x }}" or note is "{% raw %}" or note contains "{#"
  +5 when_ "a { b }" when note in ("a'b", "c\\d", "{{{{ e }}}}", "{{%", "$$ %s %(x)s :name ?")
  +1 each_one for each group in the last 30 days where user is not "{{ none }}"
  +2 tagged when tags has any of ("{% x %}", "it's")
  +1 selected when select > 3

score user "The user {{ 'sum' }}" = limit

band end of limit
  Primary >= 10
  1 >= 5
  table otherwise

decide table "A {{ table }}"
  drop when end is Primary
  select otherwise

account by note
  score leads from 0 to 1000 = sum of limit
  score version = highest of limit
"""
"""Names that SQL has other plans for, and texts that Jinja has."""

PEOPLE = r"""SELECT * FROM (VALUES
  ('A', 3.5, '{{ x }}', ['{% x %}', 'b']), ('B', NULL, 'a''b', []), ('C', 4, 'c\d', NULL),
  ('D', 1, '{{{{ e }}}}', NULL), ('E', 1, '$$ %s %(x)s :name ?', ['it''s']), ('F', 1, '{{%', ['it''s']),
  ('G', 1, NULL, NULL)
) AS v("order", "sel ect {{ x }}", note, tags)"""

HITS = """SELECT * FROM (VALUES
  ('A', '{{ group }}', TIMESTAMPTZ '2026-03-01 10:00:00+00', '{{ none }}'),
  ('A', 'group', TIMESTAMPTZ '2026-03-01 10:00:00+00', 'zoe'), ('G', 'group', TIMESTAMPTZ '2026-03-01 10:00:00+00', 'x')
) AS v("order", event, "at", "user")"""


# ------------------------------------------------------------------ dbt


@dataclass(frozen=True)
class Outcome:
    """How a command of dbt ended: the error, if it ended with one, and of models and tests how they did."""

    error: str
    models: dict[str, str]
    tests: dict[tuple[str, str, str], str]
    """by model, column and test"""
    statements: dict[str, str]
    """of models, as they went to the database"""


DRIVER = """
import json, sys
from dbt.cli.main import dbtRunner
outcomes = []
for arguments in json.loads(sys.argv[1]):
    ran = dbtRunner().invoke(["--warn-error", "--log-level", "none", *arguments])
    found = {"error": "" if ran.success else str(ran.exception or ran.result), "models": {}, "tests": [],
             "statements": {}}
    for one in getattr(ran.result, "results", None) or []:
        node = one.node
        if node is not None and str(node.resource_type) == "model":
            found["models"][node.name] = str(one.status)
            found["statements"][node.name] = node.compiled_code
        elif node is not None and str(node.resource_type) == "test":
            model = node.attached_node.rpartition(".")[2]
            found["tests"].append([model, node.column_name.strip('"'), node.test_metadata.name, str(one.status)])
    outcomes.append(found)
with open("outcomes.json", "w", encoding="utf-8") as file:
    json.dump(outcomes, file)
"""


def dbt(folder: Path, *commands: Sequence[str]) -> list[Outcome]:
    """Runs commands of dbt in a project, one after the other. Warnings are errors."""
    outcomes = folder / "outcomes.json"
    outcomes.unlink(missing_ok=True)
    settings = {"DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "DO_NOT_TRACK": "1", "DBT_PROFILES_DIR": str(folder)}
    ran = subprocess.run(
        [dbt_python(), "-c", DRIVER, json.dumps(commands)],
        cwd=folder,
        env=os.environ | settings,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert outcomes.exists(), ran.stdout[-2000:] + ran.stderr[-2000:]
    return [
        Outcome(**one | {"tests": {(model, column, name): how for model, column, name, how in one["tests"]}})
        for one in json.loads(outcomes.read_text("utf-8"))
    ]


def a_project(folder: Path, here: dict[str, Any], **others: dict[str, Any]) -> None:
    (folder / "dbt_project.yml").write_text('name: warehouse\nversion: "1.0"\nprofile: warehouse\n')
    profile = {"warehouse": {"target": "here", "outputs": {"here": here, **others}}}
    (folder / "profiles.yml").write_text(json.dumps(profile))


def given(at: str) -> list[str]:
    return ["--vars", json.dumps({"as_of": at})]


# ------------------------------------------------------------------ a project with three policies


def make_tables(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """The tables of a warehouse: typed, and without the rows in which something is wrong."""
    con.execute("SET TimeZone = 'UTC'; CREATE SCHEMA crm; CREATE SCHEMA web; CREATE SCHEMA sales")
    for name in ("leads", "events"):
        con.execute(f"CREATE TEMP TABLE raw_{name} AS FROM read_csv('{INBOUND / name}.csv', all_varchar = true)")
    con.execute(
        "CREATE TABLE crm.leads AS SELECT * REPLACE (try_cast(employees AS DOUBLE) AS employees,"
        " try_cast(opted_in AS BOOLEAN) AS opted_in,"
        " try_cast(customer AS BOOLEAN) AS customer, try_cast(created_at AS TIMESTAMPTZ) AS created_at)"
        " FROM raw_leads WHERE lead_id IS NOT NULL QUALIFY count(*) OVER (PARTITION BY lead_id) = 1"
    )
    con.execute('CREATE TABLE crm.events AS SELECT * REPLACE (CAST("at" AS TIMESTAMPTZ) AS "at") FROM raw_events')
    con.execute(f'CREATE TABLE web."Our {{{{ People }}}}" AS {PEOPLE}; CREATE TABLE web.hits AS {HITS}')
    program = scorec.load(KEYWORDS).program
    con.execute("USE sales")
    fill(con, program, drawn(program, 40, 7)[0])
    for schema, name in TABLES:
        con.execute(f"COPY {schema}.\"{name}\" TO '{folder / schema}_{name.split()[-1]}.parquet' (FORMAT parquet)")


TABLES = [
    ("crm", "leads"),
    ("crm", "events"),
    ("web", "Our {{ People }}"),
    ("web", "hits"),
    ("sales", "leads"),
    ("sales", "events"),
]


@dataclass(frozen=True)
class Project:
    folder: Path
    outcomes: dict[str, Outcome]
    drawn_at: str
    """the instant as of which `keywords` is scored: its leads are random, and so are their events"""
    ran: tuple[datetime, datetime]

    def rows(self, query: str, database: str = "dev.duckdb") -> tuple[list[str], list[str]]:
        """The columns and the rows, in an order of their own."""
        with duckdb.connect(self.folder / database) as con:
            con.execute("SET TimeZone = 'UTC'")
            found = con.execute(query)
            return [one[0] for one in found.description], sorted(map(repr, found.fetchall()))

    def scored(self, policy: Path, leads: str, events: str, at: str, *accounts: str) -> None:
        """`scorec score` of the same rows, with the engine in Python."""
        tables = (f"{leads}.parquet", "--events", f"{events}.parquet")
        asked = ("--at", at, "--engine", "python", "--reasons", "-o", f"{policy.stem}.parquet", *accounts)
        ran = run(self.folder, "score", policy, *tables, *asked)
        assert ran.code == 0, ran.err


def written(folder: Path, policy: Path, dialect: str, leads: str, events: str) -> None:
    options = ("--dialect", dialect, "--reasons", "--leads-table", leads, "--events-table", events)
    ran = run(folder, "build", policy, "--target", "sql", *options, "--dbt", ".")
    assert ran.code == 0, ran.err


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Three policies in a project: tables that it is told of, and a model and a source of its own."""
    dbt_python()
    folder = tmp_path_factory.mktemp("warehouse")
    a_project(folder, {"type": "duckdb", "path": "dev.duckdb", "threads": 1})
    with duckdb.connect(folder / "dev.duckdb") as con:
        make_tables(con, folder)
    (folder / "awkward.score").write_text(AWKWARD, "utf-8")
    written(folder, INBOUND / "inbound.score", "duckdb", "dev.crm.leads", "crm.events")
    written(folder, folder / "awkward.score", "duckdb", 'web."Our {{ People }}"', "ref('hits_today')")
    written(folder, KEYWORDS, "duckdb", "source('sales', 'leads')", "sales.events")
    (folder / "models" / "hits_today.sql").write_text("SELECT * FROM web.hits")
    (folder / "models" / "own.yml").write_text(
        "version: 2\nsources:\n  - name: sales\n    tables:\n      - name: leads\n      - name: events\n"
    )
    at = f"{values.moment_of(drawn(scorec.load(KEYWORDS).program, 1, 7)[1]):%Y-%m-%dT%H:%M:%S.%f}Z"
    commands = {
        "parse": ["parse"],
        "build": ["build", *given(AT)],
        "drawn": ["build", "--select", "path:models/keywords*.sql", *given(at)],
        "now": ["compile"],
        **{moment: ["compile", "--select", "keywords", "--vars", f"{{as_of: {moment}}}"] for moment in MOMENTS},
        **{
            moment: ["compile", "--select", "keywords", *given(moment)] for moment in (*NO_INSTANTS, *AT_CHANGED_CLOCKS)
        },
        "docs": ["docs", "generate", *given(AT)],
    }
    began = datetime.now(timezone.utc)
    outcomes = dbt(folder, *commands.values())
    return Project(folder, dict(zip(commands, outcomes, strict=True)), at, (began, datetime.now(timezone.utc)))


MOMENTS = ['"2026-03-02"', "2026-07-02 09:30:00", '"2026-07-02T09:30:00.123456Z"', "2026-03-02 09:30:00+05:30"]
"""As they are written in YAML, which takes those without quotation marks for dates and times."""
NO_INSTANTS = ["yesterday", "2026-03-02' OR ''='"]
AT_CHANGED_CLOCKS = ["2026-03-29 02:30", "2026-10-25 02:30"]


def test_dbt_reads_the_project_without_a_warning(project: Project) -> None:
    assert [project.outcomes[name].error for name in ("parse", "build", "drawn", "now", "docs")] == [""] * 5


def test_every_model_is_made_and_every_test_passes(project: Project) -> None:
    build = project.outcomes["build"]
    policies = ("inbound", "awkward", "keywords")
    names = [f"{name}{what}" for name in policies for what in ("", "_accounts", "_rejected")]
    assert build.models == dict.fromkeys([*names, "hits_today"], "success")
    assert set(build.tests.values()) == {"pass"}
    assert {("inbound", "lead_id", "unique"), ("inbound", "fit", "scorec_within")} <= set(build.tests)
    assert {("awkward", "limit", "scorec_within"), ("awkward", "end", "accepted_values")} <= set(build.tests)
    assert {("keywords_accounts", "over", "accepted_values"), ("awkward", "order", "not_null")} <= set(build.tests)
    assert ("awkward", "user", "scorec_within") not in build.tests, "its range is not declared"


def test_the_rows_are_those_of_the_python_engine(project: Project) -> None:
    project.scored(INBOUND / "inbound.score", "crm_leads", "crm_events", AT, "--accounts", "accounts.parquet")
    assert project.rows("FROM inbound") == project.rows(f"FROM '{project.folder}/inbound.parquet'")
    assert len(project.rows("FROM inbound")[1]) > 150
    accounts = project.rows(f"FROM '{project.folder}/accounts.parquet'")
    assert project.rows("FROM inbound_accounts") == accounts and len(accounts[1]) > 10


def test_so_are_those_of_policies_with_awkward_names_and_texts(project: Project) -> None:
    project.scored(project.folder / "awkward.score", "web_}}", "web_hits", AT, "--accounts", "of_notes.parquet")
    assert project.rows("FROM awkward") == project.rows(f"FROM '{project.folder}/awkward.parquet'")
    assert project.rows("FROM awkward_accounts") == project.rows(f"FROM '{project.folder}/of_notes.parquet'")
    points = 'SELECT CAST("limit" AS INTEGER) FROM awkward ORDER BY "order"'
    with duckdb.connect(project.folder / "dev.duckdb") as con:
        assert [row[0] for row in con.execute(points).fetchall()] == [15, 6, 7, 6, 8, 8, 2]
    at = project.drawn_at
    project.scored(KEYWORDS, "sales_leads", "sales_events", at, "--accounts", "key_accounts.parquet")
    assert project.rows("FROM keywords") == project.rows(f"FROM '{project.folder}/keywords.parquet'")
    assert project.rows("FROM keywords_accounts") == project.rows(f"FROM '{project.folder}/key_accounts.parquet'")


def test_the_documentation_says_what_the_policy_says(project: Project) -> None:
    manifest, catalog = (json.loads((project.folder / "target" / f"{name}.json").read_text("utf-8")) for name in DOCS)
    node = manifest["nodes"]["model.warehouse.awkward"]
    assert node["description"].startswith("He said \"{{ var('x') }}\" {% if %} {# no #} \\ it's 50% }} %}. Policy")
    assert node["columns"]["limit"]["description"] == "{% docs limit %} 'x' \\n {{ doc('y') }}"
    for name in ("inbound", "inbound_accounts", "inbound_rejected", "awkward", "awkward_accounts", "keywords"):
        told = manifest["nodes"][f"model.warehouse.{name}"]["columns"]
        made = catalog["nodes"][f"model.warehouse.{name}"]["columns"]
        assert list(told) == list(made), "each column that there is, and no other"
    assert catalog["sources"]["source.warehouse.inbound__dev__crm.leads"]["metadata"]["schema"] == "crm"


DOCS = ("manifest", "catalog")


# ------------------------------------------------------------------ what is wrong is found


def test_each_test_fails_where_its_column_is_wrong(project: Project) -> None:
    """In a copy of the project, whose models are changed once they are made."""
    folder = shutil.copytree(project.folder, project.folder.parent / "wrong")
    with duckdb.connect(folder / "dev.duckdb") as con:
        con.execute("UPDATE inbound SET fit = 100.0001 WHERE lead_id = 'L0001'")
        con.execute("UPDATE inbound SET interest = -1, fit_grade = NULL WHERE lead_id = 'L0002'")
        con.execute("UPDATE inbound SET interest = NULL, next_step = 'Sales' WHERE lead_id = 'L0003'")
        con.execute("INSERT INTO inbound FROM inbound WHERE lead_id = 'L0004'")
        con.execute('UPDATE awkward SET "limit" = -6, "order" = NULL, "end" = \'2\' WHERE "order" = \'A\'')
        con.execute("UPDATE inbound_accounts SET heat_band = 'Calm', heat = 301")
    (outcome,) = dbt(folder, ["test", *given(AT)])
    assert {test for test, how in outcome.tests.items() if how != "pass"} == {
        ("inbound", "fit", "scorec_within"),
        ("inbound", "interest", "scorec_within"),
        ("inbound", "interest", "not_null"),
        ("inbound", "fit_grade", "not_null"),
        ("inbound", "next_step", "accepted_values"),
        ("inbound", "lead_id", "unique"),
        ("awkward", "limit", "scorec_within"),
        ("awkward", "order", "not_null"),
        ("awkward", "end", "accepted_values"),
        ("inbound_accounts", "heat_band", "accepted_values"),
        ("inbound_accounts", "heat", "scorec_within"),
    }


def test_a_table_is_not_replaced_by_a_model_of_its_name(tmp_path: Path) -> None:
    there = {"type": "duckdb", "path": "dev.duckdb", "threads": 1, "schema": "crm"}
    a_project(tmp_path, there, elsewhere=there | {"schema": "scores"})
    with duckdb.connect(tmp_path / "dev.duckdb") as con:
        con.execute("CREATE SCHEMA crm; CREATE TABLE crm.leads AS SELECT 'A' AS lead_id, 3 AS n")
        con.execute('CREATE TABLE crm.events (lead_id TEXT, event TEXT, "at" TIMESTAMPTZ)')
    (tmp_path / "leads.score").write_text(
        "policy leads\n  language 1\n\nlead by lead_id\n  n: number\n\nscore s\n  +1 a when n > 1\n"
    )
    written(tmp_path, tmp_path / "leads.score", "duckdb", "crm.leads", "crm.events")
    one = ["run", "--select", "leads"]
    refused, made = dbt(tmp_path, one, [*one, "--target", "elsewhere"])
    assert "the model leads would take the place of the table that it reads" in refused.error
    assert made.models == {"leads": "success"}
    with duckdb.connect(tmp_path / "dev.duckdb") as con:
        assert con.execute("FROM crm.leads").fetchall() == [("A", 3)]
        assert con.execute("SELECT lead_id, s FROM scores.leads").fetchall() == [("A", 1)]


# ------------------------------------------------------------------ the instant


def as_of(statement: str) -> int:
    """The instant in a statement, in microseconds since 1970."""
    (found,) = set(re.findall(r"CAST\('([0-9: .-]+\+00:00)' AS TIMESTAMPTZ\) AS \"as_of\"", statement))
    return values.instant(datetime.fromisoformat(found))


def test_the_instant_is_read_as_by_the_command(project: Project) -> None:
    """A date is its midnight in the policy's time zone, here that of Berlin."""
    policy = scorec.load(KEYWORDS)
    for moment in MOMENTS:
        found = as_of(project.outcomes[moment].statements["keywords"])
        assert found == policy.instant(moment.strip('"')), moment


def test_what_is_no_instant_is_refused(project: Project) -> None:
    """And what is none or two, because clocks are changed at that time."""
    for moment in NO_INSTANTS:
        assert f"as_of: `{moment}` is no instant" in project.outcomes[moment].error
    for moment in AT_CHANGED_CLOCKS:
        assert "clocks are changed then" in project.outcomes[moment].error


def test_all_models_of_a_run_have_one_instant(project: Project) -> None:
    """It is the time of the run, where none is given."""
    statements = project.outcomes["now"].statements
    (moment,) = {as_of(text) for name, text in statements.items() if name != "hits_today"}
    before, after = map(values.instant, project.ran)
    assert before <= moment <= after and len(statements) == 10


# ------------------------------------------------------------------ PostgreSQL


@pytest.fixture
def server() -> Iterator[dict[str, Any]]:
    """Where PostgreSQL is, and two schemas in it that are the test's own."""
    dbt_python()
    with postgres() as address:
        with psycopg.connect(address, autocommit=True) as con:
            for schema in SCHEMAS:
                con.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE; CREATE SCHEMA {schema}")
        yield dict(conninfo_to_dict(address))
        with psycopg.connect(address, autocommit=True) as con:
            for schema in SCHEMAS:
                con.execute(f"DROP SCHEMA {schema} CASCADE")


SCHEMAS = ("scorec_dbt_tables", "scorec_dbt_models")


@pytest.mark.postgres
def test_in_postgresql_too(server: dict[str, Any], tmp_path: Path) -> None:
    source, target = SCHEMAS
    login = {"host": "localhost", "port": 5432, "password": "none"} | server
    output = {"type": "postgres", "schema": target, "threads": 1, **login, "port": int(login["port"])}
    a_project(tmp_path, output)
    (tmp_path / "awkward.score").write_text(AWKWARD, "utf-8")
    with psycopg.connect(**server, autocommit=True) as con:
        people = PEOPLE.replace("['", "ARRAY['").replace("[]", "CAST(ARRAY[] AS TEXT[])")
        con.execute(f'CREATE TABLE {source}."Our People" AS {people}')
        con.execute(f"CREATE TABLE {source}.Hits AS {HITS}")
    # PostgreSQL makes small letters of a name without quotation marks.
    written(tmp_path, tmp_path / "awkward.score", "postgres", f'{source}."Our People"', f"{source}.Hits")
    outcomes = dbt(tmp_path, ["build", *given(AT)], ["docs", "generate", *given(AT)])
    assert [one.error for one in outcomes] == ["", ""]
    assert set(outcomes[0].tests.values()) == {"pass"} and len(outcomes[0].tests) == 12
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        for name, query in (("people", PEOPLE), ("hits", HITS)):
            con.execute(f"COPY ({query}) TO '{tmp_path / name}.parquet' (FORMAT parquet)")
    arguments = ("people.parquet", "--events", "hits.parquet", "--at", AT, "--engine", "python", "-o", "scored.parquet")
    ran = run(tmp_path, "score", "awkward.score", *arguments)
    assert ran.code == 0, ran.err
    wanted = duckdb.sql(f"SELECT {SHOWN} FROM '{tmp_path}/scored.parquet' ORDER BY \"order\"").fetchall()
    with psycopg.connect(**server) as con:
        assert con.execute(f'SELECT {SHOWN} FROM {target}.awkward ORDER BY "order"').fetchall() == wanted
    assert len(wanted) == 7


SHOWN = '"order", "limit", "user", "end", "table", completeness, policy, version, fingerprint'
