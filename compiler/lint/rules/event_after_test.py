"""An event of a test that has not happened yet."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import tree
from ....dsl.problems import Problem, Severity, problem
from ..rule import rule
from ..subject import Subject


@problem("SC620", Severity.WARNING)
class EventAfterTest(Problem):
    """An event of a test lies after the instant of the test, so it is as if it were not there.

    ## Why it matters
    What happens after the instant at which a lead is scored does not count. The test shows a lead without this event,
    which its author hardly means.

    ## Avoid
    ```score
    policy inbound
      language 1

    event login

    score activity
      +10 active when any login in the last 7 days

    test "somebody who logged in"
      at 2026-03-02
      event login on 2026-03-20
      expect activity is 0
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    event login

    score activity
      +10 active when any login in the last 7 days

    test "somebody who logged in"
      at 2026-03-22
      event login on 2026-03-20
      expect activity is 10
    ```
    """

    event: str
    title: str

    def message(self) -> str:
        return f'this `{self.event}` has not happened yet in the test "{self.title}"'

    def help(self) -> str:
        return "move the event before the day after `at`, or that day after the event"


@rule(EventAfterTest, needs="program")
def look(subject: Subject) -> Iterator[Problem]:
    late = {test.title for test in subject.policy.tests if any(event.at > test.at for event in test.events)}
    for test in subject.written(tree.Test):
        if test.title.value not in late:
            continue
        at = next((step.when.text for step in test.steps if isinstance(step, tree.At)), "")
        for step in test.steps:
            if isinstance(step, tree.Happened) and step.on is not None and at and _is_after(step.on.text, at):
                yield EventAfterTest(span=step.on.span, event=step.event.text, title=test.title.value)


def _is_after(event: str, at: str) -> bool:
    """Whether it is plain that an event comes after an instant: on a later day, or on a day that has only begun."""
    return event[:10] > at[:10] or (event[:10] == at[:10] and len(event) > 10 == len(at))
