"""Answers to a question about every possible lead: yes with a lead to look at, no with a proof, or not decided."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import TypeAlias

from ...dsl import ir
from ...dsl.frozen import frozen
from ...dsl.values import DAY


class Method(Enum):
    """What gave the answer, cheapest first."""

    FORM = "form"
    """the text of the rules alone, without looking at values"""
    RANGES = "ranges"
    """the smallest and largest value of everything (interval arithmetic)"""
    CELLS = "cells"
    """every field cut where the policy cuts it, and all combinations that matter counted through"""
    SEARCH = "search"
    """leads that were tried"""
    SOLVER = "solver"
    """an integer solver (`pip install scorec[prove]`)"""


@frozen
class Witness:
    """A lead with its events at an instant: clean facts, with every declared field (None: missing)."""

    lead: Mapping[str, ir.Value]
    events: tuple[ir.Happening, ...]
    at: int


@frozen
class Possible:
    """There is such a lead. The reference meaning was asked about the witness before it was given."""

    witness: Witness
    method: Method


@frozen
class Impossible:
    """No lead can be so: proved. `exact` is False where the proof leaves room that no lead can use, as between the
    bounds of a decayed sum; the proof is as good, but its failing would have said nothing."""

    method: Method
    exact: bool


@frozen
class Undecided:
    """Neither proved nor found within the budget; `why` says what stood in the way."""

    why: str


Answer: TypeAlias = Possible | Impossible | Undecided


@frozen
class Range:
    """Bounds of a score in ticks: no lead is beyond them. `exact`: both ends are reached by some lead."""

    low: int
    high: int
    exact: bool


def usual(declared: ir.Field, at: int) -> ir.Value:
    """A value for a field that must have one, where nothing depends on which."""
    match declared.kind:
        case ir.Kind.NUMBER:
            return 1.0
        case ir.Kind.FLAG:
            return False
        case ir.Kind.DATE | ir.Kind.TIME:
            return at // DAY * DAY
        case ir.Kind.TEXTS:
            return ("x",)
        case _ if declared.values:
            return declared.values[0]
        case _:
            return "ann@company.example" if "mail" in declared.name else "x"
