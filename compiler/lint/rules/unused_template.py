"""A set of rules, bands or choices that nothing includes."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import tree
from ....dsl.problems import Fix, Problem, Severity, problem
from ..reading import (
    is_library,
    whole_lines,
)
from ..rule import rule
from ..subject import Subject


@problem("SC083", Severity.WARNING)
class UnusedTemplate(Problem):
    """A set of rules, bands or choices is written, and nothing includes it.

    ## Why it matters
    Its rules look as if they gave points, and give none. An `include` has been forgotten, or the set is left over.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    rules size(count: number)
      +20 large when count >= 1000

    score fit
      +10 big when employees >= 50
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    rules size(count: number)
      +20 large when count >= 1000

    score fit
      include size(employees)
      +10 big when employees between 50 and 999
    ```
    """

    name: str
    word: str

    def message(self) -> str:
        return f"nothing includes the {self.word} `{self.name}`"

    def help(self) -> str:
        return f"write `include {self.name}` where they are to count, or delete them"


@rule(UnusedTemplate, needs="text")
def look(subject: Subject) -> Iterator[Problem]:
    if is_library(subject):
        return
    included = {include.name.text for include in subject.written(tree.Include)}
    sets: list[tuple[str, tree.RuleSet | tree.BandSet | tree.ChoiceSet]] = [
        *(("rules", one) for one in subject.written(tree.RuleSet)),
        *(("bands", one) for one in subject.written(tree.BandSet)),
        *(("choices", one) for one in subject.written(tree.ChoiceSet)),
    ]
    for word, declared in sets:
        name = declared.name.text
        if name not in included:
            fix = Fix("delete them", whole_lines(subject, declared.span), "", safe=True)
            yield UnusedTemplate(span=declared.name.span, label="included nowhere", fix=fix, name=name, word=word)
