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


def rewritten(part: T, change: Callable[[ir.Expr], ir.Expr]) -> T:
    """The same with every expression changed, the innermost first."""
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
        return change(made) if isinstance(made, ir.Node) else made  # type: ignore[arg-type, return-value]
    if isinstance(part, tuple):
        items = [rewritten(item, change) for item in part]
        if any(after is not before for before, after in zip(part, items, strict=True)):
            made = tuple(items)
    return made  # type: ignore[no-any-return]


def with_field(program: ir.Program, name: str, other: str) -> ir.Program:
    """The program with a field of the lead under another name, wherever it is read."""

    def renamed(expr: ir.Expr) -> ir.Expr:
        return replace(expr, name=other) if isinstance(expr, ir.FieldOf) and expr.name == name else expr

    return rewritten(replace(program, tests=(), promises=()), renamed)
