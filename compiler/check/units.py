"""Units: the files that take part in a check, as the checker is given them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from ...dsl import tree
from ...dsl.source import Source, Span

ListFile: TypeAlias = Callable[[str], Source | str | None]
"""Gives the text of a list file by its name; or says in words why not; or None if there is none."""


@dataclass(frozen=True)
class Unit:
    """The policy, or a library. `name` is what `use` calls it, empty for a policy. `file` is None where nothing could
    be read; `incomplete` tells that something could not, `torn` in which declarations, and `broken_names` what that
    seems to declare."""

    name: str
    source: Source
    file: tree.File | None
    incomplete: bool
    torn: tuple[Span, ...]
    broken_names: frozenset[str]
    list_file: ListFile

    @property
    def uses(self) -> tuple[tree.Use, ...]:
        """The `use` lines."""
        lines = self.file.declarations if self.file is not None else ()
        return tuple(line for line in lines if isinstance(line, tree.Use))
