"""How a problem is drawn: what stands where, for every kind of line that an author may write."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scorec.cli.render import Paint, display_width, listed, problem_github, problem_json, problem_text, wrapped
from scorec.dsl.problems import Fix, Note, Problem, Severity
from scorec.dsl.source import Source, Span


class Sample(Problem):
    """A problem as `@problem` would make it, without a place in the catalogue."""

    code = "SC999"

    def message(self) -> str:
        return "unknown field `emplyees`"

    def help(self) -> str:
        return "did you mean `employees`?"


TEXT = "policy x\nlead by id\n  employees: number\nscore fit\n  +30 when emplyees >= 200\n"


def at(word: str, text: str = TEXT, name: str = "inbound.score") -> Span:
    start = text.index(word)
    return Span(start, start + len(word), name)


def drawn(problem: Problem, text: str = TEXT, width: int = 80) -> str:
    return problem_text(problem, {"inbound.score": Source("inbound.score", text)}, Paint(), width)


def marked(text: str, start: int, end: int, width: int = 80, label: str = "here") -> tuple[str, str]:
    """The line that is shown and what is drawn under it, without the gutter."""
    lines = drawn(Sample(span=Span(start, end, "inbound.score"), label=label), text, width).split("\n")
    at = next(number for number, line in enumerate(lines) if line.startswith("1 | "))
    return lines[at].removeprefix("1 | "), lines[at + 1].removeprefix("  | ")


def test_a_problem_shows_its_place_its_line_and_what_to_do() -> None:
    problem = Sample(span=at("emplyees"), label="not declared")
    assert drawn(problem) == "\n".join(
        [
            "error SC999: unknown field `emplyees`",
            " --> inbound.score:5:12",
            "  |",
            "5 |   +30 when emplyees >= 200",
            "  |            ^^^^^^^^ not declared",
            "  = help: did you mean `employees`?",
        ]
    )


def test_another_place_that_takes_part_is_shown_in_the_order_of_the_text() -> None:
    problem = Sample(span=at("emplyees"), notes=(Note(at("employees"), "the nearest field"),))
    assert drawn(problem).split("\n")[1:8] == [
        " --> inbound.score:5:12",
        "  |",
        "3 |   employees: number",
        "  |   --------- the nearest field",
        "...",
        "5 |   +30 when emplyees >= 200",
        "  |            ^^^^^^^^",
    ]


def test_two_places_on_one_line_have_a_row_each() -> None:
    problem = Sample(span=at("200"), label="a number", notes=(Note(at("emplyees"), "a text"),))
    assert drawn(problem).split("\n")[3:6] == [
        "5 |   +30 when emplyees >= 200",
        "  |            -------- a text",
        "  |                        ^^^ a number",
    ]


def test_a_place_in_another_file_is_shown_under_its_name() -> None:
    sources = {
        "inbound.score": Source("inbound.score", TEXT),
        "std/email.score": Source("std/email.score", "library std.email\n"),
    }
    problem = Sample(span=at("emplyees"), notes=(Note(Span(8, 17, "std/email.score"), "in this library"),))
    text = problem_text(problem, sources, Paint(), 80)
    assert " ::: std/email.score:1:9\n  |\n1 | library std.email\n  |         --------- in this library" in text


def test_a_tab_moves_the_carets_with_the_text() -> None:
    assert marked("\t+30 x", 1, 4) == ("    +30 x", "    ^^^ here")


def test_wide_characters_take_two_columns() -> None:
    assert marked('is "李小龙" or x', 11, 13) == ('is "李小龙" or x', "              ^^ here")


def test_accents_take_no_column() -> None:
    assert marked("re\u0301sume\u0301 x", 9, 10) == ("re\u0301sume\u0301 x", "       ^ here")


@pytest.mark.parametrize("hidden", ["\u202e", "\u200b", "\x1b", "\x00", "\u2028"])
def test_what_would_hide_or_reorder_text_is_spelt_out(hidden: str) -> None:
    shown, carets = marked(f"a{hidden}b", 1, 2)
    assert shown == f"a\\u{{{ord(hidden):X}}}b"
    assert carets == " " + "^" * (len(shown) - 2) + " here"


def test_no_character_of_a_file_can_steer_the_terminal() -> None:
    text = drawn(Sample(span=Span(0, 1, "inbound.score"), label="\x1b[2J"), "\x1b[31mred\n")
    assert "\x1b" not in text


def test_a_long_line_is_shown_around_its_mark() -> None:
    line = "a" * 500 + "WRONG" + "b" * 500
    shown, carets = marked(line, 500, 505)
    assert shown.startswith("...") and shown.endswith("...") and len(shown) <= 76
    assert shown.index("WRONG") == carets.index("^^^^^")


def test_a_line_of_ten_megabytes_costs_no_more_than_a_short_one() -> None:
    import time

    line = "a" * 10_000_000
    started = time.perf_counter()
    shown, _ = marked(line, 5_000_000, 5_000_001)
    assert time.perf_counter() - started < 0.5
    assert len(shown) <= 76


def test_a_long_label_goes_below_its_carets() -> None:
    label = "this says at length what is wrong here and what might have been meant by the author of this line"
    lines = drawn(Sample(span=at("emplyees"), label=label)).split("\n")
    assert lines[4] == "  |            ^^^^^^^^"
    assert all(len(line) <= 80 for line in lines)
    assert " ".join(line.removeprefix("  |").strip() for line in lines[5:7]) == label


def test_a_place_of_several_lines_is_marked_to_the_end_of_its_first() -> None:
    text = drawn(Sample(span=Span(at("lead").start, at("score").start, "inbound.score")))
    assert "2 | lead by id\n  | ^^^^^^^^^^ (to line 3)" in text


def test_the_end_of_the_text_has_one_caret() -> None:
    assert marked("abc", 3, 3) == ("abc", "   ^ here")


def test_a_problem_without_a_text_names_its_file_only() -> None:
    assert drawn(Sample(span=Span(0, 0, "binary.score"))).split("\n")[1] == " --> binary.score"


def test_a_fix_says_whether_it_may_change_scores() -> None:
    class Remark(Sample):
        severity = Severity.WARNING

    fix = Fix("replace it with `employees`", at("emplyees"), "employees")
    assert "= fix (may change scores): replace it" in drawn(Remark(span=at("emplyees"), fix=fix))
    assert "= fix: replace it" in drawn(Remark(span=at("emplyees"), fix=replace(fix, safe=True)))
    assert "= fix: replace it" in drawn(Sample(span=at("emplyees"), fix=fix))


def test_colours_add_nothing_but_colours() -> None:
    import re

    problem = Sample(span=at("emplyees"), label="x", notes=(Note(at("employees"), "y"),))
    sources = {"inbound.score": Source("inbound.score", TEXT)}
    coloured = problem_text(problem, sources, Paint(colours=True), 80)
    assert coloured != drawn(problem)
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == drawn(problem)


def test_json_carries_the_same_content() -> None:
    problem = Sample(span=at("emplyees"), label="x", notes=(Note(at("employees"), "y"),))
    found = problem_json(problem, {"inbound.score": Source("inbound.score", TEXT)})
    assert (found["code"], found["severity"], found["message"]) == ("SC999", "error", "unknown field `emplyees`")
    assert found["start"] == {"line": 5, "column": 12, "offset": TEXT.index("emplyees")}
    assert found["end"]["column"] == 20
    assert found["help"] == "did you mean `employees`?"
    assert found["notes"][0]["text"] == "y" and found["notes"][0]["start"]["line"] == 3


def test_github_gets_one_line_with_its_own_escapes() -> None:
    class Percent(Sample):
        def message(self) -> str:
            return "100% wrong,\nreally"

    line = problem_github(Percent(span=at("emplyees")), {"inbound.score": Source("a,b:c.score", TEXT)})
    assert line == (
        "::error file=a%2Cb%3Ac.score,line=5,endLine=5,col=12,endColumn=20,title=SC999::"
        "100%25 wrong,%0Areally%0Adid you mean `employees`?"
    )


@pytest.mark.parametrize(
    ("severity", "word"), [(Severity.ERROR, "error"), (Severity.WARNING, "warning"), (Severity.INFO, "notice")]
)
def test_github_has_words_of_its_own_for_severities(severity: Severity, word: str) -> None:
    class Graded(Sample):
        pass

    Graded.severity = severity
    assert problem_github(Graded(span=at("emplyees")), {}).startswith(f"::{word} title=SC999::")


def test_lists_of_names_read_as_a_sentence() -> None:
    assert listed([]) == ""
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert listed(["a", "b"], "or") == "a or b"
    assert listed([*"abcdefgh"]) == "a, b, c, d, e, f and 2 more"


def test_examples_in_a_help_keep_their_layout() -> None:
    assert wrapped("write\n  +30 a when x\nor", 40, "= help: ", "  ") == "= help: write\n    +30 a when x\n  or"


def test_the_width_of_a_text_is_counted_in_columns() -> None:
    assert [display_width(text) for text in ("abc", "李", "e\u0301")] == [3, 2, 1]
