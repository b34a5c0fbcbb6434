"""`use`: every library that a file needs, directly or through others, found and read once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from ..dsl import tree
from ..dsl.problems import Fix, Problem, Severity, problem
from ..dsl.source import Source
from .check.units import ListFile, Unit
from .parse import Parsed, parse
from .standard import Library, standard_names


@dataclass(frozen=True)
class Loaded:
    """The file itself and the libraries that it needs, by name, in the order in which they were found; and what is
    wrong with the libraries' texts, or with how they are used."""

    main: Unit
    libraries: Mapping[str, Unit]
    problems: tuple[Problem, ...]


@problem("SC012")
class ImportCycle(Problem):
    """Libraries use each other in a circle.

    ## Why it matters
    Two libraries that use each other cannot be understood one after the other.

    ## Avoid
    ```score
    library team.forms
      language 1

    use team.forms
    ```

    ## Prefer
    ```score
    library team.forms
      language 1

    use std.email
    ```
    """

    circle: tuple[str, ...]

    def message(self) -> str:
        if len(self.circle) == 2:
            return f"the library `{self.circle[0]}` uses itself"
        return "these libraries use each other: " + " -> ".join(f"`{name}`" for name in self.circle)

    def help(self) -> str:
        return "break the circle: move what both need into a library of its own"


@problem("SC019")
class UnknownLibrary(Problem):
    """A library is used that is not there.

    ## Why it matters
    Everything that the library was to bring is missing.

    ## Avoid
    ```score
    policy inbound
      language 1

    use std.emails

    lead by lead_id
      email: text

    score fit
      +10 known when email is known
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    use std.email

    lead by lead_id
      email: text

    score fit
      -25 free_mail when email.is_free(email)
    ```
    """

    name: str
    nearest: str | None = None

    def message(self) -> str:
        return f"there is no library called `{self.name}`"

    def help(self) -> str:
        if self.nearest:
            return ""
        if self.name.split(".")[0] == "std":
            return "the libraries called `std.` come with scorec: see the list in its documentation"
        return f"a library of your own is a file beside the policy: `{self.name.replace('.', '/')}.score`"


@problem("SC029")
class NotALibrary(Problem):
    """The file that is used is a policy, or a library of another name.

    ## Why it matters
    A policy decides about leads of its own and cannot be used in another; and a library is found by its name, so the
    name in its first line must be the one that it is used by. Here `team.inbound` is a policy.

    ## Avoid
    ```score
    policy inbound
      language 1

    use team.inbound

    lead by lead_id
      email: text

    score fit
      +10 known when email is known
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    use std.email

    lead by lead_id
      email: text

    score fit
      -25 free_mail when email.is_free(email)
    ```
    """

    name: str
    found: str

    def message(self) -> str:
        return f"the file found for `{self.name}` is {self.found}"

    def help(self) -> str:
        return f"its first line should be `library {self.name}`"


def load(source: Source, parsed: Parsed, library: Library, list_files: Callable[[str], ListFile]) -> Loaded:
    """Follows `use` to the end. What cannot be found is reported where it is used. `list_files` gives, for the name of
    a library or an empty one for a policy, the reader of its list files."""
    own_name = _own_name(parsed)
    main = _unit(own_name, source, parsed, list_files(own_name))
    libraries: dict[str, Unit] = {}
    problems: list[Problem] = []
    missing: set[str] = set()
    waiting = list(main.uses)
    for use in waiting:
        name = use.name.text
        if name in libraries or name in missing or name == main.name:
            continue
        found = library(name)
        if found is None:
            missing.add(name)
            problems.append(_unknown(use))
            continue
        parsed = parse(found)
        wrong = _what_else(name, parsed)
        if wrong:
            missing.add(name)
            problems.append(NotALibrary(span=use.name.span, name=name, found=wrong))
            continue
        problems.extend(problem for problem in parsed.problems if problem.severity is Severity.ERROR)
        libraries[name] = _unit(name, found, parsed, list_files(name))
        waiting.extend(libraries[name].uses)
    problems.extend(_circles(main, libraries))
    return Loaded(main, libraries, tuple(problems))


def _unknown(use: tree.Use) -> UnknownLibrary:
    name = use.name.text
    near: list[str] = []
    if name.startswith("std.") or "." not in name:
        near = [f"std.{shipped}" for shipped in get_close_matches(name.removeprefix("std."), standard_names(), n=1)]
    fix = Fix(f"replace with `{near[0]}`", use.name.span, near[0]) if near else None
    label = f"did you mean `{near[0]}`?" if near else ""
    return UnknownLibrary(span=use.name.span, label=label, fix=fix, name=name, nearest=near[0] if near else None)


def _unit(name: str, source: Source, parsed: Parsed, list_file: ListFile) -> Unit:
    return Unit(name, source, parsed.file, parsed.incomplete, parsed.torn, parsed.broken_names, list_file)


def _own_name(parsed: Parsed) -> str:
    header = parsed.file.header if parsed.file is not None else None
    return header.name.text if header is not None and header.kind == "library" else ""


def _what_else(name: str, parsed: Parsed) -> str:
    """What a file is that was found for a library, if it is not that library; empty if it is, or cannot be read."""
    header = parsed.file.header if parsed.file is not None else None
    if header is None:
        return "" if parsed.problems else "no library"
    if header.kind == "policy":
        return f"the policy `{header.name.text}`"
    return "" if header.name.text == name else f"the library `{header.name.text}`"


def _circles(main: Unit, libraries: Mapping[str, Unit]) -> Iterator[Problem]:
    """The `use` lines that close a circle."""
    units = {**libraries, main.name: main}
    done: set[str] = set()
    path: list[str] = []
    on_path: set[str] = set()
    stack: list[tuple[str, Iterator[tree.Use]]] = [(main.name, iter(main.uses))]
    path.append(main.name)
    on_path.add(main.name)
    while stack:
        name, lines = stack[-1]
        line = next(lines, None)
        if line is None:
            stack.pop()
            path.pop()
            on_path.discard(name)
            done.add(name)
            continue
        used = line.name.text
        if used in on_path:
            yield ImportCycle(span=line.name.span, circle=(*path[path.index(used) :], used))
        elif used not in done and used in units:
            stack.append((used, iter(units[used].uses)))
            path.append(used)
            on_path.add(used)
