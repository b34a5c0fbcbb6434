"""Two rules with the same words."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import tree, values
from ....dsl.problems import Note, Problem, Severity, problem
from ..reading import (
    apart,
    gatherings,
    step_of,
)
from ..rule import rule
from ..subject import Subject


@problem("SC702", Severity.WARNING)
class AmbiguousReason(Problem):
    """Two rules that can count together have the same words.

    ## Why it matters
    The account of a lead then shows two lines that read alike, and nobody can tell which fact is meant, or whether it
    was counted twice. In a `first of` or `best of` only one of them counts, so there the same words are no problem.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number
      seats: number

    score fit
      +30 big "A large company" when employees >= 50
      +20 seats "A large company" when seats >= 10
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number
      seats: number

    score fit
      +30 big "A large company" when employees >= 50
      +20 seats "Many people would use it" when seats >= 10
    ```
    """

    words: str
    rule: str
    other: str

    def message(self) -> str:
        return f'`{self.rule}` and `{self.other}` have the same words, "{self.words}"'

    def help(self) -> str:
        return "say in each which fact it is about"


@rule(AmbiguousReason, needs="text")
def look(subject: Subject) -> Iterator[Problem]:
    first: dict[tuple[int, str], tuple[tree.Rule, int]] = {}
    sets = list(subject.written(tree.RuleSet))
    for number, gathering in enumerate(gatherings(subject)):
        start = gathering.owner.span.start
        # Of two sets a policy may include only one.
        place_of_set = next((one.span.start for one in sets if one.span.start <= start < one.span.end), 0)
        for written in gathering.rules:
            if written.label is None:
                continue
            words = values.folded(written.label.value.strip())
            other, place = first.setdefault((place_of_set, words), (written, number))
            # One of two versions of a rule has ended when the other begins.
            versions = written.trigger == other.trigger and written.points != other.points
            if other is written or versions or (place == number and gathering.kind != "sum"):
                continue
            if _exclude(other, written):
                continue
            yield AmbiguousReason(
                span=written.label.span,
                notes=(Note(other.label.span, "the same words"),) if other.label is not None else (),
                words=written.label.value,
                rule=other.name.text,
                other=written.name.text,
            )


def _exclude(one: tree.Rule, other: tree.Rule) -> bool:
    """Whether both are steps of one value, of which a lead has only one."""
    if not isinstance(one.trigger, tree.When) or not isinstance(other.trigger, tree.When):
        return False
    steps = step_of(one.trigger.condition), step_of(other.trigger.condition)
    if steps[0] is None or steps[1] is None or steps[0].item != steps[1].item:
        return False
    return apart(steps[0], steps[1]) or apart(steps[1], steps[0])
