"""A file that is not in its one layout."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl.problems import Fix, Problem, Severity, problem
from ....dsl.source import Span
from ...format import format_text
from ..rule import rule
from ..subject import Subject


@problem("SC801", Severity.INFO)
class NotFormatted(Problem):
    """A file is not in the layout that `scorec fmt` gives it.

    ## Why it matters
    With one layout, a difference between two versions is a difference in what they say. `scorec fmt` brings a file to
    it and keeps every comment; `scorec fmt --check` only asks.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees:   number

    score fit
        +50 big when employees>=50
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

    line: int

    def message(self) -> str:
        return f"the layout differs from line {self.line} on"

    def help(self) -> str:
        return "run `scorec fmt`"


@rule(NotFormatted, needs="text", default=False)
def look(subject: Subject) -> Iterator[Problem]:
    shaped = format_text(subject.source)
    text = subject.source.text
    if not isinstance(shaped, str) or shaped == text:
        return
    pairs = zip(text.split("\n"), shaped.split("\n"), strict=False)
    line = next((number for number, (old, new) in enumerate(pairs, 1) if old != new), text.count("\n") + 1)
    start = sum(len(one) + 1 for one in text.split("\n")[: line - 1])
    end = min(len(text), start + max(1, len(subject.source.line(line)))) if start < len(text) else len(text)
    everything = Fix("bring it to its one layout", Span(0, len(text), subject.source.name), shaped, safe=True)
    yield NotFormatted(span=Span(min(start, end - 1), end, subject.source.name), fix=everything, line=line)
