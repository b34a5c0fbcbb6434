"""How things look in a terminal: the only place that knows colours, and how a problem is drawn under its line."""

from __future__ import annotations

import os
import sys
import textwrap
import time
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, TextIO

from ..dsl.frozen import frozen
from ..dsl.problems import Note, Problem, Severity
from ..dsl.source import Source, Span

# ------------------------------------------------------------------ colours


@frozen
class Paint:
    """Words for meanings; with `colours` off every method gives its text back unchanged."""

    colours: bool = False

    def error(self, text: str) -> str:
        return self._in("1;31", text)

    def warning(self, text: str) -> str:
        return self._in("1;33", text)

    def info(self, text: str) -> str:
        return self._in("1;36", text)

    def good(self, text: str) -> str:
        return self._in("1;32", text)

    def strong(self, text: str) -> str:
        return self._in("1", text)

    def faint(self, text: str) -> str:
        return self._in("2", text)

    def gain(self, text: str) -> str:
        return self._in("32", text)

    def loss(self, text: str) -> str:
        return self._in("31", text)

    def frame(self, text: str) -> str:
        return self._in("1;34", text)

    def severity(self, severity: Severity, text: str) -> str:
        match severity:
            case Severity.ERROR:
                return self.error(text)
            case Severity.WARNING:
                return self.warning(text)
            case Severity.INFO:
                return self.info(text)

    def _in(self, codes: str, text: str) -> str:
        return f"\x1b[{codes}m{text}\x1b[0m" if self.colours and text else text


def paint_for(stream: TextIO) -> Paint:
    """Colours only on a terminal, and not where NO_COLOR is set or the terminal is dumb."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return Paint()
    return Paint(colours=stream.isatty())


def width_of_terminal() -> int:
    """Columns to write in: those of the terminal, at most 100 (longer lines are hard to read), 80 without one."""
    import shutil

    return max(40, min(shutil.get_terminal_size((80, 24)).columns, 100))


# ------------------------------------------------------------------ texts


def counted(number: int, one: str, many: str | None = None) -> str:
    """`1 lead`, `1,200 leads`"""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def listed(names: Sequence[str], last: str = "and", most: int = 6) -> str:
    """`a, b and c`; a long list ends in `and 14 more`."""
    if len(names) > most:
        return ", ".join(names[:most]) + f" {last} {len(names) - most} more"
    if len(names) <= 1:
        return "".join(names)
    return ", ".join(names[:-1]) + f" {last} {names[-1]}"


def wrapped(text: str, width: int, first: str = "", rest: str | None = None) -> str:
    """Prose in lines of at most `width`; line breaks in the text are kept, and so are lines that are indented
    (examples)."""
    rest = " " * display_width(first) if rest is None else rest
    lines: list[str] = []
    for number, line in enumerate(text.split("\n")):
        lead = first if number == 0 else rest
        if line.startswith("  "):
            lines.append(lead + line)
            continue
        lines.extend(
            textwrap.wrap(
                line, width, initial_indent=lead, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
            )
            or [lead.rstrip()]
        )
    return "\n".join(lines)


def display_width(text: str) -> int:
    """How many columns a text takes: Chinese, Japanese and Korean characters take two, accents none."""
    if text.isascii():
        return len(text)
    return sum(_columns(character) for character in text)


def padded(text: str, width: int, right: bool = False) -> str:
    """A text filled with blanks to a width in columns."""
    blanks = " " * max(0, width - display_width(text))
    return blanks + text if right else text + blanks


def visible(character: str) -> str:
    """A character as it may be shown: tabs become blanks; what would hide, reorder or move text is spelt out."""
    if character == "\t":
        return "    "
    if unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp", "Cs", "Co", "Cn"):
        return f"\\u{{{ord(character):X}}}"
    return character


def shown(text: str, most: int = 60) -> str:
    """A value from a file, safe to print: one line, nothing hidden, not too long."""
    cut = text[: most + 1]
    safe = "".join(visible(character) for character in cut)
    return safe if len(text) <= most else safe[: most - 3] + "..."


def _columns(character: str) -> int:
    if unicodedata.east_asian_width(character) in ("W", "F"):
        return 2
    return 0 if unicodedata.combining(character) else 1


# ------------------------------------------------------------------ problems as text


def problem_text(problem: Problem, sources: Mapping[str, Source], paint: Paint, width: int = 80) -> str:
    """A problem as people read it: what, where, the line with carets, and what to do.

    error SC002: unknown field `emplyees`
      --> inbound.score:12:12
       |
    12 |   +30 when emplyees >= 200
       |            ^^^^^^^^ did you mean `employees`?
       = help: ...
    """
    title = f"{problem.severity.word} {problem.code}"
    parts = [wrapped(f"{title}: {problem.message()}", width, rest="  ")]
    parts[0] = paint.severity(problem.severity, title) + paint.strong(parts[0].removeprefix(title))
    gutter = _gutter(problem, sources)
    parts.extend(_places(problem, sources, paint, width, gutter))
    bar = " " * gutter + " = "
    help_ = problem.help()
    if help_:
        parts.append(_tail(bar, "help", help_, paint, width))
    if problem.fix is not None and problem.fix.description not in help_:
        # A policy with an error scores nobody yet, so that its fix cannot change a score.
        harmless = problem.fix.safe or problem.severity is Severity.ERROR
        kind = "fix" if harmless else "fix (may change scores)"
        parts.append(_tail(bar, kind, problem.fix.description, paint, width))
    return "\n".join(parts)


def _tail(bar: str, word: str, text: str, paint: Paint, width: int) -> str:
    body = wrapped(text, width, first=f"{bar}{word}: ", rest=" " * len(bar) + "  ")
    return paint.frame(bar) + paint.strong(f"{word}:") + body.removeprefix(f"{bar}{word}:")


def _gutter(problem: Problem, sources: Mapping[str, Source]) -> int:
    """Columns for the largest line number that is shown."""
    numbers = [1]
    for span in (problem.span, *(note.span for note in problem.notes)):
        source = sources.get(span.source)
        if source is not None:
            numbers.append(source.position(min(span.start, len(source.text)))[0])
    return len(str(max(numbers)))


@frozen
class _Mark:
    """A stretch of one line with words for it."""

    line: int
    start: int
    end: int
    text: str
    primary: bool


def _places(problem: Problem, sources: Mapping[str, Source], paint: Paint, width: int, gutter: int) -> list[str]:
    main = sources.get(problem.span.source)
    if main is None:
        return [" " * gutter + paint.frame("--> ") + problem.span.source] if problem.span.source else []
    by_source: dict[str, list[_Mark]] = {main.name: [_mark(main, problem.span, problem.label, True)]}
    for note in problem.notes:
        source = sources.get(note.span.source)
        if source is not None:
            by_source.setdefault(source.name, []).append(_mark(source, note.span, note.text, False))
    lines: list[str] = []
    for name, marks in by_source.items():
        source = sources[name]
        first = next((mark for mark in marks if mark.primary), marks[0])
        arrow = "-->" if first.primary else ":::"
        lines.append(" " * gutter + paint.frame(arrow) + f" {name}:{first.line}:{first.start + 1}")
        lines.append(" " * gutter + paint.frame(" |"))
        lines.extend(_snippet(source, marks, problem.severity, paint, width, gutter))
    lines.extend(_notes_without_place(problem.notes, sources, paint, width, gutter))
    return lines


def _notes_without_place(
    notes: Sequence[Note], sources: Mapping[str, Source], paint: Paint, width: int, gutter: int
) -> list[str]:
    bar = " " * gutter + " = "
    return [_tail(bar, "note", note.text, paint, width) for note in notes if note.span.source not in sources]


def _mark(source: Source, span: Span, text: str, primary: bool) -> _Mark:
    size = len(source.text)
    start = min(span.start, size)
    line, column = source.position(start)
    last_line, last_column = source.position(max(start, min(span.end, size)))
    length = len(source.line(line))
    if last_line > line:
        # A place of several lines is marked to the end of its first line, and says where it ends.
        end = length
        if last_column > 1 or last_line > line + 1:
            until = f"(to line {last_line if last_column > 1 else last_line - 1})"
            text = f"{text} {until}" if text else until
    else:
        end = min(last_column - 1, length)
    return _Mark(line, column - 1, max(end, column), text, primary)


def _snippet(
    source: Source, marks: Sequence[_Mark], severity: Severity, paint: Paint, width: int, gutter: int
) -> list[str]:
    lines: list[str] = []
    previous = 0
    for number in sorted({mark.line for mark in marks}):
        if previous and number > previous + 1:
            lines.append(paint.frame("..."))
        previous = number
        here = sorted((mark for mark in marks if mark.line == number), key=lambda mark: (mark.start, not mark.primary))
        centre = next((mark for mark in here if mark.primary), here[0])
        room = max(20, width - gutter - 3)
        text, column_of = _window(source.line(number), centre, room)
        lines.append(paint.frame(f"{number:>{gutter}} | ") + text)
        for mark in here:
            start, end = column_of(mark.start), max(column_of(mark.end), column_of(mark.start) + 1)
            sign = ("^" if mark.primary else "-") * (end - start)
            lines.extend(_underline(start, sign, mark, severity, paint, room, gutter))
    return lines


def _underline(
    start: int, sign: str, mark: _Mark, severity: Severity, paint: Paint, room: int, gutter: int
) -> list[str]:
    def coloured(text: str) -> str:
        return paint.severity(severity, text) if mark.primary else paint.frame(text)

    bar = " " * gutter + " | "
    label = "".join(visible(character) if character != "\n" else " " for character in mark.text)
    one_line = f"{sign} {label}".rstrip()
    if start + display_width(one_line) <= room or not label:
        return [paint.frame(bar) + " " * start + coloured(one_line)]
    # A label that does not fit beside its carets goes below them, further left if need be.
    indent = min(start, max(0, room - 40))
    below = textwrap.wrap(label, max(20, room - indent), break_on_hyphens=False)
    return [
        paint.frame(bar) + " " * start + coloured(sign[: max(1, room - start)]),
        *(paint.frame(bar) + " " * indent + coloured(line) for line in below),
    ]


def _window(line: str, mark: _Mark, room: int) -> tuple[str, _ColumnOf]:
    """The part of a line that fits beside the gutter, around the mark; and the column of each of its characters."""
    # Only a stretch around the mark is looked at, so that a line of ten megabytes costs no more than a short one.
    low = max(0, mark.start - 4 * room)
    stretch = line[low : mark.start + 4 * room]
    cells = [visible(character) for character in stretch]
    widths = [display_width(cell) for cell in cells]
    first, last = 0, len(cells)
    if sum(widths) > room or low > 0 or low + len(stretch) < len(line):
        before = mark.start - low
        first = before
        used = 0
        while first > 0 and used + widths[first - 1] <= room // 3:
            first -= 1
            used += widths[first]
        last = first
        used = 0
        while last < len(cells) and used + widths[last] <= room - 6:
            used += widths[last]
            last += 1
    cut_left = low + first > 0
    cut_right = low + last < len(line)
    text = ("..." if cut_left else "") + "".join(cells[first:last]) + ("..." if cut_right else "")
    columns = [3 if cut_left else 0]
    for cell_width in widths[first:last]:
        columns.append(columns[-1] + cell_width)
    return text, _ColumnOf(low + first, tuple(columns))


@frozen
class _ColumnOf:
    """The display column of a character of a line that is shown in part."""

    first: int
    columns: tuple[int, ...]

    def __call__(self, character: int) -> int:
        return self.columns[max(0, min(character - self.first, len(self.columns) - 1))]


# ------------------------------------------------------------------ problems as data


def advice(problem: Problem) -> str:
    """What to do about a problem, where its line is not drawn."""
    return problem.help() or (problem.fix.description if problem.fix is not None else "")


def problem_json(problem: Problem, sources: Mapping[str, Source]) -> dict[str, Any]:
    """The same content as data: what `--format json` prints for one problem."""
    return {
        "code": problem.code,
        "name": problem.slug(),
        "severity": problem.severity.word,
        "message": problem.message(),
        **_place_json(problem.span, sources),
        "label": problem.label,
        "help": problem.help(),
        "notes": [{"text": note.text, **_place_json(note.span, sources)} for note in problem.notes],
        "fix": None
        if problem.fix is None
        else {
            "description": problem.fix.description,
            "safe": problem.fix.safe,
            "replacement": problem.fix.replacement,
            **_place_json(problem.fix.span, sources),
        },
        "facts": _plain(problem.facts()),
    }


def _place_json(span: Span, sources: Mapping[str, Source]) -> dict[str, Any]:
    source = sources.get(span.source)
    if source is None:
        return {"file": span.source or None, "start": None, "end": None}

    def at(offset: int) -> dict[str, int]:
        line, column = source.position(min(offset, len(source.text)))
        return {"line": line, "column": column, "offset": offset}

    return {"file": source.name, "start": at(span.start), "end": at(span.end)}


def _plain(value: Any) -> Any:
    """A problem's facts as JSON can hold them."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case dict():
            return {str(key): _plain(item) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_plain(item) for item in value]
        case _:
            return str(value)


def problem_github(problem: Problem, sources: Mapping[str, Source]) -> str:
    """A line that GitHub Actions turns into a remark beside the changed line."""
    word = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}[problem.severity]
    place = ""
    source = sources.get(problem.span.source)
    if source is not None:
        line, column = source.position(min(problem.span.start, len(source.text)))
        end_line, end_column = source.position(min(problem.span.end, len(source.text)))
        place = f"file={_property(source.name)},line={line},endLine={end_line},"
        if line == end_line:
            place += f"col={column},endColumn={max(end_column, column)},"
    body = "\n".join(filter(None, (problem.message(), advice(problem))))
    return f"::{word} {place}title={_property(problem.code)}::{_data(body)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


# ------------------------------------------------------------------ saying things


def say(text: str) -> None:
    """To the person, not to the result: on standard error."""
    print(text, file=sys.stderr)


class Progress:
    """A line on a terminal that says how far a long run is. Without a terminal, or when it is short, nothing."""

    AFTER_SECONDS = 1.0

    def __init__(self, stream: TextIO, wanted: bool) -> None:
        self._stream = stream
        self._shown = 0
        self._active = wanted and stream.isatty()
        self._started = self._last = time.monotonic()

    def show(self, what: str, share: float) -> None:
        now = time.monotonic()
        if not self._active or now - self._started < self.AFTER_SECONDS or now - self._last < 0.1:
            return
        self._last = now
        filled = int(max(0.0, min(share, 1.0)) * 20)
        text = f"[{'=' * filled}{' ' * (20 - filled)}] {share * 100:3.0f}%  {what}"
        self._stream.write("\r" + text.ljust(self._shown))
        self._stream.flush()
        self._shown = len(text)

    def clear(self) -> None:
        if self._shown:
            self._stream.write("\r" + " " * self._shown + "\r")
            self._stream.flush()
            self._shown = 0
