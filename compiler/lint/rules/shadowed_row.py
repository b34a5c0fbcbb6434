"""Rows and members that an earlier one leaves nothing for."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import ir
from ....dsl.problems import Note, Problem, Severity, problem
from ....dsl.source import Span
from ...analysis.claims import holds
from ..inquiry import holds_without
from ..reading import earned, own, rules_written
from ..rule import rule
from ..subject import Subject


@problem("SC105", Severity.ERROR)
class ShadowedRow(Problem):
    """In a `first of` or a decision, what stands above takes every lead of a later line.

    ## Why it matters
    Only the first line that fits counts. A wide condition above a narrow one leaves nothing for it: its points or its
    outcome are given to no lead. Proved; where a gate can bar the outcome of the line above, the line below counts
    after all and there is no finding.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      first of size
        +10 some when employees >= 50
        +30 many when employees >= 1000
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      first of size
        +30 many when employees >= 1000
        +10 some when employees >= 50
    ```
    """

    row: str
    above: str

    def message(self) -> str:
        return f"`{self.row}` comes too late: {self.above} takes every such lead (proved)"

    def help(self) -> str:
        return "put the narrower one first"


@rule(ShadowedRow, needs="study")
def look(subject: Subject) -> Iterator[Problem]:
    names = {span: written.name.span for span, written in rules_written(subject).items()}
    groups = dict.fromkeys(group for one in earned(subject.policy) for group in one.groups if group.kind == "first")
    for group in groups:
        members = [one for one in group.items if isinstance(one, ir.Rule) and one.starts is None and one.ends is None]
        asked = [(one, one.trigger) for one in members if isinstance(one.trigger, ir.When)]
        for number, (late, trigger) in enumerate(asked):
            early = [(one.name, names.get(one.span, one.span), when) for one, when in asked[:number]]
            if late.span in names:
                yield from _shadowed(subject, late.name, names[late.span], trigger, early)
    for decision in subject.policy.decisions:
        yield from _rows(subject, decision)


def _rows(subject: Subject, decision: ir.Decision) -> Iterator[Problem]:
    barred = {outcome for gate in subject.policy.gates for ban in gate.bans for outcome in ban.outcomes}
    early: list[tuple[str, Span, ir.When, str]] = []
    for row in decision.rows:
        if not isinstance(row, ir.Choice) or row.trigger is None:
            continue
        if own(subject, row.span):
            above = [one[:3] for one in early if one[3] not in barred or one[3] == row.outcome]
            yield from _shadowed(subject, row.outcome, row.span, row.trigger, above)
        early.append((row.outcome, row.span, row.trigger, row.outcome))


def _shadowed(
    subject: Subject, name: str, span: Span, trigger: ir.When, early: list[tuple[str, Span, ir.When]]
) -> Iterator[Problem]:
    facts = subject.inquiry.facts_of(trigger)
    near = [one for one in early if facts & subject.inquiry.facts_of(one[2])]
    about = f"whether what stands above leaves a lead for `{name}`"
    never = subject.inquiry.never
    if (
        not near
        or not never(holds_without(trigger, [when for *_, when in near]), about)
        or never(holds(trigger), about)
    ):
        return
    alone = [one for one in near if never(holds_without(trigger, [one[2]]), about)]
    shown = alone[:1] or near
    yield ShadowedRow(
        span=span,
        notes=tuple(Note(place, "takes them") for _, place, _ in shown if own(subject, place)),
        row=name,
        above=f"`{shown[0][0]}` above it" if alone else "what stands above it, taken together,",
    )
