"""A score that can only rise."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import ir, tree
from ....dsl.problems import Problem, Severity, problem
from ...reasons import members
from ..rule import rule
from ..subject import Subject


@problem("SC250", Severity.INFO)
class ScoreWithoutPenalty(Problem):
    """No rule of a score takes points.

    ## Why it matters
    A score that can only rise treats everybody the same who is active enough, students and applicants for a job among
    them. Most published policies take points for what speaks against a lead.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number
      country: text

    score fit
      +30 big when employees >= 50
      +20 near when country is "FR"
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number
      country: text
      student: yes/no

    score fit
      +30 big when employees >= 50
      +20 near when country is "FR"
      -40 student when student
    ```
    """

    score: str

    def message(self) -> str:
        return f"no rule of `{self.score}` takes points"

    def help(self) -> str:
        return "think of what speaks against a lead, and take points for it"


@rule(ScoreWithoutPenalty, needs="program", default=False)
def look(subject: Subject) -> Iterator[Problem]:
    names = {score.name.text: score.name.span for score in subject.written(tree.Score)}
    for score in subject.policy.scores:
        rules = [item for item in members(score.items) if isinstance(item, ir.Rule)]
        if len(rules) > 1 and all(isinstance(one.points, int) and one.points >= 0 for one in rules):
            yield ScoreWithoutPenalty(span=names[score.name], score=score.name)
