"""One rule that gives more than the whole range of its score."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from ....dsl import tree
from ....dsl.problems import Note, Problem, Severity, problem
from ....dsl.source import Span
from ...reading import parts
from ..reading import (
    shown,
)
from ..rule import rule
from ..subject import Subject


@problem("SC252", Severity.WARNING)
class PointsBeyondRange(Problem):
    """One rule gives more points than its score has room for.

    ## Why it matters
    In a score from 0 to 100, a rule of +150 gives 100 and makes every other rule idle. The points belong to another
    scale, or a figure too many was typed.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number
      country: text

    score fit from 0 to 100
      +150 big when employees >= 50
      +10 near when country is "FR"
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number
      country: text

    score fit from 0 to 100
      +15 big when employees >= 50
      +10 near when country is "FR"
    ```
    """

    rule: str
    points: str
    room: str

    def message(self) -> str:
        return f"`{self.rule}` gives {self.points} points, and the whole score has room for {self.room}"

    def help(self) -> str:
        return "give fewer points, or widen the range"


@rule(PointsBeyondRange, needs="text")
def look(subject: Subject) -> Iterator[Problem]:
    for score in subject.written(tree.Score):
        if score.range is None:
            continue
        room = score.range.high.value - score.range.low.value
        for node in parts(score.items):
            if isinstance(node, tree.Rule) and isinstance(node.points, Decimal) and node.points > room:
                yield PointsBeyondRange(
                    span=Span(node.span.start, node.name.span.end, node.span.source),
                    notes=(Note(score.range.span, "the range"),),
                    rule=node.name.text,
                    points=shown(node.points),
                    room=shown(room),
                )
