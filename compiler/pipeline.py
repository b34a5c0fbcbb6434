"""Source -> Analysis: the stages from a text to a checked program, in their order."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from ..dsl import ir
from ..dsl.problems import Problem, Severity
from ..dsl.source import Source
from .check.policy import check
from .check.units import ListFile
from .imports import load
from .parse import Parsed, parse
from .standard import Library, is_shipped, standard_first, standard_list
from .version import with_fingerprint


@dataclass(frozen=True)
class Analysis:
    """All that is known about a source. `program` is None where an error stands in the way, and for a library.
    `sources` are all texts that take part, by name; `parsed` is None only for a file that could not be read."""

    source: Source
    sources: Mapping[str, Source]
    parsed: Parsed | None
    program: ir.Program | None
    problems: tuple[Problem, ...]


def analyze(source: Source, library: Library, list_file: ListFile) -> Analysis:
    """Reads and checks a policy or a library. Never raises for what an author wrote."""
    return analyze_with(source, standard_first(library), lambda name: standard_list if is_shipped(name) else list_file)


def analyze_with(source: Source, library: Library, list_files: Callable[[str], ListFile]) -> Analysis:
    """The same where the caller says what a shipped library is: `library` gives those called `std.*`, too, and
    `list_files` the reader of the list files of each library, by its name, or of the policy, by an empty one."""
    parsed = parse(source)
    loaded = load(source, parsed, library, list_files)
    checked = check(loaded.main, loaded.libraries)
    found = _without_echoes(parsed.problems, checked.problems)
    problems = in_order((*parsed.problems, *loaded.problems, *found), source)
    sound = not any(problem.severity is Severity.ERROR for problem in problems)
    program = with_fingerprint(checked.program) if sound and checked.program is not None else None
    return Analysis(source, checked.sources, parsed, program, problems)


def _without_echoes(causes: tuple[Problem, ...], found: tuple[Problem, ...]) -> Iterator[Problem]:
    """What the checker found, but for what holds a place where the text itself could not be read: there the parser has
    put something else, which may be wrong in its own way."""
    places = sorted(cause.span for cause in causes if cause.severity is Severity.ERROR)
    starts = [place.start for place in places]
    for problem in found:
        span = problem.span
        next_place = bisect_left(starts, span.start)
        if next_place == len(places) or places[next_place].end > span.end or places[next_place].source != span.source:
            yield problem


def in_order(problems: Iterable[Problem], source: Source) -> tuple[Problem, ...]:
    """Problems by place: those of the file itself first, then those of its libraries."""
    return tuple(sorted(problems, key=lambda p: (p.span.source != source.name, p.span, p.code)))


def no_library(name: str) -> None:
    """For a text that stands nowhere: it has the shipped libraries only."""


def no_list_file(name: str) -> None:
    """For a text that stands nowhere: it has no list files."""


def analyze_text(text: str, name: str = "policy.score") -> Analysis:
    """Reads and checks a text by itself, with the shipped libraries."""
    return analyze(Source(name, text), no_library, no_list_file)
