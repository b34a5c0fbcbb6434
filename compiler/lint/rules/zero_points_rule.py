"""A rule that gives no points."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import tree
from ....dsl.problems import Problem, Severity, problem
from ..rule import rule
from ..subject import Subject


@problem("SC218", Severity.WARNING)
class ZeroPointsRule(Problem):
    """A rule gives no points, to no lead.

    ## Why it matters
    It changes no score, and still has to be read, tested and kept in mind. Most often it was switched off for a while
    and then forgotten. A rule whose only purpose is to be seen is better written as a gate or a band.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +10 big when employees >= 50
      +0 huge when employees >= 5000
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +10 big when employees >= 50
    ```
    """

    rule: str

    def message(self) -> str:
        return f"the rule `{self.rule}` gives no points"

    def help(self) -> str:
        return "give it points, or delete it"


@rule(ZeroPointsRule, needs="text")
def look(subject: Subject) -> Iterator[Problem]:
    # In `first of`, a rule without points takes a lead out of the running: that is a meaning of its own.
    groups = [group for group in subject.written(tree.Group) if group.kind == "first of"]
    on_purpose = {id(item) for group in groups for item in group.items}
    for written in subject.written(tree.Rule):
        if written.points == 0 and id(written) not in on_purpose:
            yield ZeroPointsRule(span=written.name.span, rule=written.name.text, label="changes no score")
