"""A decay that never comes to its end."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import ir
from ....dsl.problems import Problem, Severity, problem
from ..reading import (
    earned,
    rule_names,
)
from ..rule import rule
from ..subject import Subject


@problem("SC403", Severity.INFO)
class DecayWithoutEnd(Problem):
    """Points fade and never reach nothing, and no window ends them.

    ## Why it matters
    After `halving every 30 days` for two years a millionth is left, which still is a reason in the account of a lead,
    and the event has to be kept for it. A window ends it at a day that everybody can name.

    ## Avoid
    ```score
    policy inbound
      language 1

    event webinar

    score interest
      +20 webinars for each webinar, at most 2 times, halving every 30 days
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    event webinar

    score interest
      +20 webinars for each webinar in the last 180 days, at most 2 times, halving every 30 days
    ```
    """

    rule: str

    def message(self) -> str:
        return f"the points of `{self.rule}` fade and never end"

    def help(self) -> str:
        return "add a window, such as `in the last 180 days`, or let them end: `fading over 90 days`"


@rule(DecayWithoutEnd, needs="program", default=False)
def look(subject: Subject) -> Iterator[Problem]:
    names = rule_names(subject)
    for one in earned(subject.policy):
        match one.rule.trigger:
            case ir.Each(curve=ir.Curve(shape="halving" | "keeping"), events=ir.Events(window=None)):
                if one.rule.span in names:
                    yield DecayWithoutEnd(span=names[one.rule.span], rule=one.rule.name)
            case _:
                pass
