"""What the solver says (the extra `prove`), against the count cell by cell, all leads counted out, and random leads."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import product

import pytest
from claims import case_of
from dice import Dice, rolled
from strategies import facts_for, happenings, program_of
from test_analysis_brute_force import everything, small_policy

from scorec.compiler.analysis import solver
from scorec.compiler.analysis.answers import Answer, Impossible, Method, Possible, Undecided
from scorec.compiler.analysis.claims import Bars, Claim, Fired, band_is, both, not_true, outcome_is, score_is
from scorec.compiler.analysis.study import VERIFY, Study, study
from scorec.compiler.engines.terms import rules_of
from scorec.dsl import ir, semantics, values

needs_solver = pytest.mark.skipif(
    not solver.is_installed(), reason="the solver is not installed: pip install scorec[prove]"
)

FAST = 30
DEEP = int(os.environ.get("SCOREC_EXAMPLES", "300"))

ALONE = replace(VERIFY, bits=1, rows=1, states=1, tries=0)
"""Nothing is counted and no lead is tried: what bounds leave open is for the solver."""
WITHOUT = replace(VERIFY, seconds=4, tries=0, solver=False)
"""Bounds and the count alone."""


# ------------------------------------------------------------------ larger policies


def larger_policy(dice: Dice) -> str:
    """A policy over nine fields and two kinds of events, with every construct that comes to whole ticks."""
    number = iter(range(1000))
    scores = "\n\n".join(_score(dice, name, number) for name in ("fit", "interest", "risk"))
    return f"""policy larger
  language 1

lead by lead_id
  vip: yes/no
  known: yes/no
  opted_in: yes/no
  country: one of ("nl", "de", "us", "fr")
  plan: one of ("free", "pro", "team")
  title: text
  size: number
  budget: number

event demo
event visit

{scores}

{_late(dice, number)}

score total{dice.one(("", " from 0 to 100", " rounded", " rounded up", " rounded down"))} = {_body(dice, 0)}

band grade of fit
  A >= {dice.one((20, 35, 60))}
  B >= {dice.one((0, 5, 9))}
  C otherwise

band heat of total
  hot >= {dice.one((40, 60, 99))}
  warm >= {dice.one((20, 30))}
  cold otherwise

band mood of late
  good >= {dice.one((10, 20))}
  bad otherwise

decide next_step by grade, heat
  wait when {_condition(dice)} and country is us
  call when mood is good and {_condition(dice)}
  |   | hot   | warm | cold |
  | A | sales | {dice.one(("sales", "call"))} | {dice.one(("sales", "wait", "call"))} |
  | B | {dice.one(("sales", "wait", "call"))} | call | wait |
  | C | {dice.one(("call", "wait"))} | wait | wait |
  wait otherwise

gate closed
  never sales, call {dice.one(("when", "unless"))} {_condition(dice)}
  never sales when {dice.one(("risk", "late"))} >= {dice.one((5, 10, 25))} and {_test(dice)}
"""


def _score(dice: Dice, name: str, number: Iterator[int]) -> str:
    rounding = dice.one(("", "", " rounded", " rounded down"))
    lines = [f"score {name}" + (f" from {dice.one((0, -20))} to 60" if dice.chance(70) else "") + rounding]
    for _ in range(dice.whole(3, 6)):
        lines += _item(dice, number, 1)
    if dice.chance(30):
        lines.append(f"  cap {dice.one((5, 20))} when {_condition(dice)}")
    if dice.chance(30):
        lines.append(f"  floor {dice.one((3, 10))} when {_condition(dice)}")
    return "\n".join(lines)


def _late(dice: Dice, number: Iterator[int]) -> str:
    """A score whose rules read other scores."""
    return f"""score late from -50 to 50
  +{dice.whole(1, 3)} step{next(number)} per {dice.one((7, 10))} of {dice.one(("fit", "interest"))}, at most 12 points
  +{dice.one((4, 9))} also{next(number)} when risk >= {dice.one((0, 5, 15))} and {_condition(dice)}
  best of highest{next(number)}
    +(fit / 4) half{next(number)} when {_test(dice)}
    +{dice.one((2, 6))} fixed{next(number)} when {_test(dice)}
  first of earliest{next(number)} counting {dice.one((30, 45))}%
    -(interest / 3) third{next(number)} when {_test(dice)}
    +5 rest{next(number)} otherwise"""


def _body(dice: Dice, level: int) -> str:
    one = dice.one(("fit", "interest", "risk", "late"))
    if level == 2:
        return one
    inner, other = _body(dice, level + 1), _body(dice, level + 1)
    return dice.one(
        (
            one,
            f"{dice.whole(2, 3)} * ({inner})",
            f"({inner}) / {dice.one((3, 7))}",
            f"({inner}) + ({other})",
            f"({inner}) - ({other})",
            f"min({inner}, {other})",
            f"max({inner}, {other}, {dice.whole(1, 30)})",
            f"abs({inner})",
            f"{dice.one(('round', 'floor', 'ceil'))}({inner})",
            f"weighted_mean(60% of {one}, 40% of {dice.one(('fit', 'risk'))})",
            f"if({_test(dice)}, {inner}, {other})",
        )
    )


def _item(dice: Dice, number: Iterator[int], level: int) -> list[str]:
    space = "  " * level
    kind = dice.whole(0, 5) if level == 1 else 9
    if kind <= 2:
        limits = dice.one((" at most 15 points", f" counting {dice.one((25, 33, 70))}%", " at least 2 points", ""))
        head = f"{('group', 'first of', 'best of')[kind]} g{next(number)}{limits}"
        members = [line for _ in range(dice.whole(2, 4)) for line in _item(dice, number, level + 1)]
        return [space + head, *members]
    points = dice.one(("+10", "+5", "+3", "-7", "-20", "+25", "+2.5", "+0.0007"))
    if dice.chance(20):
        event = dice.one(("demo", "visit"))
        return [f"{space}{points} r{next(number)} for each {event} in the last 7 days, at most 2 times"]
    return [f"{space}{points} r{next(number)} {dice.one(('when', 'when', 'unless'))} {_condition(dice)}"]


def _condition(dice: Dice) -> str:
    one = _test(dice)
    return one if dice.chance(50) else f"({one} {dice.one(('and', 'or'))} {_test(dice)})"


def _test(dice: Dice) -> str:
    return dice.one(
        (
            "vip",
            "not known",
            "known",
            "opted_in",
            "opted_in is missing",
            "country in (nl, de)",
            "country is not us",
            "plan is pro",
            "not (plan is free)",
            'title has word "cto"',
            'title contains any of ("head", "vp")',
            f"size >= {dice.one((5, 10, 50))}",
            f"budget < {dice.one((100, 2000))}",
            "size is known",
            "any demo in the last 7 days",
            "count of visit in the last 30 days >= 2",
            "count of visit in the last 7 days >= 1",
        )
    )


def claims_of(program: ir.Program) -> Iterator[Claim]:
    """Questions about a larger policy that are not easily answered."""
    grade, heat, mood = program.bands
    for one, other, third in product(grade.labels, heat.labels, mood.labels):
        yield both(band_is("grade", one), band_is("heat", other), band_is("mood", third))
    for outcome in ("sales", "call", "wait"):
        yield outcome_is("next_step", outcome)
        yield both(outcome_is("next_step", outcome), not_true(band_is("grade", "A")), band_is("heat", "hot"))
    yield both(Bars("closed", "call"), band_is("heat", "hot"))
    for score in program.scores:
        for rule in list(rules_of(score.items))[:3]:
            yield Fired(rule.full_name)
    yield both(
        ir.InSet(ir.Kind.FLAG, ir.BandOf(ir.Kind.LABEL, "grade"), ("A", "B")),
        score_is("fit", "<", 0),
    )


# ------------------------------------------------------------------ against the count


def agree(one: Answer, other: Answer) -> bool:
    """Two answers to one question do not contradict each other."""
    return not {type(one), type(other)} >= {Possible, Impossible}


def compare(seeds: range, most: int) -> Counter[str]:
    """Holds what the solver alone says against what the count says, for so many questions about each policy."""
    counted: Counter[str] = Counter()
    for seed in seeds:
        dice = Dice(rolled(seed))
        program = program_of(larger_policy(dice))
        solving, counting = study(program, budget=ALONE), study(program, budget=WITHOUT)
        questions = list(claims_of(program))
        # Ticks that a score reaches, and ticks beside them: everything that is rounded has to be rounded alike.
        for score in program.scores:
            reached = sorted(counting.totals(score.name) or ())
            some = dice.some(reached, 1, 3) if reached else []
            questions += [score_is(score.name, "==", ticks + by) for ticks in some for by in (0, 1, -1)]
        for claim in dice.some(questions, min(most, len(questions)), most):
            said, known = solving.can_be(claim), counting.can_be(claim)
            assert agree(said, known), (seed, claim, said, known)
            counted["asked"] += 1
            if isinstance(said, Undecided):
                counted["open"] += 1
                # Whether a rule fired is asked by an outer bound where only the best of several counts.
                assert isinstance(claim, Fired) or not is_exact(solving, claim), (seed, claim)
            else:
                counted[f"{type(said).__name__} by {said.method.value}"] += 1
            counted["both decided"] += not isinstance(said, Undecided) and not isinstance(known, Undecided)
    return counted


def is_exact(asked: Study, claim: Claim) -> bool:
    """Whether the solver's question has no room for what is no lead."""
    (at,) = asked.instants
    abstraction = asked._abstraction(at)
    return solver.Question(abstraction, abstraction.claim(claim)).exact


@needs_solver
def test_the_solver_agrees_with_the_count() -> None:
    counted = compare(range(FAST), 8)
    assert counted["Possible by solver"] > FAST
    assert counted["Impossible by solver"] > FAST
    assert counted["open"] < counted["asked"] / 20


@needs_solver
@pytest.mark.deep
def test_the_solver_agrees_with_the_count_for_many_policies() -> None:
    counted = compare(range(FAST, FAST + DEEP), 20)
    print(f"{DEEP} policies: {dict(counted)}, 0 contradictions")
    assert counted["open"] < counted["asked"] / 20


# ------------------------------------------------------------------ against all leads, and against random ones


def answers_that_are_right(seeds: range) -> Counter[str]:
    """Small policies, whose leads are counted out."""
    counted: Counter[str] = Counter()
    for seed in seeds:
        program = program_of(small_policy(Dice(rolled(seed))))
        asked = study(program, budget=ALONE)
        found = everything(program)
        for score in program.scores:
            reached = {one.scores[score.name] for one in found}
            known = [ticks for ticks in reached if ticks is not None]
            for ticks in (min(known), max(known), max(known) + 1, min(known) - 1, min(known) + 10_000):
                answer = asked.can_be(score_is(score.name, "==", ticks))
                counted[type(answer).__name__] += 1
                assert isinstance(answer, Possible) == (ticks in reached), (seed, score.name, ticks, answer)
        for outcome in program.decisions[0].outcomes:
            answer = asked.can_be(outcome_is("next_step", outcome))
            really = any(lead.decisions["next_step"][0] == outcome for lead in found)
            assert isinstance(answer, Possible) == really, (seed, outcome, answer)
    return counted


@needs_solver
def test_the_solver_agrees_with_all_leads_counted_out() -> None:
    counted = answers_that_are_right(range(5))
    assert counted["Undecided"] == 0
    assert counted["Possible"] > 20
    assert counted["Impossible"] > 20


def uncontradicted(seeds: range) -> Counter[str]:
    """Policies of any construct: no random lead is as the solver says that none can be."""
    counted: Counter[str] = Counter()
    for seed in seeds:
        case = case_of(seed)
        if case is None:
            continue
        program = case.program
        asked = study(program, budget=replace(ALONE, seconds=2))
        leads = [facts_for(program, Dice(rolled(seed * 1000 + number))) for number in range(30)]
        found = [semantics.evaluate(program, one.lead, happenings(one.events), one.at) for one in leads]
        for band in program.bands:
            for label in band.labels:
                said = asked.can_be(band_is(band.name, label))
                counted[type(said).__name__] += 1
                if isinstance(said, Impossible):
                    assert not any(one.bands[band.name] == label for one in found), (seed, band.name, label)
        for decision in program.decisions:
            for outcome in decision.outcomes:
                said = asked.can_be(outcome_is(decision.name, outcome))
                counted[type(said).__name__] += 1
                if isinstance(said, Impossible):
                    assert not any(one.decisions[decision.name][0] == outcome for one in found), (seed, outcome)
        for score in program.scores:
            for ticks in {one.scores[score.name] for one in found[:3]} - {None}:
                said = asked.can_be(score_is(score.name, "==", ticks))
                counted[type(said).__name__] += 1
                assert not isinstance(said, Impossible), (seed, score.name, ticks)
    return counted


@needs_solver
def test_no_random_lead_is_as_the_solver_says_that_none_can_be() -> None:
    counted = uncontradicted(range(30))
    assert counted["Impossible"] > 5


@needs_solver
@pytest.mark.deep
def test_no_random_lead_of_many_policies_is_as_the_solver_says_that_none_can_be() -> None:
    counted = uncontradicted(range(30, 30 + DEEP))
    print(f"{DEEP} policies of any construct: {dict(counted)}, 0 contradictions")
    assert counted["Impossible"] > DEEP / 10


# ------------------------------------------------------------------ when it is asked


ENTANGLED = """policy entangled
  language 1

lead by lead_id
  {fields}

score fit
  {rules}
"""


def entangled(fields: int) -> ir.Program:
    """Every rule reads two fields, so that all fields have to be looked at together."""
    pairs = [(one, other) for one in range(fields) for other in range(one)]
    return program_of(
        ENTANGLED.format(
            fields="\n  ".join(f"f{number}: yes/no" for number in range(fields)),
            rules="\n  ".join(
                f"+{2 * (7 * one + other) + 2} r{one}_{other} when f{one} and not f{other}" for one, other in pairs
            ),
        )
    )


@needs_solver
def test_what_is_too_much_to_count_is_proved() -> None:
    program = entangled(18)
    asked = study(program, budget=VERIFY)
    # All points are even.
    proof = asked.can_be(score_is("fit", "==", 10_000 * 1_001))
    assert proof == Impossible(Method.SOLVER, exact=True)
    assert asked.proof_against(score_is("fit", "==", 10_000 * 1_001)) == proof


@needs_solver
def test_a_lead_is_found_that_random_leads_do_not_find() -> None:
    program = entangled(18)
    claim = score_is("fit", ">=", 10_000 * 16_000)
    answer = study(program, budget=VERIFY).can_be(claim)
    assert isinstance(answer, Possible)
    assert answer.method is Method.SOLVER
    assert Study(program).holds(claim, answer.witness)
    again = study(program, budget=VERIFY).can_be(claim)
    assert again == answer, "the same question has the same answer"


def test_without_the_solver_it_says_what_may_help(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solver, "is_installed", lambda: False)
    answer = study(entangled(18), budget=replace(VERIFY, seconds=0.5)).can_be(score_is("fit", "==", 10_000 * 1_001))
    assert isinstance(answer, Undecided)
    assert "pip install scorec[prove]" in answer.why


def test_a_quick_check_asks_no_solver(monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(*_: object) -> None:
        raise AssertionError("the solver was asked")

    monkeypatch.setattr(solver, "Question", asked)
    answer = study(entangled(18)).can_be(score_is("fit", "==", 10_000 * 1_001))
    assert isinstance(answer, Undecided)
    assert "pip install" not in answer.why


# ------------------------------------------------------------------ arithmetic


@needs_solver
@pytest.mark.parametrize("how", ["rounded", "rounded up", "rounded down"])
def test_points_are_rounded_as_the_language_rounds_them(how: str) -> None:
    for ticks in (*range(-25_001, 25_002, 2_500), -5_000, 5_000, 14_999, -14_999, -1, 0, 1):
        assert solved(ticks, lambda formula, number: formula.rounded(number, how)) == values.rounded(ticks, how)


@needs_solver
@pytest.mark.parametrize("denominator", [2, 3, 7, 10])
def test_a_quotient_is_rounded_half_away_from_zero(denominator: int) -> None:
    for ticks in range(-21, 22):
        found = solved(ticks, lambda formula, number: formula.divided(number, denominator))
        assert found == values.divide(ticks, denominator)


def solved(ticks: int, make: Callable[[solver.Formula, solver.Number], solver.Number]) -> int:
    """What the solver makes of a number that it does not know in advance."""
    formula = solver.Formula()
    number = formula.whole(-50_000, 50_000)
    made = make(formula, number)
    formula.model.add(formula.expression(number) == ticks)
    one = formula.cp.CpSolver()
    assert one.solve(formula.model) in (formula.cp.OPTIMAL, formula.cp.FEASIBLE)
    found: int = one.value(formula.expression(made))
    return found


@needs_solver
@pytest.mark.parametrize("limit", [0.1, 0.30000000000000004, 1 / 3, -2.00005, 12.3456, -12.3456, 1e11])
def test_ticks_are_held_against_doubles_as_doubles(limit: float) -> None:
    first = solver._first_at_least(limit)
    assert first / 10000.0 >= limit > (first - 1) / 10000.0
