"""What an expression reads: which fields, scores, bands, decisions and events."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from typing import Any

from ..dsl import ir
from ..dsl.source import Span


@dataclass(frozen=True, slots=True)
class Reads:
    """Names, each once, in the order in which they are met."""

    fields: tuple[str, ...]
    scores: tuple[str, ...]
    bands: tuple[str, ...]
    decisions: tuple[str, ...]
    events: tuple[str, ...]


def reads(part: Any) -> Reads:
    """What any part of a program reads: an expression, a trigger, a rule, a score."""
    names: dict[str, dict[str, None]] = {kind: {} for kind in ("fields", "scores", "bands", "decisions", "events")}
    for node in parts(part):
        match node:
            case ir.FieldOf(name=name):
                names["fields"][name] = None
            case ir.ScoreOf(name=name) | ir.LeadsOf(score=name):
                names["scores"][name] = None
            case ir.BandOf(name=name):
                names["bands"][name] = None
            case ir.DecisionOf(name=name):
                names["decisions"][name] = None
            case ir.Events(kinds=kinds):
                names["events"].update(dict.fromkeys(kinds))
            case _:
                pass
    return Reads(**{kind: tuple(found) for kind, found in names.items()})


def parts(part: Any) -> Iterator[Any]:
    """A part of a program and every part inside it, from the outside in, in the order of the text."""
    waiting = [part]
    while waiting:
        node = waiting.pop()
        if isinstance(node, tuple):
            waiting.extend(reversed(node))
        elif (names := _names_of_parts(node.__class__)) is not None:
            yield node
            waiting.extend(getattr(node, name) for name in names)


@cache
def _names_of_parts(kind: type) -> tuple[str, ...] | None:
    """The last one first; None where the kind is no part of a program."""
    if not is_dataclass(kind) or kind is Span:
        return None
    return tuple(field.name for field in reversed(fields(kind)) if field.name != "span")


def declared_scores(program: ir.Program) -> list[ir.Score]:
    """A program's scores in the order of the text."""
    by_name = {score.name: score for score in program.scores}
    return [by_name[name] for name in program.declared_scores]
