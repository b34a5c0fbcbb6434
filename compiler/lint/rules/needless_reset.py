"""A reset where there is nothing to forget."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import ir, tree
from ....dsl.problems import Problem, Severity, problem
from ...reading import parts
from ..rule import rule
from ..subject import Subject


@problem("SC421", Severity.WARNING)
class NeedlessReset(Problem):
    """A score is reset on an event, and reads no events.

    ## Why it matters
    `reset on` lets earlier events count no more, in its own score only. In a score that looks at fields or other
    scores it does nothing, and the lead that unsubscribed keeps its points elsewhere.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    event page_view, unsubscribe

    score fit
      reset on unsubscribe
      +10 big when employees >= 50

    score interest
      +5 views for each page_view in the last 30 days, at most 20 points
      -10 left when any unsubscribe
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    event page_view, unsubscribe

    score fit
      +10 big when employees >= 50

    score interest
      reset on unsubscribe
      +5 views for each page_view in the last 30 days, at most 20 points
    ```
    """

    score: str

    def message(self) -> str:
        return f"`{self.score}` reads no events, so there is nothing to reset"

    def help(self) -> str:
        return "move the line into the score that counts the events"


@rule(NeedlessReset, needs="program")
def look(subject: Subject) -> Iterator[Problem]:
    resets = {
        score.name.text: line.span
        for score in subject.written(tree.Score)
        for line in score.items
        if isinstance(line, tree.ResetOn)
    }
    for score in subject.policy.scores:
        if score.name in resets and not any(isinstance(node, ir.Events) for node in parts(score)):
            yield NeedlessReset(span=resets[score.name], score=score.name)
