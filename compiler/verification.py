"""`scorec verify`: what a policy promises, and what every policy should keep, held against every possible lead."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from itertools import pairwise
from typing import Literal, TypeAlias, assert_never

from ..dsl import ir, semantics
from ..dsl.source import Source, Span
from ..dsl.values import DAY, HOUR
from .analysis import histories, points_on_lines, polarity, rewriting
from .analysis.answers import Answer, Impossible, Method, Possible, Undecided, Witness
from .analysis.claims import Bars, Was, band_is, both, outcome_is
from .analysis.showing import as_test, lead_in_words
from .analysis.study import VERIFY, Budget, Study, study
from .engines.terms import rules_of, walk
from .wording import Where, points_text, where

Verdict: TypeAlias = Literal["proved", "refuted", "not decided"]


@dataclass(frozen=True)
class Finding:
    """One statement and what became of it.

    `statement` is in the author's words. `example` is a lead in words: of a refuted statement the counter-example, of
    a proved one that says that something is possible, a lead that shows it; `test` is the same lead as a `test` block.
    """

    kind: Literal["promise", "gate", "band", "outcome", "range"]
    name: str
    statement: str
    verdict: Verdict
    method: Method | None
    bounds_only: bool
    why: str
    example: str
    test: str
    line: Where | None
    seconds: float


@dataclass(frozen=True)
class Verification:
    """All statements about a policy, its own promises first."""

    findings: tuple[Finding, ...]

    def count(self, verdict: Verdict) -> int:
        return sum(finding.verdict == verdict for finding in self.findings)


def verify(program: ir.Program, sources: Mapping[str, Source], budget: Budget = VERIFY) -> Verification:
    """Holds every promise of a policy against every possible lead; and without being told, that no gate is passed, that
    every band and every outcome can be reached, and that scores keep to their ranges."""
    work = _Work(program, sources, budget, study(program, budget=budget))
    return Verification((*work.promises(), *work.gates(), *work.bands(), *work.outcomes(), *work.ranges()))


@dataclass(frozen=True)
class _Work:
    program: ir.Program
    sources: Mapping[str, Source]
    budget: Budget
    study: Study

    # -- promises

    def promises(self) -> Iterator[Finding]:
        for promise in self.program.promises:
            for vow in promise.vows:
                match vow:
                    case ir.Holds():
                        yield self.holds(promise, vow)
                    case ir.Monotone(event=str(event)):
                        yield self.more_events(promise, vow, event)
                    case ir.Monotone(field=str(name)):
                        yield self.higher_field(promise, vow, name)
                    case ir.Monotone():
                        raise AssertionError("a promise about more of something names an event or a field")
                    case _:
                        assert_never(vow)

    def holds(self, promise: ir.Promise, vow: ir.Holds) -> Finding:
        broken = ir.Not(ir.Kind.FLAG, vow.consequence)
        claim = broken if vow.condition is None else both(vow.condition, broken)
        return self.never("promise", promise.name, self.text(vow.span), claim, vow.span, f"{promise.name} is broken")

    def more_events(self, promise: ir.Promise, vow: ir.Monotone, event: str) -> Finding:
        """By the rules alone, else by trying: there is no telling all pairs of histories apart."""
        begun = time.monotonic()
        unwanted = polarity.Way.DOWN if vow.verb == "lowers" else polarity.Way.UP
        way = polarity.with_more_events(self.program, event, vow.score)
        answer: Answer
        if not way & unwanted:
            answer = Impossible(Method.FORM, exact=True)
        else:
            found = self._lead_that_one_event_moves(vow, event)
            answer = (
                Undecided(f"the rules that read `{event}` go both ways, and no lead that was tried shows it")
                if found is None
                else Possible(found[0], Method.SEARCH)
            )
            if found is not None:
                return self._moved(promise, vow, found, begun)
        return self.finding("promise", promise.name, self.text(vow.span), answer, vow.span, begun, wanted=False)

    def _lead_that_one_event_moves(self, vow: ir.Monotone, kind: str) -> tuple[Witness, ir.Happening, int, int] | None:
        wheres = tuple(
            dict.fromkeys(
                part.where for part in _selections(self.program) if kind in part.kinds and part.where is not None
            )
        )
        samples = histories.classes(self.program, kind, wheres) or [((), ())]
        ages = (HOUR, 2 * DAY, 10 * DAY, 40 * DAY, 100 * DAY, 400 * DAY)
        until = time.monotonic() + self.budget.seconds
        for witness in self.study.leads_to_try():
            if time.monotonic() > until:
                return None
            before = self._ticks(vow.score, witness)
            for known, _ in samples[:20]:
                for age in ages:
                    happening = ir.Happening(kind, witness.at - age, known)
                    after = self._ticks(vow.score, replace(witness, events=(*witness.events, happening)))
                    if before is not None and after is not None and _is_broken(vow, before, after):
                        return witness, happening, before, after
        return None

    def _moved(
        self, promise: ir.Promise, vow: ir.Monotone, found: tuple[Witness, ir.Happening, int, int], begun: float
    ) -> Finding:
        witness, happening, before, after = found
        then = replace(witness, events=(*witness.events, happening))
        made = self.finding(
            "promise",
            promise.name,
            self.text(vow.span),
            Possible(witness, Method.SEARCH),
            vow.span,
            begun,
            wanted=False,
        )
        more = lead_in_words(replace(witness, lead={}, events=(happening,)), self.program)
        moved = f"{vow.score} goes from {points_text(before)} to {points_text(after)}"
        expected = [f"{vow.score} {'>=' if vow.verb == 'lowers' else '<='} {points_text(before)}"]
        return replace(
            made,
            example=f"{made.example}; with {more}, {moved}",
            test=as_test(then, self.program, f"{promise.name} is broken", expected),
        )

    def _ticks(self, score: str, witness: Witness) -> int | None:
        world = semantics.world_of(self.program, witness.lead, witness.events, witness.at)
        return semantics.scored(world, score).ticks

    def higher_field(self, promise: ir.Promise, vow: ir.Monotone, name: str) -> Finding:
        """From each cell of the field to the next higher one: in a study of the policy beside itself, where the older
        one reads the field under another name."""
        begun = time.monotonic()
        before = f"{name} before"
        declared = self.program.field(name)
        older = rewriting.with_field(self.program, name, before)
        older = replace(older, fields=(*self.program.fields, replace(declared, name=before)))
        pair = study(self.program, old=older, budget=self.budget)
        read = [node for node in rewriting.nodes(self.program) if _reads(node, name)]
        steps = sorted(points_on_lines.numbers(read))
        score = ir.ScoreOf(ir.Kind.EXACT, vow.score)
        # Where the policy computes with the field, its cells are not all there is to be seen of it.
        cut = not any(isinstance(node, ir.Call | ir.Scaled) for node in read)
        answers: list[Answer] = []
        for low, high in pairwise(steps):
            claim = both(
                ir.Compare(ir.Kind.FLAG, "==", ir.FieldOf(ir.Kind.NUMBER, before), ir.Const(ir.Kind.NUMBER, low)),
                ir.Compare(ir.Kind.FLAG, "==", ir.FieldOf(ir.Kind.NUMBER, name), ir.Const(ir.Kind.NUMBER, high)),
                ir.Compare(ir.Kind.FLAG, ">" if vow.verb == "lowers" else "<", Was(score), score),  # type: ignore[arg-type]
            )
            answer = pair.can_be(claim)
            answers.append(answer)
            if isinstance(answer, Possible):
                then = self._ticks(vow.score, _without(answer.witness, before, low, name))
                now = self._ticks(vow.score, _without(answer.witness, before, high, name))
                made = self.finding(
                    "promise",
                    promise.name,
                    self.text(vow.span),
                    Possible(_without(answer.witness, before, high, name), answer.method),
                    vow.span,
                    begun,
                    wanted=False,
                )
                assert then is not None and now is not None
                moved = f"{vow.score} is {points_text(now)}, and {points_text(then)} with {name} {low:.15g}"
                return replace(made, example=f"{made.example}; {moved}")
        undecided = next((one for one in answers if isinstance(one, Undecided)), None)
        if not cut:
            undecided = Undecided(f"the policy computes with `{name}`, so that looking at its steps is not enough")
        exact = all(isinstance(one, Impossible) and one.exact for one in answers)
        final: Answer = undecided or Impossible(Method.CELLS, exact)
        return self.finding("promise", promise.name, self.text(vow.span), final, vow.span, begun, wanted=False)

    # -- what every policy should keep

    def gates(self) -> Iterator[Finding]:
        for gate in self.program.gates:
            for outcome in dict.fromkeys(outcome for ban in gate.bans for outcome in ban.outcomes):
                for decision in self.program.decisions:
                    if outcome in decision.outcomes:
                        claim = both(Bars(gate.name, outcome), outcome_is(decision.name, outcome))
                        says = f"no lead that gate {gate.name} stops gets {decision.name} {outcome}"
                        yield self.never("gate", gate.name, says, claim, gate.span, f"{gate.name} is passed")

    def bands(self) -> Iterator[Finding]:
        for band in self.program.bands:
            for label in band.labels:
                says = f"some lead is in {band.name} {label}"
                span = next((row.span for row in band.rows if row.label == label), band.span)
                expected = [f"{band.name} is {_label(label)}"]
                yield self.some("band", band.name, says, band_is(band.name, label), span, expected)

    def outcomes(self) -> Iterator[Finding]:
        for decision in self.program.decisions:
            begun = time.monotonic()
            says = f"every lead gets an outcome of {decision.name}"
            # The last row is `otherwise`, and the checker lets no gate bar its outcome.
            form = Impossible(Method.FORM, exact=True)
            yield self.finding("outcome", decision.name, says, form, decision.span, begun, wanted=False)
            for outcome in decision.outcomes:
                says = f"some lead gets {decision.name} {outcome}"
                expected = [f"{decision.name} is {outcome}"]
                claim = outcome_is(decision.name, outcome)
                yield self.some("outcome", decision.name, says, claim, decision.span, expected)

    def ranges(self) -> Iterator[Finding]:
        for score in self.program.scores:
            begun = time.monotonic()
            found = self.study.range_of(score.name)
            low, high = points_text(found.low), points_text(found.high)
            far = 10**15 in (abs(found.low), abs(found.high))
            says = f"{score.name} is between {low} and {high}" if not far else f"{score.name} has no limits"
            if found.exact:
                says += ", and reaches both"
            inside = (score.low is None or found.low >= score.low) and (score.high is None or found.high <= score.high)
            assert inside, "a score leaves its range"
            form = Impossible(Method.RANGES, found.exact)
            yield self.finding("range", score.name, says, form, score.span, begun, wanted=False)

    # -- findings

    def never(
        self, kind: Literal["promise", "gate"], name: str, says: str, claim: ir.Expr, span: Span, title: str
    ) -> Finding:
        begun = time.monotonic()
        return self.finding(kind, name, says, self.study.can_be(claim), span, begun, wanted=False, title=title)

    def some(
        self,
        kind: Literal["band", "outcome"],
        name: str,
        says: str,
        claim: ir.Expr,
        span: Span,
        expected: list[str],
    ) -> Finding:
        begun = time.monotonic()
        answer = self.study.can_be(claim)
        return self.finding(kind, name, says, answer, span, begun, wanted=True, expected=expected)

    def finding(
        self,
        kind: Literal["promise", "gate", "band", "outcome", "range"],
        name: str,
        says: str,
        answer: Answer,
        span: Span,
        begun: float,
        *,
        wanted: bool,
        title: str = "",
        expected: list[str] | None = None,
    ) -> Finding:
        """`wanted`: the statement is that something is possible."""
        seconds = time.monotonic() - begun
        place = where(self.program, self.sources, span)
        match answer:
            case Possible(witness=witness, method=method):
                words = lead_in_words(witness, self.program)
                test = as_test(witness, self.program, title or says, expected or self.as_it_is(witness))
                verdict: Verdict = "proved" if wanted else "refuted"
                return Finding(kind, name, says, verdict, method, False, "", words, test, place, seconds)
            case Impossible(method=method, exact=exact):
                verdict = "refuted" if wanted else "proved"
                return Finding(kind, name, says, verdict, method, not exact, "", "", "", place, seconds)
            case Undecided(why=why):
                return Finding(kind, name, says, "not decided", None, False, why, "", "", place, seconds)
            case _:
                assert_never(answer)

    def as_it_is(self, witness: Witness) -> list[str]:
        """What the policy makes of a lead today, to be corrected by whoever pastes the test."""
        world = semantics.world_of(self.program, witness.lead, witness.events, witness.at)
        labels = [
            *((name, semantics.value_of(ir.BandOf(ir.Kind.LABEL, name), world)) for name in _names(self.program.bands)),
            *((n, semantics.value_of(ir.DecisionOf(ir.Kind.LABEL, n), world)) for n in _names(self.program.decisions)),
        ]
        return [f"{name} is {_label(label)}" for name, label in labels] or [
            f"{score.name} is {points_text(self._ticks(score.name, witness) or 0)}" for score in self.program.scores[:1]
        ]

    def text(self, span: Span) -> str:
        """The words of the policy, on one line."""
        source = self.sources.get(span.source)
        return "" if source is None else " ".join(source.text[span.start : span.end].split())


def _names(items: tuple[ir.Band, ...] | tuple[ir.Decision, ...]) -> list[str]:
    return [item.name for item in items]


def _label(label: str) -> str:
    return label if label.replace("_", "a").isalnum() else f'"{label}"'


def _is_broken(vow: ir.Monotone, before: int, after: int) -> bool:
    return after < before if vow.verb == "lowers" else after > before


def _selections(program: ir.Program) -> Iterator[ir.Events]:
    """Every selection of events that the policy makes."""
    for node in rewriting.nodes(program.scores + program.gates + program.decisions):
        for one in fields(node):
            value = getattr(node, one.name)
            if isinstance(value, ir.Events):
                yield value
    for score in program.scores:
        for rule in rules_of(score.items):
            if isinstance(rule.trigger, ir.Each):
                yield rule.trigger.events


def _reads(part: ir.Expr, name: str) -> bool:
    return any(isinstance(one, ir.FieldOf) and one.name == name for one in walk(part))


def _without(witness: Witness, before: str, value: float, name: str) -> Witness:
    lead = {key: one for key, one in witness.lead.items() if key != before}
    return replace(witness, lead={**lead, name: value})
