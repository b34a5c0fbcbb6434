"""Gates that stop only who is stopped already."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import ir
from ....dsl.problems import Note, Problem, Severity, problem
from ...analysis.claims import holds
from ..inquiry import holds_without
from ..reading import own
from ..rule import rule
from ..subject import Subject


@problem("SC301", Severity.WARNING)
class GateShadowed(Problem):
    """A gate that stops only leads that an earlier gate stops from the same outcomes.

    ## Why it matters
    It adds nothing, and hides that: whoever loosens the earlier gate will not know whether this one was meant to stay.

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

    gate small
      never sales when employees < 50

    gate tiny
      never sales when employees < 5
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

    gate small
      never sales when employees < 50
    ```
    """

    gate: str
    earlier: str

    def message(self) -> str:
        return f"the gate `{self.gate}` stops nobody whom `{self.earlier}` does not stop already (proved)"

    def help(self) -> str:
        return "leave it out, or widen its condition"


@rule(GateShadowed, needs="study")
def look(subject: Subject) -> Iterator[Problem]:
    before: list[tuple[ir.Gate, ir.Ban]] = []
    for gate in subject.policy.gates:
        for ban in gate.bans:
            if own(subject, ban.span):
                yield from _shadowed(subject, gate, ban, before)
            before.append((gate, ban))


def _shadowed(
    subject: Subject, gate: ir.Gate, ban: ir.Ban, before: list[tuple[ir.Gate, ir.Ban]]
) -> Iterator[GateShadowed]:
    facts = subject.inquiry.facts_of(ban.trigger)
    about = f"whether the gate `{gate.name}` stops more than the gates before it"
    for earlier, other in before:
        wider = set(ban.outcomes) <= set(other.outcomes) and facts & subject.inquiry.facts_of(other.trigger)
        if not wider or not subject.inquiry.never(holds_without(ban.trigger, [other.trigger]), about):
            continue
        if not subject.inquiry.never(holds(ban.trigger), about):
            notes = (Note(other.span, "stops them"),) if own(subject, other.span) else ()
            yield GateShadowed(span=ban.span, notes=notes, gate=gate.name, earlier=earlier.name)
            return
