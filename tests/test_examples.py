"""The policies in `examples/`: each is checked, formatted, tested, and says where its numbers come from. Those in
`tests/data`, which are held against real data elsewhere, are checked and formatted like them."""

from __future__ import annotations

import csv
import importlib.util
from collections import Counter
from datetime import datetime, timezone
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from click.testing import CliRunner
from shared_data import ROOT

import scorec
from scorec.cli import commands
from scorec.compiler import testing
from scorec.compiler.batch import EventFile, Rejected, Summary, read_events, read_leads
from scorec.compiler.format import format_text
from scorec.dsl import ir, semantics
from scorec.dsl.source import Source
from scorec.dsl.values import instant

EXAMPLES = ROOT / "examples"
POLICIES = sorted(EXAMPLES.rglob("*.score"))
OF_THE_TESTS = sorted((ROOT / "tests" / "data").glob("*.score"))
INBOUND = EXAMPLES / "saas_inbound" / "inbound.score"


def names(paths: list[Path]) -> list[str]:
    return [path.relative_to(ROOT).with_suffix("").as_posix() for path in paths]


every_example = pytest.mark.parametrize("path", POLICIES, ids=names(POLICIES))
every_policy = pytest.mark.parametrize("path", [*POLICIES, *OF_THE_TESTS], ids=names([*POLICIES, *OF_THE_TESTS]))


@cache
def policy(path: Path) -> scorec.Policy:
    return scorec.load(path)


@cache
def run_of(path: Path) -> testing.TestRun:
    return testing.run_tests(policy(path).program, policy(path).sources)


def test_there_are_examples_from_at_least_eight_industries() -> None:
    assert INBOUND in POLICIES
    assert len(POLICIES) >= 8


@every_policy
def test_a_policy_has_no_finding(path: Path) -> None:
    assert [problem.message() for problem in policy(path).problems] == []


@every_policy
def test_a_policy_is_laid_out_canonically(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert format_text(Source(path.name, text)) == text


@every_policy
def test_a_policy_s_tests_pass(path: Path) -> None:
    run = run_of(path)
    assert run.results
    assert [(result.title, result.failures) for result in run.results if result.failures] == []
    assert run.broken == ()


@every_example
def test_an_example_says_where_its_numbers_come_from_and_who_owns_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    comment = text[: text.index("policy ")]
    assert all(line.startswith("#") for line in comment.splitlines())
    assert len(comment.split()) >= 15
    program = policy(path).program
    assert program.version and program.owner.endswith(".example")


@every_example
def test_an_example_tests_each_gate_both_ways_and_reaches_each_band(path: Path) -> None:
    run = run_of(path)
    assert len(run.results) >= 3
    kinds = ("gate never seen barring", "gate never seen letting pass", "band never reached")
    assert [(one.what, one.name) for one in run.coverage.untouched if one.what in kinds] == []
    assert policy(path).program.gates, "an example shows how contact is kept to those who agreed to it"


@every_example
def test_an_outcome_that_reaches_a_person_says_what_happens(path: Path) -> None:
    assert any(outcome.label for outcome in policy(path).program.outcomes)


# ------------------------------------------------------------------ the main example's data


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", EXAMPLES / "generate.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_generator_reproduces_the_committed_files_byte_for_byte(tmp_path: Path) -> None:
    made = generator()
    leads, events = made.generate()
    for name, columns, rows in (("leads.csv", made.LEAD_COLUMNS, leads), ("events.csv", made.EVENT_COLUMNS, events)):
        made.write(tmp_path / name, columns, rows)
        assert (tmp_path / name).read_bytes() == (INBOUND.parent / name).read_bytes()


def test_the_main_example_scores_every_lead_that_can_be_read(tmp_path: Path) -> None:
    """Four rows are wrong on purpose: they are named, and nothing else is lost."""
    out = tmp_path / "scores.csv"
    leads, events = INBOUND.parent / "leads.csv", INBOUND.parent / "events.csv"
    command = ["score", str(INBOUND), str(leads), "--events", str(events), "--at", "2026-03-02", "-o", str(out)]
    run = CliRunner().invoke(commands, command)
    assert run.exit_code == 0
    rows = {row["lead_id"]: row for row in rows_of(out)}
    assert len(rows) == 196
    rejected = [(row["row"], row["column"], row["value"]) for row in rows_of(tmp_path / "scores.csv.rejected.csv")]
    assert rejected == [
        ("42", "employees", "about 200"),
        ("92", "lead_id", "L0090"),
        ("142", "lead_id", ""),
        ("172", "created_at", "2026-02-30T10:00:00Z"),
    ]
    assert Counter(row["next_step"] for row in rows.values()) == {
        "recycle": 123,
        "sales": 27,
        "nurture": 24,
        "account_manager": 13,
        "research": 9,
    }
    students = [
        row for row in rows_of(leads) if row["job_title"].strip().lower() == "student" and row["lead_id"] in rows
    ]
    assert len(students) >= 5
    assert {rows[student["lead_id"]]["next_step"] for student in students}.isdisjoint({"sales"})
    # Every row says which policy made it, so that next year nobody has to guess.
    assert {(row["policy"], row["version"]) for row in rows.values()} == {("inbound", "1.2.0")}


def rows_of(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


# ------------------------------------------------------------------ the reference says the same


@every_policy
def test_the_engine_and_the_reference_agree_on_a_policy_s_tests(path: Path) -> None:
    program, engine = policy(path).program, policy(path).engine
    for test in program.tests:
        lead, events, at = testing.facts_of(program, test)
        assert engine.evaluate_with_reasons(lead, events, at) == semantics.evaluate(program, lead, test.events, at)


def test_the_engine_and_the_reference_agree_on_the_main_example_s_leads_and_accounts() -> None:
    inbound = policy(INBOUND)
    now = instant(datetime(2026, 3, 2, tzinfo=timezone.utc))
    summary, rejected = Summary(), list[Rejected]()
    log = read_events(inbound, [EventFile(INBOUND.parent / "events.csv")], now, summary, rejected.append, unwatched)
    leads = [
        (lead, events)
        for _, lead, events in read_leads(
            inbound, INBOUND.parent / "leads.csv", log, summary, rejected.append, unwatched
        )
    ]
    assert len(leads) == 196
    for lead, events in leads:
        found = inbound.engine.evaluate_with_reasons(lead, events, now)
        assert found == semantics.evaluate(inbound.program, lead, happenings(events), now)
    accounts = semantics.evaluate_accounts(inbound.program, [(lead, happenings(events)) for lead, events in leads], now)
    assert len(accounts) >= 10
    assert tuple(inbound.engine.accounts(leads, now)) == accounts


def happenings(events: list[dict[str, Any]]) -> list[ir.Happening]:
    """Clean events as the reference takes them."""
    about = ("event", "at")
    return [
        ir.Happening(event["event"], event["at"], tuple((name, event[name]) for name in event if name not in about))
        for event in events
    ]


def unwatched(table: object, rows: int) -> None:
    """Nobody looks at the progress."""
