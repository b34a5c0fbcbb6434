"""A gate that tests do not show from both sides."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import tree
from ....dsl.problems import Problem, Severity, problem
from ..rule import rule
from ..subject import Subject


@problem("SC601", Severity.WARNING)
class GateWithoutTest(Problem):
    """No test shows a lead that a gate stops, or none shows a lead that it lets pass.

    ## Why it matters
    A gate that stops everybody and one that stops nobody look alike until both sides are shown. Policies without any
    test are not reported here.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      student: yes/no required
      employees: number

    decide next_step
      sales when employees >= 50
      nurture otherwise

    gate students
      never sales when student

    test "a large company"
      given employees 200
      expect next_step is sales
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      student: yes/no required
      employees: number

    decide next_step
      sales when employees >= 50
      nurture otherwise

    gate students
      never sales when student

    test "a large company"
      given employees 200
      expect next_step is sales

    test "a student of a large company"
      given employees 200, student yes
      expect next_step is nurture
    ```
    """

    gate: str
    lacking: str

    def message(self) -> str:
        return f"no test shows a lead that the gate `{self.gate}` {self.lacking}"

    def help(self) -> str:
        return "write a test for it: a lead just on that side of the gate"


@rule(GateWithoutTest, needs="tests")
def look(subject: Subject) -> Iterator[Problem]:
    if not subject.policy.tests or not subject.policy.gates:
        return
    words = {"gate never seen barring": "stops", "gate never seen letting pass": "lets pass"}
    lacking: dict[str, list[str]] = {}
    for one in subject.tests.coverage.untouched:
        if one.what in words:
            lacking.setdefault(one.name, []).append(words[one.what])
    for gate in subject.written(tree.Gate):
        if gate.name.text in lacking:
            yield GateWithoutTest(
                span=gate.name.span, gate=gate.name.text, lacking=" or ".join(lacking[gate.name.text])
            )
