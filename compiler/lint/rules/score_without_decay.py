"""A score of events in which nothing ever fades."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import ir, tree
from ....dsl.problems import Problem, Severity, problem
from ...reasons import members
from ..rule import rule
from ..subject import Subject


@problem("SC417", Severity.INFO)
class ScoreWithoutDecay(Problem):
    """A score gives points for events, and none of them ever gets less.

    ## Why it matters
    Interest cools. A score with windows falls from one day to the next when they close; one with a decay goes down
    slowly, and the leads of this morning stand above those of last month.

    ## Avoid
    ```score
    policy inbound
      language 1

    event webinar

    score interest
      +20 webinars for each webinar in the last 180 days, at most 2 times
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    event webinar

    score interest
      +20 webinars for each webinar in the last 180 days, at most 2 times, fading over 180 days
    ```
    """

    score: str

    def message(self) -> str:
        return f"`{self.score}` gives points for events, and none of them fades"

    def help(self) -> str:
        return "add a decay to the score: `decay losing 10% every 7 days of silence`, or to its rules"


@rule(ScoreWithoutDecay, needs="program", default=False)
def look(subject: Subject) -> Iterator[Problem]:
    names = {score.name.text: score.name.span for score in subject.written(tree.Score)}
    for score in subject.policy.scores:
        triggers = [item.trigger for item in members(score.items) if isinstance(item, ir.Rule)]
        each = [trigger for trigger in triggers if isinstance(trigger, ir.Each)]
        if each and score.silence is None and not any(one.curve is not None for one in each):
            yield ScoreWithoutDecay(span=names[score.name], score=score.name)
