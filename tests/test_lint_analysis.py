"""What lint says of all possible leads: it is proved, it is about causes, and what it shows is a lead that is so."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given, settings
from strategies import sources

from scorec.compiler.analysis.claims import band_is, score_is
from scorec.compiler.analysis.study import CHECK, study
from scorec.compiler.lint.bounds import bounds
from scorec.compiler.lint.inquiry import SECONDS, Inquiry
from scorec.compiler.lint.reading import earned
from scorec.compiler.lint.run import lint
from scorec.compiler.lint.settings import Settings
from scorec.compiler.pipeline import analyze_text
from scorec.compiler.policy import analyze_file
from scorec.dsl import semantics
from scorec.dsl.problems import Problem

ROOT = Path(__file__).resolve().parent.parent
HEAD = """policy p
  language 1

lead by lead_id
  employees: number
  country: text
  plan: one of (free, pro)
  student: yes/no

event visit
"""


def found(text: str, *codes: str) -> list[Problem]:
    return list(lint(analyze_text(HEAD + "\n" + text, "p.score"), Settings(selected=frozenset(codes))))


def messages(text: str, *codes: str) -> list[str]:
    return [problem.message() for problem in found(text, *codes)]


# ------------------------------------------------------------------ conditions


def test_a_rule_that_never_fires_names_the_fewest_conditions_that_conflict() -> None:
    (problem,) = found(
        'score s\n  +1 x when plan is pro and employees > 9 and country is "NL" and employees < 5\n', "SC101"
    )
    assert problem.facts()["conflict"] == ("employees > 9", "employees < 5")


def test_a_conflict_may_lie_behind_a_define() -> None:
    text = "define large = employees >= 200\n\nscore s\n  +1 x when employees < 50 and large\n"
    assert messages(text, "SC101") == ["the rule `x` can never give its points"]


@pytest.mark.parametrize("condition", ["employees > 5 and employees < 9", "plan is pro and employees < 5"])
def test_a_rule_that_some_lead_fires_has_no_finding(condition: str) -> None:
    assert not messages(f"score s\n  +1 x when {condition}\n", "SC101")


def test_a_lead_of_whom_nothing_is_known_keeps_a_rule_from_firing_always() -> None:
    assert not messages("score s\n  +1 x when employees < 5 or employees >= 5\n", "SC102")
    assert messages("score s\n  +1 x when employees < 5 or employees >= 5 or employees is missing\n", "SC102")


def test_is_known_may_be_said_although_the_rest_says_it() -> None:
    assert not messages("score s\n  +1 x when employees is known and employees > 5\n", "SC103")


def test_members_together_leave_nothing_for_a_later_one() -> None:
    text = (
        "score s\n  first of size\n    +1 a when employees < 100\n    +2 b when employees >= 100\n"
        "    +3 c when employees between 50 and 150\n"
    )
    assert messages(text, "SC105") == [
        "`c` comes too late: what stands above it, taken together, takes every such lead (proved)"
    ]


def test_a_row_below_a_row_that_a_gate_bars_is_not_too_late() -> None:
    rows = "decide d\n  sales when employees > 5\n  call when employees > 10\n  none otherwise\n"
    assert messages(rows, "SC105")
    assert not messages(rows + "\ngate g\n  never sales when student\n", "SC105")


# ------------------------------------------------------------------ scores


def test_the_points_of_one_group_may_add_up() -> None:
    rules = "+1 a when employees >= 5\n{0}+1 b when employees >= 50\n"
    assert messages("score s\n  " + rules.format("  "), "SC204")
    assert not messages("score s\n  group g at most 9 points\n    " + rules.format("    "), "SC204")


def test_a_rule_that_asks_for_something_else_besides_is_no_double_counting() -> None:
    text = "score s\n  +1 a when employees >= 5\n  +1 b when employees >= 5 and student\n"
    assert not messages(text, "SC204")


@pytest.mark.parametrize(("points", "inert"), [("1", True), ("4.9999", True), ("5", False), ("-1", False)])
def test_points_are_inert_exactly_if_they_pass_no_limit(points: str, inert: bool) -> None:
    sign = "" if points.startswith("-") else "+"
    text = (
        "score s\n  +50 a when employees >= 5\n  +10 b when student\n"
        f"  {sign}{points} c when plan is pro\n\nband g of s\n  A >= 55\n  B >= 50\n  C otherwise\n"
    )
    assert bool(messages(text, "SC207")) is inert


def test_a_band_is_out_of_reach_where_points_exclude_each_other() -> None:
    text = (
        "score s\n  +40 pro when plan is pro\n  +30 free when plan is free\n  +10 student when student\n\n"
        "band g of s\n  A >= 60\n  B >= 50\n  C otherwise\n"
    )
    (problem,) = found(text, "SC201")
    assert (problem.facts()["row"], problem.facts()["high"], problem.facts()["added"]) == ("A", "50", "80")


def test_an_expectation_that_a_lead_can_meet_has_no_finding_even_if_its_test_fails() -> None:
    text = 'score s\n  +40 pro when plan is pro\n\ntest "t"\n  given plan free\n  expect s is {0}\n'
    assert not messages(text.format(40), "SC610")
    assert messages(text.format(41), "SC610")


WEIGHED = """
score s
  {rules}
  +10 b when employees >= 5
  +10 c when country is "NL"
  +10 d for each visit, once

band g of s
  A >= {limit}
  B otherwise
"""


@pytest.mark.parametrize(
    ("rules", "limit", "dominant"),
    [
        ("+30 a when student", 31, ["a"]),
        ("+30 a when student", 30, []),
        # Whichever rule of a group holds, one of them will do.
        ("first of x\n    +30 a when student\n    +25 e when plan is pro", 31, []),
        ("first of x\n    +60 a when student\n    +25 e when plan is pro", 60, ["a"]),
        ("group x at most 20 points\n    +30 a when student\n    +25 e when plan is pro", 45, []),
        # An event, as often as it counts.
        ("+10 a for each visit in the last 30 days, at most 4 times", 31, ["a"]),
        ("+10 a for each visit in the last 30 days", 31, ["a"]),
        ("+2 a per 10 of employees, at most 30 points", 31, ["a"]),
        # Where more than one rule is needed, none of them decides alone.
        ("+30 a when student", 51, []),
        ("+40 a when student\n  +30 e when plan is pro", 80, []),
        # Of little weight beside what the row asks for.
        ("+11 a when student\n  start at 60", 91, []),
        ("+30 a when student\n  start at 30", 61, []),
        ("+30 a when student\n  start at 29", 60, ["a"]),
        # All leads have it, or nobody is in the row: that is told by others.
        ("+30 a when student or not student or student is missing", 31, []),
        ("+30 a when student and employees < 5 and employees > 9", 31, []),
    ],
)
def test_a_rule_is_dominant_if_all_others_are_not_enough_for_the_top_row(
    rules: str, limit: int, dominant: list[str]
) -> None:
    text = WEIGHED.format(rules=rules, limit=limit)
    assert [problem.facts()["rule"] for problem in found(text, "SC215")] == dominant


def test_a_rule_may_be_dominant_in_a_score_that_is_made_of_others() -> None:
    text = (
        "score fit from 0 to 100\n  +60 a when student\n  +20 b when employees >= 5\n  +20 c when employees >= 50\n\n"
        'score warm from 0 to 100\n  +{points} visited when any visit\n  +20 home when country is "NL"\n\n'
        "score total = 50% of fit + 50% of warm\n\nband g of total\n  A >= 60\n  B otherwise\n"
    )
    assert [problem.facts()["rule"] for problem in found(text.format(points=40), "SC215")] == ["a"]
    assert not found(text.format(points=60), "SC215")


@pytest.mark.parametrize(
    ("members", "inert"),
    [
        ("+30 a when employees >= 10\n    +5 b when employees >= 50", ["b"]),
        ("+30 a when employees >= 10\n    +5 b when employees >= 9", []),
        ("+29 a when employees >= 10\n    +5 b when employees >= 50", []),
        ("+40 a when employees >= 10\n    +5 b when employees >= 50", ["b"]),
        # Several others fill the group together, each of them or one in place of another.
        ("+15 a when employees >= 10\n    +15 c when employees >= 20\n    +5 b when employees >= 50", ["b"]),
        ("+30 a when student\n    +30 c when not student\n    +5 b when student is known", ["b"]),
        ("+30 a when student\n    +30 c when not student\n    +5 b when employees > 5", []),
        ("first of x\n      +30 a when plan is pro\n      +40 c otherwise\n    +5 b when employees > 5", ["b"]),
        # What others take off, the rule may bring back.
        ("+30 a when employees >= 10\n    -5 c when student\n    +5 b when employees >= 50", []),
        ("+35 a when employees >= 10\n    -5 c when student\n    +5 b when employees >= 50", ["b"]),
        # Events.
        ("+30 a when any visit\n    +5 b for each visit in the last 30 days", ["b"]),
        ("+30 a when any visit in the last 7 days\n    +5 b for each visit in the last 30 days", []),
        ("+10 a for each visit\n    +5 b when employees >= 50", []),
        # Has a finding of its own.
        ("+30 a when employees >= 10\n    +5 b when employees >= 50 and employees < 40", []),
    ],
)
def test_a_rule_is_inert_if_its_group_is_full_whenever_it_holds(members: str, inert: list[str]) -> None:
    text = f"score s\n  group g at most 30 points\n    {members}\n"
    assert [problem.facts()["rule"] for problem in found(text, "SC208")] == inert


def test_a_rule_is_not_inert_in_a_group_without_a_limit_or_of_which_one_member_counts() -> None:
    members = "    +30 a when employees >= 10\n    +35 b when employees >= 50\n"
    assert not found(f"score s\n  group g\n{members}", "SC208")
    assert not found(f"score s\n  best of g at most 30 points\n{members}", "SC208")


@pytest.mark.parametrize(
    ("score", "limits"),
    [
        ("score s from -20 to 100\n  +50 a when student\n  -10 b when plan is free", ["-20"]),
        ("score s from -10 to 100\n  +50 a when student\n  -10 b when plan is free", []),
        ("score s from -20 to 100\n  start at -10\n  +50 a when student\n  -10 b when plan is free", []),
        ("score s from -20 to 100\n  +50 a when student\n  -10 b for each visit", []),
        # Scales: nothing is lost, or it is the usual way to write them.
        ("score s from -20 to 100\n  +50 a when student", []),
        ("score s from 0 to 100\n  start at 50\n  +50 a when student\n  -10 b when plan is free", []),
        ("score s from -100 to 100\n  +50 a when student\n  -10 b when plan is free", []),
        # Groups.
        ("score s\n  group g at least -20 points\n    -10 a when student\n    -5 b when plan is free", ["-20"]),
        ("score s\n  group g at least -15 points\n    -10 a when student\n    -5 b when plan is free", []),
        ("score s\n  first of g at least -15 points\n    -10 a when student\n    -8 b when plan is free", ["-15"]),
        ("score s\n  group g at least 0 points\n    +10 a when student\n    +5 b when plan is free", []),
        ("score s\n  group g at least -20 points\n    -10 a for each visit, at most 2 times", []),
        ("score s\n  group g at least -30 points\n    -10 a for each visit, at most 2 times", ["-30"]),
        ("score s\n  group g at least -30 points\n    -10 a for each visit", []),
        # Floors: whoever gets one has as much, or somebody has not.
        ("score s\n  floor 20 when student\n  +30 a when student\n  -10 b when plan is free", ["20"]),
        ("score s\n  floor 21 when student\n  +30 a when student\n  -10 b when plan is free", []),
        ("score s\n  floor 20 when student\n  +30 a when student\n  cap 10 when plan is free", []),
        ("score s\n  floor 20 when student and employees < 5 and employees > 9\n  +30 a when student", []),
    ],
)
def test_a_lower_limit_is_never_reached_where_less_is_lost(score: str, limits: list[str]) -> None:
    assert [problem.facts()["limit"] for problem in found(score + "\n", "SC211")] == limits


# ------------------------------------------------------------------ gates


def test_the_lead_that_slips_through_a_gate_does_slip_through() -> None:
    text = "decide d\n  sales when employees >= 50\n  none otherwise\n\ngate g\n  never sales when student\n"
    (problem,) = found(text, "SC304")
    assert problem.facts()["lead"] == "student missing · employees 50"
    program = analyze_text(HEAD + "\n" + text, "p.score").program
    assert program is not None
    lead = dict.fromkeys((one.name for one in program.fields), None) | {"employees": 50.0}
    assert semantics.evaluate(program, lead, [], 0).decisions["d"][0] == "sales"


@pytest.mark.parametrize(
    "gate",
    [
        "never sales unless student is no",
        "never sales when student or student is missing",
        "never sales when student is known and student",
        "never sales when any visit",
    ],
)
def test_a_gate_that_says_what_missing_means_is_no_bypass(gate: str) -> None:
    text = f"decide d\n  sales when employees >= 50\n  none otherwise\n\ngate g\n  {gate}\n"
    assert not messages(text, "SC304")


def test_a_second_gate_may_close_the_hole_of_the_first() -> None:
    text = (
        "decide d\n  sales when employees >= 50\n  none otherwise\n\n"
        "gate g\n  never sales when student\n\ngate h\n  never sales when student is missing\n"
    )
    assert not messages(text, "SC304")


CALLED = """
score fit
  +50 large when employees >= 1000
  {points}

decide d
  {row}
  none otherwise

gate g
  {gate}
"""


@pytest.mark.parametrize(
    ("gate", "points", "row", "redundant"),
    [
        # Too few points for the row, because of their size or of a penalty: nobody of them gets there.
        ("never call when employees < 50", "", "call when fit >= 50", True),
        ("never call when student", "-40 student when student", "call when fit >= 50", True),
        ("never call unless employees >= 50", "", "call when fit >= 50", True),
        # One lead that gets there is enough.
        ("never call when employees < 5000", "", "call when fit >= 50", False),
        ("never call when student", "-40 student when student", "call when fit >= 10", False),
        ("never call, mail when employees < 50", "", "call when fit >= 50\n  mail when employees > 5", False),
        # Other rows come first as long as nobody moves them.
        ("never call when student", "", "desk when student\n  call when fit >= 50", False),
        # These have findings of their own: the gate stops nobody, the row takes nobody.
        ("never call when employees < 5 and employees > 9", "", "call when fit >= 50", False),
        ("never call when student", "", "call when fit >= 60", False),
    ],
)
def test_a_gate_is_redundant_if_whom_it_stops_would_not_get_there(
    gate: str, points: str, row: str, redundant: bool
) -> None:
    text = CALLED.format(gate=gate, points=points, row=row)
    assert bool(messages(text, "SC303")) is redundant


@pytest.mark.parametrize(("limit", "redundant"), [(60, True), (50, False)])
def test_a_gate_is_redundant_in_a_grid_whose_squares_its_leads_are_not_in(limit: int, redundant: bool) -> None:
    text = (
        "score fit\n  +50 large when employees >= 1000\n  +10 pro when plan is pro\n\n"
        "score heat\n  +1 visited when any visit\n\n"
        f"band size of fit\n  big >= {limit}\n  small otherwise\n\nband mood of heat\n  hot >= 1\n  cold otherwise\n\n"
        "decide d by size, mood\n  |       | hot  | cold |\n  | big   | call | call |\n  | small | mail | mail |\n"
        "  none otherwise\n\n"
        "gate g\n  never call when plan is free\n"
    )
    assert bool(messages(text, "SC303")) is redundant


# ------------------------------------------------------------------ time


def test_what_is_only_worth_knowing_takes_no_time_from_what_is_wrong() -> None:
    program = analyze_text(HEAD + "\nscore s\n  +1 x when employees > 9\n", "p.score").program
    assert program is not None
    inquiry = Inquiry(program, seconds=0.2)
    assert inquiry.remark(score_is("s", ">", 10_000)) is not None
    inquiry.for_remarks = 0.0
    assert inquiry.remark(score_is("s", ">", 20_000)) is None and not inquiry.open
    assert inquiry.never(score_is("s", ">", 20_000), "whether two can be reached") is not None


def test_without_time_nothing_is_claimed_and_that_is_said() -> None:
    text = HEAD + "\nscore s\n  +1 x when employees > 9 and employees < 5\n"
    settings = Settings(selected=frozenset({"SC101", "SC991"}), options={SECONDS.name: 0.0})
    (problem,) = lint(analyze_text(text, "p.score"), settings)
    assert problem.code == "SC991" and "`s.x`" in problem.message()


def test_a_policy_whose_tests_show_what_is_possible_needs_hardly_a_proof() -> None:
    program = analyze_file(ROOT / "examples" / "saas_inbound" / "inbound.score").program
    assert program is not None
    inquiry = Inquiry(program, seconds=0)
    for band in program.bands:
        for label in band.labels:
            assert inquiry.example(band_is(band.name, label)) is not None


def test_a_gate_that_is_open_for_another_reason_than_a_missing_field_is_no_bypass() -> None:
    text = (
        "decide d\n  sales when country is known and student is known\n  none otherwise\n\n"
        'gate g\n  never sales when domain(country) is "x.example"\n'
    )
    assert not messages(text, "SC304")


@pytest.mark.parametrize("condition", ["fit >= 60", "grade is A", "fit >= 60 and employees > 5"])
def test_a_threshold_out_of_reach_is_told_once(condition: str) -> None:
    text = (
        "score fit\n  +40 pro when plan is pro\n  +30 free when plan is free\n\n"
        "band grade of fit\n  A >= 60\n  B otherwise\n\n"
        f"score s\n  +1 x when {condition}\n"
    )
    codes = {problem.code for problem in found(text, "SC101", "SC201", "SC202")}
    assert codes == ({"SC201"} if "grade" in condition else {"SC201", "SC202"})


# ------------------------------------------------------------------ random policies


@settings(max_examples=60, deadline=None)
@given(sources())
def test_no_lead_is_beyond_the_bounds_with_or_without_a_rule(text: str) -> None:
    program = analyze_text(text, "p.score").program
    if program is None or not program.scores:
        return
    known = bounds(program)
    rules = [one.rule.full_name for one in earned(program)]
    asked = study(program, budget=replace(CHECK, tries=12))
    for witness in islice(asked.leads_to_try(), 24):
        world = semantics.world_of(program, witness.lead, witness.events, witness.at)
        fired = {line.rule for score in program.scores for line in semantics.scored(world, score.name).lines}
        outlooks = [known.usual, *(known.without(rule) for rule in rules if rule not in fired)]
        for score in program.scores:
            ticks = semantics.scored(world, score.name).ticks
            for outlook in outlooks:
                span = outlook.score(score.name)
                assert span.missing if ticks is None else span.low <= ticks <= span.high, (score.name, ticks, span)
