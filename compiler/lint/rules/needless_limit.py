"""A limit that a rule never reaches."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from ....dsl import tree
from ....dsl.problems import Problem, Severity, problem
from ..reading import (
    shown,
)
from ..rule import rule
from ..subject import Subject


@problem("SC428", Severity.INFO)
class NeedlessLimit(Problem):
    """A rule can never reach the points that it is limited to.

    ## Why it matters
    5 points at most three times are 15. `at most 40 points` beside it limits nothing, and one of the two numbers is
    not what was meant.

    ## Avoid
    ```score
    policy inbound
      language 1

    event webinar

    score interest
      +5 webinars for each webinar in the last 90 days, at most 3 times, at most 40 points
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    event webinar

    score interest
      +5 webinars for each webinar in the last 90 days, at most 3 times
    ```
    """

    rule: str
    most: str
    limit: str

    def message(self) -> str:
        return f"`{self.rule}` gives {self.most} points at most, so a limit of {self.limit} does nothing"

    def help(self) -> str:
        return "leave out the limit, or mend one of the two numbers"


@rule(NeedlessLimit, needs="text")
def look(subject: Subject) -> Iterator[Problem]:
    for written in subject.written(tree.Rule):
        if not isinstance(written.points, Decimal):
            continue
        limit = next((one for one in written.modifiers if isinstance(one, tree.MaxPoints)), None)
        counts = [one.count for one in written.modifiers if isinstance(one, tree.MaxTimes) and one.per is None]
        counts += [1 for one in written.modifiers if isinstance(one, tree.Once) and one.per is None]
        if limit is not None and counts and min(counts) * abs(written.points) <= limit.points:
            yield NeedlessLimit(
                span=limit.span,
                rule=written.name.text,
                most=shown(min(counts) * abs(written.points)),
                limit=shown(limit.points),
            )
