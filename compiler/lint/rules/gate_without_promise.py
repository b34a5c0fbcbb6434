"""A gate that no promise states."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import ir, tree
from ....dsl.problems import Problem, Severity, problem
from ...reading import parts
from ..rule import rule
from ..subject import Subject


@problem("SC331", Severity.INFO)
class GateWithoutPromise(Problem):
    """No promise speaks of an outcome that a gate bars.

    ## Why it matters
    A gate says how leads are kept out, a promise says that they are, whatever else changes. Whoever deletes the gate
    by mistake is told so by the promise.

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

    promise students_stay_out
      student implies next_step is not sales
    ```
    """

    gate: str

    def message(self) -> str:
        return f"no promise says what the gate `{self.gate}` is for"

    def help(self) -> str:
        return "write it as a promise: `C implies next_step is not OUTCOME`"


@rule(GateWithoutPromise, needs="program", default=False)
def look(subject: Subject) -> Iterator[Problem]:
    program = subject.policy
    spoken_of = {node.value for node in parts(program.promises) if isinstance(node, ir.Const)}
    names = {gate.name.text: gate.name.span for gate in subject.written(tree.Gate)}
    for gate in program.gates:
        if not any(outcome in spoken_of for ban in gate.bans for outcome in ban.outcomes) and gate.name in names:
            yield GateWithoutPromise(span=names[gate.name], gate=gate.name)
