"""Rules that fire in no test."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import ir
from ....dsl.problems import Note, Problem, Severity, problem
from ..reading import (
    earned,
    rule_names,
)
from ..rule import rule
from ..subject import Subject


@problem("SC604", Severity.INFO)
class RuleUncovered(Problem):
    """Some rules of a score fire in no test.

    ## Why it matters
    Their conditions may be wrong, or their points, and every test would still pass. `scorec test` lists the same
    rules.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number
      country: text

    score fit
      +50 big when employees >= 50
      +10 near when country is "FR"

    test "a large company"
      given employees 200
      expect fit is 50
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number
      country: text

    score fit
      +50 big when employees >= 50
      +10 near when country is "FR"

    test "a large company nearby"
      given employees 200, country "FR"
      expect fit is 60
    ```
    """

    score: str
    rules: tuple[str, ...]

    def message(self) -> str:
        if len(self.rules) == 1:
            return f"the rule `{self.rules[0]}` of `{self.score}` fires in no test"
        return f"{len(self.rules)} rules of `{self.score}` fire in no test"

    def help(self) -> str:
        return f"write a test with `expect fired {self.score}.{self.rules[0]}`"


@rule(RuleUncovered, needs="tests", default=False)
def look(subject: Subject) -> Iterator[Problem]:
    if not subject.policy.tests:
        return
    untouched = {one.name for one in subject.tests.coverage.untouched if one.what == "rule never fired"}
    names = rule_names(subject)
    by_score: dict[str, list[ir.Rule]] = {}
    for one in earned(subject.policy):
        if one.rule.full_name in untouched and one.rule.span in names:
            by_score.setdefault(one.score.name, []).append(one.rule)
    for score, rules in by_score.items():
        yield RuleUncovered(
            span=names[rules[0].span],
            notes=tuple(Note(names[other.span], "nor this one") for other in rules[1:]),
            score=score,
            rules=tuple(rule_.name for rule_ in rules),
        )
