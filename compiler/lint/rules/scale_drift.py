"""One field that is worth ten times as much in one place as in another."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import combinations

from ....dsl import tree
from ....dsl.problems import Note, Problem, Severity, problem
from ..reading import (
    gatherings,
    shown,
    stairs,
)
from ..rule import rule
from ..subject import Subject


@problem("SC219", Severity.INFO)
class ScaleDrift(Problem):
    """One field is scored on a scale ten times as large in one place as in another.

    ## Why it matters
    Where two people wrote the two scores, one thought in tens and the other in hundreds. If the scores are added up,
    the larger one decides alone.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +5 big when employees >= 50

    score potential
      +100 huge when employees >= 1000
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +50 big when employees >= 50

    score potential
      +100 huge when employees >= 1000
    ```
    """

    item: str
    most: str
    least: str

    def message(self) -> str:
        return f"`{self.item}` is worth up to {self.most} points here and up to {self.least} there"

    def help(self) -> str:
        return "bring both to one scale"


@rule(ScaleDrift, needs="text", default=False)
def look(subject: Subject) -> Iterator[Problem]:
    found: list[tuple[tree.Expr, Decimal, tree.Rule]] = []
    for gathering in gatherings(subject):
        for steps in stairs(gathering):
            worth = [(abs(one.rule.points), one) for one in steps if isinstance(one.rule.points, Decimal)]
            if worth:
                most, stair = max(worth, key=lambda pair: pair[0])
                found.append((stair.step.item, most, stair.rule))
    for (item, most, rule_), (other, least, second) in combinations(found, 2):
        if item != other or not most or not least or max(most, least) < 10 * min(most, least):
            continue
        high, low = (rule_, second) if most > least else (second, rule_)
        yield ScaleDrift(
            span=high.name.span,
            notes=(Note(low.name.span, "the smaller scale"),),
            item=" ".join(subject.text_of(item.span).split()),
            most=shown(max(most, least)),
            least=shown(min(most, least)),
        )
