"""A pattern without a wildcard."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import tree
from ....dsl.problems import Fix, Problem, Severity, problem
from ..rule import rule
from ..subject import Subject


@problem("SC128", Severity.INFO)
class LikeWithoutWildcard(Problem):
    """A pattern after `like` has neither `*` nor `?`.

    ## Why it matters
    `like` compares the whole text, so without a wildcard it is the same as `is`. Most often `contains` was meant, and
    the rule fits hardly any lead.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      job_title: text

    score fit
      +10 sales when job_title like "sales"
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      job_title: text

    score fit
      +10 sales when job_title like "*sales*"
    ```
    """

    pattern: str

    def message(self) -> str:
        return f'`like "{self.pattern}"` has no wildcard, so only this very text fits'

    def help(self) -> str:
        return f'write `contains "{self.pattern}"`, or `is "{self.pattern}"` if the whole text is meant'


@rule(LikeWithoutWildcard, needs="text")
def look(subject: Subject) -> Iterator[Problem]:
    for test in subject.written(tree.TextTest):
        if test.op != "like":
            continue
        needles = test.needles.items if isinstance(test.needles, tree.Values) else (test.needles,)
        for needle in needles:
            if isinstance(needle, tree.Text) and not set("*?") & set(needle.value):
                yield LikeWithoutWildcard(
                    span=needle.span,
                    fix=Fix("look for it anywhere", needle.span, f'"*{subject.text_of(needle.span)[1:-1]}*"'),
                    pattern=needle.value,
                )
