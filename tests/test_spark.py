"""Apache Spark: the same results as everywhere, as a DataFrame that Spark computes when it is asked for."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from command_line import scorec as run_scorec
from table_engines import InSpark
from test_sql_agreement import compared

import scorec
from scorec.compiler.tables import TableError

pytestmark = pytest.mark.spark

EXAMPLE = Path(__file__).parent.parent / "examples" / "saas_inbound"
AT = "2026-03-02"


@pytest.fixture(scope="module")
def spark() -> Iterator[InSpark]:
    pytest.importorskip("pyspark", reason="pyspark is not installed (pip install 'scorec[spark]')")
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        pytest.skip("Spark needs Java, and there is none")
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
    scored = policy.to_spark(leads, events, at=AT)
    wanted = policy.score_table(*tables, at=AT)
    assert scored.columns == wanted.column_names
    rows = {row["lead_id"]: row.asDict() for row in scored.collect()}
    assert len(rows) == wanted.num_rows > 150
    for row in wanted.drop_columns("as_of").to_pylist():
        found = rows[row["lead_id"]]
        assert {name: found[name] for name in row} == row


def test_reasons_are_a_list(spark: InSpark, policy: scorec.Policy, tables: tuple[Path, Path]) -> None:
    leads, events = (spark.session.read.parquet(str(path)) for path in tables)
    scored = policy.to_spark(leads, events, at=AT, reasons=True).select("lead_id", "reasons").collect()
    found = {row["lead_id"]: [(line["rule"], line["points"]) for line in row["reasons"]] for row in scored}
    for row in policy.score_table(*tables, at=AT, reasons=True).to_pylist():
        assert found[row["lead_id"]] == [(line["rule"], line["points"]) for line in row["reasons"]]


def test_leads_without_events_and_columns_that_a_frame_has_not(spark: InSpark, policy: scorec.Policy) -> None:
    leads = spark.session.createDataFrame(
        [("A", "a@b.example", 5000.0)], "lead_id string, email string, employees double"
    )
    (row,) = policy.to_spark(leads, at=AT).collect()
    known = {"lead_id": "A", "email": "a@b.example", "employees": 5000.0}
    (wanted,) = policy.score_table([known], at=AT).to_pylist()
    assert (row["fit"], row["readiness"]) == (wanted["fit"], wanted["readiness"])


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
def test_spark_agrees_deeply(spark: Any) -> None:
    """SCOREC_EXAMPLES policies (260), each with twenty leads."""
    first, how_many = int(os.environ.get("SCOREC_SEED", "5000000")), int(os.environ.get("SCOREC_EXAMPLES", "260"))
    tried = compared(spark, range(first, first + how_many))
    print(tried)
    assert tried.refused <= how_many // 10
