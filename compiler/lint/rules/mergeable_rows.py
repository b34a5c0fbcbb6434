"""Neighbours in a `first of` that give the same."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from ....dsl import tree
from ....dsl.problems import Note, Problem, Severity, problem
from ..reading import (
    gatherings,
    plain,
    step_of,
)
from ..rule import rule
from ..subject import Subject


@problem("SC110", Severity.INFO)
class MergeableRows(Problem):
    """Two neighbours in a `first of` ask for values of one field, and give the same points.

    ## Why it matters
    One rule says the same and is one less to keep in step: whoever changes the points of one of them will forget the
    other. Rules with words of their own are not reported, because their words differ in the account of a lead.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      country: text

    score fit
      first of market
        +20 united_states when country is "US"
        +20 canada when country is "CA"
        +5 anywhere otherwise
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      country: text

    score fit
      first of market
        +20 north_america when country in ("US", "CA")
        +5 anywhere otherwise
    ```
    """

    first: str
    second: str

    def message(self) -> str:
        return f"`{self.second}` gives the same points as `{self.first}` above it, for another value of the same"

    def help(self) -> str:
        return "make them one rule: with `in (...)`, or with a wider range"


@rule(MergeableRows, needs="text")
def look(subject: Subject) -> Iterator[Problem]:
    for gathering in gatherings(subject):
        if gathering.kind != "first of":
            continue
        for one, other in pairwise(gathering.rules):
            if one.points != other.points or one.label or other.label or one.modifiers or other.modifiers:
                continue
            if isinstance(one.trigger, tree.When) and isinstance(other.trigger, tree.When):
                items = _asked(one.trigger.condition), _asked(other.trigger.condition)
                if items[0] is not None and items[0] == items[1]:
                    yield MergeableRows(
                        span=other.name.span,
                        notes=(Note(one.name.span, "the same points"),),
                        first=one.name.text,
                        second=other.name.text,
                    )


def _asked(condition: tree.Expr) -> tree.Expr | None:
    """The value that a condition looks for in a place or two."""
    match plain(condition):
        case tree.Is(left=left, negated=False):
            return plain(left)
        case tree.In(item=item, collection=tree.Values(), negated=False):
            return plain(item)
        case _:
            step = step_of(condition)
            return step.item if step is not None and step.low is not None and step.high is not None else None
