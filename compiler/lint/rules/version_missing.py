"""A policy without a version."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import tree
from ....dsl.problems import Fix, Problem, Severity, problem
from ....dsl.source import Span
from ..rule import rule
from ..subject import Subject


@problem("SC715", Severity.INFO)
class VersionMissing(Problem):
    """A policy has no version of its own.

    ## Why it matters
    Every result carries the version of the policy that gave it. Without the line it is `0.0.0` for ever, and last
    month's results cannot be told from today's.

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
      version 1.0.0

    lead by lead_id
      employees: number

    score fit
      +50 big when employees >= 50
    ```
    """

    policy: str

    def message(self) -> str:
        return f"the policy `{self.policy}` has no version"

    def help(self) -> str:
        return "add a line to its header: `version 1.0.0`"


@rule(VersionMissing, needs="text", default=False)
def look(subject: Subject) -> Iterator[Problem]:
    header = subject.file.header
    if header is None or header.kind != "policy" or any(isinstance(one, tree.Version) for one in header.meta):
        return
    language = next((one for one in header.meta if isinstance(one, tree.Language)), None)
    fix = None
    if language is not None:
        end = Span(language.span.end, language.span.end, language.span.source)
        fix = Fix("begin with 1.0.0", end, "\n  version 1.0.0", safe=True)
    yield VersionMissing(span=header.name.span, fix=fix, policy=header.name.text)
