"""Two names that are easily taken for one another."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from ....dsl import tree
from ....dsl.problems import Note, Problem, Severity, problem
from ..rule import rule
from ..subject import Subject


@problem("SC086", Severity.INFO)
class SimilarNames(Problem):
    """Two names differ in one letter, in a plural s, or only in a line.

    ## Why it matters
    Both are known, so a slip of the hand is no error: the rule silently asks for the other one, and other leads get
    the points.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employee: number
      employees: number

    score fit
      +10 big when employees >= 50
      +5 someone when employee >= 1
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees_here: number
      employees: number

    score fit
      +10 big when employees >= 50
      +5 someone when employees_here >= 1
    ```
    """

    name: str
    other: str

    def message(self) -> str:
        return f"`{self.name}` is easily taken for `{self.other}`"

    def help(self) -> str:
        return "give one of them a name that says how they differ"


@rule(SimilarNames, needs="text")
def look(subject: Subject) -> Iterator[Problem]:
    named: dict[str, list[tree.Name]] = {}
    for declaration in subject.file.declarations:
        match declaration:
            case tree.Record(fields=fields):
                named.setdefault("field", []).extend(field.name for field in fields)
            case tree.Define() | tree.ListOf() | tree.Score() | tree.Band() | tree.Decide():
                # A list `competitors` and a define `competitor` are not taken for one another: they are used otherwise.
                named.setdefault(type(declaration).__name__, []).append(declaration.name)
            case _:
                pass
    named["event"] = [kind.name for event in subject.written(tree.Event) for kind in event.kinds]
    for names in named.values():
        for first, second in combinations(names, 2):
            if _similar(first.text, second.text):
                yield SimilarNames(
                    span=second.span,
                    notes=(Note(first.span, "the other one"),),
                    name=second.text,
                    other=first.text,
                )


SHORT = 5
"""Shorter words are told apart letter by letter: `eu` and `us`, `emea` and `eea`."""


def _similar(one: str, other: str) -> bool:
    if one == other or abs(len(one) - len(other)) > 2:
        return False
    if one.replace("_", "").lower() == other.replace("_", "").lower():
        return True
    words, others = one.split("_"), other.split("_")
    if len(words) != len(others):
        return False
    differ = [pair for pair in zip(words, others, strict=True) if pair[0] != pair[1]]
    return len(differ) == 1 and min(map(len, differ[0])) >= SHORT and _one_slip(*differ[0])


def _one_slip(one: str, other: str) -> bool:
    """Whether two words differ in one letter more or less, in one letter, or in two that have changed places."""
    if len(one) != len(other):
        short, long = sorted((one, other), key=len)
        return any(long[:at] + long[at + 1 :] == short and not long[at].isdigit() for at in range(len(long)))
    differ = [at for at, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
    if len(differ) == 2:
        first, second = differ
        return second == first + 1 and one[first] == other[second] and one[second] == other[first]
    return len(differ) == 1 and len(one) > SHORT and not (one[differ[0]] + other[differ[0]]).isdigit()
