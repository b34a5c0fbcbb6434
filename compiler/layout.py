"""Source -> statements: lines, indentation, comments, and every character that has no place in a policy.

A statement is a line, or several while a bracket is open. What this stage finds fault with, it mends in the copy that
it hands on (a look-alike letter becomes the letter it looks like), so that one mistake is told once.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from ..dsl.problems import Fix, Problem
from ..dsl.source import Source, Span
from .syntax_problems import (
    ConfusableName,
    ControlCharacter,
    EmptyFile,
    FileTooLarge,
    ForeignCharacter,
    LoneCarriageReturn,
    MalformedNumber,
    NestedTooDeep,
    TabCharacter,
    UnclosedBracket,
    UnclosedText,
    UnreadableFile,
)

MAX_BYTES = 10_000_000
MAX_LINES = 100_000
MAX_DEPTH = 100
TAB_WIDTH = 2


@dataclass(frozen=True, slots=True)
class Comment:
    """`# why`: its text from the `#` on; `own_line` tells that nothing stands before it on its line."""

    text: str
    own_line: bool
    span: Span


@dataclass(slots=True)
class Statement:
    """A line of the policy, or several while a bracket is open: the text in `[start, end)`.

    `told` means that what is wrong with it has been reported already.
    """

    start: int
    end: int
    indent: int
    told: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """`text` is as long as the source's, with all that has been reported mended. `tabs` tells that the indentation
    cannot be trusted."""

    text: str
    statements: list[Statement]
    comments: list[Comment]
    problems: list[Problem]
    tabs: bool = False


def decode(name: str, data: bytes) -> Source | tuple[Problem, ...]:
    """The text of a file: UTF-8, a byte order mark is skipped."""
    if len(data) > MAX_BYTES:
        return (_too_large(name, len(data)),)
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return (UnreadableFile(reason="it is saved as UTF-16", span=Span(0, 0, name)),)
    if b"\0" in data:
        return (UnreadableFile(reason="it holds bytes that no text has", span=Span(0, 0, name)),)
    try:
        return Source(name, data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        reason = f"line {line} holds the byte 0x{data[error.start]:02X}, which is not UTF-8"
        return (UnreadableFile(reason=reason, span=Span(0, 0, name)),)


def lay_out(source: Source) -> Layout:
    """Splits a text into statements and comments. Statements are empty where the text cannot be read at all."""
    text = source.text
    for problem in _unreadable(source):
        return Layout(text, [], [], [problem])
    if not _CONTROL.search(text):
        return _Reader(source, text).read()
    reader = _Reader(source, _CONTROL.sub(" ", text))
    reader.control_characters()
    return reader.read()


# ------------------------------------------------------------------ the text as a whole

_CONTROL = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]")
_LONE_RETURN = re.compile(r"\r(?!\n)")
_THOUSANDS = re.compile(r"(?<![\w.,])\d{1,3}(?:,\d{3})+(?!\w)")
_SHORT_DATE = re.compile(r"(?<![\w.-])(?:19|20)\d\d-(?!\d\d-\d\d(?!\d))\d{1,2}-\d{1,2}(?![\w-])")


def _unreadable(source: Source) -> tuple[Problem, ...]:
    """What makes a text unfit to be read any further."""
    text, name = source.text, source.name
    if len(text) > MAX_BYTES:
        return (_too_large(name, len(text)),)
    lines = text.count("\n") + 1
    if lines > MAX_LINES + 1:
        return (FileTooLarge(size=f"{lines:,} lines", limit=f"{MAX_LINES:,} lines", span=Span(0, 0, name)),)
    nul = text.find("\0")
    if nul >= 0:
        span = Span(nul, nul + 1, name)
        return (UnreadableFile(reason="it holds characters that no text has", span=span, label="the first of them"),)
    lone = _LONE_RETURN.search(text) if "\r" in text else None
    if lone:
        return (LoneCarriageReturn(span=Span(lone.start(), lone.end(), name), label="here"),)
    return ()


def _too_large(name: str, size: int) -> Problem:
    return FileTooLarge(size=f"{size / 1e6:,.1f} MB", limit=f"{MAX_BYTES // 10**6} MB", span=Span(0, 0, name))


# ------------------------------------------------------------------ character by character

_LOOK = re.compile(r'"[^"\\\n]*(?:\\.[^"\\\n]*)*("?)|#[^\n]*|[()]|\n[ \t]*|\t+|[^\x00-\x7f]')
_TEXT_OR_COMMENT = re.compile(r'"[^"\\\n]*(?:\\.[^"\\\n]*)*"?|#[^\n]*')
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_INVISIBLE = frozenset("\u00ad\u180e\u200b\u200c\u200d\u2060\ufeff")
_QUOTED = re.compile('[“”„‟«»‹›][^“”„‟«»‹›"\n]*[“”‟«»‹›"]')
_QUOTES = frozenset("“”„‟«»‹›‘’‚")

_NO_STAND_IN = frozenset("≠…\u2028\u2029\x85") | _INVISIBLE
"""Characters that leave a hole in their statement."""

_SIGNS = {
    "≥": (">=", ">"),
    "≤": ("<=", "<"),
    "≠": ("is not", " "),
    "–": ("-", "-"),
    "—": ("-", "-"),
    "−": ("-", "-"),
    "‐": ("-", "-"),
    "‑": ("-", "-"),
    "×": ("*", "*"),
    "·": ("*", "*"),
    "÷": ("/", "/"),
    "…": ("...", " "),
    "，": (",", ","),
    "（": ("(", "("),
    "）": (")", ")"),
    "％": ("%", "%"),
    "：": (":", ":"),
    "＝": ("=", "="),
}
"""A sign that a word processor makes: what to write instead, and a stand-in of one character."""

_LOOK_ALIKES = dict(
    zip(
        "АВЕЅІЈКМНОРСТХУаеорсухіјѕԁԛԝһӏΑΒΕΖΗΙΚΜΝΟΡΤΥΧοανıɡ",
        "ABESIJKMHOPCTXYaeopcyxijsdqwhlABEZHIKMNOPTYXoavig",
        strict=True,
    )
)
"""Letters of other alphabets that print like Latin ones."""


class _Reader:
    """Goes through a text once. (A class, because one pass gathers five things.)"""

    def __init__(self, source: Source, text: str) -> None:
        self.source = source
        self.text = text
        self.problems: list[Problem] = []
        self.comments: list[Comment] = []
        self.statements: list[Statement] = []
        self.mended: dict[int, str] = {}
        self.tabs: list[tuple[int, int]] = []
        self.told_words: set[str] = set()

    def read(self) -> Layout:
        text, name = self.text, self.source.name
        size = len(text)
        look = _LOOK.search
        opened: list[int] = []
        statement: Statement | None = None
        # `words` is where the text that no comment has cut off begins, on the present line.
        words = at = 1 if text.startswith("\ufeff") else 0
        indent, at = self._indentation(at)
        if at < size and text[at] not in "#\r\n":
            statement = Statement(at, at, indent)
        while found := look(text, at):
            start, at = found.span()
            first = text[start]
            if first == "\n":
                if statement is not None:
                    _extend(statement, text, words, start)
                words = start + 1
                indent, at = self._indentation(words)
                following = text[at : at + 1]
                if following in ("", "\n", "#", "\r"):
                    continue
                if opened and statement is not None and _goes_on(following, indent, statement):
                    continue
                self._finish(statement, opened)
                statement = Statement(at, at, indent)
            elif first == '"':
                if not found[1]:
                    self._unclosed_text(start, at, statement)
                elif not found[0].isascii():
                    self._bidi(start, at)
            elif first == "#":
                if statement is not None:
                    _extend(statement, text, words, start)
                own = not text[words:start].strip()
                shown = found[0].rstrip()
                self.comments.append(Comment(shown, own, Span(start, start + len(shown), name)))
                if not shown.isascii():
                    self._bidi(start, at)
                words = at
            elif first == "(":
                opened.append(start)
                if len(opened) == MAX_DEPTH + 1 and statement is not None and not statement.told:
                    statement.told = True
                    deep = Span(start, at, name)
                    self.problems.append(NestedTooDeep(limit=MAX_DEPTH, span=deep, label="one bracket too many"))
            elif first == ")":
                if opened:
                    opened.pop()
            elif first == "\t":
                self.tabs.append((start, at))
                for offset in range(start, at):
                    self.mended[offset] = " "
            else:
                at = self._foreign(start, statement)
        if statement is not None:
            _extend(statement, text, words, size)
        self._finish(statement, opened)
        self._thousands()
        self._short_dates()
        self._report_tabs()
        if not self.statements and not self.problems:
            self.problems.append(EmptyFile(only_comments=bool(self.comments), span=Span(0, 0, name)))
        self.problems.sort(key=lambda problem: problem.span)
        return Layout(self._mended_text(), self.statements, self.comments, self.problems, bool(self.tabs))

    # -------------------------------------------------------------- lines

    def _indentation(self, at: int) -> tuple[int, int]:
        """The width of the blanks at the beginning of a line, and where they end."""
        text, size, begin = self.text, len(self.text), at
        while at < size and text[at] == " ":
            at += 1
        width = at - begin
        if at < size and text[at] == "\t":
            while at < size and text[at] in " \t":
                width += TAB_WIDTH if text[at] == "\t" else 1
                at += 1
            # A line of blanks alone is an empty line, whatever the blanks are.
            if text[at : at + 1] not in ("", "\n", "\r"):
                self.tabs.append((begin, at))
                for offset in range(begin, at):
                    self.mended[offset] = " "
        return width, at

    def _finish(self, statement: Statement | None, opened: list[int]) -> None:
        if statement is None:
            return
        if opened and not statement.told:
            statement.told = True
            at = Span(opened[-1], opened[-1] + 1, self.source.name)
            self.problems.append(UnclosedBracket(span=at, label="opened here"))
        opened.clear()
        self.statements.append(statement)

    def _mended_text(self) -> str:
        if not self.mended:
            return self.text
        letters = list(self.text)
        for offset, letter in self.mended.items():
            letters[offset] = letter
        return "".join(letters)

    # -------------------------------------------------------------- what has no place in a policy

    def control_characters(self) -> None:
        found = _CONTROL.search(self.source.text)
        if found:
            span = Span(found.start(), found.end(), self.source.name)
            self.problems.append(
                ControlCharacter(
                    number=ord(found[0]), span=span, label="here", fix=Fix("write a blank", span, " ", safe=True)
                )
            )

    def _report_tabs(self) -> None:
        if not self.tabs:
            return
        name, text = self.source.name, self.source.text
        begin, end = self.tabs[0][0], self.tabs[-1][1]
        parts: list[str] = []
        last = begin
        for start, stop in self.tabs:
            leading = start == 0 or text[start - 1] == "\n"
            blanks = " " * TAB_WIDTH if leading else " "
            parts += [text[last:start], text[start:stop].replace("\t", blanks) if leading else " "]
            last = stop
        fix = Fix("replace the tabs by blanks", Span(begin, end, name), "".join(parts), safe=True)
        first = Span(*self.tabs[0], name)
        self.problems.append(TabCharacter(count=len(self.tabs), span=first, label="a tab", fix=fix))

    def _unclosed_text(self, start: int, end: int, statement: Statement | None) -> None:
        if statement is not None:
            if statement.told:
                return
            statement.told = True
        end = start + len(self.text[start:end].rstrip())
        self.problems.append(UnclosedText(span=Span(start, end, self.source.name), label="begins here, and never ends"))

    def _thousands(self) -> None:
        """`1,000` is one number to its author and two to a reader of lists; nobody may have to guess."""
        for found, statement in self._numbers(_THOUSANDS):
            plain = found[0].replace(",", "")
            several = found[0].count(",") + 1
            self._malformed(
                found,
                statement,
                f"write `{plain}` or `{found[0].replace(',', '_')}`; if you mean {several} numbers, put a blank after "
                "each comma",
                "one number, or several?",
            )

    def _short_dates(self) -> None:
        """`2026-3-1` would be a subtraction."""
        for found, statement in self._numbers(_SHORT_DATE):
            year, month, day = found[0].split("-")
            self._malformed(
                found,
                statement,
                f"write the date with two digits for month and day: `{year}-{month:0>2}-{day:0>2}`",
                "a date, or a subtraction?",
            )

    def _numbers(self, pattern: re.Pattern[str]) -> Iterator[tuple[re.Match[str], Statement]]:
        """What a pattern finds in statements, outside of texts and comments."""
        begins: list[int] = []
        for found in pattern.finditer(self.text):
            begins = begins or [statement.start for statement in self.statements]
            index = bisect_right(begins, found.start()) - 1
            if index < 0 or found.start() >= self.statements[index].end:
                continue
            statement = self.statements[index]
            if not statement.told and _outside_texts(self.text, statement, found.start()):
                yield found, statement

    def _malformed(self, found: re.Match[str], statement: Statement, advice: str, label: str) -> None:
        statement.told = True
        span = Span(found.start(), found.end(), self.source.name)
        self.problems.append(MalformedNumber(written=found[0], advice=advice, span=span, label=label))

    def _bidi(self, start: int, end: int) -> None:
        found = _BIDI.search(self.text, start, end)
        if found:
            self._confusable(found.start(), found.end(), found[0], None)
            for offset in range(start, end):
                if _BIDI.match(self.text, offset):
                    self.mended[offset] = " "

    def _foreign(self, start: int, statement: Statement | None) -> int:
        """A character outside of texts and comments that is not ASCII; gives where to read on."""
        if statement is not None and (self.text[start] in _NO_STAND_IN or not _can_stand(self.text[start])):
            statement.told = True
        text, name = self.text, self.source.name
        letter = text[start]
        quoted = _QUOTED.match(text, start)
        if quoted:
            end = quoted.end()
            span = Span(start, end, name)
            inner = quoted[0][1:-1]
            fix = Fix("use straight quotes", span, f'"{inner}"', safe=True)
            self.problems.append(
                ForeignCharacter(
                    character=letter, instead='"', span=span, label='texts stand in straight quotes: "..."', fix=fix
                )
            )
            self.mended[start] = self.mended[end - 1] = '"'
            return end
        if letter in _SIGNS or letter.isspace() or letter in _QUOTES:
            instead, stand_in = _SIGNS.get(letter, ('"', '"') if letter in _QUOTES else (" ", " "))
            span = Span(start, start + 1, name)
            fix = Fix(f"write `{instead}`" if instead.strip() else "write a blank", span, instead, safe=True)
            self.problems.append(ForeignCharacter(character=letter, instead=instead, span=span, label="here", fix=fix))
            self.mended[start] = stand_in
            return start + 1
        begin, end = start, start + 1
        while begin > 0 and _in_word(text[begin - 1]):
            begin -= 1
        while end < len(text) and _in_word(text[end]):
            end += 1
        self._foreign_word(begin, end)
        return end

    def _foreign_word(self, begin: int, end: int) -> None:
        """A name with letters that names cannot have."""
        word = self.text[begin:end]
        odd = [letter for letter in word if not letter.isascii()]
        for offset in range(begin, end):
            letter = self.text[offset]
            if not letter.isascii():
                self.mended[offset] = _LOOK_ALIKES.get(letter, "_" if letter.isalnum() else " ")
        if all(letter in _LOOK_ALIKES or letter in _INVISIBLE or _BIDI.match(letter) for letter in odd):
            self._confusable(begin, end, odd[0], "".join(_plain(letter) for letter in word))
        elif word not in self.told_words:
            self.told_words.add(word)
            span = Span(begin, end, self.source.name)
            self.problems.append(ForeignCharacter(character=odd[0], instead="", span=span, label="here"))

    def _confusable(self, begin: int, end: int, letter: str, mended: str | None) -> None:
        span = Span(begin, end, self.source.name)
        fix = Fix(f"write `{mended}`", span, mended, safe=True) if mended else None
        self.problems.append(
            ConfusableName(
                word=self.text[begin:end],
                character=letter,
                looks_like=_LOOK_ALIKES.get(letter, ""),
                span=span,
                label="looks the same, and is not",
                fix=fix,
            )
            if letter in _LOOK_ALIKES
            else ConfusableName(
                word="", character=letter, looks_like="", span=span, label="an invisible character is in here", fix=fix
            )
        )


def _extend(statement: Statement, text: str, start: int, end: int) -> None:
    """A statement ends with the last thing that is no comment and no blank."""
    kept = text[start:end].rstrip()
    if kept:
        statement.end = max(statement.start, start + len(kept))


def _goes_on(following: str, indent: int, statement: Statement) -> bool:
    """Whether a line belongs to the open bracket of the statement above it.

    Deeper lines do. At the statement's own indentation only what cannot begin a statement does: so a bracket that
    somebody forgot to close does not swallow the rest of the file.
    """
    return indent > statement.indent or not (following.isalpha() or following in "_+-|")


def _in_word(letter: str) -> bool:
    return (
        letter == "_"
        or letter.isalnum()
        or letter in _INVISIBLE
        or (not letter.isascii() and bool(_BIDI.match(letter)))
    )


def _can_stand(letter: str) -> bool:
    """Whether something of one character can be read in place of this one."""
    return letter.isalnum() or letter.isspace() or letter in _SIGNS or letter in _QUOTES


def _plain(letter: str) -> str:
    if letter.isascii():
        return letter
    return _LOOK_ALIKES.get(letter, "")


def _outside_texts(text: str, statement: Statement, offset: int) -> bool:
    texts = _TEXT_OR_COMMENT.finditer(text, statement.start, statement.end)
    return not any(found.start() < offset < found.end() for found in texts)
