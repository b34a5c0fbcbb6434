"""Points for events that are never too old."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from ....dsl import ir, tree
from ....dsl.problems import Fix, Problem, Severity, problem
from ....dsl.source import Span
from ..reading import (
    earned,
    rules_written,
)
from ..rule import rule
from ..subject import Subject


@problem("SC402", Severity.WARNING)
class EventWithoutWindow(Problem):
    """A rule gives points for events however old they are.

    ## Why it matters
    A visit from three years ago counts like one from today, so old leads are warmer than new ones, and stay so for
    ever. A window, a decay, a decay of silence or a reset lets points go.

    ## Avoid
    ```score
    policy inbound
      language 1

    event page_view

    score interest
      +5 views for each page_view, at most 20 points
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    event page_view

    score interest
      +5 views for each page_view in the last 90 days, at most 20 points
    ```
    """

    rule: str

    def message(self) -> str:
        return f"`{self.rule}` counts events from the beginning of time"

    def help(self) -> str:
        return "say how long they count: `in the last 90 days`, or let them fade: `halving every 30 days`"


@rule(EventWithoutWindow, needs="program")
def look(subject: Subject) -> Iterator[Problem]:
    written = rules_written(subject)
    told: set[Span] = set()
    for one in earned(subject.policy):
        mine, each = written.get(one.rule.span), one.rule.trigger
        if mine is None or mine.span in told:
            continue
        if not isinstance(each, ir.Each) or not isinstance(mine.trigger, tree.Each):
            continue
        if mine.negative or (isinstance(mine.points, Decimal) and mine.points <= 0):
            continue
        ends = each.events.window is not None or each.curve is not None or one.rule.ends is not None
        if ends or each.once_ever or each.events.resets or one.score.silence is not None:
            continue
        told.add(mine.span)
        at = mine.trigger.event.span
        fix = Fix("count those of the last 90 days", Span(at.end, at.end, at.source), " in the last 90 days")
        yield EventWithoutWindow(span=mine.trigger.span, label="however old", fix=fix, rule=one.rule.name)
