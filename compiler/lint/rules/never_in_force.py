"""A rule whose days lie outside those of the policy."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import tree
from ....dsl.problems import Note, Problem, Severity, problem
from ..reading import (
    earned,
    rule_names,
)
from ..rule import rule
from ..subject import Subject


@problem("SC418", Severity.WARNING)
class NeverInForce(Problem):
    """A rule is in force only on days for which the policy was not agreed.

    ## Why it matters
    The policy says `effective from 2026-01-01`, and the rule ended in 2025: no lead gets its points any more. It is
    left over, or one of the dates is a slip.

    ## Avoid
    ```score
    policy inbound
      language 1
      effective from 2026-01-01

    lead by lead_id
      employees: number

    score fit
      +10 big when employees >= 50
      +5 autumn when employees >= 10, until 2025-11-30
    ```

    ## Prefer
    ```score
    policy inbound
      language 1
      effective from 2026-01-01

    lead by lead_id
      employees: number

    score fit
      +10 big when employees >= 50
      +5 autumn when employees >= 10, until 2026-11-30
    ```
    """

    rule: str
    when: str

    def message(self) -> str:
        return f"the rule `{self.rule}` is in force only {self.when} the days of the policy"

    def help(self) -> str:
        return "delete the rule, or mend its dates or those after `effective`"


@rule(NeverInForce, needs="program")
def look(subject: Subject) -> Iterator[Problem]:
    program = subject.policy
    header = subject.file.header
    agreed = next((meta for meta in header.meta if isinstance(meta, tree.Effective)), None) if header else None
    if agreed is None:
        return
    names = rule_names(subject)
    for one in earned(program):
        ends, starts = one.rule.ends, one.rule.starts
        if ends is not None and program.effective_from is not None and ends <= program.effective_from:
            when = "before"
        elif starts is not None and program.effective_to is not None and starts >= program.effective_to:
            when = "after"
        else:
            continue
        if one.rule.span in names:
            note = Note(agreed.span, "the days of the policy")
            yield NeverInForce(span=names[one.rule.span], notes=(note,), rule=one.rule.name, when=when)
