"""Steps of one value with a dip in the middle."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from ....dsl.problems import Note, Problem, Severity, problem
from ....dsl.source import Span
from ..reading import (
    apart,
    gatherings,
    stairs,
)
from ..rule import rule
from ..subject import Subject


@problem("SC217", Severity.WARNING)
class NonMonotonicSteps(Problem):
    """A step of a value gives less than the step below it and than the one above it.

    ## Why it matters
    20 points for 50 employees, 15 for 200, and 30 for 1000: a company that grows first loses points and then gains
    some. Two numbers have been swapped, or the points were never looked at side by side. A best size in the middle is
    not reported.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      first of size
        +30 large when employees >= 1000
        +15 medium when employees >= 200
        +20 small when employees >= 50
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      first of size
        +30 large when employees >= 1000
        +20 medium when employees >= 200
        +15 small when employees >= 50
    ```
    """

    rule: str
    lower: str
    upper: str

    def message(self) -> str:
        return f"`{self.rule}` gives less than `{self.lower}` below it and `{self.upper}` above it"

    def help(self) -> str:
        return "swap the points, or say in words why the middle is worth less"


@rule(NonMonotonicSteps, needs="text")
def look(subject: Subject) -> Iterator[Problem]:
    for gathering in gatherings(subject):
        for steps in stairs(gathering):
            if len(steps) < 3:
                continue
            for below, at, above in zip(steps, steps[1:], steps[2:], strict=False):
                points = [one.rule.points for one in (below, at, above) if isinstance(one.rule.points, Decimal)]
                if len(points) < 3:
                    continue
                # In a sum, open steps pay one after the other: what is paid for 200 is the sum of all that hold.
                closed = apart(below.step, at.step) and apart(at.step, above.step)
                if gathering.kind == "sum" and not closed:
                    continue
                if points[1] < points[0] and points[1] < points[2]:
                    yield NonMonotonicSteps(
                        span=Span(at.rule.span.start, at.rule.name.span.end, at.rule.span.source),
                        notes=(Note(below.rule.name.span, "gives more"), Note(above.rule.name.span, "gives more")),
                        rule=at.rule.name.text,
                        lower=below.rule.name.text,
                        upper=above.rule.name.text,
                    )
