"""A policy that decides, and has no gate."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import tree
from ....dsl.problems import Problem, Severity, problem
from ..rule import rule
from ..subject import Subject


@problem("SC332", Severity.INFO)
class PolicyWithoutGate(Problem):
    """A policy decides what happens to leads, and has no gate.

    ## Why it matters
    Somebody has not agreed to be written to, somebody is a competitor, somebody is a customer already. Points cannot
    keep them out for certain; a gate does.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    decide next_step
      sales when employees >= 50
      nurture otherwise
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number
      opted_in: yes/no

    decide next_step
      sales when employees >= 50
      nurture otherwise

    gate consent
      never sales unless opted_in
    ```
    """

    def message(self) -> str:
        return "this policy decides, and no gate keeps anybody out"

    def help(self) -> str:
        return "write a gate for those who must not be contacted: `gate consent` with `never sales unless opted_in`"


@rule(PolicyWithoutGate, needs="program", default=False)
def look(subject: Subject) -> Iterator[Problem]:
    first = next(subject.written(tree.Decide), None)
    if first is not None and not subject.policy.gates:
        yield PolicyWithoutGate(span=first.name.span)
