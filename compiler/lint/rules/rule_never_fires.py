"""Rules whose condition contradicts itself."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import ir
from ....dsl.problems import Note, Problem, Severity, problem
from ...analysis.claims import both, conjuncts, holds
from ..inquiry import Inquiry
from ..reading import earned, own, rules_written
from ..rule import rule
from ..subject import Subject


@problem("SC101", Severity.ERROR)
class RuleNeverFires(Problem):
    """A rule that can never give its points, because its condition contradicts itself.

    ## Why it matters
    Whoever reads the policy counts on the points, and no lead ever gets them. One of the conditions is a slip, or the
    rule is a leftover. The finding is proved: it names the fewest conditions that cannot be true together.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number
      segment: text

    score fit
      +15 enterprise when employees < 50 and segment is "enterprise" and employees >= 200
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number
      segment: text

    score fit
      +15 enterprise when employees >= 200 and segment is "enterprise"
    ```
    """

    rule: str
    conflict: tuple[str, ...]

    def message(self) -> str:
        return f"the rule `{self.rule}` can never give its points"

    def help(self) -> str:
        return "these cannot be true together (proved): " + " · ".join(self.conflict)


@rule(RuleNeverFires, needs="study")
def look(subject: Subject) -> Iterator[Problem]:
    written = rules_written(subject)
    for one in earned(subject.policy):
        trigger, mine = one.rule.trigger, written.get(one.rule.span)
        if mine is None or not isinstance(trigger, ir.When) or not worth_asking(subject, trigger.condition):
            continue
        if subject.inquiry.never(holds(trigger), f"whether `{one.rule.full_name}` can give its points"):
            parts = [holds(trigger)] if trigger.unless else smallest_conflict(subject.inquiry, trigger.condition)
            if told_elsewhere(parts):
                continue
            yield RuleNeverFires(
                span=mine.name.span,
                label="never",
                notes=tuple(Note(part.span, "takes part") for part in parts if own(subject, part.span)),
                rule=one.rule.name,
                conflict=tuple(" ".join(subject.text_of(part.span).split()) or "the condition" for part in parts),
            )


def worth_asking(subject: Subject, condition: ir.Expr) -> bool:
    """Whether a condition could contradict itself: two parts that read the same, or one about a score."""
    each = [subject.inquiry.facts_of(part) for part in conjuncts(condition)]
    if any(fact.startswith(("score", "decision")) for facts in each for fact in facts):
        return True
    return any(one & other for number, one in enumerate(each) for other in each[:number])


def told_elsewhere(parts: list[ir.Expr]) -> bool:
    """Whether all the blame is on one number that a score does not reach, or on one band that nobody is in."""
    match parts:
        case [ir.Compare(left=ir.ScoreOf() | ir.BandOf())]:
            return True
        case _:
            return False


def smallest_conflict(inquiry: Inquiry, condition: ir.Expr) -> list[ir.Expr]:
    """Parts that cannot be true together, of which none can be left out."""
    kept = conjuncts(condition)
    for part in list(kept):
        rest = [one for one in kept if one is not part]
        if rest and inquiry.never(both(*rest), "which conditions contradict each other"):
            kept = rest
    return kept
