"""What stands beside a policy: its list files and libraries. Nothing outside its folder is ever read."""

from __future__ import annotations

import os
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from ..dsl.source import Source
from .errors import ScorecError

LARGEST = 10_000_000
"""Bytes of a list file or a library; a policy has the same limit."""


TABLES = (".csv", ".tsv", ".jsonl", ".ndjson", ".json", ".parquet", ".pq", ".gz", ".xlsx", ".xls", ".ods", ".numbers")
"""Endings that no policy has: whoever names such a file for one has taken the wrong one, or the wrong order."""


class FileError(ScorecError):
    """A file cannot be read; `hint` says what to do, where that is known."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True)
class Folder:
    """The folder of a policy. `shown` is how messages name it: as the person wrote it."""

    path: Path
    shown: str = ""

    def library(self, name: str) -> Source | None:
        """`team.forms` is `team/forms.score` beside the policy; None where there is no such file."""
        inside = name.replace(".", "/") + ".score"
        return _library(self.path, inside, os.path.join(self.shown, inside))

    def list_file(self, name: str) -> Source | str | None:
        """A list file's text; or, in words that follow its name, why it is not read; None where there is none."""
        file = self.path / name
        if not is_inside(self.path, file):
            return "lies outside the policy's folder"
        try:
            if file.is_dir():
                return "is a folder"
            if file.stat().st_size > LARGEST:
                return f"is larger than {LARGEST // 1_000_000} MB"
            data = file.read_bytes()
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as failure:
            return f"cannot be read: {(getattr(failure, 'strerror', None) or str(failure)).lower()}"
        if b"\0" in data:
            return "is not a text file"
        try:
            return Source(os.path.join(self.shown, name), data.decode("utf-8-sig"))
        except UnicodeDecodeError as failure:
            line = data.count(b"\n", 0, failure.start) + 1
            return f"is not UTF-8 text (line {line}); save it as UTF-8"


NO_FOLDER = Folder(Path(os.devnull))
"""For a text that stands nowhere: it can use the standard libraries, and has no list files."""


def folder_of(file: str | os.PathLike[str], text: str = "") -> Folder:
    """The folder that a policy's lists and libraries are looked for in: its own; for the library `team.forms` in
    `team/forms.score`, the one that `team` is in."""
    path = Path(file)
    levels = _library_levels(path, text)
    folder = path.parent
    for _ in range(levels):
        folder = folder / ".."
    return Folder(folder.resolve() if levels else path.parent, os.path.normpath(folder) if str(folder) != "." else "")


def read_policy(path: str | os.PathLike[str]) -> bytes:
    """The bytes of a policy's file. Raises FileError with a sentence if there are none to be had, or if the file is a
    table: its rows would be hundreds of mistakes."""
    if Path(path).suffix.lower() in TABLES and os.path.isfile(path):
        raise FileError(
            f"{os.fspath(path)} is a table or data, not a policy",
            "a policy is a text such as inbound.score; where a command takes both, the policy comes first.",
        )
    return read_file(path)


def read_file(path: str | os.PathLike[str]) -> bytes:
    """The bytes of a file. Raises FileError with a sentence if there are none to be had."""
    name = os.fspath(path)
    try:
        if os.path.getsize(path) > 10 * LARGEST:
            raise FileError(f"{name} is far too large for a policy ({os.path.getsize(path):,} bytes)")
        return Path(path).read_bytes()
    except FileNotFoundError:
        raise FileError(f"there is no file {name}", similar_file(Path(name))) from None
    except IsADirectoryError:
        raise FileError(f"{name} is a folder", "name a file in it.") from None
    except (OSError, ValueError) as failure:
        reason = (getattr(failure, "strerror", None) or str(failure)).lower()
        raise FileError(f"{name} cannot be read: {reason}") from None


def similar_file(path: Path) -> str:
    """A question, where something in the same folder is called almost like a file that is not there; else empty."""
    try:
        there = sorted(entry.name for entry in path.parent.iterdir())
    except OSError:
        return ""
    close = get_close_matches(path.name, there, 1, 0.6)
    return f"did you mean {path.parent / close[0]}?" if close else ""


def is_inside(folder: Path, file: Path) -> bool:
    """Whether a file is in a folder once all links are followed."""
    try:
        return file.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError, ValueError):
        return False


def _library(folder: Path, inside: str, shown: str) -> Source | None:
    file = folder / inside
    try:
        if not is_inside(folder, file) or file.stat().st_size > LARGEST:
            return None
        return Source(shown, file.read_bytes().decode("utf-8-sig", errors="replace"))
    except (OSError, ValueError):
        return None


def _library_levels(path: Path, text: str) -> int:
    """How many folders above its own a library's name begins: 1 for `library team.forms` in `team/forms.score`."""
    header = next((line for line in text.split("\n", 50) if line.startswith("library ")), "")
    parts = header.split()[1].split(".") if len(header.split()) > 1 else []
    if len(parts) > 1 and [*path.resolve().with_suffix("").parts[-len(parts) :]] == parts:
        return len(parts) - 1
    return 0
