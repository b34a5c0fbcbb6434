"""Steps of one value with a hole between them."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise

from ....dsl import tree
from ....dsl.problems import Note, Problem, Severity, problem
from ..reading import Stair, gatherings, shown, stairs
from ..rule import rule
from ..subject import Subject


@problem("SC107", Severity.WARNING)
class GapInSteps(Problem):
    """Steps of one value leave out a range in the middle: more of it gives points, and so does less.

    ## Why it matters
    A company with 200 to 999 employees gets nothing although a smaller one and a larger one do. A step has been
    forgotten, or deleted, or an end is wrong. Where no points are meant, say so with a step of its own or `otherwise`.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      first of size
        +30 large when employees >= 1000
        +10 mid when employees between 100 and 199
        +5 small when employees between 10 and 99
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
        +20 upper_mid when employees between 200 and 999
        +10 mid when employees between 100 and 199
        +5 small when employees between 10 and 99
    ```
    """

    item: str
    low: str
    high: str

    def message(self) -> str:
        return f"`{self.item}` between {self.low} and {self.high} gives nothing, and less of it does"

    def help(self) -> str:
        return "add a step for it, or `otherwise`"


@rule(GapInSteps, needs="study")
def look(subject: Subject) -> Iterator[Problem]:
    for gathering in gatherings(subject):
        if any(isinstance(one.trigger, tree.Otherwise) for one in gathering.rules):
            continue
        for steps in stairs(gathering):
            if len(steps) < 3:
                # Two steps may well be about the two ends: the young and the old.
                continue
            for lower, upper in pairwise(steps):
                found = _gap(lower, upper, steps)
                if found is not None:
                    yield GapInSteps(
                        span=upper.condition.span,
                        notes=(Note(lower.condition.span, "the step below"),),
                        item=" ".join(subject.text_of(upper.step.item.span).split()),
                        low=shown(found[0]),
                        high=shown(found[1]),
                    )


def _gap(lower: Stair, upper: Stair, steps: list[Stair]) -> tuple[Decimal, Decimal] | None:
    low, high = lower.step.high, upper.step.low
    if low is None or high is None or high - low <= 2:
        # One value that is left out is another finding.
        return None
    points = lower.rule.points, upper.rule.points
    alike = all(isinstance(one, Decimal) and one > 0 for one in points)
    middle = (low + high) / 2
    if not alike or any(stair.step.holds(middle) for stair in steps):
        return None
    return low, high
