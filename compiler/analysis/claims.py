"""What can be claimed about a lead: any condition of the language, and a few more that only an analysis asks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field

from ...dsl import ir
from ...dsl.frozen import frozen


@frozen
class Fired(ir.Node):
    """The rule of this full name gave or took points (there is a line for it)."""

    rule: str
    kind: ir.Kind = field(default=ir.Kind.FLAG, init=False)


@frozen
class Bars(ir.Node):
    """The gate bars the outcome; without one, any outcome."""

    gate: str
    outcome: str | None = None
    kind: ir.Kind = field(default=ir.Kind.FLAG, init=False)


@frozen
class Was(ir.Node):
    """In a study of two policies: what the expression is worth in the old one."""

    item: ir.Expr
    kind: ir.Kind = field(default=ir.Kind.FLAG, init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", self.item.kind)


Claim = ir.Expr | Fired | Bars | Was
"""A condition (FLAG); the nodes above may stand anywhere inside it."""


def band_is(band: str, label: str) -> ir.Expr:
    return ir.Compare(ir.Kind.FLAG, "==", ir.BandOf(ir.Kind.LABEL, band), ir.Const(ir.Kind.LABEL, label))


def outcome_is(decision: str, outcome: str) -> ir.Expr:
    return ir.Compare(ir.Kind.FLAG, "==", ir.DecisionOf(ir.Kind.LABEL, decision), ir.Const(ir.Kind.LABEL, outcome))


def score_is(score: str, sign: ir.Sign, ticks: int) -> ir.Expr:
    """`fit >= 50` is `score_is("fit", ">=", 500_000)`."""
    return ir.Compare(ir.Kind.FLAG, sign, ir.ScoreOf(ir.Kind.EXACT, score), ir.Const(ir.Kind.EXACT, ticks))


def both(*claims: Claim) -> ir.Expr:
    """All of the claims are true."""
    return claims[0] if len(claims) == 1 else ir.And(ir.Kind.FLAG, claims)  # type: ignore[return-value, arg-type]


def either(claims: Iterable[Claim]) -> ir.Expr:
    """At least one of the claims is true; of none, never."""
    items = tuple(claims)
    if not items:
        return ir.Const(ir.Kind.FLAG, False)
    return items[0] if len(items) == 1 else ir.Or(ir.Kind.FLAG, items)  # type: ignore[return-value, arg-type]


def not_true(claim: Claim) -> ir.Expr:
    """The claim is false or unknown: what `unless` asks."""
    return ir.Not(
        ir.Kind.FLAG,
        ir.And(ir.Kind.FLAG, (claim, ir.Not(ir.Kind.FLAG, ir.IsMissing(ir.Kind.FLAG, claim)))),  # type: ignore[arg-type]
    )


def holds(when: ir.When) -> ir.Expr:
    """A trigger as a condition that is never unknown where it matters: true exactly if the trigger holds."""
    return not_true(when.condition) if when.unless else when.condition


def conjuncts(claim: ir.Expr) -> list[ir.Expr]:
    """The parts that must all be true."""
    if isinstance(claim, ir.And):
        return [part for item in claim.items for part in conjuncts(item)]
    return [claim]
