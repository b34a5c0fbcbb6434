"""Every lint rule's page is true: what it says to avoid has exactly this finding, and what it prefers has none. What we
ship is clean."""

from __future__ import annotations

import re
from inspect import cleandoc
from pathlib import Path

import pytest

from scorec.compiler.lint.rule import Rule
from scorec.compiler.lint.rules import load
from scorec.compiler.lint.run import lint
from scorec.compiler.lint.settings import Settings
from scorec.compiler.pipeline import Analysis, analyze_text
from scorec.compiler.policy import analyze_file
from scorec.dsl.problems import Problem

ROOT = Path(__file__).resolve().parent.parent
RULES = tuple(load().values())
EVERY_RULE = pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.problem.code} {rule.problem.slug()}")
SHIPPED = sorted([*(ROOT / "stdlib_rules").rglob("*.score"), *(ROOT / "examples").rglob("*.score")])


def block(rule: Rule, heading: str) -> str:
    """The policy below a heading of a rule's page."""
    page = cleandoc(rule.problem.__doc__ or "")
    found = re.search(rf"## {heading}\n```score\n(.*?)```", page, re.DOTALL)
    assert found is not None, f"the page of {rule.problem.code} has no policy below `## {heading}`"
    return found.group(1)


def settings(rule: Rule) -> Settings:
    """Every default rule looks, and this one even if it is off by default."""
    others = {one.problem.code for one in RULES if one.default}
    return Settings(selected=frozenset(others | {rule.problem.code}))


def findings(rule: Rule, heading: str) -> tuple[Analysis, tuple[Problem, ...]]:
    analysis = analyze_text(block(rule, heading), "page.score")
    return analysis, lint(analysis, settings(rule))


@EVERY_RULE
def test_what_a_page_says_to_avoid_is_found_and_nothing_else(rule: Rule) -> None:
    _, found = findings(rule, "Avoid")
    assert found and {problem.code for problem in found} == {rule.problem.code}, [
        f"{problem.code} {problem.message()}" for problem in found
    ]


@EVERY_RULE
def test_what_a_page_prefers_is_clean(rule: Rule) -> None:
    _, found = findings(rule, "Prefer")
    assert not found, [f"{problem.code} {problem.message()}" for problem in found]


@EVERY_RULE
def test_a_finding_is_one_line_at_a_place_and_says_what_to_do(rule: Rule) -> None:
    analysis, found = findings(rule, "Avoid")
    for problem in found:
        title = problem.message()
        assert "\n" not in title and not title.endswith(".") and title[:1] in '`"' + title[:1].lower()
        assert 0 <= problem.span.start < problem.span.end <= len(analysis.sources[problem.span.source].text)
        assert problem.help() or problem.fix, "a finding says what to do"


@EVERY_RULE
def test_a_page_has_a_sentence_a_reason_and_two_examples(rule: Rule) -> None:
    page = cleandoc(rule.problem.__doc__ or "")
    assert page.split("\n\n")[0].endswith(".")
    headings = [line.removeprefix("## ") for line in page.split("\n") if line.startswith("## ")]
    assert headings[:3] == ["Why it matters", "Avoid", "Prefer"]


@EVERY_RULE
def test_an_option_is_explained_on_the_page(rule: Rule) -> None:
    for option in rule.options:
        assert option.name in (rule.problem.__doc__ or ""), f"the page does not speak of `{option.name}`"
        assert option.meaning


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_what_we_ship_is_clean(file: Path) -> None:
    found = lint(analyze_file(file))
    assert not found, [f"{problem.code} {problem.message()}" for problem in found]
