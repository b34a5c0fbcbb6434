"""Ask about any expression of a policy: each question becomes a score or a decision of its own, so that the answer
comes from the same generated code that scores leads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeAlias

from ..dsl import ir
from ..dsl.result import Evaluation
from ..dsl.values import MAX_TICKS

Facts: TypeAlias = tuple[Mapping[str, ir.Value], Sequence[Mapping[str, ir.Value]], int]
"""A clean lead, its clean events, and the as-of instant."""


# Names with a blank: no gate of an author can bar them.
_TRUE, _FALSE, _UNKNOWN = "is true", "is false", "is unknown"


class Engine(Protocol):
    """What runs a program for one lead."""

    def evaluate_with_reasons(
        self, lead: Mapping[str, ir.Value], events: Sequence[Mapping[str, ir.Value]], at: int
    ) -> Evaluation: ...


@dataclass(frozen=True)
class Inquiry:
    """A program that also answers questions: conditions with yes, no or unknown, numbers with ticks."""

    program: ir.Program
    conditions: tuple[str, ...]
    numbers: tuple[str, ...]

    def truths(self, evaluation: Evaluation) -> tuple[bool | None, ...]:
        """The answers to the conditions, None where something is missing that would decide them."""
        return tuple({_TRUE: True, _FALSE: False}.get(evaluation.decisions[name][0]) for name in self.conditions)

    def amounts(self, evaluation: Evaluation) -> tuple[int | None, ...]:
        """The answers to the numbers, in ticks; None where they are missing."""
        return tuple(evaluation.scores[name] for name in self.numbers)

    def without_questions(self, evaluation: Evaluation) -> Evaluation:
        """The evaluation as the policy alone would have given it."""
        asked = {*self.conditions, *self.numbers}
        return replace(
            evaluation,
            scores={name: ticks for name, ticks in evaluation.scores.items() if name not in asked},
            decisions={name: chosen for name, chosen in evaluation.decisions.items() if name not in asked},
            lines=None
            if evaluation.lines is None
            else tuple(line for line in evaluation.lines if line.score not in asked),
        )


def ask(program: ir.Program, conditions: Sequence[ir.Expr] = (), numbers: Sequence[ir.Expr] = ()) -> Inquiry:
    """The program with a question for each condition (FLAG) and each number (EXACT or NUMBER)."""
    decisions = tuple(_condition(f"asked_{at}_", condition) for at, condition in enumerate(conditions))
    scores = tuple(_number(f"asked_{at}_", number) for at, number in enumerate(numbers, len(conditions)))
    asked_decisions = tuple(decision.name for decision in decisions)
    asked_scores = tuple(score.name for score in scores)
    asked = replace(
        program,
        scores=(*program.scores, *scores),
        declared_scores=(*program.declared_scores, *asked_scores),
        decisions=(*program.decisions, *decisions),
        declared_decisions=(*program.declared_decisions, *asked_decisions),
    )
    return Inquiry(asked, asked_decisions, asked_scores)


def _condition(name: str, condition: ir.Expr) -> ir.Decision:
    rows = (
        ir.Choice(1, _TRUE, ir.When(condition)),
        ir.Choice(2, _FALSE, ir.When(ir.Not(ir.Kind.FLAG, condition))),
        ir.Choice(3, _UNKNOWN, None),
    )
    return ir.Decision(name, "", rows)


def _number(name: str, number: ir.Expr) -> ir.Score:
    if number.kind is ir.Kind.NUMBER:
        number = ir.Call(ir.Kind.EXACT, ir.Op.TO_EXACT, (number,))
    return ir.Score(
        name=name,
        label="",
        low=-MAX_TICKS,
        high=MAX_TICKS,
        rounding=None,
        body=number,
        start=0,
        items=(),
        silence=None,
        floors=(),
        caps=(),
    )
