"""Explanations of random policies: they add up, agree with the result, and are put into words without fail."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from hypothesis import assume, given
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
def accounts(draw: Any) -> tuple[ir.Program, Facts, Explanation]:
    """A random policy, a random lead, and its account."""
    analysis = analysed(draw(sources()))
    assume(analysis.program is not None)
    assert analysis.program is not None
    one: Facts = draw(facts(analysis.program))
    account = account_of(analysis.program, analysis.sources, "L1", (one.lead, one.events, one.at))
    return analysis.program, one, account


def evaluation_of(program: ir.Program, one: Facts) -> Evaluation:
    return python.load(program).evaluate_with_reasons(one.lead, one.events, one.at)


@given(accounts())
def test_the_lines_of_every_score_add_up_to_it(case: tuple[ir.Program, Facts, Explanation]) -> None:
    _, _, account = case
    for score in account.scores:
        total = sum((entry.points for entry in score.entries), Decimal(0))
        assert total == (score.value or 0)


@given(accounts())
def test_the_account_says_what_the_result_says(case: tuple[ir.Program, Facts, Explanation]) -> None:
    program, one, account = case
    evaluation = evaluation_of(program, one)
    assert {score.name: score.value for score in account.scores} == {
        name: None if ticks is None else decimal_of(ticks) for name, ticks in evaluation.scores.items()
    }
    assert {place.band: place.label for place in account.bands} == evaluation.bands
    assert {gate.name: gate.bars for gate in account.gates} == evaluation.gates
    found = {one.name: (one.outcome, one.row, tuple((b.row, b.gates) for b in one.barred)) for one in account.decisions}
    assert found == evaluation.decisions


@given(accounts())
def test_a_gate_bars_by_those_of_its_lines_that_hold(case: tuple[ir.Program, Facts, Explanation]) -> None:
    _, _, account = case
    for gate in account.gates:
        barred = {outcome for barrier in gate.barriers if barrier.bars for outcome in barrier.outcomes}
        assert barred == set(gate.bars)


@given(accounts())
def test_no_rule_is_both_earned_and_not(case: tuple[ir.Program, Facts, Explanation]) -> None:
    program, _, account = case
    for score in account.scores:
        earned = {entry.rule for entry in score.entries if entry.step == "rule"}
        assert earned.isdisjoint(rule.rule for rule in score.unearned)
        for rule in score.unearned:
            assert rule.state != "unknown" or rule.missing or not program.reads, rule


@given(accounts())
def test_the_nearest_better_row_lies_above(case: tuple[ir.Program, Facts, Explanation]) -> None:
    _, _, account = case
    for place in account.bands:
        if place.lacking is not None:
            assert place.lacking > 0
        if place.margin is not None:
            assert place.margin >= 0


@given(accounts())
def test_every_account_can_be_shown_and_sent(case: tuple[ir.Program, Facts, Explanation]) -> None:
    _, _, account = case
    text = lead_text(account, Paint(), 80)
    for score in account.scores:
        assert f"{score.name} {'missing' if score.value is None else score.value}" in text
    assert json.loads(json.dumps(as_json(account)))["key"] == "L1"
