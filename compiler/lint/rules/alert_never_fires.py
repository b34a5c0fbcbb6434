"""An alert on points that a score never has."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import tree
from ....dsl.problems import Note, Problem, Severity, problem
from ..reading import (
    shown,
)
from ..rule import rule
from ..subject import Subject


@problem("SC341", Severity.WARNING)
class AlertNeverFires(Problem):
    """An alert waits for a score to leave its own range.

    ## Why it matters
    A score from 0 to 100 does not rise above 100, so nobody is ever told. The number belongs to another scale, or
    `rises above 99` is meant.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit from 0 to 100
      +50 big when employees >= 50

    alert hot to "inbound@acme.example" when fit rises above 100
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit from 0 to 100
      +50 big when employees >= 50

    alert hot to "inbound@acme.example" when fit rises above 40
    ```
    """

    alert: str
    score: str
    end: str

    def message(self) -> str:
        return f"the alert `{self.alert}` never fires: `{self.score}` ends at {self.end}"

    def help(self) -> str:
        return "use a number inside the range"


@rule(AlertNeverFires, needs="text")
def look(subject: Subject) -> Iterator[Problem]:
    ranges = {score.name.text: score.range for score in subject.written(tree.Score) if score.range is not None}
    for alert in subject.written(tree.Alert):
        range_ = ranges.get(alert.watched.text)
        if range_ is None or not isinstance(alert.value, tree.SignedNumber):
            continue
        high = alert.change == "rises above" and alert.value.value >= range_.high.value
        if high or (alert.change == "falls below" and alert.value.value <= range_.low.value):
            end = range_.high if high else range_.low
            yield AlertNeverFires(
                span=alert.value.span,
                notes=(Note(range_.span, "the range"),),
                alert=alert.name.text,
                score=alert.watched.text,
                end=shown(end.value),
            )
