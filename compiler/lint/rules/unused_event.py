"""A kind of event that nothing looks at."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import ir, tree
from ....dsl.problems import Problem, Severity, problem
from ...reading import parts
from ..rule import rule
from ..subject import Subject


@problem("SC080", Severity.WARNING)
class UnusedEvent(Problem):
    """A kind of event is declared, and nothing looks at it.

    ## Why it matters
    The events are exported, read and dropped. Either a rule was forgotten, and leads miss its points, or the line can
    go.

    ## Avoid
    ```score
    policy inbound
      language 1

    event login, invoice_paid

    score activity
      +10 active when any login in the last 7 days
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    event login

    score activity
      +10 active when any login in the last 7 days
    ```
    """

    name: str

    def message(self) -> str:
        return f"nothing looks at the event `{self.name}`"

    def help(self) -> str:
        return "write the rule that counts it, or delete it here"


@rule(UnusedEvent, needs="program")
def look(subject: Subject) -> Iterator[Problem]:
    program = subject.policy
    looked_at = (program.scores, program.bands, program.gates, program.decisions, program.account, program.promises)
    used: set[str] = set()
    for node in parts(looked_at):
        match node:
            case ir.Events(kinds=kinds, resets=resets):
                used.update(kinds, resets)
            case ir.Monotone(event=str() as event):
                used.add(event)
            case _:
                pass
    for declared in subject.written(tree.Event):
        for kind in declared.kinds:
            if kind.name.text not in used:
                yield UnusedEvent(span=kind.name.span, label="counted nowhere", name=kind.name.text)
