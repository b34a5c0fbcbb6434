"""Releases: what was in force and when, kept as records beside the policy, each complete in itself.

The records of the policy `inbound` are `releases/inbound/1.4.0.json` beside its file, one for each version, meant to be
committed. A record holds the exact text of the policy and of everything that it uses, the shipped libraries included,
so that it scores the same lead in the same way for as long as this language is read. Long texts, such as a list of ten
thousand free-mail domains, stand once in `releases/inbound/texts/`, and the records name them by their hash. A digest
over the record tells when it was edited by hand.
"""

from __future__ import annotations

import json
import os
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from difflib import get_close_matches
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from ..dsl import ir
from ..dsl.problems import Severity
from ..dsl.source import Source
from .check.header import LANGUAGE
from .errors import ScorecError, place
from .folder import folder_of, read_file, read_policy
from .layout import decode
from .pipeline import Analysis, analyze_with
from .policy import Policy, policy_of
from .semver import BUMPS, Bump, Version, version_of
from .standard import is_shipped, standard_first, standard_list
from .version import SHORT, fingerprint
from .wording import local_moment

FORM = 1
"""The version of the records' form. It grows when an older scorec could no longer read a record rightly."""

FOLDER = "releases"

TEXTS = "texts"
LONG = 400
"""A text of more lines than this is not repeated in every record."""

Day: TypeAlias = date


class ReleaseError(ScorecError):
    """A release that is not there, or whose record cannot be trusted. `hint` says what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class ReadDifferently(UserWarning):
    """This scorec gives a released text another fingerprint than the one that released it."""


@dataclass(frozen=True, slots=True)
class Approval:
    """Somebody's word that a gate may let more leads pass: for which meaning, why, who."""

    fingerprint: str
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class Files:
    """The exact texts that a policy uses: libraries by name, list files as the policy names them, and the list files
    of the shipped libraries."""

    libraries: Mapping[str, str] = field(default_factory=dict)
    lists: Mapping[str, str] = field(default_factory=dict)
    standard_lists: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Before:
    """The release that was the last one until a release was made."""

    version: str
    digest: str


@dataclass(frozen=True)
class Release:
    """A released version of a policy. `klass` is the class of its changes, `bump` how far the version had to go for
    them, `summary` the changes in words. It is in effect from the first to the last of the days that its header names,
    both included; None where it names none."""

    name: str
    version: str
    fingerprint: str
    date: Day
    author: str
    note: str
    klass: str
    bump: Bump
    summary: tuple[str, ...]
    text: str
    files: Files
    file: str
    language: int = LANGUAGE
    scorec: str = ""
    approvals: tuple[Approval, ...] = ()
    before: Before | None = None
    effective_from: Day | None = None
    effective_to: Day | None = None
    digest: str = field(default="", compare=False)
    """The hash over the record that it was read from."""

    def __repr__(self) -> str:
        return f"<scorec release {self.name} {self.version} of {self.date}>"

    @cached_property
    def number(self) -> Version:
        number = version_of(self.version)
        assert number is not None, "records of other versions are not read"
        return number

    def includes(self, day: Day) -> bool:
        """Whether it was released by a day, and says of itself that it is in effect on it."""
        return (
            self.date <= day
            and (self.effective_from is None or self.effective_from <= day)
            and (self.effective_to is None or day <= self.effective_to)
        )

    def policy(self) -> Policy:
        """The policy as it was released, ready to score leads.

        Raises `ReleaseError` if this scorec cannot read its text, and warns (`ReadDifferently`) if it reads the text
        differently from the one that released it.
        """
        policy, remark = self.read()
        if remark is not None:
            warnings.warn(remark, ReadDifferently, stacklevel=2)
        return policy

    def read(self) -> tuple[Policy, str | None]:
        """The policy, and a remark where this scorec reads it differently from the one that released it."""
        analysis = self.analysis()
        errors = [problem for problem in analysis.problems if problem.severity is Severity.ERROR]
        if errors or analysis.program is None:
            more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
            first = (
                f"{place(errors[0], analysis.sources)}: {errors[0].message()}{more}" if errors else "it is no policy"
            )
            raise ReleaseError(
                f"the text of {self.name} {self.version} cannot be used by this scorec: {first}",
                f"it was released with scorec {self.scorec}; score with that one.",
            )
        policy = policy_of(analysis)
        found = fingerprint(analysis.program)
        if found == self.fingerprint:
            return policy, None
        ours = _our_version()
        said = f"{self.name} {self.version} was released as {self.fingerprint[:SHORT]}"
        if ours == self.scorec:
            raise ReleaseError(
                f"{said}, but its text has the fingerprint {found[:SHORT]}",
                f"the record was made by hand; take {self.version}.json from where it was committed.",
            )
        return policy, (
            f"{said} by scorec {self.scorec}; this scorec {ours} gives the same text the fingerprint {found[:SHORT]}, "
            "so results may differ from those of then"
        )

    def analysis(self) -> Analysis:
        """The released text, read and checked with nothing but what the record holds."""
        files = self.files

        def library(name: str) -> Source | None:
            text = files.libraries.get(name)
            if text is None:
                return None
            inside = name.replace(".", "/") + ".score"
            return Source(inside, text)

        def list_file(name: str) -> Source | None:
            text = files.lists.get(name)
            return None if text is None else Source(name, text)

        def shipped_list(name: str) -> Source | None:
            text = files.standard_lists.get(name)
            return None if text is None else Source(f"std/{name}", text)

        return analyze_with(
            Source(self.file, self.text), library, lambda name: shipped_list if is_shipped(name) else list_file
        )


# ------------------------------------------------------------------ the history


@dataclass(frozen=True, slots=True)
class Broken:
    """A record that cannot be trusted, and why."""

    path: Path
    why: str


@dataclass(frozen=True)
class History:
    """The releases of a policy, oldest first, and the records that cannot be trusted. `folder` is theirs, whether it
    is there or not."""

    name: str
    folder: Path
    releases: tuple[Release, ...]
    broken: tuple[Broken, ...] = ()

    @property
    def latest(self) -> Release | None:
        """The release with the greatest version. Raises `ReleaseError` if a record cannot be trusted."""
        self.trusted()
        return self.releases[-1] if self.releases else None

    def trusted(self) -> None:
        """Raises `ReleaseError` if a record cannot be trusted."""
        if self.broken:
            what = "a record" if len(self.broken) == 1 else f"{len(self.broken)} records"
            lines = "".join(f"\n  {one.path} {one.why}" for one in self.broken)
            raise ReleaseError(f"{what} of {self.name} cannot be trusted:{lines}", MEND)

    def find(self, version: str) -> Release:
        """The release of a version. Raises `ReleaseError` if there is none, or its record cannot be trusted."""
        for broken in self.broken:
            if broken.path.stem == version:
                raise ReleaseError(f"{broken.path} {broken.why}", MEND)
        found = next((release for release in self.releases if release.version == version), None)
        if found is not None:
            return found
        raise ReleaseError(f"{self.name} has no release {version}", self._instead(version))

    def in_force_on(self, day: date) -> Release:
        """The newest release that was in force on a day. Raises `ReleaseError` if there was none, or a record cannot be
        trusted."""
        # A record that cannot be read might be the one.
        self.trusted()
        found = [release for release in self.releases if release.includes(day)]
        if found:
            return found[-1]
        raise ReleaseError(f"no release of {self.name} was in force on {day}", self._instead(""))

    def _instead(self, version: str) -> str:
        if not self.releases:
            return f"nothing has been released yet; `scorec release` writes to {self.folder}."
        versions = [release.version for release in self.releases]
        near = get_close_matches(version, versions, 1, 0.6) if version else []
        if near:
            return f"did you mean {near[0]}?"
        shown = [f"{release.version} of {release.date}{_in_effect(release)}" for release in self.releases[-6:]]
        return f"there {'is' if len(shown) == 1 else 'are'} {', '.join(shown)}."


MEND = "take it from where it was committed (`git checkout` brings it back); nothing is scored or released with it."


def _in_effect(release: Release) -> str:
    start = f" from {release.effective_from}" if release.effective_from is not None else ""
    end = f" to {release.effective_to}" if release.effective_to is not None else ""
    return f" (in effect{start}{end})" if start or end else ""


def history_of(policy_path: str | os.PathLike[str]) -> History:
    """All records of the policy in a file. The policy itself may have errors: its first line says its name.

    Raises `ScorecError` if the file cannot be read or has no such line.
    """
    path = Path(policy_path)
    return history_in(path.parent / FOLDER, _name_of(path))


def history_in(releases: Path, name: str) -> History:
    """All records of a policy by its name."""
    folder = releases / name
    found: list[Release] = []
    broken: list[Broken] = []
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix == ".json" and not path.name.startswith("."))
    except (FileNotFoundError, NotADirectoryError):
        paths = []
    except OSError as failure:
        raise ReleaseError(f"{folder} cannot be read: {_reason(failure)}") from None
    texts: dict[str, str] = {}
    for path in paths:
        try:
            found.append(read_release(path, name, texts))
        except ReleaseError as failure:
            broken.append(Broken(path, str(failure)))
    releases_, replaced = _chained(folder, sorted(found, key=lambda release: release.number), broken)
    return History(name, folder, releases_, tuple(sorted((*broken, *replaced), key=_by_version)))


def _chained(folder: Path, releases: list[Release], broken: list[Broken]) -> tuple[tuple[Release, ...], list[Broken]]:
    """The releases that those after them know, and what is wrong with the others: each record tells which one was the
    last before it, and its digest."""
    digests = {release.version: release.digest for release in releases}
    wrong: dict[str, Broken] = {}
    known = {one.path.stem for one in broken}
    for release in releases:
        before = release.before
        if before is None or before.version in known:
            continue
        path = folder / f"{before.version}.json"
        if before.version not in digests:
            wrong[before.version] = Broken(path, f"is missing: {release.version} was released after it")
        elif digests[before.version] != before.digest:
            why = f"is not the record that {release.version} was released after: it was edited or made anew"
            wrong[before.version] = Broken(path, why)
    return tuple(release for release in releases if release.version not in wrong), list(wrong.values())


def _by_version(broken: Broken) -> tuple[Version, str]:
    return version_of(broken.path.stem) or Version(0, 0, 0), str(broken.path)


def releases_of(policy_path: str | os.PathLike[str]) -> tuple[Release, ...]:
    """The releases of a policy, oldest first; () if there are none.

        for release in scorec.releases("inbound.score"):
            print(release.version, release.date, release.klass)

    Raises `ScorecError` if a record cannot be trusted: it was edited by hand, is missing, or is no record.
    """
    history = history_of(policy_path)
    history.trusted()
    return history.releases


def latest(policy_path: str | os.PathLike[str]) -> Release | None:
    """The last release of a policy; None if there is none. Raises like `releases_of`."""
    return history_of(policy_path).latest


def in_force_on(policy_path: str | os.PathLike[str], day: date) -> Release:
    """The release that was in force on a day. Raises `ReleaseError` if there was none."""
    return history_of(policy_path).in_force_on(day)


def chosen(policy_path: str | os.PathLike[str], version: str | None, day: str | date | None) -> Release:
    """The release of a version, or the one that was in force on a day."""
    if version is not None and day is not None:
        raise ReleaseError("a version and a day each name a release", "take one of them.")
    history = history_of(policy_path)
    if version is not None:
        return history.find(version)
    assert day is not None
    return history.in_force_on(day_of(day))


def day_of(written: str | date) -> date:
    """`2026-03-01` as a day. Raises `ReleaseError` if it is none."""
    if isinstance(written, datetime):
        return written.date()
    if isinstance(written, date):
        return written
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", written):
        try:
            return date.fromisoformat(written)
        except ValueError:
            raise ReleaseError(f"there is no day {written}", "look at the month and the day.") from None
    raise ReleaseError(f"`{written}` is not a day", "write it as 2026-03-01.")


_HEADER = re.compile(r"^policy[ \t]+([^\W\d]\w*)", re.MULTILINE)


def _name_of(path: Path) -> str:
    source = decode(str(path), read_policy(path))
    found = _HEADER.search(source.text) if isinstance(source, Source) else None
    if found is None:
        raise ReleaseError(f"{path} has no line `policy NAME`", "releases are those of a policy.")
    return found[1]


# ------------------------------------------------------------------ from a policy to a release


@dataclass(frozen=True)
class Collected:
    """A policy as it stands in its file: checked, with the exact texts that it uses and the paths of all of them."""

    analysis: Analysis
    files: Files
    paths: tuple[Path, ...]


def collect(policy_path: str | os.PathLike[str]) -> Collected:
    """Reads and checks the policy in a file, and keeps everything that was read for it. Raises `ScorecError` if the
    file cannot be read."""
    path = Path(policy_path)
    source = decode(os.fspath(policy_path), read_policy(path))
    if not isinstance(source, Source):
        return Collected(Analysis(Source(str(path), ""), {}, None, None, source), Files(), (path,))
    folder = folder_of(path, source.text)
    libraries: dict[str, str] = {}
    lists: dict[str, str] = {}
    standard_lists: dict[str, str] = {}
    paths = {path: None}
    find = standard_first(folder.library)

    def library(name: str) -> Source | None:
        found = find(name)
        if found is not None:
            libraries[name] = found.text
            if not is_shipped(name):
                paths[folder.path / (name.replace(".", "/") + ".score")] = None
        return found

    def list_file(name: str) -> Source | str | None:
        found = folder.list_file(name)
        if isinstance(found, Source):
            lists[name] = found.text
            paths[folder.path / name] = None
        return found

    def shipped_list(name: str) -> Source | None:
        found = standard_list(name)
        if found is not None:
            standard_lists[name] = found.text
        return found

    analysis = analyze_with(source, library, lambda name: shipped_list if is_shipped(name) else list_file)
    return Collected(analysis, Files(libraries, lists, standard_lists), tuple(paths))


def release_of(collected: Collected, day: date, author: str = "", note: str = "") -> Release:
    """What would be released of a policy without errors; its changes are filled in by who knows them."""
    program = collected.analysis.program
    assert program is not None, "only a policy without errors is released"
    start, end = effective_days(program)
    return Release(
        name=program.name,
        version=program.version,
        fingerprint=fingerprint(program),
        date=day,
        author=author,
        note=note,
        klass="first",
        bump=Bump.NONE,
        summary=(),
        text=collected.analysis.source.text,
        files=collected.files,
        file=collected.paths[0].name,
        language=LANGUAGE,
        scorec=_our_version(),
        effective_from=start,
        effective_to=end,
    )


def effective_days(program: ir.Program) -> tuple[date | None, date | None]:
    """The first and the last day on which a policy says that it is in effect."""
    zone = ZoneInfo(program.timezone)
    start, end = program.effective_from, program.effective_to
    return (
        None if start is None else local_moment(start, zone).date(),
        # The instant is the midnight after the last day.
        None if end is None else local_moment(end - 1, zone).date(),
    )


def after(release: Release, before: Release | None) -> Release:
    """A release that knows which one was the last until then."""
    return release if before is None else replace(release, before=Before(before.version, before.digest))


# ------------------------------------------------------------------ records


def record_text(release: Release) -> str:
    """The record of a release: the same text on every machine, one line of a file in one line of the record."""
    record = _plain(release)
    return json.dumps({**record, "digest": _digest(record)}, ensure_ascii=False, indent=1) + "\n"


def read_release(path: Path, name: str, texts: dict[str, str] | None = None) -> Release:
    """The release in a record. `texts` are the long texts that have been read already, by their hashes. Raises
    `ReleaseError`, in words that follow the file's name, if it cannot be trusted."""
    try:
        data = read_file(path)
    except ScorecError:
        raise ReleaseError("cannot be read") from None
    try:
        record = json.loads(data, object_pairs_hook=_each_once)
    except _SaidTwice as twice:
        raise ReleaseError(f"was edited by hand: it says {twice} twice") from None
    except (ValueError, RecursionError) as failure:
        at = f" (line {failure.lineno})" if isinstance(failure, json.JSONDecodeError) else ""
        raise ReleaseError(f"is no JSON{at}: it was cut off or edited by hand") from None
    if not isinstance(record, dict) or record.get("record") != "release of a policy":
        raise ReleaseError("is not the record of a release")
    form = record.get("form")
    if isinstance(form, int) and form > FORM:
        raise ReleaseError(f"was written by a newer scorec (form {form}; this one reads {FORM})")
    digest = record.pop("digest", None)
    if digest != _digest(record):
        raise ReleaseError("was edited by hand: its digest is not that of what it holds")
    try:
        release = _release(record, _Texts(path.parent / TEXTS, {} if texts is None else texts), digest)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise ReleaseError("is not a whole record of a release") from None
    if release.name != name:
        raise ReleaseError(f"is a release of {release.name}, not of {name}")
    if f"{release.version}.json" != path.name:
        raise ReleaseError(f"holds version {release.version}, which {release.version}.json is for")
    return release


def write_release(folder: Path, release: Release) -> Path:
    """Writes a record, whole or not at all, and never over another. Raises `ReleaseError` if it cannot be written."""
    path = folder / f"{release.version}.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for texts in (release.files.libraries, release.files.lists, release.files.standard_lists):
            for text in filter(_is_long, texts.values()):
                _keep(folder / TEXTS, text)
        _write_new(path, record_text(release))
    except FileExistsError:
        raise ReleaseError(f"{path} is there already", "a released version never changes; take the next one.") from None
    except OSError as failure:
        raise ReleaseError(f"{path} cannot be written: {_reason(failure)}") from None
    return path


def _keep(folder: Path, text: str) -> None:
    """Writes a long text where it does not stand yet."""
    path = folder / _text_file(_hash(text))
    if not path.exists():
        folder.mkdir(exist_ok=True)
        _write_new(path, text)


def _write_new(path: Path, text: str) -> None:
    """Writes a file beside its place and moves it there when it is whole. Raises FileExistsError, and leaves it alone,
    if there is one."""
    beside = path.with_name(f".{path.stem}.{os.getpid()}.part")
    try:
        with open(beside, "w", encoding="utf-8", newline="") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        _place(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def _place(beside: Path, path: Path) -> None:
    """Gives a finished file its name, unless somebody else has taken it."""
    try:
        os.link(beside, path)
    except FileExistsError:
        raise
    except OSError:
        # A file system without hard links.
        if path.exists():
            raise FileExistsError(path) from None
        os.rename(beside, path)


def _plain(release: Release) -> dict[str, Any]:
    """The record without its digest: what people read comes first, the texts last."""
    record: dict[str, Any] = {
        "record": "release of a policy",
        "form": FORM,
        "policy": release.name,
        "version": release.version,
        "date": release.date.isoformat(),
        "author": release.author,
        "note": release.note,
        "class": release.klass,
        "bump": release.bump.word,
        "changes": list(release.summary),
        "approvals": [
            {"fingerprint": one.fingerprint, "reason": one.reason, "by": one.by} for one in release.approvals
        ],
        "effective": {"from": _iso(release.effective_from), "to": _iso(release.effective_to)},
        "fingerprint": release.fingerprint,
        "language": release.language,
        "scorec": release.scorec,
        "before": None
        if release.before is None
        else {"version": release.before.version, "digest": release.before.digest},
        "file": release.file,
        "text": release.text.split("\n"),
    }
    for kind in ("libraries", "lists", "standard_lists"):
        texts: Mapping[str, str] = getattr(release.files, kind)
        record[kind] = {name: _plain_text(texts[name]) for name in sorted(texts)}
    return record


def _plain_text(text: str) -> Any:
    """A text as its lines; a long one as the hash that it is kept under."""
    return {"sha256": _hash(text), "lines": text.count("\n") + 1} if _is_long(text) else text.split("\n")


def _is_long(text: str) -> bool:
    return text.count("\n") >= LONG


def _text_file(hashed: str) -> str:
    return f"{hashed[:20]}.txt"


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class _Texts:
    """The long texts beside the records; what has been read is known."""

    folder: Path
    known: dict[str, str]

    def read(self, hashed: str) -> str:
        if hashed not in self.known:
            self.known[hashed] = self._found(hashed)
        return self.known[hashed]

    def _found(self, hashed: str) -> str:
        file = _text_file(hashed)
        try:
            text = read_file(self.folder / file).decode("utf-8")
        except (ScorecError, UnicodeDecodeError):
            raise ReleaseError(f"lacks a text that it uses: {TEXTS}/{file} cannot be read") from None
        # Git may have given the file the line ends of another system.
        for same in (text, text.replace("\r\n", "\n")):
            if _hash(same) == hashed:
                return same
        raise ReleaseError(f"uses a text that was edited by hand: {TEXTS}/{file}")


def _release(record: Mapping[str, Any], texts: _Texts, digest: str) -> Release:
    """The release that a record holds. Raises KeyError, TypeError or ValueError if it is none."""
    before, effective = record["before"], record["effective"]
    version = _said(record["version"])
    if version_of(version) is None:
        raise ValueError(version)
    return Release(
        name=_said(record["policy"]),
        version=version,
        fingerprint=_said(record["fingerprint"]),
        date=date.fromisoformat(record["date"]),
        author=_said(record["author"]),
        note=_said(record["note"]),
        klass=_said(record["class"]),
        bump=BUMPS[record["bump"]],
        summary=tuple(map(_said, record["changes"])),
        text=_text(record["text"]),
        files=Files(*(_texts_of(record[kind], texts) for kind in ("libraries", "lists", "standard_lists"))),
        file=_said(record["file"]),
        language=int(record["language"]),
        scorec=_said(record["scorec"]),
        approvals=tuple(
            Approval(_said(one["fingerprint"]), _said(one["reason"]), _said(one["by"])) for one in record["approvals"]
        ),
        before=None if before is None else Before(_said(before["version"]), _said(before["digest"])),
        effective_from=_day(effective["from"]),
        effective_to=_day(effective["to"]),
        digest=digest,
    )


def _said(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _text(lines: object) -> str:
    if not isinstance(lines, list):
        raise TypeError(lines)
    return "\n".join(map(_said, lines))


def _texts_of(files: Mapping[str, Any], texts: _Texts) -> dict[str, str]:
    return {
        name: texts.read(_said(kept["sha256"])) if isinstance(kept, dict) else _text(kept)
        for name, kept in files.items()
    }


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _day(written: str | None) -> date | None:
    return None if written is None else date.fromisoformat(written)


def _digest(record: Mapping[str, Any]) -> str:
    """The hash of what a record says, however it is laid out."""
    text = json.dumps(record, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return "sha256:" + sha256(text.encode()).hexdigest()


class _SaidTwice(ValueError):
    """A name stands twice in one object: a reader sees one value, and a program another."""


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        names = [name for name, _ in pairs]
        raise _SaidTwice(next(name for name in names if names.count(name) > 1))
    return made


def _reason(failure: OSError) -> str:
    return (failure.strerror or str(failure)).lower()


def _our_version() -> str:
    from importlib.metadata import version

    return version("scorec")
