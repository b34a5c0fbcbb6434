"""An outcome without words for people."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import tree
from ....dsl.problems import Problem, Severity, problem
from ..rule import rule
from ..subject import Subject


@problem("SC710", Severity.INFO)
class UnexplainedOutcome(Problem):
    """A decision gives an outcome that no line explains.

    ## Why it matters
    `sales` may mean a call today or a place on a list. `outcome sales "An account executive calls" within 1 day` says
    who does what, and until when.

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

    outcome sales "An account executive calls" within 1 day
    outcome nurture "Monthly newsletter"

    decide next_step
      sales when employees >= 50
      nurture otherwise
    ```
    """

    outcome: str

    def message(self) -> str:
        return f"nothing says what happens to a lead that gets `{self.outcome}`"

    def help(self) -> str:
        return f'write a line such as `outcome {self.outcome} "An account executive calls" within 1 day`'


@rule(UnexplainedOutcome, needs="text", default=False)
def look(subject: Subject) -> Iterator[Problem]:
    told = {outcome.name.text.lower() for outcome in subject.written(tree.Outcome) if outcome.label is not None}
    labels = [choice.outcome for choice in subject.written(tree.Choice)]
    labels += [cell for row in subject.written(tree.GridRow) if row.head is not None for cell in row.cells]
    for label in sorted(labels, key=lambda one: one.span):
        if label.text.lower() not in told:
            told.add(label.text.lower())
            yield UnexplainedOutcome(span=label.span, outcome=label.text)
