"""What `[tool.scorec]` in a pyproject.toml, or a scorec.toml, says about rules; and where the file is found.

Everything that is wrong with a file is reported together, each mistake with its line and a way out.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from ...dsl.problems import Severity
from ..errors import ScorecError
from ..folder import read_file
from .codes import catalogue, codes_of, is_fixed, nearest
from .rule import AnyOption
from .rules import load
from .settings import Settings
from .toml_lines import Lines
from .version_problems import SETTLE_DAYS

OWN_FILE, SHARED_FILE = "scorec.toml", "pyproject.toml"

SEVERITIES: Mapping[str, Severity | None] = {
    "error": Severity.ERROR,
    "warning": Severity.WARNING,
    "info": Severity.INFO,
    "off": None,
}

KEYS = ("select", "ignore", "severity", "locked", "options", "per-path")
PATH_KEYS = ("path", "ignore", "severity")


@dataclass(frozen=True, slots=True)
class Mistake:
    """Something wrong with a configuration: its line, what it is, and what to do."""

    line: int
    message: str
    hint: str = ""


class ConfigurationError(ScorecError):
    """A configuration cannot be used. `mistakes` holds everything that was found."""

    def __init__(self, file: str, mistakes: tuple[Mistake, ...]) -> None:
        self.file, self.mistakes = file, mistakes
        said = [f"{file}:{one.line}: {one.message}" + (f"; {one.hint}" if one.hint else "") for one in mistakes]
        super().__init__("\n".join(said))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.file, self.mistakes)


@dataclass(frozen=True, slots=True)
class ForPath:
    """`[[per-path]]`: what holds besides for the files that fit a pattern."""

    pattern: re.Pattern[str]
    ignored: frozenset[str]
    severities: Mapping[str, Severity | None]


@dataclass(frozen=True)
class Configuration:
    """What a file says, with every name resolved to codes. `folder` is where the patterns of paths begin."""

    folder: Path = Path(os.curdir)
    file: Path | None = None
    settings: Settings = field(default_factory=Settings)
    paths: tuple[ForPath, ...] = ()

    def of(self, policy: Path) -> Settings:
        """The settings of one policy."""
        settings = self.settings
        inside = Path(os.path.relpath(policy.resolve(), self.folder.resolve())).as_posix() if self.paths else ""
        for one in self.paths:
            if one.pattern.fullmatch(inside):
                settings = replace(
                    settings,
                    ignored=settings.ignored | one.ignored,
                    severities={**settings.severities, **one.severities},
                )
        return settings


# ------------------------------------------------------------------ finding the file


def configuration_of(policy: Path) -> Configuration:
    """The configuration of the policy at a path: that of the nearest folder upwards that has one. Raises
    `ConfigurationError` if it has mistakes."""
    for folder in policy.absolute().parents:
        for name in (OWN_FILE, SHARED_FILE):
            file = folder / name
            if file.is_file():
                found = read(_text(file), _shown(file), folder, own=name == OWN_FILE)
                if found is not None:
                    return replace(found, file=file)
    return Configuration()


def configuration_at(file: Path) -> Configuration:
    """The configuration in a file that was named. Raises `ScorecError` if it has none."""
    found = read(_text(file), str(file), file.absolute().parent, own=file.name != SHARED_FILE)
    if found is None:
        raise ScorecError(f"{file} has no table [tool.scorec]")
    return replace(found, file=file)


def _text(file: Path) -> str:
    try:
        return read_file(file).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ScorecError(f"{_shown(file)} is not UTF-8 text; save it as UTF-8") from None


def _shown(file: Path) -> str:
    """A path as short as it can be said from here."""
    try:
        return str(file.relative_to(Path.cwd()))
    except ValueError:
        return str(file)


# ------------------------------------------------------------------ reading it


def read(text: str, name: str, folder: Path, own: bool) -> Configuration | None:
    """What a text says; None where it is a pyproject.toml that does not speak of scorec. `own` tells that the whole
    text is ours."""
    # Read only where there is a configuration: most policies are checked without one.
    import tomllib

    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as failure:
        if not own and not re.search(r"tool\s*\.\s*scorec", text):
            return None
        raise ConfigurationError(name, (_not_toml(str(failure), text),)) from None
    if not own:
        tool = data.get("tool")
        if not isinstance(tool, dict) or "scorec" not in tool:
            return None
        data = tool["scorec"]
    look = _Look(Lines(text), () if own else ("tool", "scorec"), [])
    if not isinstance(data, dict):
        look.wrong((), "`scorec` is not a table", "write [tool.scorec]")
        data = {}
    look.only_keys((), data, KEYS, own)
    settings = Settings(
        selected=look.codes(("select",), data) if "select" in data else None,
        ignored=look.codes(("ignore",), data),
        severities=look.severities(("severity",), data),
        locked=look.codes(("locked",), data),
        options=look.options(("options",), data),
    )
    paths = look.paths(("per-path",), data)
    if look.mistakes:
        raise ConfigurationError(name, tuple(sorted(look.mistakes, key=lambda one: one.line)))
    return Configuration(folder, None, settings, paths)


def _not_toml(said: str, text: str) -> Mistake:
    place = re.search(r"\(at line (\d+), column \d+\)", said)
    line = int(place[1]) if place else text.count("\n") + 1
    what = re.sub(r"\s*\(at .*\)", "", said)
    hint = 'texts stand in quotes, lists in [ ]: select = ["SC2"]'
    return Mistake(line, f"this is not TOML: {what[:1].lower()}{what[1:]}", hint)


@dataclass(frozen=True, slots=True)
class _Look:
    """A configuration while it is read: where its keys stand, and what was wrong so far."""

    lines: Lines
    above: tuple[str, ...]
    mistakes: list[Mistake]

    def wrong(self, key: Sequence[str | int], message: str, hint: str = "", word: str = "") -> None:
        self.mistakes.append(Mistake(self.lines.of((*self.above, *key), word), message, hint))

    def only_keys(self, key: tuple[str | int, ...], table: Mapping[str, Any], known: Sequence[str], own: bool) -> None:
        for name in table:
            if name in known:
                continue
            close = get_close_matches(name.replace("_", "-"), known, 1, 0.6)
            if own and name == "tool" and not key:
                hint = f"in a {OWN_FILE} the keys stand by themselves, without [tool.scorec]"
            else:
                hint = f"did you mean `{close[0]}`?" if close else f"there are {', '.join(known)}"
            self.wrong((*key, name), f"there is no key `{name}`", hint)

    def codes(self, key: tuple[str | int, ...], table: Mapping[str, Any]) -> frozenset[str]:
        """`["SC204", "SC5", "unused-list"]`"""
        name = key[-1]
        if name not in table:
            return frozenset()
        written = table[str(name)]
        if not isinstance(written, list) or not all(isinstance(word, str) for word in written):
            self.wrong(key, f"`{name}` is a list of codes or names", f'write {name} = ["SC204", "unused-list"]')
            return frozenset()
        return frozenset(code for word in written for code in self.code(key, word))

    def code(self, key: tuple[str | int, ...], word: str) -> frozenset[str]:
        codes = codes_of(word)
        if not codes:
            close = nearest(word)
            hint = f"did you mean `{close}`?" if close else "codes look like SC204, or SC2 for all that begin so"
            self.wrong(key, f"no finding is called `{word}`", hint, word)
        elif all(is_fixed(catalogue()[code]) for code in codes):
            self.wrong(key, f"`{word}` is an error of the language and stays one", "take it out", word)
        return codes

    def severities(self, key: tuple[str | int, ...], table: Mapping[str, Any]) -> Mapping[str, Severity | None]:
        """`{ SC204 = "error", SC8 = "off" }`: a longer word says more than a shorter one, wherever it stands."""
        written = table.get("severity", {})
        if not isinstance(written, dict):
            self.wrong(key, "`severity` is a table", 'write severity = { SC204 = "error" }')
            return {}
        found: dict[str, Severity | None] = {}
        for word, value in sorted(written.items(), key=lambda item: _reach(item[0])):
            codes = self.code((*key, word), word)
            if not isinstance(value, str) or value not in SEVERITIES:
                hint = "a severity is " + ", ".join(f'"{one}"' for one in SEVERITIES)
                self.wrong((*key, word), f"`{word}` has no severity", hint, word)
            else:
                found.update(dict.fromkeys(codes, SEVERITIES[value]))
        return found

    def options(self, key: tuple[str | int, ...], table: Mapping[str, Any]) -> Mapping[str, object]:
        """`{ settle-days = 30 }`"""
        written = table.get("options", {})
        if not isinstance(written, dict):
            self.wrong(key, "`options` is a table", "write [tool.scorec.options] above them" if self.above else "")
            return {}
        known = {option.name: option for rule in load().values() for option in rule.options}
        known[SETTLE_DAYS.name] = SETTLE_DAYS
        self.only_keys(key, written, sorted(known) or ["none yet"], False)
        found: dict[str, object] = {}
        for name in written.keys() & known.keys():
            value = _fitting(written[name], known[name])
            if value is None:
                self.wrong((*key, name), f"`{name}` takes {_kind(known[name])}", f"such as {_example(known[name])}")
            else:
                found[name] = value
        return found

    def paths(self, key: tuple[str | int, ...], table: Mapping[str, Any]) -> tuple[ForPath, ...]:
        """`[[per-path]]` and its lines"""
        written = table.get("per-path", [])
        if not isinstance(written, list) or not all(isinstance(one, dict) for one in written):
            title = ".".join((*self.above, "per-path"))
            self.wrong(key, "`per-path` is a list of tables", f"write [[{title}]] and its keys below")
            return ()
        found = []
        for index, one in enumerate(written):
            here = (*key, index)
            self.only_keys(here, one, PATH_KEYS, False)
            path = one.get("path")
            if not isinstance(path, str) or not path:
                self.wrong((*here, "path"), "it does not say which files", 'write path = "drafts/*"')
                path = ""
            ignored, severities = self.codes((*here, "ignore"), one), self.severities((*here, "severity"), one)
            found.append(ForPath(pattern(path), ignored, severities))
        return tuple(found)


def _reach(word: str) -> tuple[bool, int]:
    """Beginnings of codes first, the shortest before longer ones."""
    return len(codes_of(word)) == 1, len(word)


def _fitting(value: object, option: AnyOption) -> object | None:
    """A value as a rule takes it; None where it is of another type."""
    default = option.default
    if isinstance(default, tuple):
        fits = isinstance(value, list) and all(isinstance(item, str) for item in value)
        return tuple(value) if fits and isinstance(value, list) else None
    if isinstance(default, float) and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return value if type(value) is type(default) else None


def _kind(option: AnyOption) -> str:
    match option.default:
        case bool():
            return "true or false"
        case int():
            return "a whole number"
        case float():
            return "a number"
        case str():
            return "a text"
        case _:
            return "a list of texts"


def _example(option: AnyOption) -> str:
    match option.default:
        case bool() as flag:
            return f"{option.name} = {'true' if flag else 'false'}"
        case str() as text:
            return f'{option.name} = "{text}"'
        case tuple() as texts:
            quoted = ", ".join(f'"{text}"' for text in texts)
            return f"{option.name} = [{quoted}]"
        case number:
            return f"{option.name} = {number}"


def pattern(written: str) -> re.Pattern[str]:
    """`drafts/*`, `**/old/*.score`, `drafts/`: `*` stays within a folder, `**` crosses folders, and a folder stands for
    all that is in it."""
    parts = []
    for part in re.findall(r"\*\*/|\*\*|\*|\?|[^*?]+", written.removeprefix("./")):
        parts.append({"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}.get(part) or re.escape(part))
    text = "".join(parts)
    return re.compile(text + ".*" if written.endswith("/") else f"{text}(?:/.*)?")
