"""Texts that a policy tells apart: for the tests it makes on one text, a sample of every combination that can occur.

A policy cuts the infinite set of texts by its own tests: `is`, `in`, `contains`, `starts with`, `ends with` and
`has word`. Which combinations of them a text can have follows from the needles alone: a text that ends with ".mit.edu"
ends with ".edu"; one that starts with "a" does not start with "b"; what it contains can be put together at will.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from ...dsl import ir, semantics, values

MOST_TESTS = 9
"""With more tests than this on one text, their combinations are too many to be looked at one by one."""

PADDING = "q"
"""Stands where a sample text has to go on with something that no test looks for."""


@dataclass(frozen=True)
class Pattern:
    """One test by needles. As in `ir.TextTest`: one of them must fit, or (`every`) all of them."""

    op: ir.TextOp
    needles: tuple[str, ...]
    every: bool

    def fits(self, text: str) -> bool:
        item: object = text.split(";") if self.op is ir.TextOp.HAS else text
        return semantics.text_fits(self.op, item, self.needles, self.every)


def samples(literals: Sequence[str], patterns: Sequence[Pattern]) -> list[str] | None:
    """Texts (folded) such that every combination of answers that any text can give is given by one of them: to
    equality with each literal, and to each pattern. None where that cannot be guaranteed."""
    tests = list(dict.fromkeys(patterns))
    if len(tests) > MOST_TESTS or any(test.op in (ir.TextOp.LIKE, ir.TextOp.HAS) for test in tests):
        return None
    known = frozenset(literals)
    found = list(dict.fromkeys(literals))
    for answers in product((False, True), repeat=len(tests)):
        wanted = [test for test, yes in zip(tests, answers, strict=True) if yes]
        unwanted = [test for test, yes in zip(tests, answers, strict=True) if not yes]
        if _contradict(wanted, unwanted):
            continue
        text = next(
            (
                text
                for text in _texts(wanted, unwanted)
                if text not in known and all(test.fits(text) is yes for test, yes in zip(tests, answers, strict=True))
            ),
            None,
        )
        if text is None:
            return None
        found.append(text)
    return found


# ------------------------------------------------------------------ what follows from needles


def _implies(op: ir.TextOp, needle: str, other: ir.TextOp, sought: str) -> bool:
    """Whether a text that fits the first needle fits the second whatever else it holds."""
    plain = needle.strip(" ") if op is ir.TextOp.HAS_WORD else needle
    match other:
        case ir.TextOp.CONTAINS:
            return sought in plain
        case ir.TextOp.STARTS_WITH:
            return op is ir.TextOp.STARTS_WITH and plain.startswith(sought)
        case ir.TextOp.ENDS_WITH:
            return op is ir.TextOp.ENDS_WITH and plain.endswith(sought)
        case ir.TextOp.HAS_WORD:
            return op is ir.TextOp.HAS_WORD and sought in needle
        case _:
            return False


def _follows(op: ir.TextOp, needle: str, other: Pattern) -> bool:
    every = all if other.every else any
    return every(_implies(op, needle, other.op, sought) for sought in other.needles)


def _contradict(wanted: Sequence[Pattern], unwanted: Sequence[Pattern]) -> bool:
    """Whether no text can fit all of `wanted` and none of `unwanted`: a wanted pattern has no needle left that does not
    bring an unwanted one along, or two beginnings (endings) never go together."""
    for test in wanted:
        if test.every:
            if any(_follows(test.op, needle, other) for needle in test.needles for other in unwanted):
                return True
        elif all(any(_follows(test.op, needle, other) for other in unwanted) for needle in test.needles):
            return True
    for op, fits in ((ir.TextOp.STARTS_WITH, str.startswith), (ir.TextOp.ENDS_WITH, str.endswith)):
        sides = [test for test in wanted if test.op is op]
        for at, test in enumerate(sides):
            for other in sides[at + 1 :]:
                if not _together(test, other, fits):
                    return True
    return False


def _together(test: Pattern, other: Pattern, fits: Callable[[str, str], bool]) -> bool:
    some = all if test.every else any
    others = all if other.every else any
    return some(others(fits(a, b) or fits(b, a) for b in other.needles) for a in test.needles)


# ------------------------------------------------------------------ putting a text together


def _texts(wanted: Sequence[Pattern], unwanted: Sequence[Pattern]) -> Iterator[str]:
    """Attempts at a text that fits the wanted patterns and none of the others, plainest first."""
    beginnings = _options(wanted, unwanted, ir.TextOp.STARTS_WITH)
    endings = _options(wanted, unwanted, ir.TextOp.ENDS_WITH)
    middles = [list(_choices(test, unwanted)) for test in wanted if test.op in (ir.TextOp.CONTAINS, ir.TextOp.HAS_WORD)]
    for start, end in product(beginnings, endings):
        for picked in _picks(middles):
            parts = [part.strip(" ") for part in dict.fromkeys(part for words in picked for part in words)]
            for text in (
                " ".join([start, *parts, end]),
                f"{start}{PADDING} " + " ".join(parts) + f" {PADDING}{end}",
                start + "".join(f"{PADDING}{part}{PADDING}" for part in parts) + end,
                start + end,
            ):
                if trimmed := values.trimmed(" ".join(text.split()) if text != start + end else text):
                    yield trimmed
    if not wanted:
        yield from (PADDING, PADDING * 3, "zzz", "xyz 7", "k")


def _picks(middles: Sequence[Sequence[tuple[str, ...]]]) -> Iterator[tuple[tuple[str, ...], ...]]:
    """One choice of needles for each pattern: the first of each, then others, not without end."""
    for number, picked in enumerate(product(*middles)):
        if number >= 40:
            return
        yield picked


def _choices(test: Pattern, unwanted: Sequence[Pattern]) -> list[tuple[str, ...]]:
    """The needles that a text may hold for this pattern without bringing an unwanted one along."""
    if test.every:
        return [test.needles]
    kept: list[tuple[str, ...]] = [
        (needle,) for needle in test.needles if not any(_follows(test.op, needle, other) for other in unwanted)
    ]
    return sorted(kept, key=lambda words: len(words[0]))[:12]


def _options(wanted: Sequence[Pattern], unwanted: Sequence[Pattern], op: ir.TextOp) -> list[str]:
    """Beginnings (endings) that fit every wanted pattern of that kind."""
    tests = [test for test in wanted if test.op is op]
    if not tests:
        return [""]
    needles = sorted(
        {needle for test in tests for words in _choices(test, unwanted) for needle in words}, key=len, reverse=True
    )
    return [needle for needle in needles if all(test.fits(needle) for test in tests)][:12]
