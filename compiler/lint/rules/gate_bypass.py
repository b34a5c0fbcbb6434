"""Gates that a lead passes because something about it is not known."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import ir
from ....dsl.problems import Problem, Severity, problem
from ...analysis.claims import both, conjuncts, either, outcome_is
from ...analysis.showing import lead_in_words
from ...reading import reads
from ..reading import own
from ..rule import rule
from ..subject import Subject


@problem("SC304", Severity.WARNING)
class GateBypass(Problem):
    """A lead gets what a gate bars, because the field that the gate reads is missing.

    ## Why it matters
    `never sales when C` bars where C is true. Where a field is missing C is neither true nor false, so the gate stays
    open, and the lead that should have been stopped is called. Of all mistakes in a policy this is the one that is
    noticed last: the data of the tests are complete. The finding shows a lead that slips through.

    A gate that says what it does with an unknown value has no such hole: `unless` bars it, `is missing` asks for it.
    Where the data never lack the field, declare it `required`.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number required
      student: yes/no

    score fit
      +50 large when employees >= 1000

    decide next_step
      sales when fit >= 50
      recycle otherwise

    gate students
      never sales when student
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number required
      student: yes/no

    score fit
      +50 large when employees >= 1000

    decide next_step
      sales when fit >= 50
      recycle otherwise

    gate students
      never sales unless student is no
    ```
    """

    gate: str
    missing: tuple[str, ...]
    lead: str
    outcome: str

    def message(self) -> str:
        names = " and ".join(f"`{name}`" for name in self.missing)
        verb = "is" if len(self.missing) == 1 else "are"
        return f"a lead passes the gate `{self.gate}` when {names} {verb} missing"

    def help(self) -> str:
        name = self.missing[0]
        return (
            f"lead that slips through: {self.lead}, and gets {self.outcome}; "
            f"stop it with `or {name} is missing`, or accept it: `and {name} is known`"
        )


@rule(GateBypass, needs="study")
def look(subject: Subject) -> Iterator[Problem]:
    policy = subject.policy
    if subject.settings.wants("SC120", default=False):
        # Who has asked for the stricter rule hears of every such gate from it.
        return
    for gate in policy.gates:
        for ban in gate.bans:
            condition = ban.trigger.condition
            optional = tuple(name for name in reads(condition).fields if not policy.field(name).required)
            if ban.trigger.unless or not optional or not own(subject, ban.span) or _says_so(condition):
                continue
            if (found := _slips_through(subject, gate, ban, optional)) is not None:
                yield found


def _says_so(condition: ir.Expr) -> bool:
    """`... and phone is known`: the author has thought of it."""
    return any(
        isinstance(part, ir.Not) and isinstance(part.item, ir.IsMissing) and isinstance(part.item.item, ir.FieldOf)
        for part in conjuncts(condition)
    )


def _slips_through(subject: Subject, gate: ir.Gate, ban: ir.Ban, optional: tuple[str, ...]) -> GateBypass | None:
    policy, condition = subject.policy, ban.trigger.condition
    inquiry = subject.inquiry
    # A condition may be unknown for other reasons, such as an address without a domain.
    lacking_one = either(ir.IsMissing(ir.Kind.FLAG, ir.FieldOf(policy.field(name).kind, name)) for name in optional)
    unknown = both(ir.IsMissing(ir.Kind.FLAG, condition), lacking_one)
    chances = [(one, outcome) for one in policy.decisions for outcome in ban.outcomes if outcome in one.outcomes]
    claims = [(outcome, both(unknown, outcome_is(one.name, outcome))) for one, outcome in chances]
    tested = ((outcome, claim, one) for one in inquiry.variants(optional) for outcome, claim in claims)
    found = next(((outcome, one) for outcome, claim, one in tested if inquiry.is_true(claim, one)), None)
    if found is None:
        about = f"whether a lead of whom little is known passes the gate `{gate.name}`"
        asked = ((outcome, inquiry.some(claim, about)) for outcome, claim in claims)
        found = next(((outcome, one) for outcome, one in asked if one is not None), None)
    if found is None:
        return None
    outcome, witness = found
    lacking = tuple(name for name in optional if witness.lead.get(name) is None)
    return GateBypass(
        span=ban.span,
        gate=gate.name,
        missing=lacking[:1] if len(lacking) > 2 else lacking,
        lead=f"{lacking[0]} missing · {lead_in_words(witness, policy)}",
        outcome=outcome,
    )
