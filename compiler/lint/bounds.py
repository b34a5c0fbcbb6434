"""What a policy's points come to by their sizes alone: the least and the most, whatever the conditions say.

What one lead cannot have together is not told apart here, which makes it cheap; what is ruled out here is ruled out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from ...dsl import ir
from ...dsl.values import MAX_TICKS
from ..analysis.ranges import NO, Outlook, Span, Truths
from ..engines.terms import rules_of
from .reading import groups_in, most_points


@dataclass(frozen=True)
class Bounds:
    """Bounds of everything that a policy computes, each of its rules giving its points or not."""

    program: ir.Program
    facts: Mapping[str, Truths | Span]

    @cached_property
    def usual(self) -> Outlook:
        return Outlook(self.program, self.facts)

    def without(self, rule: str) -> Outlook:
        """Bounds for the leads to whom one rule (by its full name) gives nothing."""
        score, item, span = self._places[rule]
        # Only the item in which the rule stands comes to something else: the rest was added up before.
        left, _ = Outlook(self.program, {**self.facts, _holds(rule): NO}).item(item)
        usual = self._sums[score]
        lower = Span(usual.low - span.low + left.low, usual.high - span.high + left.high)
        return Outlook(self.program, self.facts, sums={**self._sums, score: lower})

    @cached_property
    def _places(self) -> Mapping[str, tuple[str, ir.Rule | ir.Group, Span]]:
        """For each rule the score and the item of it in which it stands, and what that item comes to."""
        items = [(score.name, item, self.usual.item(item)[0]) for score in self.program.scores for item in score.items]
        return {rule.full_name: place for place in items for rule in rules_of((place[1],))}

    @cached_property
    def _sums(self) -> Mapping[str, Span]:
        """What the rules of each score come to, with its start."""
        found: dict[str, Span] = {}
        for score in self.program.scores:
            if score.body is None:
                spans = [self.usual.item(item)[0] for item in score.items]
                low, high = sum(span.low for span in spans), sum(span.high for span in spans)
                found[score.name] = Span(score.start + low, score.start + high)
        return found

    def below(self, score: str) -> float:
        """The least that a score comes to without its range."""
        scores = tuple(replace(one, low=None, high=None) if one.name == score else one for one in self.program.scores)
        return Outlook(replace(self.program, scores=scores), self.facts).score(score).low

    def below_limits(self, group: str) -> float:
        """The least that the members of a group (by its full name) come to without its limits."""
        found = (one for score in self.program.scores for one in groups_in(score.items) if one.full_name == group)
        return min(self.usual.item(replace(one, most=None, least=None, counting=None))[0].low for one in found)


def bounds(program: ir.Program) -> Bounds:
    facts: dict[str, Truths | Span] = {}
    return Bounds(
        replace(program, scores=tuple(replace(one, items=_bare(one.items, facts)) for one in program.scores)), facts
    )


def _bare(items: tuple[ir.Rule | ir.Group, ...], facts: dict[str, Truths | Span]) -> tuple[ir.Rule | ir.Group, ...]:
    return tuple(
        replace(item, items=_bare(item.items, facts)) if isinstance(item, ir.Group) else _bare_rule(item, facts)
        for item in items
    )


def _bare_rule(rule: ir.Rule, facts: dict[str, Truths | Span]) -> ir.Rule:
    match rule.trigger:
        case ir.Otherwise() if rule.starts is None and rule.ends is None:
            return rule
        case ir.Otherwise() | ir.When():
            points = rule.points
        case ir.Each() | ir.Per():
            name = f"{rule.full_name} points"
            facts[name] = Span(-_most(rule, lambda ticks: -ticks), _most(rule, lambda ticks: ticks))
            points = ir.FieldOf(ir.Kind.EXACT, name)
    return replace(rule, trigger=ir.When(ir.FieldOf(ir.Kind.FLAG, _holds(rule.full_name))), points=points)


def _holds(rule: str) -> str:
    return f"{rule} holds"


def _most(rule: ir.Rule, towards: Callable[[int], int]) -> int:
    points = towards(rule.points) if isinstance(rule.points, int) else rule.points
    most = most_points(replace(rule, points=points))
    return MAX_TICKS if most is None else most
