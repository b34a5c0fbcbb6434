"""Policies that were published with mistakes in them, written in the language as they were published: which of the
mistakes `scorec check` names, and why it cannot name the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from scorec.compiler.lint.rules import load
from scorec.compiler.lint.run import lint
from scorec.compiler.lint.settings import Settings
from scorec.compiler.pipeline import analyze_text
from scorec.compiler.policy import analyze_file
from scorec.dsl.problems import Problem

PUBLISHED = Path(__file__).parent / "data" / "published"
EVERYTHING = Settings(selected=frozenset(load()))

NAMED = [
    ("two clicks pay nothing, one pays 50", "frequency_tables", "SC108", "exactly 2"),
    ("surveys are worth +0", "intent_grades", "SC218", "platform_team"),
    ("high and medium seniority get the same", "seniority", "SC110", "middling"),
    ("a visit counts in two parts of the score", "school_vendor", "SC213", "site_visit"),
    ("a view of the prices is paid as a view too", "page_views", "SC225", "pricing"),
    ("one day stands in two rows", "recency_bands", "SC109", "exactly 30"),
    ("75 points in a group of 30", "real_estate", "SC210", "75"),
    ("200 employees get the points for 50 as well", "certified_partners", "SC204", "large_staff"),
    ("60 days of silence cost what 30 days cost, and more", "silence", "SC204", "very_quiet"),
    ("-100 is meant as never", "unsubscribed", "SC305", "-100"),
    ("exactly 100 million stands in two rows", "revenue_steps", "SC109", "exactly 100"),
    ("nothing takes points away", "insurance", "SC250", "interest"),
    ("nothing fades", "insurance", "SC417", "interest"),
    ("nobody is kept out", "insurance", "SC332", "gate"),
]
"""A defect, the policy that has it, the finding, and what the finding names."""

NOT_NAMED = {
    "one open in 14 days pays 100, more than three in 30 days pay 75": (
        "frequency_tables",
        "opened",
        "The two rows ask about different windows; a fresh sign may well be worth more than several older ones.",
    ),
    "grade D is worth more than grade C": (
        "intent_grades",
        "grade_d",
        "The labels of a field have no order that the language knows.",
    ),
    "100 points where 70 count": (
        "seniority",
        "70",
        "That a range cuts is what it is for; `scorec verify` says what can be reached.",
    ),
    "an amount of 500.50 is in no row": (
        "recency_bands",
        "more",
        "`between 100 and 500` and `between 501 and 1000` leave no whole number out, and most fields are whole.",
    ),
    "an assistant to the manager is a manager": (
        "page_views",
        "manager",
        "Which titles are meant is known to people only; a test of the policy can say it.",
    ),
    "the points for 1000 employees hide a condition": (
        "revenue_steps",
        "large",
        "Once it is written as a condition, it is not hidden any more.",
    ),
}
"""A defect, the policy that has it, the word that a finding would have to use, and why there is none."""

CANNOT_BE_WRITTEN = {
    "a gap between the bands 0-40 and 41-80": (
        "policy p\n  language 1\n\nscore s\n  start at 1\n\n"
        "band b of s\n  high between 41 and 80\n  low between 0 and 40\n"
    ),
    "a total that no band takes": (
        "policy p\n  language 1\n\nscore s\n  start at 1\n\nband b of s\n  high >= 4\n  low >= 2\n"
    ),
    "a change of the score that counts as activity": (
        "policy p\n  language 1\n\nevent visit\n\nscore s\n  +1 moved for each score_changed\n"
    ),
    "points that are nulled when the running total passes 300": (
        "policy p\n  language 1\n\nevent visit\n\nscore s\n  +1 visits for each visit\n  reset on s > 300\n"
    ),
    "a rule that runs when something happens, and again each night": (
        "policy p\n  language 1\n\nevent visit\n\nscore s\n  +5 came when any visit, every night\n"
    ),
}
"""Defects that need something which the language does not have: a policy that tries."""


def findings(policy: str) -> list[Problem]:
    return list(lint(analyze_file(PUBLISHED / f"{policy}.score"), EVERYTHING))


@pytest.mark.parametrize(("defect", "policy", "code", "names"), NAMED, ids=[row[0] for row in NAMED])
def test_a_defect_is_named(defect: str, policy: str, code: str, names: str) -> None:
    found = [problem.message() for problem in findings(policy) if problem.code == code]
    assert any(names in message for message in found), f"{defect}: {found}"


@pytest.mark.parametrize("defect", NOT_NAMED)
def test_a_defect_that_is_not_named_has_a_reason(defect: str) -> None:
    policy, word, why = NOT_NAMED[defect]
    about_style = ("SC6", "SC7", "SC8", "SC9")
    found = [p.message() for p in findings(policy) if not p.code.startswith(about_style) and f"`{word}`" in p.message()]
    assert not found, f"{defect} is named after all; this reason has to go: {why}"


@pytest.mark.parametrize("defect", CANNOT_BE_WRITTEN)
def test_a_defect_that_cannot_be_written_is_an_error(defect: str) -> None:
    assert analyze_text(CANNOT_BE_WRITTEN[defect], "p.score").program is None


def test_every_published_policy_is_looked_at() -> None:
    used = {row[1] for row in NAMED} | {row[0] for row in NOT_NAMED.values()}
    assert {file.stem for file in PUBLISHED.glob("*.score")} == used
