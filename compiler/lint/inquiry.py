"""What rules ask about every possible lead, the cheapest way first and within what a check may take altogether.

Most questions of a rule are answered by one lead: the policy's own tests, and leads put together from the words and
numbers of the question, are tried before anything is proved. Only what no such lead answers goes to the analysis.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from itertools import islice, product
from random import Random
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from ...dsl import ir, semantics, values
from ...dsl.values import HOUR
from ..analysis import points_on_lines
from ..analysis.answers import Impossible, Possible, Range, Witness, usual
from ..analysis.claims import both, holds, not_true
from ..engines.terms import walk
from ..reading import parts, reads
from .reading import only
from .rule import Option

if TYPE_CHECKING:
    from ..analysis.study import Study

SECONDS = Option(
    "proof-seconds", 0.25, "how long the proofs of one file may take altogether, in seconds of the processor"
)
MOST_TRIED = 160
"""Leads that are put together for one question."""


class Inquiry:
    """The questions about one policy. `seconds` of the processor are spent on proofs; what is asked after that stays
    open, and is told by `open`."""

    def __init__(self, program: ir.Program, seconds: float) -> None:
        self.program = program
        self.left = seconds
        self.reserve = seconds * 0.4
        """kept for leads that slip through gates, which are asked for late and matter most"""
        self.for_remarks = seconds * 0.1
        """what may be spent altogether on what is only worth knowing"""
        self.open: dict[str, None] = {}
        """what was neither proved nor refuted, in words"""
        self._answers: dict[Any, Impossible | None] = {}
        self._reaches: dict[str, Range] = {}
        self._facts: dict[int, tuple[Any, frozenset[str]]] = {}

    # -- questions

    def never(self, claim: ir.Expr, about: str) -> Impossible | None:
        """A proof that the claim is true for no lead; None where it can be true, or where nothing is known."""
        if claim not in self._answers:
            if self.left <= 0:
                self.open[about] = None
                return None
            begun = time.thread_time()
            found = None
            if self.example(claim) is None:
                found = self._proof(claim)
                if found is None and not _is_about_results(claim):
                    self.open[about] = None
            self._answers[claim] = found
            self.left -= time.thread_time() - begun
        return self._answers[claim]

    def some(self, claim: ir.Expr, about: str) -> Witness | None:
        """A lead for which the claim is true, as small as can be; None where there is none, or none was found."""
        from ..analysis.smallest import smallest

        found = self.example(claim)
        if found is not None:
            return smallest(found, self.program.fields, lambda one: self._is_true(claim, one), tries=40)
        if self.left <= -self.reserve:
            self.open[about] = None
            return None
        begun = time.thread_time()
        study = self._study(claim)
        answer = study.can_be(claim)
        self.left -= time.thread_time() - begun
        return answer.witness if isinstance(answer, Possible) else None

    def remark(self, claim: ir.Expr, program: ir.Program | None = None) -> Impossible | None:
        """The same as `never`, for a finding that is only worth knowing: it has what the other questions left, and not
        much of that, and what stays open is not told. `program` is the policy with something changed, where that is
        asked about."""
        from ..analysis.study import CHECK, study

        within = min(self.left, self.for_remarks)
        if within <= 0:
            return None
        begun = time.thread_time()
        asked = self.whole if program is None else study(program)
        found = None
        if not any(asked.holds(claim, one) for one in self._to_try(claim)):
            asked.budget = replace(CHECK, seconds=within)
            found = asked.proof_against(claim)
        spent = time.thread_time() - begun
        self.left -= spent
        self.for_remarks -= spent
        return found

    def reach(self, score: str) -> Range:
        """The ends that a score cannot be beyond, for a finding that is about them."""
        from ..analysis.study import CHECK

        if score not in self._reaches:
            self.whole.budget = replace(CHECK, seconds=0.08)
            self._reaches[score] = self.whole.range_of(score)
        return self._reaches[score]

    def facts_of(self, part: Any) -> frozenset[str]:
        """What a part of the policy reads, with the score of a band for the band."""
        if id(part) not in self._facts:
            # Kept with the part, so that no other can come to have its number.
            self._facts[id(part)] = part, _facts_of(part, self.program)
        return self._facts[id(part)][1]

    # -- proofs

    @cached_property
    def whole(self) -> Study:
        """About everything that the policy computes."""
        from ..analysis.study import study

        return study(replace(self.program, tests=(), promises=()))

    @cached_property
    def facts(self) -> Study:
        """About conditions that read facts only: no score has to be looked at."""
        from ..analysis.study import study

        return study(only(self.program))

    def _study(self, claim: ir.Expr) -> Study:
        from ..analysis.study import CHECK

        found = self.whole if _is_about_results(claim) else self.facts
        found.budget = replace(CHECK, seconds=max(0.02, min(CHECK.seconds, self.left)))
        return found

    def _proof(self, claim: ir.Expr) -> Impossible | None:
        return self._study(claim).proof_against(claim)

    # -- examples

    def example(self, claim: ir.Expr) -> Witness | None:
        """One of the policy's tests, or a lead of the claim's own words and numbers, for which it is true."""
        for witness, world in self._tested:
            if semantics.value_of(claim, world) is True:
                return witness
        return next((one for one in islice(self._made(claim), MOST_TRIED) if self._is_true(claim, one)), None)

    def tested(self, claim: ir.Expr) -> Iterator[Witness]:
        """The leads of the tests for which it is true."""
        return (witness for witness, world in self._tested if semantics.value_of(claim, world) is True)

    def _to_try(self, claim: ir.Expr) -> Iterator[Witness]:
        """The leads of the tests, one of whom nothing is known, and some of the claim's own words and numbers."""
        yield from (witness for witness, _ in self._tested)
        yield self.nobody
        yield from islice(self._made(claim), MOST_TRIED)

    def variants(self, missing: tuple[str, ...]) -> Iterator[Witness]:
        """The leads of the tests, without what is known of some fields."""
        for witness, _ in self._tested:
            yield replace(witness, lead={**witness.lead, **dict.fromkeys(missing)})

    def is_true(self, claim: ir.Expr, witness: Witness, program: ir.Program | None = None) -> bool:
        """Whether the claim is true for a lead, by the reference meaning; of the policy with something changed, where
        that is asked about."""
        return self._is_true(claim, witness, program)

    def _is_true(self, claim: ir.Expr, witness: Witness, program: ir.Program | None = None) -> bool:
        world = semantics.world_of(program or self.program, witness.lead, witness.events, witness.at)
        return semantics.value_of(claim, world) is True

    @cached_property
    def at(self) -> int:
        usual = values.instant(datetime(2026, 1, 15, 12), ZoneInfo(self.program.timezone))
        return usual if self.program.effective_from is None else max(usual, self.program.effective_from + 12 * HOUR)

    @cached_property
    def nobody(self) -> Witness:
        """A lead of whom nothing is known that need not be known, and who did nothing."""
        lead = {one.name: usual(one, self.at) if one.required else None for one in self.program.fields}
        return Witness(lead, (), self.at)

    @cached_property
    def _tested(self) -> list[tuple[Witness, semantics.World]]:
        found = []
        for test in self.program.tests:
            lead = {**self.nobody.lead, **dict(test.lead)}
            witness = Witness(lead, test.events, test.at)
            found.append((witness, semantics.world_of(self.program, witness.lead, witness.events, witness.at)))
        return found

    def _made(self, claim: ir.Expr) -> Iterator[Witness]:
        about = reads(claim)
        if about.scores or about.bands or about.decisions:
            return
        nodes = list(walk(claim))
        zone = ZoneInfo(self.program.timezone)
        choices = [_values(self.program.field(name), nodes, self.at, zone) for name in about.fields]
        happened = list(self._happened(claim, about.events))
        size = len(happened)
        for each in choices:
            size *= len(each)
        every: Iterator[tuple[Any, ...]] = product(happened, *choices)
        if size > MOST_TRIED:
            dice = Random(7)
            every = (
                tuple(dice.choice(one) for one in [happened, *choices])  # type: ignore[arg-type]
                for _ in range(MOST_TRIED)
            )
        for events, *known in every:
            lead = {**self.nobody.lead, **dict(zip(about.fields, known, strict=True))}
            yield Witness(lead, events, self.at)

    def _happened(self, claim: ir.Expr, kinds: tuple[str, ...]) -> Iterator[tuple[ir.Happening, ...]]:
        yield ()
        zone = ZoneInfo(self.program.timezone)
        wheres = [part.where for part in parts(claim) if isinstance(part, ir.Events) and part.where is not None]
        nodes = [node for where in wheres for node in walk(where)]
        ages = sorted({part.window for part in parts(claim) if isinstance(part, ir.Events) and part.window})
        sinces = {part.unit for part in parts(claim) if isinstance(part, ir.SinceEvent)}
        numbers = [part.value for part in walk(claim) if isinstance(part, ir.Const) and type(part.value) is int]
        days = [number // 10_000 * unit for unit in sinces for number in numbers if 0 <= number < 10**9]
        several = sorted({number // 10_000 for number in numbers if 10_000 <= number <= 300_000})
        for kind in kinds:
            known = tuple(
                (one.name, _values(one, nodes, self.at, zone)[-1]) for one in self.program.event(kind).properties
            )
            for age in (0, *ages, *(age - 1 for age in ages), *days, *(day + 86_400_000_000 for day in days)):
                for number in (1, *several, *(one + 1 for one in several)):
                    yield tuple(ir.Happening(kind, self.at - age, known) for _ in range(number))


def _is_about_results(claim: ir.Expr) -> bool:
    about = reads(claim)
    return bool(about.scores or about.bands or about.decisions)


def _values(declared: ir.Field, nodes: list[ir.Expr], at: int, zone: ZoneInfo) -> list[ir.Value]:
    """Some values of a field that a claim tells apart."""
    missing: list[ir.Value] = [] if declared.required else [None]
    match declared.kind:
        case ir.Kind.NUMBER:
            return [*missing, *points_on_lines.numbers(nodes)]
        case ir.Kind.FLAG:
            return [*missing, True, False]
        case ir.Kind.DATE:
            return [*missing, *points_on_lines.dates(nodes, at, zone)]
        case ir.Kind.TIME:
            return [*missing, *points_on_lines.times(nodes, at)]
        case ir.Kind.TEXT if declared.values is not None:
            return [*missing, *declared.values]
        case _:
            words = list(dict.fromkeys(word for node in nodes for word in _words(node)))[:40]
            if declared.kind is ir.Kind.TEXTS:
                return [*missing, ("x",), *((word,) for word in words)]
            mails = [f"ann@{word}" for word in words if "." in word and "@" not in word]
            return [*missing, "x", "ann@company.example", *words, *mails]


def _words(node: ir.Expr) -> Iterator[str]:
    match node:
        case ir.Compare(left=left, right=right):
            yield from (one.value for one in (left, right) if isinstance(one, ir.Const) and isinstance(one.value, str))
        case ir.InSet(values=members):
            yield from (member for member in members if isinstance(member, str))
        case ir.TextTest(needles=needles):
            yield from (needle.strip(" *") for needle in needles)
            yield " ".join(needle.strip(" *") for needle in needles[:4])
        case _:
            pass


# ------------------------------------------------------------------ conditions taken apart


def fails(when: ir.When) -> ir.Expr:
    """The trigger does not hold."""
    return when.condition if when.unless else not_true(when.condition)


def holds_without(when: ir.When, others: list[ir.When]) -> ir.Expr:
    """The trigger holds, and none of the others does."""
    return both(holds(when), *(fails(other) for other in others))


def _facts_of(part: Any, program: ir.Program) -> frozenset[str]:
    found = reads(part)
    bands = {band.name: band.score for band in program.bands}
    return frozenset(
        [f"field {name}" for name in found.fields]
        + [f"event {name}" for name in found.events]
        + [f"score {name}" for name in found.scores]
        + [f"score {bands[name]}" for name in found.bands if name in bands]
        + [f"decision {name}" for name in found.decisions]
    )
