"""Outcomes of a decision that no test expects."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import ir, tree
from ....dsl.problems import Problem, Severity, problem
from ...reading import parts
from ..rule import rule
from ..subject import Subject


@problem("SC614", Severity.INFO)
class OutcomeWithoutTest(Problem):
    """No test expects some outcome of a decision.

    ## Why it matters
    The outcome is what people act on. One that no example reaches may never be given, or to the wrong leads.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    decide next_step
      sales when employees >= 50
      nurture otherwise

    test "a large company"
      given employees 200
      expect next_step is sales
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    decide next_step
      sales when employees >= 50
      nurture otherwise

    test "a large company"
      given employees 200
      expect next_step is sales

    test "a small company"
      given employees 20
      expect next_step is nurture
    ```
    """

    decision: str
    outcomes: tuple[str, ...]

    def message(self) -> str:
        named = ", ".join(f"`{outcome}`" for outcome in self.outcomes)
        return f"no test expects `{self.decision}` to be {named}"

    def help(self) -> str:
        return f"write a test that ends with `expect {self.decision} is {self.outcomes[0]}`"


@rule(OutcomeWithoutTest, needs="program", default=False)
def look(subject: Subject) -> Iterator[Problem]:
    program = subject.policy
    if not program.tests:
        return
    expected: set[tuple[str, object]] = set()
    for node in parts(tuple(test.expectations for test in program.tests)):
        match node:
            case ir.Compare(sign="==", left=ir.DecisionOf(name=name), right=ir.Const(value=value)):
                expected.add((name, value))
            case ir.InSet(item=ir.DecisionOf(name=name), values=labels):
                expected |= {(name, label) for label in labels}
            case _:
                pass
    names = {decide.name.text: decide.name.span for decide in subject.written(tree.Decide)}
    for decision in program.decisions:
        open_ = tuple(outcome for outcome in decision.outcomes if (decision.name, outcome) not in expected)
        if open_:
            yield OutcomeWithoutTest(span=names[decision.name], decision=decision.name, outcomes=open_)
