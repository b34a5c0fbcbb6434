"""Points for every event, without end."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from ....dsl import ir
from ....dsl.problems import Fix, Problem, Severity, problem
from ....dsl.source import Span
from ...reading import reads
from ..reading import (
    Earned,
    earned,
    rules_written,
    shown,
)
from ..rule import rule
from ..subject import Subject


@problem("SC401", Severity.WARNING)
class UnboundedEventRule(Problem):
    """A rule gives points for every event, and nothing limits them.

    ## Why it matters
    A program that reads all pages of a site, or one mail that is opened again and again by itself, makes a lead the
    best of all. A limit of the rule, of its group or of the score keeps one busy day from deciding.

    ## Avoid
    ```score
    policy inbound
      language 1

    event page_view

    score interest
      +5 views for each page_view in the last 30 days
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    event page_view

    score interest
      +5 views for each page_view in the last 30 days, at most 20 points
    ```
    """

    rule: str
    score: str

    def message(self) -> str:
        return f"nothing limits the points of `{self.rule}`, so many events make any lead the best of all"

    def help(self) -> str:
        return f"end the rule with `at most 20 points`, or give `{self.score}` a range: `from 0 to 100`"


@rule(UnboundedEventRule, needs="program")
def look(subject: Subject) -> Iterator[Problem]:
    written = rules_written(subject)
    told: set[Span] = set()
    for one in earned(subject.policy):
        mine = written.get(one.rule.span)
        if mine is None or _limited(one) or mine.negative or mine.span in told:
            continue
        if isinstance(mine.points, Decimal) and mine.points <= 0:
            continue
        told.add(mine.span)
        fix = None
        if isinstance(mine.points, Decimal) and "\n" not in subject.text_of(mine.span):
            most = shown(4 * mine.points)
            end = Span(mine.span.end, mine.span.end, mine.span.source)
            fix = Fix(f"allow {most} points", end, f", at most {most} points")
        yield UnboundedEventRule(
            span=mine.trigger.span, label="without limit", fix=fix, rule=one.rule.name, score=one.score.name
        )


def _limited(one: Earned) -> bool:
    if one.score.high is not None or one.rule.max_points is not None:
        return True
    if any(group.most is not None for group in one.groups):
        return True
    match one.rule.trigger:
        case ir.Each() as each:
            # One a day is a limit that no machine can pass.
            kept = each.once_ever or each.at_most is not None or each.once_per_period is not None
            return kept
        case ir.Per(item=item):
            # What a field says is as large as its data; what events add up to has no end.
            return not reads(item).events
        case _:
            return True
