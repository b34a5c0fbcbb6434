"""A condition that denies a denial."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import tree
from ....dsl.problems import Fix, Problem, Severity, problem
from ..reading import (
    plain,
)
from ..rule import rule
from ..subject import Subject


@problem("SC116", Severity.INFO)
class DoubleNegation(Problem):
    """A condition denies what is denied already.

    ## Why it matters
    `not (plan is not "pro")` says `plan is "pro"`, and every reader has to work that out anew.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      plan: text

    score fit
      +10 pro when not (plan is not "pro")
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      plan: text

    score fit
      +10 pro when plan is "pro"
    ```
    """

    plainly: str

    def message(self) -> str:
        return "this denies what is denied already"

    def help(self) -> str:
        return f"write `{self.plainly}`"


@rule(DoubleNegation, needs="text")
def look(subject: Subject) -> Iterator[Problem]:
    for outer in subject.written(tree.Not):
        denied = plain(outer.item)
        words = {
            tree.Is: (" is not ", " is "),
            tree.IsMissing: (" is not missing", " is missing"),
            tree.In: (" not in ", " in "),
        }
        text = " ".join(subject.text_of(denied.span).split())
        match denied:
            case tree.Not(item=item):
                plainly = " ".join(subject.text_of(item.span).split())
            case tree.Is(negated=True) | tree.IsMissing(negated=True) | tree.In(negated=True):
                old, new = words[type(denied)]
                plainly = text.replace(old, new, 1)
            case _:
                continue
        yield DoubleNegation(span=outer.span, fix=Fix("say it plainly", outer.span, plainly), plainly=plainly)
