"""Numbers that a score never reaches."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import ir
from ....dsl.problems import Problem, Severity, problem
from ....dsl.source import Span
from ...analysis.claims import score_is
from ...reading import parts
from ...wording import points_text
from ..reading import own
from ..rule import rule
from ..subject import Subject


@problem("SC202", Severity.ERROR)
class UnreachableThreshold(Problem):
    """A condition, or an alert, asks for more of a score than any lead can have, or for less.

    ## Why it matters
    Its row, its rule or its alert is for nobody. Adding up all points misleads: one lead does not earn them all. The
    finding says what can be reached; it is proved.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      country: text

    score fit from 0 to 100
      +40 home when country is "NL"
      +30 near when country is "BE"

    decide next_step
      sales when fit >= 60
      recycle otherwise
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      country: text

    score fit from 0 to 100
      +40 home when country is "NL"
      +30 near when country is "BE"

    decide next_step
      sales when fit >= 40
      recycle otherwise
    ```
    """

    asked: str
    score: str
    low: str
    high: str

    def message(self) -> str:
        return f"no lead has `{self.asked}` (proved)"

    def help(self) -> str:
        return f"`{self.score}` reaches from {self.low} to {self.high}: use a number inside"


@rule(UnreachableThreshold, needs="study")
def look(subject: Subject) -> Iterator[Problem]:
    for claim, score, asked, span in thresholds(subject):
        if subject.inquiry.never(claim, f"whether a lead has `{asked}`"):
            reach = subject.inquiry.reach(score)
            yield UnreachableThreshold(
                span=span, asked=asked, score=score, low=points_text(reach.low), high=points_text(reach.high)
            )


def thresholds(subject: Subject) -> Iterator[tuple[ir.Expr, str, str, Span]]:
    """Where a score is held against a number: what is asked, of which score, in words, and the place."""
    policy = subject.policy
    for part in (*policy.scores, *policy.decisions, *policy.gates):
        for node in parts(part):
            match node:
                case ir.Compare(left=ir.ScoreOf(name=name, ago=0), right=ir.Const(value=int())):
                    if node.span.source == subject.source.name and node.span.end:
                        yield node, name, " ".join(subject.text_of(node.span).split()), node.span
                case _:
                    pass
    for alert in policy.alerts:
        if isinstance(alert.value, int) and own(subject, alert.span):
            above = alert.change == "rises above"
            score = next(score for score in policy.scores if score.name == alert.watched)
            end = score.high if above else score.low
            if end is not None and (alert.value >= end if above else alert.value <= end):
                # That the score's range ends there has a finding of its own.
                continue
            words = f"{alert.watched} {'above' if above else 'below'} {points_text(alert.value)}"
            yield score_is(alert.watched, ">" if above else "<", alert.value), alert.watched, words, alert.span
