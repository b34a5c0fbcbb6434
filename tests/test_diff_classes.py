"""What a change means for leads: the class of each, what the version needs for it, and the lead that shows it.

The table is the promise: an edit of a policy, its class, and how far the version has to go.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cache

import pytest
from authoring import Author
from dice import Dice, rolled
from strategies import analysed, facts_for, happenings
from writing import written

from scorec.compiler.analysis.answers import Witness
from scorec.compiler.diff.changes import Side, compare
from scorec.compiler.diff.classes import _WORST, CLASSES, Class, Effort, Evidence, Report, classified
from scorec.compiler.diff.pairs import Output, Pair, difference
from scorec.compiler.mutation import mutants
from scorec.compiler.semver import Bump
from scorec.dsl import ir
from scorec.dsl.semantics import evaluate

POLICY = """\
policy inbound "Inbound leads"
  language 1
  version 1.2.0
  owner "ops@acme.example"

use std.email

lead by lead_id
  email: text required
  title: text
  employees: number
  country: one of ("US", "GB", "other")
  opted_in: yes/no
  nickname: text
  created_at: time

event page_view
  url: text
event demo, webinar
event unsubscribe

list rivals = ("rival.example", "contender.example")

define boss = title has word any of ("vp", "chief")

score fit "Who they are" from 0 to 100
  start at 10
  first of size
    +60 large when employees >= 1000
    +30 mid when employees >= 100
    +5  small otherwise
  +25 signs "Signs the contract" when boss
  -100 rival when domain(email) in rivals
  -10 student unless not title has word "student"

score interest from 0 to 100
  +20 visits for each page_view in the last 30 days, at most 3 times
  +30 demos for each demo, once, halving every 30 days
  group talks at most 20 points
    +5 webinars for each webinar

score trivia
  +1 nick when nickname is known

score total from 0 to 100 = 60% of fit + 40% of interest

band readiness of total
  hot  >= 60
  warm >= 30
  cold otherwise

band grade of fit
  A >= 50
  B otherwise

outcome sales "An executive calls" within 1 day

decide step by grade, readiness
  sales when any demo in the last 7 days
  |   | hot   | warm  | cold |
  | A | sales | mail  | mail |
  | B | mail  | mail  | wait |
  wait otherwise

gate consent "Nobody who did not agree"
  never sales, mail unless opted_in
gate students
  never sales when title has word "student"

alert hot_lead to "a@acme.example" when readiness becomes hot
show sales: readiness, step

promise quiet
  fit >= 0

test "nobody"
  at 2026-03-02
  given email "x@y.example"
  expect readiness is cold
"""


@dataclass(frozen=True)
class Edit:
    """Some text of the policy, what stands there instead, and what that means."""

    what: str
    old: str
    new: str
    klass: str
    bump: str


TABLE = (
    # ---------------------------------------------------------------- nothing that a lead could feel
    Edit("a comment", "score trivia", "# hello\nscore trivia", "cosmetic", "none"),
    Edit("the layout", "  +1 nick when nickname is known", "    +1    nick when nickname is known", "cosmetic", "none"),
    Edit(
        "the order of rules",
        '  +25 signs "Signs the contract" when boss\n  -100 rival when domain(email) in rivals\n',
        '  -100 rival when domain(email) in rivals\n  +25 signs "Signs the contract" when boss\n',
        "cosmetic",
        "none",
    ),
    Edit(
        "the order of fields",
        "  nickname: text\n  created_at: time\n",
        "  created_at: time\n  nickname: text\n",
        "cosmetic",
        "none",
    ),
    Edit("another way to say a number", "employees >= 1000", "employees >= 1_000", "cosmetic", "none"),
    Edit("the owner", "ops@acme.example", "growth@acme.example", "metadata", "patch"),
    Edit("the words of a rule", "Signs the contract", "Has the budget", "metadata", "patch"),
    Edit("the words of an outcome", "An executive calls", "Sales calls", "metadata", "patch"),
    Edit("a service level", "within 1 day", "within 2 days", "metadata", "patch"),
    Edit("a test", "expect readiness is cold", "expect readiness is not hot", "metadata", "patch"),
    Edit("an alert", "readiness becomes hot", "readiness leaves cold", "metadata", "patch"),
    Edit("an audience", "show sales: readiness, step", "show sales: readiness", "metadata", "patch"),
    Edit("a promise", "fit >= 0", "fit <= 100", "metadata", "patch"),
    Edit("an optional field more", "  nickname: text\n", "  nickname: text\n  city: text\n", "metadata", "patch"),
    Edit("an event more", "event demo, webinar", "event demo, webinar, call", "metadata", "patch"),
    Edit("a property more", "  url: text\n", "  url: text\n  seconds: number\n", "metadata", "patch"),
    Edit("a value more of a choice", '("US", "GB", "other")', '("US", "GB", "FR", "other")', "metadata", "patch"),
    Edit("a field that need not be known any more", "email: text required", "email: text", "metadata", "patch"),
    Edit("a field less that nobody read", "  created_at: time\n", "", "metadata", "patch"),
    Edit(
        "a rule renamed with `renamed from`",
        "+1 nick when nickname is known",
        "+1 called when nickname is known, renamed from nick",
        "metadata",
        "patch",
    ),
    # ---------------------------------------------------------------- other words, the same for every lead
    Edit("a condition turned round", "employees >= 100\n", "not (employees < 100)\n", "refactor", "patch"),
    Edit(
        "`in` for `is`",
        "domain(email) in rivals",
        '(domain(email) is "rival.example" or domain(email) is "contender.example")',
        "refactor",
        "patch",
    ),
    Edit(
        "`and` in another order",
        "when nickname is known",
        "when nickname is known and nickname is known",
        "refactor",
        "patch",
    ),
    Edit("a define written out", "when boss", 'when title has word any of ("vp", "chief")', "cosmetic", "none"),
    # ---------------------------------------------------------------- the same scores by other lines
    Edit("a rule renamed", "+1 nick when", "+1 called when", "explanation", "minor"),
    Edit(
        "a score more",
        "band readiness of total",
        "score extra\n  +1 one when opted_in\n\nband readiness of total",
        "explanation",
        "minor",
    ),
    Edit(
        "a band more",
        "band grade of fit",
        "band second of fit\n  top >= 90\n  low otherwise\n\nband grade of fit",
        "explanation",
        "minor",
    ),
    # ---------------------------------------------------------------- scores, and no band or outcome
    Edit("points of a score that nothing reads", "+1 nick", "+2 nick", "score-only", "minor"),
    Edit(
        "a rule more in it",
        "+1 nick when nickname is known",
        "+1 nick when nickname is known\n  +1 mail when email is known",
        "score-only",
        "minor",
    ),
    Edit("a start", "score trivia\n", "score trivia\n  start at 1\n", "score-only", "minor"),
    # ---------------------------------------------------------------- bands and outcomes
    Edit("points", "+60 large", "+50 large", "band", "minor"),
    Edit("a rule less", '  +25 signs "Signs the contract" when boss\n', "", "band", "minor"),
    Edit("a rule more", "  start at 10\n", '  start at 10\n  +15 british when country is "GB"\n', "band", "minor"),
    Edit("a condition", "employees >= 1000", "employees >= 500", "band", "minor"),
    Edit("a define", '("vp", "chief")', '("vp", "chief", "head")', "band", "minor"),
    Edit("an entry of a list", '"contender.example")', '"contender.example", "third.example")', "band", "minor"),
    Edit(
        "an entry less", '("rival.example", "contender.example")', '("rival.example", "other.example")', "band", "minor"
    ),
    Edit(
        "the order of a `first of`",
        "    +60 large when employees >= 1000\n    +30 mid when employees >= 100\n",
        "    +30 mid when employees >= 100\n    +60 large when employees >= 1000\n",
        "band",
        "minor",
    ),
    Edit("a window", "in the last 30 days", "in the last 14 days", "band", "minor"),
    Edit("how many times", "at most 3 times", "at most 2 times", "band", "minor"),
    Edit("a limit", "group talks at most 20 points", "group talks at most 10 points", "band", "minor"),
    Edit("a decay", "halving every 30 days", "halving every 7 days", "band", "minor"),
    Edit(
        "a reset",
        "score interest from 0 to 100\n",
        "score interest from 0 to 100\n  reset on unsubscribe\n",
        "band",
        "minor",
    ),
    Edit("the limit of a band", "hot  >= 60", "hot  >= 55", "band", "minor"),
    Edit("weights", "60% of fit + 40% of interest", "50% of fit + 50% of interest", "band", "minor"),
    Edit("a cell of a grid", "| B | mail  | mail  | wait |", "| B | mail  | wait  | wait |", "band", "minor"),
    Edit("the condition of a row", "any demo in the last 7 days", "any demo in the last 3 days", "band", "minor"),
    Edit("a cap", "  start at 10\n", "  start at 10\n  cap 20 when employees is missing\n", "band", "minor"),
    # ---------------------------------------------------------------- gates
    Edit(
        "a gate more",
        "gate students\n",
        'gate british\n  never sales when country is "GB"\ngate students\n',
        "gate-tightened",
        "minor",
    ),
    Edit(
        "a gate that bars one outcome more",
        "never sales when title",
        "never sales, mail when title",
        "gate-tightened",
        "minor",
    ),
    Edit("a gate that asks more", "unless opted_in", "unless opted_in and country is known", "gate-tightened", "minor"),
    Edit("a gate less", 'gate students\n  never sales when title has word "student"\n', "", "gate-loosened", "minor"),
    Edit(
        "a gate that bars one outcome less",
        "never sales, mail unless opted_in",
        "never sales unless opted_in",
        "gate-loosened",
        "minor",
    ),
    Edit(
        "a gate that asks less",
        'never sales when title has word "student"',
        'never sales when title has word "student" and employees is known',
        "gate-loosened",
        "minor",
    ),
    Edit("a consent that an unknown answer gives", "unless opted_in", "when not opted_in", "gate-loosened", "minor"),
    # ---------------------------------------------------------------- contracts
    Edit("a field that must be known", "  title: text\n", "  title: text required\n", "contract", "major"),
    Edit(
        "a required field more", "  nickname: text\n", "  nickname: text\n  city: text required\n", "contract", "major"
    ),
    Edit("a field of another type", "nickname: text", "nickname: number", "contract", "major"),
    Edit(
        "a field from another column",
        "  employees: number\n",
        '  employees: number from "Company size"\n',
        "contract",
        "major",
    ),
    Edit("a value less of a choice", '("US", "GB", "other")', '("US", "other")', "contract", "major"),
    Edit(
        "an event called otherwise in the data",
        "event unsubscribe",
        'event unsubscribe from "Left"',
        "contract",
        "major",
    ),
    Edit("a range", "from 0 to 100 = 60%", "from 0 to 200 = 60%", "contract", "major"),
    Edit("rounding", "score trivia\n", "score trivia rounded\n", "contract", "major"),
    Edit("a row of a band more", "  warm >= 30\n", "  warm >= 30\n  mild >= 20\n", "contract", "major"),
    Edit("a label of a band renamed", "  B otherwise", "  C otherwise", "contract", "major"),
    Edit("an outcome more", "| A | sales | mail  | mail |", "| A | sales | mail  | call |", "contract", "major"),
    Edit("the time zone", "  language 1\n", '  language 1\n  timezone "Europe/Paris"\n', "contract", "major"),
    Edit("the key", "lead by lead_id", "lead by contact_id", "contract", "major"),
    Edit("a score less", "score trivia\n  +1 nick when nickname is known\n\n", "", "contract", "major"),
)


def side(text: str) -> Side:
    analysis = analysed(text)
    assert analysis.program is not None, [problem.message() for problem in analysis.problems]
    return Side(analysis.program, analysis.sources)


def edited(edit: Edit) -> str:
    assert edit.old in POLICY, edit.what
    text = POLICY.replace(edit.old, edit.new, 1)
    if edit.what == "a label of a band renamed":
        text = text.replace("| B |", "| C |")
    if edit.what == "a row of a band more":
        text = (
            text.replace("| warm  | cold |", "| warm  | mild | cold |")
            .replace("| mail  | mail |\n", "| mail  | mail | mail |\n")
            .replace("| mail  | wait |\n", "| mail  | wait | wait |\n")
        )
    return text


SEARCH = Effort(leads=2000, leads_each=200, prove=False)
"""Without the analysis of all possible leads: these edits are decided by forms and by search alone."""


@cache
def report_of(edit: Edit) -> Report:
    return classified(side(POLICY), side(edited(edit)), SEARCH)


EVERY = pytest.mark.parametrize("edit", TABLE, ids=lambda edit: edit.what)


def test_the_table_has_many_edits_and_every_class() -> None:
    assert len(TABLE) >= 40
    assert {edit.klass for edit in TABLE} == CLASSES.keys() - {"undecided"}


@EVERY
def test_an_edit_has_its_class_and_needs_its_bump(edit: Edit) -> None:
    report = report_of(edit)
    assert (report.klass.value, report.bump.word) == (edit.klass, edit.bump), [
        one.change.words for one in report.findings
    ]


@EVERY
def test_what_moves_is_shown_by_a_lead_that_the_reference_scores_the_same_way(edit: Edit) -> None:
    report = report_of(edit)
    assert report.comparison is not None
    if report.klass in (Class.BAND, Class.TIGHTENED, Class.LOOSENED, Class.SCORE):
        assert report.moved
    for moved in report.moved:
        before, after = reference(report.comparison.old, moved.lead), reference(report.comparison.renamed, moved.lead)
        assert difference(moved.difference.output, before, after) == moved.difference


@EVERY
def test_the_way_back_has_the_same_weight(edit: Edit) -> None:
    """What is added in one direction is removed in the other; a gate that is tightened there is loosened here."""
    there, back = report_of(edit), classified(side(edited(edit)), side(POLICY), SEARCH)
    assert there.equal == back.equal
    pairs = {(one.change.area, one.change.name) for one in there.findings if one.change.kind in ("added", "removed")}
    assert pairs == {
        (one.change.area, one.change.name) for one in back.findings if one.change.kind in ("added", "removed")
    }
    opposite = {Class.TIGHTENED: Class.LOOSENED, Class.LOOSENED: Class.TIGHTENED}
    by_leads = {Class.SCORE, Class.BAND, Class.REFACTOR, Class.COSMETIC, *opposite}
    if there.klass in by_leads:
        assert back.klass is opposite.get(there.klass, there.klass)


@EVERY
def test_an_edit_that_means_nothing_keeps_the_fingerprint_and_every_other_is_told(edit: Edit) -> None:
    old, new = side(POLICY).program, side(edited(edit)).program
    if edit.klass == "cosmetic":
        assert old.fingerprint == new.fingerprint
    elif edit.klass not in ("metadata", "explanation"):
        assert old.fingerprint != new.fingerprint


# ------------------------------------------------------------------ evidence


def test_equal_policies_are_proved_equal() -> None:
    report = classified(side(POLICY), side(POLICY))
    assert report.equal and report.klass is Class.COSMETIC and report.evidence is Evidence.PROVED
    assert report.bump is Bump.NONE and report.findings == ()


def test_what_no_change_reaches_is_proved_the_same() -> None:
    report = classified(side(POLICY), side(POLICY.replace("+1 nick", "+2 nick")))
    assert report.klass is Class.SCORE and report.evidence is Evidence.PROVED
    assert {Output("score", "total"), Output("band", "readiness"), Output("decision", "step")} <= set(report.same)
    assert [moved.difference.output.name for moved in report.moved] == ["trivia", "trivia"]


def test_a_gate_that_only_bars_more_is_proved_to_let_nobody_pass() -> None:
    report = classified(side(POLICY), side(POLICY.replace("never sales when title", "never sales, mail when title")))
    assert Output("loosened", "mail") in report.same and Output("loosened", "sales") in report.same


def test_what_is_neither_shown_nor_proved_is_not_decided_and_weighs_like_a_band() -> None:
    """The step from 999,999 to 1,000,000 points of something that no sane lead has: nothing is guessed about it."""
    old = """\
policy p
  language 1
lead by id
  name: text
score s from 0 to 100
  +90 rare when sqrt(length(name)) * 3.7 between 41.11 and 41.12 and name contains "qq"
band b of s
  hot >= 80
  cold otherwise
"""
    report = classified(side(old), side(old.replace("41.12", "41.121")), Effort(leads=50, leads_each=10, prove=False))
    assert report.klass is Class.UNDECIDED and report.evidence is Evidence.OPEN
    assert report.bump is Bump.MINOR and Class.UNDECIDED.rank < Class.BAND.rank
    assert Output("band", "b") in report.undecided


# ------------------------------------------------------------------ the leads that show it


def test_a_lead_that_shows_a_change_is_small() -> None:
    report = classified(side(POLICY), side(POLICY.replace("+60 large", "+39 large")))
    grade = next(one for one in report.moved if one.difference.output == Output("band", "grade"))
    assert (grade.difference.before, grade.difference.after, grade.direction) == ("A", "B", "down")
    known = {name: value for name, value in grade.lead.lead.items() if value is not None}
    assert known.keys() == {"email", "employees"} and known["employees"] == 1000.0
    assert grade.lead.events == ()


def test_up_is_to_more_points_and_to_a_better_row() -> None:
    report = classified(side(POLICY), side(POLICY.replace("hot  >= 60", "hot  >= 50")))
    assert [one.direction for one in report.moved if one.difference.output == Output("band", "readiness")] == ["up"]


def test_of_many_edits_the_one_that_moves_a_lead_is_named() -> None:
    text = POLICY.replace("+60 large", "+39 large").replace("+1 nick", "+2 nick").replace("+5 webinars", "+6 webinars")
    report = classified(side(POLICY), side(text))
    for moved in report.moved:
        names = [report.findings[at].change.name for at in moved.because]
        expected = {"grade": ["fit.large"], "trivia": ["trivia.nick"], "interest": ["interest.webinars"]}
        if moved.difference.output.name in expected:
            assert names == expected[moved.difference.output.name]


INTERACTING = """\
policy p
  language 1
lead by id
  a: yes/no
  b: yes/no
score s from 0 to 100
  +10 first when a
  +10 second when b
  +1  other when a and b
band t of s
  hot >= 50
  cold otherwise
"""


def test_edits_that_move_a_lead_only_together_are_named_together() -> None:
    text = INTERACTING.replace("+10 first", "+25 first").replace("+10 second", "+25 second").replace("+1 ", "+2 ")
    report = classified(side(INTERACTING), side(text))
    band = next(one for one in report.moved if one.difference.output == Output("band", "t"))
    assert {report.findings[at].change.name for at in band.because} == {"s.first", "s.second"}
    first = next(one for one in report.findings if one.change.name == "s.first")
    assert first.klass is Class.BAND
    assert [report.findings[at].change.name for at in first.together] == ["s.second"]
    other = next(one for one in report.findings if one.change.name == "s.other")
    assert other.together == ()


def test_edits_that_make_up_for_each_other_weigh_what_they_weigh_together() -> None:
    """Points that go from one rule to another with the same condition: by themselves both would move bands."""
    text = INTERACTING.replace("+10 second when b", "+50 second when a").replace("+10 first when a", "+40 first when a")
    back = text.replace("+50 second", "+40 second").replace("+40 first", "+50 first")
    report = classified(side(text), side(back))
    assert report.klass is Class.EXPLANATION or report.klass is Class.UNDECIDED
    if report.evidence is Evidence.PROVED:
        assert all(one.klass.rank <= report.klass.rank for one in report.findings)


def test_approvals_refer_to_a_change_wherever_it_stands_in_the_text() -> None:
    loosened = POLICY.replace("never sales, mail unless", "never sales unless")
    moved = loosened.replace("score trivia", "# a comment\n\nscore trivia")
    one, other = (classified(side(POLICY), side(text)).loosened for text in (loosened, moved))
    assert [finding.change.fingerprint for finding in one] == [finding.change.fingerprint for finding in other]
    assert len(one) == 1 and len(one[0].change.fingerprint) == 64


# ------------------------------------------------------------------ random policies


def reference(program: ir.Program, lead: Witness) -> object:
    kinds = {event.name for event in program.events}
    facts = {one.name: lead.lead.get(one.name) for one in program.fields}
    return evaluate(program, facts, [event for event in lead.events if event.kind in kinds], lead.at)


def changed_at_random(seed: int) -> tuple[Side, ir.Program] | None:
    """A random policy, and itself with one to three slips of the pen."""
    analysis = analysed(written(Author(rolled(seed)).policy()))
    if analysis.program is None:
        return None
    chance = random.Random(seed)
    program = analysis.program
    for _ in range(chance.choice((1, 1, 2, 3))):
        slips = mutants(program, analysis.sources)
        program = chance.choice(slips).program if slips else program
    return Side(analysis.program, analysis.sources), program


def holds_for(seed: int) -> str:
    """Whether what is said of a random change is true of random leads; the class that it was given."""
    made = changed_at_random(seed)
    if made is None:
        return "not made"
    old, new = made
    report = classified(old, Side(new, old.sources), Effort(leads=300, leads_each=30, changes=4, prove=False))
    assert report.comparison is not None
    for moved in report.moved:
        if moved.difference.output.what != "account":
            before, after = reference(old.program, moved.lead), reference(report.comparison.renamed, moved.lead)
            assert difference(moved.difference.output, before, after) == moved.difference, moved
    pair = Pair(old.program, report.comparison.renamed)
    for number in range(30):
        for program in (old.program, new):
            facts = facts_for(program, Dice(rolled(number)))
            lead = Witness(
                {**{one.name: None for one in pair.fields}, **facts.lead}, tuple(happenings(facts.events)), facts.at
            )
            for found in pair.differences(lead):
                assert found.output not in report.same, f"{found} was proved impossible"
                if report.evidence in (Evidence.PROVED, Evidence.BOUNDED):
                    assert _WORST[found.output.what].rank <= report.klass.rank, found
    return report.klass.value


@pytest.mark.parametrize("seed", range(12))
def test_the_class_of_a_random_change_never_understates_what_random_leads_show(seed: int) -> None:
    assert holds_for(seed)


@pytest.mark.deep
def test_many_random_changes() -> None:
    found = [holds_for(seed) for seed in range(1000, 1600)]
    assert len(set(found)) >= 6, set(found)


@pytest.mark.parametrize("seed", range(20))
def test_a_policy_does_not_differ_from_itself(seed: int) -> None:
    analysis = analysed(written(Author(rolled(seed)).policy()))
    if analysis.program is not None:
        own = Side(analysis.program, analysis.sources)
        assert compare(own, own).changes == ()
        assert classified(own, own).equal
