"""A value that falls between two steps."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise

from ....dsl import tree
from ....dsl.problems import Fix, Note, Problem, Severity, problem
from ....dsl.source import Span
from ..reading import (
    Stair,
    Step,
    gatherings,
    number_of,
    plain,
    shown,
    stairs,
)
from ..rule import rule
from ..subject import Subject


@problem("SC108", Severity.ERROR)
class BoundaryGap(Problem):
    """Exactly one value falls between two steps, so its leads get neither.

    ## Why it matters
    `> 200` begins after 200, and `between 50 and 199` ends at 199: a company with exactly 200 employees gets no
    points for its size. Round numbers are the ones that people fill in.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      first of size
        +30 large when employees > 200
        +20 medium when employees between 50 and 199
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      first of size
        +30 large when employees >= 200
        +20 medium when employees between 50 and 199
    ```
    """

    item: str
    value: str
    lower: str
    upper: str

    def message(self) -> str:
        return f"a lead whose `{self.item}` is exactly {self.value} falls between `{self.lower}` and `{self.upper}`"

    def help(self) -> str:
        return f"let one of the two begin or end at {self.value}: with `>=`, `<=` or `between`"


@rule(BoundaryGap, needs="text")
def look(subject: Subject) -> Iterator[Problem]:
    for gathering in gatherings(subject):
        for steps in stairs(gathering):
            for lower, upper in pairwise(steps):
                value = _between(lower.step, upper.step)
                # Another rule may take just that value.
                if value is None or any(stair.step.holds(value) for stair in steps):
                    continue
                yield BoundaryGap(
                    span=upper.condition.span,
                    label=f"begins after {shown(value)}" if not upper.step.low_in else "begins here",
                    notes=(Note(lower.condition.span, "the step below"),),
                    fix=_fix(subject, upper, value),
                    item=" ".join(subject.text_of(upper.step.item.span).split()),
                    value=shown(value),
                    lower=lower.rule.name.text,
                    upper=upper.rule.name.text,
                )


def _between(lower: Step, upper: Step) -> Decimal | None:
    """The one value, or the one whole number, that lies between two steps."""
    if lower.high is None or upper.low is None:
        return None
    if lower.high == upper.low:
        return None if lower.high_in or upper.low_in else upper.low
    whole = lower.high == lower.high.to_integral_value() and upper.low == upper.low.to_integral_value()
    if not whole or not lower.high_in:
        return None
    if upper.low - lower.high == 1 and not upper.low_in:
        return upper.low
    if upper.low - lower.high == 2 and upper.low_in:
        return upper.low - 1
    return None


def _fix(subject: Subject, upper: Stair, value: Decimal) -> Fix | None:
    """Lets the upper step begin at the value, where it is one comparison."""
    match plain(upper.condition):
        case tree.Compare(sign=">", left=left, right=right) if number_of(right) == value:
            text = f"{subject.text_of(left.span)} >= {subject.text_of(right.span)}"
            return Fix(f"begin at {shown(value)}", Span(left.span.start, right.span.end, left.span.source), text)
        case _:
            return None
