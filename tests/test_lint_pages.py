"""The edits that lint rules offer, and what their findings say: held against the examples of their pages."""

from __future__ import annotations

import re
from inspect import cleandoc

import pytest
from hypothesis import given, settings
from strategies import sources

from scorec.compiler.lint.rule import Rule
from scorec.compiler.lint.rules import load
from scorec.compiler.lint.run import lint
from scorec.compiler.lint.settings import Settings
from scorec.compiler.lint.subject import Subject
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


# ------------------------------------------------------------------ what is found, and what is left alone

HEAD = """policy inbound
  language 1

lead by lead_id
  employees: number
  country: text
  job_title: text
  email: text
  opted_in: yes/no
  nps: number
  account_age: number
  customer_age: number

event page_view
  url: text
  seconds: number
event webinar, unsubscribe
"""


def count(slug: str, body: str, **options: object) -> int:
    """How often a rule finds something in a policy with these fields and events."""
    rule = next(rule for rule in RULES if rule.problem.slug() == slug)
    analysis = analyze_text(f"{HEAD}\n{body.strip()}\n", "page.score")
    assert analysis.program is not None, [problem.message() for problem in analysis.problems]
    return len(lint(analysis, Settings(selected=frozenset({rule.problem.code}), options=options)))


CASES = {
    # Steps: whole numbers that follow each other leave no gap.
    ("boundary-gap", 0): """
score fit
  +30 large when employees >= 200
  +20 medium when employees between 50 and 199
""",
    ("boundary-gap", 1): """
score fit
  +30 large when employees > 50
  +20 small when employees < 50
""",
    # The value in the middle has a rule of its own.
    ("boundary-gap", 0, "of its own"): """
score fit
  +30 large when employees > 50
  +25 exactly when employees is 50
  +20 small when employees < 50
""",
    ("boundary-gap", 1, "whole number"): """
score fit
  +30 large when employees >= 201
  +20 medium when employees between 50 and 199
""",
    # A wide gap is a decision: nothing for companies in the middle.
    ("boundary-gap", 0, "wide"): """
score fit
  +30 large when employees >= 1000
  -10 tiny when employees <= 5
""",
    # Steps of two values have nothing to do with each other.
    ("boundary-gap", 0, "two values"): """
score fit
  +30 large when employees > 50
  +20 detractor when nps < 50
""",
    ("boundary-overlap", 0, "first of"): """
score fit
  first of size
    +30 large when employees >= 50
    +20 small when employees <= 50
""",
    # Points that are paid again from a higher limit on are not an overlap at a limit.
    ("boundary-overlap", 0, "one on top of the other"): """
score fit
  +10 some when employees >= 50
  +10 more when employees >= 1000
""",
    # A best size in the middle is a decision.
    ("non-monotonic-steps", 0): """
score fit
  first of size
    +10 large when employees >= 1000
    +30 medium when employees >= 200
    +20 small when employees >= 50
""",
    # In a sum, what is paid for a large company is all three together.
    ("non-monotonic-steps", 0, "sum"): """
score fit
  +30 large when employees >= 1000
  +15 medium when employees >= 200
  +20 small when employees >= 50
""",
    ("first-of-preferred", 0, "two"): """
score fit
  +30 large when employees >= 1000
  +20 medium when employees between 200 and 999
""",
    ("mergeable-rows", 0, "other fields"): """
score fit
  first of kind
    +20 large when employees between 200 and 999
    +20 near when country is "FR"
""",
    # A gate with the same condition stands beside the penalty: it is no substitute for one.
    ("gate-by-points", 0): """
score fit
  +80 large when employees >= 1000
  +80 near when country is "FR"
  -100 student when job_title has word "student"

gate students
  never sales when job_title has word "student"

decide next_step
  sales when fit >= 50
  wait otherwise
""",
    # Nothing can make up for it: all other rules together give no more.
    ("gate-by-points", 0, "nothing left"): """
score fit from 0 to 100
  +50 large when employees >= 1000
  +50 near when country is "FR"
  -100 student when job_title has word "student"
""",
    ("gate-by-points", 1, "its words say so"): """
score fit
  +50 large when employees >= 1000
  -40 student when job_title has word "student"  # never to sales
""",
    ("unbounded-event-rule", 0, "group"): """
score interest
  group web at most 20 points
    +5 views for each page_view in the last 30 days
""",
    ("unbounded-event-rule", 0, "range"): """
score interest from 0 to 100
  +5 views for each page_view in the last 30 days
""",
    ("unbounded-event-rule", 0, "a day"): """
score interest
  +5 views for each page_view in the last 30 days, once per day
""",
    ("unbounded-event-rule", 0, "penalty"): """
score interest
  -5 left for each unsubscribe in the last 30 days
""",
    ("unbounded-event-rule", 0, "of a field"): """
score fit
  +1 staff per 100 of employees
""",
    ("unbounded-event-rule", 1, "of events"): """
score interest
  +1 reading per 60 of sum of seconds of page_view
""",
    ("event-without-window", 0, "silence"): """
score interest
  decay losing 10% every 7 days of silence
  +5 views for each page_view, at most 20 points
""",
    ("event-without-window", 0, "once"): """
score interest
  +5 viewed for each page_view, once
""",
    ("event-without-window", 0, "reset"): """
score interest
  reset on unsubscribe
  +5 views for each page_view, at most 20 points
""",
    ("event-without-window", 0, "campaign"): """
score interest
  +5 views for each page_view, at most 20 points, until 2026-06-30
""",
    ("decay-never-visible", 0): """
score interest
  +5 views for each page_view in the last 30 days, at most 20 points, halving every 90 days
""",
    ("decay-never-visible", 1): """
score interest
  +5 views for each page_view in the last 2 days, at most 20 points, halving every 90 days
""",
    ("needless-decay", 0, "a group below"): """
score interest
  decay halving every 30 days
  group web
    +5 views for each page_view in the last 90 days, at most 20 points
""",
    ("needless-decay", 1, "all have their own"): """
score interest
  decay halving every 30 days
  +5 views for each page_view in the last 90 days, at most 20 points, fading over 90 days
""",
    # In a gate, `unless not` keeps out whoever is not known.
    ("unless-not", 0): """
gate consent
  never sales unless not opted_in

decide next_step
  sales when employees >= 50
  wait otherwise
""",
    ("sensitive-field-used", 0): """
score fit
  +5 old_customer when account_age >= 3
""",
    ("sensitive-field-used", 1): """
score fit
  +5 young when customer_age < 40
""",
    ("unused-event", 0, "any event"): """
score fit
  -5 quiet when no event in the last 90 days
""",
    ("unused-event", 3): """
score fit
  +5 large when employees >= 50
""",
    ("unused-event", 2, "a promise reads it"): """
score fit
  +5 large when employees >= 50

promise views_help
  more page_view never lowers fit
""",
    # Once a year is a campaign, not a slip.
    ("dated-value-gap", 0): """
score fit
  +10 spring_2026 when country is "FR", from 2026-03-01, until 2026-03-31
  +10 spring_2027 when country is "FR", from 2027-03-01, until 2027-03-31
""",
    ("dated-value-overlap", 0, "on top"): """
score fit
  +10 near when country is "FR"
  +10 near_in_spring when country is "FR", from 2026-03-01, until 2026-03-31
""",
    ("recency-order", 0, "added"): """
score interest
  +10 this_week when any webinar in the last 7 days
  +20 this_month when any webinar in the last 30 days
""",
    ("recency-order", 1, "ages"): """
score interest
  first of recency
    +10 this_week when days since last webinar <= 7
    +20 this_month when days since last webinar <= 30
""",
    ("recency-order", 0, "ages"): """
score interest
  first of recency
    +20 this_week when days since last webinar <= 7
    +10 this_month when days since last webinar <= 30
""",
    ("mixed-operators", 0): """
score fit
  +5 both when opted_in and employees >= 50 or opted_in and nps >= 9
""",
    ("double-negation", 0): """
score fit
  +5 other when not (country is "US")
""",
    ("stale-reason", 0): """
score fit
  +5 busy "10+ people, 24-48 hours, +30 days" when employees >= 10
  +2 big "2 points for each hundred" per 100 of employees, at most 8 points
""",
    ("stale-reason", 1): """
score fit
  +5 busy "More than ten people: 15 points" when employees >= 10
""",
    ("short-needle", 0): """
score fit
  +5 decides when job_title has word any of ("cto", "vp")
  +5 web when email contains ".io" or job_title contains "c++"
""",
    ("needless-needle", 0): """
score fit
  +5 decides when job_title has word any of ("vp", "svp", "head")
""",
    ("needless-needle", 1): """
score fit
  +5 decides when job_title has word any of ("head", "head of sales")
""",
    ("ambiguous-reason", 0): """
score fit
  first of size
    +30 large "Company size" when employees >= 1000
    +20 medium "Company size" when employees >= 200
""",
    # No lead has two sizes.
    ("ambiguous-reason", 0, "steps"): """
score fit
  +30 large "Company size" when employees >= 1000
  +20 medium "Company size" when employees between 200 and 999
""",
    ("personal-data-in-policy", 0): """
list ours = ("acme.example", "*@acme.com")

score fit
  -5 us when domain(email) in ours

alert big to "jo@acme.com" when fit rises above 3

test "somebody"
  given email "jo@acme.com"
  expect fit is 0
""",
    ("personal-data-in-policy", 1): """
score fit
  -5 caller when email is "+33 6 12 34 56 78"
""",
    ("contradictory-lists", 0, "one is for, one against, of two values"): """
list good_countries = ("us", "fr")
list bad_titles = ("us", "student")

score fit
  +5 near when country in good_countries
  -5 unfit when job_title in bad_titles
""",
    ("contradictory-lists", 1, "a gate is against"): """
list good_countries = ("us", "fr")
list embargo = ("fr", "xx")

score fit
  +5 near when country in good_countries

gate embargoed
  never sales when country in embargo

decide next_step
  sales when fit >= 5
  wait otherwise
""",
    ("never-a-domain", 0): """
define mail_domain = domain(email)

score fit
  -5 free when mail_domain in ("gmail.com", "web.de")
""",
    ("never-a-domain", 2): """
define mail_domain = domain(email)

score fit
  -5 free when mail_domain in ("@gmail.com", "https://web.de/mail")
""",
    ("shares-not-whole", 0): """
score fit from 0 to 100
  +5 large when employees >= 50

score total = 60% of fit + 40% of nps
score thirds = weighted_mean(33.3% of fit, 33.3% of nps, 33.3% of employees)
score less = fit - 10% of nps
""",
    ("shares-not-whole", 1, "groups"): """
score fit
  group size counting 50%
    +5 large when employees >= 50
  group place counting 30%
    +5 near when country is "FR"
""",
    ("magic-number", 0): """
define large = employees >= 1000

score fit
  +5 big when large
  +5 bigger when large and nps >= 9
""",
    ("row-like-otherwise", 0): """
decide next_step
  wait when nps >= 9
  sales when employees >= 50
  wait otherwise
""",
    ("shadowed-name", 1, "parameter"): """
define at_least(nps: number) = employees >= nps

score fit
  +5 large when at_least(50)
""",
    ("naming-convention", 0): """
score MQL
  +5 large when employees >= 50

band grade of MQL
  A >= 5
  B otherwise
""",
}


@pytest.mark.parametrize("case", CASES, ids=lambda case: " ".join(map(str, case)))
def test_what_is_found_and_what_is_left_alone(case: tuple[str, int] | tuple[str, int, str]) -> None:
    slug, expected = case[:2]
    assert count(slug, CASES[case]) == expected


def test_no_two_rules_have_an_option_of_one_name() -> None:
    names = [option.name for rule in RULES for option in rule.options]
    assert len(names) == len(set(names))


def test_options_move_the_limits() -> None:
    body = 'score fit\n  +5 near when country in ("US", "CA", "GB")'
    assert count("inline-large-list", body) == 0
    assert count("inline-large-list", body, **{"largest-inline-list": 2}) == 1
    body = "score fit\n  +5 fresh when account_age < 3"
    assert count("sensitive-field-used", body) == 0
    assert count("sensitive-field-used", body, **{"sensitive-fields": ("account_age",)}) == 1


def test_a_rule_of_a_library_is_not_reported_where_it_is_used() -> None:
    body = "use std.engagement\n\nscore interest\n  include engagement.social(page_view, webinar, page_view, webinar)"
    text = HEAD.replace("lead by", "use std.engagement\n\nlead by", 1) + "\n" + body.split("\n\n", 1)[1] + "\n"
    analysis = analyze_text(text, "page.score")
    assert analysis.program is not None, [problem.message() for problem in analysis.problems]
    assert all(problem.span.source == "page.score" for problem in lint(analysis))


# ------------------------------------------------------------------ random policies


@settings(max_examples=40, deadline=None)
@given(sources())
def test_whatever_is_written_rules_point_at_it_and_their_edits_leave_a_policy(text: str) -> None:
    analysis = analyze_text(text, "page.score")
    if analysis.program is None or analysis.parsed is None or analysis.parsed.file is None:
        return
    subject = Subject(analysis, analysis.parsed.file)
    for rule in (rule for rule in RULES if rule.needs in ("text", "program")):
        for problem in rule.look(subject):
            assert problem.message() and 0 <= problem.span.start < problem.span.end <= len(text), rule.problem.code
            edit = problem.fix
            if edit is None:
                continue
            mended = analyze_text(text[: edit.span.start] + edit.replacement + text[edit.span.end :], "page.score")
            assert mended.program is not None, (rule.problem.code, [one.message() for one in mended.problems])
            assert not edit.safe or mended.program.fingerprint == analysis.program.fingerprint, rule.problem.code
