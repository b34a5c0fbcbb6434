"""Policies as git has them: the file of a revision, with the libraries and the list files of the same revision."""

from __future__ import annotations

import os
import posixpath
import subprocess
from dataclasses import dataclass
from pathlib import Path

from ...dsl.source import Source
from ..errors import ScorecError
from ..folder import LARGEST

SECONDS = 60


class RevisionError(ScorecError):
    """Git cannot give what was asked for. `hint` says what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True)
class Revision:
    """A path in a revision: `HEAD~3:policies/inbound.score`; `:inbound.score` is what is staged. `top` is the root of
    the repository, `path` is seen from there."""

    top: Path
    revision: str
    path: str

    @property
    def shown(self) -> str:
        return f"{self.revision}:{self.path}"

    def is_folder(self) -> bool:
        if not self.revision or self.revision == "0":
            return bool(self.files()) and not self._is_staged_file()
        try:
            return _git(self.top, "cat-file", "-t", f"{self.revision}:{self.path}").strip() == b"tree"
        except RevisionError:
            return False

    def _is_staged_file(self) -> bool:
        return self.path in self.files()

    def files(self) -> list[str]:
        """The .score files in a folder, seen from the root of the repository."""
        spec = f":(literal){self.path}" if self.path else "."
        if self.revision in ("", "0"):
            listed = _git(self.top, "ls-files", "-z", "--", spec)
        else:
            listed = _git(self.top, "ls-tree", "-r", "-z", "--name-only", self.revision, "--", self.path or ".")
        names = [name for name in listed.decode("utf-8", "replace").split("\0") if name.endswith(".score")]
        return [name for name in names if not any(part.startswith(".") for part in name.split("/"))]

    def at(self, path: str) -> Revision:
        return Revision(self.top, self.revision, path)

    def read(self) -> bytes:
        """The bytes of the file. Raises `RevisionError` with a sentence if there are none."""
        data = self._bytes(self.path)
        if data is None:
            raise RevisionError(
                f"there is no {self.path} in {self.revision or 'what is staged'}",
                "`git ls-tree -r --name-only REV` lists what a revision has; the path is seen from the root of the "
                "repository, or from here with ./ before it.",
            )
        return data

    def library(self, name: str) -> Source | None:
        """`team.forms` is `team/forms.score` beside the policy, in the same revision."""
        inside = posixpath.join(posixpath.dirname(self.path), name.replace(".", "/") + ".score")
        data = self._bytes(inside)
        return None if data is None else Source(f"{self.revision}:{inside}", data.decode("utf-8-sig", "replace"))

    def list_file(self, name: str) -> Source | str | None:
        inside = posixpath.normpath(posixpath.join(posixpath.dirname(self.path), name))
        data = self._bytes(inside)
        if data is None:
            return None
        if len(data) > LARGEST:
            return f"is larger than {LARGEST // 1_000_000} MB"
        if b"\0" in data:
            return "is not a text file"
        try:
            return Source(f"{self.revision}:{inside}", data.decode("utf-8-sig"))
        except UnicodeDecodeError:
            return "is not UTF-8 text; save it as UTF-8"

    def _bytes(self, path: str) -> bytes | None:
        try:
            return _git(self.top, "cat-file", "blob", f"{self.revision}:{path}")
        except RevisionError:
            return None


def revision_of(written: str, folder: Path) -> Revision | None:
    """`REV:path` as a person wrote it, in a folder; None where it is no such thing. Raises `RevisionError` where git
    knows no such revision, or there is no git.

    The path is seen from the root of the repository, as git has it; `./path` from the folder. A path that is only there
    seen from the folder is taken, too.
    """
    revision, colon, path = written.partition(":")
    if not colon or (len(revision) == 1 and revision.isalpha() and path[:1] in ("\\", "/")):
        return None
    if revision == "" and path[:2] == "0:":
        path = path[2:]
    if revision.startswith("-"):
        raise RevisionError(f"`{revision}` is no revision")
    top = root_of(folder)
    if revision:
        try:
            _git(top, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
        except RevisionError:
            raise RevisionError(
                f"git knows no revision `{revision}`", "`git log --oneline` and `git tag` show which there are."
            ) from None
    prefix = _git(folder, "rev-parse", "--show-prefix").decode("utf-8", "replace").strip()
    near = posixpath.normpath(posixpath.join(prefix, path or "."))
    plain = posixpath.normpath(path) if path else ""
    found = Revision(top, revision, "" if plain == "." else plain)
    if path.startswith(("./", "../")) or path == ".":
        return Revision(top, revision, "" if near == "." else near)
    if near != plain and not _is_there(found) and _is_there(Revision(top, revision, near)):
        return Revision(top, revision, near)
    return found


def is_revision(written: str, folder: Path) -> bool:
    """Whether this names a revision, and no path in it."""
    if ":" in written or written.startswith("-"):
        return False
    try:
        _git(folder, "rev-parse", "--verify", "--quiet", f"{written}^{{commit}}")
    except RevisionError:
        return False
    return True


def same_file(path: Path, revision: str = "HEAD") -> Revision:
    """A file on disk as it is in a revision."""
    folder = path.resolve().parent
    top = root_of(folder)
    inside = path.resolve().relative_to(top.resolve()).as_posix()
    return Revision(top, revision, inside)


def _is_there(found: Revision) -> bool:
    if not found.revision:
        return bool(_git(found.top, "ls-files", "--", found.path).strip())
    try:
        _git(found.top, "cat-file", "-e", f"{found.revision}:{found.path}")
    except RevisionError:
        return False
    return True


def root_of(folder: Path) -> Path:
    """The root of the repository that a folder is in."""
    try:
        return Path(os.fsdecode(_git(folder, "rev-parse", "--show-toplevel").rstrip(b"\r\n")))
    except RevisionError as failure:
        if "not installed" in str(failure):
            raise
        raise RevisionError(
            f"{folder.resolve()} is not in a git repository", "name two files instead: scorec diff OLD NEW."
        ) from None


def has_repository(folder: Path) -> bool:
    try:
        root_of(folder)
    except RevisionError:
        return False
    return True


def _git(folder: Path, *arguments: str) -> bytes:
    return _run(str(folder), arguments)


def _run(folder: str, arguments: tuple[str, ...]) -> bytes:
    try:
        done = subprocess.run(
            ["git", "-C", folder, *arguments],
            capture_output=True,
            timeout=SECONDS,
            stdin=subprocess.DEVNULL,
            check=False,
        )
    except FileNotFoundError:
        raise RevisionError("git is not installed", "name two files instead: scorec diff OLD NEW.") from None
    except (OSError, subprocess.TimeoutExpired) as failure:
        raise RevisionError(f"git cannot be run: {failure}") from None
    if done.returncode != 0:
        raise RevisionError(done.stderr.decode("utf-8", "replace").strip() or "git has failed")
    return done.stdout
