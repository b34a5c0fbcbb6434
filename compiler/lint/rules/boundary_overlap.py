"""A value that two steps have in common."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from ....dsl.problems import Note, Problem, Severity, problem
from ..reading import (
    gatherings,
    shown,
    stairs,
)
from ..rule import rule
from ..subject import Subject


@problem("SC109", Severity.ERROR)
class BoundaryOverlap(Problem):
    """Two steps that are added meet in one value, so its leads get the points of both.

    ## Why it matters
    `<= 50` ends with 50 and `>= 50` begins with it: a company with exactly 50 employees is paid twice for its size.
    In a `first of` only one member counts.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +10 small when employees <= 50
      +20 large when employees >= 50
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +10 small when employees < 50
      +20 large when employees >= 50
    ```
    """

    item: str
    value: str
    lower: str
    upper: str

    def message(self) -> str:
        return f"a lead whose `{self.item}` is exactly {self.value} gets both `{self.lower}` and `{self.upper}`"

    def help(self) -> str:
        return f"let only one of the two hold at {self.value}, or put both into a `first of`"


@rule(BoundaryOverlap, needs="text")
def look(subject: Subject) -> Iterator[Problem]:
    for gathering in gatherings(subject):
        if gathering.kind != "sum":
            continue
        for steps in stairs(gathering):
            for lower, upper in pairwise(steps):
                low, high = lower.step, upper.step
                if high.low is None or high.low == high.high or low.low == low.high:
                    continue
                if low.high is not None and low.high == high.low and low.high_in and high.low_in:
                    yield BoundaryOverlap(
                        span=upper.condition.span,
                        label=f"begins with {shown(high.low)}",
                        notes=(Note(lower.condition.span, f"ends with {shown(low.high)}"),),
                        item=" ".join(subject.text_of(high.item.span).split()),
                        value=shown(high.low),
                        lower=lower.rule.name.text,
                        upper=upper.rule.name.text,
                    )
