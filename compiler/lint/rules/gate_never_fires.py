"""Gates that stop nobody."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl.problems import Problem, Severity, problem
from ...analysis.claims import holds
from ..reading import own
from ..rule import rule
from ..subject import Subject
from .rule_never_fires import smallest_conflict, told_elsewhere, worth_asking


@problem("SC302", Severity.ERROR)
class GateNeverFires(Problem):
    """A gate whose condition no lead can meet.

    ## Why it matters
    It reads as protection and lets everybody pass. The finding is proved and names the fewest conditions that cannot be
    true together.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number required
      country: text

    score fit
      +50 home when country is "NL"

    decide next_step
      sales when fit >= 50
      recycle otherwise

    gate tiny
      never sales when employees < 5 and employees > 50
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number required
      country: text

    score fit
      +50 home when country is "NL"

    decide next_step
      sales when fit >= 50
      recycle otherwise

    gate tiny
      never sales when employees < 5
    ```
    """

    gate: str
    outcomes: tuple[str, ...]
    conflict: tuple[str, ...]

    def message(self) -> str:
        return f"the gate `{self.gate}` never keeps anybody from {', '.join(f'`{one}`' for one in self.outcomes)}"

    def help(self) -> str:
        return "these cannot be true together (proved): " + " · ".join(self.conflict)


@rule(GateNeverFires, needs="study")
def look(subject: Subject) -> Iterator[Problem]:
    for gate in subject.policy.gates:
        for ban in gate.bans:
            condition = ban.trigger.condition
            if ban.trigger.unless or not own(subject, ban.span) or not worth_asking(subject, condition):
                continue
            if subject.inquiry.never(holds(ban.trigger), f"whether the gate `{gate.name}` stops anybody"):
                parts = smallest_conflict(subject.inquiry, condition)
                if told_elsewhere(parts):
                    continue
                yield GateNeverFires(
                    span=ban.span,
                    gate=gate.name,
                    outcomes=ban.outcomes,
                    conflict=tuple(" ".join(subject.text_of(part.span).split()) for part in parts),
                )
