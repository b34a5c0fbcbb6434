"""Blanks around a text that are not looked for."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import tree
from ....dsl.problems import Problem, Severity, problem
from ..rule import rule
from ..subject import Subject


@problem("SC132", Severity.WARNING)
class TrimmedBlanks(Problem):
    """A text that is looked for has blanks around it, and they do not count.

    ## Why it matters
    `contains " vp "` is meant to find the word and nothing else. The blanks around a text are dropped, so it finds
    "MVP" as well. `has word` finds whole words.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      job_title: text

    score fit
      +25 decides when job_title contains " chief "
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      job_title: text

    score fit
      +25 decides when job_title has word "chief"
    ```
    """

    text: str

    def message(self) -> str:
        return f'the blanks in "{self.text}" are not looked for'

    def help(self) -> str:
        return f'write `has word "{self.text.strip()}"` to find the whole word, or leave the blanks out'


@rule(TrimmedBlanks, needs="text")
def look(subject: Subject) -> Iterator[Problem]:
    for test in subject.written(tree.TextTest):
        if test.op not in ("contains", "starts with", "ends with"):
            continue
        for needle in test.needles.items if isinstance(test.needles, tree.Values) else (test.needles,):
            if isinstance(needle, tree.Text) and needle.value != needle.value.strip() != "":
                yield TrimmedBlanks(span=needle.span, label="blanks around it", text=needle.value)
