"""What every checked program must look like: the promises that `dsl/ir.py` makes about types, order and names.

Engines rely on these without looking. A `Fault` names the node that breaks one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields
from typing import Any

from scorec.dsl import ir, values
from scorec.dsl.ir import Kind

NUMERIC = (Kind.NUMBER, Kind.EXACT)
INSTANTS = (Kind.DATE, Kind.TIME)
CONSTANTS = {
    Kind.TEXT: str,
    Kind.LABEL: str,
    Kind.NUMBER: float,
    Kind.EXACT: int,
    Kind.FLAG: bool,
    Kind.DATE: int,
    Kind.TIME: int,
}


def faults(program: ir.Program) -> list[str]:
    """Everything about a program that is not as it must be."""
    return list(_faults(program))


def _faults(program: ir.Program) -> Iterator[str]:
    for node in nodes(program):
        if isinstance(node, ir.Node):
            yield from (f"{fault}: {node}" for fault in _of_expression(node, program))
    yield from _of_order(program)
    yield from _of_scores(program)
    for decision in program.decisions:
        last = decision.rows[-1]
        if not isinstance(last, ir.Choice) or last.trigger is not None:
            yield f"the decision {decision.name} does not end in otherwise"
        barred = {outcome for gate in program.gates for ban in gate.bans for outcome in ban.outcomes}
        if isinstance(last, ir.Choice) and last.outcome in barred:
            yield f"the last outcome of {decision.name} is barred"
        if [row.row for row in decision.rows] != list(range(1, len(decision.rows) + 1)):
            yield f"the rows of {decision.name} are not counted from 1"
    declared = {outcome.name for outcome in program.outcomes}
    used = {outcome for decision in program.decisions for outcome in decision.outcomes}
    if not used <= declared:
        yield f"outcomes without an entry: {used - declared}"


def nodes(node: Any) -> Iterator[Any]:
    """A node and all below it."""
    if isinstance(node, tuple | list):
        for item in node:
            yield from nodes(item)
    elif hasattr(node, "__dataclass_fields__"):
        yield node
        for part in fields(node):
            if part.name != "span":
                yield from nodes(getattr(node, part.name))


def _of_expression(node: ir.Node, program: ir.Program) -> Iterator[str]:
    match node:
        case ir.Const(kind=kind, value=value):
            if value is not None and type(value) is not CONSTANTS[kind]:
                yield "a constant of another type"
            if kind is Kind.TEXT and isinstance(value, str) and (value != values.folded(value.strip()) or not value):
                yield "a text that is not folded and trimmed"
        case ir.FieldOf(kind=kind, name=name):
            if program.field(name).kind is not kind:
                yield "a field of another type"
        case ir.PropertyOf(kind=kind, name=name):
            kinds = {prop.kind for event in program.events for prop in event.properties if prop.name == name}
            if kind not in kinds:
                yield "a property of another type"
        case ir.And(items=items) | ir.Or(items=items):
            if len(items) < 2 or any(item.kind is not Kind.FLAG for item in items):
                yield "a chain of what is not two conditions or more"
        case ir.Not(item=item):
            if item.kind is not Kind.FLAG:
                yield "not of what is no condition"
        case ir.Compare(sign=sign, left=left, right=right):
            kinds = {left.kind, right.kind}
            if not (len(kinds) == 1 or kinds <= set(NUMERIC) or kinds <= set(INSTANTS)) or Kind.TEXTS in kinds:
                yield "unlike things compared"
            if sign not in ("==", "!=") and not kinds <= {*NUMERIC, *INSTANTS}:
                yield "an order where there is none"
        case ir.InSet(item=item, values=members):
            if list(members) != sorted(set(members)):
                yield "a set out of order"
            wanted = float if item.kind in NUMERIC else str
            if any(type(member) is not wanted for member in members):
                yield "a set of another type"
        case ir.TextTest(op=op, item=item, needles=needles):
            if item.kind is not (Kind.TEXTS if op is ir.TextOp.HAS else Kind.TEXT) or (not needles and op):
                yield "a text test of something else" if needles else ""
        case ir.Call():
            yield from _of_call(node)
        case ir.Scaled(kind=kind, item=item):
            if kind is not Kind.EXACT or item.kind is not Kind.EXACT:
                yield "something scaled that is not exact"
        case ir.WeightedMean(weights=weights, items=items):
            if len(weights) != len(items) or min(weights) < 1 or any(item.kind is not Kind.EXACT for item in items):
                yield "a mean of what is not exact"
        case ir.SinceInstant(item=item):
            if item.kind not in INSTANTS:
                yield "an age of what is no instant"
        case _:
            pass


SIGNATURES: dict[ir.Op, tuple[tuple[Kind, ...], Kind]] = {
    ir.Op.MULTIPLY: ((Kind.NUMBER, Kind.NUMBER), Kind.NUMBER),
    ir.Op.DIVIDE: ((Kind.NUMBER, Kind.NUMBER), Kind.NUMBER),
    ir.Op.TO_NUMBER: ((Kind.EXACT,), Kind.NUMBER),
    ir.Op.TO_EXACT: ((Kind.NUMBER,), Kind.EXACT),
    ir.Op.SQRT: ((Kind.NUMBER,), Kind.NUMBER),
    ir.Op.FLOOR: ((Kind.EXACT,), Kind.EXACT),
    ir.Op.CEIL: ((Kind.EXACT,), Kind.EXACT),
    ir.Op.DOMAIN: ((Kind.TEXT,), Kind.TEXT),
    ir.Op.LOCAL_PART: ((Kind.TEXT,), Kind.TEXT),
    ir.Op.LENGTH: ((Kind.TEXT,), Kind.EXACT),
    ir.Op.WORDS: ((Kind.TEXT,), Kind.EXACT),
    ir.Op.CAPITALISED: ((Kind.TEXT,), Kind.FLAG),
    ir.Op.REPEATS: ((Kind.TEXT, Kind.EXACT), Kind.FLAG),
}


def _of_call(node: ir.Call) -> Iterator[str]:
    kinds = tuple(arg.kind for arg in node.args)
    if node.op in SIGNATURES:
        if (kinds, node.kind) != SIGNATURES[node.op]:
            yield f"{node.op.value} of {kinds}"
    elif node.op is ir.Op.IF:
        if len(kinds) != 3 or kinds[0] is not Kind.FLAG or not {kinds[1], kinds[2]} <= {node.kind, *INSTANTS}:
            yield f"if of {kinds}"
    elif node.op is ir.Op.ROUND:
        if node.kind is not Kind.EXACT or set(kinds) != {Kind.EXACT} or len(kinds) > 2:
            yield f"round of {kinds}"
    elif set(kinds) != {node.kind} or node.kind not in NUMERIC:
        yield f"{node.op.value} of {kinds} as {node.kind}"
    elif len(kinds) != 1 if node.op is ir.Op.ABS else len(kinds) < 2:
        yield f"{node.op.value} of {len(kinds)} values"


def _of_order(program: ir.Program) -> Iterator[str]:
    """A score stands after every score it reads, a decision after every decision."""
    of_band = {band.name: band for band in program.bands}
    seen: set[str] = set()
    for score in program.scores:
        for read in _scores_read(score, of_band, frozenset()):
            if read not in seen:
                yield f"{score.name} stands before {read}, which it reads"
        seen.add(score.name)
    if sorted(seen) != sorted(program.declared_scores):
        yield "scores are lacking"
    decided: set[str] = set()
    for decision in program.decisions:
        for node in nodes(decision):
            if isinstance(node, ir.DecisionOf) and node.name not in decided:
                yield f"{decision.name} stands before {node.name}, which it reads"
        decided.add(decision.name)
    if sorted(decided) != sorted(program.declared_decisions):
        yield "decisions are lacking"


def _scores_read(part: Any, bands: dict[str, ir.Band], open_bands: frozenset[str]) -> Iterator[str]:
    for node in nodes(part):
        if isinstance(node, ir.ScoreOf):
            yield node.name
        elif isinstance(node, ir.BandOf) and node.name not in open_bands:
            band = bands[node.name]
            yield band.score
            yield from _scores_read(band.rows, bands, open_bands | {node.name})


def _of_scores(program: ir.Program) -> Iterator[str]:
    scores = (*program.scores, *(program.account.scores if program.account is not None else ()))
    for score in scores:
        if score.body is not None and score.body.kind is not Kind.EXACT:
            yield f"the body of {score.name} is not exact"
        named = [member.full_name for member in members(score.items)]
        if len(named) != len(set(named)):
            yield f"two members of {score.name} have one name"
        for rule in members(score.items):
            if isinstance(rule, ir.Rule):
                yield from (f"{fault}: {rule.full_name}" for fault in _of_rule(rule))
    for band in program.bands:
        if any(row.limit.kind is not Kind.EXACT for row in band.rows):
            yield f"a limit of {band.name} is not exact"


def members(items: Iterable[ir.Rule | ir.Group]) -> Iterator[ir.Rule | ir.Group]:
    """Rules and groups, with those inside."""
    for item in items:
        yield item
        if isinstance(item, ir.Group):
            yield from members(item.items)


def _of_rule(rule: ir.Rule) -> Iterator[str]:
    if not isinstance(rule.points, int) and rule.points.kind is not Kind.EXACT:
        yield "points that are not exact"
    match rule.trigger:
        case ir.When(condition=condition):
            if condition.kind is not Kind.FLAG:
                yield "a condition that is none"
        case ir.Per(amount=amount, item=item):
            if amount <= 0 or item.kind is not Kind.EXACT:
                yield "portions of what is not exact"
        case ir.Each(events=events, curve=curve):
            if list(events.kinds) != sorted(set(events.kinds)):
                yield "kinds out of order"
            if curve is not None and (curve.span <= 0 or curve.after < 0):
                yield "a decay without a length"
        case ir.Otherwise():
            pass
