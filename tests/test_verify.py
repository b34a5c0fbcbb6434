"""`scorec verify`: what a policy promises is proved for every lead, or refuted by one."""

from __future__ import annotations

import json
from pathlib import Path

from command_line import scorec, write

POLICY = """policy p
  language 1

lead by lead_id
  employees: number
  job_title: text
  opted_in: yes/no

event page_view, demo, quit

define student = job_title has word "student"

score fit from 0 to 100
  first of size
    +40 large when employees >= 1000
    +20 middle when employees >= 100
  +30 boss when job_title has word "director"

score interest from 0 to 60
  +5 views for each page_view in the last 30 days, at most 6 times
  +30 demo when any demo in the last 14 days
  -10 quits when any quit in the last 30 days

band grade of fit
  A >= 60
  B >= 20
  C otherwise

decide next_step
  sales when grade is A and interest >= 30
  nurture when interest >= 10
  wait otherwise

gate students "Students never go to sales"
  never sales when student

gate consent
  never sales unless opted_in

promise students_stay_out
  student implies next_step is not sales

promise asked_first
  next_step is sales implies opted_in

promise bounded
  interest <= 60

promise views_help
  more page_view never lowers interest

promise quitting_never_helps
  more quit never raises interest

promise size_helps
  higher employees never lowers fit
"""


def verified(folder: Path, text: str, *arguments: str) -> tuple[int, str]:
    write(folder, p_score=text)
    ran = scorec(folder, "verify", "p.score", *arguments)
    return ran.code, ran.out


def statements(folder: Path, text: str) -> dict[str, dict[str, object]]:
    _, out = verified(folder, text, "--format", "json")
    return {f"{one['kind']} {one['name']}: {one['statement']}": one for one in json.loads(out)["statements"]}


def test_every_promise_of_a_good_policy_is_proved(tmp_path: Path) -> None:
    code, out = verified(tmp_path, POLICY)
    assert code == 0
    assert "refuted" not in out and "not decided" not in out
    assert "proved      promise students_stay_out: student implies next_step is not sales" in out


def test_gates_bands_outcomes_and_ranges_are_proved_without_being_promised(tmp_path: Path) -> None:
    found = statements(tmp_path, POLICY)
    assert found["gate students: no lead that gate students stops gets next_step sales"]["verdict"] == "proved"
    assert found["band grade: some lead is in grade A"]["verdict"] == "proved"
    assert found["outcome next_step: every lead gets an outcome of next_step"]["verdict"] == "proved"
    assert found["range fit: fit is between 0 and 70, and reaches both"]["verdict"] == "proved"


def test_a_broken_promise_shows_the_smallest_lead_that_breaks_it(tmp_path: Path) -> None:
    text = POLICY.replace("  never sales when student\n", "  never nurture when student\n")
    code, out = verified(tmp_path, text)
    assert code == 1
    assert "refuted     promise students_stay_out" in out
    lead = next(line for line in out.splitlines() if "by this lead" in line)
    assert "student" in out and "employees 1000" in out and "opted_in yes" in out
    assert "page_view" not in lead


def test_the_test_that_it_offers_can_be_pasted(tmp_path: Path) -> None:
    text = POLICY.replace("  never sales when student\n", "  never nurture when student\n")
    found = statements(tmp_path, text)
    shown = found["promise students_stay_out: student implies next_step is not sales"]["test"]
    write(tmp_path, p_score=f"{text}\n{shown}")
    ran = scorec(tmp_path, "test", "p.score")
    assert "promise students_stay_out is broken" in " ".join(ran.out.split()) or "1 passed" in ran.out


def test_a_band_that_no_lead_reaches_is_refuted(tmp_path: Path) -> None:
    found = statements(tmp_path, POLICY.replace("A >= 60", "A >= 75"))
    assert found["band grade: some lead is in grade A"]["verdict"] == "refuted"
    assert found["outcome next_step: some lead gets next_step sales"]["verdict"] == "refuted"


def test_one_more_event_that_lowers_a_score_is_found(tmp_path: Path) -> None:
    text = POLICY.replace(
        "-10 quits when any quit in the last 30 days", "-10 quits when any page_view in the last 1 day"
    )
    code, out = verified(tmp_path, text)
    assert code == 1
    assert "refuted     promise views_help" in out and "interest goes from" in out


def test_a_higher_number_that_lowers_a_score_is_found(tmp_path: Path) -> None:
    code, out = verified(tmp_path, POLICY.replace("+40 large", "+10 large"))
    assert code == 1
    assert "refuted     promise size_helps" in out
    assert "fit is 10, and 20 with employees 101" in " ".join(out.split()) or "and 20 with employees" in out


def test_what_cannot_be_decided_is_said_and_counts_only_when_strict(tmp_path: Path) -> None:
    text = POLICY.replace("higher employees never lowers fit", "higher employees never lowers ratio").replace(
        "score interest",
        "score ratio from 0 to 100\n  +(employees / 100) size when employees >= 0\n\nscore interest",
        1,
    )
    code, out = verified(tmp_path, text)
    assert code == 0 and "not decided" in out and "computes with `employees`" in " ".join(out.split())
    assert verified(tmp_path, text, "--strict")[0] == 1


def test_a_policy_with_errors_is_shown_and_not_verified(tmp_path: Path) -> None:
    write(tmp_path, p_score=POLICY.replace("interest <= 60", "intrest <= 60"))
    ran = scorec(tmp_path, "verify", "p.score")
    assert ran.code == 1 and "SC002" in ran.err
