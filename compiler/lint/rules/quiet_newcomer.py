"""A penalty for silence that also strikes whoever has just come."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from ....dsl import tree
from ....dsl.problems import Problem, Severity, problem
from ..reading import (
    plain,
)
from ..rule import rule
from ..subject import Subject


@problem("SC424", Severity.INFO)
class QuietNewcomer(Problem):
    """A rule takes points because nothing happened lately, from new leads as well.

    ## Why it matters
    Of a lead that came in this morning there is no event in the last 45 days either. It starts with a penalty that
    was meant for sleepers.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      created_at: time

    event login

    score activity
      +10 fresh when days since created_at < 30
      -20 quiet when no login in the last 45 days
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      created_at: time

    event login

    score activity
      +10 fresh when days since created_at < 30
      -20 quiet when no login in the last 45 days and days since created_at >= 45
    ```
    """

    rule: str

    def message(self) -> str:
        return f"`{self.rule}` also takes points from leads that have only just come"

    def help(self) -> str:
        return "ask for the lead's age too: `and days since created_at >= 45`"


@rule(QuietNewcomer, needs="text", default=False)
def look(subject: Subject) -> Iterator[Problem]:
    for written in subject.written(tree.Rule):
        if written.negative or (isinstance(written.points, Decimal) and written.points < 0):
            condition = plain(written.trigger.condition) if isinstance(written.trigger, tree.When) else None
            if isinstance(condition, tree.Occurs) and condition.quantifier == "no" and condition.window is not None:
                yield QuietNewcomer(span=condition.span, rule=written.name.text)
