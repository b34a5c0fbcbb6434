"""Points whose sign does not fit the name of their group."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from ....dsl import tree
from ....dsl.problems import Note, Problem, Severity, problem
from ....dsl.source import Span
from ..rule import rule
from ..subject import Subject


@problem("SC216", Severity.WARNING)
class SignMismatch(Problem):
    """A group that is called penalties gives points, or one that is called bonus takes some.

    ## Why it matters
    A slip of one key turns -20 into +20, and the name of the group is the only thing that shows what was meant.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      student: yes/no
      employees: number

    score fit
      +30 big when employees >= 50
      group penalties
        +20 student when student
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      student: yes/no
      employees: number

    score fit
      +30 big when employees >= 50
      group penalties
        -20 student when student
    ```
    """

    rule: str
    group: str
    gives: bool

    def message(self) -> str:
        return f"`{self.rule}` {'gives' if self.gives else 'takes'} points in the group `{self.group}`"

    def help(self) -> str:
        return "turn the sign, or move the rule out of the group"


_AGAINST = {"penalty", "penalties", "malus", "minus", "negative", "negatives", "deductions", "deduction"}
_FOR = {"bonus", "bonuses", "plus", "positive", "positives"}


@rule(SignMismatch, needs="text")
def look(subject: Subject) -> Iterator[Problem]:
    groups: list[tree.Group | tree.RuleSet] = [*subject.written(tree.Group), *subject.written(tree.RuleSet)]
    for group in groups:
        words = set(group.name.text.lower().split("_"))
        against, for_it = bool(words & _AGAINST), bool(words & _FOR)
        if against is for_it:
            continue
        for item in group.items:
            if isinstance(item, tree.Rule) and isinstance(item.points, Decimal) and item.points:
                gives = item.points > 0
                if gives is against:
                    yield SignMismatch(
                        span=Span(item.span.start, item.name.span.end, item.span.source),
                        notes=(Note(group.name.span, "the group"),),
                        rule=item.name.text,
                        group=group.name.text,
                        gives=gives,
                    )
