"""`scorec test --mutate`: which slips of the pen would no test notice?"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import POLICY, line_of, scorec, write

from scorec.compiler.mutation import Mutant, Weight, mutants, worst_first
from scorec.compiler.policy import Policy, load, loads
from scorec.compiler.rerun import noticed_by, prepare, run_mutants
from scorec.compiler.testing import run_tests

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"

SMALL = """\
policy small
  language 1

lead by lead_id
  job_title: text
  employees: number
  opted_in: yes/no
  country: one of ("US", "GB", "FR")

event page_view
  url: text

define student = job_title has word "student"

score fit from 0 to 100
  start at 10
  +30 big when employees >= 100
  -20 student when student
  +15 home when country in ("US", "GB")
  group web at most 30 points
    +5 views for each page_view in the last 14 days, at most 3 times, halving every 7 days
  +5 free when employees is missing, until 2026-06-30
  cap 50 when country is missing

band grade of fit
  good >= 40
  fair >= 20
  poor otherwise

decide step
  sales when grade is good
  mail when grade is fair
  wait otherwise

gate students
  never sales, mail when student
gate consent
  never mail unless opted_in
"""


def _changes(policy: Policy) -> list[str]:
    return [mutant.words.change for mutant in mutants(policy.program, policy.sources)]


SMALL_CHANGES = [
    "`fit.student` takes off 10 points instead of 20",
    "`fit.student` gives 20 points instead of taking them off",
    "`fit.big` asks for `employees > 100` instead of `employees >= 100`",
    "`fit.big` asks for `employees >= 101` instead of `employees >= 100`",
    "`fit.big` asks for `employees >= 99` instead of `employees >= 100`",
    '`fit.home` no longer finds `gb` in `country in ("US", "GB")`',
    "`fit.views` looks back 13 days instead of 14 days",
    "`fit.views` counts at most 4 instead of 3 times",
    "`fit.views` keeps all its points instead of halving every 7 days",
    "`fit.views` decays by halving every 8 days instead of halving every 7 days",
    "`fit.free` counts until 2026-07-01 instead of 2026-06-30",
    "`fit.web` gives at most 40 instead of 30 points",
    "`fit` starts at 5 instead of 10",
    "`fit` goes up to 90 instead of 100",
    "`fit` goes on without `cap 50 when country is missing`",
    "`fit` has a cap of 60 instead of 50",
    "`grade` is good from 41 instead of 40",
    "`grade` is good from 39 instead of 40",
    "`grade` is never `fair`: such leads are `poor`",
    "`step` has no row `sales when grade is good`",
    "`step` gives `mail` instead of `sales` in the row `sales when grade is good`",
    "gate `students` is gone",
    "gate `students` no longer bars `mail` when `student`",
    "gate `consent` bars `mail` when `opted_in` instead of unless",
    "gate `consent` lets a lead pass for whom `opted_in` is not known",
]


@pytest.mark.parametrize("change", SMALL_CHANGES)
def test_a_slip_is_told_in_the_words_of_the_author(change: str) -> None:
    assert change in _changes(loads(SMALL))


def test_whole_numbers_are_not_changed_twice_to_the_same() -> None:
    """`count of page_view > 3` is `>= 4`, so that one of the two is enough."""
    counted = SMALL.replace("employees >= 100", "count of page_view >= 3")
    found = [change for change in _changes(loads(counted)) if "`fit.big` asks for" in change]
    assert found == [
        "`fit.big` asks for `count of page_view >= 4` instead of `count of page_view >= 3`",
        "`fit.big` asks for `count of page_view >= 2` instead of `count of page_view >= 3`",
    ]


def test_what_stands_in_a_library_is_left_alone() -> None:
    text = SMALL.replace("language 1\n", "language 1\n\nuse std.titles\n").replace(
        'job_title has word "student"', "titles.is_student(job_title)"
    )
    policy = loads(text)
    found = mutants(policy.program, policy.sources)
    assert {mutant.span.source for mutant in found} == {"policy.score"}
    assert not [mutant for mutant in found if "has word" in mutant.words.change]


def test_gates_and_outcomes_come_first_then_bands_then_many_points() -> None:
    policy = loads(SMALL)
    found = worst_first(mutants(policy.program, policy.sources))
    weights = [mutant.weight for mutant in found]
    assert weights == sorted(weights)
    points = [mutant.part for mutant in found if mutant.weight is Weight.POINTS]
    assert points[0] == "fit.big"
    assert points.index("fit.student") < points.index("fit.home") < points.index("fit.views")


def test_every_mutant_is_another_program() -> None:
    policy = loads(SMALL)
    for mutant in mutants(policy.program, policy.sources):
        assert mutant.program != policy.program, mutant.words.change


# ------------------------------------------------------------------ who notices


def _fails(mutant: Mutant, policy: Policy) -> bool:
    """The slow way: all tests of the whole mutant."""
    run = run_tests(mutant.program, policy.sources)
    return bool(run.failed or run.broken)


@pytest.mark.parametrize("file", ["customer_upsell", "buying_group", "plg_saas", "bank_loan", "saas_inbound/inbound"])
def test_the_short_way_notices_what_the_whole_tests_notice(file: str) -> None:
    policy = load(EXAMPLES / f"{file}.score")
    rerun = prepare(policy.program)
    found = mutants(policy.program, policy.sources)[::7]
    wrong = [one.words.change for one in found if (noticed_by(rerun, one) is not None) is not _fails(one, policy)]
    assert not wrong


def test_a_band_that_a_rule_reads_is_followed_into_the_score() -> None:
    text = SMALL.replace(
        "band grade of fit",
        "score total = fit\n\nscore second\n  +10 graded when grade is good\n\nband grade of fit",
    )
    text += (
        '\ntest "graded"\n  at 2026-03-02\n  given employees 100, country "US"\n  expect second is 10 and total is 55\n'
    )
    policy = loads(text)
    run = run_mutants(policy.program, policy.sources)
    survivors = {mutant.words.change for mutant in run.survivors}
    assert "`grade` is never `good`: such leads are `fair`" not in survivors
    assert "`grade` is good from 41 instead of 40" in survivors


def test_a_score_as_it_was_a_week_ago_is_followed_too() -> None:
    text = SMALL.replace("band grade of fit", "score rise = fit - fit 7 days ago\n\nband grade of fit")
    text += '\ntest "rises"\n  at 2026-03-02\n  given country "FR"\n  event page_view 10 days ago\n  expect rise < 0\n'
    policy = loads(text)
    survivors = {mutant.words.change for mutant in run_mutants(policy.program, policy.sources).survivors}
    assert "`fit.views` takes off 5 points instead of giving them" not in survivors
    assert "`fit.views` counts at most 4 instead of 3 times" in survivors


def test_a_promise_notices_too() -> None:
    text = (
        SMALL
        + '\ntest "kim"\n  at 2026-03-02\n'
        + '  given job_title "student", opted_in yes\n  given employees 500, country "US"\n  expect fit is 35\n'
    )
    gone = "gate `students` is gone"
    policy = loads(text)
    assert gone in {mutant.words.change for mutant in run_mutants(policy.program, policy.sources).survivors}
    policy = loads(text + "\npromise out\n  student implies step is wait\n")
    assert gone not in {mutant.words.change for mutant in run_mutants(policy.program, policy.sources).survivors}


def test_a_slip_that_no_lead_could_tell_is_not_counted() -> None:
    """The last row of the band can never be reached from below 0, so that a limit of -1 would be nothing new."""
    text = SMALL.replace("fair >= 20", "fair >= 0")
    text += '\ntest "one"\n  at 2026-03-02\n  given employees 100, country "US"\n  expect fit is 55\n'
    policy = loads(text)
    run = run_mutants(policy.program, policy.sources)
    assert "`grade` is fair from -1 instead of 0" in {mutant.words.change for mutant in run.equal}
    assert "`grade` is fair from 1 instead of 0" in {mutant.words.change for mutant in run.survivors}


def test_without_tests_nothing_is_noticed() -> None:
    policy = loads(SMALL)
    run = run_mutants(policy.program, policy.sources)
    assert run.noticed == 0
    assert run.percent == 0


# ------------------------------------------------------------------ the command


def test_survivors_are_shown_by_rule_with_their_line(tmp_path: Path) -> None:
    write(tmp_path, inbound_score=POLICY)
    ran = scorec(tmp_path, "test", ".", "--mutate")
    assert (ran.code, ran.err) == (0, "")
    assert f"inbound.score:{line_of('never sales, nurture')}  consent\n" in ran.out
    assert "  no test notices that gate `consent` has no line" not in ran.out
    assert "  no test notices that gate `consent` is gone\n" in ran.out
    assert "inbound.score: 2 tests notice " in ran.out
    assert ran.out.index("  consent\n") < ran.out.index("  readiness\n") < ran.out.index("  fit.mid_market\n")


def test_a_share_that_is_too_low_fails(tmp_path: Path) -> None:
    write(tmp_path, inbound_score=POLICY)
    assert scorec(tmp_path, "test", ".", "--mutate", "--fail-under", "100").code == 1
    assert scorec(tmp_path, "test", ".", "--mutate", "--fail-under", "1").code == 0


def test_programs_read_survivors_as_json(tmp_path: Path) -> None:
    write(tmp_path, inbound_score=POLICY)
    ran = scorec(tmp_path, "test", "inbound.score", "--mutate", "--format", "json")
    [policy] = json.loads(ran.out)["policies"]
    assert policy["tests"] == 2
    assert policy["noticed"] + len(policy["survivors"]) == policy["all"]
    first = policy["survivors"][0]
    assert first["kind"] == "outcome"
    assert set(first) == {"part", "line", "kind", "change"}


def test_a_policy_whose_tests_fail_is_not_mutated(tmp_path: Path) -> None:
    write(tmp_path, inbound_score=POLICY.replace("fit is 100 and", "fit is 99 and"))
    ran = scorec(tmp_path, "test", ".", "--mutate")
    assert ran.code == 1
    assert "has tests that fail; mend them first" in ran.err


def test_options_of_mutate_need_it(tmp_path: Path) -> None:
    write(tmp_path, inbound_score=POLICY)
    assert scorec(tmp_path, "test", ".", "--fail-under", "50").code == 2
