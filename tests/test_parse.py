"""Text -> tree: every construct, exact places, and what is told about texts that are no policies."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from textwrap import dedent

import pytest

from scorec.compiler.layout import MAX_BYTES, MAX_LINES, decode
from scorec.compiler.parse import RESERVED, Parsed, parse
from scorec.dsl import tree
from scorec.dsl.problems import Problem
from scorec.dsl.source import Source, Span

POLICIES = sorted((Path(__file__).parent / "data").glob("*.score"))
CONSTRUCTS = Path(__file__).parent / "data" / "syntax" / "constructs.score"


def read(text: str) -> Parsed:
    return parse(Source("p", dedent(text)))


def fine(text: str) -> tree.File:
    parsed = read(text)
    assert parsed.problems == () and parsed.file is not None and not parsed.incomplete
    return parsed.file


def only(text: str) -> tree.Declaration:
    (declaration,) = fine(text).declarations
    return declaration


def item(line: str) -> tree.Item:
    score = only(f"score fit\n  {line}\n")
    assert isinstance(score, tree.Score)
    (found,) = score.items
    return found


def condition(text: str) -> tree.Expr:
    rule = item(f"+1 a when {text}")
    assert isinstance(rule, tree.Rule) and isinstance(rule.trigger, tree.When)
    return rule.trigger.condition


def value(text: str) -> tree.Expr:
    define = only(f"define d = {text}\n")
    assert isinstance(define, tree.Define)
    return define.body


def ref(name: str) -> tree.Ref:
    return tree.Ref(tree.Dotted(tuple(tree.Name(part) for part in name.split("."))))


def number(text: str) -> tree.Number:
    return tree.Number(Decimal(text))


def told(text: str) -> list[tuple[str, str]]:
    """(words at fault, message) of each problem."""
    source = Source("p", dedent(text))
    return [(source.text[p.span.start : p.span.end], p.message()) for p in parse(source).problems]


def codes(text: str) -> list[str]:
    return [problem.code for problem in parse(Source("p", text)).problems]


# ------------------------------------------------------------------ what is read


@pytest.mark.parametrize("path", [*POLICIES, CONSTRUCTS], ids=lambda path: path.stem)
def test_real_policies_are_read(path: Path) -> None:
    parsed = parse(Source(path.name, path.read_text("utf-8")))
    assert parsed.problems == ()
    assert parsed.file is not None and not parsed.incomplete


def test_every_part_of_the_grammar_is_used_in_the_corpus(monkeypatch: pytest.MonkeyPatch) -> None:
    """So each action has been called with the parts that the grammar gives it."""
    from scorec.compiler import actions

    used: set[str] = set()

    def noting(name: str) -> None:
        method = getattr(actions.Actions, name)

        def noted(*args: object) -> object:
            used.add(name)
            return method(*args)

        monkeypatch.setattr(actions.Actions, name, noted)

    names = {name for name in vars(actions.Actions) if not name.startswith("_")}
    for name in names:
        noting(name)
    parse(Source("p", CONSTRUCTS.read_text("utf-8")))
    parse(Source("p", "library l\nscore fit\n  +1 a when x is not known\nlead\n  a: text\n"))
    assert names - used == set()


def test_a_rule() -> None:
    assert item('+25 decision_maker "Signs the contract" when decision_maker, at most 40 points') == tree.Rule(
        Decimal(25),
        False,
        tree.Name("decision_maker"),
        tree.Text("Signs the contract"),
        tree.When(ref("decision_maker")),
        (tree.MaxPoints(Decimal(40)),),
    )


def test_a_rules_limits_stand_on_its_line_or_below() -> None:
    on_the_line = item("+2 blog for each blog_view, at most 10 points, losing 10% every 7 days, after 1 day")
    below = item("+2 blog for each blog_view\n    at most 10 points\n    losing 10% every 7 days, after 1 day")
    assert on_the_line == below


def test_negative_points_and_computed_points() -> None:
    rule = item("-20 quiet when no event in the last 45 days")
    assert isinstance(rule, tree.Rule) and (rule.points, rule.negative) == (Decimal(-20), True)
    rule = item("-(seats * 2) seats_points when seats is known")
    assert isinstance(rule, tree.Rule) and rule.negative and isinstance(rule.points, tree.Product)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("1_000", "1000"),
        ("0.5", "0.5"),
        ("10", "10"),
    ],
)
def test_numbers(written: str, meant: str) -> None:
    assert value(written) == number(meant)
    found = value(written)
    assert isinstance(found, tree.Number) and found.text == written


def test_and_binds_closer_than_or_and_chains_are_flat() -> None:
    assert condition("a or b and c or d") == tree.Or((ref("a"), tree.And((ref("b"), ref("c"))), ref("d")))


def test_not_binds_closer_than_and() -> None:
    assert condition("not a and b") == tree.And((tree.Not(ref("a")), ref("b")))


def test_products_bind_closer_than_sums() -> None:
    assert value("a + 60% of b - c * 2 / d") == tree.Sum(
        ref("a"),
        (
            ("+", tree.PercentOf(tree.Percent(Decimal(60)), ref("b"))),
            ("-", tree.Product(ref("c"), (("*", number("2")), ("/", ref("d"))))),
        ),
    )


def test_a_leading_minus() -> None:
    assert value("-x + 1") == tree.Sum(None, (("-", ref("x")), ("+", number("1"))))


def test_brackets_are_kept() -> None:
    assert value("(a)") == tree.Paren(ref("a"))


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("x >= 5", tree.Compare(">=", ref("x"), number("5"))),
        ('plan is "pro"', tree.Is(ref("plan"), tree.Text("pro"), False)),
        ("plan is not pro", tree.Is(ref("plan"), ref("pro"), True)),
        ("x is missing", tree.IsMissing(ref("x"), False)),
        ("x is not missing", tree.IsMissing(ref("x"), True)),
        ("x is known", tree.IsKnown(ref("x"))),
        ("x is not known", tree.IsMissing(ref("x"), False)),
        ("x between 1 and 2 and y", tree.And((tree.Between(ref("x"), number("1"), number("2")), ref("y")))),
        ("x in xs", tree.In(ref("x"), tree.Dotted((tree.Name("xs"),)), False)),
        ('x not in ("a", 3, -1, b)', None),
        ('url contains "/pricing"', tree.TextTest("contains", ref("url"), None, tree.Text("/pricing"))),
        ("t has word any of xs", tree.TextTest("has word", ref("t"), "any", tree.Dotted((tree.Name("xs"),)))),
        ("t has w", tree.TextTest("has", ref("t"), None, ref("w"))),
        ("any event", tree.Occurs("any", tree.EventName(None), None, None)),
        ("day > 2026-01-01", tree.Compare(">", ref("day"), tree.Date("2026-01-01"))),
        ("at_time > 2026-01-01T10:00Z", tree.Compare(">", ref("at_time"), tree.Time("2026-01-01T10:00Z"))),
    ],
)
def test_conditions(text: str, meant: tree.Expr | None) -> None:
    found = condition(text)
    if meant is not None:
        assert found == meant
    else:
        assert isinstance(found, tree.In) and isinstance(found.collection, tree.Values) and found.negated
        assert found.collection.items == (tree.Text("a"), number("3"), number("-1"), tree.Name("b"))


def test_what_happened_is_counted_and_summed() -> None:
    login = tree.EventName(tree.Name("login"))
    window = tree.Duration(Decimal(7), "day")
    where = tree.Compare(">", ref("m"), number("1"))
    assert value("count of login in the last 7 days where (m > 1)") == tree.Count(None, login, window, where)
    assert value("count of distinct url of login") == tree.Count(tree.Name("url"), login, None, None)
    assert value("average of m of login") == tree.Aggregate("average", tree.Name("m"), login, None, None)
    assert value("hours since first login") == tree.SinceEvent("hour", "first", login, None)
    assert value("days since created_at") == tree.SinceField("day", tree.Dotted((tree.Name("created_at"),)))
    assert value("days from first login to last login") == tree.PathTime("day", "first", login, "last", login)
    assert value("usage 7 days ago") == tree.Earlier(tree.Dotted((tree.Name("usage"),)), window)
    assert value("count of leads where (a)") == tree.CountLeads(ref("a"))
    assert value("sum of top 3 fit") == tree.OverLeads("sum", 3, tree.Name("fit"))
    assert value("highest of fit") == tree.OverLeads("highest", None, tree.Name("fit"))


SOFT_WORDS = """
    text number list version band start points minutes minute day count sum average highest lowest top last first
    from to on at once per of by use score group gate never show test event events given expect known missing halving
    every over losing all up down distinct leads within cap floor decay reset include except rounded language
    policy library record outcome
"""


@pytest.mark.parametrize("word", SOFT_WORDS.split())
def test_a_field_may_be_called_almost_anything(word: str) -> None:
    record = only(f"lead by lead_id\n  {word}: text\n")
    assert isinstance(record, tree.Record) and record.fields[0].name.text == word
    assert condition(f'{word} is "x" or y > {word} + 1') == tree.Or(
        (
            tree.Is(ref(word), tree.Text("x"), False),
            tree.Compare(">", ref("y"), tree.Sum(ref(word), (("+", number("1")),))),
        )
    )


@pytest.mark.parametrize("word", sorted(RESERVED))
def test_the_words_that_join_conditions_are_no_names(word: str) -> None:
    assert read(f"score fit\n  +1 {word} when x\n").problems


def test_brackets_may_go_on_over_lines() -> None:
    over_lines = only('list xs = (\n  "a",  # the first\n\n  "b",\n)\n')
    assert over_lines == only('list xs = ("a", "b")\n')
    flush_left = only('list xs = (\n"a",\n"b"\n)\n')
    assert flush_left == over_lines
    assert condition("(\n      a\n      or b\n    )") == condition("(a or b)")


def test_texts_have_four_escapes() -> None:
    assert value(r'"a\"b\\c\nd\te"') == tree.Text('a"b\\c\nd\te')


def test_a_file_may_lack_its_header() -> None:
    assert fine("score fit\n  start at 1\n").header is None


def test_line_ends_of_windows_and_a_byte_order_mark_change_nothing() -> None:
    text = "policy p\n  language 1\n\nscore fit\n  +1 a when (\n    b\n  )  # c\n"
    plain, windows, marked = (parse(Source("p", t)) for t in (text, text.replace("\n", "\r\n"), "\ufeff" + text))
    assert plain.file == windows.file == marked.file
    assert [c.text for c in windows.comments] == ["# c"]


# ------------------------------------------------------------------ places


def nodes(value: object) -> Iterator[tree.Node]:
    if isinstance(value, tuple):
        for part in value:
            yield from nodes(part)
    if isinstance(value, tree.Node):
        yield value
        for name in value.__dataclass_fields__:
            yield from nodes(getattr(value, name))


def test_every_node_knows_its_place() -> None:
    text = CONSTRUCTS.read_text("utf-8")
    file = parse(Source("c.score", text)).file
    for node in nodes(file):
        assert node.span.source == "c.score"
        written = text[node.span.start : node.span.end]
        assert written == written.strip(), node
        match node:
            case tree.Name() | tree.Label() | tree.Date() | tree.Time():
                assert written == node.text
            case tree.Dotted():
                assert written.replace(" ", "") == node.text
            case tree.Text():
                assert written[0] == written[-1] == '"'
            case tree.Paren() | tree.Values():
                assert (written[0], written[-1]) == ("(", ")")
            case tree.Rule():
                assert written[0] in "+-"
            case tree.TextTest():
                assert node.op.split()[0] in written


def test_a_span_covers_its_words_and_no_more() -> None:
    text = '+5 a "A" when x >= 5, at most 3 times per day  # why\n'
    rule = item(text)
    assert isinstance(rule, tree.Rule)
    source = f"score fit\n  {text}"
    assert source[rule.span.start : rule.span.end] == '+5 a "A" when x >= 5, at most 3 times per day'
    assert source[rule.trigger.span.start : rule.trigger.span.end] == "when x >= 5"
    assert source[rule.modifiers[0].span.start : rule.modifiers[0].span.end] == "at most 3 times per day"


def test_comments_are_beside_the_tree_in_order() -> None:
    parsed = read("# one\nscore fit  # two\n  # three\n  start at 1\n# four")
    assert [(c.text, c.own_line) for c in parsed.comments] == [
        ("# one", True),
        ("# two", False),
        ("# three", True),
        ("# four", True),
    ]


def test_a_hash_in_a_text_is_no_comment() -> None:
    assert read('list xs = ("a # b")  # c').comments[0].text == "# c"


# ------------------------------------------------------------------ mistakes: each once, the rest is read


def test_five_mistakes_in_five_blocks_are_five_problems() -> None:
    text = """\
        policy p
          languag 1

        lead by lead_id
          employees: integer
          country: text

        score fit from 0 to 100
          +10 big if employees >= 50
          +5 home when country is "NL"

        band size of fit
          large > 10
          small otherwise

        test "t"
          given employees == 5
          expect fit is 5
        """
    assert told(text) == [
        ("languag", "`languag` cannot begin a line of the header"),
        ("integer", "`integer` is not a type; every number is a `number`"),
        ("if", "the word is `when`, not `if`"),
        (">", "a row of a band says where it begins, with `>=`"),
        ("==", "a value follows its name at once"),
    ]
    parsed = read(text)
    assert parsed.incomplete
    assert parsed.broken_names == {"languag", "employees", "big", "large"}
    assert parsed.file is not None
    record, score, band, test = parsed.file.declarations
    assert isinstance(record, tree.Record) and [f.name.text for f in record.fields] == ["country"]
    assert isinstance(score, tree.Score) and len(score.items) == 1
    assert isinstance(band, tree.Band) and len(band.rows) == 1
    assert isinstance(test, tree.Test) and len(test.steps) == 1


def test_a_block_with_a_faulty_head_keeps_what_is_in_it() -> None:
    """The fields of a record whose head is wrong are still fields: no rule that reads them is called wrong."""
    parsed = read("lead with lead_id\n  email: text\n\nscore fit 0 to\n  +1 a when email is known\n  +1 b if x\n")
    assert len(parsed.problems) == 3
    assert parsed.file is not None
    record, score = parsed.file.declarations
    assert isinstance(record, tree.Record) and [f.name.text for f in record.fields] == ["email"]
    assert isinstance(score, tree.Score) and score.name.text == "fit" and len(score.items) == 1


def test_a_block_whose_head_gives_its_lines_their_meaning_is_left_out_with_it() -> None:
    parsed = read("band size fit\n  large > 10\n  small otherwise\nscore s\n  start at 1\n")
    assert [problem.code for problem in parsed.problems] == ["SC001", "SC001"]
    assert parsed.file is not None and len(parsed.file.declarations) == 1
    assert {"size", "large"} <= parsed.broken_names


def test_lines_below_what_cannot_have_any_are_not_followed_by_noise() -> None:
    assert told("define x y\n  +1 a when b\n  +1 b if c\nuse std.email\n") == [("y", "`y` does not fit here")]


def test_a_forgotten_bracket_does_not_swallow_the_rules_below() -> None:
    parsed = read("score fit\n  +1 a when (b and c\n  +2 d when e\n  start at 1\n")
    assert [problem.code for problem in parsed.problems] == ["SC052"]
    assert parsed.file is not None
    (score,) = parsed.file.declarations
    assert isinstance(score, tree.Score) and len(score.items) == 2


def test_indentation_that_fits_nothing() -> None:
    assert told("score fit\n  start at 1\n    cap 3 when x\n   floor 2 when y\n") == [
        ("    ", "this line is indented by 4 blanks, and belongs to nothing above it"),
        ("   ", "this line is indented by 3 blanks, and belongs to nothing above it"),
    ]
    assert told("score fit\n  group g\n      +1 a when b\n    +2 b when c\n") == [
        ("    ", "this line is indented by 4 blanks, and belongs to nothing above it")
    ]
    assert codes("  policy p\n    language 1\n") == ["SC046"]


def test_a_rule_below_a_rule_is_indented_too_far() -> None:
    assert codes("score fit\n  +1 a when b\n    +2 b when c\n") == ["SC046"]


def test_a_block_without_lines() -> None:
    text = "score fit\n  group g\n\nband b of fit\n\ngate g\nnever sales when x\n"
    assert told(text) == [
        ("group g", "`group g` needs indented lines below it"),
        ("band b of fit", "`band b` needs indented lines below it"),
        ("gate g", "`gate g` needs indented lines below it"),
    ]


def test_what_is_missing_at_the_end_of_a_line() -> None:
    (problem,) = read("score fit\n  +10 big\n").problems
    assert problem.message() == "something is missing after `big`"
    assert problem.label == "after this comes `when`, `unless`, `for each`, `per` or `otherwise`"


def test_a_misspelt_word_is_guessed() -> None:
    (problem,) = read("scor fit from 0 to 100\n  +1 a when b\n").problems
    assert (problem.message(), problem.help()) == (
        "`scor` cannot begin a line at the left margin",
        "did you mean `score`?",
    )


@pytest.mark.parametrize(
    ("line", "advice"),
    [
        ("employees: number", "a field stands below a line such as `lead by lead_id`, two blanks further in"),
        ("person", "if it is the block of a lead's fields, write `person by lead_id`"),
        ("L001,ann@corp.example", ""),
        ("hello world", ""),
    ],
)
def test_what_is_no_declaration_is_taken_for_what_it_looks_like(line: str, advice: str) -> None:
    (problem,) = read(f"{line}\n\nscore fit\n  +1 a when b\n").problems
    assert (problem.message().split("`", 2)[2], problem.help()) == (" cannot begin a line at the left margin", advice)


def test_a_block_at_the_wrong_place_is_told_where_it_belongs() -> None:
    (problem,) = read("score fit\n  start at 1\n  band b of fit\n    hot >= 1\n").problems
    assert (problem.message(), problem.help()) == (
        "`band` does not stand in a `score`",
        "it begins at the left margin: take the blanks before it away",
    )


# ------------------------------------------------------------------ characters and numbers


@pytest.mark.parametrize(
    ("line", "code", "at"),
    [
        ("+1 a when x is “NL”", "SC050", "“NL”"),
        ("+1 a when x ≥ 5", "SC050", "≥"),
        ("+1 a when\u00a0x", "SC050", "\u00a0"),
        ("+1 größe when x", "SC050", "größe"),
        ("+1 a when x 😀 y", "SC050", "😀"),
        ("+1 a when \u0441ompany is known", "SC009", "\u0441ompany"),
        ("+1 a\u200bb when x", "SC009", "a\u200bb"),
        ('+1 a when x is "a\u202eb"', "SC009", "\u202e"),
        ("+1 a when x  # \u2066b", "SC009", "\u2066"),
        ('+1 a when x is "NL', "SC045", '"NL'),
        ("+1 a when x > 1,000", "SC048", "1,000"),
        ("+1 a when x in (1,000, 2,000)", "SC048", "1,000"),
        ("+1 a when x > " + "9" * 31, "SC048", "9" * 31),
        ("+1 a for each e, at most 2.5 times", "SC048", "2.5"),
        ("+1 a when x > 2026-02-30", "SC051", "2026-02-30"),
        ("+1 a when x > 2026-02-28T25:00Z", "SC051", "2026-02-28T25:00Z"),
        ("+1 a when x > 2026-2-3", "SC048", "2026-2-3"),
        ('+1 a when x is "C:\\dir"', "SC053", "\\d"),
        ("+1 a when x\x0c", "SC054", "\x0c"),
        ("+1 a\twhen x", "SC042", "\t"),
    ],
)
def test_a_character_or_number_that_is_refused(line: str, code: str, at: str) -> None:
    """One mistake, one problem: nothing is said about the rest of the line."""
    source = Source("p", f"score fit\n  {line}\n")
    (problem,) = parse(source).problems
    assert (problem.code, source.text[problem.span.start : problem.span.end]) == (code, at)
    assert problem.message() and problem.label and problem.help()


def test_a_look_alike_is_named() -> None:
    (problem,) = read("score fit\n  +1 a when сompany is known\n").problems
    assert problem.message() == ("`сompany` has a letter that only looks like `c`: cyrillic small letter es, U+0441")


def test_a_look_alike_is_read_as_what_it_looks_like() -> None:
    """So that the checker does not call the field unknown as well."""
    assert read("score fit\n  +1 a when сompany is known\n").file == fine("score fit\n  +1 a when company is known\n")


@pytest.mark.parametrize(
    ("line", "mended"),
    [
        ("+1 a when x is “NL”", '+1 a when x is "NL"'),
        ("+1 a when x ≥ 5", "+1 a when x >= 5"),
        ("+1 a when x – 5 > y", "+1 a when x - 5 > y"),
        ("+1 a when сompany is known", "+1 a when company is known"),
        ("+1 a\u200bb when x", "+1 ab when x"),
        ("+1 a\twhen\t\tx", "+1 a when x"),
        ('+1 a when x is "C:\\dir"', '+1 a when x is "C:\\\\dir"'),
    ],
)
def test_its_safe_fix(line: str, mended: str) -> None:
    text = f"score fit\n  {line}\n"
    (problem,) = parse(Source("p", text)).problems
    assert problem.fix is not None and problem.fix.safe
    assert apply(text, problem) == f"score fit\n  {mended}\n"


def apply(text: str, problem: Problem) -> str:
    assert problem.fix is not None
    return text[: problem.fix.span.start] + problem.fix.replacement + text[problem.fix.span.end :]


def test_tabs_are_one_problem_with_one_fix() -> None:
    text = "policy p\n\tlanguage 1\n\nscore fit\n\tgroup g\n\t\t+1 a\twhen b\n"
    (problem,) = parse(Source("p", text)).problems
    assert problem.message() == "a tab stands where blanks belong (4 places in this file)"
    mended = apply(text, problem)
    assert mended == "policy p\n  language 1\n\nscore fit\n  group g\n    +1 a when b\n"
    assert parse(Source("p", mended)).problems == ()


def test_tabs_in_texts_and_comments_and_empty_lines_are_nobodys_business() -> None:
    assert codes('list xs = ("a\tb")\t# c\td\n\t\n')[:1] == ["SC042"]
    assert codes('list xs = ("a\tb")  # c\td\n\t\n') == []


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("2026-13-01", "a year has the months 01 to 12"),
        ("2026-02-29", "2026 is not a leap year"),
        ("2024-02-30", "that month has 29 days"),
        ("2026-06-31", "that month has 30 days"),
        ("0000-01-01", "the years begin with 0001"),
    ],
)
def test_an_impossible_date_says_why(written: str, reason: str) -> None:
    (problem,) = read(f'test "t"\n  at {written}\n').problems
    assert problem.message() == f"`{written}` does not exist: {reason}"


def test_a_problem_of_value_leaves_its_statement_in_the_tree() -> None:
    parsed = read("score fit\n  +1 a when x > 2026-02-30\n")
    assert parsed.file is not None and not parsed.incomplete
    assert parsed.file == fine("score fit\n  +1 a when x > 2000-01-01\n")


# ------------------------------------------------------------------ files that are no policies


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "SC043"),
        (" \n\n", "SC043"),
        ("# nothing yet\n", "SC043"),
        ("policy p\r  language 1\r", "SC041"),
        ("policy\0p", "SC040"),
        ("\n" * (MAX_LINES + 1), "SC044"),
        ("x" * (MAX_BYTES + 1), "SC044"),
    ],
    ids=["empty", "blank", "comments", "cr", "nul", "lines", "bytes"],
)
def test_a_text_that_is_no_policy(text: str, code: str) -> None:
    parsed = parse(Source("p", text))
    assert [problem.code for problem in parsed.problems] == [code]
    assert parsed.file is None and parsed.incomplete


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"policy p\n# \xe9\n", "line 2 holds the byte 0xE9, which is not UTF-8"),
        ("policy p".encode("utf-16"), "it is saved as UTF-16"),
        (bytes(range(256)), "it holds bytes that no text has"),
    ],
)
def test_bytes_that_are_no_text(data: bytes, words: str) -> None:
    problems = decode("p", data)
    assert isinstance(problems, tuple)
    (problem,) = problems
    assert problem.message() == f"this file is not plain text in UTF-8: {words}"


def test_a_byte_order_mark_is_skipped() -> None:
    assert decode("p", b"\xef\xbb\xbfpolicy p") == Source("p", "policy p")


def test_a_file_of_ten_megabytes_is_refused_before_it_is_read() -> None:
    problems = decode("p", b"x" * (MAX_BYTES + 1))
    assert isinstance(problems, tuple) and problems[0].code == "SC044"


RULE = "score fit\n  +1 a when "


@pytest.mark.parametrize(
    "text",
    [
        RULE + "(" * 10_000 + "x" + ")" * 10_000,
        RULE + "not " * 10_000 + "x",
        RULE + "f(" * 10_000 + "x" + ")" * 10_000,
        RULE + "(a or b and not (c + d * " * 60 + "x" + "))" * 60,
        "score s = " + "60% of " * 10_000 + "x",
        "score fit\n" + "".join(f"{' ' * (i + 1)}group g{i}\n" for i in range(1_000)),
    ],
    ids=["brackets", "nots", "calls", "mixed", "percentages", "groups"],
)
def test_what_is_nested_too_deep_is_one_problem(text: str) -> None:
    assert codes(text) == ["SC049"]


@pytest.mark.parametrize(
    "text",
    [
        RULE + "(" * 100 + "x" + ")" * 100,
        RULE + "not " * 100 + "x",
        RULE + " and ".join(["x"] * 3_000),
        "score s = " + " + ".join(["x"] * 3_000),
        "score fit\n" + "".join(f"{' ' * (i + 1)}group g{i}\n" for i in range(90)) + " " * 91 + "+1 a when b\n",
    ],
    ids=["brackets", "nots", "ands", "sum", "groups"],
)
def test_what_is_long_but_not_too_deep_can_be_read_and_walked(text: str) -> None:
    parsed = parse(Source("p", text))
    assert parsed.problems == ()
    assert repr(parsed.file) and parsed.file == parse(Source("p", text)).file


def test_reading_takes_time_in_proportion_to_the_text() -> None:
    """Counted in calls, so that a busy machine does not matter."""

    def calls(rules: int) -> int:
        count = 0

        def counting(*_: object) -> None:
            nonlocal count
            count += 1

        sys.setprofile(counting)
        try:
            parse(Source("p", "score fit\n" + "  +1 a when b > 1 and c\n" * rules))
        finally:
            sys.setprofile(None)
        return count

    calls(1)
    assert calls(400) < 2.2 * calls(200)


def test_broken_texts_never_raise_and_problems_lie_inside_the_text() -> None:
    chance = random.Random(7)
    base = CONSTRUCTS.read_text("utf-8")
    letters = '()"#\n\n  \t+-|:,.=<>0159abcxyz_\u0430\u201c\u200b\r%'
    for _ in range(150):
        text = list(base)
        for _ in range(chance.choice((1, 4, 40))):
            at = chance.randrange(len(text))
            match chance.randrange(3):
                case 0:
                    text[at] = chance.choice(letters)
                case 1:
                    del text[at : at + chance.choice((1, 6, 50))]
                case _:
                    begin = chance.randrange(len(text))
                    text[at:at] = text[begin : begin + chance.choice((1, 9, 70))]
        source = Source("p", "".join(text))
        for problem in parse(source).problems:
            assert 0 <= problem.span.start <= problem.span.end <= len(source.text)
            assert problem.message() and "\n" not in problem.message()
            assert problem.fix is None or problem.fix.span.end <= len(source.text)


# ------------------------------------------------------------------ the cache of the tables


def test_with_tables_in_the_cache_lark_is_not_even_imported(tmp_path: Path) -> None:
    code = (
        "import sys; from scorec.compiler.parse import parse; from scorec.dsl.source import Source; "
        "parsed = parse(Source('p', 'score fit\\n  start at 1\\n')); print(parsed.problems, 'lark' in sys.modules)"
    )

    def run() -> str:
        environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}
        done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    assert run() == "() True"
    (kept,) = (tmp_path / "scorec").iterdir()
    assert json.loads(kept.read_text("utf-8"))["start"] >= 0
    assert run() == "() False"
    kept.write_text("{ damaged", "utf-8")
    assert run() == "() True"
    assert run() == "() False"


def test_without_a_cache_it_works_as_well(tmp_path: Path) -> None:
    code = "from scorec.compiler.parse import parse, Source; print(parse(Source('p', 'use std.email\\n')).problems)"
    (tmp_path / "file").write_text("no folder")
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "file")}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "()"


def test_a_span_of_a_problem_names_its_source() -> None:
    (problem,) = parse(Source("a/b.score", "score fit\n  +1 a if b\n")).problems
    assert problem.span == Span(17, 19, "a/b.score")
