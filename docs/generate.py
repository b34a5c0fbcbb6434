"""Writes the generated pages of docs/; with `--check` it only says which are stale, and exits with 1 if any is.

What can be read from the code is never typed: the commands' help, the problems' pages, the syntax, the operators, the
list of shipped libraries and of decisions, the code map and the table of imports in architecture.md, the rules in
lint.md.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import pkgutil
import re
import sys
from collections.abc import Iterator, Mapping
from inspect import cleandoc
from pathlib import Path
from types import ModuleType

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
NOTE = "<!-- Written by docs/generate.py; do not edit. -->\n"

OWNED = ("problems/*.md",)
"""Folders in which every page is generated: one that is not, is an orphan."""


def main(arguments: list[str]) -> int:
    pages = generated()
    stale = [path for path, text in pages.items() if not path.exists() or path.read_text("utf-8") != text]
    orphans = [path for pattern in OWNED for path in sorted(DOCS.glob(pattern)) if path not in pages]
    if "--check" in arguments:
        for path in stale:
            print(f"stale: {path.relative_to(ROOT)} (run `python docs/generate.py`)")
        for path in orphans:
            print(f"orphan: {path.relative_to(ROOT)} (nothing in the code has this page; remove it)")
        return 1 if stale or orphans else 0
    for path in stale:
        path.parent.mkdir(exist_ok=True)
        path.write_text(pages[path], "utf-8")
        print(f"wrote {path.relative_to(ROOT)}")
    for path in orphans:
        path.unlink()
        print(f"removed {path.relative_to(ROOT)}")
    return 0


def generated() -> dict[Path, str]:
    """Every generated page, by its path."""
    pages = {
        "cli.md": command_line(),
        "syntax.md": syntax(),
        "operators.md": operators(),
        "stdlib.md": libraries(),
        "decisions/index.md": decisions(),
        "architecture.md": architecture(),
        "lint.md": lint(),
        **problems(),
    }
    return {DOCS / name: text.rstrip("\n") + "\n" for name, text in pages.items()}


# ------------------------------------------------------------------ the command line


def command_line() -> str:
    import click

    from scorec import cli

    settings = cli.commands.context_settings
    root = click.Context(cli.commands, info_name="scorec", terminal_width=100, max_content_width=100, **settings)
    parts = [
        f"{NOTE}# The command line\n\nThis is what `scorec --help` and `scorec COMMAND --help` print.\n",
        f"```text\n{cli.commands.get_help(root).rstrip()}\n```\n",
    ]
    for name in cli.commands.list_commands(root):
        command = cli.commands.get_command(root, name)
        assert command is not None, name
        context = click.Context(command, info_name=name, parent=root, terminal_width=100, max_content_width=100)
        parts.append(f"## scorec {name}\n\n```text\n{command.get_help(context).rstrip()}\n```\n")
    return "\n".join(parts)


# ------------------------------------------------------------------ problems


def problems() -> dict[str, str]:
    """A page for each problem, and their index."""
    from scorec.dsl.problems import CATALOGUE, RETIRED

    _import_all()
    pages: dict[str, str] = {}
    rows = []
    for code in sorted(CATALOGUE):
        kind = CATALOGUE[code]
        text = cleandoc(kind.__doc__ or "")
        first = text.split("\n\n")[0].replace("\n", " ")
        name = f"problems/{kind.slug()}.md"
        assert name not in pages, f"two problems are called {kind.slug()}"
        pages[name] = f"{NOTE}# {code} {kind.slug()}\n\n*{kind.severity.word}*\n\n{text}\n"
        rows.append(f"| [{code}]({kind.slug()}.md) | {kind.slug()} | {kind.severity.word} | {first} |")
    head = f"{NOTE}# Problems\n\nWhat scorec can find in a policy. `scorec explain CODE` prints the same pages.\n\n"
    table = "| code | name | severity | what it says |\n| --- | --- | --- | --- |\n" + "\n".join(rows) + "\n"
    retired = "".join(f"- {code}: {what}\n" for code, what in sorted(RETIRED.items()))
    pages["problems/index.md"] = head + table + (f"\n## Retired codes\n\n{retired}" if retired else "")
    return pages


def _import_all() -> None:
    """Problems are declared in the module that raises them: all modules of the compiler must have been loaded."""
    import scorec.compiler

    for module in pkgutil.walk_packages(scorec.compiler.__path__, "scorec.compiler."):
        importlib.import_module(module.name)


# ------------------------------------------------------------------ lint


LOOKS_AT = {"text": "the text", "program": "the meaning", "study": "every possible lead", "tests": "the tests"}


def lint() -> str:
    """The page about lint, with the list of rules and of their options."""
    from scorec.compiler.lint.rules import load

    rows, options = [], []
    for code, rule in load().items():
        kind = rule.problem
        first = cleandoc(kind.__doc__ or "").split("\n\n")[0]
        severity = kind.severity.word if rule.default else f"off ({kind.severity.word})"
        name = f"[{kind.slug()}](problems/{kind.slug()}.md)"
        rows.append(f"| {code} | {name} | {severity} | {LOOKS_AT[rule.needs]} | {_cell(first)} |")
        options += [
            f"| `{option.name}` | {name} | `{_toml(option.default)}` | {_cell(option.meaning)} |"
            for option in rule.options
        ]
    table = "\n| code | name | severity | looks at | |\n| --- | --- | --- | --- | --- |\n" + "\n".join(rows) + "\n"
    if options:
        head = "\n| option | of | default | |\n| --- | --- | --- | --- |\n"
        table += head + "\n".join(options) + "\n"
    return _with_parts("lint.md", {"rules": table + "\n"})


def _toml(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return f'"{value}"'
        case tuple():
            return f"[{', '.join(map(_toml, value))}]"
        case _:
            return str(value)


# ------------------------------------------------------------------ the language's parts


def syntax() -> str:
    """Every class of the surface tree with the syntax it stands for, in the order of the file."""
    text = (ROOT / "dsl/tree.py").read_text("utf-8")
    parts = [
        f"{NOTE}# Syntax\n\nEvery form of the language at a glance, from the docstrings of `dsl/tree.py`. "
        "What the forms mean is in [the language](language.md).\n"
    ]
    section, rows = "", list[str]()
    sections: list[tuple[str, list[str]]] = []
    lines = text.splitlines()
    classes = {node.lineno: node for node in ast.parse(text).body if isinstance(node, ast.ClassDef)}
    for number, line in enumerate(lines, 1):
        heading = re.match(r"# -{10,} (.+)", line)
        if heading:
            section, rows = heading[1], []
            sections.append((section, rows))
        node = classes.get(number)
        doc = ast.get_docstring(node) if node else None
        if node and doc and "`" in doc:
            rows.append(f"| {_words(node.name)} | {_cell(doc)} |")
    for section, rows in sections:
        if rows:
            parts.append(f"## {section[0].upper()}{section[1:]}\n\n| part | how it is written |\n| --- | --- |\n")
            parts[-1] += "\n".join(rows) + "\n"
    return "\n".join(parts)


def operators() -> str:
    """The operators of the typed core, from `ir.Op`."""
    text = (ROOT / "dsl/ir.py").read_text("utf-8")
    enum = next(n for n in ast.parse(text).body if isinstance(n, ast.ClassDef) and n.name == "Op")
    rows: list[tuple[list[str], str]] = []
    open_rows: list[str] = []
    for item in enum.body[1:]:
        match item:
            case ast.Assign(targets=[ast.Name()], value=ast.Constant(value=str(spelling))):
                open_rows.append(spelling)
            case ast.Expr(value=ast.Constant(value=str(doc))):
                rows.append((open_rows, doc))
                open_rows = []
    assert not open_rows, f"{open_rows} have no sentence in dsl/ir.py"
    body = "\n".join(f"| {', '.join(f'`{name}`' for name in names)} | {_cell(doc)} |" for names, doc in rows)
    intro = ast.get_docstring(enum) or ""
    return (
        f"{NOTE}# Operators\n\nThe operators and functions of the typed core, from `dsl/ir.py`: what the checker turns "
        f"arithmetic and functions into, and what every engine must offer. {intro}\n\n"
        f"| operators | meaning |\n| --- | --- |\n{body}\n"
    )


def _words(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", " ", name.rstrip("_")).lower()


def _cell(text: str) -> str:
    """A docstring in the cell of a table: on one line, with its bars escaped."""
    return " ".join(text.split()).replace("|", "\\|")


# ------------------------------------------------------------------ lists of pages


def libraries() -> str:
    rows = []
    for file in sorted((ROOT / "stdlib_rules").rglob("*.score")):
        name = ".".join(["std", *file.relative_to(ROOT / "stdlib_rules").with_suffix("").parts])
        label = re.search(r'^library \S+ "(.*)"', file.read_text("utf-8"), re.MULTILINE)
        page = file.with_suffix(".md")
        # A library without a page is a fault that tests/test_stdlib.py finds; here it only has nothing to say.
        title, first = _title_and_first_paragraph(page.read_text("utf-8")) if page.exists() else (name, "")
        shown = label[1] if label else title
        rows.append(f"| [`{name}`](../{page.relative_to(ROOT).as_posix()}) | {shown} | {_cell(first)} |")
    table = "| library | what it holds | |\n| --- | --- | --- |\n" + "\n".join(rows) + "\n"
    return (
        f"{NOTE}# The shipped libraries\n\nThey are written in the language itself, in `stdlib_rules/`. A policy takes "
        f"one with a line such as `use std.email`, and names its parts `email.is_free`.\n\n{table}"
    )


def decisions() -> str:
    rows = []
    for page in sorted((DOCS / "decisions").glob("[0-9]*.md")):
        title, _ = _title_and_first_paragraph(page.read_text("utf-8"))
        rows.append(f"- [{title}]({page.name})")
    return (
        f"{NOTE}# Decisions\n\nWhy scorec is as it is. One page each: the context, the choice, and what we gave up.\n\n"
        + "\n".join(rows)
        + "\n"
    )


def _title_and_first_paragraph(text: str) -> tuple[str, str]:
    title = next(line for line in text.splitlines() if line.startswith("# ")).removeprefix("# ")
    after = text.split("# " + title, 1)[1]
    paragraphs = [" ".join(part.split()) for part in after.split("\n\n")]
    return title, next((part for part in paragraphs if part and part[0] not in "#|`-<"), "")


# ------------------------------------------------------------------ architecture


def architecture() -> str:
    """The page as it is, with its generated parts written anew."""
    return _with_parts("architecture.md", {"code map": code_map(), "imports": imports()})


def _with_parts(page: str, parts: Mapping[str, str]) -> str:
    text = (DOCS / page).read_text("utf-8")
    for name, part in parts.items():
        start, end = f"<!-- generated: {name} -->\n", f"<!-- end of {name} -->"
        before, rest = text.split(start)
        text = before + start + part + end + rest.split(end)[1]
    return text


def code_map() -> str:
    """Each module with the first sentence of its docstring."""
    parts = []
    for folder, modules in _modules().items():
        rows = "\n".join(f"| `{path}` | {_cell(sentence)} |" for path, sentence in modules)
        parts.append(f"| {folder or 'the root'} | |\n| --- | --- |\n{rows}\n")
    return "\n" + "\n".join(parts) + "\n"


def _modules() -> Mapping[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for path in package_files(ROOT):
        doc = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
        sentence = re.split(r"(?<=[.:])\s", doc.split("\n\n")[0], maxsplit=1)[0] if doc else ""
        whole = doc.split("\n\n")[0]
        folder = path.parent.relative_to(ROOT).as_posix()
        found.setdefault("" if folder == "." else folder + "/", []).append(
            (path.relative_to(ROOT).as_posix(), whole if sentence.endswith(":") else sentence)
        )
    return found


def package_files(root: Path) -> Iterator[Path]:
    """Every Python file that is shipped."""
    yield from sorted(root.glob("*.py"))
    for room in ("dsl", "grammar", "compiler", "stdlib_rules", "cli"):
        yield from sorted((root / room).rglob("*.py"))


def imports() -> str:
    """The table of `tests/test_architecture.py`, as a table."""
    table = _module_at(ROOT / "tests/test_architecture.py").TABLE
    rows = "\n".join(
        f"| `{room.name}` | {_listed(room.may) or 'nothing of scorec'} "
        f"| {_listed(room.but_never)} | {_listed(room.outside)} |"
        for room in table
    )
    return f"\n| room | may import | but never | and from outside |\n| --- | --- | --- | --- |\n{rows}\n\n"


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _module_at(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
