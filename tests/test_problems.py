"""Every problem's page is true: what it says to avoid has exactly this problem, and what it prefers has none."""

from __future__ import annotations

import re
from inspect import cleandoc

import pytest

from scorec.compiler import imports, syntax_problems
from scorec.compiler.check import (
    decision_problems,
    example_problems,
    file_problems,
    name_problems,
    score_problems,
    type_problems,
    value_problems,
)
from scorec.compiler.pipeline import Analysis, analyze
from scorec.dsl.problems import CATALOGUE, Problem
from scorec.dsl.source import Source

MODULES = (
    decision_problems,
    example_problems,
    file_problems,
    imports,
    name_problems,
    score_problems,
    syntax_problems,
    type_problems,
    value_problems,
)

# What stands beside the policies of the pages.
LIBRARIES = {"team.inbound": "policy inbound\n  language 1\n"}
LIST_FILES = {
    "lists/core_industries.txt": "# where we sell\nSoftware\nBanking\n",
    "lists/nothing_yet.txt": "# to be filled by marketing\n\n",
}


def _classes() -> tuple[type[Problem], ...]:
    names = {module.__name__ for module in MODULES}
    return tuple(cls for _, cls in sorted(CATALOGUE.items()) if cls.__module__ in names)


WITHOUT_EXAMPLES = tuple(cls for cls in _classes() if "## Avoid" not in (cls.__doc__ or ""))
"""Those that no text of a page can show: a file that is too large, bytes that are no text."""


EVERY_PROBLEM = pytest.mark.parametrize(
    "cls", [cls for cls in _classes() if cls not in WITHOUT_EXAMPLES], ids=lambda cls: f"{cls.code} {cls.slug()}"
)


def analysis(text: str) -> Analysis:
    def library(name: str) -> Source | None:
        return Source(f"{name}.score", LIBRARIES[name]) if name in LIBRARIES else None

    def list_file(name: str) -> Source | None:
        return Source(name, LIST_FILES[name]) if name in LIST_FILES else None

    return analyze(Source("page.score", text), library, list_file)


def block(cls: type[Problem], heading: str) -> str:
    """The policy below a heading of a problem's page."""
    page = cleandoc(cls.__doc__ or "")
    found = re.search(rf"## {heading}\n```score\n(.*?)```", page, re.DOTALL)
    assert found is not None, f"the page of {cls.code} has no policy below `## {heading}`"
    return found.group(1)


@EVERY_PROBLEM
def test_what_a_page_says_to_avoid_has_exactly_its_problem(cls: type[Problem]) -> None:
    found = analysis(block(cls, "Avoid")).problems
    assert [problem.code for problem in found] == [cls.code], [problem.message() for problem in found]


@EVERY_PROBLEM
def test_what_a_page_prefers_has_no_problem(cls: type[Problem]) -> None:
    found = analysis(block(cls, "Prefer")).problems
    assert not found, [problem.message() for problem in found]


@EVERY_PROBLEM
def test_a_problem_is_shown_as_one_line_with_carets_under_something(cls: type[Problem]) -> None:
    found = analysis(block(cls, "Avoid"))
    (problem,) = found.problems
    title = problem.message()
    assert "\n" not in title and not title.endswith(".") and title[:1] in '`"' + title[:1].lower()
    source = found.sources[problem.span.source]
    assert 0 <= problem.span.start <= problem.span.end <= len(source.text)
    assert problem.help() or problem.label, "a problem says what to do"


@EVERY_PROBLEM
def test_a_page_has_a_sentence_a_reason_and_two_examples(cls: type[Problem]) -> None:
    page = cls.__doc__ or ""
    assert page.split("\n")[0].endswith(".")
    assert [line.strip() for line in page.split("\n") if line.strip().startswith("## ")] == [
        "## Why it matters",
        "## Avoid",
        "## Prefer",
    ]


def test_a_page_without_examples_says_what_to_do() -> None:
    assert len(WITHOUT_EXAMPLES) < 8
    assert all("## What to do" in (cls.__doc__ or "") for cls in WITHOUT_EXAMPLES)


def _with_an_edit() -> tuple[type[Problem], ...]:
    shown = [cls for cls in _classes() if cls not in WITHOUT_EXAMPLES]
    return tuple(cls for cls in shown if analysis(block(cls, "Avoid")).problems[0].fix is not None)


@pytest.mark.parametrize("cls", _with_an_edit(), ids=lambda cls: f"{cls.code} {cls.slug()}")
def test_an_edit_mends_what_it_is_offered_for(cls: type[Problem]) -> None:
    text = block(cls, "Avoid")
    (problem,) = analysis(text).problems
    edit = problem.fix
    assert edit is not None
    assert not analysis(text[: edit.span.start] + edit.replacement + text[edit.span.end :]).problems


def test_a_misspelt_name_is_mended_by_the_nearest_one() -> None:
    mended = {cls.slug() for cls in _with_an_edit()}
    assert {"unknown-field", "unknown-event", "unknown-function", "unknown-rule", "value-outside-domain"} <= mended
