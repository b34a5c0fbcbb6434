"""What a lead that is not fully known can still come to: no completion of what is missing lies outside of the range."""

from __future__ import annotations

import os
from collections import Counter

import pytest
from claims import case_of
from dice import Dice, rolled
from strategies import facts_for, happenings

from scorec.compiler.analysis import still_open
from scorec.compiler.analysis.still_open import open_ranges
from scorec.compiler.engines import python
from scorec.compiler.policy import loads
from scorec.dsl import ir
from scorec.dsl.values import DAY, TICKS

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


def test_bounds_hold_where_there_is_no_time_for_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(still_open, "MOST_SECONDS", 0.0)
    counted = hold(range(FAST))
    assert counted["moved"] > 100 and not counted["exact"], counted


@pytest.mark.deep
def test_no_completion_lies_outside_for_many_policies() -> None:
    assert hold(range(10_000, 10_000 + DEEP))["moved"] > DEEP


# ------------------------------------------------------------------ by hand

POLICY = """\
policy p
  language 1

lead by id
  email: text required
  employees: number
  industry: text
  country: text
  customer: yes/no
  since: date

event visit
  seconds: number
event demo

list core = ("health", "energy")

score fit from 0 to 100
  first of size
    +60 large when employees >= 1000
    +30 medium when employees >= 100
  +20 core_industry when industry in core
  -40 own_people when domain(email) is "acme.example"
  -10 customer unless not customer

score interest
  +10 visits for each visit in the last 30 days, at most 3 times
  +5 demo when any demo and country is "nl"

score total = 50% of fit + 50% of interest

score talk
  +10 talked when any demo

score trust
  +10 old_friend when days since since >= 100
"""

PROGRAM = loads(POLICY).program
NOW = loads(POLICY).instant("2026-03-02")


def possible(*events: ir.Happening, **known: ir.Value) -> dict[str, tuple[float, float, bool]]:
    lead: dict[str, ir.Value] = {one.name: None for one in PROGRAM.fields}
    found = open_ranges(PROGRAM, {**lead, "email": "ann@corp.example", **known}, events, NOW)
    return {name: (one.low / TICKS, one.high / TICKS, one.exact) for name, one in found.items()}


def visit(days: int) -> ir.Happening:
    return ir.Happening("visit", NOW - days * DAY, ())


def test_a_lead_of_whom_little_is_known_can_still_come_to_anything_that_its_mail_address_allows() -> None:
    found = possible()
    assert found["fit"] == (0, 80, True) and found["trust"] == (0, 10, True)
    assert possible(email="bob@acme.example")["fit"] == (0, 40, True)


def test_what_becomes_known_narrows_the_range() -> None:
    assert possible(employees=150.0, customer=False)["fit"] == (30, 50, True)
    assert possible(employees=150.0, customer=False, industry="Health")["total"] == (25, 25, True)
    assert "fit" not in possible(employees=150.0, customer=False, industry="Health")


def test_a_score_that_reads_nothing_missing_has_no_range() -> None:
    assert "talk" not in possible()
    assert possible(employees=1.0, industry="x", country="x", customer=True, since=NOW - 12 * DAY) == {}


def test_events_are_those_that_happened() -> None:
    assert possible()["interest"] == (0, 0, True)
    assert possible(visit(1), visit(2), visit(40))["interest"] == (20, 20, True)
    demo = ir.Happening("demo", NOW - DAY, ())
    assert possible(visit(1), demo)["interest"] == (10, 15, True)
    assert possible(visit(1), demo, country="nl").get("interest") is None


def test_a_score_of_scores_goes_as_far_as_they_do() -> None:
    assert possible(visit(1), country="be")["total"] == (5, 45, True)


def test_a_rule_whose_events_are_chosen_by_what_is_missing_has_bounds_at_least() -> None:
    text = POLICY.replace("+10 talked when any demo", "+10 talked when count of visit where (seconds > employees) >= 2")
    program = loads(text).program
    lead: dict[str, ir.Value] = {one.name: None for one in program.fields}
    long = tuple(ir.Happening("visit", NOW - DAY, (("seconds", 90.0),)) for _ in range(2))
    found = open_ranges(program, {**lead, "email": "ann@corp.example"}, long, NOW)["talk"]
    assert (found.low, found.high) == (0, 10 * TICKS)
