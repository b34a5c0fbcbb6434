"""Many values in the middle of a condition."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import tree
from ....dsl.problems import Problem, Severity, problem
from ..rule import Option, rule
from ..subject import Subject

LARGEST_INLINE_LIST = Option("largest-inline-list", 12, "so many values may stand in a condition itself")


@problem("SC507", Severity.INFO)
class InlineLargeList(Problem):
    """Many values stand in the middle of a condition.

    ## Why it matters
    A condition should be read in one breath. A list with a name says what its values have in common, can be kept by
    somebody else in a file of its own, and is written once however many rules ask for it. `largest-inline-list` says
    how many values may stand in a condition.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      country: text

    score fit
      +10 europe when country in (
        "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE"
      )
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      country: text

    list europe = ("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE")

    score fit
      +10 european when country in europe
    ```
    """

    count: int

    def message(self) -> str:
        return f"{self.count} values stand in the middle of a condition"

    def help(self) -> str:
        return 'give them a name: `list NAME = (...)`, or a file beside the policy: `list NAME from "lists/NAME.txt"`'


@rule(InlineLargeList, needs="text", options=(LARGEST_INLINE_LIST,))
def look(subject: Subject) -> Iterator[Problem]:
    collections = [test.collection for test in subject.written(tree.In)]
    collections += [test.needles for test in subject.written(tree.TextTest) if isinstance(test.needles, tree.Values)]
    for collection in collections:
        if isinstance(collection, tree.Values) and len(collection.items) > subject.settings[LARGEST_INLINE_LIST]:
            yield InlineLargeList(span=collection.span, count=len(collection.items))
