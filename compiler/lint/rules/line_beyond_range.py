"""A start, a cap or a floor that the range of its score takes back."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import tree
from ....dsl.problems import Note, Problem, Severity, problem
from ..reading import (
    shown,
)
from ..rule import rule
from ..subject import Subject


@problem("SC260", Severity.WARNING)
class LineBeyondRange(Problem):
    """A cap or a floor lies outside the range of its score, so it never does anything.

    ## Why it matters
    A score from 0 to 100 never is more than 100. `cap 120 when ...` looks like a limit and is none. The same holds
    for a start outside the range.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit from 0 to 100
      cap 120 when employees is missing
      +50 big when employees >= 50
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit from 0 to 100
      cap 20 when employees is missing
      +50 big when employees >= 50
    ```
    """

    line: str
    points: str
    end: str

    def message(self) -> str:
        return f"a {self.line} of {self.points} lies beyond the range, which ends at {self.end}"

    def help(self) -> str:
        return "put it inside the range, or leave it out"


@rule(LineBeyondRange, needs="text")
def look(subject: Subject) -> Iterator[Problem]:
    for score in subject.written(tree.Score):
        if score.range is None:
            continue
        low, high = score.range.low.value, score.range.high.value
        for item in score.items:
            match item:
                case tree.CapLine(points=points) if points.value >= high:
                    word, end = "cap", high
                case tree.FloorLine(points=points) if points.value <= low:
                    word, end = "floor", low
                case tree.StartAt(points=points) if points.value > high:
                    word, end = "start", high
                case tree.StartAt(points=points) if points.value < low:
                    word, end = "start", low
                case _:
                    continue
            notes = (Note(score.range.span, "the range"),)
            yield LineBeyondRange(span=points.span, notes=notes, line=word, points=shown(points.value), end=shown(end))
