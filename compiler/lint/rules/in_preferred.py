"""Many comparisons of one value with texts."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import tree
from ....dsl.problems import Fix, Problem, Severity, problem
from ..reading import (
    plain,
)
from ..rule import rule
from ..subject import Subject


@problem("SC812", Severity.INFO)
class InPreferred(Problem):
    """One value is compared with three texts or more, each by itself.

    ## Why it matters
    `country in ("US", "CA", "GB")` is shorter, and the value is written once, so that none of them is another field
    by mistake.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      country: text

    score fit
      +10 home when country is "US" or country is "CA" or country is "GB"
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      country: text

    score fit
      +10 home when country in ("US", "CA", "GB")
    ```
    """

    plainly: str

    def message(self) -> str:
        return "one value is compared with each of these texts by itself"

    def help(self) -> str:
        return f"write `{self.plainly}`"


@rule(InPreferred, needs="text")
def look(subject: Subject) -> Iterator[Problem]:
    for chain in subject.written(tree.Or):
        tests = [plain(item) for item in chain.items]
        same = [
            one for one in tests if isinstance(one, tree.Is) and not one.negated and isinstance(one.right, tree.Text)
        ]
        if len(same) < 3 or len(same) != len(tests) or any(one.left != same[0].left for one in same):
            continue
        entries = ", ".join(subject.text_of(one.right.span) for one in same)
        text = f"{subject.text_of(same[0].left.span)} in ({entries})"
        fix = Fix("write it as a list", chain.span, text)
        yield InPreferred(span=chain.span, fix=fix, plainly=" ".join(text.split()))
