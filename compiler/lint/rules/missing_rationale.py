"""A score or a gate of which nobody says why."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import tree
from ....dsl.problems import Problem, Severity, problem
from ..rule import rule
from ..subject import Subject


@problem("SC704", Severity.INFO)
class MissingRationale(Problem):
    """A score or a gate has neither words nor a comment that say why it is there.

    ## Why it matters
    In two years nobody knows whether the numbers come from won deals, from a workshop or from a feeling, and so
    nobody dares to change them.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +50 big when employees >= 50
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    # From the deals won in 2025: nine of ten had fifty people or more.
    score fit
      +50 big when employees >= 50
    ```
    """

    name: str

    def message(self) -> str:
        return f"nothing says why `{self.name}` is as it is"

    def help(self) -> str:
        return "write a comment above it, or words after its name"


@rule(MissingRationale, needs="text", default=False)
def look(subject: Subject) -> Iterator[Problem]:
    parsed = subject.analysis.parsed
    comments = parsed.comments if parsed is not None else ()
    lines = {subject.source.position(comment.span.start)[0] for comment in comments}
    declared: list[tree.Score | tree.Gate] = [*subject.written(tree.Score), *subject.written(tree.Gate)]
    for one in declared:
        first = subject.source.position(one.span.start)[0]
        last = subject.source.position(one.span.end)[0]
        if one.label is None and not any(first - 1 <= line <= last for line in lines):
            yield MissingRationale(span=one.name.span, name=one.name.text)
