"""Apache Spark: the same results as everywhere, as a DataFrame that Spark computes when it is asked for."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from command_line import scorec as run_scorec
from servers import needs_spark
from table_engines import InSpark
from test_sql_agreement import compared

import scorec
from scorec.compiler.engines.sql.dialects import dialect_named
from scorec.compiler.engines.sql.self_test import statement
from scorec.compiler.sql_text import Tables, rejected_sql
from scorec.compiler.tables import TableError

pytestmark = pytest.mark.spark

EXAMPLE = Path(__file__).parent.parent / "examples" / "saas_inbound"
AT = "2026-03-02"


@pytest.fixture(scope="module")
def spark() -> Iterator[InSpark]:
    needs_spark()
    database = InSpark()
    yield database
    database.close()


@pytest.fixture
def policy() -> scorec.Policy:
    return scorec.load(EXAMPLE / "inbound.score")


@pytest.fixture
def tables(tmp_path: Path) -> tuple[Path, Path]:
    """The example's tables as a warehouse holds them: typed, and without the rows in which something is wrong."""
    leads, events = tmp_path / "leads.parquet", tmp_path / "events.parquet"
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        con.execute(
            "COPY (SELECT * REPLACE (try_cast(employees AS DOUBLE) AS employees,"
            " try_cast(opted_in AS BOOLEAN) AS opted_in,"
            " try_cast(customer AS BOOLEAN) AS customer, try_cast(created_at AS TIMESTAMPTZ) AS created_at)"
            f" FROM read_csv('{EXAMPLE / 'leads.csv'}', all_varchar = true) WHERE lead_id IS NOT NULL"
            f" QUALIFY count(*) OVER (PARTITION BY lead_id) = 1) TO '{leads}' (FORMAT parquet)"
        )
        con.execute(
            'COPY (SELECT * REPLACE (CAST("at" AS TIMESTAMPTZ) AS "at")'
            f" FROM read_csv('{EXAMPLE / 'events.csv'}', all_varchar = true)) TO '{events}' (FORMAT parquet)"
        )
    return leads, events


def test_a_frame_of_leads_and_one_of_events(spark: InSpark, policy: scorec.Policy, tables: tuple[Path, Path]) -> None:
    leads, events = (spark.session.read.parquet(str(path)) for path in tables)
    scored = policy.to_spark(leads, events, at=AT, reasons=True)
    wanted = policy.score_table(*tables, at=AT, reasons=True)
    assert scored.columns == wanted.column_names
    rows = {row["lead_id"]: row.asDict(recursive=True) for row in scored.collect()}
    assert len(rows) == wanted.num_rows > 150
    for row in wanted.drop_columns("as_of").to_pylist():
        found = rows[row["lead_id"]]
        found["reasons"], meant = (
            [(line["rule"], line["points"]) for line in lines] for lines in (found["reasons"], row.pop("reasons"))
        )
        assert found["reasons"] == meant
        assert {name: found[name] for name in row} == row


def test_leads_without_events_and_columns_that_a_frame_has_not(spark: InSpark) -> None:
    policy = scorec.loads(OF_EVERY_KIND)
    leads = spark.session.createDataFrame([("A", 5000.0)], "lead_id string, size double")
    (row,) = policy.to_spark(leads, at=AT).collect()
    assert (row["s"], row["views"], row["completeness"]) == (2, 0, Decimal("0.1111"))


def test_rows_that_are_not_scored_are_counted(spark: InSpark, policy: scorec.Policy) -> None:
    rows = [("A", "US", "a@b.example"), ("B", "US", "b@b.example"), ("B", "US", "b@b.example")]
    rows += [(None, "US", "c@b.example"), ("C", "Atlantis", "c@b.example"), ("D", "US", " ")]
    leads = spark.session.createDataFrame(rows, "lead_id string, country string, email string")
    assert [row["lead_id"] for row in policy.to_spark(leads, at=AT).collect()] == ["A"]
    refused = {row["refused_because"]: row["how_many"] for row in policy.to_spark_rejected(leads, at=AT).collect()}
    assert refused == {
        "the key stands in several rows": 2,
        "the row has no key": 1,
        "`country` is none of the values that are declared": 1,
        "`email` is required and is missing": 1,
    }


def test_texts_of_a_policy_are_not_settings_of_spark(spark: InSpark) -> None:
    """Spark looks for `${...}` in statements, unless it is told not to; and it is told what it was told before."""
    policy = scorec.loads(
        "policy p\n  language 1\nlead by lead_id\n  note: text\nscore s\n"
        '  +1 r when note is "${spark.app.name} \';--"\n'
    )
    leads = spark.session.createDataFrame([("A", "${spark.app.name} ';--")], "lead_id string, note string")
    spark.session.conf.set("spark.sql.variable.substitute", "true")
    try:
        (row,) = policy.to_spark(leads, at=AT).collect()
        assert spark.session.conf.get("spark.sql.variable.substitute") == "true"
    finally:
        spark.session.conf.set("spark.sql.variable.substitute", "false")
    assert row["s"] == 1


@pytest.mark.parametrize(("zone", "ansi"), [("America/Havana", "true"), ("Asia/Kolkata", "false")])
def test_the_self_test_is_right_in_every_session(spark: InSpark, zone: str, ansi: str) -> None:
    with spark.settings({"spark.sql.session.timeZone": zone, "spark.sql.ansi.enabled": ansi}):
        found = spark.session.sql(statement(dialect_named("spark"), "America/Havana")).collect()
    assert len(found) > 50
    assert [row for row in found if row["wrong"] != 0] == []


@pytest.mark.parametrize("ansi", ["true", "false"])
def test_columns_of_every_kind_are_read_as_in_duckdb(spark: InSpark, tmp_path: Path, ansi: str) -> None:
    """With blanks, NaN, integers for numbers, lists with holes, and instants at which clocks are changed."""
    policy = scorec.loads(OF_EVERY_KIND)
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        for name, query in (("leads", MANY_LEADS), ("events", MANY_EVENTS)):
            con.execute(f"CREATE TABLE {name} AS {query}")
            con.execute(f"COPY {name} TO '{tmp_path / name}.parquet' (FORMAT parquet)")
        wanted = con.sql(policy.to_sql("duckdb", at=AT, reasons=True)).to_arrow_table().to_pylist()
        refused = con.execute(rejected_sql(policy, "duckdb", Tables(at=policy.instant(AT)))).fetchall()
    with spark.settings({"spark.sql.ansi.enabled": ansi}):
        leads, events = (spark.session.read.parquet(f"{tmp_path / name}.parquet") for name in ("leads", "events"))
        assert (dict(leads.dtypes)["since"], dict(leads.dtypes)["seen"]) == ("timestamp_ntz", "timestamp")
        found = policy.to_spark(leads, events, at=AT, reasons=True).collect()
        counted = policy.to_spark_rejected(leads, events, at=AT).collect()
    assert len(found) == 5
    by_key = {row["lead_id"]: row.asDict(recursive=True) for row in found}
    for row in wanted:
        # Instants come without a zone, in the clocks of this machine.
        assert by_key[row["lead_id"]] | {"as_of": None} == row | {"as_of": None}
    assert sorted(tuple(row) for row in counted) == sorted(refused)


OF_EVERY_KIND = """
policy kinds
  language 1
  timezone "America/New_York"
lead by lead_id
  note: text
  size: number
  staff: number
  opted_in: yes/no
  born: date
  since: time
  seen: time
  tags: list of text
  country: one of ("US", "Großbritannien")
event view
  seconds: number
score s
  +1 noted when note is known
  +2 large when size > 1
  +4 staffed when staff >= 3
  +8 asked when opted_in
  +16 old when days since born >= 20000
  +32 lately when hours since since < 30
  +64 there when hours since seen < 30
  +128 tagged when tags has "b"
  +256 near when country is "Großbritannien"
score views
  +1 each for each view in the last 24 hours where seconds > 1
"""

MANY_LEADS = """SELECT * FROM (VALUES
  (' A ', ' x ', 2.5::FLOAT, 3::SMALLINT, true, DATE '1950-03-08', TIMESTAMP '2026-03-01 00:30:00',
   TIMESTAMPTZ '2026-03-01 00:30:00+00', ['a', NULL, ' B '], 'us'),
  ('B', E' \\t\\r\\n', 'NaN', NULL, false, NULL, TIMESTAMP '2026-02-28 22:59:59.999999',
   TIMESTAMPTZ '2026-02-28 22:59:59.999999+00', [], ' GROSSBRITANNIEN '),
  ('C', chr(160), 'inf', 2, NULL, DATE '1971-05-27', NULL, NULL, NULL, ' '),
  ('D', '', -0.0, 4, true, DATE '1971-05-30', TIMESTAMP '2026-03-08 02:30:00',
   TIMESTAMPTZ '2026-03-08 02:30:00+00', [' '], 'großBRITANNIEN'),
  ('E', 'y', 1.0, 3, false, DATE '0001-01-01', TIMESTAMP '0001-01-01 12:00:00',
   TIMESTAMPTZ '9999-12-31 00:00:00+00', ['b', 'b'], NULL),
  (' G', 'y', 1.0, 3, false, DATE '0001-01-02', NULL, NULL, NULL, NULL),
  ('H', 'y', 1.0, 3, false, DATE '12000-01-01', NULL, NULL, NULL, NULL),
  ('F', 'y', 1.0, 3, false, NULL, NULL, NULL, NULL, NULL),
  ('F ', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL), (NULL, 'z', 1, 1, true, NULL, NULL, NULL, [], 'US')
) AS v(lead_id, note, size, staff, opted_in, born, since, seen, tags, country)"""

MANY_EVENTS = """SELECT * FROM (VALUES
  ('A', 'view', TIMESTAMP '2026-03-01 05:00:00', 2::DECIMAL(9, 3)),
  ('A ', ' view ', TIMESTAMP '2026-03-01 05:00:01', 2),
  ('A', 'view', TIMESTAMP '2026-03-01 04:59:59.999999', 2), ('A', 'view', TIMESTAMP '2026-03-02 05:00:00', 1.001),
  ('A', 'view', TIMESTAMP '2026-03-02 05:00:00.000001', 2), ('B', 'view', TIMESTAMP '2026-03-02 02:30:00', 1),
  ('B', 'view', NULL, 2), (NULL, 'view', TIMESTAMP '2026-03-02 02:30:00', 2), ('B', 'look', NULL, NULL)
) AS v(lead_id, event, "at", seconds)"""


def test_the_command_line(spark: InSpark, tables: tuple[Path, Path], tmp_path: Path) -> None:
    """`--engine spark` uses the session that there is, and writes a folder of Parquet files."""
    out = tmp_path / "scored"
    arguments = (EXAMPLE / "inbound.score", tables[0], "--events", tables[1], "--at", AT, "-o", out)
    ran = run_scorec(tmp_path, "score", *arguments, "--engine", "spark")
    assert ran.code == 0, ran.err
    assert "not used: 1 event, because the policy declares no event of this name" in " ".join(ran.err.split())
    wanted = scorec.load(EXAMPLE / "inbound.score").score_table(*tables, at=AT)
    assert spark.session.read.parquet(str(out)).count() == wanted.num_rows
    ran = run_scorec(tmp_path, "score", EXAMPLE / "inbound.score", "none.parquet", "-o", "x", "--engine", "spark")
    assert ran.code == 2 and "none.parquet" in ran.err


def test_what_is_no_frame_is_refused(policy: scorec.Policy) -> None:
    with pytest.raises(TableError, match="the leads are no Spark DataFrame: list"):
        policy.to_spark([{"lead_id": "A"}])


def test_spark_agrees(spark: Any) -> None:
    """Random policies, in a session whose clocks are those of New York."""
    assert compared(spark, range(2)).pairs >= 40


@pytest.mark.deep
def test_spark_agrees_without_ansi_mode(spark: InSpark) -> None:
    with spark.settings({"spark.sql.ansi.enabled": "false", "spark.sql.session.timeZone": "Asia/Kolkata"}):
        assert compared(spark, range(2, 4)).pairs >= 40


@pytest.mark.deep
def test_spark_connect_gives_the_same() -> None:
    """A session that reads statements on a server, and only when they run: as in Databricks. A process of its own has
    it, for there may be no other session beside it."""
    pytest.importorskip("grpc_status", reason="Spark Connect is not installed (pip install 'pyspark[connect]')")
    ran = subprocess.run([sys.executable, "-c", REMOTE, VISITS], capture_output=True, text=True, timeout=300)
    assert ran.stdout.split() == ["connect", "4.0000", "1.0000", "1"], ran.stderr[-2000:]


VISITS = """
policy p
  language 1
lead by lead_id
  note: text
event visit
score s
  +1 r when note is "${spark.app.name} {x} frame_of_leads"
  +3 each for each visit in the last 1 day
"""

REMOTE = """
import sys
from pyspark.sql import SparkSession
import scorec
session = SparkSession.builder.remote("local[1]").config("spark.sql.session.timeZone", "Asia/Kolkata").getOrCreate()
print("connect" if ".connect." in type(session).__module__ else "classic")
policy = scorec.loads(sys.argv[1])
leads = session.createDataFrame([("A", "${spark.app.name} {x} frame_of_leads")], "lead_id string, note string")
events = session.sql("SELECT 'A' AS lead_id, 'visit' AS event, TIMESTAMP_NTZ'2026-03-01 00:00:00.000001' AS at"
                     " UNION ALL SELECT 'A', 'visit', TIMESTAMP_NTZ'2026-03-02 00:00:00.000001'")
for frame in (policy.to_spark(leads, events, at="2026-03-02"), policy.to_spark(leads, at="2026-03-02")):
    print(frame.collect()[0]["s"])
print(policy.to_spark_rejected(leads, events, at="2026-03-02").collect()[0]["how_many"])
session.stop()
"""


@pytest.mark.deep
def test_spark_agrees_deeply(spark: Any) -> None:
    """SCOREC_EXAMPLES policies (260), each with twenty leads."""
    first, how_many = int(os.environ.get("SCOREC_SEED", "5000000")), int(os.environ.get("SCOREC_EXAMPLES", "260"))
    tried = compared(spark, range(first, first + how_many))
    print(tried)
    assert tried.refused <= how_many // 10
