"""Programs read and changed through all their parts, whatever these are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from ...dsl import ir
from ..reading import parts

T = TypeVar("T")


def nodes(part: Any) -> Iterator[ir.Expr]:
    """Every expression inside a program or a part of one, those inside filters of events too."""
    return (node for node in parts(part) if isinstance(node, ir.Node))  # type: ignore[misc]


def rewritten(part: T, change: Callable[[Any], Any]) -> T:
    """The same with every part changed, the innermost first. What `change` leaves as it is stays the same object."""
    made: Any = part
    if is_dataclass(part) and not isinstance(part, type):
        changed = {}
        for one in fields(part):
            if one.init and one.name != "span":
                before = getattr(part, one.name)
                after = rewritten(before, change)
                if after is not before:
                    changed[one.name] = after
        made = replace(part, **changed) if changed else part
        return change(made)  # type: ignore[no-any-return]
    if isinstance(part, tuple):
        items = [rewritten(item, change) for item in part]
        if any(after is not before for before, after in zip(part, items, strict=True)):
            made = tuple(items)
    return made  # type: ignore[no-any-return]


def with_field(program: ir.Program, name: str, other: str) -> ir.Program:
    """The program with a field of the lead under another name, wherever it is read."""

    def renamed(node: Any) -> Any:
        return replace(node, name=other) if isinstance(node, ir.FieldOf) and node.name == name else node

    return rewritten(replace(program, tests=(), promises=()), renamed)
