"""The leads that an analysis finds lie where a policy decides: replayed in an engine, they find a fault in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

import pytest
from strategies import program_of

from scorec.compiler.analysis.answers import Possible, Witness
from scorec.compiler.analysis.claims import Bars, Claim, Fired, band_is, both, not_true, outcome_is, score_is
from scorec.compiler.analysis.study import VERIFY, study
from scorec.compiler.engines import python
from scorec.compiler.engines.terms import rules_of
from scorec.dsl import ir, semantics

POLICY = """policy small
  language 1

lead by lead_id
  size: number
  country: one of ("nl", "de", "us")
  refused: yes/no

event demo

score fit from 0 to 100
  +30 large when size >= 200
  group place at most 15 points
    +10 near when country in (nl, de)
    +10 dutch when country is nl
  -20 quiet when no demo in the last 30 days

score total from 0 to 100 rounded = 45% of fit + 5

band grade of fit
  A >= 35
  B >= 10
  C otherwise

decide next_step
  sales when grade is A
  wait otherwise

gate refusal
  never sales when refused
"""

FAULTS = {
    "a limit is no longer reached by what equals it": ("f_0 >= 200.0", "f_0 > 200.0"),
    "a rule gives other points": ("s_0 += 300000", "s_0 += 290000"),
    "a value fell out of a list": ("{'de', 'nl'}", "{'nl'}"),
    "a group has another limit": ("g_0 = 150000", "g_0 = 160000"),
    "a rule takes points where it should give none": ("if not o_0: s_0", "if o_0: s_0"),
    "an event of yesterday is not seen": ("w_0 = T - 2592000000000", "w_0 = T - 3600000000"),
    "a share is rounded otherwise": ("(s_1 + 5000) // 10000", "s_1 // 10000"),
    "a missing value is taken for a known one": ("f_0 is not None and f_0", "(f_0 or 900.0)"),
    "a band begins elsewhere": ("s_0 >= 350000", "s_0 > 400000"),
    "a gate does not bar": ("('sales',) if f_2 else ()", "()"),
    "an unknown answer bars": ("('sales',) if f_2 else ()", "('sales',) if f_2 is not False else ()"),
}


def questions(program: ir.Program) -> Iterator[Claim]:
    """What `check`, `diff` and `verify` ask about every policy, and every total that a score can have."""
    for score in program.scores:
        for rule in rules_of(score.items):
            yield Fired(rule.full_name)
            yield not_true(Fired(rule.full_name))
    for band in program.bands:
        for label in band.labels:
            yield band_is(band.name, label)
    for outcome in program.decisions[0].outcomes:
        for barred in (Bars("refusal"), not_true(Bars("refusal"))):
            yield both(outcome_is("next_step", outcome), barred)
    for name in program.declared_scores:
        for ticks in sorted(study(program, budget=VERIFY).totals(name) or ()):
            yield score_is(name, "==", ticks)


@cache
def witnesses() -> tuple[Witness, ...]:
    program = program_of(POLICY)
    asked = study(program, budget=VERIFY)
    found = [answer.witness for claim in questions(program) if isinstance(answer := asked.can_be(claim), Possible)]
    return (*found, *asked.leads_to_try())


def differences(program: ir.Program, engine: python.Engine, replayed: Iterable[Witness]) -> list[Witness]:
    """The witnesses for which an engine gives something else than the reference."""
    found = []
    for one in replayed:
        events = [{"event": event.kind, "at": event.at, **dict(event.properties)} for event in one.events]
        really = semantics.evaluate(program, one.lead, one.events, one.at)
        made = engine.evaluate(one.lead, events, one.at)
        if (made.scores, made.bands, made.gates) != (really.scores, really.bands, really.gates):
            found.append(one)
    return found


def test_a_sound_engine_gives_what_the_witnesses_were_given_for() -> None:
    program = program_of(POLICY)
    replayed = witnesses()
    assert len(replayed) > 40
    assert differences(program, python.Engine(program), replayed) == []


@pytest.mark.parametrize("fault", FAULTS)
def test_replaying_witnesses_finds_a_fault_that_was_planted_in_an_engine(
    fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = program_of(POLICY)
    before, after = FAULTS[fault]
    written = python.module_text

    def broken(*parts: object) -> str:
        text = written(*parts)  # type: ignore[arg-type]
        assert before in text, f"the source has no {before!r} to break"
        return text.replace(before, after)

    monkeypatch.setattr(python, "module_text", broken)
    assert differences(program, python.Engine(program), witnesses()), fault
