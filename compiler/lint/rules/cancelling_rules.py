"""A bonus and a penalty that always come together."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl.problems import Note, Problem, Severity, problem
from ..reading import rules_written
from ..rule import rule
from ..subject import Subject
from .double_counting import implies, near_pairs


@problem("SC206", Severity.WARNING)
class CancellingRules(Problem):
    """Two rules give and take the same points, and every lead gets both or neither.

    ## Why it matters
    They change no score and fill the reasons with two lines that explain nothing. Usually one was added to undo the
    other. Proved.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +50 large when employees >= 1000
      +10 small when employees < 20
      -10 not_small when 20 > employees
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +50 large when employees >= 1000
    ```
    """

    one: str
    other: str

    def message(self) -> str:
        return f"`{self.one}` and `{self.other}` cancel each other for every lead (proved)"

    def help(self) -> str:
        return "leave out both, or mend the condition of one"


@rule(CancellingRules, needs="study")
def look(subject: Subject) -> Iterator[Problem]:
    written = rules_written(subject)
    for one, other in near_pairs(subject):
        points, others = one.rule.points, other.rule.points
        if not isinstance(points, int) or not isinstance(others, int) or points + others or not points:
            continue
        if implies(subject, one, other) and implies(subject, other, one):
            yield CancellingRules(
                span=written[other.rule.span].name.span,
                notes=(Note(written[one.rule.span].name.span, "undoes this"),),
                one=one.rule.name,
                other=other.rule.name,
            )
