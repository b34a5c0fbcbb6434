"""Words that do not fit the sign of the points."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from ....dsl import tree
from ....dsl.problems import Problem, Severity, problem
from ..rule import rule
from ..subject import Subject


@problem("SC703", Severity.INFO)
class ReasonAgainstSign(Problem):
    """The words of a rule sound like the opposite of what its points do.

    ## Why it matters
    A rule that takes points and says "A large company" was given the wrong sign, or the words of another rule. This
    is a guess from a few words, so it is off unless asked for.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      -30 big "An ideal customer" when employees >= 50
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +30 big "An ideal customer" when employees >= 50
    ```
    """

    words: str
    gives: bool

    def message(self) -> str:
        return f'the rule {"gives" if self.gives else "takes"} points, and says "{self.words}"'

    def help(self) -> str:
        return "turn the sign, or find other words"


_GOOD = {"ideal", "perfect", "good", "best", "great", "target", "core", "fits", "interested", "engaged", "vip"}
_BAD = {
    "student", "students", "competitor", "competitors", "spam", "junk", "bounced", "unsubscribed", "wrong", "bad",
    "fake", "never", "unqualified", "blocked", "complained",
}  # fmt: skip


@rule(ReasonAgainstSign, needs="text", default=False)
def look(subject: Subject) -> Iterator[Problem]:
    for written in subject.written(tree.Rule):
        if written.label is None:
            continue
        gives = not written.negative if not isinstance(written.points, Decimal) else written.points > 0
        words = set(re.findall(r"[a-z]+", written.label.value.lower()))
        if words & (_BAD if gives else _GOOD) and not words & (_GOOD if gives else _BAD) and not words & {"no", "not"}:
            yield ReasonAgainstSign(span=written.label.span, words=written.label.value, gives=gives)
