"""`scorec test`: what passes, what fails and why, and what no test touches."""

from __future__ import annotations

from pathlib import Path

from command_line import POLICY, line_of, scorec, write


def test_tests_that_pass_are_counted(tmp_path: Path) -> None:
    write(tmp_path, inbound_score=POLICY)
    ran = scorec(tmp_path, "test", "inbound.score")
    assert (ran.code, ran.out, ran.err) == (0, "2 tests in 1 policy: 2 passed\n", "")


def test_a_failing_test_shows_what_was_found_and_how_the_scores_came_about(tmp_path: Path) -> None:
    write(tmp_path, inbound_score=POLICY.replace("fit is 100 and interest is 70", "fit is 90"))
    ran = scorec(tmp_path, "test", "inbound.score")
    assert ran.code == 1
    lines = ran.out.split("\n")
    line = line_of('test "a decision')
    assert lines[0] == f'FAIL inbound.score:{line}  "a decision maker of a large company who asked for a demo"'
    assert lines[1] == f"     expected  fit is 90  (line {line + 5})"
    assert lines[2] == "     got       fit is 100"
    assert lines[3] == "     fit 100  Who they are  (0 to 100)"
    assert "           +80  enterprise  A large company  [employees 1200]" in lines
    assert "           -15  kept within its range: 115, cut to 100" in lines
    assert lines[-2] == "2 tests in 1 policy: 1 failed, 1 passed"


def test_a_band_that_was_not_reached_says_what_lacks(tmp_path: Path) -> None:
    text = POLICY.replace(
        "employees 1200, opted_in yes\n  event demo_request 1 day ago\n  event page_view 2 times",
        "opted_in yes\n  event page_view 1 times",
        1,
    )
    write(tmp_path, inbound_score=text)
    ran = scorec(tmp_path, "test", "inbound.score")
    assert "readiness is cold (total 29; warm starts at 30, 1 short)" in ran.out


def test_a_decision_says_which_row_chose_and_what_was_barred(tmp_path: Path) -> None:
    write(tmp_path, inbound_score=POLICY.replace("readiness is hot and next_step is wait", "next_step is sales"))
    ran = scorec(tmp_path, "test", "inbound.score")
    found = " ".join(ran.out.split())
    assert f"next_step is wait, chosen by line {line_of('wait otherwise')}: otherwise" in found
    assert f"before it sales (line {line_of('sales when')}) was barred by gate students" in found


def test_a_rule_that_did_not_fire_says_why(tmp_path: Path) -> None:
    rules = "fired fit.enterprise, fit.mid_market, fit.student, interest.demo"
    write(tmp_path, inbound_score=POLICY.replace("fired fit.enterprise, interest.demo", rules))
    ran = scorec(tmp_path, "test", "inbound.score")
    assert "fired fit.mid_market" in ran.out
    assert 'it did not fire: not true: when job_title has word "student"' in " ".join(ran.out.split())


def test_an_expectation_that_cannot_be_known_says_what_is_missing(tmp_path: Path) -> None:
    write(tmp_path, inbound_score=POLICY.replace("expect fit is 100 and interest is 70", 'expect country is "US"'))
    ran = scorec(tmp_path, "test", "inbound.score")
    assert "country is not given" in ran.out
    assert "unknown, neither true nor false" in ran.out


def test_a_promise_that_an_example_breaks_is_a_failure(tmp_path: Path) -> None:
    vows = "  total < 80\n  more page_view never raises interest\n  higher employees never lowers fit\n"
    text = POLICY.replace("implies next_step is not sales\n", f"implies next_step is not sales\n{vows}")
    write(tmp_path, inbound_score=text)
    ran = scorec(tmp_path, "test", "inbound.score")
    assert ran.code == 1
    assert "promised  total < 80" in ran.out
    assert "got       total is 88" in ran.out
    assert "and in 1 more test" in ran.out
    assert "promised  more page_view never raises interest" in ran.out
    assert "with one more page_view now it is" in ran.out
    assert "higher employees" not in ran.out
    assert "2 passed, 2 broken promises" in ran.out


def test_tests_are_chosen_by_their_title(tmp_path: Path) -> None:
    write(tmp_path, inbound_score=POLICY)
    ran = scorec(tmp_path, "test", ".", "-k", "STUDENT")
    assert (ran.code, ran.out) == (0, "1 test in 1 policy: 1 passed\n")


def test_a_choice_that_matches_nothing_is_a_failure(tmp_path: Path) -> None:
    write(tmp_path, inbound_score=POLICY)
    ran = scorec(tmp_path, "test", ".", "-k", "studnet")
    assert ran.code == 1
    assert "no test was run: no title contains 'studnet'" in ran.out


def test_coverage_lists_what_no_test_touches(tmp_path: Path) -> None:
    write(tmp_path, inbound_score=POLICY)
    ran = scorec(tmp_path, "test", ".", "--coverage")
    assert ran.code == 0
    for line in (
        "  5 of 6 rules fired",
        "  1 of 3 bands reached",
        "  1 of 2 gates seen barring and letting pass",
        f"    fit.mid_market (line {line_of('+30 mid')})",
        f"    readiness warm (line {line_of('warm >=')})",
        f"    consent (line {line_of('gate consent')})",
    ):
        assert line in ran.out.split("\n"), line
    assert "gate never seen barring:\n    consent" in ran.out


def test_coverage_names_the_cells_of_a_grid(tmp_path: Path) -> None:
    grid = (
        "decide place by readiness, size_band\n  |      | big  | small |\n  | hot  | sales | nurture |\n"
        "  | warm | sales | nurture |\n  | cold | nurture | wait |\n  wait otherwise\n\n"
        "band size_band of fit\n  big >= 50\n  small otherwise\n\ngate students"
    )
    text = POLICY.replace("gate students", grid, 1)
    write(tmp_path, inbound_score=text)
    ran = scorec(tmp_path, "test", ".", "--coverage")
    assert "  1 of 6 grid cells hit" in ran.out
    assert f"    place readiness warm, size_band small (line {line_of('| warm', text)})" in ran.out


def test_a_policy_without_tests_says_how_to_write_one(tmp_path: Path) -> None:
    write(tmp_path, inbound_score=POLICY[: POLICY.index('test "a decision')])
    ran = scorec(tmp_path, "test", ".")
    assert ran.code == 0
    assert ran.out.startswith("no tests")


def test_a_policy_with_errors_does_not_hide_the_tests_of_the_others(tmp_path: Path) -> None:
    write(tmp_path, a_score=POLICY.replace("employees >= 1000", "emplyees >= 1000"), b_score=POLICY)
    ran = scorec(tmp_path, "test", ".")
    assert ran.code == 1
    assert f"a.score:{line_of('+80')}:43" in ran.err
    assert "2 tests in 1 policy: 2 passed" in ran.out


def test_libraries_are_passed_over(tmp_path: Path) -> None:
    write(tmp_path, inbound_score=POLICY, size_score="library size\n\nlist l = (a, a)\n")
    ran = scorec(tmp_path, "test", ".")
    assert (ran.code, ran.out, ran.err) == (0, "2 tests in 1 policy: 2 passed\n", "")
