"""An outcome that no decision gives."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import tree
from ....dsl.problems import Problem, Severity, problem
from ..rule import rule
from ..subject import Subject


@problem("SC333", Severity.WARNING)
class UnchosenOutcome(Problem):
    """An outcome is declared, and no decision ever gives it.

    ## Why it matters
    Its words and its service level promise something to readers that happens to no lead. A row of a decision has been
    forgotten, or the outcome is called otherwise there.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    outcome sales "An account executive calls" within 1 day
    outcome partner_desk "The partner desk calls"

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

    outcome sales "An account executive calls" within 1 day

    decide next_step
      sales when employees >= 50
      nurture otherwise
    ```
    """

    name: str

    def message(self) -> str:
        return f"no decision ever gives the outcome `{self.name}`"

    def help(self) -> str:
        return "write the row that gives it, or delete the line"


@rule(UnchosenOutcome, needs="program")
def look(subject: Subject) -> Iterator[Problem]:
    program = subject.policy
    decisions = (*program.decisions, *(program.account.decisions if program.account is not None else ()))
    chosen = {outcome for decision in decisions for outcome in decision.outcomes}
    for outcome in subject.written(tree.Outcome):
        if outcome.name.text not in chosen:
            yield UnchosenOutcome(span=outcome.name.span, label="given by no row", name=outcome.name.text)
