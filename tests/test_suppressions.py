"""Comments that allow a finding: where they stand, what they say, and what is said about those that say it badly."""

from __future__ import annotations

import re
from datetime import date
from inspect import cleandoc

import pytest

from scorec.compiler.format import format_text
from scorec.compiler.lint import suppression_problems
from scorec.compiler.lint.codes import catalogue
from scorec.compiler.lint.run import lint
from scorec.compiler.lint.settings import Settings
from scorec.compiler.pipeline import analyze_text
from scorec.dsl.problems import Problem, Severity
from scorec.dsl.source import Source

ONLY = frozenset({"SC218", "SC502", "SC901", "SC902", "SC903", "SC904", "SC905", "SC906"})
HEAD = "policy p\n  language 1\n\nlead by lead_id\n  employees: number\n  country: text\n\n"
TODAY = date(2026, 6, 30)


def found(text: str, today: date | None = TODAY, locked: frozenset[str] = frozenset()) -> list[str]:
    """The codes of the findings in a policy with these lines."""
    return [problem.code for problem in problems(text, today, locked)]


def problems(text: str, today: date | None = TODAY, locked: frozenset[str] = frozenset()) -> tuple[Problem, ...]:
    return lint(analyze_text(HEAD + text), Settings(selected=ONLY, today=today, locked=locked))


def score(*lines: str) -> str:
    return "score fit\n  +10 big when employees >= 50\n" + "".join(f"  {line}\n" for line in lines)


# ------------------------------------------------------------------ where a comment stands


def test_without_a_comment_there_is_a_finding() -> None:
    assert found(score("+0 huge when employees >= 5000")) == ["SC218"]


@pytest.mark.parametrize(
    "lines",
    [
        ["+0 huge when employees >= 5000  # allow: zero-points-rule - sales wants to see it"],
        ["# allow: zero-points-rule - sales wants to see it", "+0 huge when employees >= 5000"],
        ["# allow: SC218 - sales wants to see it", "+0 huge when employees >= 5000"],
        ["#allow:SC218 -- sales wants to see it", "+0 huge when employees >= 5000"],
        ["# Allow: sc218 — sales wants to see it", "+0 huge when employees >= 5000"],
        ["# allow: SC218 - sales wants to see it", "", "# huge companies", "+0 huge when employees >= 5000"],
        ["# allow: SC218 - sales wants to see it", "+0 huge when (employees >= 5000", "    or employees < 2)"],
        ["+0 huge when (employees >= 5000", "    or employees < 2)  # allow: SC218 - sales wants to see it"],
        ["+0 huge when (employees >= 5000  # allow: SC218 - sales wants to see it", "    or employees < 2)"],
    ],
)
def test_a_comment_allows_what_is_in_its_line_or_in_the_statement_below(lines: list[str]) -> None:
    assert found(score(*lines)) == []


@pytest.mark.parametrize(
    "lines",
    [
        ["# allow: SC218 - too early", "+1 small when employees < 5", "+0 huge when employees >= 5000"],
        ["+1 small when employees < 5  # allow: SC218 - too early", "+0 huge when employees >= 5000"],
        ["+0 huge when employees >= 5000", "# allow: SC218 - too late"],
    ],
)
def test_a_comment_elsewhere_allows_nothing_and_is_told_so(lines: list[str]) -> None:
    assert sorted(found(score(*lines))) == ["SC218", "SC901"]


def test_within_brackets_a_comment_speaks_of_the_next_entry() -> None:
    entries = '("a",\n  "b",\n  # allow: duplicate-list-entry - as the supplier writes it\n  "B",\n  "A")\n'
    text = f"list l = {entries}" + "score fit\n  +1 x when country in l\n"
    (left,) = problems(text)
    assert left.code == "SC502" and "A" in left.message()


def test_several_names_stand_in_one_comment() -> None:
    text = 'list l = ("a", "A")  # allow: duplicate-list-entry, zero-points-rule - a trial\n' + score(
        "+1 x when country in l"
    )
    assert found(text) == ["SC901"], "the second name is of no use"


def test_the_layout_keeps_a_comment_where_it_works() -> None:
    text = HEAD + score(
        "+0   huge when employees>=5000   # allow: SC218 - a trial",
        "# allow: SC218 - a trial",
        "+0  a when employees<1",
    )
    laid_out = format_text(Source("p.score", text))
    assert isinstance(laid_out, str) and laid_out != text
    assert not [one for one in lint(analyze_text(laid_out), Settings(selected=ONLY)) if one.code in ONLY]


@pytest.mark.parametrize(
    "comment", ["# we allow: nobody", "# allowed: SC218 - no", "# What we allow", '# "allow: SC218"']
)
def test_other_comments_are_left_alone(comment: str) -> None:
    assert found(score(comment, "+1 small when employees < 5")) == []


def test_a_text_that_looks_like_a_comment_is_none() -> None:
    assert found(score('+0 huge "# allow: SC218 - x" when employees >= 5000')) == ["SC218"]


# ------------------------------------------------------------------ what a comment says


def test_a_reason_is_asked_for() -> None:
    for comment in ("# allow: SC218", "# allow: SC218 -", "# allow: SC218 until 2027-01-01"):
        (problem,) = problems(score(comment, "+0 huge when employees >= 5000"))
        assert (problem.code, problem.severity) == ("SC902", Severity.ERROR)
        assert "- the reason" in problem.help()


@pytest.mark.parametrize(
    ("today", "codes"),
    [(date(2026, 6, 30), []), (date(2026, 7, 1), ["SC218", "SC903"]), (None, [])],
)
def test_a_comment_holds_until_its_day_is_over(today: date | None, codes: list[str]) -> None:
    text = score("# allow: SC218 until 2026-06-30 - the spring campaign", "+0 huge when employees >= 5000")
    assert sorted(found(text, today)) == codes


def test_a_comment_that_has_expired_and_is_of_no_use_is_only_the_latter() -> None:
    assert found(score("+1 huge when employees >= 5000  # allow: SC218 until 2020-01-01 - x")) == ["SC901"]


def test_a_misspelt_name_is_told_with_the_nearest_one() -> None:
    (left, problem) = sorted(
        problems(score("+0 huge when employees >= 5000  # allow: zero-point-rule - x")), key=lambda one: one.code
    )
    assert (left.code, problem.code, problem.help()) == ("SC218", "SC904", "did you mean `zero-points-rule`?")
    assert problem.fix is not None and problem.fix.replacement == "zero-points-rule"


def test_a_beginning_of_a_code_is_too_much_to_allow() -> None:
    assert sorted(found(score("+0 huge when employees >= 5000  # allow: SC2 - x"))) == ["SC218", "SC904"]


@pytest.mark.parametrize("name", ["SC002", "unknown-field", "SC901", "suppression-without-reason"])
def test_errors_of_the_language_and_of_comments_cannot_be_allowed(name: str) -> None:
    (problem,) = problems(score(f"+1 huge when employees >= 5000  # allow: {name} - x"))
    assert problem.code == "SC904" and "cannot be allowed" in problem.message()


def test_an_error_stays_though_a_comment_allows_it() -> None:
    codes = found(score("+1 huge when emplyees >= 5000  # allow: SC002 - we know"))
    assert sorted(codes) == ["SC002", "SC904"]


def test_what_is_locked_cannot_be_allowed() -> None:
    text = score("+0 huge when employees >= 5000  # allow: SC218 - only for a while")
    assert sorted(found(text, locked=frozenset({"SC218"}))) == ["SC218", "SC905"]


@pytest.mark.parametrize(
    "comment",
    [
        "# allow:",
        "# allow: - why",
        "# allow: SC218 for now",
        "# allow: SC218 until soon - x",
        "# allow: SC218 until 2026-02-30 - x",
    ],
)
def test_a_comment_that_cannot_be_read_is_told(comment: str) -> None:
    assert sorted(found(score(comment, "+0 huge when employees >= 5000"))) == ["SC218", "SC906"]


# ------------------------------------------------------------------ when a comment is of use


def test_a_comment_for_a_rule_that_does_not_look_is_not_called_useless() -> None:
    text = HEAD + score("+1 huge when employees >= 5000  # allow: SC218 - x")
    assert [one.code for one in lint(analyze_text(text), Settings(selected=ONLY))] == ["SC901"]
    assert lint(analyze_text(text), Settings(selected=ONLY - {"SC218"})) == ()
    assert lint(analyze_text(text), Settings(selected=ONLY, ignored=frozenset({"SC218"}))) == ()


def test_while_a_policy_has_errors_no_comment_is_called_useless() -> None:
    assert found(score("+1 huge when emplyees >= 5000  # allow: SC218 - x")) == ["SC002"]


# ------------------------------------------------------------------ the pages


PAGES = [kind for kind in catalogue().values() if kind.__module__ == suppression_problems.__name__]


@pytest.mark.parametrize("kind", PAGES, ids=lambda kind: f"{kind.code} {kind.slug()}")
def test_what_a_page_says_is_true(kind: type[Problem]) -> None:
    page = cleandoc(kind.__doc__ or "")
    avoid, prefer = re.findall(r"```score\n(.*?)```", page, re.DOTALL)
    settings = Settings(selected=ONLY, today=TODAY, locked=frozenset({"SC218"} if kind.code == "SC905" else ()))
    assert kind.code in {one.code for one in lint(analyze_text(avoid), settings)} <= {kind.code, "SC218"}
    assert lint(analyze_text(prefer), settings) == ()
