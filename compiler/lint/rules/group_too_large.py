"""A score or a group with very many rules."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl.problems import Problem, Severity, problem
from ..reading import (
    gatherings,
)
from ..rule import Option, rule
from ..subject import Subject

LARGEST_GROUP = Option("largest-group", 8, "so many rules may stand directly in one score or group")


@problem("SC804", Severity.INFO)
class GroupTooLarge(Problem):
    """Very many rules stand directly in one score or group.

    ## Why it matters
    Groups tell readers what belongs together, and their limits keep one kind of fact from outweighing the rest. A
    score that is a long row of rules has neither. `largest-group` says how many rules may stand together.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number
      seats: number

    score fit
      +1 staff_10 when employees >= 10
      +1 staff_20 when employees >= 20
      +1 staff_30 when employees >= 30
      +1 staff_40 when employees >= 40
      +1 staff_50 when employees >= 50
      +1 seats_10 when seats >= 10
      +1 seats_20 when seats >= 20
      +1 seats_30 when seats >= 30
      +1 seats_40 when seats >= 40
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number
      seats: number

    score fit
      group staff at most 5 points
        +1 staff_10 when employees >= 10
        +1 staff_20 when employees >= 20
        +1 staff_30 when employees >= 30
        +1 staff_40 when employees >= 40
        +1 staff_50 when employees >= 50
      group seats at most 4 points
        +1 seats_10 when seats >= 10
        +1 seats_20 when seats >= 20
        +1 seats_30 when seats >= 30
        +1 seats_40 when seats >= 40
    ```
    """

    name: str
    count: int

    def message(self) -> str:
        return f"{self.count} rules stand directly in `{self.name}`"

    def help(self) -> str:
        return "put what belongs together into groups: `group NAME at most 20 points`"


@rule(GroupTooLarge, needs="text", default=False, options=(LARGEST_GROUP,))
def look(subject: Subject) -> Iterator[Problem]:
    for gathering in gatherings(subject):
        if gathering.kind == "sum" and len(gathering.rules) > subject.settings[LARGEST_GROUP]:
            owner = gathering.owner.name
            yield GroupTooLarge(span=owner.span, name=owner.text, count=len(gathering.rules))
