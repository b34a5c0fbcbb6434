"""A condition that is asked twice."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import tree
from ....dsl.problems import Fix, Note, Problem, Severity, problem
from ....dsl.source import Span
from ..reading import (
    plain,
)
from ..rule import rule
from ..subject import Subject


@problem("SC104", Severity.WARNING)
class DuplicateCondition(Problem):
    """The same condition stands twice in one `and` or `or`.

    ## Why it matters
    The second one changes nothing. Most often another condition was meant: somebody copied it and forgot to change
    it.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number
      country: text

    score fit
      +10 big_at_home when employees >= 50 and country is "FR" and employees >= 50
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number
      country: text

    score fit
      +10 big_at_home when employees >= 50 and country is "FR"
    ```
    """

    text: str

    def message(self) -> str:
        return f"`{self.text}` is asked twice"

    def help(self) -> str:
        return "delete one of the two, or write the condition that was meant"


@rule(DuplicateCondition, needs="text")
def look(subject: Subject) -> Iterator[Problem]:
    chains: list[tree.And | tree.Or] = [*subject.written(tree.And), *subject.written(tree.Or)]
    for chain in chains:
        seen: list[tree.Expr] = []
        for before, item in zip((None, *chain.items), chain.items, strict=False):
            same = next((one for one in seen if plain(one) == plain(item)), None)
            if same is not None and before is not None:
                yield DuplicateCondition(
                    span=item.span,
                    label="again",
                    notes=(Note(same.span, "first here"),),
                    fix=Fix("delete it", Span(before.span.end, item.span.end, item.span.source), ""),
                    text=" ".join(subject.text_of(item.span).split()),
                )
            seen.append(item)
