"""An exception from an exception."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import tree
from ....dsl.problems import Fix, Problem, Severity, problem
from ..reading import (
    plain,
)
from ..rule import rule
from ..subject import Subject


@problem("SC118", Severity.WARNING)
class UnlessNot(Problem):
    """A rule of a score counts `unless not ...`.

    ## Why it matters
    `unless not opted_in` gives the points to those who opted in, and also to everybody of whom it is not known:
    `unless` holds where something is unknown. Few who write it mean that. (In a gate it is sensible, and not
    reported: there it keeps out whoever is not known.)

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      opted_in: yes/no

    score fit
      +10 agreed unless not opted_in
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      opted_in: yes/no

    score fit
      +10 agreed when opted_in
    ```
    """

    positive: str

    def message(self) -> str:
        return "`unless not` also holds for leads of whom it is not known"

    def help(self) -> str:
        return f"write `when {self.positive}`, or, if the unknown are meant too, `unless` with the opposite"


@rule(UnlessNot, needs="text")
def look(subject: Subject) -> Iterator[Problem]:
    for written in subject.written(tree.Rule):
        if isinstance(written.trigger, tree.Unless):
            denied = plain(written.trigger.condition)
            if isinstance(denied, tree.Not):
                positive = " ".join(subject.text_of(denied.item.span).split())
                yield UnlessNot(
                    span=written.trigger.span,
                    fix=Fix("ask for it", written.trigger.span, f"when {positive}"),
                    positive=positive,
                )
