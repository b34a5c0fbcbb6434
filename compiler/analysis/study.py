"""Ask about every possible lead of a policy: can this be? The cheapest method that gives an answer gives it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from itertools import islice
from math import ceil, floor
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from ...dsl import ir, semantics, values
from ...dsl.values import DAY, HOUR, TICKS
from ..engines.terms import parts_of, rules_of
from . import cells, solver
from .abstraction import Abstraction, Cell, Stretch, Variable
from .answers import Answer, Impossible, Method, Possible, Range, Undecided, Witness, usual
from .cells import Count, Limits, Parts, TooMuch, parts_for, stretched
from .claims import Bars, Claim, Fired, Was, score_is
from .cutting import with_parts
from .ranges import YES, Outlook, assumptions
from .smallest import smallest


@dataclass(frozen=True)
class Budget:
    """What a question may cost: seconds (of counting, and as many again of what comes after it), bits of a set, rows of
    a table, different results, histories of one kind of event, and leads tried; and whether a solver is asked where
    there is too much to count."""

    seconds: float
    bits: int
    rows: int
    states: int
    histories: int
    tries: int
    solver: bool = False


CHECK = Budget(seconds=0.25, bits=1_000_000, rows=3_000, states=8_000, histories=300, tries=150)
"""For `scorec check`, which asks many questions and has to feel instant."""
VERIFY = Budget(seconds=10, bits=30_000_000, rows=200_000, states=400_000, histories=4_000, tries=3_000, solver=True)
"""For `scorec verify`: each question by itself."""
DIFF = Budget(seconds=3, bits=8_000_000, rows=50_000, states=100_000, histories=1_000, tries=1_000, solver=True)
"""For `scorec diff`: several questions for each change."""


MOST_SOLUTIONS = 20
"""What the solver finds need not be a lead, where it had to do with bounds: it is asked again so often."""


def study(program: ir.Program, *, old: ir.Program | None = None, budget: Budget = CHECK) -> Study:
    """A study of a policy, or of a policy beside an older version of it (`Was`)."""
    return Study(program, old, budget)


class Study:
    """Answers questions about every possible lead, at every as-of instant. What was counted for one question is kept
    for the next."""

    def __init__(self, program: ir.Program, old: ir.Program | None = None, budget: Budget = CHECK) -> None:
        self.program = program
        self.old = old
        self.budget = budget
        self._abstractions: dict[int, Abstraction] = {}
        self._counts: dict[tuple[int, Parts], Count | TooMuch] = {}
        self._pools: dict[int, list[tuple[Witness, semantics.World, semantics.World]]] = {}

    # -- questions

    def can_be(self, claim: Claim) -> Answer:
        """Is there a lead for which the claim is true?"""
        return self._over_instants(lambda at: self._can_be(at, claim, time.monotonic() + self.budget.seconds))

    def proof_against(self, claim: Claim) -> Impossible | None:
        """A proof that the claim is true for no lead; None where there is none (then nothing is said). Cheaper than
        `can_be`: it looks for no witness."""
        found: list[Impossible] = []
        for at in self.instants:
            proof = self._proof_against(at, claim, time.monotonic() + self.budget.seconds)
            if proof is None:
                return None
            found.append(proof)
        return _together(found)

    def range_of(self, score: str) -> Range:
        """The least and the most that a score can be. (A score that can be missing has the range of what it is
        otherwise.)"""
        found: list[Range] = []
        for at in self.instants:
            totals, exact = self._totals(at, score)
            if totals:
                found.append(Range(min(totals), max(totals), exact))
                continue
            found.append(self.bounds(score, at))
        low, high = min(one.low for one in found), max(one.high for one in found)
        if all(one.exact for one in found):
            return Range(low, high, True)
        ends = score_is(score, "<=", low), score_is(score, ">=", high)
        return Range(low, high, all(isinstance(self.can_be(end), Possible) for end in ends))

    def bounds(self, score: str, at: int) -> Range:
        """Outer bounds of a score at an instant, by interval arithmetic."""
        abstraction = self._abstraction(at)
        span = Outlook(abstraction.program, stretched(abstraction)).score(score)
        return Range(floor(span.low), ceil(span.high), False)

    def totals(self, score: str) -> frozenset[int] | None:
        """Every value of a score that some lead reaches, in ticks; None where they are too many to count, or where
        what was counted are outer bounds."""
        found: set[int] = set()
        for at in self.instants:
            totals, exact = self._totals(at, score)
            if totals is None or not exact:
                return None
            found |= totals
        return frozenset(found)

    # -- instants

    @cached_property
    def instants(self) -> tuple[int, ...]:
        """As-of instants that stand for all others: one for each combination of dated rules that can be in force."""
        programs = [self.program, *([self.old] if self.old is not None else [])]
        rules = [rule for one in programs for score in one.scores for rule in rules_of(score.items)]
        cuts = sorted({end for rule in rules for end in (rule.starts, rule.ends) if end is not None})
        zone = ZoneInfo(self.program.timezone)
        usual = values.instant(datetime(2026, 1, 15, 12), zone)
        if self.program.effective_from is not None:
            usual = max(usual, self.program.effective_from + 12 * HOUR)
        if not cuts:
            return (usual,)
        return tuple(dict.fromkeys([cuts[0] - DAY, *cuts]))

    def _abstraction(self, at: int) -> Abstraction:
        if at not in self._abstractions:
            self._abstractions[at] = Abstraction(self.program, self.old, at, self.budget.histories)
        return self._abstractions[at]

    def _over_instants(self, ask: Callable[[int], Answer]) -> Answer:
        proofs: list[Impossible] = []
        undecided: Undecided | None = None
        for at in self.instants:
            match ask(at):
                case Possible() as found:
                    return found
                case Impossible() as proof:
                    proofs.append(proof)
                case Undecided() as open_answer:
                    undecided = open_answer
        return undecided or _together(proofs)

    # -- one instant

    def _limits(self, until: float) -> Limits:
        return Limits(self.budget.bits, self.budget.rows, self.budget.states, until)

    def _count(self, at: int, claim: ir.Expr, until: float) -> Count:
        """The count for the parts of a claim; raises TooMuch, again and at once for parts that were too much before."""
        return self._counted(at, parts_for(self._abstraction(at), claim), until)

    def _counted(self, at: int, parts: Parts, until: float) -> Count:
        key = (at, parts)
        if key not in self._counts:
            count = Count(self._abstraction(at), parts, self._limits(until))
            try:
                count.run()
                self._counts[key] = count
            except TooMuch as reason:
                self._counts[key] = reason
        found = self._counts[key]
        if isinstance(found, TooMuch):
            raise TooMuch(str(found))
        found.limits = self._limits(until)
        return found

    def _ruled_out(self, at: int, outlined: ir.Expr) -> bool:
        """By bounds: a claim of several parts is false if one part is whenever the others are true."""
        abstraction = self._abstraction(at)
        free = stretched(abstraction)
        return not any(
            Outlook(abstraction.program, free, settled).truths(outlined) & YES for settled in assumptions(outlined)
        )

    def _without_sums(self, at: int, outlined: ir.Expr, until: float) -> Impossible | None:
        """A proof from the conditions alone, the scores being anything within their bounds: most of what a gate
        promises."""
        parts = parts_for(self._abstraction(at), outlined)
        if not parts.sums or not parts.conditions:
            return None
        try:
            count = self._counted(at, Parts((), parts.conditions), until)
            return None if any(True for _ in count.satisfying(outlined)) else Impossible(Method.CELLS, exact=False)
        except TooMuch:
            return None

    def _proof_against(self, at: int, claim: Claim, until: float) -> Impossible | None:
        outlined = self._abstraction(at).claim(claim)
        if self._ruled_out(at, outlined):
            return Impossible(Method.RANGES, exact=False)
        if (proof := self._without_sums(at, outlined, until)) is not None:
            return proof
        try:
            count = self._count(at, outlined, until)
            return None if any(True for _ in count.satisfying(outlined)) else Impossible(Method.CELLS, count.exact)
        except TooMuch:
            question = self._question(at, outlined)
            if question is None or question.answer(self.budget.seconds) is not solver.Outcome.NO_LEAD:
                return None
            return Impossible(Method.SOLVER, question.exact)

    def _can_be(self, at: int, claim: Claim, until: float) -> Answer:
        abstraction = self._abstraction(at)
        outlined = abstraction.claim(claim)
        if self._ruled_out(at, outlined):
            return Impossible(Method.RANGES, exact=False)
        if (proof := self._without_sums(at, outlined, until)) is not None:
            return proof
        starts: list[dict[str, Cell]] = []
        why = "the leads that were tried are not so, and bounds leave room for others"
        try:
            count = self._count(at, outlined, until)
            for index in islice(count.satisfying(outlined), 12):
                assignment = count.assignment(index)
                witness = self._witness(at, assignment, ())
                if self.holds(claim, witness):
                    return self._possible(claim, witness, Method.CELLS)
                starts.append(assignment)
            if not starts:
                return Impossible(Method.CELLS, count.exact)
        except TooMuch as reason:
            why = str(reason)
            if (found := self._tried(at, claim)) is not None:
                return self._possible(claim, found, Method.SEARCH)
            match self._solved(at, claim, outlined):
                case Impossible() | Possible() as answer:
                    return answer
                case list() as starts:
                    until = max(until, time.monotonic() + self.budget.seconds / 2)
                case None if self.budget.solver and not solver.is_installed():
                    why += "; `pip install scorec[prove]` adds a solver that may decide it"
        found = self._tried(at, claim) or self._searched(at, claim, outlined, starts[:3] or [{}], until)
        return Undecided(why) if found is None else self._possible(claim, found, Method.SEARCH)

    def _question(self, at: int, outlined: ir.Expr) -> solver.Question | None:
        """The claim for a solver, where there is one and the budget has time for it."""
        if not self.budget.solver or not solver.is_installed():
            return None
        try:
            return solver.Question(self._abstraction(at), outlined)
        except solver.TooWide:
            return None

    def _solved(self, at: int, claim: Claim, outlined: ir.Expr) -> Answer | list[dict[str, Cell]] | None:
        """The answer of a solver; or cells to start a search from; None without a solver or an answer in time."""
        question = self._question(at, outlined)
        if question is None:
            return None
        until = time.monotonic() + self.budget.seconds
        starts: list[dict[str, Cell]] = []
        for _ in range(MOST_SOLUTIONS):
            match question.answer(until - time.monotonic()):
                case solver.Found(cells=assignment, stretches=stretches):
                    witness = self._witness(at, assignment, [one for one in stretches if one.events])
                    if self.holds(claim, witness):
                        return self._possible(claim, witness, Method.SOLVER)
                    starts.append(dict(assignment))
                    question.exclude_the_last()
                case solver.Outcome.NO_LEAD if not starts:
                    return Impossible(Method.SOLVER, question.exact)
                case _:
                    break
        return starts or None

    def _possible(self, claim: Claim, witness: Witness, method: Method) -> Possible:
        fields = self._concrete.fields
        return Possible(smallest(witness, fields, lambda one: self.holds(claim, one), self.budget.tries), method)

    def _totals(self, at: int, score: str) -> tuple[set[int] | None, bool]:
        asked = ir.ScoreOf(ir.Kind.EXACT, score)
        try:
            count = self._count(at, asked, time.monotonic() + self.budget.seconds)
            free = stretched(count.abstraction)
            spans = []
            for index in count.indexes():
                count.limits.check()
                digits = count.digits(index)
                spans.append(count.outlook(digits, digits, free).score(score))
        except TooMuch:
            return None, False
        known = [span for span in spans if span.low <= span.high]
        exact = count.exact and all(span.low == span.high for span in known)
        return {int(end) for span in known for end in (span.low, span.high)}, exact

    # -- witnesses

    def holds(self, claim: Claim, witness: Witness) -> bool:
        """Whether the claim is true for a lead, by the reference meaning."""
        new = semantics.world_of(self.program, witness.lead, witness.events, witness.at)
        old = new if self.old is None else semantics.world_of(self.old, witness.lead, witness.events, witness.at)
        return self._value(claim, new, old) is True

    def _value(self, claim: Claim, new: semantics.World, old: semantics.World) -> Any:
        return semantics.value_of(self._known(claim, new, old), new)

    def _known(self, claim: Any, new: semantics.World, old: semantics.World) -> ir.Expr:
        """The claim with everything that only an analysis asks replaced by its answer."""
        match claim:
            case Fired(rule=rule):
                program = self.program if new is not old or self.old is None else self.old
                return ir.Const(ir.Kind.FLAG, _has_fired(program, new, rule))
            case Bars(gate=name, outcome=outcome):
                gate = next(gate for gate in new.gates if gate.name == name)
                barred = semantics.barred_by(new, gate)
                return ir.Const(ir.Kind.FLAG, outcome in barred if outcome is not None else bool(barred))
            case Was(item=item):
                return ir.Const(item.kind, self._value(item, old, old))
            case _:
                parts = parts_of(claim)
                return with_parts(claim, [self._known(part, new, old) for part in parts]) if parts else claim

    def _witness(self, at: int, assignment: Mapping[str, Cell], extra: Sequence[Stretch]) -> Witness:
        """A real lead for some cells; whatever they do not say is missing."""
        lead: dict[str, ir.Value] = {}
        for name in sorted(assignment):
            for field_name, value in assignment[name].lead.items():
                lead[field_name] = _merged(lead.get(field_name), value, name)
        for declared in self._concrete.fields:
            if lead.get(declared.name) is None:
                lead[declared.name] = usual(declared, at) if declared.required else None
        events = [event for name in sorted(assignment) for event in assignment[name].events]
        events += [event for stretch in extra for event in stretch.events]
        made = (ir.Happening(kind, at - age, known) for kind, age, known in events)
        return Witness(lead, tuple(sorted(made, key=lambda one: (one.at, one.kind))), at)

    @cached_property
    def _concrete(self) -> ir.Program:
        return self._abstraction(self.instants[0]).concrete

    # -- search

    def _tried(self, at: int, claim: Claim) -> Witness | None:
        """One of the leads that are tried for every question."""
        until = time.monotonic() + self.budget.seconds
        for witness, new, old in self._pool(at):
            if time.monotonic() > until:
                break
            if self._value(claim, new, old) is True:
                return witness
        return None

    def leads_to_try(self) -> Iterator[Witness]:
        """Leads put together at random from everything that the policy tells apart."""
        for at in self.instants:
            for witness, _, _ in self._pool(at):
                yield witness

    def _pool(self, at: int) -> list[tuple[Witness, semantics.World, semantics.World]]:
        """Leads put together at random from the cells of everything that the policy reads, the same in every run."""
        if at not in self._pools:
            abstraction = self._abstraction(at)
            cut = map(abstraction.variable_of, list(abstraction.facts))
            variables = {one.name: one for one in (*abstraction.loose_fields(), *cut)}
            dice = Random(7)
            made: list[tuple[Witness, semantics.World, semantics.World]] = []
            for number in range(self.budget.tries):
                # Some leads are almost empty, others almost full.
                share = number % 5 / 4
                assignment = {
                    name: dice.choice(one.cells) if dice.random() < share else one.cells[0]
                    for name, one in variables.items()
                }
                extra = [one for one in abstraction.stretches.values() if one.events and dice.random() < share / 2]
                witness = self._witness(at, assignment, extra)
                new = semantics.world_of(self.program, witness.lead, witness.events, at)
                old = new if self.old is None else semantics.world_of(self.old, witness.lead, witness.events, at)
                made.append((witness, new, old))
            self._pools[at] = made
        return self._pools[at]

    def _searched(
        self, at: int, claim: Claim, outlined: ir.Expr, starts: Sequence[dict[str, Cell]], until: float
    ) -> Witness | None:
        """Climbs towards the claim, one variable at a time: each start as far as it goes."""
        abstraction = self._abstraction(at)
        variables = _variables_for(abstraction, outlined)
        stretches = _stretches_for(abstraction, outlined)
        tries = self.budget.tries
        for start in starts:
            current = {name: variable.cells[0] for name, variable in variables.items()}
            current.update(start)
            extra: list[Stretch] = []
            best = -1.0
            improved = True
            while improved and tries > 0 and time.monotonic() < until:
                improved = False
                for change in _changes(variables, stretches, current, extra):
                    tries -= 1
                    if tries <= 0 or time.monotonic() > until:
                        break
                    cells_then, extra_then = change
                    witness = self._witness(at, cells_then, extra_then)
                    near = self._nearness(claim, witness)
                    if near >= 1 and self.holds(claim, witness):
                        return witness
                    if near > best:
                        best, current, extra, improved = near, cells_then, extra_then, True
        return None

    def _nearness(self, claim: Claim, witness: Witness) -> float:
        new = semantics.world_of(self.program, witness.lead, witness.events, witness.at)
        old = new if self.old is None else semantics.world_of(self.old, witness.lead, witness.events, witness.at)
        return _near(self._known(claim, new, old), new)


def _together(proofs: Sequence[Impossible]) -> Impossible:
    order = list(Method)
    return Impossible(max((proof.method for proof in proofs), key=order.index), all(proof.exact for proof in proofs))


def _has_fired(program: ir.Program, world: semantics.World, rule: str) -> bool:
    name = next(
        (score.name for score in program.scores if any(one.full_name == rule for one in rules_of(score.items))), None
    )
    if name is None:
        return False
    return any(line.rule == rule and line.step == "rule" for line in semantics.scored(world, name).lines)


def _merged(before: ir.Value, value: ir.Value, variable: str) -> ir.Value:
    """Two cells may speak of one address: of its domain and of what stands before it."""
    if isinstance(before, str) and isinstance(value, str) and "@" in before and "@" in value:
        if variable.partition(":")[0].endswith("/local part"):
            return value.rpartition("@")[0] + "@" + before.rpartition("@")[2]
        if variable.partition(":")[0].endswith("/domain"):
            return before.rpartition("@")[0] + "@" + value.rpartition("@")[2]
    return before if value is None else value


def _facts_for(abstraction: Abstraction, outlined: ir.Expr) -> frozenset[str]:
    parts = parts_for(abstraction, outlined)
    found = frozenset(fact for condition in parts.conditions for fact in cells.facts_of(condition))
    for one in parts.sums:
        score = next(score for score in abstraction.program.scores if score.name == one.score)
        found |= frozenset(fact for item in score.items for fact in cells.facts_of_item(item))
    return found


def _variables_for(abstraction: Abstraction, outlined: ir.Expr) -> dict[str, Variable]:
    facts = _facts_for(abstraction, outlined)
    found = (abstraction.variable_of(fact) for fact in sorted(facts) if fact not in abstraction.stretches)
    return {variable.name: variable for variable in (*found, *abstraction.loose_fields())}


def _stretches_for(abstraction: Abstraction, outlined: ir.Expr) -> list[Stretch]:
    facts = _facts_for(abstraction, outlined)
    return [one for name, one in abstraction.stretches.items() if name in facts and one.events]


def _changes(
    variables: Mapping[str, Variable],
    stretches: Sequence[Stretch],
    current: Mapping[str, Cell],
    extra: Sequence[Stretch],
) -> Iterator[tuple[dict[str, Cell], list[Stretch]]]:
    yield dict(current), list(extra)
    for name, variable in variables.items():
        for cell in variable.cells:
            if cell is not current[name]:
                yield {**current, name: cell}, list(extra)
    for stretch in stretches:
        yield dict(current), [*extra, stretch] if stretch not in extra else [one for one in extra if one is not stretch]


def _near(expr: ir.Expr, world: semantics.World) -> float:
    """How near a condition is to being true: 1 if it is."""
    if semantics.value_of(expr, world) is True:
        return 1.0
    match expr:
        case ir.And(items=items):
            return sum(_near(item, world) for item in items) / len(items) * 0.999
        case ir.Or(items=items):
            return max(_near(item, world) for item in items)
        case ir.Compare(left=left, right=right) if left.kind is ir.Kind.EXACT and right.kind is ir.Kind.EXACT:
            one, other = semantics.value_of(left, world), semantics.value_of(right, world)
            return 0.0 if one is None or other is None else 0.9 / (1 + abs(one - other) / TICKS)
        case ir.Compare(left=ir.BandOf(name=name), right=ir.Const(value=label)):
            return _near_band(world, name, label)
        case _:
            return 0.0


def _near_band(world: semantics.World, name: str, label: object) -> float:
    band = next(band for band in world.bands if band.name == name)
    ticks = semantics.scored(world, band.score).ticks
    labels = list(band.labels)
    if ticks is None or label not in labels:
        return 0.0
    at = labels.index(str(label))
    row = band.rows[at] if at < len(band.rows) else band.rows[-1]
    limit = semantics.value_of(row.limit, world)
    return 0.0 if limit is None else 0.9 / (1 + abs(ticks - limit) / TICKS)


__all__ = ["CHECK", "DIFF", "VERIFY", "Budget", "Study", "replace", "study"]
