"""A rule that is switched off by a comment."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ....dsl.problems import Problem, Severity, problem
from ..rule import rule
from ..subject import Subject


@problem("SC819", Severity.INFO)
class CommentedOutRule(Problem):
    """A comment holds a rule.

    ## Why it matters
    Readers wonder whether it counts, and why not. Earlier versions are kept elsewhere; a rule that shall count from
    some day on has `from`.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +50 big when employees >= 50
      # +20 medium when employees >= 20
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

    def message(self) -> str:
        return "this comment holds a rule, which does not count"

    def help(self) -> str:
        return "delete it, or let it count"


_RULE = re.compile(r"#+\s*[+-]\s*[\d(][^ ]*\s+\w+\s+(\"[^\"]*\"\s+)?(when|unless|for each|per|otherwise)\b")


@rule(CommentedOutRule, needs="text")
def look(subject: Subject) -> Iterator[Problem]:
    parsed = subject.analysis.parsed
    for comment in parsed.comments if parsed is not None else ():
        if comment.own_line and _RULE.match(comment.text):
            yield CommentedOutRule(span=comment.span)
