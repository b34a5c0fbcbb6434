"""Parts of a condition that the rest of it says already."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import ir
from ....dsl.problems import Note, Problem, Severity, problem
from ...analysis.claims import both, not_true
from ..reading import earned, own, rules_written
from ..rule import rule
from ..subject import Subject


@problem("SC103", Severity.WARNING)
class RedundantCondition(Problem):
    """A part of a condition that is true whenever the others are.

    ## Why it matters
    It looks like a further demand and keeps nobody out. Often it is what is left of an older rule, or a number that
    should be another one.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +50 large when employees >= 1000 and employees >= 50
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +50 large when employees >= 1000
    ```
    """

    part: str

    def message(self) -> str:
        return f"`{self.part}` keeps nobody out: the rest of the condition says it already (proved)"

    def help(self) -> str:
        return "leave it out, or mend the one that is wrong"


@rule(RedundantCondition, needs="study")
def look(subject: Subject) -> Iterator[Problem]:
    written = rules_written(subject)
    for one in earned(subject.policy):
        trigger = one.rule.trigger
        if one.rule.span not in written or not isinstance(trigger, ir.When) or trigger.unless:
            continue
        condition = trigger.condition
        if isinstance(condition, ir.And) and (found := _redundant(subject, condition.items)) is not None:
            part, others = found
            notes = tuple(Note(other.span, "says it") for other in others)
            yield RedundantCondition(span=part.span, notes=notes, part=" ".join(subject.text_of(part.span).split()))


def _redundant(subject: Subject, parts: tuple[ir.Expr, ...]) -> tuple[ir.Expr, list[ir.Expr]] | None:
    for part in parts:
        if isinstance(part, ir.Not) and isinstance(part.item, ir.IsMissing):
            # `country is known and ...` says what happens to the others: that is worth a few words.
            continue
        facts = subject.inquiry.facts_of(part)
        others = [other for other in parts if other is not part and facts & subject.inquiry.facts_of(other)]
        # The ends of a `between` are two parts at one place; what is written twice has a finding of its own.
        apart = all(own(subject, other.span) and other.span != part.span and other != part for other in others)
        if not others or not apart or not own(subject, part.span):
            continue
        about = "whether a part of a condition can be left out"
        if subject.inquiry.never(both(*others), about) or subject.inquiry.never(both(*parts), about):
            continue
        if subject.inquiry.never(both(*others, not_true(part)), about):
            return part, others
    return None
