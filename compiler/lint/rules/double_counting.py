"""Two rules for one fact."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from ....dsl import ir
from ....dsl.problems import Note, Problem, Severity, problem
from ...analysis.claims import holds
from ...wording import signed
from ..inquiry import fails, holds_without
from ..reading import Earned, earned, rules_written
from ..rule import rule
from ..subject import Subject


@problem("SC204", Severity.WARNING)
class DoubleCounting(Problem):
    """Every lead that gets the points of one rule also gets those of another: the same fact counts twice.

    ## Why it matters
    "200 employees or more" and "50 employees or more" both pay for a company of 500, so that it gets more than either
    line says. Where steps are meant, only one of them should count: write `first of`. Where the points are meant to
    add up, put them into one group, or say so in a comment that allows it. Proved.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      job_title: text

    score fit
      +10 decides when job_title has word any of ("founder", "director", "owner")
      +25 founder when job_title has word "founder"
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      job_title: text

    score fit
      first of role
        +25 founder when job_title has word "founder"
        +10 decides when job_title has word any of ("founder", "director", "owner")
    ```
    """

    narrow: str
    wide: str
    points: str

    def message(self) -> str:
        return f"whoever gets `{self.narrow}` also gets `{self.wide}`: the same fact counts twice (proved)"

    def help(self) -> str:
        return f"such a lead gets {self.points} in all: let one count with `first of`, or put both into one group"


@rule(DoubleCounting, needs="study")
def look(subject: Subject) -> Iterator[Problem]:
    written = rules_written(subject)
    for narrow, wide in _pairs(subject):
        narrow_points, wide_points = narrow.rule.points, wide.rule.points
        assert isinstance(narrow_points, int) and isinstance(wide_points, int)
        yield DoubleCounting(
            span=written[narrow.rule.span].name.span,
            notes=(Note(written[wide.rule.span].name.span, "gets this too"),),
            narrow=narrow.rule.name,
            wide=wide.rule.name,
            points=signed(narrow_points + wide_points),
        )


def _pairs(subject: Subject) -> Iterator[tuple[Earned, Earned]]:
    for one, other in near_pairs(subject):
        points, others = one.rule.points, other.rule.points
        if isinstance(points, int) and isinstance(others, int) and points * others > 0:
            # Of two that mean the same, the later one is told.
            pairs = ((other, one), (one, other))
            found = next((pair for pair in pairs if _is_one_fact(subject, *pair)), None)
            if found is not None:
                yield found


def _is_one_fact(subject: Subject, narrow: Earned, wide: Earned) -> bool:
    """Whether the narrow rule asks for more of the same. One that reads something else besides pays for that, and one
    that everybody gets has another finding."""
    first, second = narrow.rule.trigger, wide.rule.trigger
    assert isinstance(first, ir.When) and isinstance(second, ir.When)
    if not subject.inquiry.facts_of(first) <= subject.inquiry.facts_of(second) or not implies(subject, narrow, wide):
        return False
    return not subject.inquiry.never(fails(second), f"whether every lead gets `{wide.rule.full_name}`")


def near_pairs(subject: Subject) -> Iterator[tuple[Earned, Earned]]:
    """Rules of one score that count beside each other, and read something in common."""
    written = rules_written(subject)
    asked = [
        one
        for one in earned(subject.policy)
        if one.rule.span in written
        and isinstance(one.rule.trigger, ir.When)
        and one.rule.starts is None
        and one.rule.ends is None
    ]
    facts = {one.rule.full_name: subject.inquiry.facts_of(one.rule.trigger) for one in asked}
    for one, other in combinations(asked, 2):
        beside = not one.groups or not other.groups or one.groups[0] is not other.groups[0]
        if beside and one.score is other.score and facts[one.rule.full_name] & facts[other.rule.full_name]:
            yield one, other


def implies(subject: Subject, narrow: Earned, wide: Earned) -> bool:
    """Whether every lead with one also has the other (and some lead has it)."""
    first, second = narrow.rule.trigger, wide.rule.trigger
    assert isinstance(first, ir.When) and isinstance(second, ir.When)
    about = f"whether `{narrow.rule.full_name}` and `{wide.rule.full_name}` pay for one fact"
    if not subject.inquiry.never(holds_without(first, [second]), about):
        return False
    return not subject.inquiry.never(holds(first), about)
