"""Days that are counted, and nobody says whose."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import tree
from ....dsl.problems import Problem, Severity, problem
from ..reading import (
    is_library,
)
from ..rule import rule
from ..subject import Subject


@problem("SC407", Severity.INFO)
class TimeZoneMissing(Problem):
    """The policy counts days of the calendar, and does not say in which time zone.

    ## Why it matters
    Without the line, days begin at midnight in Greenwich. In New York, two visits of one evening are then visits of
    two days, and `once per day` pays for both.

    ## Avoid
    ```score
    policy inbound
      language 1

    event page_view

    score interest
      +5 views for each page_view in the last 30 days, once per day
    ```

    ## Prefer
    ```score
    policy inbound
      language 1
      timezone "America/New_York"

    event page_view

    score interest
      +5 views for each page_view in the last 30 days, once per day
    ```
    """

    def message(self) -> str:
        return "days are counted here, and the policy does not say in which time zone"

    def help(self) -> str:
        return 'add a line to the header: `timezone "Europe/Paris"`, or `timezone "UTC"` if that is meant'


@rule(TimeZoneMissing, needs="text", default=False)
def look(subject: Subject) -> Iterator[Problem]:
    header = subject.file.header
    if header is None or is_library(subject) or any(isinstance(meta, tree.TimeZone) for meta in header.meta):
        return
    spans = [once.span for once in subject.written(tree.Once) if isinstance(once.per, str)]
    spans += [most.span for most in subject.written(tree.MaxTimes) if most.per is not None]
    spans += [date_.span for kind in (tree.Starts, tree.Until) for date_ in subject.written(kind)]
    if spans:
        yield TimeZoneMissing(span=min(spans))
