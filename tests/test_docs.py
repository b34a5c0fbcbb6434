"""The documentation is true: its policies are checked and run, its commands too, its generated pages are fresh, and
what it names exists. docs/testing.md says how a page asks for which check."""

from __future__ import annotations

import importlib
import importlib.util
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timezone
from fractions import Fraction
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

from scorec.compiler import format, layout, parse, pipeline, questions, testing, version
from scorec.compiler.check import literals, scope
from scorec.compiler.engines import changes
from scorec.compiler.engines import python as engine
from scorec.dsl import facts, ir, semantics, tree, values
from scorec.dsl.problems import CATALOGUE, Severity
from scorec.dsl.source import Source

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
LANGUAGE = DOCS / "language.md"
PAGES = (ROOT / "README.md", *sorted(DOCS.rglob("*.md")))
README = ROOT / "README.md"
WRITTEN = tuple(page for page in PAGES if page.parent.name != "problems" and page != README)
"""Pages with examples of their own; those of the problems are run in test_problems.py."""


# ------------------------------------------------------------------ the examples


@dataclass(frozen=True)
class Block:
    """A fenced block: ```` ```score error=SC230 ```` has the language `score` and the word `error=SC230`."""

    page: Path
    line: int
    language: str
    words: tuple[str, ...]
    text: str

    @property
    def name(self) -> str:
        return f"{self.page.relative_to(ROOT).as_posix()}:{self.line}"


def _blocks(page: Path) -> Iterator[Block]:
    text = page.read_text("utf-8")
    for found in re.finditer(r"^( *)(`{3,})([^\n`]*)\n(.*?)^\1\2 *$", text, re.MULTILINE | re.DOTALL):
        language, *words = found[3].split() or [""]
        yield Block(page, text.count("\n", 0, found.start()) + 1, language, tuple(words), found[4])


EXAMPLES = tuple(block for page in WRITTEN for block in _blocks(page) if block.language == "score")
FORMS = re.compile(r"|library|surrounding|fragment|fragment=rules|error=SC\d{3}")


def _form(block: Block) -> str:
    """What stands after the word `score`: which kind of example it is."""
    return " ".join(block.words)


def _of_form(*forms: str) -> pytest.MarkDecorator:
    found = [block for block in EXAMPLES if _form(block).split("=")[0] in forms]
    return pytest.mark.parametrize("block", found, ids=lambda block: block.name)


def test_every_example_says_how_it_is_meant() -> None:
    for block in EXAMPLES:
        assert FORMS.fullmatch(_form(block)), f"{block.name}: `score {_form(block)}` is no kind of example"


def test_the_language_is_shown_by_many_examples() -> None:
    """A page whose fences are not found would pass every other test."""
    shown = [block for block in EXAMPLES if block.page == LANGUAGE]
    assert len(shown) >= 40
    assert sum(len(_program_of(block).tests) for block in shown if _form(block) == "") >= 60


@_of_form("")
def test_a_policy_is_without_findings(block: Block) -> None:
    assert not _findings(_analysis(block.text, block.page))


@_of_form("")
def test_a_policy_gives_what_the_page_says(block: Block) -> None:
    program = _program_of(block)
    conditions = tuple(e.condition for test in program.tests for e in test.expectations if e.condition is not None)
    inquiry = questions.ask(program, conditions)
    compiled = engine.load(inquiry.program)
    for test in program.tests:
        lead, events, at = testing.facts_of(program, test)
        evaluation = semantics.evaluate(inquiry.program, lead, test.events, at)
        assert compiled.evaluate_with_reasons(lead, events, at) == evaluation
        answers = dict(zip(conditions, inquiry.truths(evaluation), strict=True))
        fired = {line.rule for line in evaluation.lines or () if line.step == "rule"}
        for expectation in test.expectations:
            if expectation.condition is not None:
                shown = {name: ticks and values.decimal_of(ticks) for name, ticks in evaluation.scores.items()}
                said = f"{block.name} {test.title!r}: {expectation.text}; {shown} {evaluation.bands}"
                assert answers[expectation.condition] is True, said
            else:
                is_so = (expectation.rule in fired) is not expectation.negated
                assert is_so, f"{block.name} {test.title!r}: {expectation.text}; fired {sorted(fired)}"


@_of_form("library")
def test_a_library_is_without_errors(block: Block) -> None:
    assert not _errors(_analysis(block.text, block.page))


@_of_form("surrounding", "fragment")
def test_a_part_of_a_policy_has_no_errors(block: Block) -> None:
    if _form(block) == "surrounding":
        text = _surrounded(block.page, "score nothing\n  +1 known when email is known\n")
    elif _form(block) == "fragment=rules":
        text = _surrounded(block.page, "score example\n" + _indented(block.text))
    else:
        text = _surrounded(block.page, block.text)
    assert not _errors(_analysis(text, block.page))


@_of_form("error")
def test_a_mistake_is_answered_with_the_problem_shown(block: Block) -> None:
    code = block.words[0].removeprefix("error=")
    assert code in CATALOGUE
    assert {problem.code for problem in _analysis(block.text, block.page).problems} == {code}


def test_what_the_readme_shows_could_stand_in_its_example() -> None:
    """With the facts of examples/saas_inbound and a decision that has the outcomes of the gate."""
    (block,) = [block for block in _blocks(README) if block.language == "score"]
    example = (ROOT / "examples/saas_inbound/inbound.score").read_text("utf-8")
    facts = example.split("\nscore ")[0]
    decision = "decide next_step\n  sales when fit >= 50\n  nurture when interest >= 20\n  wait otherwise\n"
    analysis = pipeline.analyze(
        Source("readme.score", f"{facts}\n{block.text}\n{decision}"),
        pipeline.no_library,
        lambda name: Source(name, (ROOT / "examples/saas_inbound" / name).read_text("utf-8")),
    )
    assert not _errors(analysis)


def _surrounded(page: Path, declarations: str) -> str:
    (surrounding,) = [block for block in EXAMPLES if block.page == page and _form(block) == "surrounding"]
    return surrounding.text + "\n" + declarations


def _indented(text: str) -> str:
    return "".join(f"  {line}\n" if line else "\n" for line in text.splitlines())


@cache
def _analysis(text: str, page: Path) -> pipeline.Analysis:
    blocks = list(_blocks(page))
    libraries = {}
    for block in blocks:
        named = re.search(r"^library ([\w.]+)", block.text, re.MULTILINE)
        if block.language == "score" and block.words == ("library",) and named:
            libraries[named[1]] = Source(named[1], block.text)
    files = {
        (name := word.removeprefix("file=")): Source(name, block.text)
        for block in blocks
        if block.language == "text"
        for word in block.words
        if word.startswith("file=")
    }
    return pipeline.analyze(Source("example.score", text), libraries.get, files.get)


def _program_of(block: Block) -> ir.Program:
    analysis = _analysis(block.text, block.page)
    assert analysis.program is not None, _findings(analysis)
    return analysis.program


def _findings(analysis: pipeline.Analysis) -> list[str]:
    return [f"{problem.code} {problem.message()}" for problem in analysis.problems]


def _errors(analysis: pipeline.Analysis) -> list[str]:
    return [f"{p.code} {p.message()}" for p in analysis.problems if p.severity is Severity.ERROR]


# ------------------------------------------------------------------ tables with numbers


def _table(page: Path, first_heading: str) -> list[dict[str, str]]:
    """The rows of the one table whose first heading is this, by their headings."""
    lines = page.read_text("utf-8").splitlines()
    (start,) = [number for number, line in enumerate(lines) if line.startswith(f"| {first_heading} |")]
    headings = _cells(lines[start])
    rows = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        rows.append(dict(zip(headings, _cells(line), strict=True)))
    return rows


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]


def test_the_table_of_decays_holds_what_is_left_of_100_points() -> None:
    rows = _table(LANGUAGE, "age in days")
    curves = [heading for heading in rows[0] if heading.startswith("`")]
    assert len(curves) == 5
    scores = "".join(
        f"score s{number}\n  +100 rule_{number} for each webinar, {curve.strip('`')}\n"
        for number, curve in enumerate(curves)
    )
    text = f"policy decays\n  language 1\n\nlead by lead_id\n\nevent webinar\n\n{scores}"
    program = _analysis(text, LANGUAGE).program
    assert program is not None
    for row in rows:
        at = int(row["age in days"]) * values.DAY
        evaluation = semantics.evaluate(program, {}, (ir.Happening("webinar", 0),), at)
        left = [str(values.decimal_of(evaluation.scores[f"s{number}"] or 0)) for number in range(len(curves))]
        assert left == [row[curve] for curve in curves], f"at {row['age in days']} days"


def test_the_account_of_the_example_is_what_the_table_says() -> None:
    (block,) = [b for b in EXAMPLES if b.text.startswith("policy accounts\n")]
    program = _program_of(block)
    leads = []
    for row in _table(LANGUAGE, "lead"):
        lead: dict[str, ir.Value] = {
            "company_domain": row["company_domain"],
            "opted_in": {"yes": True, "no": False, "": None}[row["opted_in"]],
        }
        leads.append((lead, [ir.Happening("page_view", 0)] * int(row["page views"])))
    (account,) = semantics.evaluate_accounts(program, leads, values.DAY)
    shown = {"account": account.key, **account.bands, **account.decisions}
    shown |= {name: str(values.decimal_of(ticks or 0)) for name, ticks in account.scores.items()}
    assert [shown] == _table(LANGUAGE, "account")


def test_the_page_says_how_unknown_is_combined() -> None:
    truth = {"true": True, "false": False, "unknown": None}
    for row in _table(LANGUAGE, "a"):
        a, b = (ir.Const(ir.Kind.FLAG, truth[row[name]]) for name in ("a", "b"))
        program = _analysis("policy p\n  language 1\n\nlead by lead_id\n\nscore s = 1\n", LANGUAGE).program
        assert program is not None
        asked = (ir.And(ir.Kind.FLAG, (a, b)), ir.Or(ir.Kind.FLAG, (a, b)), ir.Not(ir.Kind.FLAG, a))
        inquiry = questions.ask(program, asked)
        answers = inquiry.truths(semantics.evaluate(inquiry.program, {}, (), 0))
        assert answers == tuple(truth[row[name]] for name in ("a and b", "a or b", "not a"))


def test_the_data_that_the_page_shows_is_read_and_refused_as_it_says() -> None:
    rows = [row for row in _table(LANGUAGE, "type in the policy") if row["type in the policy"] != "one of"]
    assert len(rows) == 6
    for row in rows:
        spec = ("value", row["type in the policy"], False, "", None)
        for example in re.findall("`([^`]+)`", row["such as"]):
            clean, refusals = facts.read_lead([spec], timezone.utc, {"value": example})
            assert clean["value"] is not None and not refusals, f"{spec[1]} {example}: {refusals}"
        for example in re.findall("`([^`]+)`", row["such as not"]):
            _, refusals = facts.read_lead([spec], timezone.utc, {"value": example})
            assert refusals, f"{spec[1]} {example} is read"


# ------------------------------------------------------------------ the reference is complete


def test_every_word_of_the_grammar_stands_in_the_reference() -> None:
    grammar = (ROOT / "grammar/score.lark").read_text("utf-8")
    grammar = re.sub(r"^//.*$", "", grammar, flags=re.MULTILINE)
    words = set(re.findall(r'"([a-z]+)"', grammar))
    for pattern in re.findall(r"^[A-Z_]+(?:\.\d+)?: /(.*)/$", grammar, re.MULTILINE):
        words |= set(re.findall(r"(?<![\\\[a-zA-Z])[a-z]{3,}", pattern))
    assert len(words) > 80, "the grammar's words were not found"
    text = LANGUAGE.read_text("utf-8")
    missing = sorted(word for word in words if not re.search(rf"\b{word}\b", text))
    assert not missing, f"docs/language.md says nothing of {missing}"


def test_every_function_stands_in_the_table_of_functions() -> None:
    rows = LANGUAGE.read_text("utf-8").split("<!-- functions -->")[1].split("\n\n")[0]
    shown = set(re.findall(r"`(\w+)\(", rows))
    spelt = {op.value for op in ir.Op if re.fullmatch(r"\w+", op.value)}
    assert shown == spelt | {"weighted_mean"}


def test_every_limit_is_the_one_in_the_code() -> None:
    text = " ".join(LANGUAGE.read_text("utf-8").split())
    assert f"±{values.MAX_TICKS // values.TICKS:,} points" in text
    for unit, days in (("week", 7), ("month", 30), ("year", 365)):
        assert values.UNIT[unit] == days * values.DAY
        assert f"a {unit} {days} days" in text
    assert Fraction(1, values.TICKS) == Fraction("0.0001")
    for limit in (
        f"at most {literals.LARGEST_POINTS:,}",
        f"starts | {literals.LARGEST_LIMIT:,} |",
        f"| {scope.DEPTH} levels",
        f"of one expression | {scope.SIZE:,}, ",
        f"of a policy | {scope.TOTAL:,} |",
        f"{layout.MAX_BYTES // 10**6} MB; a policy or library {layout.MAX_LINES:,} lines",
        f"After {changes.MOST_VISITS:,} instants",
        f"lists wrap after {format.LIST_WIDTH} columns, all other lines after {format.WIDTH}",
        f"its first {version.SHORT} hexadecimal digits",
    ):
        assert limit in text, f"docs/language.md does not say: {limit}"


def test_every_reserved_word_is_named() -> None:
    sentence = LANGUAGE.read_text("utf-8").split("These words can never be names:")[1].split(".")[0]
    assert set(re.findall("`(\\w+)`", sentence)) == parse.RESERVED


def test_the_tree_is_shown_in_the_syntax() -> None:
    """Each class of the tree that stands for something written says what: else the generated page has a hole."""
    text = (DOCS / "syntax.md").read_text("utf-8")
    for name in ("Rule", "Each", "Curve", "Gate", "Band", "Account", "Include"):
        doc = getattr(tree, name).__doc__
        assert " ".join(doc.split()).replace("|", "\\|") in text


# ------------------------------------------------------------------ the tutorial


@dataclass(frozen=True)
class Step:
    """A command of the tutorial and what it prints, or a file to write first."""

    line: int
    command: str
    output: str


TUTORIAL = DOCS / "tutorial.md"
COMMANDS = ("scorec", "python", "cat", "cut")


def test_the_tutorial_works_as_it_is_written(tmp_path: Path) -> None:
    """From top to bottom, in one folder: files are written, commands run, and what they print is compared."""
    ran = 0
    for block, file in _tutorial():
        if file:
            path = tmp_path / file
            path.parent.mkdir(exist_ok=True, parents=True)
            path.write_text(block.text, "utf-8")
        elif block.language == "console":
            for step in _steps(block):
                _assert_prints(step, _printed(step.command, tmp_path))
                ran += 1
    assert ran >= 8, "the tutorial's commands were not found"


def _tutorial() -> Iterator[tuple[Block, str]]:
    """Each block, with the name of the file that it is (or nothing)."""
    lines = TUTORIAL.read_text("utf-8").splitlines()
    for block in _blocks(TUTORIAL):
        before = next((line for line in reversed(lines[: block.line - 1]) if line.strip()), "")
        named = re.search(r"[Ww]rite `([^`]+)`:$", before)
        yield block, named[1] if named else ""


def _steps(block: Block) -> Iterator[Step]:
    command, output, line = "", list[str](), block.line
    for number, text in enumerate(block.text.splitlines(), block.line + 1):
        if text.startswith("$ "):
            if command:
                yield Step(line, command, "\n".join(output))
            command, output, line = text.removeprefix("$ "), [], number
        else:
            output.append(text)
    yield Step(line, command, "\n".join(output))


def _printed(command: str, folder: Path) -> str:
    """Both streams, as on a terminal."""
    arguments = shlex.split(command)
    assert arguments[0] in COMMANDS, f"the tutorial may use {COMMANDS}"
    if arguments[0] == "scorec":
        arguments = [sys.executable, "-m", "scorec", *arguments[1:]]
    elif arguments[0] == "python":
        arguments[0] = sys.executable
    environment = {**os.environ, "NO_COLOR": "1", "COLUMNS": "100", "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        arguments, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120
    )
    return done.stdout.decode("utf-8")


def _assert_prints(step: Step, printed: str) -> None:
    """A line `...` stands for any lines; blanks at the ends of lines do not matter."""
    shown = "\n".join(line.rstrip() for line in step.output.strip("\n").splitlines())
    printed = "\n".join(line.rstrip() for line in printed.strip("\n").splitlines())
    pattern = r"\n?(?:[^\n]*\n)*?[^\n]*?".join(
        re.escape(part.strip("\n")) for part in re.split(r"^\.\.\.$", shown, flags=re.M)
    )
    if "..." in shown.splitlines():
        assert re.fullmatch(pattern, printed), f"line {step.line}: {step.command} prints\n{printed}"
    else:
        assert printed == shown, f"docs/tutorial.md:{step.line}: {step.command} prints\n{printed}"


# ------------------------------------------------------------------ generated pages


def test_generated_pages_are_fresh() -> None:
    generate = _generate()
    stale = [
        path for path, text in generate.generated().items() if not path.exists() or path.read_text("utf-8") != text
    ]
    assert not stale, f"run `python docs/generate.py`: {[path.name for path in stale]} changed"


def test_no_generated_page_is_an_orphan() -> None:
    generate = _generate()
    pages = generate.generated()
    assert not [path for pattern in generate.OWNED for path in DOCS.glob(pattern) if path not in pages]


@cache
def _generate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# ------------------------------------------------------------------ what the pages name


EVERY_PAGE = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())

ELSEWHERE = {
    "yes/no",
    "03/04/2026",
    "acme/shared.score",
    "lists/x.txt",
    "stdlib_rules/phones.score",
    "stdlib_rules/phones.md",
}
"""What looks like a path and is none, or is one of an example."""


@EVERY_PAGE
def test_every_path_named_exists(page: Path) -> None:
    named = set(re.findall(r"`((?:[\w.-]+/)+[\w.*-]*)`", _prose(page))) - ELSEWHERE
    rooms = {path.name for path in ROOT.iterdir()}
    missing = [path for path in sorted(named) if path.split("/")[0] in rooms and not any(ROOT.glob(path.rstrip("/")))]
    unknown = [path for path in sorted(named) if path.split("/")[0] not in rooms]
    assert not missing + unknown, f"{page.name} names {missing + unknown}"


@EVERY_PAGE
def test_every_dotted_name_exists(page: Path) -> None:
    for name in sorted(set(re.findall(r"`(scorec(?:\.\w+)+)(?:\([^`]*\))?`", _prose(page)))):
        assert _resolves(name), f"{page.name} names {name}"


@EVERY_PAGE
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", _prose(page)):
        if re.match(r"https?:|mailto:", target):
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), f"{page.name} links to {target}"
        if anchor:
            assert anchor in _anchors(there), f"{page.name} links to {target}"


@EVERY_PAGE
def test_a_page_is_readable_as_text(page: Path) -> None:
    text = page.read_text("utf-8")
    assert text.endswith("\n") and not text.endswith("\n\n")
    assert not re.search(r"[ \t]$", text, re.MULTILINE), "blanks at the end of a line"
    assert text.count("\n```") % 2 == text.startswith("```"), "a fence is not closed"


def _prose(page: Path) -> str:
    """A page without its fenced blocks."""
    return re.sub(r"^( *)(`{3,}).*?^\1\2 *$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)


def _resolves(name: str) -> bool:
    parts = name.split(".")
    for end in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:end]))
        except ImportError:
            continue
        for part in parts[end:]:
            if not hasattr(found, part):
                return False
            found = getattr(found, part)
        return True
    return False


def _anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as the usual renderers make them."""
    headings = re.findall(r"^#+ (.+)$", _prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_a_missing_name_would_be_noticed() -> None:
    assert not _resolves("scorec.dsl.values.no_such_thing")
    assert _resolves("scorec.dsl.values.TICKS")
