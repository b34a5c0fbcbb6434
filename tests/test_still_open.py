"""What a lead that is not fully known can still come to: no completion of what is missing lies outside of the range."""

from __future__ import annotations

import os
from collections import Counter

import pytest
from claims import case_of
from dice import Dice, rolled
from strategies import facts_for, happenings

from scorec.compiler.analysis.still_open import open_ranges
from scorec.compiler.engines import python
from scorec.compiler.policy import loads
from scorec.dsl import ir
from scorec.dsl.values import DAY

FAST, DEEP = 60, int(os.environ.get("SCOREC_EXAMPLES", "500"))
COMPLETIONS = 40


def hold(seeds: range) -> Counter[str]:
    """Leads of random policies with some of their fields taken away, and completed in ways that nobody planned."""
    counted: Counter[str] = Counter()
    for seed in seeds:
        case = case_of(seed)
        if case is None:
            continue
        program = case.program
        facts = facts_for(program, Dice(rolled(seed)))
        taken = Dice(rolled(seed + 1))
        optional = [one.name for one in program.fields if not one.required and taken.chance(50)]
        lead = {**facts.lead, **dict.fromkeys(optional)}
        missing = [one.name for one in program.fields if lead.get(one.name) is None]
        ranges = open_ranges(program, lead, happenings(facts.events), facts.at)
        counted.update("exact" if one.exact else "bounds" for one in ranges.values())
        engine = python.load(program)
        now = engine.evaluate(lead, facts.events, facts.at).scores
        for number in range(COMPLETIONS):
            other = facts_for(program, Dice(rolled(seed * 1000 + number))).lead
            dice = Dice(rolled(seed * 1000 + number + 1))
            completed = {**lead, **{name: other.get(name) for name in missing if dice.chance(75)}}
            for name, ticks in engine.evaluate(completed, facts.events, facts.at).scores.items():
                if name not in ranges:
                    assert ticks == now[name], (seed, number, name)
                elif ticks is not None:
                    assert ranges[name].low <= ticks <= ranges[name].high, (seed, number, name)
                    counted["inside"] += 1
                    counted["moved"] += ticks != now[name]
    return counted


def test_no_completion_of_a_lead_lies_outside_of_its_range() -> None:
    counted = hold(range(FAST))
    assert counted["moved"] > 100 and counted["exact"] > 10, counted


@pytest.mark.deep
def test_no_completion_lies_outside_for_many_policies() -> None:
    assert hold(range(10_000, 10_000 + DEEP))["moved"] > DEEP
