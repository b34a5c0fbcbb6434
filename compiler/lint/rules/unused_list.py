"""A list that nothing asks for."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import tree
from ....dsl.problems import Fix, Problem, Severity, problem
from ..reading import (
    is_library,
    used_names,
    whole_lines,
)
from ..rule import rule
from ..subject import Subject


@problem("SC501", Severity.WARNING)
class UnusedList(Problem):
    """A list is declared, and nothing asks for it.

    ## Why it matters
    People keep it up to date, and no lead is treated otherwise for it. A list of competitors that no gate reads keeps
    nobody out.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    list competitors = ("rival.example", "contender.example")

    score fit
      +10 big when employees >= 50
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +10 big when employees >= 50
    ```
    """

    name: str

    def message(self) -> str:
        return f"nothing asks for the list `{self.name}`"

    def help(self) -> str:
        return "use it in a rule or a gate, or delete it"


@rule(UnusedList, needs="text")
def look(subject: Subject) -> Iterator[Problem]:
    if is_library(subject):
        return
    used = used_names(subject)
    for declared in subject.written(tree.ListOf):
        if declared.name.text not in used:
            fix = Fix("delete the list", whole_lines(subject, declared.span), "", safe=True)
            yield UnusedList(span=declared.name.span, label="used nowhere", fix=fix, name=declared.name.text)
