"""A time since something that may never have happened."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from ....dsl import tree
from ....dsl.problems import Problem, Severity, problem
from ...reading import parts
from ..rule import rule
from ..subject import Subject


@problem("SC425", Severity.INFO)
class NeverHappened(Problem):
    """A rule asks how long something is ago, and leaves out the leads that never did it.

    ## Why it matters
    `days since last login > 45` is unknown for a lead that never logged in, and unknown is not true. A penalty for
    sleepers then passes by those who were never awake. `no login in the last 45 days` holds for both.

    ## Avoid
    ```score
    policy inbound
      language 1

    event login

    score activity
      +10 active when any login in the last 7 days
      -20 asleep when days since last login > 45
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    event login

    score activity
      +10 active when any login in the last 7 days
      -20 asleep when no login in the last 45 days
    ```
    """

    event: str

    def message(self) -> str:
        return f"a lead without any `{self.event}` is left out here"

    def help(self) -> str:
        return f"write `no {self.event} in the last ...`, or add `or no {self.event}`"


@rule(NeverHappened, needs="text")
def look(subject: Subject) -> Iterator[Problem]:
    for written in subject.written(tree.Rule):
        takes = written.negative or (isinstance(written.points, Decimal) and written.points < 0)
        if not takes or not isinstance(written.trigger, tree.When):
            continue
        condition = written.trigger.condition
        # Whoever speaks of the event in another way as well has thought of it.
        if any(isinstance(node, tree.Occurs | tree.IsMissing | tree.IsKnown | tree.Count) for node in parts(condition)):
            continue
        for node in parts(condition):
            match node:
                case tree.Compare(sign=">" | ">=", left=tree.SinceEvent(which="last", event=event)):
                    name = event.name.text if event.name is not None else "event"
                    yield NeverHappened(span=node.span, event=name)
                case _:
                    pass
