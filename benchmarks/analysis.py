"""`python -m benchmarks.analysis`: what it costs to ask about every possible lead, and how far each method gets.

Policies of 20 to 1,000 rules, made from a seed. In half of them few fields are entangled: most rules read one of eight
fields, and those that read two read neighbours. In the other half many are: every other rule reads two of twenty-four
fields, any two. About each policy the same questions are asked: the cells of the decision's grid, its outcomes, its
gate, rules, sums, and whether a lead without events can be hot. `--budget` says how long one question may take: that of
`check`, `diff` or `verify`.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.__main__ import program_of
from scorec.compiler.analysis import solver
from scorec.compiler.analysis.answers import Answer, Undecided
from scorec.compiler.analysis.claims import Bars, Claim, Fired, band_is, both, not_true, outcome_is, score_is
from scorec.compiler.analysis.study import CHECK, DIFF, VERIFY, Budget, study
from scorec.compiler.engines.terms import rules_of
from scorec.dsl import ir
from scorec.dsl.values import TICKS

BUDGETS = {"check": CHECK, "diff": DIFF, "verify": VERIFY}
METHODS = ("ranges", "cells", "search", "solver")

EVENTS = ("page_view", "email_click", "form_submit", "demo_request")


# ------------------------------------------------------------------ policies


def policy(rules: int, entangled: bool, seed: int = 11) -> str:
    """A policy of so many rules: two thirds about fields, one third about events."""
    dice = random.Random(f"{rules} {entangled} {seed}")
    fields = 24 if entangled else 8
    on_events = rules // 3
    declared = "".join(f"  field_{number}: {_kind(number)}\n" for number in range(fields))
    fit = "".join(_group(dice, number, fields, entangled) for number in range(0, rules - on_events, 6))
    did = "".join(f"  {_event_rule(dice, number)}\n" for number in range(on_events))
    most = 40 * rules
    return f"""policy made
  language 1

lead by lead_id
{declared}  refused: yes/no

event {", ".join(EVENTS)}

score fit
{fit}
score interest from 0 to 100
{did}
score total = fit + 2 * interest

band grade of fit
  A >= {most // 40}
  B >= {most // 100}
  C otherwise

band heat of total
  hot >= {most // 20}
  warm >= {most // 60}
  cold otherwise

decide next_step by grade, heat
  |   | hot   | warm    | cold    |
  | A | sales | call    | nurture |
  | B | sales | call    | nurture |
  | C | call  | nurture | recycle |
  recycle otherwise

gate refusal
  never sales, call when refused
"""


def _kind(number: int) -> str:
    return ("number", 'one of ("a", "b", "c", "d", "e")', "yes/no", "text")[number % 4]


def _group(dice: random.Random, first: int, fields: int, entangled: bool) -> str:
    head = dice.choice(("group", "group", "first of", "best of"))
    members = []
    for number in range(first, first + 6):
        one = dice.randrange(fields)
        test = _test(dice, one)
        if dice.random() < (0.5 if entangled else 0.15):
            other = dice.randrange(fields) if entangled else (one + 1) % fields
            test = f"({test}) {dice.choice(('and', 'or'))} ({_test(dice, other)})"
        points = dice.choice(("+15", "+10", "-5", "+3", "-10", "+7"))
        members.append(f"    {points} fit_{number} when {test}\n")
    return f"  {head} group_{first} at most {dice.choice((20, 25, 30))} points\n{''.join(members)}"


def _test(dice: random.Random, number: int) -> str:
    name = f"field_{number}"
    match number % 4:
        case 0:
            return f"{name} {dice.choice(('>=', '<'))} {dice.randrange(1, 20) * 50}"
        case 1:
            return f'{name} in ("{dice.choice("abc")}", "{dice.choice("de")}")'
        case 2:
            return dice.choice((name, f"not {name}"))
        case _:
            return (
                f'{name} {dice.choice(("contains", "ends with", "is"))} "{dice.choice(("edu", "corp", "gov", "lab"))}"'
            )


def _event_rule(dice: random.Random, number: int) -> str:
    event, days = dice.choice(EVENTS), dice.choice((7, 30, 90))
    match dice.randrange(3):
        case 0:
            test = f"for each {event} in the last {days} days, at most {dice.randrange(1, 4)} times"
        case 1:
            test = f"when any {event} in the last {days} days"
        case _:
            test = f"when count of {event} in the last {days} days >= {dice.randrange(1, 4)}"
    return f"+{dice.randrange(1, 12)} did_{number} {test}"


# ------------------------------------------------------------------ questions


def questions(program: ir.Program) -> Iterator[Claim]:
    for one in ("A", "B", "C"):
        for other in ("hot", "warm", "cold"):
            yield both(band_is("grade", one), band_is("heat", other))
    for outcome in ("sales", "call", "recycle"):
        yield outcome_is("next_step", outcome)
        yield both(Bars("refusal"), outcome_is("next_step", outcome))
    rules = [rule.full_name for score in program.scores for rule in rules_of(score.items)]
    for rule in rules[:: max(1, len(rules) // 6)]:
        yield Fired(rule)
    quiet = [ir.Not(ir.Kind.FLAG, ir.Occurs(ir.Kind.FLAG, ir.Events((event,)))) for event in sorted(EVENTS)]
    yield both(band_is("heat", "hot"), *quiet)
    yield both(not_true(band_is("heat", "hot")), score_is("interest", ">=", 100 * TICKS), band_is("grade", "A"))
    for points in (-17, 1, 23, 101):
        yield score_is("fit", "==", points * TICKS)


# ------------------------------------------------------------------ the table


@dataclass(frozen=True)
class Asked:
    """What became of the questions about one policy, and the seconds that each took."""

    methods: Counter[str]
    seconds: tuple[float, ...]


def ask(program: ir.Program, budget: Budget) -> Asked:
    asked = study(program, budget=budget)
    methods: Counter[str] = Counter()
    seconds: list[float] = []
    for claim in questions(program):
        start = time.perf_counter()
        answer: Answer = asked.can_be(claim)
        seconds.append(time.perf_counter() - start)
        methods["open" if isinstance(answer, Undecided) else answer.method.value] += 1
    return Asked(methods, tuple(seconds))


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.analysis", description=__doc__)
    parser.add_argument("--budget", choices=tuple(BUDGETS), default="verify")
    parser.add_argument("--rules", type=int, nargs="+", default=[20, 60, 120, 300, 1_000])
    chosen = parser.parse_args(arguments)
    if not solver.is_installed():
        print("The solver is not installed (`pip install scorec[prove]`): its column stays empty.\n")
    print(f"budget of `{chosen.budget}`; shares of the questions that each method decided\n")
    print(
        "| rules | fields | questions | ranges | cells | search | solver | not decided | seconds: all | median | most |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for rules in chosen.rules:
        for entangled in (False, True):
            program = program_of(policy(rules, entangled), "made.score", Path.cwd())
            found = ask(program, BUDGETS[chosen.budget])
            count = len(found.seconds)
            shares = " | ".join(f"{found.methods[method] / count:.0%}" for method in (*METHODS, "open"))
            middle = sorted(found.seconds)[count // 2]
            print(
                f"| {rules:,} | {'many entangled' if entangled else 'few'} | {count} | {shares} "
                f"| {sum(found.seconds):.1f} | {middle:.3f} | {max(found.seconds):.1f} |",
                flush=True,
            )


if __name__ == "__main__":
    main(sys.argv[1:])
