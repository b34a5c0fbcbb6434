"""Published policies of which versions are known: what `scorec diff` says about them, and whether it is true.

The idle leads are a change that was proposed in public and argued about without data; the three models are those of one
source for a company that sells to larger and larger ones. The reports are kept beside the policies, to be read."""

from __future__ import annotations

from functools import cache

import pytest
from command_line import scorec as command
from version_pages import FOLDER, PAIRS, page_of, report

import scorec
from scorec.compiler.analysis.answers import Witness
from scorec.compiler.diff.changes import Side, compare
from scorec.compiler.diff.classes import Class, Evidence, Finding, Moved, Report
from scorec.compiler.diff.pairs import Output, difference
from scorec.compiler.semver import Bump
from scorec.dsl import ir
from scorec.dsl.result import Evaluation
from scorec.dsl.semantics import evaluate

FAST = PAIRS[:2]
DEEP = [pytest.param(*pair, marks=pytest.mark.deep) for pair in PAIRS[2:]]
BOTH = [*(pytest.param(*pair) for pair in FAST), *DEEP]
"""The last pair is a policy written anew: each of its forty changes is asked about, which takes a while."""


@cache
def compared(old: str, new: str) -> Report:
    return scorec.diff(FOLDER / f"{old}.score", FOLDER / f"{new}.score")


def scored(program: ir.Program, lead: Witness) -> Evaluation:
    """By the reference; a version sees the fields and events that it has."""
    kinds = {one.name for one in program.events}
    facts = {one.name: lead.lead.get(one.name) for one in program.fields}
    return evaluate(program, facts, [event for event in lead.events if event.kind in kinds], lead.at)


def replays(moved: Moved, old: str, new: str) -> bool:
    before, after = (scored(scorec.load(FOLDER / f"{one}.score").program, moved.lead) for one in (old, new))
    return difference(moved.difference.output, before, after) == moved.difference


def finding(found: Report, words: str) -> Finding:
    (one,) = (one for one in found.findings if words in one.change.words)
    return one


def moved(found: Report, what: str, name: str) -> Moved:
    (one,) = (one for one in found.moved if one.difference.output == (what, name))
    return one


# ------------------------------------------------------------------ idle leads


def test_losing_points_sooner_moves_leads_down_and_stops_nobody() -> None:
    found = compared(*PAIRS[0])
    assert (found.klass, found.evidence, found.bump) == (Class.BAND, Evidence.PROVED, Bump.MINOR)
    down = moved(found, "band", "readiness")
    assert down.direction == "down" and moved(found, "score", "interest").direction == "down"


def test_each_step_of_idleness_is_a_change_with_a_lead_of_its_own() -> None:
    found = compared(*PAIRS[0])
    steps = [one for one in found.findings if one.change.area == "score"]
    assert [one.klass for one in steps] == [Class.BAND, Class.BAND]
    spared = finding(found, "the cap of 50 applies when")
    assert "in the last 30 days and not in_sales` instead of" in spared.change.words
    assert spared.moved is not None and spared.moved.lead.lead["status"] not in ("working", "opportunity")
    lost = finding(found, "the cap of 0 applies when")
    assert lost.moved is not None and lost.moved.difference.after in (0, "early", "leave")


def test_the_lead_has_been_idle_for_just_the_days_between_the_old_and_the_new_limit() -> None:
    for words, days in (("cap of 50", range(30, 45)), ("cap of 0", range(45, 90))):
        one = finding(compared(*PAIRS[0]), words).moved
        assert one is not None
        idle = one.lead.at - max(event.at for event in one.lead.events)
        assert idle // 86_400_000_000 in days


# ------------------------------------------------------------------ three models of one company


@pytest.mark.parametrize(("old", "new"), PAIRS[1:])
def test_nothing_is_taken_for_another_name_of_what_means_something_else(old: str, new: str) -> None:
    """`account_created` is gone and `demo_request` is new, and nothing reads the one where the other was read. So with
    `uses_partner_tool` and `uses_competitor`, which both give ten points."""
    policies = [scorec.load(FOLDER / f"{name}.score") for name in (old, new)]
    found = compare(*(Side(one.program, one.sources) for one in policies))
    assert not found.renames and not [one for one in found.changes if one.kind == "renamed"]


def test_from_a_model_of_use_to_one_of_fit_leads_move_both_ways() -> None:
    found = compared(*PAIRS[1])
    assert (found.klass, found.evidence, found.bump) == (Class.BAND, Evidence.PROVED, Bump.MINOR)
    shown = [one.moved for one in found.findings if one.moved is not None]
    assert {one.direction for one in shown if one.difference.output.what == "band"} == {"up", "down"}
    assert {Output("tightened", "sales"), Output("loosened", "sales")} <= set(found.same)  # a competitor stays out


@pytest.mark.parametrize(
    ("words", "klass"),
    [
        ("score `total` is `50% of fit + 50% of engagement` instead of", Class.BAND),
        ("`qualified` of `readiness` begins at 65 instead of 60", Class.BAND),
        ("`engagement.hand_raised` is new", Class.BAND),
        ("`fit.role` pays 15 points instead of 10", Class.BAND),
        ("event `feature_used` is gone", Class.METADATA),
        ("field `country` is new", Class.METADATA),
    ],
)
def test_what_changes_between_the_first_two_models(words: str, klass: Class) -> None:
    assert finding(compared(*PAIRS[1]), words).klass is klass


# ------------------------------------------------------------------ all of them


@pytest.mark.parametrize(("old", "new"), BOTH)
def test_every_lead_that_is_shown_gets_what_is_said_from_both_versions(old: str, new: str) -> None:
    found = compared(old, new)
    assert found.moved
    for one in found.moved:
        assert replays(one, old, new), one


@pytest.mark.parametrize("name", sorted({name for pair in PAIRS for name in pair}))
def test_the_policies_do_what_their_own_tests_say(name: str) -> None:
    ran = command(FOLDER, "test", f"{name}.score")
    assert ran.code == 0 and "passed" in ran.out, ran.out


@pytest.mark.parametrize(("old", "new"), FAST)
def test_the_report_is_the_one_that_is_kept(old: str, new: str) -> None:
    assert page_of(old, new).read_text("utf-8") == report(old, new), "run: python tests/version_pages.py"


def test_the_kept_report_on_a_policy_written_anew_tells_every_change() -> None:
    """Its proofs come near the time that they may take, so that on a busy machine another lead may be shown."""
    old, new = PAIRS[2]
    policies = [scorec.load(FOLDER / f"{name}.score") for name in (old, new)]
    told = " ".join(page_of(old, new).read_text("utf-8").split())
    changes = compare(*(Side(one.program, one.sources) for one in policies)).changes
    assert len(changes) >= 40
    assert [one.words for one in changes if " ".join(one.words.split()) not in told] == []
