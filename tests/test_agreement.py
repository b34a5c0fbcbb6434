"""Every engine gives what the reference gives, to the last digit, for random policies and random facts.

Each claim is a function of one case: a policy, with facts that lie at its limits. Cases come from seeds, each with a
policy of its own, and from Hypothesis, which varies a policy and shrinks it when a claim fails. A difference that is
found here becomes a test with a name in `test_differences.py`.

    SCOREC_EXAMPLES=20000 SCOREC_SEED=1 pytest -m deep tests/test_agreement.py
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, get_args

import pytest
from authoring import Author
from dice import Dice, rolled, shrinking
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from strategies import Facts, analysed, facts_for, happenings, nodes, program_of
from writing import written

from scorec.compiler import format as layout
from scorec.compiler.engines import changes, incremental, python
from scorec.compiler.parse import parse
from scorec.dsl import ir, semantics, values
from scorec.dsl.result import Evaluation
from scorec.dsl.source import Source

# ------------------------------------------------------------------ cases


@dataclass(frozen=True)
class Case:
    """A policy, by its text, and facts to try it on."""

    text: str
    facts: tuple[Facts, ...]

    @property
    def program(self) -> ir.Program:
        return _program(self.text)

    @property
    def engine(self) -> python.Engine:
        return _engine(self.text)


@lru_cache(maxsize=512)
def _program(text: str) -> ir.Program:
    return program_of(text)


@lru_cache(maxsize=512)
def _engine(text: str) -> python.Engine:
    return python.load(_program(text))


def case_from(whole: Callable[[int, int], int]) -> Case | None:
    """A random case; None for a policy that the checker refuses, which is rare
    (`test_the_author_writes_policies_that_are_right`)."""
    text = written(Author(whole).policy())
    if analysed(text).program is None:
        return None
    dice = Dice(whole)
    return Case(text, tuple(facts_for(_program(text), dice) for _ in range(dice.whole(1, 3))))


@lru_cache(maxsize=512)
def case_of(seed: int) -> Case | None:
    return case_from(rolled(seed))


@st.composite
def cases(draw: Any) -> Case:
    case = case_from(shrinking(draw))
    assume(case is not None)
    assert case is not None
    return case


def meant(case: Case, one: Facts) -> Evaluation:
    """What the reference says."""
    return semantics.evaluate(case.program, one.lead, happenings(one.events), one.at)


# ------------------------------------------------------------------ claims


def the_emitted_python_agrees(case: Case) -> None:
    for one in case.facts:
        expected = meant(case, one)
        found = case.engine.evaluate(one.lead, one.events, one.at)
        assert found == without_reasons(expected)


def the_emitted_python_gives_the_same_reasons(case: Case) -> None:
    for one in case.facts:
        assert case.engine.evaluate_with_reasons(one.lead, one.events, one.at) == meant(case, one)


def adding_events_one_by_one_agrees(case: Case) -> None:
    """Whatever the order in which they come, and wherever one looks in between."""
    for one in case.facts:
        state = incremental.State(case.program, one.lead)
        order = random.Random(len(one.events)).sample(one.events, len(one.events))
        for number, event in enumerate(order):
            state.add(event)
            if number % 3 == 0:
                so_far = replace(one, events=order[: number + 1])
                assert state.evaluate(one.at) == without_reasons(meant(case, so_far))
        for at in (one.at, one.at + values.HOUR, one.at + values.DAY, one.at + 100 * values.DAY):
            assert state.evaluate(at) == without_reasons(meant(case, replace(one, at=at)))
        assert state.evaluate_with_reasons(at) == meant(case, replace(one, at=at))


def reasons_add_up(case: Case) -> None:
    for one in case.facts:
        result = meant(case, one)
        assert result.lines is not None
        for score, ticks in result.scores.items():
            own = [line.ticks for line in result.lines if line.score == score]
            assert sum(own) == (ticks or 0) and 0 not in own[1:]


def the_order_of_events_does_not_matter(case: Case) -> None:
    for one in case.facts:
        shuffled = random.Random(one.at).sample(one.events, len(one.events))
        for events in (shuffled, one.events[::-1]):
            assert meant(case, replace(one, events=events)) == meant(case, one)
            assert case.engine.evaluate_with_reasons(one.lead, events, one.at) == meant(case, one)


def events_to_come_do_not_matter(case: Case) -> None:
    for one in case.facts:
        past = replace(one, events=[event for event in one.events if event["at"] <= one.at])
        assert meant(case, past) == meant(case, one)


def nothing_changes_between_the_announced_instants(case: Case) -> None:
    for one in case.facts:
        at = one.at
        for _ in range(3):
            following = changes.next_change(case.program, one.lead, one.events, at)
            now = without_reasons(meant(case, replace(one, at=at)))
            last = at + 400 * values.DAY if following is None else following - 1
            assert last >= at
            between = sorted({at + (last - at) * part // 7 for part in range(8)} | {last, max(at, last - values.HOUR)})
            for moment in between:
                assert without_reasons(meant(case, replace(one, at=moment))) == now
            if following is None:
                break
            at = following


def scores_stay_in_their_range(case: Case) -> None:
    for one in case.facts:
        result = meant(case, one)
        for score in case.program.scores:
            ticks = result.scores[score.name]
            if ticks is not None:
                assert score.low is None or score.low <= ticks
                assert score.high is None or ticks <= score.high
                assert abs(ticks) <= values.MAX_TICKS
                assert score.rounding is None or ticks % values.TICKS == 0 or ticks in (score.low, score.high)


def a_barred_outcome_is_never_chosen(case: Case) -> None:
    for one in case.facts:
        result = meant(case, one)
        barred = {outcome for outcomes in result.gates.values() for outcome in outcomes}
        assert barred.isdisjoint(outcome for outcome, _, _ in result.decisions.values())


def accounts_agree(case: Case) -> None:
    leads = [(one.lead, one.events) for one in case.facts]
    at = case.facts[0].at
    expected = semantics.evaluate_accounts(case.program, [(lead, happenings(events)) for lead, events in leads], at)
    assert case.engine.accounts(leads, at) == expected


def layout_keeps_the_meaning(case: Case) -> None:
    """A formatted policy is its own layout, and means the same; so does one that was written more widely."""
    formatted = laid_out(case.text)
    assert laid_out(formatted) == formatted
    assert parse(Source("trial.score", formatted)).file == parse(Source("trial.score", case.text)).file
    wide = "\n\n".join(line.replace(" when ", "   when ") for line in case.text.split("\n"))
    assert program_of(laid_out(wide)) == case.program


def laid_out(text: str) -> str:
    formatted = layout.format_text(Source("trial.score", text))
    assert isinstance(formatted, str), formatted
    return formatted


CLAIMS: Sequence[Callable[[Case], None]] = (
    the_emitted_python_agrees,
    the_emitted_python_gives_the_same_reasons,
    adding_events_one_by_one_agrees,
    reasons_add_up,
    the_order_of_events_does_not_matter,
    events_to_come_do_not_matter,
    nothing_changes_between_the_announced_instants,
    scores_stay_in_their_range,
    a_barred_outcome_is_never_chosen,
    accounts_agree,
    layout_keeps_the_meaning,
)


def without_reasons(result: Evaluation) -> Evaluation:
    decisions = {name: (outcome, row, ()) for name, (outcome, row, _) in result.decisions.items()}
    return replace(result, decisions=decisions, lines=None)


SEEDS = range(300)


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.__name__)
def test_claim(claim: Callable[[Case], None]) -> None:
    for seed in SEEDS:
        case = case_of(seed)
        if case is not None:
            _hold(claim, case, seed)


@settings(max_examples=settings.default.max_examples // 2)
@given(case=cases())
def test_all_claims_with_shrinking(case: Case) -> None:
    for claim in CLAIMS:
        claim(case)


@pytest.mark.deep
def test_all_claims_deeply() -> None:
    """SCOREC_EXAMPLES policies (20,000) from the seed SCOREC_SEED on, each with every claim."""
    first, how_many = int(os.environ.get("SCOREC_SEED", "1000000")), int(os.environ.get("SCOREC_EXAMPLES", "20000"))
    for seed in range(first, first + how_many):
        case = case_of(seed)
        if case is not None:
            for claim in CLAIMS:
                _hold(claim, case, seed)


def _hold(claim: Callable[[Case], None], case: Case, seed: int) -> None:
    try:
        claim(case)
    except Exception as error:
        raise AssertionError(f"{claim.__name__} does not hold for seed {seed}:\n{case.text}") from error


# ------------------------------------------------------------------ what random policies are like


def test_the_author_writes_policies_that_are_right() -> None:
    refused = [seed for seed in SEEDS if case_of(seed) is None]
    assert len(refused) <= len(SEEDS) // 50


def test_random_policies_have_everything_that_the_language_has() -> None:
    """A kind of node that the author never writes is one on which nobody has seen the engines agree."""
    seen: set[Any] = set()
    for seed in SEEDS:
        case = case_of(seed)
        for node in nodes(case.program) if case is not None else ():
            seen.add(type(node))
            match node:
                case ir.Call(op=op):
                    seen.add(op)
                case ir.TextTest(op=op, every=every):
                    seen |= {op, (op, every)}
                case ir.AggregateOf(word=word) | ir.LeadsOf(word=word):
                    seen.add((type(node), word))
                case ir.Curve(shape=shape, after=after):
                    seen |= {shape, ("after", after > 0)}
                case ir.Group(kind=kind):
                    seen.add(("group", kind))
                case ir.Score(rounding=rounding):
                    seen.add(rounding)
                case ir.ScoreOf(ago=ago):
                    seen.add(("ago", ago > 0))
                case ir.CountOf(distinct=distinct):
                    seen.add(("distinct", distinct is not None))
                case ir.Each():
                    seen |= {
                        ("once", node.once_ever),
                        ("once per", node.once_per_period),
                        ("once per property", node.once_per_property is not None),
                        ("at most", node.at_most is not None),
                        ("at most per", node.at_most_per),
                    }
                case _:
                    pass
    words = ("sum", "average", "highest", "lowest")
    wanted: set[Any] = {*get_args(ir.Expr), *ir.Op, *ir.TextOp, *get_args(ir.Trigger)}
    wanted |= {(op, every) for op in ir.TextOp for every in (False, True)}
    wanted |= {(node, word) for node in (ir.AggregateOf, ir.LeadsOf) for word in words}
    wanted |= {"halving", "fading", "losing", "keeping", ("after", False), ("after", True)}
    wanted |= {("group", "sum"), ("group", "first"), ("group", "best"), None, "rounded", "rounded up", "rounded down"}
    wanted |= {
        (word, answer)
        for word in ("ago", "distinct", "once", "once per property", "at most")
        for answer in (False, True)
    }
    wanted |= {(word, period) for word in ("once per", "at most per") for period in (None, "day", "week", "month")}
    wanted |= {ir.Silence, ir.Bound, ir.Grid, ir.Choice, ir.Ban, ir.Account, ir.Holds, ir.Monotone, ir.Alert, ir.Show}
    assert wanted - seen == set()


def test_random_facts_reach_every_step_of_a_score_and_every_fate_of_a_row() -> None:
    seen: set[str] = set()
    for seed in SEEDS:
        case = case_of(seed)
        for one in case.facts if case is not None else ():
            assert case is not None
            result = meant(case, one)
            assert result.lines is not None
            seen |= {line.step for line in result.lines}
            seen |= {"limited" for line in result.lines if line.step == "rule" and line.before is not None}
            seen |= {"barred" for _, _, barred in result.decisions.values() if barred}
            seen |= {"missing" for ticks in result.scores.values() if ticks is None}
    steps = {"start", "rule", "most", "least", "counting", "silence", "floor", "cap", "rounding", "range", "body"}
    assert seen == steps | {"limited", "barred", "missing"}
