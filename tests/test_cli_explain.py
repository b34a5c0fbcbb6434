"""`scorec explain`: one lead, line by line; and the pages of diagnostics."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from command_line import EVENTS, LEADS, POLICY, Ran, line_of, scorec, write

from scorec.cli.explain import possible_text
from scorec.compiler import pipeline  # declares every problem
from scorec.compiler.explain import ScoreAccount, StillPossible
from scorec.dsl.problems import CATALOGUE

assert pipeline


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, inbound_score=POLICY, leads_csv=LEADS, events_csv=EVENTS)
    return tmp_path


def explain(folder: Path, key: str, *more: str) -> Ran:
    arguments = ("--events", "events.csv", "--at", "2026-03-02", "--key", key, *more)
    return scorec(folder, "explain", "inbound.score", "leads.csv", *arguments)


def test_the_whole_account_of_a_lead(folder: Path) -> None:
    ran = explain(folder, "L2")
    assert (ran.code, ran.err) == (0, "")
    fingerprint = json.loads(explain(folder, "L2", "--format", "json").out)["fingerprint"]
    assert (
        ran.out
        == f"""\
lead L2 as of 2026-03-02 00:00 UTC
inbound 1.2.0 ({fingerprint[:12]})
1 event: 1 page_view

fit 40  Who they are  (0 to 100)
      +10  where everybody starts
      +30  mid_market  [employees 150]

interest 20  What they do  (0 to 100)
      +20  pricing  for each page_view in the last 14 days where url contains
           "/pricing", at most 3 times  [1 such event]

total 32  (0 to 100)
      +32  60% of fit + 40% of interest  [fit 40, interest 20]

readiness  warm  hot starts at 60: 28 points missing; 2 points above its limit

gate students  open  Students never go to sales
gate consent  bars sales, nurture  Nobody is contacted who did not agree
    never sales, nurture unless opted_in  [opted_in no]  line {line_of("never sales, nurture")}

next_step: wait
    nurture was barred by gate `consent`  line {line_of("nurture when")}
    chosen by: otherwise  line {line_of("wait otherwise")}

100% of what the policy reads is known

next change without new events: 2026-03-15 11:00 UTC
    interest: 20 -> 0
    total: 32 -> 24
    readiness: warm -> cold
"""
    )


def test_what_is_missing_is_named_with_what_it_could_bring(folder: Path) -> None:
    out = explain(folder, "L3").out
    assert (
        "67% of what the policy reads is known; missing:\n    employees  could bring +80 fit.enterprise or +30" in out
    )


def test_what_the_scores_could_still_be_is_said_and_sent(folder: Path) -> None:
    out = explain(folder, "L3").out
    assert "or +30" in out and "  still possible: fit 0 to 50, total 0 to 30\n" in out
    scores = {one["name"]: one for one in json.loads(explain(folder, "L3", "--format", "json").out)["scores"]}
    assert scores["fit"]["still_possible"] == {"low": 0, "high": 50, "exact": True}
    assert scores["total"]["still_possible"] == {"low": 0, "high": 30, "exact": True}
    assert scores["interest"]["still_possible"] is None, "it reads nothing that is missing"


def test_of_a_lead_that_is_known_nothing_else_is_possible(folder: Path) -> None:
    assert "still possible" not in explain(folder, "L2").out


def test_bounds_that_may_not_be_reached_are_said_to_be_bounds() -> None:
    def score(low: int, high: int, exact: bool) -> ScoreAccount:
        possible = StillPossible(Decimal(low), Decimal(high), exact)
        return ScoreAccount("fit", "", Decimal(0), None, None, (), (), possible)

    assert possible_text(score(10, 60, True)) == "fit 10 to 60"
    assert possible_text(score(10, 60, False)) == "fit within 10 to 60"
    assert possible_text(score(10, 10, True)) == "fit 10 in any case"
    assert possible_text(replace(score(10, 10, True), still_possible=None)) == ""


def test_cuts_are_shown_in_words(folder: Path) -> None:
    assert "      -15  kept within its range: 115, cut to 100\n" in explain(folder, "L1").out


def test_json_has_the_same_as_data(folder: Path) -> None:
    found = json.loads(explain(folder, "L1", "--format", "json").out)
    fit = found["scores"][0]
    assert fit["value"] == 100 == sum(entry["points"] for entry in fit["entries"])
    assert fit["entries"][1]["values"] == {"employees": "1200"}
    assert fit["entries"][1]["line"] == {"file": "inbound.score", "line": line_of("+80"), "of_library": False}
    assert found["bands"][0]["label"] == "hot" and found["bands"][0]["next_label"] is None
    assert found["decisions"][0]["outcome"] == "sales" and found["decisions"][0]["within"] == "1 day"
    assert found["at"] == "2026-03-02T00:00:00+00:00"
    assert len(found["fingerprint"]) == 64
    assert found["next_change"]["changes"][0] == {"name": "interest", "before": "50", "after": "30"}


def test_events_to_come_are_said_not_to_count(folder: Path) -> None:
    write(folder, events_csv=EVENTS + "L2,page_view,2026-03-09,/pricing,\n")
    assert "1 event after this instant: not counted\n" in explain(folder, "L2").out


@pytest.mark.parametrize(
    ("key", "words"),
    [("L22", "leads.csv has no row with lead_id `L22`"), ("zzz", "did you mean L1, L2 or L3?")],
)
def test_a_lead_that_is_not_there_is_looked_for(folder: Path, key: str, words: str) -> None:
    ran = explain(folder, key)
    assert ran.code == 2
    assert words in " ".join(ran.err.split())


def test_a_lead_that_cannot_be_read_says_why(folder: Path) -> None:
    write(folder, leads_csv=LEADS.replace("150", "n/a"))
    ran = explain(folder, "L2")
    assert ran.code == 2
    assert "lead `L2` cannot be scored: Company size: `n/a` is not a number" in " ".join(ran.err.split())


def test_a_key_is_asked_for(folder: Path) -> None:
    ran = scorec(folder, "explain", "inbound.score", "leads.csv")
    assert ran.code == 2 and "--key KEY" in ran.err
    ran = scorec(folder, "explain", "inbound.score")
    assert ran.code == 2 and "scorec explain inbound.score leads.csv --key KEY" in ran.err


# ------------------------------------------------------------------ pages


@pytest.mark.parametrize("word", ["SC002", "sc002", "unknown-field"])
def test_a_page_is_found_by_code_and_by_name(tmp_path: Path, word: str) -> None:
    ran = scorec(tmp_path, "explain", word)
    assert ran.code == 0
    assert ran.out.startswith("SC002 unknown-field (error)\n\n")
    for heading in ("\nWhy it matters\n", "\nAvoid\n", "\nPrefer\n"):
        assert heading in ran.out


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_every_page_fits_a_terminal(tmp_path: Path, code: str) -> None:
    ran = scorec(tmp_path, "explain", code)
    assert ran.code == 0
    prose = [line for line in ran.out.split("\n") if not line.startswith("    ")]
    assert max(map(len, prose)) <= 100
    assert "```" not in ran.out and "##" not in ran.out


def test_an_unknown_code_is_answered_with_the_nearest(tmp_path: Path) -> None:
    ran = scorec(tmp_path, "explain", "unknwon-field")
    assert ran.code == 2
    assert "did you mean unknown-field?" in ran.err
