"""The shipped libraries: each is without findings, is laid out as `scorec fmt` would, and does what its page says.

A page has a table of everything in the library, policies with tests, and tables of examples. The headings of a table of
examples are parameters and members: each row says what every member gives for the values in it. An empty cell is a
missing value.
"""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

from scorec.compiler import format as layout
from scorec.compiler import parse, pipeline, questions, standard
from scorec.compiler.engines import python as engine
from scorec.dsl import ir, semantics, tree, values
from scorec.dsl.result import Evaluation
from scorec.dsl.source import Source

ROOT = Path(__file__).resolve().parent.parent
SHIPPED = ROOT / "stdlib_rules"
LISTS = SHIPPED / "lists"
NAMES = tuple(sorted(path.stem for path in SHIPPED.glob("*.score")))
EVERY_LIBRARY = pytest.mark.parametrize("name", NAMES)

Member = tree.Define | tree.RuleSet | tree.BandSet | tree.ChoiceSet


# ------------------------------------------------------------------ reading


@cache
def _text(name: str) -> str:
    return (SHIPPED / f"{name}.score").read_text("utf-8")


@cache
def _page(name: str) -> str:
    return (SHIPPED / f"{name}.md").read_text("utf-8")


@cache
def _file(name: str) -> tree.File:
    parsed = parse.parse(Source(f"{name}.score", _text(name)))
    assert parsed.file is not None and not parsed.problems
    return parsed.file


@cache
def _members(name: str) -> dict[str, Member]:
    return {one.name.text: one for one in _file(name).declarations if isinstance(one, Member)}


def _signature(member: Member) -> str:
    params = ", ".join(f"{param.name.text}: {param.type.kind}" for param in member.params)
    return f"{member.name.text}({params})" if params else member.name.text


@cache
def _library_analysis(name: str) -> pipeline.Analysis:
    return pipeline.analyze(Source(f"{name}.score", _text(name)), pipeline.no_library, standard.standard_list)


def _findings(analysis: pipeline.Analysis) -> list[str]:
    return [f"{problem.code} {problem.message()}" for problem in analysis.problems]


def _events(program: ir.Program, happenings: tuple[ir.Happening, ...]) -> list[dict[str, ir.Value]]:
    """Events as the engine takes them: with every property of their kind."""
    taken = []
    for one in happenings:
        event: dict[str, ir.Value] = {"event": one.kind, "at": one.at}
        event |= {prop.name: None for prop in program.event(one.kind).properties}
        taken.append(event | dict(one.properties))
    return taken


# ------------------------------------------------------------------ the libraries


@EVERY_LIBRARY
def test_a_library_is_without_findings(name: str) -> None:
    assert _findings(_library_analysis(name)) == []


@EVERY_LIBRARY
def test_a_library_is_laid_out_as_the_formatter_would(name: str) -> None:
    text = _text(name)
    assert layout.format_text(Source(f"{name}.score", text)) == text


@EVERY_LIBRARY
def test_a_library_says_its_own_name(name: str) -> None:
    header = _file(name).header
    assert header is not None and header.kind == "library"
    assert header.name.text == f"std.{name}" and header.label is not None
    assert tree.Language(1) in header.meta


@EVERY_LIBRARY
def test_the_page_shows_every_member_with_its_parameters_and_no_other(name: str) -> None:
    shown = re.findall(r"^\| `(\w+(?:\([^`]*\))?)` \|", _page(name), re.MULTILINE)
    written = [_signature(member) for member in _members(name).values()]
    assert sorted(shown) == sorted(written)


@EVERY_LIBRARY
def test_the_page_begins_with_its_name_and_says_what_it_cannot_do(name: str) -> None:
    page = _page(name)
    assert page.startswith(f"# std.{name}: ")
    for heading in ("## What is in it", "## In a policy", "## What it cannot do", "## Where it comes from"):
        assert f"\n{heading}\n" in page


# ------------------------------------------------------------------ the pages' policies


@dataclass(frozen=True)
class Example:
    """A policy on a page."""

    library: str
    line: int
    text: str

    @property
    def name(self) -> str:
        return f"{self.library}.md:{self.line}"


def _policies() -> Iterator[Example]:
    for name in NAMES:
        page = _page(name)
        for found in re.finditer(r"^```score\n(.*?)^```$", page, re.MULTILINE | re.DOTALL):
            yield Example(name, page.count("\n", 0, found.start()) + 1, found[1])


POLICIES = tuple(_policies())


@pytest.mark.parametrize("example", POLICIES, ids=lambda example: example.name)
def test_a_policy_on_a_page_gives_what_it_says(example: Example) -> None:
    analysis = pipeline.analyze_text(example.text)
    assert _findings(analysis) == []
    program = analysis.program
    assert program is not None and program.tests
    conditions = tuple(e.condition for test in program.tests for e in test.expectations if e.condition is not None)
    inquiry = questions.ask(program, conditions)
    compiled = engine.load(inquiry.program)
    for test in program.tests:
        lead = {field.name: None for field in program.fields} | dict(test.lead)
        evaluation = semantics.evaluate(inquiry.program, lead, test.events, test.at)
        assert compiled.evaluate_with_reasons(lead, _events(program, test.events), test.at) == evaluation
        answers = dict(zip(conditions, inquiry.truths(evaluation), strict=True))
        fired = {line.rule for line in evaluation.lines or () if line.step == "rule"}
        for expectation in test.expectations:
            said = f"{example.name} {test.title!r}: {expectation.text}; fired {sorted(fired)}; {evaluation.bands}"
            if expectation.condition is not None:
                assert answers[expectation.condition] is True, said
            else:
                assert (expectation.rule in fired) is not expectation.negated, said


@pytest.mark.parametrize("name", NAMES)
def test_every_page_has_a_policy_that_uses_the_library(name: str) -> None:
    assert any(f"use std.{name}\n" in example.text for example in POLICIES if example.library == name)


# ------------------------------------------------------------------ the pages' tables


@dataclass(frozen=True)
class Table:
    """A table of examples: its headings, and its rows as texts."""

    library: str
    line: int
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def name(self) -> str:
        return f"{self.library}.md:{self.line}"

    @property
    def results(self) -> tuple[str, ...]:
        return tuple(heading for heading in self.headings if heading in _members(self.library))

    @property
    def inputs(self) -> tuple[str, ...]:
        return tuple(heading for heading in self.headings if heading not in _members(self.library))


def _tables() -> Iterator[Table]:
    for name in NAMES:
        lines = _page(name).splitlines()
        for number, line in enumerate(lines):
            heading = _cells(line)
            if line.startswith("|") and lines[number + 1].startswith("| ---") and set(heading) & set(_members(name)):
                rows = []
                for row in lines[number + 2 :]:
                    if not row.startswith("|"):
                        break
                    rows.append(_cells(row))
                yield Table(name, number + 1, heading, tuple(rows))


def _cells(line: str) -> tuple[str, ...]:
    cells = (cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line.strip().strip("|")))
    return tuple(cell[1:-1] if len(cell) > 1 and cell[0] == cell[-1] == "`" else cell for cell in cells)


TABLES = tuple(_tables())
EVERY_TABLE = pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)


@EVERY_TABLE
def test_every_row_of_a_table_is_true(table: Table) -> None:
    program = _program_of(table)
    compiled = engine.load(program)
    wrong = []
    for row in table.rows:
        assert len(row) == len(table.headings), f"{table.name}: {row}"
        cells = dict(zip(table.headings, row, strict=True))
        lead = _lead_of(program, cells)
        evaluation = semantics.evaluate(program, lead, (), 0)
        assert compiled.evaluate_with_reasons(lead, [], 0) == evaluation
        given = {result: _shown(table.library, result, evaluation) for result in table.results}
        if given != {result: cells[result] for result in table.results}:
            wrong.append(f"{cells} gives {given}")
    assert not wrong, "\n".join((table.name, *wrong))


def _program_of(table: Table) -> ir.Program:
    parts = [f"policy examples\n  language 1\n\nuse std.{table.library}\n\nlead by lead_id\n"]
    kinds = {
        param.name.text: param.type for result in table.results for param in _members(table.library)[result].params
    }
    for name in table.inputs:
        kind = kinds[name] if name != "points" else tree.TypeName("number")
        if kind.kind == "list of text":
            (written,) = {row[table.headings.index(name)] for row in table.rows}
            quoted = ", ".join(f'"{text.strip()}"' for text in written.split(";"))
            parts.append(f"\nlist {name} = ({quoted})\n")
        else:
            parts[0] += f"  {name}: {kind.kind}\n"
    parts.extend(_shown_by(table.library, result) for result in table.results)
    analysis = pipeline.analyze_text("".join(parts))
    assert analysis.program is not None, _findings(analysis)
    return analysis.program


def _shown_by(library: str, result: str) -> str:
    """What of a policy shows the result of a member."""
    member = _members(library)[result]
    named = f"{library}.{result}"
    call = f"{named}({', '.join(param.name.text for param in member.params)})" if member.params else named
    match member:
        case tree.Define():
            return f"\nscore {result}_is\n  +1 true when {call}\n  -1 false when not ({call})\n"
        case tree.RuleSet():
            return f"\nscore {result}_is\n  include {call}\n"
        case tree.BandSet():
            return f"\nscore {result}_of = points\n\nband {result}_is of {result}_of\n  include {call}\n"
        case tree.ChoiceSet():
            raise AssertionError(f"{result} is shown by a policy, not by a table")


def _shown(library: str, result: str, evaluation: Evaluation) -> str:
    match _members(library)[result]:
        case tree.Define():
            return {values.TICKS: "yes", -values.TICKS: "no", 0: "unknown"}[evaluation.scores[f"{result}_is"] or 0]
        case tree.RuleSet():
            return str(values.decimal_of(evaluation.scores[f"{result}_is"] or 0))
        case _:
            return evaluation.bands[f"{result}_is"]


def _lead_of(program: ir.Program, cells: dict[str, str]) -> dict[str, ir.Value]:
    return {field.name: _value(field.kind, cells[field.name]) for field in program.fields}


def _value(kind: ir.Kind, cell: str) -> ir.Value:
    if not cell:
        return None
    match kind:
        case ir.Kind.NUMBER:
            return float(cell)
        case ir.Kind.FLAG:
            return {"yes": True, "no": False}[cell]
        case ir.Kind.TEXT:
            return cell
        case _:
            raise AssertionError(f"{kind} is shown by a policy, not by a table")


def test_accounts_are_what_their_page_says() -> None:
    (example,) = [one for one in POLICIES if one.library == "accounts"]
    program = pipeline.analyze_text(example.text).program
    assert program is not None
    lines = _page("accounts").splitlines()
    start = lines.index("| engagements | warmth | strength | reach | priority |")
    rows = [_cells(line) for line in lines[start + 2 :] if line.startswith("|")]
    assert len(rows) >= 5
    for engagements, *expected in rows:
        leads: list[tuple[dict[str, ir.Value], list[ir.Happening]]] = [
            ({"company_domain": "acme.example"}, [ir.Happening("page_view", 0)] * (int(points) // 10))
            for points in engagements.split()
        ]
        (account,) = semantics.evaluate_accounts(program, leads, values.DAY)
        scores = [str(values.decimal_of(account.scores[name] or 0)) for name in ("warmth", "strength", "reach")]
        assert [*scores, account.bands["priority"]] == expected, engagements


AGES = (("new", 0), *((f"{days} days", days) for days in (13, 14, 29, 30, 89, 90, 179, 180)))


def test_one_event_is_worth_what_the_page_of_engagement_says() -> None:
    lines = _page("engagement").splitlines()
    (start,) = [number for number, line in enumerate(lines) if line.startswith("| rules | event | url |")]
    headings = _cells(lines[start])
    assert headings == ("rules", "event", "url", *(age for age, _ in AGES), "three at once", "daily")
    rows = [_cells(line) for line in lines[start + 2 :] if line.startswith("|")]
    included = {name for name, member in _members("engagement").items() if isinstance(member, tree.RuleSet)}
    assert {name for name, *_ in rows} == included
    for name, event, url, *worth in rows:
        program = _program_of_events(name)
        days = [(days,) for _, days in AGES] + [(0, 0, 0), tuple(range(30))]
        assert [_worth(program, event, url, ages) for ages in days] == worth, f"{name} {event} {url}"


def _program_of_events(name: str) -> ir.Program:
    events = ", ".join(param.name.text for param in _members("engagement")[name].params)
    text = f"policy examples\n  language 1\n\nuse std.engagement\n\nlead by lead_id\n\nevent {events}\n  url: text\n"
    program = pipeline.analyze_text(f"{text}\nscore interest\n  include engagement.{name}({events})\n").program
    assert program is not None
    return program


def _worth(program: ir.Program, event: str, url: str, ages: tuple[int, ...]) -> str:
    now = 400 * values.DAY + values.DAY // 2
    properties: tuple[tuple[str, ir.Value], ...] = (("url", url),) if url else ()
    happenings = [ir.Happening(event, now - age * values.DAY, properties) for age in ages]
    return str(values.decimal_of(semantics.evaluate(program, {}, happenings, now).scores["interest"] or 0))


def test_every_rule_of_every_template_fires_somewhere_on_its_page() -> None:
    for name in NAMES:
        if name == "accounts":  # Rules of an account leave no lines; the table of accounts shows what they give.
            continue
        fired = {rule.split(".")[1] for rule in _fired_on_the_page(name)}
        for member in _members(name).values():
            if isinstance(member, tree.RuleSet):
                missing = {rule.name.text for rule in _rules(member.items)} - fired
                assert not missing, f"{name}.{member.name.text}: {sorted(missing)} never fires"


def _rules(items: tuple[tree.Item, ...]) -> Iterator[tree.Rule]:
    for item in items:
        if isinstance(item, tree.Group):
            yield from _rules(item.items)
        elif isinstance(item, tree.Rule):
            yield item


def _fired_on_the_page(name: str) -> Iterator[str]:
    for example in POLICIES:
        if example.library == name:
            program = pipeline.analyze_text(example.text).program
            assert program is not None
            for test in program.tests:
                lead = {field.name: None for field in program.fields} | dict(test.lead)
                evaluation = semantics.evaluate(program, lead, test.events, test.at)
                yield from (line.rule for line in evaluation.lines or () if line.step == "rule")
    for table in TABLES:
        if table.library == name:
            program = _program_of(table)
            for row in table.rows:
                lead = _lead_of(program, dict(zip(table.headings, row, strict=True)))
                evaluation = semantics.evaluate(program, lead, (), 0)
                yield from (line.rule for line in evaluation.lines or () if line.step == "rule")


def test_every_define_is_shown_true_and_not_true() -> None:
    """A condition that is always true, or never, would pass a table that shows only one side."""
    for name in NAMES:
        for member in _members(name).values():
            if isinstance(member, tree.Define) and _fits_a_table(member):
                shown = {
                    row[table.headings.index(member.name.text)]
                    for table in TABLES
                    if table.library == name and member.name.text in table.headings
                    for row in table.rows
                }
                assert {"yes", "no"} <= shown, f"{name}.{member.name.text} is shown {sorted(shown) or 'nowhere'}"


def test_every_template_is_included_on_its_page() -> None:
    for name in NAMES:
        for member in _members(name).values():
            if not isinstance(member, tree.Define):
                called = re.compile(rf"include {name}\.{member.name.text}\b")
                in_tables = any(t.library == name and member.name.text in t.headings for t in TABLES)
                assert in_tables or any(called.search(e.text) for e in POLICIES), f"{name}.{member.name.text}"


def _fits_a_table(member: Member) -> bool:
    return not {param.type.kind for param in member.params} & {"event", "score", "date", "time"}


# ------------------------------------------------------------------ the list files

LIST_FILES = tuple(sorted(path.name for path in LISTS.glob("*.txt") if path.name != "LICENSES.txt"))


@pytest.mark.parametrize("name", LIST_FILES)
def test_a_list_file_is_sorted_ascii_and_small_letters(name: str) -> None:
    entries = _entries(name)
    assert entries == sorted(set(entries))
    assert all(entry.isascii() and entry == entry.lower() and "." in entry for entry in entries)
    assert (LISTS / name).read_text("utf-8").startswith("# ")


def test_no_domain_is_both_free_and_something_else() -> None:
    for other in ("disposable_mail.txt", "academic.txt"):
        assert not set(_entries("free_mail.txt")) & set(_entries(other))


def test_domains_that_everybody_knows_are_where_they_belong() -> None:
    assert {"gmail.com", "gmx.de", "hotmail.fr", "qq.com", "yahoo.co.uk"} <= set(_entries("free_mail.txt"))
    assert {"mailinator.com", "yopmail.com"} <= set(_entries("disposable_mail.txt"))
    assert {"ethz.ch", "tum.de", "kth.se"} <= set(_entries("academic.txt"))
    companies = {"siemens.com", "ibm.com", "apple.com", "orange.com", "sap.com", "alibaba-inc.com", "facebook.com"}
    assert not companies & {entry for name in LIST_FILES for entry in _entries(name)}


def test_the_page_of_the_lists_says_how_long_they_are_and_where_they_come_from() -> None:
    page = (LISTS / "README.md").read_text("utf-8")
    for name in LIST_FILES:
        assert f"| `{name}` | {len(_entries(name)):,} |" in page
    for package in _builder().PACKAGES:
        assert f"| `{package.name}` ({package.registry}) | {package.version} | {package.licence.split(',')[0]}" in page
        assert package.checksum in page
        assert package.title in (LISTS / "LICENSES.txt").read_text("utf-8")


def test_every_list_file_is_read_by_a_library_and_none_is_missing() -> None:
    read = {
        declared.file.value
        for name in NAMES
        for declared in _file(name).declarations
        if isinstance(declared, tree.ListOf) and declared.file is not None
    }
    assert read == {f"lists/{name}" for name in LIST_FILES}


def _entries(name: str) -> list[str]:
    lines = (LISTS / name).read_text("utf-8").splitlines()
    return [line for line in lines if not line.startswith("#")]


def _builder() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_lists", ROOT / "docs" / "build_lists.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
