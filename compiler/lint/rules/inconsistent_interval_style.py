"""Steps of one value that are written in two ways."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import tree
from ....dsl.problems import Note, Problem, Severity, problem
from ..reading import (
    gatherings,
    plain,
    stairs,
)
from ..rule import rule
from ..subject import Subject


@problem("SC806", Severity.INFO)
class InconsistentIntervalStyle(Problem):
    """Steps of one value are written in two ways.

    ## Why it matters
    `between 50 and 199` holds both ends, `>= 200 and < 1000` only one. Side by side, the eye takes them for alike,
    and one of the ends is wrong sooner or later.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      first of size
        +30 large when employees >= 1000
        +20 medium when employees >= 200 and employees < 1000
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
        +20 medium when employees between 200 and 999
        +10 small when employees between 50 and 199
    ```
    """

    item: str

    def message(self) -> str:
        return f"the steps of `{self.item}` are written in two ways"

    def help(self) -> str:
        return "write all of them with `between`, or all with `>=` and `<`"


@rule(InconsistentIntervalStyle, needs="text")
def look(subject: Subject) -> Iterator[Problem]:
    for gathering in gatherings(subject):
        for steps in stairs(gathering):
            between = [stair for stair in steps if isinstance(plain(stair.condition), tree.Between)]
            chained = [stair for stair in steps if isinstance(plain(stair.condition), tree.And)]
            if between and chained:
                first, other = chained[0], between[0]
                yield InconsistentIntervalStyle(
                    span=first.condition.span,
                    notes=(Note(other.condition.span, "written otherwise"),),
                    item=" ".join(subject.text_of(first.step.item.span).split()),
                )
