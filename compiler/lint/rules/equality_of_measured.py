"""Two measured numbers that should be the same to the last digit."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import ir
from ....dsl.problems import Problem, Severity, problem
from ....dsl.source import Span
from ...reading import parts
from ..reading import (
    own,
)
from ..rule import rule
from ..subject import Subject


@problem("SC139", Severity.WARNING)
class EqualityOfMeasured(Problem):
    """A number that was computed from data is compared with `is`.

    ## Why it matters
    What comes out of dividing or adding fields is a measured number: a tenth and two tenths are not three tenths.
    Whether `is` holds then hangs on the last digit, which nobody sees. Points and counts are exact, and not reported.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      seats: number
      seats_used: number

    score need
      +10 full when seats_used / seats is 0.9
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      seats: number
      seats_used: number

    score need
      +10 full when seats_used / seats >= 0.9
    ```
    """

    def message(self) -> str:
        return "this compares a computed number to its last digit"

    def help(self) -> str:
        return "write `>=`, `<=` or `between`, or round it first: `round(x, 2) is 0.9`"


_ARITHMETIC = (ir.Op.ADD, ir.Op.SUBTRACT, ir.Op.MULTIPLY, ir.Op.DIVIDE)


@rule(EqualityOfMeasured, needs="program")
def look(subject: Subject) -> Iterator[Problem]:
    program = subject.policy
    told: set[Span] = set()
    for node in parts((program.scores, program.bands, program.gates, program.decisions)):
        if not isinstance(node, ir.Compare) or node.sign not in ("==", "!=") or not own(subject, node.span):
            continue
        sides = (node.left, node.right)
        if node.span not in told and any(_is_computed(side) for side in sides):
            told.add(node.span)
            yield EqualityOfMeasured(span=node.span)


def _is_computed(side: ir.Expr) -> bool:
    return isinstance(side, ir.Call) and side.op in _ARITHMETIC and side.kind is ir.Kind.NUMBER
