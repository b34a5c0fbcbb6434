"""The two sides of a difference, as people name them: files, folders, revisions in git, the last release."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ...dsl.problems import Problem, Severity
from ...dsl.source import Source
from ..errors import ScorecError, place
from ..folder import folder_of, similar_file
from ..layout import decode
from ..pipeline import Analysis, analyze
from ..policy import analyze_file, is_library
from .changes import Side
from .revisions import Revision, RevisionError, has_repository, is_revision, revision_of, same_file


class SideError(ScorecError):
    """A side that cannot be compared. `hint` says what to do; `analysis` is what was read of a text with errors."""

    def __init__(self, message: str, hint: str = "", analysis: Analysis | None = None) -> None:
        super().__init__(message)
        self.hint = hint
        self.analysis = analysis


@dataclass(frozen=True)
class Opened:
    """One policy of a side: `shown` is how messages call it, `inside` its path in the side's folder."""

    shown: str
    inside: str
    analysis: Analysis

    @property
    def side(self) -> Side:
        program = self.analysis.program
        if program is None:
            raise SideError(self.trouble(), analysis=self.analysis)
        return Side(program, self.analysis.sources)

    @property
    def errors(self) -> tuple[Problem, ...]:
        """Why there is no program to compare; () where there is one."""
        return tuple(one for one in self.analysis.problems if one.severity is Severity.ERROR)

    def trouble(self) -> str:
        """Why it cannot be compared, with the first of its errors."""
        if is_library(self.analysis):
            return f"{self.shown} is a library: it scores nobody by itself, compare the policies that use it"
        if not self.errors:
            return f"{self.shown} is no policy"
        more = f" (and {len(self.errors) - 1} more)" if len(self.errors) > 1 else ""
        first = self.errors[0]
        where = place(first, self.analysis.sources)
        return f"{self.shown} has errors: {where}: {first.code} {first.message()}{more}"


def opened(written: str, folder: Path = Path()) -> dict[str, Opened]:
    """The policies of a side by their path in it: one, called "", for a file. Libraries are left out of folders."""
    path = folder / written
    if path.is_dir():
        return _of_folder(path, written)
    if path.exists():
        return {"": Opened(written, os.path.basename(written), _analysis_of_file(path))}
    revision = revision_of(written, folder)
    if revision is None:
        raise _not_there(written, folder)
    if revision.is_folder():
        return _of_revision(revision, written)
    return {"": Opened(written, os.path.basename(revision.path), analysis_of(revision, written))}


def _analysis_of_file(path: Path) -> Analysis:
    return analyze_file(os.path.normpath(path))


def _of_folder(path: Path, written: str) -> dict[str, Opened]:
    found = {}
    for file in sorted(path.rglob("*.score")):
        inside = file.relative_to(path).as_posix()
        if any(part.startswith(".") for part in inside.split("/")) or not file.is_file():
            continue
        analysis = _analysis_of_file(file)
        if not is_library(analysis):
            found[inside] = Opened(os.path.join(written, inside), inside, analysis)
    if not found:
        raise SideError(f"there is no policy in {written}")
    return found


def _of_revision(revision: Revision, written: str) -> dict[str, Opened]:
    found = {}
    for path in revision.files():
        inside = os.path.relpath(path, revision.path or ".").replace(os.sep, "/")
        one = revision.at(path)
        analysis = analysis_of(one, one.shown)
        if not is_library(analysis):
            found[inside] = Opened(one.shown, inside, analysis)
    if not found:
        raise SideError(f"there is no policy in {written}")
    return found


def _not_there(written: str, folder: Path) -> SideError:
    if is_revision(written, folder):
        path = "policies/inbound.score"
        return SideError(
            f"{written} is a revision of git, and does not say which policy",
            f"name the file in it: scorec diff {written}:{path} {path}",
        )
    return SideError(f"there is no file {written}", similar_file(folder / written))


def analysis_of(revision: Revision, shown: str) -> Analysis:
    """The policy of a revision, with libraries and lists of that revision."""
    source = decode(shown, revision.read())
    if not isinstance(source, Source):
        return Analysis(Source(shown, ""), {}, None, None, source)
    return analyze(source, revision.library, revision.list_file)


def analysis_beside(file: Path, like: Path, shown: str) -> Analysis:
    """A file whose libraries and lists lie beside another: what git hands to a diff driver."""
    source = decode(shown, file.read_bytes())
    if not isinstance(source, Source):
        return Analysis(Source(shown, ""), {}, None, None, source)
    folder = folder_of(like, source.text)
    return analyze(source, folder.library, folder.list_file)


# ------------------------------------------------------------------ the default base


def base_of(written: str, folder: Path = Path()) -> Opened:
    """What a policy is compared with if nothing is said: its last release; without one, what was committed last."""
    path = folder / written
    if not path.exists():
        raise _not_there(written, folder)
    if path.is_dir():
        raise SideError(f"{written} is a folder", f"say with what it is compared: scorec diff HEAD:{written} {written}")
    released = _last_release(path)
    if released is not None:
        return released
    if not has_repository(path.resolve().parent):
        raise SideError(
            f"{written} was never released, and lies in no git repository",
            f"say with what it is compared: scorec diff OLD {written}",
        )
    try:
        revision = same_file(path)
        return Opened(f"HEAD:{written}", os.path.basename(written), analysis_of(revision, f"HEAD:{written}"))
    except RevisionError as failure:
        hint = f"say with what it is compared: scorec diff OLD {written}"
        raise SideError(f"{written} was never released and is not committed ({failure})", hint) from None


def _last_release(path: Path) -> Opened | None:
    from ..releases import latest

    release = latest(path)
    if release is None:
        return None
    return Opened(f"release {release.version}", path.name, release.analysis())


def pairs(
    old: Mapping[str, Opened], new: Mapping[str, Opened]
) -> tuple[list[tuple[Opened, Opened]], list[Opened], list[Opened]]:
    """Policies that are two versions of one (at the same place; else of the same name), those that are only in the old
    side, and those that are only in the new one. Two files are always two versions of one."""
    if set(old) == {""} and set(new) == {""}:
        return [(old[""], new[""])], [], []
    gone, come = dict(old), dict(new)
    made = []
    for inside in list(come):
        if inside in gone:
            made.append((gone.pop(inside), come.pop(inside)))
    for inside, one in list(come.items()):
        name = one.analysis.program.name if one.analysis.program is not None else None
        same = [
            key
            for key, other in gone.items()
            if other.analysis.program is not None and other.analysis.program.name == name
        ]
        if name is not None and len(same) == 1:
            made.append((gone.pop(same[0]), come.pop(inside)))
    return made, list(gone.values()), list(come.values())
