"""Numbers that a score never falls short of."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import ir
from ....dsl.problems import Problem, Severity, problem
from ...wording import points_text
from ..rule import rule
from ..subject import Subject
from .unreachable_threshold import thresholds


@problem("SC203", Severity.WARNING)
class ThresholdAlwaysMet(Problem):
    """A condition asks for so little of a score that every lead has it.

    ## Why it matters
    It looks like a demand and keeps nobody out. After a change of the points the number was left behind, or the
    comparison points the wrong way. Proved.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      country: text

    score fit from 0 to 100
      start at 10
      +40 home when country is "NL"

    decide next_step
      sales when country is "NL" and fit >= 5
      recycle otherwise
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      country: text

    score fit from 0 to 100
      start at 10
      +40 home when country is "NL"

    decide next_step
      sales when fit >= 50
      recycle otherwise
    ```
    """

    asked: str
    score: str
    low: str
    high: str

    def message(self) -> str:
        return f"every lead has `{self.asked}` (proved)"

    def help(self) -> str:
        return f"`{self.score}` reaches from {self.low} to {self.high}: leave it out, or use a number inside"


@rule(ThresholdAlwaysMet, needs="study")
def look(subject: Subject) -> Iterator[Problem]:
    for claim, score, asked, span in thresholds(subject):
        if isinstance(claim, ir.Compare) and subject.inquiry.never(
            ir.Not(ir.Kind.FLAG, claim), f"whether a lead is without `{asked}`"
        ):
            reach = subject.inquiry.reach(score)
            yield ThresholdAlwaysMet(
                span=span, asked=asked, score=score, low=points_text(reach.low), high=points_text(reach.high)
            )
