"""A policy without a single test."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl.problems import Problem, Severity, problem
from ..rule import rule
from ..subject import Subject


@problem("SC613", Severity.WARNING)
class UntestedPolicy(Problem):
    """A policy has no test.

    ## Why it matters
    A test is an example that sales and marketing have agreed on: this lead is hot, that one never reaches sales.
    Without one, every change is a surprise.

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

    lead by lead_id
      employees: number

    score fit
      +50 big when employees >= 50

    test "a large company"
      given employees 200
      expect fit is 50
    ```
    """

    policy: str

    def message(self) -> str:
        return f"the policy `{self.policy}` has no test"

    def help(self) -> str:
        return 'write an example of a good lead, and one of a lead that must not get through: `test "..."`'


@rule(UntestedPolicy, needs="program", default=False)
def look(subject: Subject) -> Iterator[Problem]:
    header = subject.file.header
    if header is not None and not subject.policy.tests:
        yield UntestedPolicy(span=header.name.span, policy=header.name.text)
