"""A note that something is still to be done."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ....dsl.problems import Problem, Severity, problem
from ....dsl.source import Span
from ..rule import rule
from ..subject import Subject


@problem("SC808", Severity.WARNING)
class TodoLeft(Problem):
    """A comment says that something is still to be done.

    ## Why it matters
    Leads are scored with the policy as it is. What is still open belongs where work is planned, or is done before the
    policy goes out.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +50 big when employees >= 50  # TODO: ask sales about the limit
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +50 big when employees >= 50
    ```
    """

    word: str

    def message(self) -> str:
        return f"this comment says {self.word}: something is still to be done"

    def help(self) -> str:
        return "do it, or note it where work is planned"


_OPEN = re.compile(r"\b(TODO|FIXME|XXX|TBD)\b")


@rule(TodoLeft, needs="text")
def look(subject: Subject) -> Iterator[Problem]:
    parsed = subject.analysis.parsed
    for comment in parsed.comments if parsed is not None else ():
        found = _OPEN.search(comment.text)
        if found is not None:
            start = comment.span.start + found.start()
            yield TodoLeft(span=Span(start, start + len(found[1]), comment.span.source), word=found[1])
