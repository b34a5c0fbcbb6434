"""Words that speak of other points than the rule has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from ....dsl import tree
from ....dsl.problems import Problem, Severity, problem
from ..reading import (
    shown,
)
from ..rule import rule
from ..subject import Subject


@problem("SC716", Severity.WARNING)
class StaleReason(Problem):
    """The words of a rule name points that are not its points.

    ## Why it matters
    Somebody changed the points and forgot the words, or the other way round. Sales reads the words.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +30 big "A large company (+20 points)" when employees >= 50
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +30 big "A large company" when employees >= 50
    ```
    """

    said: str
    points: str

    def message(self) -> str:
        return f"the words speak of {self.said} points, and the rule has {self.points}"

    def help(self) -> str:
        return "leave the points out of the words: the account shows them beside the words"


_SAID = re.compile(
    r"(?<![\w.])([+-]?\d+(?:\.\d+)?) (?:points?|pts?)\b|(?<![\w.])([+-]\d+(?:\.\d+)?)(?=\s*(?:[),;:]|$))", re.IGNORECASE
)


@rule(StaleReason, needs="text")
def look(subject: Subject) -> Iterator[Problem]:
    for written in subject.written(tree.Rule):
        if written.label is None or not isinstance(written.points, Decimal):
            continue
        said = [Decimal(one or other) for one, other in _SAID.findall(written.label.value)]
        # "at most 20 points" in the words of a rule with a limit of 20 is right, too.
        limits = {modifier.points for modifier in written.modifiers if isinstance(modifier, tree.MaxPoints)}
        wrong = [one for one in said if abs(one) != abs(written.points) and abs(one) not in limits]
        if wrong:
            yield StaleReason(
                span=written.label.span,
                said=shown(wrong[0]),
                points=("+" if written.points > 0 else "") + shown(written.points),
            )
