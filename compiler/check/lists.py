"""Lists: the values written in a policy or in a file beside it, folded, sorted and each once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePosixPath, PureWindowsPath

from ...dsl import tree, values
from ...dsl.problems import Fix, Note
from ...dsl.source import Source, Span
from . import literals
from .scope import ListMeaning, Scope
from .type_problems import TypeMismatch
from .units import ListFile
from .value_problems import DuplicateListEntry, EmptyList, EmptyText, UnreadableListFile


def declared_list(scope: Scope, declared: tree.ListOf, list_file: ListFile) -> ListMeaning | None:
    """What a `list` holds."""
    if declared.file is not None:
        return _from_file(scope, declared.name.text, declared.file, list_file)
    return written_list(scope, declared.values) if declared.values is not None else None


def written_list(scope: Scope, written: tree.Values) -> ListMeaning | None:
    """What a list in brackets holds: texts and bare words, or numbers."""
    numbers = [item for item in written.items if isinstance(item, tree.Number)]
    if numbers and len(numbers) < len(written.items):
        _say_mixed(scope, written)
        return None
    _say_repeated(scope, written.items)
    if numbers:
        return ListMeaning(None, tuple(sorted({float(item.value) for item in numbers})))
    texts = set()
    for item in written.items:
        text = values.trimmed(literals.word(item))
        if text is None:
            scope.say(EmptyText(span=item.span, label="an empty text"))
        else:
            texts.add(values.folded(text))
    return ListMeaning(tuple(sorted(texts)), None) if texts else None


def _say_mixed(scope: Scope, written: tree.Values) -> None:
    text = next(item for item in written.items if not isinstance(item, tree.Number))
    number = next(item for item in written.items if isinstance(item, tree.Number))
    scope.say(
        TypeMismatch(
            span=text.span,
            label="a text",
            notes=(Note(number.span, "a number"),),
            what=literals.word(text),
            is_a="a text",
            wanted="other values of this list are numbers",
            hint="put the numbers into quotes if they are names or codes",
        )
    )


def _say_repeated(scope: Scope, items: Sequence[tree.Literal_]) -> None:
    first: dict[str, tree.Literal_] = {}
    for position, item in enumerate(items):
        text = values.folded(literals.word(item).strip(" \t\r\n"))
        if text in first:
            scope.say(
                DuplicateListEntry(
                    span=item.span,
                    entry=literals.word(item),
                    label="again",
                    notes=(Note(first[text].span, "first here"),),
                    fix=Fix(
                        "delete it", Span(items[position - 1].span.end, item.span.end, item.span.source), "", safe=True
                    ),
                )
            )
        else:
            first[text] = item


# ------------------------------------------------------------------ files


def _from_file(scope: Scope, name: str, file: tree.Text, list_file: ListFile) -> ListMeaning | None:
    path = file.value
    reason = outside_reason(path)
    found = list_file(path) if reason is None else reason
    if not isinstance(found, Source):
        scope.say(UnreadableListFile(span=file.span, file=path, reason=found or "is not there"))
        return None
    entries = list_entries(found.text, path, name)
    if not entries:
        scope.say(EmptyList(span=file.span, file=path))
        return ListMeaning((), ())
    texts = tuple(sorted({values.folded(entry) for entry in entries}))
    if len(texts) < len(entries):
        _say_repeated_lines(scope, file, entries)
    return ListMeaning(texts, _as_numbers(entries))


def outside_reason(path: str) -> str | None:
    """Why a path does not lie in the policy's own folder; None if it does."""
    if not path.strip():
        return "has no name"
    if "\0" in path:
        return "has an impossible name"
    if PurePosixPath(path).is_absolute() or PureWindowsPath(path).drive or path.startswith("\\"):
        return "is an absolute path, which would differ from one computer to the next"
    if ".." in PurePosixPath(path.replace("\\", "/")).parts:
        return "lies outside the policy's folder"
    return None


def list_entries(text: str, path: str, name: str) -> list[str]:
    """The values in a list file: one on each line, `#` begins a comment line; of a `.csv` the first column, without a
    heading called `value`, `domain` or like the list."""
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    lines = [line for line in lines if line.strip(" \t") and not line.lstrip(" \t").startswith("#")]
    if not path.lower().endswith(".csv"):
        return [line.strip(" \t") for line in lines]
    cells = [_first_cell(line) for line in lines]
    if cells and cells[0].lower() in ("value", "domain", name.lower()):
        del cells[0]
    return [cell for cell in cells if cell]


def _first_cell(line: str) -> str:
    quoted = re.match(r'[ \t]*"((?:[^"]|"")*)"', line)
    return (quoted.group(1).replace('""', '"') if quoted else line.split(",", 1)[0]).strip(" \t")


def _say_repeated_lines(scope: Scope, file: tree.Text, entries: list[str]) -> None:
    count = Counter(values.folded(entry) for entry in entries)
    twice = next(entry for entry in entries if count[values.folded(entry)] > 1)
    scope.say(DuplicateListEntry(span=file.span, entry=twice, label="in this file"))


_NUMBER = re.compile(r"[+-]?[0-9]{1,30}(\.[0-9]{1,30})?", re.ASCII)


def _as_numbers(entries: list[str]) -> tuple[float, ...] | None:
    if not all(_NUMBER.fullmatch(entry) for entry in entries):
        return None
    return tuple(sorted({float(entry) for entry in entries}))
