"""A row of a decision that gives what its last row gives."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import tree
from ....dsl.problems import Fix, Note, Problem, Severity, problem
from ..reading import (
    whole_lines,
)
from ..rule import rule
from ..subject import Subject


@problem("SC336", Severity.INFO)
class RowLikeOtherwise(Problem):
    """The row before `otherwise` gives the same outcome, so it decides nothing.

    ## Why it matters
    Whether its condition holds or not, the lead gets the same. Another outcome was meant, or the row is left over.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    decide next_step
      sales when employees >= 50
      nurture when employees >= 10
      nurture otherwise
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    decide next_step
      sales when employees >= 50
      nurture otherwise
    ```
    """

    outcome: str

    def message(self) -> str:
        return f"this row gives `{self.outcome}`, and so does `otherwise` below it"

    def help(self) -> str:
        return "delete the row, or give another outcome"


@rule(RowLikeOtherwise, needs="text")
def look(subject: Subject) -> Iterator[Problem]:
    for decide in subject.written(tree.Decide):
        rows = decide.rows
        last = rows[-1] if rows else None
        if not isinstance(last, tree.Choice) or not isinstance(last.trigger, tree.Otherwise):
            continue
        for row in reversed(rows[:-1]):
            if not isinstance(row, tree.Choice) or row.outcome.text.lower() != last.outcome.text.lower():
                break
            yield RowLikeOtherwise(
                span=row.span,
                label="decides nothing",
                notes=(Note(last.span, "gives the same"),),
                fix=Fix("delete the row", whole_lines(subject, row.span), ""),
                outcome=row.outcome.text,
            )
