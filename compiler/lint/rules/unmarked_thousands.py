"""A long number without marks for the reader."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import tree
from ....dsl.problems import Fix, Problem, Severity, problem
from ..rule import rule
from ..subject import Subject


@problem("SC815", Severity.INFO)
class UnmarkedThousands(Problem):
    """A long number has no marks that part its thousands.

    ## Why it matters
    1000000 and 10000000 look alike. `1_000_000` is read at a glance, and means the same.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      revenue: number

    score fit
      +50 big when revenue >= 25000000
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      revenue: number

    score fit
      +50 big when revenue >= 25_000_000
    ```
    """

    number: str
    better: str

    def message(self) -> str:
        return f"it takes a while to read {self.number}"

    def help(self) -> str:
        return f"write `{self.better}`"


LONG = 1_000_000
"""Smaller numbers are read without marks, years and postcodes among them."""


@rule(UnmarkedThousands, needs="text")
def look(subject: Subject) -> Iterator[Problem]:
    tests = [test.span for test in subject.written(tree.Test)]
    for number in subject.written(tree.Number):
        text = subject.text_of(number.span)
        if number.value < LONG or not text.isdigit():
            continue
        if not any(test.start <= number.span.start < test.end for test in tests):
            better = f"{int(text):_}"
            fix = Fix("part the thousands", number.span, better, safe=True)
            yield UnmarkedThousands(span=number.span, fix=fix, number=text, better=better)
