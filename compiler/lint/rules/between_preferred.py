"""Two comparisons that are one range."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import tree
from ....dsl.problems import Fix, Problem, Severity, problem
from ..reading import (
    number_of,
    plain,
)
from ..rule import rule
from ..subject import Subject


@problem("SC809", Severity.INFO)
class BetweenPreferred(Problem):
    """Two comparisons say what `between` says.

    ## Why it matters
    `employees >= 50 and employees <= 199` is read twice, and the field is written twice, so that one of them can be
    another field by mistake.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +10 small when employees >= 50 and employees <= 199
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +10 small when employees between 50 and 199
    ```
    """

    plainly: str

    def message(self) -> str:
        return "these two comparisons are one range"

    def help(self) -> str:
        return f"write `{self.plainly}`"


@rule(BetweenPreferred, needs="text")
def look(subject: Subject) -> Iterator[Problem]:
    for chain in subject.written(tree.And):
        if len(chain.items) != 2:
            continue
        match chain.items:
            case (tree.Compare(sign=">=", left=item, right=low), tree.Compare(sign="<=", left=again, right=high)):
                pass
            case (tree.Compare(sign="<=", left=item, right=high), tree.Compare(sign=">=", left=again, right=low)):
                pass
            case _:
                continue
        if plain(item) != plain(again) or number_of(low) is None or number_of(high) is None:
            continue
        text = f"{subject.text_of(item.span)} between {subject.text_of(low.span)} and {subject.text_of(high.span)}"
        # The other order means the same, but is another text to a fingerprint.
        in_order = chain.items[0].sign == ">="
        fix = Fix("write it as a range", chain.span, text, safe=in_order)
        yield BetweenPreferred(span=chain.span, fix=fix, plainly=" ".join(text.split()))
