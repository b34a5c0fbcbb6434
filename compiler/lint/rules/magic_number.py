"""One limit that is written in many places."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from ....dsl import tree
from ....dsl.problems import Note, Problem, Severity, problem
from ....dsl.source import Span
from ..reading import (
    number_of,
    shown,
)
from ..rule import Option, rule
from ..subject import Subject

MOST_TIMES = Option("most-repetitions", 2, "so many times may one limit of one value be written")


@problem("SC802", Severity.INFO)
class MagicNumber(Problem):
    """One value is compared with the same number in several places.

    ## Why it matters
    Whoever changes what a large company is has to find every place, and forgets one. A define says it once, and says
    what it means. `most-repetitions` says how often the same limit may be written.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number
      opted_in: yes/no

    score fit
      +30 large when employees >= 1000
      +10 large_and_agreed when employees >= 1000 and opted_in

    decide next_step
      sales when employees >= 1000 and fit >= 40
      nurture otherwise
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number
      opted_in: yes/no

    define large_company = employees >= 1000

    score fit
      +30 large when large_company
      +10 large_and_agreed when large_company and opted_in

    decide next_step
      sales when large_company and fit >= 40
      nurture otherwise
    ```
    """

    item: str
    number: str
    times: int

    def message(self) -> str:
        return f"`{self.item}` is compared with {self.number} in {self.times} places"

    def help(self) -> str:
        return f"say it once: `define NAME = {self.item} >= {self.number}`"


@rule(MagicNumber, needs="text", options=(MOST_TIMES,))
def look(subject: Subject) -> Iterator[Problem]:
    tests = [test.span for test in subject.written(tree.Test)]
    found: dict[tuple[str, Decimal], list[Span]] = {}
    for node in subject.written(tree.Compare):
        limit = number_of(node.right)
        if limit is None or any(test.start <= node.span.start < test.end for test in tests):
            continue
        item = " ".join(subject.text_of(node.left.span).split())
        found.setdefault((item, limit), []).append(node.span)
    for (item, limit), places in found.items():
        if len(places) > max(1, subject.settings[MOST_TIMES]) and limit not in (0, 1):
            notes = tuple(Note(place, "and here") for place in places[1:])
            yield MagicNumber(span=places[0], notes=notes, item=item, number=shown(limit), times=len(places))
