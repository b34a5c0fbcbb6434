"""The lines of an account as people read them: what a rule is called, and in words what cut its points."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import assert_never

from ..dsl import ir
from ..dsl.result import Line, Reason
from ..dsl.values import decimal_of
from .wording import percent_text, points_text, spoken


@dataclass(frozen=True)
class Vocabulary:
    """What the lines of a program's accounts are about, by full name."""

    rules: Mapping[str, ir.Rule]
    groups: Mapping[str, ir.Group]
    scores: Mapping[str, ir.Score]

    def text_of(self, line: Line) -> str:
        """The words of one line: the author's label where there is one."""
        match line.step:
            case "rule":
                rule = self.rules[line.rule]
                return rule.label or spoken(rule.name)
            case "most" | "least" | "counting":
                group = self.groups[line.rule]
                return group.label or spoken(group.name)
            case "body":
                score = self.scores[line.score]
                return score.body_text or spoken(score.name)
            case "start":
                return "where everybody starts"
            case "silence":
                return "nothing happened lately"
            case _:
                return {
                    "floor": "conditional floor",
                    "cap": "conditional cap",
                    "rounding": "rounding",
                    "range": "kept within its range",
                }.get(line.step, line.step)

    def cut_of(self, line: Line) -> str | None:
        """`120, cut to 100`: what limited the points, in words; None where nothing did."""
        if line.before is None:
            return None
        after = line.ticks if line.step == "rule" else line.before + line.ticks
        return self.cut_pattern(line).format(
            before=points_text(line.before), after=points_text(after), cut="cut" if line.ticks < 0 else "raised"
        )

    def cut_pattern(self, line: Line) -> str:
        """How a limit on this line reads, with `{before}`, `{after}` and `{cut}` (or raised) left open."""
        match line.step:
            case "rule":
                return "{before}, cut to {after}"
            case "silence":
                return "{before}, faded to {after} in silence"
            case "counting":
                share = self.groups[line.rule].counting or Fraction(1)
                return f"{{before}}, of which {percent_text(share)} count: {{after}}"
            case "rounding":
                return "{before}, rounded to {after}"
            case _:
                return "{before}, {cut} to {after}"

    def reason_of(self, line: Line) -> Reason:
        before = None if line.before is None else decimal_of(line.before)
        return Reason(line.score, line.rule, decimal_of(line.ticks), self.text_of(line), before, self.cut_of(line))


def vocabulary(program: ir.Program) -> Vocabulary:
    """The words for every line that accounts of this program can have."""
    rules: dict[str, ir.Rule] = {}
    groups: dict[str, ir.Group] = {}
    scores = {score.name: score for score in program.scores}
    if program.account is not None:
        scores |= {score.name: score for score in program.account.scores}
    for score in scores.values():
        for item in members(score.items):
            if isinstance(item, ir.Rule):
                rules[item.full_name] = item
            else:
                groups[item.full_name] = item
    return Vocabulary(rules, groups, scores)


def members(items: tuple[ir.Rule | ir.Group, ...]) -> Iterator[ir.Rule | ir.Group]:
    """Rules and groups in the order of the text, a group before its members."""
    for item in items:
        yield item
        match item:
            case ir.Group():
                yield from members(item.items)
            case ir.Rule():
                pass
            case _:
                assert_never(item)
