"""Events that two rules count."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from ....dsl import ir
from ....dsl.problems import Note, Problem, Severity, problem
from ..reading import Earned, earned, rules_written
from ..rule import rule
from ..subject import Subject


@problem("SC225", Severity.INFO)
class OverlappingEvents(Problem):
    """One rule counts every event of a kind, and another counts some of them again.

    ## Why it matters
    A view of the prices is also a view: it gives the points of both rules. Often that is meant, and then the sum of
    both is what a view of the prices is worth; where it is not, the first rule needs a `where`. Off unless it is
    selected.

    ## Avoid
    ```score
    policy inbound
      language 1

    event page_view
      url: text

    score interest
      +2 views for each page_view in the last 30 days, at most 5 times
      +5 pricing for each page_view in the last 30 days where url contains "/pricing", at most 2 times
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    event page_view
      url: text

    score interest
      +2 views for each page_view in the last 30 days where not url contains "/pricing", at most 5 times
      +5 pricing for each page_view in the last 30 days where url contains "/pricing", at most 2 times
    ```
    """

    wide: str
    narrow: str
    event: str

    def message(self) -> str:
        return f"a `{self.event}` that `{self.narrow}` counts is counted by `{self.wide}` as well"

    def help(self) -> str:
        return "give the wider rule a `where`, or put both into a `best of`"


@rule(OverlappingEvents, needs="study", default=False)
def look(subject: Subject) -> Iterator[Problem]:
    written = rules_written(subject)
    for one, other in combinations([one for one in earned(subject.policy) if one.rule.span in written], 2):
        for wide, narrow in ((one, other), (other, one)):
            if one.score is other.score and _counts_all_of(wide, narrow):
                assert isinstance(narrow.rule.trigger, ir.Each)
                yield OverlappingEvents(
                    span=written[narrow.rule.span].name.span,
                    notes=(Note(written[wide.rule.span].name.span, "counts it too"),),
                    wide=wide.rule.name,
                    narrow=narrow.rule.name,
                    event=narrow.rule.trigger.events.kinds[0],
                )


def _counts_all_of(wide: Earned, narrow: Earned) -> bool:
    if wide.groups and narrow.groups and wide.groups[-1] is narrow.groups[-1] and wide.groups[-1].kind != "sum":
        return False
    match wide.rule.trigger, narrow.rule.trigger:
        case ir.Each(events=ir.Events(kinds=kinds, where=None)), ir.Each(events=ir.Events(kinds=others, where=where)):
            return where is not None and kinds == others
        case _:
            return False
