"""Outcomes that no lead gets."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import ir
from ....dsl.problems import Problem, Severity, problem
from ...analysis.claims import holds, outcome_is
from ..reading import own
from ..rule import rule
from ..subject import Subject


@problem("SC334", Severity.WARNING)
class OutcomeNeverChosen(Problem):
    """A decision names an outcome that no lead can ever get.

    ## Why it matters
    Somebody waits for leads that never come. A gate bars whoever would get the outcome, or what stands above takes
    them. Proved.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number required

    decide next_step
      sales when employees >= 1000
      call when employees < 5
      recycle otherwise

    gate tiny
      never call when employees < 10
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number required

    decide next_step
      sales when employees >= 1000
      call when employees < 50
      recycle otherwise

    gate tiny
      never call when employees < 10
    ```
    """

    decision: str
    outcome: str

    def message(self) -> str:
        return f"no lead ever gets `{self.outcome}` in `{self.decision}` (proved)"

    def help(self) -> str:
        return "look at the rows above it and at the gates that bar it, or leave it out"


@rule(OutcomeNeverChosen, needs="study")
def look(subject: Subject) -> Iterator[Problem]:
    for decision in subject.policy.decisions:
        last = decision.rows[-1]
        for outcome in decision.outcomes:
            rows = [row for row in decision.rows if isinstance(row, ir.Choice) and row.outcome == outcome]
            span = rows[0].span if rows else decision.span
            if (isinstance(last, ir.Choice) and outcome == last.outcome) or not own(subject, span):
                # The last one is what is left: it has to be there.
                continue
            about = f"whether a lead gets `{outcome}` in `{decision.name}`"
            if subject.inquiry.never(outcome_is(decision.name, outcome), about) and not _told(subject, rows):
                yield OutcomeNeverChosen(span=span, decision=decision.name, outcome=outcome)


def _told(subject: Subject, rows: list[ir.Choice]) -> bool:
    """Whether the conditions of all its rows are never met: a threshold or a band that is told already, or a row that
    comes too late."""
    return bool(rows) and all(
        row.trigger is not None and subject.inquiry.never(holds(row.trigger), f"whether a row of `{row.outcome}` holds")
        for row in rows
    )
