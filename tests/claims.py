"""What must hold for every policy and all facts: every engine gives what the reference gives, to the last digit.

Each claim is a function of one case: a policy, with facts that lie at its limits.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from authoring import Author
from dice import Dice, rolled, shrinking
from hypothesis import assume
from hypothesis import strategies as st
from spelling import spelled_out
from strategies import Facts, analysed, facts_for, happenings, program_of
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


def names_stand_for_their_text(case: Case) -> None:
    """A policy means the same when every define, and every set of rules or rows, is written out where it is used."""
    file = parse(Source("trial.score", case.text)).file
    assert file is not None
    assert program_of(written(spelled_out(file))) == case.program


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
    names_stand_for_their_text,
)


def without_reasons(result: Evaluation) -> Evaluation:
    decisions = {name: (outcome, row, ()) for name, (outcome, row, _) in result.decisions.items()}
    return replace(result, decisions=decisions, lines=None)
