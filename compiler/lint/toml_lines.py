"""On which line of a TOML text a key stands: the standard library reads the values, and forgets where they were."""

from __future__ import annotations

import re
from collections.abc import Sequence

Path = tuple[str | int, ...]

_PART = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')"""
_DOTTED = rf"{_PART}(?:\s*\.\s*{_PART})*"
_TABLE = re.compile(rf"\s*(\[\[?)\s*({_DOTTED})\s*\]\]?")
_KEY = re.compile(rf"\s*({_DOTTED})\s*=")
_QUOTES = re.compile(r'"""|\'\'\'|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'|#[^\n]*|[\[\]{}]')


class Lines:
    """The lines of the keys in a text that tomllib has read. (A class, because it answers many questions about one
    text.)"""

    def __init__(self, text: str) -> None:
        self._rows = text.split("\n")
        self._at: dict[Path, tuple[int, int]] = {}
        """The first and the last line of each table's head and each key with its value."""
        self._read()

    def of(self, path: Sequence[str | int], word: str = "") -> int:
        """The line of a key, or of the nearest one above it that stands in the text; with `word`, the line of its value
        on which the word stands."""
        whole = tuple(path)
        for length in range(len(whole), 0, -1):
            if whole[:length] in self._at:
                first, last = self._at[whole[:length]]
                # What is deeper stands within the value: in an inline table, or in a list of several lines.
                inner = word or (str(whole[length]) if length < len(whole) else "")
                for number in range(first, last + 1):
                    if inner and re.search(rf"(?<![\w-]){re.escape(inner)}(?![\w-])", self._rows[number - 1]):
                        return number
                return first
        return 1

    def _read(self) -> None:
        table: Path = ()
        counts: dict[Path, int] = {}
        number = 0
        while number < len(self._rows):
            row = self._rows[number]
            number += 1
            head = _TABLE.match(row)
            if head is not None:
                table = _indexed(_parts(head[2]), counts)
                if head[1] == "[[":
                    counts[table] = counts.get(table, -1) + 1
                    self._at.setdefault(table, (number, number))
                    table = (*table, counts[table])
                self._at.setdefault(table, (number, number))
                continue
            key = _KEY.match(row)
            if key is not None:
                last = self._end(number, key.end())
                path = (*table, *_parts(key[1]))
                for length in range(len(table) + 1, len(path) + 1):
                    self._at.setdefault(path[:length], (number, last))
                number = last

    def _end(self, number: int, start: int) -> int:
        """The last line of the value that begins on a line."""
        depth, quotes = 0, ""
        while True:
            row = self._rows[number - 1]
            while True:
                if quotes:
                    close = row.find(quotes, start)
                    if close < 0:
                        break
                    start, quotes = close + 3, ""
                sign = _QUOTES.search(row, start)
                if sign is None:
                    break
                start = sign.end()
                if sign[0] in ('"""', "'''"):
                    quotes = sign[0]
                depth += (sign[0] in "[{") - (sign[0] in "]}")
            if (not quotes and depth <= 0) or number >= len(self._rows):
                return number
            number, start = number + 1, 0


def _parts(dotted: str) -> Path:
    return tuple(part.strip("\"'") for part in re.findall(_PART, dotted))


def _indexed(path: Path, counts: dict[Path, int]) -> Path:
    """A table below `[[list]]` belongs to the last member of the list."""
    found: Path = ()
    for part in path[:-1]:
        found = (*found, part)
        if found in counts:
            found = (*found, counts[found])
    return (*found, *path[-1:])
