"""An expectation that does not depend on the policy."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl.problems import Problem, Severity, problem
from ...reading import reads
from ..rule import rule
from ..subject import Subject


@problem("SC612", Severity.WARNING)
class ExpectationOfTheGiven(Problem):
    """An expectation speaks only of what the test itself gives.

    ## Why it matters
    It is true whatever the policy does, so it never fails. A score, a band, a decision or a rule was meant.

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
      expect employees >= 50
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
      expect fired fit.big
    ```
    """

    title: str

    def message(self) -> str:
        return f'in the test "{self.title}" this holds whatever the policy does'

    def help(self) -> str:
        return "expect something that the policy works out: a score, a band, a decision, or that a rule fired"


@rule(ExpectationOfTheGiven, needs="program")
def look(subject: Subject) -> Iterator[Problem]:
    for test in subject.policy.tests:
        for expected in test.expectations:
            if expected.condition is None:
                continue
            read = reads(expected.condition)
            if not (read.scores or read.bands or read.decisions):
                yield ExpectationOfTheGiven(span=expected.span, title=test.title)
