"""Rules that every lead gets."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import ir
from ....dsl.problems import Problem, Severity, problem
from ..inquiry import fails
from ..reading import earned, rules_written
from ..rule import rule
from ..subject import Subject


@problem("SC102", Severity.WARNING)
class RuleAlwaysFires(Problem):
    """A rule that every lead gets, whatever is known of it.

    ## Why it matters
    Points that everybody gets tell no lead from another. They look like a reason and are none; a condition is
    missing, or `start at` is meant.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +50 large when employees >= 1000
      +10 any_size when employees is known or employees is missing
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      start at 10
      +50 large when employees >= 1000
    ```
    """

    rule: str

    def message(self) -> str:
        return f"every lead gets the points of `{self.rule}` (proved)"

    def help(self) -> str:
        return "write `start at`, or say which leads the rule is for"


@rule(RuleAlwaysFires, needs="study")
def look(subject: Subject) -> Iterator[Problem]:
    written = rules_written(subject)
    for one in earned(subject.policy):
        trigger, mine = one.rule.trigger, written.get(one.rule.span)
        if mine is None or not isinstance(trigger, ir.When) or one.rule.starts is not None or one.rule.ends is not None:
            continue
        if subject.inquiry.is_true(fails(trigger), subject.inquiry.nobody):
            continue
        if subject.inquiry.never(fails(trigger), f"whether every lead gets `{one.rule.full_name}`"):
            yield RuleAlwaysFires(span=mine.name.span, rule=one.rule.name)
