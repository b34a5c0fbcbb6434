"""Questions that there was no time for."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl.problems import Problem, Severity, problem
from ..inquiry import SECONDS
from ..rule import rule
from ..subject import Subject


@problem("SC991", Severity.INFO)
class AnalysisIncomplete(Problem):
    """Some questions about all possible leads were left open, because `check` has to be quick.

    ## Why it matters
    Rules that prove something share a few tenths of a second (`proof-seconds`), and products of two fields are beyond
    them. What was neither proved nor refuted has no finding, and may be wrong all the same. `scorec verify` takes its
    time for every question.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number
      budget: number

    score fit
      +20 promising when budget * employees > 1000 and budget * employees < 500
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number
      budget: number

    score fit
      +20 promising when budget * employees > 1000
    ```
    """

    questions: tuple[str, ...]

    def message(self) -> str:
        more = f" and {len(self.questions) - 3} more" if len(self.questions) > 3 else ""
        return f"neither proved nor refuted: {'; '.join(self.questions[:3])}{more}"

    def help(self) -> str:
        return "ask `scorec verify`, which takes its time, or raise `proof-seconds`"


@rule(AnalysisIncomplete, needs="study", default=False, options=(SECONDS,))
def look(subject: Subject) -> Iterator[Problem]:
    # The rules look in the order of their codes, so that all others have asked by now.
    if subject.inquiry.open:
        yield AnalysisIncomplete(
            span=subject.file.header.span if subject.file.header is not None else subject.file.span,
            questions=tuple(subject.inquiry.open),
        )
