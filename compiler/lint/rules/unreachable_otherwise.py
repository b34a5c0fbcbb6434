"""An `otherwise` that is left with nobody."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import ir
from ....dsl.problems import Problem, Severity, problem
from ...analysis.claims import both
from ..inquiry import fails
from ..reading import earned, rules_written
from ..rule import rule
from ..subject import Subject


@problem("SC114", Severity.WARNING)
class UnreachableOtherwise(Problem):
    """The `otherwise` of a `first of` comes after members that take every lead.

    ## Why it matters
    Its points are given to nobody. Most often a member above it is wider than was meant, such as an `unless` that also
    takes the leads of whom nothing is known.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      first of size
        +30 large when employees >= 1000
        -5 not_large unless employees >= 1000
        -10 unknown otherwise
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      first of size
        +30 large when employees >= 1000
        -5 not_large when employees < 1000
        -10 unknown otherwise
    ```
    """

    rule: str

    def message(self) -> str:
        return f"no lead is left for `{self.rule}`: what stands above it takes them all (proved)"

    def help(self) -> str:
        return "leave it out, or narrow the members above it"


@rule(UnreachableOtherwise, needs="study")
def look(subject: Subject) -> Iterator[Problem]:
    written = rules_written(subject)
    for group in dict.fromkeys(group for one in earned(subject.policy) for group in one.groups):
        last = group.items[-1]
        if group.kind != "first" or not isinstance(last, ir.Rule) or not isinstance(last.trigger, ir.Otherwise):
            continue
        above = [
            one.trigger
            for one in group.items[:-1]
            if isinstance(one, ir.Rule) and isinstance(one.trigger, ir.When) and not one.starts and not one.ends
        ]
        if not above or last.span not in written:
            continue
        left = both(*(fails(when) for when in above))
        if subject.inquiry.is_true(left, subject.inquiry.nobody):
            continue
        if subject.inquiry.never(left, f"whether a lead is left for `{last.full_name}`"):
            yield UnreachableOtherwise(span=written[last.span].name.span, rule=last.name)
