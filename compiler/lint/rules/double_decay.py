"""Points that fade twice."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import ir, tree
from ....dsl.problems import Note, Problem, Severity, problem
from ..reading import (
    earned,
    rule_names,
)
from ..rule import rule
from ..subject import Subject


@problem("SC405", Severity.INFO)
class DoubleDecay(Problem):
    """The points of a rule fade by themselves, and once more with the silence of the lead.

    ## Why it matters
    After a quiet month, half of the points are gone by the rule's own decay, and a part of the rest by the decay of
    silence. Both are sensible; together they cool a lead faster than either of them says.

    ## Avoid
    ```score
    policy inbound
      language 1

    event webinar

    score interest
      decay losing 10% every 7 days of silence
      +20 webinars for each webinar in the last 180 days, at most 2 times, halving every 30 days
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    event webinar

    score interest
      decay losing 10% every 7 days of silence
      +20 webinars for each webinar in the last 180 days, at most 2 times
    ```
    """

    rule: str
    score: str

    def message(self) -> str:
        return f"the points of `{self.rule}` fade by themselves, and again with the silence of `{self.score}`"

    def help(self) -> str:
        return "leave out one of the two, or look at what is left after a quiet month"


@rule(DoubleDecay, needs="program", default=False)
def look(subject: Subject) -> Iterator[Problem]:
    names = rule_names(subject)
    silences = {score.name.text: line.span for score in subject.written(tree.Score) for line in score.items
                if isinstance(line, tree.DecayLine) and line.of_silence}  # fmt: skip
    for one in earned(subject.policy):
        faded = isinstance(one.rule.trigger, ir.Each) and one.rule.trigger.curve is not None
        if faded and one.score.name in silences and one.rule.span in names:
            notes = (Note(silences[one.score.name], "fades it again"),)
            yield DoubleDecay(span=names[one.rule.span], notes=notes, rule=one.rule.name, score=one.score.name)
