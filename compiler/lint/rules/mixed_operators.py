"""`and` and `or` side by side, without brackets."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import tree
from ....dsl.problems import Fix, Problem, Severity, problem
from ..rule import rule
from ..subject import Subject


@problem("SC805", Severity.WARNING)
class MixedOperators(Problem):
    """`and` and `or` stand side by side without brackets.

    ## Why it matters
    `a or b and c` means `a or (b and c)`, and every second reader takes it for `(a or b) and c`. Brackets cost
    nothing. Where each part has an `and`, as in `a and b or c and d`, it is plain enough.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number
      customer: yes/no
      partner: yes/no

    score fit
      +10 known when customer or partner and employees >= 50
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number
      customer: yes/no
      partner: yes/no

    score fit
      +10 known when customer or (partner and employees >= 50)
    ```
    """

    text: str

    def message(self) -> str:
        return f"`{self.text}` belongs together here, and nothing shows it"

    def help(self) -> str:
        return "put brackets around what belongs together"


@rule(MixedOperators, needs="text")
def look(subject: Subject) -> Iterator[Problem]:
    for outer in subject.written(tree.Or):
        if all(isinstance(item, tree.And) for item in outer.items):
            continue
        for item in outer.items:
            if isinstance(item, tree.And):
                text = subject.text_of(item.span)
                flat = " ".join(text.split())
                yield MixedOperators(
                    span=item.span,
                    fix=Fix("add the brackets", item.span, f"({text})", safe=True),
                    text=flat if len(flat) <= 60 else f"{flat[:57]}...",
                )
