"""A text and places in it: the one `Source` and the one `Span` that every stage shares."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Source:
    """A text with the name that messages show for it. Never a path: a test, an editor and the command line are
    equal."""

    name: str
    text: str
    _starts: list[int] = field(init=False, repr=False, compare=False, default_factory=list)

    def __post_init__(self) -> None:
        # Lines end at LF only: str.splitlines also splits at U+2028 and vertical tab, and would misnumber lines.
        starts = self._starts
        starts.append(0)
        at = self.text.find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = self.text.find("\n", at + 1)

    def position(self, offset: int) -> tuple[int, int]:
        """(line, column) of an offset, both counted from 1, columns in characters."""
        line = bisect_right(self._starts, offset) - 1
        return line + 1, offset - self._starts[line] + 1

    def line(self, number: int) -> str:
        """The text of a line (counted from 1) without its line end."""
        start = self._starts[number - 1]
        end = self._starts[number] - 1 if number < len(self._starts) else len(self.text)
        return self.text[start:end].removesuffix("\r")


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Half-open character offsets `[start, end)` into the source called `source`."""

    start: int
    end: int
    source: str = ""

    def to(self, other: Span) -> Span:
        """From the start of this span to the end of another in the same source."""
        return Span(self.start, other.end, self.source)


NOWHERE = Span(0, 0, "")
