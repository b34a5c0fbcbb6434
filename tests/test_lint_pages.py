"""The edits that lint rules offer, and what their findings say: held against the examples of their pages."""

from __future__ import annotations

import re
from inspect import cleandoc

import pytest

from scorec.compiler.lint.rule import Rule
from scorec.compiler.lint.rules import load
from scorec.compiler.lint.run import lint
from scorec.compiler.lint.settings import Settings
from scorec.compiler.pipeline import analyze_text
from scorec.dsl.problems import Problem

RULES = tuple(load().values())


def findings(rule: Rule, text: str) -> tuple[Problem, ...]:
    return lint(analyze_text(text, "page.score"), Settings(selected=frozenset({rule.problem.code})))


def avoided(rule: Rule) -> str:
    """The policy that a rule's page says to avoid."""
    found = re.search(r"## Avoid\n```score\n(.*?)```", cleandoc(rule.problem.__doc__ or ""), re.DOTALL)
    assert found is not None
    return found.group(1)


WITH_AN_EDIT = [rule for rule in RULES if any(problem.fix for problem in findings(rule, avoided(rule)))]
ids = {"ids": lambda rule: f"{rule.problem.code} {rule.problem.slug()}"}


@pytest.mark.parametrize("rule", WITH_AN_EDIT, **ids)
def test_an_edit_mends_what_it_is_offered_for(rule: Rule) -> None:
    text = avoided(rule)
    for _ in range(20):
        edits = [problem.fix for problem in findings(rule, text) if problem.fix is not None]
        if not edits:
            break
        span = edits[0].span
        text = text[: span.start] + edits[0].replacement + text[span.end :]
    assert not analyze_text(text).problems, text
    assert not findings(rule, text), text


@pytest.mark.parametrize("rule", WITH_AN_EDIT, **ids)
def test_a_safe_edit_leaves_the_meaning_as_it_was(rule: Rule) -> None:
    text = avoided(rule)
    before = analyze_text(text).program
    assert before is not None
    for problem in findings(rule, text):
        edit = problem.fix
        if edit is not None and edit.safe:
            after = analyze_text(text[: edit.span.start] + edit.replacement + text[edit.span.end :]).program
            assert after is not None and after.fingerprint == before.fingerprint


@pytest.mark.parametrize("rule", RULES, **ids)
def test_a_rule_finds_nothing_in_the_smallest_policy(rule: Rule) -> None:
    smallest = (
        "policy tiny\n  language 1\n\nlead by lead_id\n  employees: number\n\nscore fit\n  +1 one when employees >= 1\n"
    )
    found = findings(rule, smallest)
    assert not found or not rule.default, [problem.message() for problem in found]


def test_rules_of_the_text_hold_for_libraries_too() -> None:
    library = (
        'library team.words\n  language 1\n\nlist seniority = ("vp", "chief")\n\ndefine large(n: number) = n >= 1000\n'
    )
    assert not lint(analyze_text(library, "team/words.score"))
