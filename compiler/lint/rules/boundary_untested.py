"""A limit that no test touches."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import ir
from ....dsl.problems import Problem, Severity, problem
from ...reading import parts
from ..reading import (
    own,
)
from ..rule import rule
from ..subject import Subject


@problem("SC603", Severity.INFO)
class BoundaryUntested(Problem):
    """No test has a value right at a limit.

    ## Why it matters
    Whether a company of exactly 50 belongs to the large ones is what people disagree about, and what a slip between
    `>` and `>=` changes. A test with that very value settles it.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +50 big when employees >= 50

    test "a large company"
      given employees 200
      expect fit is 50
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +50 big when employees >= 50

    test "exactly fifty"
      given employees 50
      expect fit is 50
    ```
    """

    field: str
    limit: str

    def message(self) -> str:
        return f"no test has a lead whose `{self.field}` is exactly {self.limit}"

    def help(self) -> str:
        return f"write one with `given {self.field} {self.limit}`"


@rule(BoundaryUntested, needs="program", default=False)
def look(subject: Subject) -> Iterator[Problem]:
    program = subject.policy
    if not program.tests:
        return
    tested = {(name, value) for test in program.tests for name, value in test.lead}
    told: set[tuple[str, float]] = set()
    for node in parts((program.scores, program.gates, program.decisions)):
        match node:
            case ir.Compare(sign="<" | "<=" | ">" | ">=", left=ir.FieldOf(name=name), right=ir.Const(value=value)):
                # The partner of a field is a measured number; ticks stand beside ages and scores only.
                limit = value if isinstance(value, float) else None
                if limit is None or (name, limit) in tested or (name, limit) in told:
                    continue
                if own(subject, node.span):
                    told.add((name, limit))
                    yield BoundaryUntested(span=node.span, field=name, limit=f"{limit:.15g}")
            case _:
                pass
