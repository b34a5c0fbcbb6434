"""Explanations of random policies: they add up, agree with the result, and are put into words without fail."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from strategies import Facts, analysed, facts, sources

from scorec.cli.explain import lead_text
from scorec.cli.render import Paint
from scorec.compiler.engines import python
from scorec.compiler.explain import Explanation, account_of, as_json
from scorec.dsl import ir
from scorec.dsl.result import Evaluation
from scorec.dsl.values import decimal_of


@st.composite
def cases(draw: Any) -> tuple[ir.Program, Facts, Explanation]:
    """A random policy, a random lead, and its account."""
    analysis = analysed(draw(sources()))
    assume(analysis.program is not None)
    assert analysis.program is not None
    one: Facts = draw(facts(analysis.program))
    account = account_of(analysis.program, analysis.sources, "L1", (one.lead, one.events, one.at))
    return analysis.program, one, account


@given(cases())
@settings(max_examples=60 if settings().max_examples < 1_000 else settings().max_examples)
def test_the_account_of_any_lead_is_true(case: tuple[ir.Program, Facts, Explanation]) -> None:
    program, one, account = case
    evaluation = python.load(program).evaluate_with_reasons(one.lead, one.events, one.at)
    _the_lines_of_every_score_add_up_to_it(account)
    _the_account_says_what_the_result_says(account, evaluation)
    _a_gate_bars_by_those_of_its_lines_that_hold(account)
    _no_rule_is_both_earned_and_not(account)
    _the_nearest_better_row_lies_above(account)
    _every_account_can_be_shown_and_sent(account)


def _the_lines_of_every_score_add_up_to_it(account: Explanation) -> None:
    for score in account.scores:
        assert sum((entry.points for entry in score.entries), Decimal(0)) == (score.value or 0)


def _the_account_says_what_the_result_says(account: Explanation, evaluation: Evaluation) -> None:
    assert {score.name: score.value for score in account.scores} == {
        name: None if ticks is None else decimal_of(ticks) for name, ticks in evaluation.scores.items()
    }
    assert {place.band: place.label for place in account.bands} == evaluation.bands
    assert {gate.name: gate.bars for gate in account.gates} == evaluation.gates
    assert {
        one.name: (one.outcome, one.row, tuple((barred.row, barred.gates) for barred in one.barred))
        for one in account.decisions
    } == evaluation.decisions


def _a_gate_bars_by_those_of_its_lines_that_hold(account: Explanation) -> None:
    for gate in account.gates:
        barred = {outcome for barrier in gate.barriers if barrier.bars for outcome in barrier.outcomes}
        assert barred == set(gate.bars)


def _no_rule_is_both_earned_and_not(account: Explanation) -> None:
    for score in account.scores:
        earned = {entry.rule for entry in score.entries if entry.step == "rule"}
        assert earned.isdisjoint(rule.rule for rule in score.unearned)


def _the_nearest_better_row_lies_above(account: Explanation) -> None:
    for place in account.bands:
        assert place.lacking is None or place.lacking > 0
        assert place.margin is None or place.margin >= 0


def _every_account_can_be_shown_and_sent(account: Explanation) -> None:
    text = lead_text(account, Paint(), 80)
    for score in account.scores:
        assert f"{score.name} {'missing' if score.value is None else score.value}" in text
    assert json.loads(json.dumps(as_json(account)))["key"] == "L1"
