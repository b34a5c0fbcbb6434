"""A field that nothing reads."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import ir, tree
from ....dsl.problems import Fix, Problem, Severity, problem
from ...reading import parts, reads
from ..reading import (
    mentions,
    whole_lines,
)
from ..rule import rule
from ..subject import Subject


@problem("SC011", Severity.INFO)
class UnusedField(Problem):
    """A field is declared, and nothing reads it.

    ## Why it matters
    Somebody has to export it, and somebody wonders what it is for. Most often a rule was meant to read it and was
    forgotten, or reads another field by mistake. A `required` field is not reported: it keeps out the leads that lack
    it.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number
      industry: text

    score fit
      +10 big when employees >= 50
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number
      industry: text

    score fit
      +10 big when employees >= 50
      +10 software when industry is "Software"
    ```
    """

    name: str

    def message(self) -> str:
        return f"nothing reads the field `{self.name}`"

    def help(self) -> str:
        return "write the rule that reads it, or delete the field"


@rule(UnusedField, needs="program")
def look(subject: Subject) -> Iterator[Problem]:
    program = subject.policy
    looked_at = (program.scores, program.bands, program.gates, program.decisions, program.account, program.promises)
    used = {*reads(looked_at).fields, program.key}
    used |= {node.field for node in parts(program.promises) if isinstance(node, ir.Monotone) and node.field is not None}
    in_defines, anywhere = mentions(subject)
    for record in subject.written(tree.Record):
        for field in record.fields:
            # A define that nobody uses may read it: then that is the finding.
            if field.name.text in used or field.required or field.name.text in in_defines:
                continue
            fix = None
            if field.name.text not in anywhere and len(record.fields) > 1:
                fix = Fix("delete the field", whole_lines(subject, field.span), "")
            yield UnusedField(span=field.name.span, label="read nowhere", fix=fix, name=field.name.text)
