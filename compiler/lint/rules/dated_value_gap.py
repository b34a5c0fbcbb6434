"""Days between two versions of one rule."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

from ....dsl.problems import Fix, Note, Problem, Severity, problem
from ..reading import (
    dated,
    gatherings,
)
from ..rule import Option, rule
from ..subject import Subject

LONGEST_GAP = Option("longest-gap", 31, "so many days without either version are taken for a slip")


@problem("SC410", Severity.WARNING)
class DatedValueGap(Problem):
    """Between two versions of one rule lie days on which neither is in force.

    ## Why it matters
    `until 2026-06-30` and `from 2026-07-02` leave out the first of July: leads that are scored on that day get
    nothing. `longest-gap` says how many days are still taken for a slip.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      country: text

    score fit
      +10 near_before when country is "FR", until 2026-06-30
      +20 near when country is "FR", from 2026-07-02
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

    first: str
    last: str
    earlier: str
    later: str

    def message(self) -> str:
        days = f"on {self.first}" if self.first == self.last else f"from {self.first} to {self.last}"
        return f"{days} neither `{self.earlier}` nor `{self.later}` is in force"

    def help(self) -> str:
        return f"let `{self.later}` begin on {self.first}; the day after `until` still belongs to the earlier one"


@rule(DatedValueGap, needs="text", options=(LONGEST_GAP,))
def look(subject: Subject) -> Iterator[Problem]:
    for gathering in gatherings(subject):
        for versions in dated(gathering):
            for earlier, later in pairwise(versions):
                if earlier.end is None or later.start is None:
                    continue
                days = (later.start - earlier.end).days - 1
                if 0 < days <= subject.settings[LONGEST_GAP]:
                    first = earlier.end + timedelta(days=1)
                    yield DatedValueGap(
                        span=later.from_span,
                        notes=(Note(earlier.until_span, "ends here"),),
                        fix=Fix(f"begin on {first}", later.from_span, f"from {first}"),
                        first=str(first),
                        last=str(later.start - timedelta(days=1)),
                        earlier=earlier.rule.name.text,
                        later=later.rule.name.text,
                    )
