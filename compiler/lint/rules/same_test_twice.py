"""Two tests of the same lead at the same instant."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import ir, tree
from ....dsl.problems import Note, Problem, Severity, problem
from ..rule import rule
from ..subject import Subject


@problem("SC616", Severity.INFO)
class SameTestTwice(Problem):
    """Two tests give the same lead at the same instant.

    ## Why it matters
    They show one example, not two. Often the second was copied, and what should be different in it was forgotten.

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

    test "a very large company"
      given employees 200
      expect fired fit.big
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

    test "a very large company"
      given employees 20000
      expect fired fit.big
    ```
    """

    title: str
    other: str

    def message(self) -> str:
        return f'the test "{self.title}" has the same lead as "{self.other}"'

    def help(self) -> str:
        return "put both into one test, or change what should be different"


@rule(SameTestTwice, needs="program", default=False)
def look(subject: Subject) -> Iterator[Problem]:
    titles = {test.title.value: test.title.span for test in subject.written(tree.Test)}
    first: dict[object, ir.Test] = {}
    for test in subject.policy.tests:
        events = tuple(sorted((event.at, event.kind, repr(event.properties)) for event in test.events))
        known = tuple(sorted((name, repr(value)) for name, value in test.lead if value is not None))
        other = first.setdefault((test.at, known, events), test)
        if other is not test and test.title in titles:
            notes = (Note(titles[other.title], "the same lead"),) if other.title in titles else ()
            yield SameTestTwice(span=titles[test.title], notes=notes, title=test.title, other=other.title)
