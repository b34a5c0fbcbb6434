"""Runs a policy's tests again on a program with one change, computing only what the change can reach.

What is not reached stands in the shortened program as a value that was found before: a score as a number, a band, a
gate or a decision as yes or no for each of its answers, handed over with the lead.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias, assert_never

from ..dsl import ir
from ..dsl.result import Evaluation, Line
from ..dsl.source import Source
from ..dsl.values import MAX_TICKS, TICKS
from .analysis.claims import Was
from .analysis.study import Study, study
from .engines import python
from .mutation import Mutant, Place, means_the_same, mutants, worst_first
from .questions import Facts, Inquiry, ask
from .reading import parts, reads
from .reasons import members
from .testing import facts_of, variants_of

Part: TypeAlias = tuple[str, str]
"""("score", "fit"), ("band", "readiness"), ("gate", "consent"), ("decision", "next_step")"""

_OF_ITEMS = ("rule", "most", "least", "counting")


@dataclass(frozen=True)
class _Check:
    """Something that holds for a case of the policy itself: an expectation, or a promise. `beside` is a case with one
    event more, or a larger number, of which a `Monotone` promise speaks."""

    test: str
    case: int
    expectation: ir.Expectation | None = None
    holds: ir.Holds | None = None
    monotone: ir.Monotone | None = None
    beside: int = 0


@dataclass
class Rerun:
    """The tests of a policy, ready to be run on its mutants."""

    program: ir.Program
    inquiry: Inquiry
    cases: list[Facts]
    checks: list[_Check]
    evaluations: list[Evaluation]
    """of each case, by the policy itself"""
    answers: dict[int, int]
    """which question stands for a condition, by the identity of its node"""
    graph: Mapping[Part, frozenset[Part]]
    earlier: frozenset[Part]
    """what is also read as it was at an earlier instant, and all that it reads"""
    hidden: list[dict[str, ir.Value]] = field(default_factory=list)
    """of each case, what shortened programs are told, beside the lead"""


@dataclass(frozen=True)
class MutationRun:
    """How the tests of a policy did on its mutants. `equal` are those that no lead could tell from the policy: they are
    not counted."""

    noticed: int
    equal: tuple[Mutant, ...]
    survivors: tuple[Mutant, ...]
    """worst first"""

    @property
    def all(self) -> int:
        return self.noticed + len(self.survivors)

    @property
    def percent(self) -> float:
        """How many of a hundred were noticed; all, where there was nothing to notice."""
        return 100 * self.noticed / self.all if self.all else 100.0


PROOFS = 1.5
"""So many seconds are spent on proofs that a mutant which no test notices is none."""


def run_mutants(program: ir.Program, sources: Mapping[str, Source]) -> MutationRun:
    """Runs the tests of a policy, which have to pass on it, on every mutant."""
    rerun = prepare(program)
    found = mutants(program, sources)
    survivors = [mutant for mutant in found if not rerun.cases or noticed_by(rerun, mutant) is None]
    until = time.monotonic() + PROOFS
    known = study(program)
    equal = [mutant for mutant in survivors if _is_equal(rerun, mutant, known, until)]
    left = [mutant for mutant in survivors if mutant not in equal]
    return MutationRun(len(found) - len(survivors), tuple(equal), tuple(worst_first(left)))


def _is_equal(rerun: Rerun, mutant: Mutant, known: Study, until: float) -> bool:
    if means_the_same(rerun.program, mutant):
        return True
    if not rerun.cases or time.monotonic() > until:
        return False
    if mutant.place.what == "band" and _is_out_of_reach(rerun.program, mutant, known):
        return True
    return study(mutant.program, old=rerun.program).proof_against(differs(rerun.program, mutant)) is not None


def _is_out_of_reach(program: ir.Program, mutant: Mutant, known: Study) -> bool:
    """Whether no score lies between the old limit of a band's row and the new one."""
    before, after = (
        next(band for band in one.bands if band.name == mutant.place.name) for one in (program, mutant.program)
    )
    if len(before.rows) != len(after.rows):
        return False
    for old, new in zip(before.rows, after.rows, strict=True):
        if old.limit == new.limit:
            continue
        if not (isinstance(old.limit, ir.Const) and isinstance(new.limit, ir.Const)):
            return False
        limits = [limit for limit in (old.limit.value, new.limit.value) if isinstance(limit, int)]
        reach = known.range_of(before.score)
        if len(limits) < 2 or (reach.high >= min(limits) and reach.low < max(limits)):
            return False
    return True


def differs(program: ir.Program, mutant: Mutant) -> ir.Expr:
    """The claim that a mutant gives a lead another score, band or outcome than the policy, in a study of both."""
    graph = _graph(program)
    flag = ir.Kind.FLAG
    claims: list[ir.Expr] = []
    changed: Part = (mutant.place.what, mutant.place.name)
    # What reads a part is the same where the part is; a gate alone says nothing by itself.
    for what, name in sorted(_reached(graph, changed)) if changed[0] == "gate" else [changed]:
        node: ir.Expr
        match what:
            case "score":
                node = ir.ScoreOf(ir.Kind.EXACT, name)
            case "band":
                node = ir.BandOf(ir.Kind.LABEL, name)
            case "decision":
                node = ir.DecisionOf(ir.Kind.LABEL, name)
            case _:
                continue
        # A study knows `Was` besides what the language knows.
        was: Any = Was(node)
        claims.append(ir.Not(flag, ir.Compare(flag, "==", node, was)))
        if what == "score":
            missing, was_missing = ir.IsMissing(flag, node), ir.IsMissing(flag, was)
            claims.append(ir.And(flag, (missing, ir.Not(flag, was_missing))))
            claims.append(ir.And(flag, (was_missing, ir.Not(flag, missing))))
    return claims[0] if len(claims) == 1 else ir.Or(flag, tuple(claims)) if claims else ir.Const(flag, True)


def prepare(program: ir.Program) -> Rerun:
    """Runs all tests of a policy once. They are supposed to pass."""
    cases: list[Facts] = []
    checks: list[_Check] = []
    for test in program.tests:
        case = len(cases)
        facts = facts_of(program, test)
        cases.append(facts)
        checks += [_Check(test.title, case, expectation=expected) for expected in test.expectations]
        for promise in program.promises:
            for vow in promise.vows:
                match vow:
                    case ir.Holds():
                        checks.append(_Check(test.title, case, holds=vow))
                    case ir.Monotone():
                        for _, beside in variants_of(program, vow, *facts):
                            checks.append(_Check(test.title, case, monotone=vow, beside=len(cases)))
                            cases.append(beside)
                    case _:
                        assert_never(vow)
    asked = [leaf for check in checks for condition in _conditions(check) for leaf in _leaves(condition)]
    questions: list[ir.Expr] = []
    answers: dict[int, int] = {}
    for leaf in asked:
        if not _is_plain(leaf) and id(leaf) not in answers:
            same = next((at for at, known in enumerate(questions) if known == leaf), len(questions))
            questions += [leaf] if same == len(questions) else []
            answers[id(leaf)] = same
    inquiry = ask(replace(program, account=None, alerts=(), shows=(), reads=()), questions)
    whole = inquiry.program
    engine = python.Engine(whole)
    evaluations = [engine.evaluate_with_reasons(*facts) for facts in cases]
    graph = _graph(whole)
    rerun = Rerun(program, inquiry, cases, checks, evaluations, answers, graph, _earlier(whole, graph))
    rerun.hidden = [_hidden(whole, evaluation) for evaluation in evaluations]
    return rerun


def noticed_by(rerun: Rerun, mutant: Mutant) -> str | None:
    """The title of the first test that fails on a mutant, itself or by a promise; None if all pass."""
    place = mutant.place
    start: Part = (place.what, place.name)
    live = _reached(rerun.graph, start)
    whole = replace(
        rerun.inquiry.program,
        scores=(*mutant.program.scores, *rerun.inquiry.program.scores[len(rerun.program.scores) :]),
        bands=mutant.program.bands,
        gates=mutant.program.gates,
        decisions=(*mutant.program.decisions, *rerun.inquiry.program.decisions[len(rerun.program.decisions) :]),
    )
    item = place.item if start not in rerun.earlier else None
    short = _shortened(rerun, whole, live, replace(place, item=item))
    engine = python.Engine(short)
    changed: dict[int, Evaluation] = {}
    for at, (lead, events, instant) in enumerate(rerun.cases):
        told = {**lead, **rerun.hidden[at]}
        if item is not None:
            told[_REST] = _rest(rerun, at, place.name, item) / TICKS
        found = engine.evaluate_with_reasons(told, events, instant)
        after = _together(rerun, rerun.evaluations[at], found, live, place, item)
        if after is not None:
            changed[at] = after
    for check in rerun.checks:
        if (check.case in changed or check.beside in changed) and not _still_holds(rerun, check, changed):
            return check.test
    return None


# ------------------------------------------------------------------ what is asked


def _conditions(check: _Check) -> list[ir.Expr]:
    found = [check.expectation.condition] if check.expectation is not None else []
    if check.holds is not None:
        found += [check.holds.condition, check.holds.consequence]
    return [condition for condition in found if condition is not None]


def _leaves(condition: ir.Expr) -> Iterator[ir.Expr]:
    match condition:
        case ir.And(items=items) | ir.Or(items=items):
            for item in items:
                yield from _leaves(item)
        case ir.Not(item=item):
            yield from _leaves(item)
        case _:
            yield condition


def _is_plain(leaf: ir.Expr) -> bool:
    """Whether it compares one result with a constant: then it needs no question."""
    match leaf:
        case ir.Compare(left=ir.ScoreOf(ago=0), right=ir.Const(kind=ir.Kind.EXACT)):
            return True
        case ir.Compare(sign="==" | "!=", left=ir.BandOf() | ir.DecisionOf(), right=ir.Const()):
            return True
        case _:
            return False


def _still_holds(rerun: Rerun, check: _Check, changed: Mapping[int, Evaluation]) -> bool:
    evaluation = changed.get(check.case, rerun.evaluations[check.case])
    if check.expectation is not None:
        expected = check.expectation
        if expected.condition is None:
            fired = any(line.rule == expected.rule and line.step == "rule" for line in evaluation.lines or ())
            return fired is not expected.negated
        return _truth(rerun, expected.condition, evaluation) is True
    if check.holds is not None:
        vow = check.holds
        asked = vow.condition is None or _truth(rerun, vow.condition, evaluation) is True
        return not asked or _truth(rerun, vow.consequence, evaluation) is not False
    if check.monotone is not None:
        beside = changed.get(check.beside, rerun.evaluations[check.beside])
        before, after = evaluation.scores[check.monotone.score], beside.scores[check.monotone.score]
        if before is None or after is None:
            return True
        return after >= before if check.monotone.verb == "lowers" else after <= before
    return True


def _truth(rerun: Rerun, condition: ir.Expr, evaluation: Evaluation) -> bool | None:
    match condition:
        case ir.And(items=items):
            truths = [_truth(rerun, item, evaluation) for item in items]
            return False if False in truths else None if None in truths else True
        case ir.Or(items=items):
            truths = [_truth(rerun, item, evaluation) for item in items]
            return True if True in truths else None if None in truths else False
        case ir.Not(item=item):
            truth = _truth(rerun, item, evaluation)
            return None if truth is None else not truth
        case ir.Compare(sign=sign, left=ir.ScoreOf(name=name, ago=0), right=ir.Const(kind=ir.Kind.EXACT, value=limit)):
            ticks = evaluation.scores[name]
            if ticks is None or not isinstance(limit, int):
                return None
            return {
                "<": ticks < limit,
                "<=": ticks <= limit,
                ">": ticks > limit,
                ">=": ticks >= limit,
                "==": ticks == limit,
                "!=": ticks != limit,
            }[sign]
        case ir.Compare(
            sign="==" | "!=" as sign, left=ir.BandOf() | ir.DecisionOf() as left, right=ir.Const(value=value)
        ):
            label = evaluation.bands[left.name] if isinstance(left, ir.BandOf) else evaluation.decisions[left.name][0]
            return (label == value) is (sign == "==")
        case _:
            return rerun.inquiry.truths(evaluation)[rerun.answers[id(condition)]]


# ------------------------------------------------------------------ what reads what


def what_reads(program: ir.Program, part: Part) -> list[Part]:
    """A part, and all that reads it, directly or not."""
    return sorted(_reached(_graph(program), part))


def read_by_all(program: ir.Program, wanted: Iterable[Part]) -> Iterator[object]:
    """Some scores, bands, gates and decisions, and all that they read, directly or not."""
    graph = _graph(program)
    found: dict[Part, None] = {}
    waiting = list(wanted)
    while waiting:
        part = waiting.pop()
        if part not in found:
            found[part] = None
            waiting.extend(sorted(graph.get(part, ())))
    for what, things in (
        ("score", program.scores),
        ("band", program.bands),
        ("gate", program.gates),
        ("decision", program.decisions),
    ):
        yield from (thing for thing in things if (what, thing.name) in found)


def _graph(program: ir.Program) -> Mapping[Part, frozenset[Part]]:
    """What each part reads directly."""
    graph: dict[Part, frozenset[Part]] = {}
    for score in program.scores:
        graph["score", score.name] = _read_by(score)
    for band in program.bands:
        graph["band", band.name] = _read_by(band) | {("score", band.score)}
    for gate in program.gates:
        graph["gate", gate.name] = _read_by(gate)
    for decision in program.decisions:
        found = set(_read_by(decision))
        for row in decision.rows:
            if isinstance(row, ir.Grid):
                names = {band.name for band in program.bands}
                found |= {("band" if by in names else "decision", by) for by in (row.by_rows, row.by_columns)}
        barred = set(decision.outcomes)
        found |= {
            ("gate", gate.name)
            for gate in program.gates
            if any(not barred.isdisjoint(ban.outcomes) for ban in gate.bans)
        }
        graph["decision", decision.name] = frozenset(found)
    return graph


def _read_by(part: object) -> frozenset[Part]:
    read = reads(part)
    return frozenset(
        [
            *(("score", name) for name in read.scores),
            *(("band", name) for name in read.bands),
            *(("decision", name) for name in read.decisions),
        ]
    )


def _reached(graph: Mapping[Part, frozenset[Part]], start: Part) -> frozenset[Part]:
    """A part, and all that reads it, directly or not."""
    reached = {start}
    growing = True
    while growing:
        more = {part for part, read in graph.items() if part not in reached and not reached.isdisjoint(read)}
        reached |= more
        growing = bool(more)
    return frozenset(reached)


def _earlier(program: ir.Program, graph: Mapping[Part, frozenset[Part]]) -> frozenset[Part]:
    waiting: list[Part] = [("score", node.name) for node in parts(program) if isinstance(node, ir.ScoreOf) and node.ago]
    found: set[Part] = set()
    while waiting:
        part = waiting.pop()
        if part not in found:
            found.add(part)
            waiting.extend(graph.get(part, ()))
    return frozenset(found)


# ------------------------------------------------------------------ the shortened program

_REST = "the rest of its score"
"""The field that carries what the items of a score give that did not change. (No field of an author has a blank.)"""


def _shortened(rerun: Rerun, whole: ir.Program, live: frozenset[Part], place: Place) -> ir.Program:
    """The program with what a change reaches, and with values in place of what that reads."""
    graph = rerun.graph
    kept: set[Part] = set(live)
    told: set[Part] = set()
    waiting = list(live)
    while waiting:
        for part in graph[waiting.pop()]:
            if part in kept or part in told:
                continue
            if part in rerun.earlier:
                kept.add(part)
                waiting.append(part)
            else:
                told.add(part)
    scores, bands, gates, decisions = [], [], [], []
    for score in whole.scores:
        if ("score", score.name) in kept:
            alone = place.what == "score" and place.name == score.name and place.item is not None
            scores.append(_with_one_item(score, place.item or 0) if alone else score)
        elif ("score", score.name) in told or any(
            ("band", band.name) in told and band.score == score.name for band in whole.bands
        ):
            scores.append(_told_score(score))
    for band in whole.bands:
        if ("band", band.name) in kept:
            bands.append(band)
        elif ("band", band.name) in told:
            bands.append(_told_band(band))
    for gate in whole.gates:
        if ("gate", gate.name) in kept:
            gates.append(gate)
        elif ("gate", gate.name) in told:
            gates.append(_told_gate(gate))
    for decision in whole.decisions:
        if ("decision", decision.name) in kept:
            decisions.append(decision)
        elif ("decision", decision.name) in told:
            decisions.append(_told_decision(decision))
    names = {score.name for score in scores}
    decided = {decision.name for decision in decisions}
    return replace(
        whole,
        scores=tuple(scores),
        declared_scores=tuple(name for name in whole.declared_scores if name in names),
        bands=tuple(bands),
        gates=tuple(gates),
        decisions=tuple(decisions),
        declared_decisions=tuple(name for name in whole.declared_decisions if name in decided),
    )


def _told_number(name: str) -> ir.Expr:
    return ir.Call(ir.Kind.EXACT, ir.Op.TO_EXACT, (ir.FieldOf(ir.Kind.NUMBER, name),))


def _told_flag(name: str) -> ir.When:
    return ir.When(ir.FieldOf(ir.Kind.FLAG, name))


def _with_one_item(score: ir.Score, number: int) -> ir.Score:
    rest = ir.Rule(
        name="rest", full_name=f"{score.name} {_REST}", label="", points=_told_number(_REST), trigger=ir.Otherwise()
    )
    return replace(score, items=(score.items[number], rest))


def _told_score(score: ir.Score) -> ir.Score:
    return replace(
        score,
        low=None,
        high=None,
        rounding=None,
        body=_told_number(_field("score", score.name)),
        start=0,
        items=(),
        silence=None,
        floors=(),
        caps=(),
    )


def _told_band(band: ir.Band) -> ir.Band:
    rows = tuple(replace(row, limit=_told_number(_field("band", band.name, row.label))) for row in band.rows)
    return replace(band, rows=rows)


def _told_gate(gate: ir.Gate) -> ir.Gate:
    outcomes = dict.fromkeys(outcome for ban in gate.bans for outcome in ban.outcomes)
    bans = tuple(ir.Ban((outcome,), _told_flag(_field("gate", gate.name, outcome))) for outcome in outcomes)
    return replace(gate, bans=bans)


def _told_decision(decision: ir.Decision) -> ir.Decision:
    last = decision.rows[-1]
    assert isinstance(last, ir.Choice)
    rows = [
        ir.Choice(at, outcome, _told_flag(_field("decision", decision.name, outcome)))
        for at, outcome in enumerate(decision.outcomes, 1)
    ]
    return replace(decision, rows=(*rows, replace(last, row=len(rows) + 1)))


def _field(*words: str) -> str:
    return "told " + " ".join(words)


def _hidden(program: ir.Program, evaluation: Evaluation) -> dict[str, ir.Value]:
    told: dict[str, ir.Value] = {}
    for name, ticks in evaluation.scores.items():
        told[_field("score", name)] = None if ticks is None else ticks / TICKS
    for band in program.bands:
        for row in band.rows:
            here = evaluation.bands[band.name] == row.label
            told[_field("band", band.name, row.label)] = -float(MAX_TICKS // TICKS) if here else None
    for gate in program.gates:
        for ban in gate.bans:
            for outcome in ban.outcomes:
                told[_field("gate", gate.name, outcome)] = outcome in evaluation.gates[gate.name]
    for decision in program.decisions:
        for outcome in decision.outcomes:
            told[_field("decision", decision.name, outcome)] = evaluation.decisions[decision.name][0] == outcome
    return told


def _own_rules(rerun: Rerun, score: str, item: int) -> frozenset[str]:
    found = next(one for one in rerun.program.scores if one.name == score)
    return frozenset(member.full_name for member in members((found.items[item],)))


def _rest(rerun: Rerun, case: int, score: str, item: int) -> int:
    """What the other items of a score give."""
    own = _own_rules(rerun, score, item)
    return sum(
        line.ticks
        for line in rerun.evaluations[case].lines or ()
        if line.score == score and line.step in _OF_ITEMS and line.rule not in own
    )


def _together(
    rerun: Rerun, before: Evaluation, found: Evaluation, live: frozenset[Part], place: Place, item: int | None
) -> Evaluation | None:
    """What was found, beside what was not reached; None if nothing is different."""
    scores = {name: ticks for name, ticks in found.scores.items() if ("score", name) in live}
    bands = {name: label for name, label in found.bands.items() if ("band", name) in live}
    decisions = {name: chosen for name, chosen in found.decisions.items() if ("decision", name) in live}
    lines = tuple(line for line in found.lines or () if line.score in scores)
    untouched = [line for line in before.lines or () if line.score not in scores]
    if item is not None:
        own = _own_rules(rerun, place.name, item)
        untouched += [
            line
            for line in before.lines or ()
            if line.score == place.name and line.step in _OF_ITEMS and line.rule not in own
        ]
    fired = _fired(before.lines)
    now = _fired((*untouched, *lines)) - {f"{place.name} {_REST}"}
    if (
        all(before.scores[name] == ticks for name, ticks in scores.items())
        and all(before.bands[name] == label for name, label in bands.items())
        and all(before.decisions[name][0] == chosen[0] for name, chosen in decisions.items())
        and fired == now
    ):
        return None
    return replace(
        before,
        scores={**before.scores, **scores},
        bands={**before.bands, **bands},
        decisions={**before.decisions, **decisions},
        lines=(*untouched, *lines),
    )


def _fired(lines: Iterable[Line] | None) -> set[str]:
    return {line.rule for line in lines or () if line.step == "rule"}
