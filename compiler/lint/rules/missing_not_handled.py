"""A gate that is silent about what is not known."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import ir
from ....dsl.problems import Problem, Severity, problem
from ...reading import parts, reads
from ..rule import rule
from ..subject import Subject


@problem("SC120", Severity.INFO)
class MissingNotHandled(Problem):
    """A gate with `when` reads a field that may be missing, and does not say what happens then.

    ## Why it matters
    `never sales when student` bars whoever is known to be a student. Of whom nothing is known, passes. Where that is
    not meant, write `unless`, which bars the unknown too, or ask for `is missing`.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      student: yes/no
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
      student: yes/no
      employees: number

    decide next_step
      sales when employees >= 50
      nurture otherwise

    gate students
      never sales unless student is no
    ```
    """

    gate: str
    field: str

    def message(self) -> str:
        return f"the gate `{self.gate}` lets a lead pass whose `{self.field}` is not known"

    def help(self) -> str:
        return f"write `unless`, which bars the unknown too, or add `or {self.field} is missing`"


@rule(MissingNotHandled, needs="program", default=False)
def look(subject: Subject) -> Iterator[Problem]:
    program = subject.policy
    optional = {field.name for field in program.fields if not field.required}
    for gate in program.gates:
        handled = {
            name
            for ban in gate.bans
            for node in parts(ban)
            if isinstance(node, ir.IsMissing)
            for name in reads(node).fields
        }
        # A line with `unless` bars the unknown, whatever the others say.
        handled |= {name for ban in gate.bans if ban.trigger.unless for name in reads(ban).fields}
        for ban in gate.bans:
            for name in reads(ban.trigger.condition).fields:
                if name in optional and name not in handled:
                    handled.add(name)
                    yield MissingNotHandled(span=ban.span, gate=gate.name, field=name)
