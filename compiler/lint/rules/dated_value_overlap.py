"""Days on which two versions of one rule hold."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from ....dsl.problems import Note, Problem, Severity, problem
from ..reading import (
    dated,
    gatherings,
)
from ..rule import rule
from ..subject import Subject


@problem("SC411", Severity.WARNING)
class DatedValueOverlap(Problem):
    """Two versions of one rule are in force on the same day, so their points are added.

    ## Why it matters
    The day after `until` is still a day of the earlier rule. If the later one begins on that day, leads that are
    scored then get both.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      country: text

    score fit
      +10 near_before when country is "FR", until 2026-07-01
      +20 near when country is "FR", from 2026-07-01
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      country: text

    score fit
      +10 near_before when country is "FR", until 2026-06-30
      +20 near when country is "FR", from 2026-07-01
    ```
    """

    day: str
    earlier: str
    later: str

    def message(self) -> str:
        return f"on {self.day} both `{self.earlier}` and `{self.later}` are in force"

    def help(self) -> str:
        return f"let `{self.earlier}` end on the day before `{self.later}` begins"


@rule(DatedValueOverlap, needs="text")
def look(subject: Subject) -> Iterator[Problem]:
    for gathering in gatherings(subject):
        if gathering.kind != "sum":
            continue
        for versions in dated(gathering):
            for earlier, later in pairwise(versions):
                if later.start is None or (earlier.end is not None and earlier.end < later.start):
                    continue
                # A rule that begins later and has no end beside it is on top of the first on purpose.
                if earlier.end is None:
                    continue
                yield DatedValueOverlap(
                    span=later.from_span,
                    notes=(Note(earlier.until_span, "still in force"),),
                    day=str(later.start),
                    earlier=earlier.rule.name.text,
                    later=later.rule.name.text,
                )
