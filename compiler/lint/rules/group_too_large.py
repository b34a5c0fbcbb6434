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
      topics: list of text

    score fit
      +1 pay when topics has "pay"
      +1 hiring when topics has "hiring"
      +1 leave when topics has "leave"
      +1 shifts when topics has "shifts"
      +1 training when topics has "training"
      +1 routes when topics has "routes"
      +1 parts when topics has "parts"
      +1 repair when topics has "repair"
      +1 fuel when topics has "fuel"
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      topics: list of text

    score fit
      group people at most 5 points
        +1 pay when topics has "pay"
        +1 hiring when topics has "hiring"
        +1 leave when topics has "leave"
        +1 shifts when topics has "shifts"
        +1 training when topics has "training"
      group vehicles at most 4 points
        +1 routes when topics has "routes"
        +1 parts when topics has "parts"
        +1 repair when topics has "repair"
        +1 fuel when topics has "fuel"
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
