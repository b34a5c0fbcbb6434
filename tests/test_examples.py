"""The policies in `examples/`: each is checked, formatted, tested, and says where its numbers come from."""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest
from shared_data import ROOT

import scorec
from scorec.compiler import testing

EXAMPLES = ROOT / "examples"
POLICIES = sorted(EXAMPLES.rglob("*.score"))
INBOUND = EXAMPLES / "saas_inbound" / "inbound.score"

every_example = pytest.mark.parametrize(
    "path", POLICIES, ids=[path.relative_to(EXAMPLES).with_suffix("").as_posix() for path in POLICIES]
)


@cache
def policy(path: Path) -> scorec.Policy:
    return scorec.load(path)


@cache
def run_of(path: Path) -> testing.TestRun:
    return testing.run_tests(policy(path).program, policy(path).sources)


def test_there_are_examples_from_at_least_eight_industries() -> None:
    assert INBOUND in POLICIES
    assert len(POLICIES) >= 8


@every_example
def test_an_example_has_no_finding(path: Path) -> None:
    assert [problem.message() for problem in policy(path).problems] == []


@every_example
def test_an_example_says_where_its_numbers_come_from_and_who_owns_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    comment = text[: text.index("policy ")]
    assert all(line.startswith("#") for line in comment.splitlines())
    assert len(comment.split()) >= 15
    program = policy(path).program
    assert program.version and program.owner.endswith(".example")


@every_example
def test_the_tests_of_an_example_pass(path: Path) -> None:
    run = run_of(path)
    assert len(run.results) >= 3
    assert [(result.title, result.failures) for result in run.results if result.failures] == []
    assert run.broken == ()


@every_example
def test_an_example_tests_each_gate_both_ways_and_reaches_each_band(path: Path) -> None:
    run = run_of(path)
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
