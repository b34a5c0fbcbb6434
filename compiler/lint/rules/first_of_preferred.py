"""Steps that exclude each other, and are added up."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from ....dsl.problems import Note, Problem, Severity, problem
from ..reading import (
    apart,
    gatherings,
    stairs,
)
from ..rule import Option, rule
from ..subject import Subject

FEWEST_STEPS = Option("fewest-steps", 3, "from so many steps on, `first of` is better")


@problem("SC807", Severity.INFO)
class FirstOfPreferred(Problem):
    """Rules for steps of one value stand in a sum, though only one of them can ever hold.

    ## Why it matters
    Whoever moves one limit and forgets its neighbour pays some leads twice, or not at all. In a `first of` only one
    member counts, and each step needs only its lower limit. `fewest-steps` says from how many steps on this is said.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +30 large when employees >= 1000
      +20 medium when employees between 200 and 999
      +10 small when employees between 50 and 199
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
        +10 small when employees >= 50
    ```
    """

    item: str
    count: int

    def message(self) -> str:
        return f"only one of these {self.count} rules for `{self.item}` can hold, and they are added up"

    def help(self) -> str:
        return "put them into a `first of`, the highest first"


@rule(FirstOfPreferred, needs="text", options=(FEWEST_STEPS,))
def look(subject: Subject) -> Iterator[Problem]:
    for gathering in gatherings(subject):
        if gathering.kind != "sum":
            continue
        for steps in stairs(gathering):
            exclusive = all(apart(lower.step, upper.step) for lower, upper in pairwise(steps))
            if len(steps) >= subject.settings[FEWEST_STEPS] and exclusive:
                yield FirstOfPreferred(
                    span=steps[0].rule.name.span,
                    notes=tuple(Note(stair.rule.name.span, "or this one") for stair in steps[1:]),
                    item=" ".join(subject.text_of(steps[0].step.item.span).split()),
                    count=len(steps),
                )
