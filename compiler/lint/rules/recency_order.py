"""Newer events that earn less than older ones."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import combinations, pairwise

from ....dsl import tree
from ....dsl.problems import Note, Problem, Severity, problem
from ....dsl.source import Span
from ..reading import (
    Gathering,
    apart,
    gatherings,
    plain,
    stairs,
)
from ..rule import rule
from ..subject import Subject


@problem("SC413", Severity.WARNING)
class RecencyOrder(Problem):
    """What happened lately gives less than what happened long ago.

    ## Why it matters
    In a `first of`, whoever came in the last 7 days gets the points of the shorter window, and only of that one. If
    the longer window gives more, a new visit costs points.

    ## Avoid
    ```score
    policy inbound
      language 1

    event visit

    score interest
      first of recency
        +10 this_week when any visit in the last 7 days
        +20 this_month when any visit in the last 30 days
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    event visit

    score interest
      first of recency
        +20 this_week when any visit in the last 7 days
        +10 this_month when any visit in the last 30 days
    ```
    """

    newer: str
    older: str

    def message(self) -> str:
        return f"`{self.newer}` is about newer events than `{self.older}`, and gives less"

    def help(self) -> str:
        return "swap the points"


@rule(RecencyOrder, needs="text")
def look(subject: Subject) -> Iterator[Problem]:
    for gathering in gatherings(subject):
        for newer, older in (*_windows(gathering), *_ages(gathering)):
            points = newer.points, older.points
            if isinstance(points[0], Decimal) and isinstance(points[1], Decimal) and 0 < points[0] < points[1]:
                yield RecencyOrder(
                    span=Span(newer.span.start, newer.name.span.end, newer.span.source),
                    notes=(Note(Span(older.span.start, older.name.span.end, older.span.source), "gives more"),),
                    newer=newer.name.text,
                    older=older.name.text,
                )


def _windows(gathering: Gathering) -> Iterator[tuple[tree.Rule, tree.Rule]]:
    """Pairs that ask for the same event in a shorter and in a longer window."""
    if gathering.kind == "sum":
        return
    asked: list[tuple[tree.Rule, tree.Occurs]] = []
    for one in gathering.rules:
        if isinstance(one.trigger, tree.When):
            condition = plain(one.trigger.condition)
            if isinstance(condition, tree.Occurs) and condition.quantifier == "any":
                asked.append((one, condition))
    for first, second in combinations(asked, 2):
        same = first[1].event == second[1].event and first[1].where == second[1].where
        if same and days_of(first[1].window) != days_of(second[1].window):
            newer, older = sorted((first, second), key=lambda pair: days_of(pair[1].window))
            yield newer[0], older[0]


def days_of(window: tree.Duration | None) -> Decimal:
    if window is None:
        return Decimal("Infinity")
    minutes = {"minute": 1, "hour": 60, "day": 1440, "week": 10080, "month": 43200, "year": 525600}
    return window.count * minutes[window.unit]


def _ages(gathering: Gathering) -> Iterator[tuple[tree.Rule, tree.Rule]]:
    """Neighbours among steps of the time since something."""
    for steps in stairs(gathering):
        if isinstance(steps[0].step.item, tree.SinceEvent) and steps[0].step.item.which == "last":
            # Steps that begin at nothing, such as `<= 7` and `<= 30`, are told apart by where they end.
            ended = [stair for stair in steps if stair.step.high is not None]
            ended.sort(key=lambda stair: stair.step.high or Decimal(0))
            for newer, older in pairwise(ended):
                if gathering.kind != "sum" or apart(newer.step, older.step):
                    yield newer.rule, older.rule
