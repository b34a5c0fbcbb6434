"""What a lead that is not fully known yet can still come to: the range of each score that hangs on what is missing.

What is known of the lead, and its events, are put into the policy as constants, with the values that the reference
gives them. What is left is a policy about the missing fields alone, and the analysis asks it as it asks any other.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, assert_never

from ...dsl import ir, semantics, values
from ...dsl.frozen import frozen
from ...dsl.values import TICKS
from ..engines.terms import parts_of
from ..reading import parts
from .answers import Possible, Range
from .claims import score_is
from .cutting import with_parts
from .study import Budget, Study

NOW = Budget(seconds=0.3, bits=500_000, rows=2_000, states=5_000, histories=50, tries=60)
"""Somebody waits for the explanation of one lead."""

MOST_SECONDS = 3.0
"""After so many, the scores that are left get the bounds that cost nothing."""


def open_ranges(
    program: ir.Program, lead: Mapping[str, ir.Value], events: Sequence[ir.Happening], at: int
) -> dict[str, Range]:
    """For each score that reads something missing, at whatever remove, from where to where it can lie once more is
    known of the lead: any of what is missing may become known, or stay missing. Of a score that may be missing, it is
    the range of what it is otherwise. A score that is missing whatever becomes known has none."""
    missing = frozenset(one.name for one in program.fields if lead.get(one.name) is None)
    hanging = _hanging(program, missing)
    if not hanging.scores:
        return {}
    world = semantics.world_of(program, lead, events, at)
    study = _StudyNow(_Known(program, world, hanging).program(), at)
    found: dict[str, Range] = {}
    until = time.monotonic() + MOST_SECONDS
    for score in program.scores:
        if score.name in hanging.scores:
            in_time = time.monotonic() < until
            span = study.range_of(score.name) if in_time else study.bounds(score.name, at)
            if span.low <= span.high:
                ends = (score_is(score.name, "<=", span.low), score_is(score.name, ">=", span.high))
                reached = in_time and all(_is_reached(study, end, program, world) for end in ends)
                found[score.name] = replace(span, exact=reached)
    return found


class _StudyNow(Study):
    """A study at one instant: the lead is not looked at on another day."""

    def __init__(self, program: ir.Program, at: int) -> None:
        super().__init__(program, budget=NOW)
        self._at = at

    @cached_property
    def instants(self) -> tuple[int, ...]:
        return (self._at,)


def _is_reached(study: Study, end: ir.Expr, program: ir.Program, world: semantics.World) -> bool:
    """Whether the lead itself, with its own events, comes to an end of a range: as it is, or with what was found for
    what is missing filled in. The whole policy is asked."""
    if semantics.value_of(end, world) is True:
        return True
    answer = study.can_be(end)
    if not isinstance(answer, Possible):
        return False
    completed = {
        one.name: answer.witness.lead.get(one.name) if (known := world.lead.get(one.name)) is None else known
        for one in program.fields
    }
    return semantics.value_of(end, semantics.world_of(program, completed, world.events, world.at)) is True


# ------------------------------------------------------------------ what hangs on something missing


@frozen
class _Hanging:
    """The missing fields, and all scores, bands and decisions that read them, or one another."""

    fields: frozenset[str]
    scores: frozenset[str] = frozenset()
    bands: frozenset[str] = frozenset()
    decisions: frozenset[str] = frozenset()

    def reaches(self, part: Any) -> bool:
        """Whether a part of the policy reads any of them."""
        return any(self._is_read_by(node) for node in parts(part))

    def _is_read_by(self, node: Any) -> bool:
        match node:
            case ir.FieldOf(name=name):
                return name in self.fields
            case ir.ScoreOf(name=name) | ir.Band(score=name):
                return name in self.scores
            case ir.BandOf(name=name):
                return name in self.bands
            case ir.DecisionOf(name=name):
                return name in self.decisions
            case ir.Grid(by_rows=one, by_columns=other):
                return not self.bands.isdisjoint((one, other))
            case _:
                return False


def _hanging(program: ir.Program, missing: frozenset[str]) -> _Hanging:
    found = _Hanging(missing)
    while True:
        barred = {
            outcome for gate in program.gates for ban in gate.bans if found.reaches(ban) for outcome in ban.outcomes
        }
        more = _Hanging(
            missing,
            frozenset(one.name for one in program.scores if found.reaches(one)),
            frozenset(one.name for one in program.bands if found.reaches(one)),
            frozenset(
                one.name for one in program.decisions if found.reaches(one) or not barred.isdisjoint(one.outcomes)
            ),
        )
        if more == found:
            return found
        found = more


# ------------------------------------------------------------------ the policy with what is known put in


_SETTLED = frozenset((ir.Kind.FLAG, ir.Kind.EXACT, ir.Kind.NUMBER, ir.Kind.LABEL, ir.Kind.DATE, ir.Kind.TIME))
"""Kinds of values that may stand in the place of what has them; of a text, the tests look at more than its value."""


@frozen
class _Known:
    """Puts constants in the place of everything that hangs on nothing missing."""

    whole: ir.Program
    world: semantics.World
    hanging: _Hanging

    def program(self) -> ir.Program:
        return replace(
            self.whole,
            scores=tuple(self.score(one) for one in self.whole.scores),
            bands=tuple(
                replace(one, rows=tuple(replace(row, limit=self.expr(row.limit)) for row in one.rows))
                for one in self.whole.bands
            ),
            gates=tuple(
                replace(one, bans=tuple(replace(ban, trigger=self.when(ban.trigger)) for ban in one.bans))
                for one in self.whole.gates
            ),
            decisions=tuple(
                replace(one, rows=tuple(self.row(row) for row in one.rows)) for one in self.whole.decisions
            ),
            account=None,
            tests=(),
            promises=(),
        )

    def score(self, score: ir.Score) -> ir.Score:
        if score.name not in self.hanging.scores:
            ticks = semantics.scored(self.world, score.name).ticks
            known = ir.Const(ir.Kind.EXACT, ticks)
            return replace(
                score,
                start=0,
                body=known,
                items=(),
                silence=None,
                floors=(),
                caps=(),
                rounding=None,
                low=None,
                high=None,
            )
        return replace(
            score,
            body=None if score.body is None else self.expr(score.body),
            items=tuple(self.item(one) for one in score.items),
            floors=tuple(replace(one, condition=self.expr(one.condition)) for one in score.floors),
            caps=tuple(replace(one, condition=self.expr(one.condition)) for one in score.caps),
            silence=None if score.silence is None or self.is_heard(score.silence) else score.silence,
        )

    def is_heard(self, silence: ir.Silence) -> bool:
        """Whether a silence is known to take nothing away: there was nothing to wait for, or it was just now."""
        if self.hanging.reaches(silence):
            return False
        curve = silence.curve
        since = ir.SinceEvent(ir.Kind.EXACT, curve.unit, "last", silence.events)
        ticks = semantics.value_of(since, self.world)
        age = 0 if ticks is None else max(0, ticks // TICKS - curve.after)
        left = values.decayed(values.MAX_TICKS, curve.shape, curve.percent, curve.span, age)
        return bool(left == values.MAX_TICKS)

    def item(self, item: ir.Rule | ir.Group) -> ir.Rule | ir.Group:
        if isinstance(item, ir.Group):
            return replace(item, items=tuple(self.item(one) for one in item.items))
        match item.trigger:
            case ir.When() as when:
                return replace(item, trigger=self.when(when), points=self.points(item))
            case ir.Otherwise():
                return replace(item, points=self.points(item))
            case ir.Each() | ir.Per() if not self.hanging.reaches((item.points, item.trigger)):
                # It is worth what it is worth; worth nothing, it does not hold.
                ticks = semantics.counted(self.world, "", item).ticks
                return replace(item, points=ir.Const(ir.Kind.EXACT, ticks), trigger=ir.Otherwise(), max_points=None)
            case ir.Per(item=amount):
                return replace(item, trigger=replace(item.trigger, item=self.expr(amount)), points=self.points(item))
            case ir.Each():
                return item
            case _:
                assert_never(item.trigger)

    def points(self, rule: ir.Rule) -> int | ir.Expr:
        return rule.points if isinstance(rule.points, int) else self.expr(rule.points)

    def when(self, when: ir.When) -> ir.When:
        return replace(when, condition=self.expr(when.condition))

    def row(self, row: ir.Choice | ir.Grid) -> ir.Choice | ir.Grid:
        if isinstance(row, ir.Grid) or row.trigger is None:
            return row
        return replace(row, trigger=self.when(row.trigger))

    def expr(self, expr: ir.Expr) -> ir.Expr:
        if not self.hanging.reaches(expr):
            return self.constant(expr) if expr.kind in _SETTLED else expr
        if isinstance(expr, ir.Compare):
            # Two texts are compared folded; a constant is folded already.
            sides = (self.expr(expr.left), self.expr(expr.right))
            left, right = (self.folded(one) if one.kind is ir.Kind.TEXT else one for one in sides)
            return replace(expr, left=left, right=right)
        return with_parts(expr, [self.expr(part) for part in parts_of(expr)])

    def constant(self, expr: ir.Expr) -> ir.Const:
        return ir.Const(expr.kind, semantics.value_of(expr, self.world), span=expr.span)

    def folded(self, expr: ir.Expr) -> ir.Expr:
        if isinstance(expr, ir.Const) or self.hanging.reaches(expr):
            return expr
        text = semantics.value_of(expr, self.world)
        return ir.Const(ir.Kind.TEXT, None if text is None else values.folded(text), span=expr.span)
