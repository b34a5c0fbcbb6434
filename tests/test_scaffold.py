"""`scorec test --mutate --scaffold`: tests that would notice what no test notices."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from command_line import POLICY, scorec, write
from test_mutation import EXAMPLES, SMALL

from scorec.compiler.format import format_text
from scorec.compiler.mutation import Mutant
from scorec.compiler.policy import Policy, load, loads
from scorec.compiler.rerun import run_mutants
from scorec.compiler.scaffold import Scaffolds, scaffold
from scorec.compiler.testing import run_tests
from scorec.dsl.source import Source


def _scaffolds(policy: Policy) -> tuple[tuple[Mutant, ...], Scaffolds]:
    survivors = run_mutants(policy.program, policy.sources).survivors
    return survivors, scaffold(policy.program, survivors)


def _with_tests(text: str, made: Scaffolds, folder: Path | None = None) -> Policy:
    return loads(text + "\n" + "\n".join(one.text for one in made.tests), folder=folder)


@pytest.mark.parametrize("file", ["partner_bant", "plg_saas", "insurance_agency", "customer_upsell"])
def test_each_test_passes_on_the_policy_and_fails_on_its_mutant(file: str) -> None:
    path = EXAMPLES / f"{file}.score"
    _, made = _scaffolds(load(path))
    assert made.tests
    policy = _with_tests(path.read_text("utf-8"), made, EXAMPLES)
    run = run_tests(policy.program, policy.sources)
    assert not run.failed
    by_title = {test.title: test for test in policy.program.tests}
    for one in made.tests:
        title = next(title for title in by_title if f'"{title}"' in one.text.replace("\\", ""))
        mutated = replace(one.mutant.program, tests=(by_title[title],))
        assert run_tests(mutated, policy.sources).failed == 1, one.text


def test_afterwards_only_those_survive_for_which_no_lead_was_found() -> None:
    _, made = _scaffolds(loads(SMALL))
    policy = _with_tests(SMALL, made)
    survivors = {one.words.change for one in run_mutants(policy.program, policy.sources).survivors}
    assert survivors <= {one.words.change for one in made.without}
    assert len(made.without) < 10


def test_a_test_says_no_more_than_what_matters() -> None:
    _, made = _scaffolds(loads(SMALL))
    texts = [one.text for one in made.tests]
    title = "fit.big asks for employees >= 100, not employees >= 99"
    assert f'test "{title}"\n  at 2026-03-02\n  given employees 99\n  expect fit is 10\n' in texts
    for text in texts:
        assert text.count("expect") == 1


def test_a_window_is_tested_at_its_edge() -> None:
    _, made = _scaffolds(loads(SMALL))
    [text] = [one.text for one in made.tests if "looks back 14 days, not 13" in one.text]
    assert "  event page_view 13 days ago\n" in text


def test_a_lead_keeps_what_every_lead_has() -> None:
    policy = loads(SMALL.replace("job_title: text\n", "job_title: text required\n"))
    _, made = _scaffolds(policy)
    assert all("given job_title" in one.text for one in made.tests)


def test_tests_are_in_canonical_layout() -> None:
    _, made = _scaffolds(loads(SMALL))
    for one in made.tests:
        assert format_text(Source("t", one.text)) == one.text


def test_few_tests_notice_many_slips() -> None:
    survivors, made = _scaffolds(loads(SMALL))
    assert len(made.tests) < len(survivors) * 0.8


def test_the_same_tests_come_every_time() -> None:
    assert [one.text for one in _scaffolds(loads(SMALL))[1].tests] == [
        one.text for one in _scaffolds(loads(SMALL))[1].tests
    ]


# ------------------------------------------------------------------ the command


def test_tests_are_printed_and_the_policy_is_left_alone(tmp_path: Path) -> None:
    write(tmp_path, inbound_score=POLICY)
    ran = scorec(tmp_path, "test", ".", "--mutate", "--scaffold")
    assert ran.code == 0
    assert 'test "gate consent bars sales, nurture unless opted_in"\n' in ran.out
    assert (tmp_path / "inbound.score").read_text("utf-8") == POLICY


def test_written_tests_pass_and_notice_more(tmp_path: Path) -> None:
    write(tmp_path, inbound_score=POLICY)
    scorec(tmp_path, "fmt", "inbound.score")
    before = (tmp_path / "inbound.score").read_text("utf-8")
    ran = scorec(tmp_path, "test", ".", "--mutate", "--scaffold", "--write")
    assert "tests appended" in ran.out
    assert (tmp_path / "inbound.score").read_text("utf-8").startswith(before)
    assert scorec(tmp_path, "test", ".").code == 0
    assert scorec(tmp_path, "fmt", "--check", "inbound.score").code == 0
    assert scorec(tmp_path, "test", ".", "--mutate", "--fail-under", "90").code == 0


def test_nothing_is_written_without_being_asked(tmp_path: Path) -> None:
    write(tmp_path, inbound_score=POLICY)
    assert scorec(tmp_path, "test", ".", "--mutate", "--write").code == 2
    assert (tmp_path / "inbound.score").read_text("utf-8") == POLICY
