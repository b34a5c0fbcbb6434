"""An important outcome that no gate protects."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import tree
from ....dsl.problems import Problem, Severity, problem
from ..rule import Option, rule
from ..subject import Subject

PROTECTED = Option("protected-outcomes", ("sales", "call", "phone", "demo"), "outcomes that need a gate")


@problem("SC307", Severity.WARNING)
class UngatedRoute(Problem):
    """An outcome that should be protected is barred by no gate.

    ## Why it matters
    People are called, and money is spent, on the strength of points alone: nothing stands between a competitor with
    many visits and the telephone. `protected-outcomes` names the outcomes that need a gate.

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

    outcome: str

    def message(self) -> str:
        return f"no gate ever bars the outcome `{self.outcome}`"

    def help(self) -> str:
        return f"write a gate for those who must not get it: `never {self.outcome} unless opted_in`"


@rule(UngatedRoute, needs="program", default=False, options=(PROTECTED,))
def look(subject: Subject) -> Iterator[Problem]:
    barred = {outcome for gate in subject.policy.gates for ban in gate.bans for outcome in ban.outcomes}
    told: set[str] = set()
    for choice in subject.written(tree.Choice):
        name = choice.outcome.text
        if name in subject.settings[PROTECTED] and name not in barred and name not in told:
            told.add(name)
            yield UngatedRoute(span=choice.outcome.span, outcome=name)
