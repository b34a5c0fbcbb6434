"""A window that ends after the points have faded."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import ir, tree
from ....dsl.problems import Problem, Severity, problem
from ...wording import duration_text
from ..reading import (
    earned,
    rules_written,
)
from ..rule import rule
from ..subject import Subject


@problem("SC416", Severity.INFO)
class NeedlessWindow(Problem):
    """Points have faded to nothing before the window closes, so the window does nothing.

    ## Why it matters
    `fading over 30 days` ends after 30 days by itself. The longer window beside it makes readers believe that
    something is left until then.

    ## Avoid
    ```score
    policy inbound
      language 1

    event webinar

    score interest
      +20 webinars for each webinar in the last 90 days, at most 2 times, fading over 30 days
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    event webinar

    score interest
      +20 webinars for each webinar, at most 2 times, fading over 30 days
    ```
    """

    rule: str
    end: str

    def message(self) -> str:
        return f"the points of `{self.rule}` are gone after {self.end}, long before the window closes"

    def help(self) -> str:
        return "leave out the window, or let the points fade over all of it"


@rule(NeedlessWindow, needs="program")
def look(subject: Subject) -> Iterator[Problem]:
    written = rules_written(subject)
    for one in earned(subject.policy):
        each, mine = one.rule.trigger, written.get(one.rule.span)
        if mine is None or not isinstance(mine.trigger, tree.Each) or mine.trigger.window is None:
            continue
        if not isinstance(each, ir.Each) or each.curve is None or each.events.window is None:
            continue
        end = _end(each.curve)
        if end is not None and end < each.events.window:
            yield NeedlessWindow(span=mine.trigger.window.span, rule=one.rule.name, end=duration_text(end))


def _end(curve: ir.Curve) -> int | None:
    """The age, in microseconds, from which on nothing is left."""
    match curve.shape:
        case "fading":
            return (curve.after + curve.span) * curve.unit
        case "losing":
            steps = -(-curve.percent.denominator // curve.percent.numerator)
            return (curve.after + curve.span * steps) * curve.unit
        case _:
            return None
