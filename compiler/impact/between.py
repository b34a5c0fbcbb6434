"""What a report asks of others: versions between the old and the new one, and proofs about cells without leads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol, TypeVar

from ...dsl import ir
from ..analysis.answers import Answer, Impossible, Possible, Undecided
from ..analysis.claims import Claim, Was, band_is, both, outcome_is
from ..version import fingerprint
from .figures import Standing
from .measure import Edit, Prove

if TYPE_CHECKING:
    from ..diff.changes import Comparison

Change = TypeVar("Change")


def edits_of(comparison: Comparison) -> tuple[Edit, ...]:
    """The changes that a comparison has found, one by one; those that can change no result are left out."""
    from ..diff.changes import apply

    changes = [change for change in comparison.changes if change.edits]
    found = single_edits(changes, lambda change: change.words, lambda some: apply(comparison, some))
    old, new = fingerprint(comparison.old), fingerprint(comparison.renamed)
    return tuple(one for one in found if not (_means(one.alone, old) and _means(one.without, new)))


def _means(program: ir.Program | None, meaning: str) -> bool:
    return program is not None and fingerprint(program) == meaning


def single_edits(
    changes: Sequence[Change],
    words: Callable[[Change], str],
    apply: Callable[[Sequence[Change]], ir.Program | None],
) -> tuple[Edit, ...]:
    """For each of the changes between two versions, the old one with it alone, and the new one without it. `apply`
    makes the version that has some of the changes, or none if that is no policy."""
    found: list[Edit] = []
    for at, change in enumerate(changes):
        others = [*changes[:at], *changes[at + 1 :]]
        found.append(Edit(words(change), apply([change]), apply(others)))
    return tuple(found)


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
