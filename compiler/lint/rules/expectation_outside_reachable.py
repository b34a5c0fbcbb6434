"""Expectations that no lead can meet."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl.problems import Problem, Severity, problem
from ...reading import reads
from ..reading import own
from ..rule import rule
from ..subject import Subject


@problem("SC610", Severity.ERROR)
class ExpectationOutsideReachable(Problem):
    """A test expects what no lead can have, whatever is known of it.

    ## Why it matters
    The test cannot pass, and changing its facts does not help. The points were changed after it was written, or the
    expectation has a slip. Proved.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      country: text

    score fit from 0 to 100
      +40 home when country is "NL"
      +30 near when country is "BE"

    test "a lead from here"
      given country "NL"
      expect fit is 70
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      country: text

    score fit from 0 to 100
      +40 home when country is "NL"
      +30 near when country is "BE"

    test "a lead from here"
      given country "NL"
      expect fit is 40
    ```
    """

    title: str
    expected: str

    def message(self) -> str:
        return f'the test "{self.title}" expects what no lead can have: `{self.expected}` (proved)'

    def help(self) -> str:
        return "expect what the policy can give, or mend the points"


@rule(ExpectationOutsideReachable, needs="study")
def look(subject: Subject) -> Iterator[Problem]:
    for test in subject.policy.tests:
        for expectation in test.expectations:
            condition = expectation.condition
            if condition is None or not own(subject, expectation.span):
                continue
            about = reads(condition)
            if not about.scores and not about.bands and not about.decisions:
                continue
            # A test that passes shows that it can be met.
            if subject.inquiry.never(condition, f'whether the test "{test.title}" can pass'):
                yield ExpectationOutsideReachable(
                    span=expectation.span, title=test.title, expected=" ".join(expectation.text.split())
                )
