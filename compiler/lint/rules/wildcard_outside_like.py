"""A wildcard where it is an ordinary sign."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import tree
from ....dsl.problems import Problem, Severity, problem
from ..rule import rule
from ..subject import Subject


@problem("SC129", Severity.WARNING)
class WildcardOutsideLike(Problem):
    """A `*` stands in a text that is compared as it is.

    ## Why it matters
    Only `like` knows wildcards. After `is`, `in`, `contains` and the others, `*` is the sign itself, which hardly any
    text has: the rule fits no lead.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      email: text

    score fit
      +10 school when email ends with "*.edu"
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      email: text

    score fit
      +10 school when email like "*.edu"
    ```
    """

    text: str
    word: str

    def message(self) -> str:
        return f'after `{self.word}` the `*` in "{self.text}" is the sign itself'

    def help(self) -> str:
        return f'write `like "{self.text}"`, or leave the `*` out'


@rule(WildcardOutsideLike, needs="text")
def look(subject: Subject) -> Iterator[Problem]:
    compared: list[tuple[str, tree.Expr | tree.Collection]] = [
        *((test.op, test.needles) for test in subject.written(tree.TextTest) if test.op != "like"),
        *(("in", test.collection) for test in subject.written(tree.In)),
        *(("is", test.right) for test in subject.written(tree.Is)),
    ]
    for word, needles in compared:
        for needle in needles.items if isinstance(needles, tree.Values) else (needles,):
            if isinstance(needle, tree.Text) and "*" in needle.value and needle.value.strip("*"):
                yield WildcardOutsideLike(span=needle.span, text=needle.value, word=word)
