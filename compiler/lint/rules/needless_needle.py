"""A text that is looked for although a shorter one finds it already."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import tree, values
from ....dsl.problems import Note, Problem, Severity, problem
from ..rule import rule
from ..subject import Subject


@problem("SC124", Severity.INFO)
class NeedlessNeedle(Problem):
    """One of several texts is looked for although another one finds it already.

    ## Why it matters
    Where "market" is found, "marketing" is of no use: every title that contains the longer one contains the shorter
    one. Either the entry can go, or the shorter one finds more than was meant.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      job_title: text

    score fit
      +10 our_kind when job_title contains any of ("sales", "market", "marketing")
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      job_title: text

    score fit
      +10 our_kind when job_title contains any of ("sales", "market")
    ```
    """

    needle: str
    other: str

    def message(self) -> str:
        return f'whatever fits "{self.needle}" fits "{self.other}" already'

    def help(self) -> str:
        return f'delete "{self.needle}", or make "{self.other}" more exact'


@rule(NeedlessNeedle, needs="text")
def look(subject: Subject) -> Iterator[Problem]:
    for test in subject.written(tree.TextTest):
        if test.quantifier != "any" or not isinstance(test.needles, tree.Values):
            continue
        texts = [item for item in test.needles.items if isinstance(item, tree.Text)]
        for needle in texts:
            wider = next((one for one in texts if one is not needle and _finds(test.op, one.value, needle.value)), None)
            if wider is not None:
                yield NeedlessNeedle(
                    span=needle.span,
                    label="never needed",
                    notes=(Note(wider.span, "finds it already"),),
                    needle=needle.value,
                    other=wider.value,
                )


def _finds(op: tree.TextOp, wider: str, needle: str) -> bool:
    """Whether every text that fits the needle fits the wider one."""
    short, long = values.folded(wider.strip()), values.folded(needle.strip())
    if short == long:
        return False
    match op:
        case "contains":
            return short in long
        case "starts with":
            return long.startswith(short)
        case "ends with":
            return long.endswith(short)
        case "has word":
            return values.words_of(short) in values.words_of(long) and bool(values.words_of(short).strip())
        case _:
            return False
