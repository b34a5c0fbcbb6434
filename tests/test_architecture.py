"""Who may import whom: read from the files, held against a table from which docs/architecture.md is drawn."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("dsl", "grammar", "compiler", "stdlib_rules", "cli")


@dataclass(frozen=True)
class Room:
    """What a part of scorec may import: of scorec (`may`), and from outside, besides the standard library."""

    name: str
    may: tuple[str, ...] = ()
    but_never: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()


TABLE = (
    Room("scorec.grammar"),
    Room("scorec.stdlib_rules"),
    Room("scorec.dsl.values"),
    Room("scorec.dsl.facts", may=("scorec.dsl.values",)),
    Room("scorec.dsl", may=("scorec.dsl",)),
    Room(
        "scorec.compiler.parse",
        may=(
            "scorec.dsl",
            "scorec.grammar",
            "scorec.compiler.actions",
            "scorec.compiler.layout",
            "scorec.compiler.slips",
            "scorec.compiler.syntax_problems",
        ),
        outside=("lark",),
    ),
    Room("scorec.compiler.syntax_problems", may=("scorec.dsl.problems",)),
    Room("scorec.compiler.actions", may=("scorec.dsl", "scorec.compiler.syntax_problems")),
    Room("scorec.compiler.layout", may=("scorec.dsl", "scorec.compiler.syntax_problems")),
    Room("scorec.compiler.slips", may=("scorec.dsl", "scorec.grammar", "scorec.compiler.syntax_problems")),
    Room("scorec.compiler.check", may=("scorec.dsl", "scorec.compiler.check"), but_never=("scorec.dsl.semantics",)),
    Room(
        "scorec.compiler.engines.sql",
        may=("scorec.dsl", "scorec.compiler.engines", "scorec.compiler.reading"),
        but_never=("scorec.dsl.semantics", "scorec.dsl.tree"),
        outside=("sqlglot",),
    ),
    Room(
        "scorec.compiler.engines",
        may=("scorec.dsl", "scorec.compiler.engines"),
        but_never=("scorec.dsl.semantics", "scorec.dsl.tree"),
    ),
    Room(
        "scorec.compiler.analysis.solver",
        may=("scorec.dsl", "scorec.compiler.analysis"),
        outside=("ortools",),
    ),
    Room(
        # It asks the reference about single leads: what it says of all of them is held to that.
        "scorec.compiler.analysis",
        may=(
            "scorec.dsl",
            "scorec.compiler.analysis",
            "scorec.compiler.engines.terms",
            "scorec.compiler.reading",
            "scorec.compiler.wording",
        ),
    ),
    Room("scorec.compiler.lint.inquiry", may=("scorec.dsl", "scorec.compiler")),
    Room("scorec.compiler.verification", may=("scorec.dsl", "scorec.compiler")),
    Room("scorec.compiler.tables", may=("scorec.dsl", "scorec.compiler"), outside=("pyarrow",)),
    Room(
        "scorec.compiler.duckdb_tables",
        may=("scorec.dsl", "scorec.compiler"),
        but_never=("scorec.dsl.semantics",),
        outside=("duckdb", "sqlglot"),
    ),
    Room(
        "scorec.compiler.impact",
        may=("scorec.dsl", "scorec.compiler"),
        but_never=("scorec.dsl.semantics",),
        outside=("duckdb", "sqlglot"),
    ),
    Room(
        "scorec.compiler.transitions",
        may=("scorec.dsl", "scorec.compiler"),
        but_never=("scorec.dsl.semantics",),
        outside=("duckdb",),
    ),
    Room(
        "scorec.compiler.scans",
        may=("scorec.dsl", "scorec.compiler"),
        but_never=("scorec.dsl.semantics",),
        outside=("duckdb", "sqlglot", "pyarrow"),
    ),
    Room(
        "scorec.compiler.arrow_tables",
        may=("scorec.dsl", "scorec.compiler"),
        but_never=("scorec.dsl.semantics",),
        outside=("pyarrow",),
    ),
    Room(
        "scorec.compiler.spark_frames",
        may=("scorec.dsl", "scorec.compiler"),
        but_never=("scorec.dsl.semantics",),
        outside=("pyspark",),
    ),
    Room(
        "scorec.compiler",
        may=("scorec.dsl", "scorec.grammar", "scorec.stdlib_rules", "scorec.compiler", "scorec"),
        but_never=("scorec.dsl.semantics",),
    ),
    Room("scorec.cli", may=("scorec",), but_never=("scorec.dsl.semantics",), outside=("click",)),
    Room("scorec", may=("scorec.dsl", "scorec.compiler", "scorec.cli")),
)
"""The first room whose name fits a module is the module's room; so the narrower ones stand first."""


@dataclass(frozen=True)
class Module:
    name: str
    path: Path
    package: str

    @property
    def tree(self) -> ast.Module:
        return ast.parse(self.path.read_text("utf-8"))

    @property
    def shown(self) -> str:
        return self.path.relative_to(ROOT).as_posix()


def _modules() -> tuple[Module, ...]:
    files = [*ROOT.glob("*.py"), *(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))]
    return tuple(_module_of(path) for path in sorted(files))


def _module_of(path: Path) -> Module:
    parts = ("scorec", *path.relative_to(ROOT).with_suffix("").parts)
    if parts[-1] == "__init__":
        return Module(".".join(parts[:-1]), path, ".".join(parts[:-1]))
    return Module(".".join(parts), path, ".".join(parts[:-1]))


MODULES = _modules()
NAMES = {module.name for module in MODULES}
EVERY_MODULE = pytest.mark.parametrize("module", MODULES, ids=lambda module: module.shown)


@EVERY_MODULE
def test_a_module_imports_only_what_its_room_may(module: Module) -> None:
    room = _room_of(module)
    wrong = [
        f"line {line}: {name}"
        for line, name in _imports(module)
        if not _is_within(name, module.name) and not _allowed(room, name)
    ]
    assert not wrong, f"{module.shown} is in the room {room.name}, which may not import {', '.join(wrong)}"


@EVERY_MODULE
def test_a_module_says_what_it_is_for(module: Module) -> None:
    doc = ast.get_docstring(module.tree) or ""
    assert doc, f"{module.shown} has no docstring"
    assert doc.split("\n\n")[0].rstrip().endswith((".", ":", ")")), f"{module.shown} should begin with a sentence"


@EVERY_MODULE
def test_annotations_are_never_evaluated(module: Module) -> None:
    assert any(
        isinstance(node, ast.ImportFrom) and node.module == "__future__" for node in module.tree.body
    ) or not any(isinstance(node, ast.FunctionDef | ast.ClassDef) for node in module.tree.body)


@EVERY_MODULE
def test_imports_are_relative_except_at_the_root(module: Module) -> None:
    at_root = module.package == "scorec"
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names = [node.module or ""]
        elif isinstance(node, ast.ImportFrom):
            assert module.path.name != "__init__.py" or not at_root, f"line {node.lineno}: the root imports absolutely"
            continue
        else:
            continue
        absolute = [name for name in names if name.split(".")[0] == "scorec"]
        assert not absolute or at_root, f"line {node.lineno}: write {absolute[0]} as a relative import"


GENERATED_CODE = ("compiler/engines/python.py",)
"""Where text is turned into code: the loader of the emitted module, and nowhere else."""


@EVERY_MODULE
def test_only_the_engine_turns_text_into_code(module: Module) -> None:
    called = [
        (node.lineno, node.func.id)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("eval", "exec")
    ]
    assert not called or module.shown in GENERATED_CODE, f"{module.shown} calls {called}"


CLOCK = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("time", "time")}


@pytest.mark.parametrize("module", [m for m in MODULES if m.name.startswith("scorec.dsl")], ids=lambda m: m.shown)
def test_the_meaning_reads_no_clock_and_no_file(module: Module) -> None:
    for node in ast.walk(module.tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
        ):
            assert (node.func.value.id, node.func.attr) not in CLOCK, f"line {node.lineno} reads the clock"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id != "open", f"line {node.lineno} opens a file"


@EVERY_MODULE
def test_no_module_is_named_after_what_it_is_not(module: Module) -> None:
    assert not {"utils", "util", "helper", "helpers", "manager", "misc", "common"} & set(module.name.split("."))


@EVERY_MODULE
def test_no_module_hides_one_of_the_standard_library(module: Module) -> None:
    """A file `dsl/ast.py` would break Python for whoever starts it in that folder; a package's name cannot."""
    if module.path.stem not in ("__init__", "__main__"):
        hidden = module.path.stem in sys.stdlib_module_names and module.package != "scorec.cli"
        assert not hidden, f"{module.shown} is named like a module of Python itself"


def test_every_room_of_the_table_has_modules() -> None:
    empty = [room.name for room in TABLE if not any(_room_of(module) is room for module in MODULES)]
    assert not empty, f"the table speaks of rooms that do not exist: {empty}"


def test_every_name_in_the_table_exists() -> None:
    named = {name for room in TABLE for name in (room.name, *room.may, *room.but_never)}
    assert named <= NAMES, named - NAMES


# ------------------------------------------------------------------ reading imports


def _room_of(module: Module) -> Room:
    return next(room for room in TABLE if _is_within(module.name, room.name))


def _is_within(name: str, room: str) -> bool:
    return name == room or name.startswith(room + ".")


def _allowed(room: Room, name: str) -> bool:
    if name.split(".")[0] != "scorec":
        return name.split(".")[0] in sys.stdlib_module_names or name.split(".")[0] in room.outside
    if any(_is_within(name, never) for never in room.but_never):
        return False
    return any(_is_within(name, may) for may in room.may)


def _imports(module: Module) -> Iterator[tuple[int, str]]:
    """(line, full name) of each module imported, also inside functions and by `import_module(".x", __package__)`."""
    for node in ast.walk(module.tree):
        match node:
            case ast.Import(names=names):
                yield from ((node.lineno, alias.name) for alias in names)
            case ast.ImportFrom(module=name, names=names, level=level):
                yield from ((node.lineno, full) for full in _from(module, name or "", level, [a.name for a in names]))
            case ast.Constant(value=str(text)) if text.startswith("scorec."):
                # The root's table of names that are loaded when they are asked for.
                if text in NAMES:
                    yield node.lineno, text


def _from(module: Module, name: str, level: int, members: list[str]) -> Iterator[str]:
    """`from ..dsl import ir` imports the module scorec.dsl.ir, `from ..dsl.ir import Op` as well."""
    base = name
    if level:
        parts = module.package.split(".")
        base = ".".join([*parts[: len(parts) - (level - 1)], *([name] if name else [])])
    if base.split(".")[0] != "scorec":
        yield base
        return
    for member in members:
        yield f"{base}.{member}" if f"{base}.{member}" in NAMES else base
