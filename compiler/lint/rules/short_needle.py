"""A few letters that are found inside of other words."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import tree
from ....dsl.problems import Fix, Problem, Severity, problem
from ....dsl.source import Span
from ..rule import rule
from ..subject import Subject


@problem("SC133", Severity.WARNING)
class ShortNeedle(Problem):
    """Two or three letters are looked for anywhere, also inside of words.

    ## Why it matters
    `contains "cto"` finds every direCTOr, `contains "hr"` finds CHRistian, and `contains "vp"` the MVP. Whole words
    are found with `has word`.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      job_title: text

    score fit
      +25 decides when job_title contains "cto"
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      job_title: text

    score fit
      +25 decides when job_title has word "cto"
    ```
    """

    text: str

    def message(self) -> str:
        return f'"{self.text}" is also found inside of other words'

    def help(self) -> str:
        return "write `has word` to find it as a word of its own"


@rule(ShortNeedle, needs="text")
def look(subject: Subject) -> Iterator[Problem]:
    for test in subject.written(tree.TextTest):
        if test.op != "contains":
            continue
        needles = test.needles.items if isinstance(test.needles, tree.Values) else (test.needles,)
        short = [one for one in needles if isinstance(one, tree.Text) and _is_short(one.value.strip())]
        for needle in short:
            fix = None
            if not isinstance(test.needles, tree.Values):
                between = subject.text_of(Span(test.item.span.end, needle.span.start, needle.span.source))
                if between.strip() == "contains":
                    place = Span(test.item.span.end, needle.span.end, needle.span.source)
                    fix = Fix("find whole words", place, f" has word {subject.text_of(needle.span)}")
            yield ShortNeedle(span=needle.span, fix=fix, text=needle.value)


def _is_short(text: str) -> bool:
    return len(text) <= 3 and text.isascii() and text.isalpha()
