"""A test on a day for which the policy was not agreed."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import tree
from ....dsl.problems import Problem, Severity, problem
from ..rule import rule
from ..subject import Subject


@problem("SC618", Severity.INFO)
class TestOutsideEffective(Problem):
    """A test scores a lead on a day for which the policy was not agreed.

    ## Why it matters
    The header says from when to when the policy holds. An example from another time shows something that never
    happens, for rules that have dates above all.

    ## Avoid
    ```score
    policy inbound
      language 1
      effective from 2026-01-01

    event login

    score activity
      +10 active when any login in the last 7 days

    test "a login three days ago"
      at 2025-03-02
      event login 3 days ago
      expect activity is 10
    ```

    ## Prefer
    ```score
    policy inbound
      language 1
      effective from 2026-01-01

    event login

    score activity
      +10 active when any login in the last 7 days

    test "a login three days ago"
      at 2026-03-02
      event login 3 days ago
      expect activity is 10
    ```
    """

    __test__ = False

    title: str

    def message(self) -> str:
        return f'the test "{self.title}" is on a day for which the policy was not agreed'

    def help(self) -> str:
        return "move the test to a day after `effective from`, and before `to`"


@rule(TestOutsideEffective, needs="program")
def look(subject: Subject) -> Iterator[Problem]:
    program = subject.policy
    days = {
        test.title.value: step.span
        for test in subject.written(tree.Test)
        for step in test.steps
        if isinstance(step, tree.At)
    }
    for test in program.tests:
        early = program.effective_from is not None and test.at < program.effective_from
        late = program.effective_to is not None and test.at >= program.effective_to
        if (early or late) and test.title in days:
            yield TestOutsideEffective(span=days[test.title], title=test.title)
