"""A library that is brought in and not used."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import tree
from ....dsl.problems import Fix, Problem, Severity, problem
from ..reading import (
    whole_lines,
)
from ..rule import rule
from ..subject import Subject


@problem("SC013", Severity.WARNING)
class UnusedImport(Problem):
    """A library is brought in with `use`, and nothing of it is used.

    ## Why it matters
    Whoever reads the file looks for what comes from there. Without the line it is plain what the policy rests on.

    ## Avoid
    ```score
    policy inbound
      language 1

    use std.email

    lead by lead_id
      employees: number

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
        return f"nothing of the library `{self.name}` is used"

    def help(self) -> str:
        return "delete the line"


@rule(UnusedImport, needs="text")
def look(subject: Subject) -> Iterator[Problem]:
    lines = {id(use.name) for use in subject.written(tree.Use)}
    dotted = [name for name in subject.written(tree.Dotted) if len(name.parts) > 1 and id(name) not in lines]
    named = {name.parts[0].text for name in dotted}
    for use in subject.written(tree.Use):
        alias = use.alias.text if use.alias is not None else use.name.parts[-1].text
        if alias in named:
            continue
        fix = Fix("delete the line", whole_lines(subject, use.span), "", safe=True)
        yield UnusedImport(span=use.name.span, label="not used", fix=fix, name=use.name.text)
