"""A test that leaves open what the policy reads."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import tree
from ....dsl.problems import Problem, Severity, problem
from ..rule import rule
from ..subject import Subject


@problem("SC607", Severity.INFO)
class TestOmitsReadField(Problem):
    """A test neither gives a field that the policy reads, nor says that it is missing.

    ## Why it matters
    What a test does not give is missing. That is convenient, and hides what the example is about: a field that is
    added later is missing in all old tests, and none of them shows what it does.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number
      country: text

    score fit
      +50 big when employees >= 50
      +10 near when country is "FR"

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
      country: text

    score fit
      +50 big when employees >= 50
      +10 near when country is "FR"

    test "a large company"
      given employees 200, country missing
      expect fit is 50
    ```
    """

    __test__ = False

    title: str
    fields: tuple[str, ...]

    def message(self) -> str:
        return f'the test "{self.title}" leaves open {", ".join(f"`{name}`" for name in self.fields)}'

    def help(self) -> str:
        return f"give it, or write `given {self.fields[0]} missing`"


@rule(TestOmitsReadField, needs="program", default=False)
def look(subject: Subject) -> Iterator[Problem]:
    for test in subject.written(tree.Test):
        given = {name.text for step in test.steps if isinstance(step, tree.Given) for name, _ in step.values}
        open_ = tuple(name for name in subject.policy.reads if name not in given)
        if open_:
            yield TestOmitsReadField(span=test.title.span, title=test.title.value, fields=open_)
