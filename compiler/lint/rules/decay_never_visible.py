"""A decay that is over before it begins."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from ....dsl import ir, tree
from ....dsl.problems import Note, Problem, Severity, problem
from ...wording import duration_text
from ..reading import (
    earned,
    rules_written,
)
from ..rule import rule
from ..subject import Subject


@problem("SC404", Severity.WARNING)
class DecayNeverVisible(Problem):
    """Points are to fade, but the window closes before they do.

    ## Why it matters
    `losing 10% every 30 days` takes its first tenth after 30 days; of an event `in the last 14 days` nothing is ever
    taken. Whoever reads the rule believes that points fade.

    ## Avoid
    ```score
    policy inbound
      language 1

    event webinar

    score interest
      +20 webinars for each webinar in the last 14 days, at most 2 times, losing 10% every 30 days
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    event webinar

    score interest
      +20 webinars for each webinar in the last 90 days, at most 2 times, losing 10% every 30 days
    ```
    """

    rule: str
    window: str

    def message(self) -> str:
        return f"within {self.window} the points of `{self.rule}` hardly fade"

    def help(self) -> str:
        return "make the window longer, let the points fade sooner, or leave out the decay"


@rule(DecayNeverVisible, needs="program")
def look(subject: Subject) -> Iterator[Problem]:
    written = rules_written(subject)
    for one in earned(subject.policy):
        each, mine = one.rule.trigger, written.get(one.rule.span)
        if mine is None or not isinstance(each, ir.Each) or each.curve is None or each.events.window is None:
            continue
        if _oldest_share(each.curve, each.events.window) > HARDLY:
            curve = next((modifier for modifier in mine.modifiers if isinstance(modifier, tree.Curve)), None)
            yield DecayNeverVisible(
                span=curve.span if curve is not None else mine.name.span,
                notes=(Note(mine.trigger.span, "closes before"),),
                rule=one.rule.name,
                window=duration_text(each.events.window),
            )


HARDLY = Fraction(95, 100)


def _oldest_share(curve: ir.Curve, window: int) -> Fraction:
    """What is left of the points just before the window closes."""
    age = max(0, (window - 1) // curve.unit - curve.after)
    match curve.shape:
        case "halving":
            return Fraction(0.5 ** min(age / curve.span, 1000))
        case "fading":
            return max(Fraction(0), 1 - Fraction(age, curve.span))
        case "losing":
            return max(Fraction(0), 1 - curve.percent * (age // curve.span))
        case "keeping":
            return curve.percent ** min(age // curve.span, 1000)
