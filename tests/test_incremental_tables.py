"""`--previous`: only leads whose results may have changed are scored again, and the result is that of a full run."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from claims import case_of
from command_line import scorec
from strategies import Facts
from table_engines import InDuckDB, column, differences, ground_of, statement_of, tables_of
from test_sql_agreement import facts_around

from scorec.compiler.engines.python import load
from scorec.compiler.engines.sql.dialects import CannotSay
from scorec.compiler.engines.sql.lowering import lower_with_next_change
from scorec.dsl import ir, values

POLICY = """
policy trial
  language 1
  version 1.0.0
lead by lead_id
  employees: number
event view
event demo
score fit
  +30 large when employees >= 1000
score interest
  +10 views for each view in the last 7 days
  +40 demo for each demo, once
band readiness of interest
  hot >= 40
  cold otherwise
decide next_step
  sales when readiness is hot
  wait otherwise
gate size
  never sales unless employees >= 10
"""
LEADS = {"A": 5000, "B": 5, "C": 50, "D": 7000}
EVENTS = [("A", "view", "2026-03-01"), ("B", "demo", "2026-01-01"), ("C", "view", "2026-02-20")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "trial.score").write_text(POLICY)
    write(tmp_path, LEADS, EVENTS)
    return tmp_path


def write(folder: Path, leads: dict[str, Any], events: list[tuple[str, str, str]]) -> None:
    rows = "".join(f"{key},{employees}\n" for key, employees in leads.items())
    (folder / "leads.csv").write_text("lead_id,employees\n" + rows)
    (folder / "events.csv").write_text("lead_id,event,at\n" + "".join(",".join(row) + "\n" for row in events))


def run(folder: Path, at: str, out: str, *more: str) -> str:
    """What the summary says of leads that were scored again."""
    ran = scorec(folder, "score", "trial.score", "leads.csv", "--events", "events.csv", "--at", at, "-o", out, *more)
    assert ran.code == 0, ran.err
    return " ".join(line for line in " ".join(ran.err.split()).split("note: ")[1:]) or "nothing"


def same(folder: Path, at: str, out: str) -> None:
    """A result, but for what it carries for later runs, is that of a full run."""
    run(folder, at, "full.parquet", "--engine", "duckdb")
    with duckdb.connect() as con:
        shown = "* EXCLUDE (scorec_next_change, scorec_digest, scorec_gates)"
        found = con.execute(f"SELECT {shown} FROM '{folder / out}'").fetchall()
        assert found == con.execute(f"SELECT * FROM '{folder / 'full.parquet'}'").fetchall()


def test_nothing_has_changed(folder: Path) -> None:
    assert run(folder, "2026-03-02", "first.parquet", "--incremental") == "nothing"
    assert run(folder, "2026-03-02", "second.parquet", "--previous", "first.parquet").startswith("0 leads")
    same(folder, "2026-03-02", "second.parquet")


def test_time_goes_by(folder: Path) -> None:
    """The view of A leaves its window on the 8th of March; that of C has left it before."""
    run(folder, "2026-03-02", "first.parquet", "--incremental")
    assert run(folder, "2026-03-07", "second.parquet", "--previous", "first.parquet").startswith("0 leads")
    assert run(folder, "2026-03-08", "third.parquet", "--previous", "second.parquet").startswith("1 leads")
    same(folder, "2026-03-08", "third.parquet")


def test_new_events_late_events_new_leads_other_attributes_and_leads_that_are_gone(folder: Path) -> None:
    run(folder, "2026-03-02", "first.parquet", "--incremental")
    later = [*EVENTS, ("D", "view", "2026-03-03"), ("C", "demo", "2025-12-01"), ("Z", "view", "2026-03-03")]
    write(folder, {"B": 6, "C": 50, "D": 7000, "E": 1}, later)
    # B is another size, C has an old event that came late, D a new one, E is new.
    assert run(folder, "2026-03-04", "second.parquet", "--previous", "first.parquet").startswith("4 leads")
    same(folder, "2026-03-04", "second.parquet")


def test_the_summary_counts_all_leads(folder: Path) -> None:
    run(folder, "2026-03-02", "first.parquet", "--incremental")
    told = []
    for more in (["--previous", "first.parquet"], ["--engine", "duckdb"]):
        ran = scorec(
            folder,
            *("score", "trial.score", "leads.csv", "--events", "events.csv", "--at", "2026-03-03", "-o", "out.parquet"),
            *more,
        )
        told.append(ran.err.split("events")[0])
    assert told[0] == told[1]
    assert "barring size 1" in told[0]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("policy", "it was made with another policy or version"),
        ("instant", "it was made as of a later instant"),
        ("plain", "it has no column `scorec_digest`: it was not written with --incremental, or shows something else"),
    ],
)
def test_an_earlier_result_that_cannot_be_used(folder: Path, change: str, says: str) -> None:
    """Then all leads are scored, and the summary says why."""
    run(folder, "2026-03-02", "first.parquet", *(["--engine", "duckdb"] if change == "plain" else ["--incremental"]))
    at = "2026-03-01" if change == "instant" else "2026-03-03"
    if change == "policy":
        (folder / "trial.score").write_text(POLICY.replace("+30", "+31"))
    assert says in run(folder, at, "second.parquet", "--previous", "first.parquet")
    same(folder, at, "second.parquet")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["-o", "out.csv", "--incremental"], "an incremental run writes Parquet"),
        (["-o", "out.parquet", "--incremental", "--engine", "python"], "an incremental run needs DuckDB"),
        (["-o", "out.parquet", "--previous", "none.parquet"], "there is no file none.parquet"),
    ],
)
def test_wrong_usage(folder: Path, arguments: list[str], says: str) -> None:
    ran = scorec(folder, "score", "trial.score", "leads.csv", *arguments)
    assert ran.code == 2 and says in " ".join(ran.err.split())


# ------------------------------------------------------------------ when the results may change


def test_nothing_changes_before_the_next_change() -> None:
    """For random policies and leads, at ten instants up to the one that is announced."""
    database = InDuckDB()
    announced = 0
    for seed in range(12):
        case = case_of(seed)
        if case is None:
            continue
        facts = facts_around(case.program, seed)
        at = facts[0].at
        ground, _, _ = ground_of(case.program, database.dialect, at)
        try:
            lowered = lower_with_next_change(case.program, ground)
        except CannotSay:
            continue
        assert lowered.next_change is not None
        database.fill(tables_of(case.program, ground, facts))
        columns = [column(lowered.key), lowered.next_change]
        following = dict(database.rows(statement_of(lowered, columns, database.dialect)))
        for number, one in enumerate(facts):
            _nothing_changes(case.program, one, at, following[f"L{number}"], f"seed {seed}, lead {number}")
            announced += following[f"L{number}"] is not None
        # The statement gives the same results with the look ahead.
        assert not list(differences(case.program, database, facts, at, False))
    assert announced > 50


def _nothing_changes(program: ir.Program, one: Facts, at: int, following: int | None, where: str) -> None:
    engine = load(program)
    now = engine.evaluate(one.lead, one.events, at)
    last = at + 400 * values.DAY if following is None else following - 1
    assert last >= at, where
    moments = {at + (last - at) * part // 9 for part in range(10)} | {max(at, last - values.HOUR)}
    for moment in sorted(moments | {at + random.Random(at).randrange(last - at + 1)}):
        assert engine.evaluate(one.lead, one.events, moment) == replace(now), where
