"""What is said of every possible lead, against all of them: small policies whose leads can be counted out."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from dice import Dice, rolled
from strategies import program_of

from scorec.compiler.analysis.answers import Answer, Impossible, Possible, Range, Undecided
from scorec.compiler.analysis.claims import Bars, Fired, band_is, both, outcome_is
from scorec.compiler.analysis.study import DIFF, Study, study
from scorec.compiler.engines.terms import rules_of
from scorec.dsl import ir, semantics
from scorec.dsl.result import Evaluation
from scorec.dsl.values import DAY

FAST = 25
DEEP = int(os.environ.get("SCOREC_EXAMPLES", "2000"))

AT = 1_768_478_400_000_000
"""2026-01-15, noon"""

NUMBERS = (5, 10, 50)


# ------------------------------------------------------------------ small policies


def small_policy(dice: Dice) -> str:
    """A policy over two yes/no fields, a `one of`, a number and one kind of event."""
    scores = "\n\n".join(_score(dice, name) for name in ("fit", "interest"))
    return f"""policy small
  language 1

lead by lead_id
  vip: yes/no
  known: yes/no
  country: one of ("nl", "de", "us")
  size: number

event demo

{scores}

score total from 0 to 100 = {dice.whole(1, 3)} * fit + interest

band grade of fit
  A >= {dice.one((10, 20, 35))}
  B >= {dice.one((0, 5, 9))}
  C otherwise

band heat of total
  hot >= {dice.one((40, 60, 99))}
  cold otherwise

decide next_step by grade, heat
  wait when {_condition(dice)} and country is us
  |   | hot   | cold |
  | A | sales | {dice.one(("sales", "wait", "call"))} |
  | B | {dice.one(("sales", "wait", "call"))} | wait |
  | C | {dice.one(("call", "wait"))} | wait |
  sales when {_condition(dice)}
  call when vip and not known
  wait otherwise

gate closed
  never sales, call {dice.one(("when", "unless"))} {_condition(dice)}
"""


def _score(dice: Dice, name: str) -> str:
    number = iter(range(100))
    lines = [f"score {name}" + (" from 0 to 60" if dice.chance(70) else "")]
    for _ in range(dice.whole(2, 4)):
        lines += _item(dice, number, 1)
    if dice.chance(30):
        lines.append(f"  cap {dice.one((5, 20))} when {_condition(dice)}")
    if dice.chance(20):
        lines.append(f"  floor {dice.one((3, 10))} when {_condition(dice)}")
    return "\n".join(lines)


def _item(dice: Dice, number: Iterator[int], level: int) -> list[str]:
    space = "  " * level
    kind = dice.whole(0, 5) if level == 1 else 9
    if kind <= 2:
        head = ("group g{} at most {} points", "first of g{}", "best of g{}")[kind].format(
            next(number), dice.one((6, 15))
        )
        members = [line for _ in range(dice.whole(2, 3)) for line in _item(dice, number, level + 1)]
        return [space + head, *members]
    points = dice.one(("+10", "+5", "+3", "-7", "-20", "+25"))
    if dice.chance(20):
        return [f"{space}{points} r{next(number)} for each demo in the last 7 days, at most 2 times"]
    return [f"{space}{points} r{next(number)} when {_condition(dice)}"]


def _condition(dice: Dice) -> str:
    one = _test(dice)
    if dice.chance(60):
        return one
    return f"{one} {dice.one(('and', 'or'))} {_test(dice)}"


def _test(dice: Dice) -> str:
    return dice.one(
        (
            "vip",
            "not known",
            "known",
            "country is nl",
            "country in (nl, de)",
            "country is not us",
            "country is missing",
            f"size >= {dice.one(NUMBERS)}",
            f"size < {dice.one(NUMBERS)}",
            "size is known",
            "any demo in the last 7 days",
            "count of demo in the last 30 days >= 2",
        )
    )


def every_lead() -> Iterator[tuple[dict[str, Any], tuple[ir.Happening, ...]]]:
    """All leads that such policies can tell apart: values at every cut and between, up to three events of each age."""
    sizes = (None, 0.0, 5.0, 7.0, 10.0, 20.0, 50.0, 60.0)
    histories = [
        tuple(ir.Happening("demo", AT - age * DAY) for age, times in ((1, new), (10, old)) for _ in range(times))
        for new, old in product(range(3), range(3))
    ]
    for vip, known, country, size in product((None, True, False), (None, True, False), (None, "nl", "de", "us"), sizes):
        for history in histories:
            yield {"vip": vip, "known": known, "country": country, "size": size}, history


def everything(program: ir.Program) -> list[Evaluation]:
    return [semantics.evaluate(program, lead, events, AT) for lead, events in every_lead()]


# ------------------------------------------------------------------ the comparison


def agrees(program: ir.Program) -> tuple[int, int]:
    """Holds every answer against all leads; how many there were, and how many were not decided."""
    asked = study(program, budget=DIFF)
    found = everything(program)
    answers: list[Answer] = []

    def check(claim: ir.Expr, really: bool) -> None:
        answer = asked.can_be(claim)
        answers.append(answer)
        match answer:
            case Possible(witness=witness):
                assert really, f"{claim} is said to be possible"
                assert Study(program).holds(claim, witness)
            case Impossible():
                assert not really, f"{claim} is said to be impossible"
            case Undecided():
                pass

    for score in program.scores:
        reached = {one.scores[score.name] for one in found}
        ends = asked.range_of(score.name)
        low, high = min(t for t in reached if t is not None), max(t for t in reached if t is not None)
        assert ends.low <= low and high <= ends.high
        if ends.exact:
            assert (ends.low, ends.high) == (low, high)
        totals = asked.totals(score.name)
        assert totals is None or totals == reached
        for rule in rules_of(score.items):
            fired = any(
                line.rule == rule.full_name and line.step == "rule" for one in found for line in one.lines or ()
            )
            check(Fired(rule.full_name), fired)  # type: ignore[arg-type]
    grade, heat = program.bands
    for one, other in product(grade.labels, heat.labels):
        claim = both(band_is("grade", one), band_is("heat", other))
        check(claim, any(lead.bands["grade"] == one and lead.bands["heat"] == other for lead in found))
    for outcome in program.decisions[0].outcomes:
        check(outcome_is("next_step", outcome), any(lead.decisions["next_step"][0] == outcome for lead in found))
        check(both(Bars("closed", outcome), outcome_is("next_step", outcome)), False)
    check(Bars("closed"), any(lead.gates["closed"] for lead in found))  # type: ignore[arg-type]
    return len(answers), sum(isinstance(answer, Undecided) for answer in answers)


def compare(seeds: range) -> tuple[int, int]:
    asked = undecided = 0
    for seed in seeds:
        answers, open_ones = agrees(program_of(small_policy(Dice(rolled(seed)))))
        asked, undecided = asked + answers, undecided + open_ones
    return asked, undecided


def test_answers_agree_with_all_leads_counted_out() -> None:
    asked, undecided = compare(range(FAST))
    assert asked > 10 * FAST
    assert undecided < asked / 20


@pytest.mark.deep
def test_answers_agree_with_all_leads_of_many_policies() -> None:
    asked, undecided = compare(range(FAST, FAST + DEEP))
    print(f"{DEEP} policies, {asked} questions, {undecided} not decided, 0 disagreements")
    assert undecided < asked / 20


def test_a_field_and_an_event_of_one_name_are_two_things() -> None:
    program = program_of("""policy small
  language 1

lead by lead_id
  demo: yes/no

event demo

score interest from 0 to 100
  +10 said when demo
  +20 did when any demo in the last 7 days
""")
    assert study(program, budget=DIFF).totals("interest") == {0, 100_000, 200_000, 300_000}


def test_filters_look_at_the_parts_of_an_address_in_an_event() -> None:
    program = program_of("""policy small
  language 1

lead by lead_id

event invitation
  sent_to: text
  sent_from: text

score interest from 0 to 100
  +10 partner when any invitation where (domain(sent_to) is "corp.example")
  +20 office when any invitation where (local_part(sent_from) in ("office", "desk"))
""")
    asked = study(program, budget=DIFF)
    assert asked.totals("interest") == {0, 100_000, 200_000, 300_000}
    assert isinstance(asked.can_be(Fired("interest.partner")), Possible)


def test_a_filter_that_looks_at_an_address_and_at_its_domain_leaves_room() -> None:
    program = program_of("""policy small
  language 1

lead by lead_id

event invitation
  sent_to: text

score interest from 0 to 100
  +10 partner when any invitation where (domain(sent_to) is "corp.example" and sent_to is not "ann@corp.example")
""")
    assert not isinstance(study(program, budget=DIFF).can_be(Fired("interest.partner")), Impossible)


def test_how_long_ago_something_was_may_be_one_of_a_list() -> None:
    program = program_of("""policy small
  language 1

lead by lead_id
  created_at: time

event demo

score interest from 0 to 100
  +10 fresh when minutes since created_at in (3, 5)
  +20 waiting when days since last demo in (2, 4)
""")
    asked = study(program, budget=DIFF)
    assert asked.range_of("interest") == Range(0, 300_000, exact=True)
    assert isinstance(asked.can_be(Fired("interest.fresh")), Possible)
    assert isinstance(asked.can_be(Fired("interest.waiting")), Possible)


def test_computed_points_that_are_missing_are_nothing_however_often() -> None:
    program = program_of("""policy small
  language 1

lead by lead_id
  budget: number

event demo

score fit from 0 to 100
  +10 known when budget is known

score interest
  +(2 * budget) much per 5 of fit
""")
    ends = study(program, budget=DIFF).range_of("interest")
    assert ends.low <= 0 <= ends.high
