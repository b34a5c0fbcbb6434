"""Gates that stop only who would not get there anyway."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from ....dsl import ir
from ....dsl.problems import Problem, Severity, problem
from ...analysis.answers import Witness
from ...analysis.claims import band_is, both, either, holds
from ...reading import reads
from ..inquiry import Inquiry
from ..reading import own
from ..rule import rule
from ..subject import Subject


@problem("SC303", Severity.INFO)
class GateRedundant(Problem):
    """None of the leads that a gate stops would get what it bars: without the gate, every lead gets the same.

    ## Why it matters
    The same thing is said twice: by the gate, and by the points, limits or conditions that keep these leads away
    without it. Whoever changes one of the two sees no effect, and does not know why. Where the gate is there for later,
    a promise says that better, and is proved. That a row above takes these leads is no reason: the gate holds in
    whatever order the rows stand. Proved. Not told unless it is asked for: many a gate is written for the day on which
    the rest changes.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number required

    score fit
      +50 large when employees >= 1000

    decide next_step
      sales when fit >= 50
      recycle otherwise

    gate small
      never sales when employees < 50
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number required

    score fit
      +50 large when employees >= 1000

    decide next_step
      sales when fit >= 50
      recycle otherwise

    promise small_stay_out
      employees < 50 implies next_step is not sales
    ```
    """

    gate: str
    outcomes: tuple[str, ...]

    def message(self) -> str:
        outcomes = " or ".join(f"`{one}`" for one in self.outcomes)
        return f"whom the gate `{self.gate}` keeps from {outcomes} would not get there anyway (proved)"

    def help(self) -> str:
        return (
            "say it once: by the gate, or by what keeps these leads away without it; "
            "what must stay true whatever changes, say as a promise"
        )


@rule(GateRedundant, needs="study", default=False)
def look(subject: Subject) -> Iterator[Problem]:
    for gate in subject.policy.gates:
        for ban in gate.bans:
            if own(subject, ban.span) and _is_redundant(subject, ban):
                yield GateRedundant(span=ban.span, gate=gate.name, outcomes=ban.outcomes)


def _is_redundant(subject: Subject, ban: ir.Ban) -> bool:
    """Whether no lead that the gate stops meets the condition of a row with what it bars. That a row above takes these
    leads is no reason: the gate holds in whatever order the rows stand."""
    rows = [
        taken
        for decision in subject.policy.decisions
        for row in decision.rows
        if (taken := _takes(row, ban.outcomes)) is not None
    ]
    stopped, remark = holds(ban.trigger), subject.inquiry.remark
    if not rows or _stops_one(subject.inquiry, stopped, either(rows)) or remark(both(stopped, either(rows))) is None:
        return False
    # That a gate stops nobody, or bars what nobody gets, has a finding of its own.
    return remark(stopped) is None and remark(either(rows)) is None


def _stops_one(inquiry: Inquiry, stopped: ir.Expr, taken: ir.Expr) -> bool:
    """Whether a lead of a test is stopped although a row takes it; or a row takes one that is stopped once it has what
    the gate looks at. The usual case, and cheap to see."""
    both_true = both(stopped, taken)
    if next(inquiry.tested(both_true), None) is not None:
        return True
    example = inquiry.example(stopped)
    if example is None:
        return False
    about = reads(stopped)
    facts = {name: example.lead[name] for name in about.fields}
    for one in islice(inquiry.tested(taken), 3):
        moved = one.at - example.at
        happened = [replace(event, at=event.at + moved) for event in example.events if event.kind in about.events]
        if inquiry.is_true(both_true, Witness({**one.lead, **facts}, (*one.events, *happened), one.at)):
            return True
    return False


def _takes(row: ir.Choice | ir.Grid, outcomes: tuple[str, ...]) -> ir.Expr | None:
    """That a lead meets the condition of a row with one of the outcomes; None where it has none of them."""
    match row:
        case ir.Choice(outcome=outcome, trigger=ir.When() as trigger):
            return holds(trigger) if outcome in outcomes else None
        case ir.Choice():
            return None
        case ir.Grid():
            cells = [
                both(band_is(row.by_rows, line), band_is(row.by_columns, column))
                for line, cells in zip(row.row_labels, row.cells, strict=True)
                for column, outcome in zip(row.column_labels, cells, strict=True)
                if outcome in outcomes
            ]
            return either(cells) if cells else None
