"""A rule without words for people."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import tree
from ....dsl.problems import Problem, Severity, problem
from ..rule import rule
from ..subject import Subject


@problem("SC701", Severity.INFO)
class MissingReasonText(Problem):
    """A rule has no words for people.

    ## Why it matters
    Whoever calls a lead reads why it is hot. Without words the account shows the rule's name, which was written for
    the policy.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +50 emp_ge_50 when employees >= 50
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +50 emp_ge_50 "A company of fifty people or more" when employees >= 50
    ```
    """

    rule: str

    def message(self) -> str:
        return f"the rule `{self.rule}` has no words for people"

    def help(self) -> str:
        return f'write them after its name: `{self.rule} "..."`'


@rule(MissingReasonText, needs="text", default=False)
def look(subject: Subject) -> Iterator[Problem]:
    for written in subject.written(tree.Rule):
        if written.label is None and written.points != 0:
            yield MissingReasonText(span=written.name.span, rule=written.name.text)
