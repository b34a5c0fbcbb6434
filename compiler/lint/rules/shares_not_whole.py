"""Shares that do not add up to the whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from ....dsl import tree
from ....dsl.problems import Note, Problem, Severity, problem
from ....dsl.source import Span
from ..reading import (
    plain,
    shown,
)
from ..rule import rule
from ..subject import Subject


@problem("SC255", Severity.WARNING)
class SharesNotWhole(Problem):
    """The shares that a score is made of do not add up to 100%.

    ## Why it matters
    60% of one score and 50% of another make a total that ends at 110, or a best lead that never reaches 100. Then the
    limits of the bands are not what they seem. The shares of a `weighted_mean` and of `counting` groups are added up
    too.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number
      seats: number

    score fit from 0 to 100
      +50 big when employees >= 50

    score need from 0 to 100
      +50 many when seats >= 10

    score total = 60% of fit + 50% of need
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number
      seats: number

    score fit from 0 to 100
      +50 big when employees >= 50

    score need from 0 to 100
      +50 many when seats >= 10

    score total = 60% of fit + 40% of need
    ```
    """

    total: str

    def message(self) -> str:
        return f"these shares add up to {self.total}%"

    def help(self) -> str:
        return "let them add up to 100%"


@rule(SharesNotWhole, needs="text")
def look(subject: Subject) -> Iterator[Problem]:
    for sum_ in subject.written(tree.Sum):
        if sum_.first is None or any(sign == "-" for sign, _ in sum_.rest):
            continue
        terms = [plain(term) for term in (sum_.first, *(term for _, term in sum_.rest))]
        shares = [term.percent for term in terms if isinstance(term, tree.PercentOf)]
        if len(shares) == len(terms):
            yield from _found(shares, sum_.span)
    for call in subject.written(tree.CallOf):
        if call.name.text == "weighted_mean":
            yield from _found([arg.percent for arg in call.args if isinstance(arg, tree.PercentOf)], call.span)
    for score in subject.written(tree.Score):
        groups = [item for item in score.items if isinstance(item, tree.Group)]
        counted = [limit.percent for one in groups for limit in one.limits if isinstance(limit, tree.Counting)]
        # A group without a share counts in full, beside those that have one: then nothing says that they are parts.
        only_groups = not any(isinstance(one, tree.Rule) for one in score.items)
        if only_groups and len(counted) == len(groups) > 1:
            yield from _found(counted, counted[0].span.to(counted[-1].span), counted)


def _found(shares: Sequence[tree.Percent], span: Span, each: Sequence[tree.Percent] = ()) -> Iterator[Problem]:
    total = sum((share.value for share in shares), Decimal(0))
    # Thirds are written as 33.3%, so a little less or more is meant as the whole.
    if len(shares) > 1 and abs(total - 100) > Decimal("0.5"):
        notes = tuple(Note(share.span, f"{shown(share.value)}%") for share in each[1:])
        yield SharesNotWhole(span=each[0].span if each else span, notes=notes, total=shown(total))
