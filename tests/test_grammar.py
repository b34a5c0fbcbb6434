"""The grammar and its words: strict, complete, and every known slip told in the author's terms."""

from __future__ import annotations

from typing import Any

import pytest
from lark import Lark

from scorec.compiler import actions, parse, slips
from scorec.dsl.problems import Fix
from scorec.dsl.source import Source
from scorec.grammar import grammar_text, mistakes, readable

STRICT = Lark(grammar_text(), parser="lalr", lexer="contextual", start="file", strict=True)


def test_the_grammar_is_lalr_without_any_conflict_or_collision() -> None:
    """`strict` refuses what Lark would settle in silence; it needs interegular, and does nothing without it."""
    import interegular

    assert interegular is not None
    with pytest.raises(Exception, match="Shift/Reduce conflict"):
        Lark("start: [a] X X\na: X\nX: /x/", parser="lalr", strict=True)
    with pytest.raises(Exception, match="Collision"):
        Lark("start: (A | B)+\nA: /ab?/\nB: /a/", parser="lalr", strict=True)


def test_every_rule_of_the_grammar_has_its_action() -> None:
    """A misspelt action would make Lark build a tree of its own in silence."""
    named = {name for _, _, name, _ in parse._build(grammar_text()).productions} - {"", parse.LIST}
    methods = {name for name in vars(actions.Actions) if not name.startswith("_")} - {"token"}
    assert named == methods


def test_every_terminal_can_be_said_in_plain_words() -> None:
    tables = parse._build(grammar_text())
    assert set(readable()["terminals"]) == {*tables.patterns, "_NL", "_INDENT", "_DEDENT"}
    used = {name for phrase in readable()["phrase"] for name in (*phrase["all"], *phrase["also"])}
    assert used <= {*tables.patterns, *tables.texts}


def test_every_block_that_can_be_opened_is_described() -> None:
    assert set(parse.STAND_INS) | {""} == set(readable()["blocks"])
    assert set(readable()["examples"]) <= set(readable()["blocks"])


@pytest.mark.parametrize("kind", parse.STAND_INS)
def test_a_block_with_a_faulty_head_is_read_all_the_same(kind: str) -> None:
    """The stand-ins must fit the grammar; and so a mistake inside such a block is told too."""
    heads = {"record": "lead by by", "rule": "+1 x ?", "first": "first of ?", "best": "best of ?"}
    head, outer = heads.get(kind, f"{kind} ? ?"), ""
    if kind in ("group", "first", "best", "rule"):
        outer = "score fit\n  "
    inner = " " * (len(outer) and 2) + "  ?"
    parsed = parse.parse(
        Source("p", f"{outer}{head}\n{inner}: text\n" if kind == "record" else f"{outer}{head}\n{inner}\n")
    )
    assert len(parsed.problems) == (1 if kind == "record" else 2), parsed.problems


# ------------------------------------------------------------------ mistakes.toml

CONTEXTS = {
    "top": "lead by lead_id\n{}\n",
    "header": "policy p\n  {}\n",
    "lead": "lead by lead_id\n  {}\n",
    "score": "score fit\n  {}\n",
    "band": "band readiness of fit\n  {}\n",
    "decide": "decide next_step\n  {}\n",
    "gate": "gate students\n  {}\n",
    "promise": "promise p\n  {}\n",
    "test": 'test "t"\n  {}\n',
}
NEEDS_LINES = {
    "group": "+1 a when b",
    "first": "+1 a when b",
    "band": "hot >= 1",
    "decide": "x otherwise",
    "test": "expect a",
}


def policy_around(row: dict[str, Any], line: str) -> str:
    frame = CONTEXTS[row["in"]]
    if row["name"] in ("name-before-label", "label-without-quotes", "hyphen-in-name"):
        frame = "{}\n"  # these are about the header, which stands first
    text = frame.format(line)
    word = line.split()[0]
    if word in NEEDS_LINES and row["in"] != "test":
        text += f"{'  ' * (row['in'] != 'top')}  {NEEDS_LINES[word]}\n"
    return text


EVERY_ROW = pytest.mark.parametrize("row", mistakes(), ids=lambda row: row["name"])


@EVERY_ROW
def test_a_frequent_slip_has_its_own_message(row: dict[str, Any]) -> None:
    source = Source("p", policy_around(row, row["example"]))
    problems = parse.parse(source).problems
    assert len(problems) == 1, problems
    (problem,) = problems
    assert getattr(problem, "title", None) == problem.message()
    assert problem.message() == row["title"] or "{" in row["title"], problem
    assert source.text[problem.span.start : problem.span.end] == row["marks"]
    assert problem.label


@EVERY_ROW
def test_its_words_are_in_good_form(row: dict[str, Any]) -> None:
    assert row["title"][0].islower() or row["title"][0] in "`{", "a title begins with a small letter"
    assert not row["title"].endswith("."), "a title has no full stop"
    assert row["title"].count("`") % 2 == 0 and row.get("help", "").count("`") % 2 == 0
    known = set().union(*(slips._mistake(row).groups(), {"word", "found"}))
    for words in ("title", "label", "help", "replace"):
        for hole in slips._HOLE.findall(row.get(words, "")):
            assert hole in known, f"{{{hole}}} in {words} is no group"
    assert ("replace" in row) == ("mended" in row), "a fix shows what it makes of the example"
    assert row.keys() <= KEYS, "an unknown key would have no effect"


KEYS = {
    *("name", "at", "before", "statement", "block", "accepts", "refuses", "title", "label", "help", "replace", "safe"),
    *("in", "example", "marks", "mended"),
}


@pytest.mark.parametrize("row", [row for row in mistakes() if "replace" in row], ids=lambda row: row["name"])
def test_its_fix_makes_the_line_fit(row: dict[str, Any]) -> None:
    source = Source("p", policy_around(row, row["example"]))
    (problem,) = parse.parse(source).problems
    assert problem.fix is not None
    mended = apply(source.text, problem.fix)
    assert mended == policy_around(row, row["mended"])
    assert parse.parse(Source("p", mended)).problems == ()


def apply(text: str, fix: Fix) -> str:
    return text[: fix.span.start] + fix.replacement + text[fix.span.end :]


def test_every_terminal_that_a_row_names_exists() -> None:
    tables = parse._build(grammar_text())
    known = {*tables.patterns, *tables.texts, "_NL"}
    named = {name for row in mistakes() for name in (*row.get("accepts", ()), *row.get("refuses", ()))}
    assert named <= known, named - known


def test_no_two_rows_have_one_name() -> None:
    names = [row["name"] for row in mistakes()]
    assert sorted(set(names)) == sorted(names)
