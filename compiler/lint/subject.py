"""What a rule looks at: a checked file, and what is worked out about it when the first rule asks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from ...dsl import ir, tree
from ...dsl.source import Source, Span
from ..pipeline import Analysis
from ..reading import parts
from .settings import DEFAULT, Settings

if TYPE_CHECKING:
    from ..analysis.study import Study
    from ..testing import TestRun
    from .inquiry import Inquiry

N = TypeVar("N")


@dataclass(frozen=True)
class Subject:
    """A file without errors. `file` is what was written, `program` what it means (None for a library)."""

    analysis: Analysis
    file: tree.File
    settings: Settings = DEFAULT

    @property
    def source(self) -> Source:
        return self.analysis.source

    @property
    def program(self) -> ir.Program | None:
        return self.analysis.program

    @property
    def policy(self) -> ir.Program:
        """The program, for rules that need one."""
        assert self.analysis.program is not None
        return self.analysis.program

    @cached_property
    def study(self) -> Study:
        """What every possible lead can get."""
        from ..analysis.study import study

        return study(self.policy)

    @cached_property
    def inquiry(self) -> Inquiry:
        """Questions about every possible lead, within what a check may take."""
        from .inquiry import SECONDS, Inquiry

        return Inquiry(self.policy, self.settings[SECONDS])

    @cached_property
    def tests(self) -> TestRun:
        """How the policy's tests went, and what none of them touches."""
        from ..testing import run_tests

        return run_tests(self.policy, self.analysis.sources)

    def written(self, kind: type[N]) -> Iterator[N]:
        """Everything of a kind in the file, in the order of the text: `subject.written(tree.Rule)`."""
        return iter(self._by_kind.get(kind, ()))

    @cached_property
    def _by_kind(self) -> Mapping[type, list[Any]]:
        # Nearly every rule asks for a kind or two: the file is walked once for all of them.
        found: dict[type, list[Any]] = {}
        for node in parts(self.file):
            found.setdefault(type(node), []).append(node)
        return found

    def text_of(self, span: Span) -> str:
        """What stands at a place."""
        source = self.source if span.source == self.source.name else self.analysis.sources[span.source]
        return source.text[span.start : span.end]
