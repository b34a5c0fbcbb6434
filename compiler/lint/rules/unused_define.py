"""A define that nothing uses."""

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


@problem("SC082", Severity.WARNING)
class UnusedDefine(Problem):
    """A define is written, and nothing uses it.

    ## Why it matters
    Readers take a define for a part of the policy. One that nobody uses says something that is not so, and often is
    the condition that a gate or a rule was meant to have.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    define large = employees >= 1000

    score fit
      +10 big when employees >= 50
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    define large = employees >= 1000

    score fit
      +10 big when large
    ```
    """

    name: str

    def message(self) -> str:
        return f"nothing uses the define `{self.name}`"

    def help(self) -> str:
        return "use it, or delete it"


@rule(UnusedDefine, needs="text")
def look(subject: Subject) -> Iterator[Problem]:
    if is_library(subject):
        return
    used = used_names(subject)
    for define in subject.written(tree.Define):
        if define.name.text not in used:
            fix = Fix("delete the define", whole_lines(subject, define.span), "", safe=True)
            yield UnusedDefine(span=define.name.span, label="used nowhere", fix=fix, name=define.name.text)
