"""Promises: every form is read, checked, laid out, and means what it says."""

from __future__ import annotations

import pytest

from scorec.compiler.format import format_text
from scorec.compiler.pipeline import analyze_text
from scorec.compiler.policy import loads
from scorec.compiler.testing import run_tests
from scorec.dsl import ir
from scorec.dsl.source import Source

POLICY = """\
policy inbound
  language 1

lead by lead_id
  student: yes/no
  employees: number
  email: text

event page_view

score fit from 0 to 100
  +50 big when employees >= 50
  +5 views for each page_view, at most 20 points

band grade of fit
  good >= 50
  poor otherwise

decide next_step
  sales when grade is good
  wait otherwise

promise kept
  VOW

test "a student of a large school"
  at 2026-03-02
  given student yes, employees 200
  expect fit is 50
"""

FORMS = {
    "fit <= 70": "always",
    "student implies fit <= 70": "if",
    "never grade is poor when employees >= 50": "if",
    "fit stays between 0 and 70": "always",
    "every lead gets exactly one next_step": "always",
    "every lead gets exactly one grade": "always",
    "more page_view never lowers fit": "event",
    "more page_view never raises fit": "event",
    "higher employees never lowers fit": "field",
    "higher employees never raises fit": "field",
}


def _policy(vow: str) -> str:
    return POLICY.replace("VOW", vow)


def _vow(vow: str) -> ir.Holds | ir.Monotone:
    program = analyze_text(_policy(vow)).program
    assert program is not None, vow
    [found] = program.promises[0].vows
    return found


def _codes(vow: str) -> list[str]:
    return [problem.code for problem in analyze_text(_policy(vow)).problems]


@pytest.mark.parametrize("vow", FORMS)
def test_every_form_is_a_promise(vow: str) -> None:
    assert _codes(vow) == []
    match FORMS[vow], _vow(vow):
        case "always", ir.Holds(condition=None):
            pass
        case "if", ir.Holds(condition=condition):
            assert condition is not None
        case "event", ir.Monotone(event="page_view", field=None, score="fit"):
            pass
        case "field", ir.Monotone(event=None, field="employees", score="fit"):
            pass
        case found:
            raise AssertionError(found)


@pytest.mark.parametrize("vow", FORMS)
def test_every_form_is_laid_out_as_it_is_written(vow: str) -> None:
    assert f"\n  {vow}\n" in str(format_text(Source("p", _policy(vow.replace(" ", "   ")))))


@pytest.mark.parametrize(
    ("one", "same"),
    [
        ("never next_step is sales when student", "student implies next_step is not sales"),
        ("never fit > 70 when student", "student implies fit <= 70"),
        ("never student when employees >= 50", "employees >= 50 implies not student"),
        ("fit stays between 0 and 70", "fit between 0 and 70"),
    ],
)
def test_two_ways_to_say_the_same(one: str, same: str) -> None:
    assert _vow(one) == _vow(same)


@pytest.mark.parametrize(
    ("vow", "code"),
    [
        ("never fitt > 70 when student", "SC002"),
        ("never fit > 70 when studnet", "SC002"),
        ("studnet implies fit <= 70", "SC002"),
        ("every lead gets exactly one next_stp", "SC002"),
        ("every lead gets exactly one fit", "SC028"),
        ("every customer gets exactly one next_step", "SC632"),
        ("fit stays between 70 and 0", "SC631"),
        ("fit stays between 0 and 0.00001", "SC035"),
        ("student implies next_step is wait\n  never next_step is wait when student", "SC630"),
        ("student implies next_step is wait\n  student implies next_step is not wait", "SC630"),
        ("student implies fit > 10\n  student implies fit <= 10", "SC630"),
    ],
)
def test_what_cannot_be_promised_is_told(vow: str, code: str) -> None:
    assert _codes(vow) == [code]


@pytest.mark.parametrize("vow", ["ftt stays between 0 and 1", "more page_vew never lowers fit"])
def test_an_unknown_name_is_told_with_the_nearest(vow: str) -> None:
    [problem] = analyze_text(_policy(vow)).problems
    assert "fit" in problem.label or "page_view" in problem.label


@pytest.mark.parametrize("vow", ["higher email never lowers fit", "higher fit never lowers fit", "fit"])
def test_only_numbers_grow_and_only_conditions_hold(vow: str) -> None:
    assert len(_codes(vow)) == 1


UNREADABLE = {
    "in another promise": ("promise kept\n", "promise slip\n  fit stay between 0 and 100\n\npromise kept\n"),
    "the head of another promise": ("promise kept\n", "promise slip one\n  student = yes\n\npromise kept\n"),
    "an empty promise": ("promise kept\n", "promise slip\n\npromise kept\n"),
    "in a test": ("test ", 'test "slip"\n  given student\n  expect next_step is wait\n\ntest '),
    "a rule": ("+50 big when", "+50 big wehn"),
    "a row of a band": ("good >= 50", "good > 50"),
    "a field": ("employees: number", "employees number"),
    "the header": ("language 1", "langage 1"),
}


@pytest.mark.parametrize("place", UNREADABLE)
def test_what_cannot_be_read_elsewhere_hides_no_mistake_of_a_promise(place: str) -> None:
    old, new = UNREADABLE[place]
    text = POLICY.replace("VOW", "never next_step is sale when student")
    assert old in text
    found = analyze_text(text.replace(old, new)).problems
    assert any(problem.code not in ("SC005",) for problem in found), "there is a slip of the pen"
    assert [problem.message() for problem in found if problem.code == "SC005"] == ["`next_step` is never `sale`"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("wait otherwise", "wait otherwse"),
        ("  wait otherwise", "wait otherwise"),
        ("  wait otherwise", "      wait otherwise ("),
        ("wait otherwise", 'wait otherwise "'),
    ],
)
def test_an_outcome_that_may_stand_where_nothing_could_be_read_is_no_mistake(old: str, new: str) -> None:
    text = POLICY.replace("VOW", "student implies next_step is wait").replace(old, new)
    problems = analyze_text(text).problems
    assert problems and not [one.message() for one in problems if one.code == "SC005"]


def test_a_name_in_a_line_that_cannot_be_read_is_declared_by_nobody() -> None:
    slip = "promise slip\n  size stay between 0 and 100\n\npromise kept\n"
    text = POLICY.replace("VOW", "never next_step is wait when size > 5").replace("promise kept\n", slip)
    assert [problem.code for problem in analyze_text(text).problems] == ["SC001", "SC002"]


def test_promises_that_agree_are_not_contradictory() -> None:
    assert _codes("student implies fit <= 70\n  student implies fit >= 0\n  never fit > 80 when student") == []


@pytest.mark.parametrize(
    ("vow", "broken"),
    [
        ("never next_step is sales when student", True),
        ("never next_step is wait when student", False),
        ("fit stays between 0 and 49.5", True),
        ("fit stays between 0 and 50", False),
        ("every lead gets exactly one next_step", False),
    ],
)
def test_examples_are_held_against_promises_of_every_form(vow: str, broken: bool) -> None:
    policy = loads(_policy(vow))
    run = run_tests(policy.program, policy.sources)
    assert [one.vow for one in run.broken] == ([vow] if broken else [])


def test_a_policy_for_customers_promises_of_customers() -> None:
    text = _policy("every customer gets exactly one next_step").replace("lead by", "customer by")
    assert not analyze_text(text.replace("language 1", "language 1\n  for customer")).problems


def test_a_field_may_be_called_like_a_word_of_a_promise() -> None:
    text = _policy("stays implies exactly >= 0").replace(
        "  email: text", "  stays: yes/no\n  exactly: number\n  every: text"
    )
    assert not analyze_text(text).problems
