"""What `scorec diff` proves is never contradicted by a lead.

Random policies with one edit each: a slip of the pen, a condition that is said in a longer way and means the same, a
rule that is split into two. What the report calls the same must be the same for every random lead, lying at the limits
of both versions; and no lead may show more than the class says. By itself:

    python tests/test_diff_agreement.py 0 200 500      # the first seed, how many pairs, how many leads for each
"""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from claims import case_of
from dice import Dice, rolled
from strategies import analysed, facts_for, happenings, nodes

from scorec.compiler.analysis.answers import Witness
from scorec.compiler.diff.changes import Side
from scorec.compiler.diff.classes import _WORST, Class, Effort, Evidence, Report, classified
from scorec.compiler.diff.pairs import Output, Pair, difference
from scorec.compiler.mutation import mutants
from scorec.dsl import ir
from scorec.dsl.semantics import evaluate

EFFORT = Effort(leads=200, leads_each=20, changes=2)
Edited = tuple[ir.Program, frozenset[str]]
"""The new version, and the kinds of outputs that may differ at most (everything, if it is not known)."""

EVERYTHING = frozenset({"lines", "score", "band", "decision", "tightened", "loosened", "account"})


# ------------------------------------------------------------------ edits


def slip(side: Side, chance: random.Random) -> Edited | None:
    """A limit one off, a sign turned, a row gone."""
    found = mutants(side.program, side.sources)
    return (chance.choice(found).program, EVERYTHING) if found else None


def longer(side: Side, chance: random.Random) -> Edited | None:
    """`C` said as `C or (C and D)`, which is C whatever D is, also where one of them is unknown."""
    conditions = [one.trigger.condition for one in _rules(side.program) if isinstance(one.trigger, ir.When)]
    if len(conditions) < 2:
        return None
    said, beside = chance.sample(conditions, 2)
    flag = ir.Kind.FLAG
    told = ir.Or(flag, (said, ir.And(flag, (said, beside))))
    scores = tuple(replace(one, items=_replaced(one.items, said, told)) for one in side.program.scores)
    return replace(side.program, scores=scores), frozenset()


def split(side: Side, chance: random.Random) -> Edited | None:
    """A rule of 30 points written as one of 20 and one of 10 with the same condition: other lines, the same score."""
    able = [
        (score, rule)
        for score in side.program.scores
        for rule in score.items
        if isinstance(rule, ir.Rule)
        and isinstance(rule.points, int)
        and abs(rule.points) >= 2
        and isinstance(rule.trigger, ir.When)
    ]
    if not able:
        return None
    score, rule = chance.choice(able)
    assert isinstance(rule.points, int)
    first = rule.points // 2
    more = replace(rule, name="the_rest", full_name=f"{score.name}.the_rest", points=rule.points - first)
    at = score.items.index(rule)
    items = (*score.items[:at], replace(rule, points=first), more, *score.items[at + 1 :])
    scores = tuple(replace(one, items=items) if one is score else one for one in side.program.scores)
    return replace(side.program, scores=scores), frozenset({"lines"})


EDITS: tuple[Callable[[Side, random.Random], Edited | None], ...] = (slip, longer, split)


def _rules(program: ir.Program) -> Iterator[ir.Rule]:
    return (node for score in program.scores for node in nodes(score.items) if isinstance(node, ir.Rule))


def _replaced(items: Any, said: ir.Expr, told: ir.Expr) -> Any:
    """The items with another condition in the rules that have this one."""
    found = []
    for item in items:
        if isinstance(item, ir.Group):
            item = replace(item, items=_replaced(item.items, said, told))
        elif isinstance(item, ir.Rule) and isinstance(item.trigger, ir.When) and item.trigger.condition is said:
            item = replace(item, trigger=replace(item.trigger, condition=told))
        found.append(item)
    return tuple(found)


# ------------------------------------------------------------------ leads


@dataclass
class Tally:
    """What was tried, and what it showed."""

    pairs: int = 0
    leads: int = 0
    moved: int = 0
    """leads for which something differs"""
    replayed: int = 0
    """leads scored with the reference as well"""
    same: int = 0
    """outputs that were proved the same"""
    undecided: int = 0
    classes: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        kinds = ", ".join(f"{name} {count}" for name, count in self.classes.most_common())
        return (
            f"{self.pairs} pairs, {self.leads} leads ({self.moved} moved, {self.replayed} by the reference too); "
            f"{self.same} outputs proved the same, {self.undecided} undecided; classes: {kinds}"
        )


def leads_of(pair: Pair, number: int, seed: int) -> Iterator[Witness]:
    """Leads at the limits of the one version and of the other."""
    blank = {one.name: None for one in pair.fields}
    for program in (pair.old, pair.new):
        dice = Dice(rolled(1_000_003 * seed + (program is pair.new)))
        for _ in range(number // 2):
            facts = facts_for(program, dice)
            yield Witness({**blank, **facts.lead}, tuple(happenings(facts.events)), facts.at)


def holds_for(seed: int, leads: int, tally: Tally) -> None:
    case = case_of(seed)
    if case is None:
        return
    analysis = analysed(case.text)
    assert analysis.program is not None
    old = Side(analysis.program, analysis.sources)
    chance = random.Random(seed)
    edited = chance.choice(EDITS)(old, chance)
    if edited is None:
        return
    program, may_differ = edited
    report = classified(old, Side(program, analysis.sources), EFFORT)
    assert report.comparison is not None
    pair = Pair(old.program, report.comparison.renamed)
    same = set(pair.outputs) if report.equal else set(report.same)
    for moved in report.moved:
        assert moved.difference.output.what in may_differ, moved
    for number, lead in enumerate(leads_of(pair, leads, seed)):
        found = {one.output for one in pair.differences(lead)}
        if number % 20 == 0:
            found |= by_the_reference(pair, lead)
            tally.replayed += 1
        for output in found:
            what = f"seed {seed}: {output} differs for {lead}\n{case.text}"
            assert output not in same, f"it was proved the same; {what}"
            assert output.what in may_differ, f"the edit cannot do this; {what}"
            assert not_understated(report, output), f"it is more than {report.klass.value}; {what}"
        tally.moved += bool(found)
        tally.leads += 1
    tally.pairs += 1
    tally.same += len(same)
    tally.undecided += len(report.undecided)
    tally.classes["equal" if report.equal else report.klass.value] += 1


def not_understated(report: Report, output: Output) -> bool:
    """Whether a lead on which this differs is within what the class says."""
    if report.evidence in (Evidence.PROVED, Evidence.BOUNDED):
        return _WORST[output.what].rank <= report.klass.rank
    if report.klass is Class.UNDECIDED:  # counts as a band
        return _WORST[output.what].rank <= Class.BAND.rank or output in report.undecided
    return _WORST[output.what].rank <= report.klass.rank or output in report.undecided


def by_the_reference(pair: Pair, lead: Witness) -> set[Output]:
    results = []
    for program in (pair.old, pair.new):
        facts = {one.name: lead.lead.get(one.name) for one in program.fields}
        results.append(evaluate(program, facts, lead.events, lead.at))
    return {one.output for output in pair.outputs if (one := difference(output, *results)) is not None}


# ------------------------------------------------------------------ the tests


@pytest.mark.parametrize("seed", range(16))
def test_no_random_lead_contradicts_what_is_proved(seed: int) -> None:
    holds_for(seed, 40, Tally())


def test_pairs_of_every_kind_are_made() -> None:
    made = Counter[str]()
    for seed in range(30):
        case = case_of(seed)
        if case is not None:
            analysis = analysed(case.text)
            assert analysis.program is not None
            side = Side(analysis.program, analysis.sources)
            made.update(edit.__name__ for edit in EDITS if edit(side, random.Random(seed)) is not None)
    assert set(made) == {edit.__name__ for edit in EDITS} and min(made.values()) >= 5, made


@pytest.mark.deep
def test_no_lead_of_100_000_contradicts_what_is_proved() -> None:
    tally = Tally()
    seed = 10_000
    while tally.leads < 100_000:
        holds_for(seed, 1000, tally)
        seed += 1
    print(tally)
    assert tally.moved >= 1_000 and tally.same >= 200 and len(tally.classes) >= 4, tally


def main(first: int, pairs: int, leads: int) -> None:
    tally = Tally()
    for seed in range(first, first + pairs):
        holds_for(seed, leads, tally)
        if seed % 10 == 9:
            print(tally, flush=True)
    print(tally)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
