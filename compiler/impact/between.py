"""What a report asks of others: versions between the old and the new one, and proofs about cells without leads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from ...dsl import ir
from ..analysis.answers import Answer, Impossible, Possible, Undecided
from ..analysis.claims import Claim, Was, band_is, both, outcome_is
from ..reading import reads
from .figures import Standing
from .measure import Edit, Prove

Change = TypeVar("Change")


def single_edits(
    changes: Sequence[Change], words: Callable[[Change], str], apply: Callable[[Sequence[Change]], ir.Program]
) -> tuple[Edit, ...]:
    """For each of the changes between two versions, the old one with it alone, and the new one without it. `apply`
    makes the version that has some of the changes."""
    found: list[Edit] = []
    for at, change in enumerate(changes):
        others = [*changes[:at], *changes[at + 1 :]]
        alone, without = (_whole(apply(some)) for some in ([change], others))
        found.append(Edit(words(change), alone, without))
    return tuple(found)


def _whole(program: ir.Program) -> ir.Program | None:
    """The program, if it has all that it reads: a rule of a new field makes no version without the field."""
    lead = (program.scores, program.bands, program.gates, program.decisions)
    read = reads(lead)
    grids = [row for decision in program.decisions for row in decision.rows if isinstance(row, ir.Grid)]
    bands = {*read.bands, *(name for grid in grids for name in (grid.by_rows, grid.by_columns))}
    scores = {*read.scores, *(band.score for band in program.bands)}
    has = (
        {*read.fields} <= {one.name for one in program.fields}
        and {*read.events} <= {one.name for one in program.events}
        and scores <= {*program.declared_scores}
        and bands <= {band.name for band in program.bands}
        and {*read.decisions} <= {*program.declared_decisions}
    )
    return program if has else None


class Study(Protocol):
    """What `compiler.analysis` knows of two versions."""

    def can_be(self, claim: Claim, /) -> Answer: ...


def prover(study: Study) -> Prove:
    """Asks the analysis whether any lead can go from one label to another."""

    def prove(what: str, name: str, old: str, new: str) -> Standing:
        is_one = band_is if what == "band" else outcome_is
        match study.can_be(both(Was(is_one(name, old)), is_one(name, new))):
            case Impossible():
                return Standing.IMPOSSIBLE
            case Possible():
                return Standing.POSSIBLE
            case Undecided():
                return Standing.UNDECIDED

    return prove
