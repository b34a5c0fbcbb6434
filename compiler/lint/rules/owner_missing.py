"""A policy that does not say whom to ask."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import tree
from ....dsl.problems import Problem, Severity, problem
from ..rule import rule
from ..subject import Subject


@problem("SC714", Severity.INFO)
class OwnerMissing(Problem):
    """A policy does not say whom to ask about it.

    ## Why it matters
    Whoever wonders why a lead is hot needs a name. Every result and every report carries the owner.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +50 big when employees >= 50
    ```

    ## Prefer
    ```score
    policy inbound
      language 1
      owner "marketing-ops@acme.example"

    lead by lead_id
      employees: number

    score fit
      +50 big when employees >= 50
    ```
    """

    policy: str

    def message(self) -> str:
        return f"the policy `{self.policy}` does not say whom to ask about it"

    def help(self) -> str:
        return 'add a line to its header: `owner "marketing-ops@acme.example"`'


@rule(OwnerMissing, needs="text", default=False)
def look(subject: Subject) -> Iterator[Problem]:
    header = subject.file.header
    if header is not None and header.kind == "policy" and not any(isinstance(one, tree.Owner) for one in header.meta):
        yield OwnerMissing(span=header.name.span, policy=header.name.text)
