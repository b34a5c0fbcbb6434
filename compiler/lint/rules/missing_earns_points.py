"""Points for a lead of whom nothing is known."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import ir
from ....dsl.problems import Problem, Severity, problem
from ...analysis.claims import holds
from ...reading import parts, reads
from ..reading import earned, rules_written
from ..rule import rule
from ..subject import Subject


@problem("SC121", Severity.WARNING)
class MissingEarnsPoints(Problem):
    """A lead of whom nothing is known gets points, because `unless` also takes what is not known.

    ## Why it matters
    `unless C` gives its points where C is false and where C is not known. So an empty record earns them, and a lead
    that filled in the form honestly does not. Points are for what is known of a lead.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      country: text

    score fit
      +20 not_sanctioned unless country in ("XA", "XB")
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      country: text

    score fit
      +20 not_sanctioned when country not in ("XA", "XB")
    ```
    """

    rule: str
    field: str

    def message(self) -> str:
        return f"a lead whose `{self.field}` is missing gets the points of `{self.rule}`"

    def help(self) -> str:
        return "write `when` with the opposite, which asks for a known value; or say `is missing`, if that is meant"


@rule(MissingEarnsPoints, needs="study")
def look(subject: Subject) -> Iterator[Problem]:
    written = rules_written(subject)
    for one in earned(subject.policy):
        trigger, points = one.rule.trigger, one.rule.points
        if one.rule.span not in written or not isinstance(trigger, ir.When) or not isinstance(points, int):
            continue
        about = reads(trigger.condition)
        optional = [name for name in about.fields if not subject.policy.field(name).required]
        thought_of = any(isinstance(part, ir.IsMissing) for part in parts(trigger.condition))
        if points <= 0 or not optional or about.scores or about.bands or thought_of:
            continue
        # `unless not C` has a finding of its own.
        unknown = (
            trigger.unless
            and not isinstance(trigger.condition, ir.Not)
            and subject.inquiry.is_true(ir.IsMissing(ir.Kind.FLAG, trigger.condition), subject.inquiry.nobody)
        )
        if unknown and subject.inquiry.is_true(holds(trigger), subject.inquiry.nobody):
            yield MissingEarnsPoints(
                span=written[one.rule.span].trigger.span,
                rule=one.rule.name,
                field=optional[0],
            )
