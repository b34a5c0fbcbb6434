"""The canonical layout: what it looks like, that it changes nothing, and that every comment survives once."""

from __future__ import annotations

import random
import re
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scorec.compiler.format import WIDTH, format_text
from scorec.compiler.parse import parse
from scorec.dsl.source import Source

DATA = Path(__file__).parent / "data"
CONSTRUCTS = (DATA / "syntax" / "constructs.score").read_text("utf-8")
POLICIES = [*sorted(DATA.glob("*.score")), DATA / "syntax" / "constructs.score"]


def laid_out(text: str) -> str:
    formatted = format_text(Source("p", text))
    assert isinstance(formatted, str), formatted
    return formatted


def becomes(before: str, after: str) -> None:
    before, after = dedent(before).lstrip("\n"), dedent(after).lstrip("\n")
    assert laid_out(before) == after
    assert laid_out(after) == after


def comments(text: str) -> list[str]:
    return sorted(comment.text for comment in parse(Source("p", text)).comments)


def means_the_same(before: str, after: str) -> None:
    parsed = parse(Source("p", after))
    assert parsed.problems == ()
    assert parsed.file == parse(Source("p", before)).file
    assert comments(after) == comments(before)


# ------------------------------------------------------------------ what it looks like


def test_every_construct_has_its_layout() -> None:
    assert laid_out(CONSTRUCTS) == CONSTRUCTS


def test_points_stand_in_a_column_and_near_triggers_too() -> None:
    becomes(
        """
        score fit
          + 30 enterprise when employees>=1000
          +5 small otherwise
          -100 competitor "A rival" when domain( email ) in competitors
        """,
        """
        score fit
          +30  enterprise when employees >= 1000
          +5   small otherwise
          -100 competitor "A rival" when domain(email) in competitors
        """,
    )
    becomes(
        """
        score fit
          +30 enterprise when a
          +5 small otherwise
        """,
        """
        score fit
          +30 enterprise when a
          +5  small      otherwise
        """,
    )


def test_an_empty_line_ends_a_column() -> None:
    becomes(
        """
        score fit
          +30 a when b
          +5 c when d


          -100 long_name when e
        """,
        """
        score fit
          +30 a when b
          +5  c when d

          -100 long_name when e
        """,
    )


def test_triggers_far_apart_stand_in_no_column() -> None:
    becomes(
        """
        score fit
          +1 a when x
          +1 something_with_a_long_name when y
        """,
        """
        score fit
          +1 a when x
          +1 something_with_a_long_name when y
        """,
    )


def test_computed_points_keep_their_brackets_and_the_column_of_others() -> None:
    becomes(
        """
        score fit
          +(seats*0.03+11) seats_points when seats is known
          +5 a when x
          -10 b when y
        """,
        """
        score fit
          +(seats * 0.03 + 11) seats_points when seats is known
          +5  a when x
          -10 b when y
        """,
    )


def test_bands_and_grids_are_tables() -> None:
    becomes(
        """
        band readiness of total
          hot>=50
          lukewarm >= 21
          cold otherwise
        decide next_step by fit_grade,interest
          sales when any demo_request
          ||1|2|
          |A|sales|call|
          |longer|x|y|
          none otherwise
        """,
        """
        band readiness of total
          hot      >= 50
          lukewarm >= 21
          cold     otherwise

        decide next_step by fit_grade, interest
          sales when any demo_request
          |        | 1     | 2    |
          | A      | sales | call |
          | longer | x     | y    |
          none otherwise
        """,
    )


def test_declarations_are_apart_and_one_line_ones_of_a_kind_together() -> None:
    becomes(
        """
        policy p
          language 1
        use std.email
        use std.forms
        list a = (1, 2)


        list b = (3, 4)
        define c = d
        gate e
          never f when g
        gate h
          never i when j
        """,
        """
        policy p
          language 1

        use std.email
        use std.forms

        list a = (1, 2)

        list b = (3, 4)

        define c = d

        gate e
          never f when g

        gate h
          never i when j
        """,
    )


def test_a_long_list_is_wrapped() -> None:
    values = ", ".join(f'"company-{number}.example"' for number in range(12))
    formatted = laid_out(f"list xs = ({values})\n")
    first, *middle, last = formatted.splitlines()
    assert (first, last) == ("list xs = (", ")")
    assert all(line.startswith('  "company') and len(line) <= WIDTH for line in middle)
    assert len(middle) == 3


def test_a_list_that_its_author_broke_keeps_its_rows() -> None:
    becomes(
        """
        list countries = ("AT", "AUT",
          "BE","BEL"
            , "FR")
        list short = ("a", "b")
        list open = ("a", "b",)
        """,
        """
        list countries = (
          "AT", "AUT",
          "BE", "BEL",
          "FR",
        )

        list short = ("a", "b")

        list open = (
          "a", "b",
        )
        """,
    )


def test_a_long_condition_is_broken_where_its_brackets_allow() -> None:
    some, others = (
        'industry in core_industries and country is "US"',
        "employees >= 1000 and student is no and opted_in is yes",
    )
    becomes(
        f"""
        score fit
          +10 big when ({some} or {others})
        """,
        f"""
        score fit
          +10 big when (
            {some}
            or {others}
          )
        """,
    )


def test_arguments_and_sums_stay_on_one_line_of_a_broken_bracket() -> None:
    long = " * ".join(["a_rather_long_name"] * 4)
    becomes(
        f"""
        score s = 10% of max({long}, 1) + 20
        score t = 60% of another_score_of_this_policy + max({long}, 1)
        score u = max({long}, {long}, {long})
        """,
        f"""
        score s = 10% of max({long}, 1) + 20

        score t = 60% of another_score_of_this_policy + max(
          {long}, 1
        )

        score u = max(
          {long},
          {long},
          {long}
        )
        """,
    )


def test_a_long_condition_without_brackets_stays() -> None:
    line = "score fit\n  +10 big when " + " and ".join(f"condition_number_{i}" for i in range(8)) + "\n"
    assert laid_out(line) == line


def test_limits_that_make_a_rule_too_long_go_below_it() -> None:
    head = '  +5 visits for each page_view in the last 14 days where url contains "/pricing"'
    limits = ["losing 10% every 7 days", "after 1 day", "at most 40 points"]
    line = f"score fit\n\n{', '.join((head, *limits))}\n"
    below = f"score fit\n{head}\n    losing 10% every 7 days, after 1 day\n    at most 40 points\n"
    assert laid_out(line) == laid_out(below) == below


def test_small_things() -> None:
    becomes(
        """
        lead   by lead_id
          email :text   required
          plan: one of("a" , 'x')
        """.replace("'x'", '"x"'),
        """
        lead by lead_id
          email: text required
          plan: one of ("a", "x")
        """,
    )
    becomes(
        'test "t"\n  event login 1 times 1 days ago\n  given x - 5 , tags("a","b")\n',
        'test "t"\n  event login 1 day ago\n  given x -5, tags ("a", "b")\n',
    )
    becomes("score s=-  a+1_000*2\n", "score s = -a + 1_000 * 2\n")
    becomes('group_ by x\n  a: text\nlist l=("\\"a\\\\")\n', 'group_ by x\n  a: text\n\nlist l = ("\\"a\\\\")\n')


def test_the_line_ends_of_windows_stay() -> None:
    assert laid_out("score fit\r\n  start  at 1\r\n") == "score fit\r\n  start at 1\r\n"


def test_a_file_that_cannot_be_read_is_not_touched() -> None:
    problems = format_text(Source("p", "score fit\n  +1 a if b\n"))
    assert not isinstance(problems, str)
    assert [problem.code for problem in problems] == ["SC001"]


# ------------------------------------------------------------------ comments


def test_comments_stay_where_they_belong() -> None:
    becomes(
        """
        # the file
        policy p   # its head
             # about the language
          language 1
        # about the use
        use std.email
        score fit# what counts
          # about the group
          group g
            +1 a when b   # the rule
              # about its limit
              at most 3 points # the limit
            # at the end of the group
          # at the end of the score
        # at the end of the file
        """,
        """
        # the file
        policy p  # its head
          # about the language
          language 1

        # about the use
        use std.email

        score fit  # what counts
          # about the group
          group g
            +1 a when b  # the rule
              # about its limit
              at most 3 points  # the limit
            # at the end of the group
          # at the end of the score

        # at the end of the file
        """,
    )


def test_comments_in_brackets_stay_at_their_items() -> None:
    becomes(
        """
        list xs = ( # all of them
          "a", "b", # the first two
          # and one more
          "c"
          # no more
        )
        score fit
          +1 a when ( b # because
            or f(c, # the first
              d) )
        """,
        """
        list xs = (
          # all of them
          "a",
          "b",  # the first two
          # and one more
          "c",
          # no more
        )

        score fit
          +1 a when (
            b  # because
            or f(
              c,  # the first
              d
            )
          )
        """,
    )


def test_empty_lines_around_comments_are_kept_up_to_one() -> None:
    becomes(
        """
        score fit
          start at 1


          # about a


          +1 a when b
        """,
        """
        score fit
          start at 1

          # about a

          +1 a when b
        """,
    )


# ------------------------------------------------------------------ it changes nothing


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.stem)
def test_real_policies_mean_the_same(path: Path) -> None:
    text = path.read_text("utf-8")
    formatted = laid_out(text)
    means_the_same(text, formatted)
    assert laid_out(formatted) == formatted


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.stem)
@pytest.mark.parametrize("seed", range(3))
def test_however_it_was_laid_out_the_result_is_the_same(path: Path, seed: int) -> None:
    text = path.read_text("utf-8")
    assert laid_out(shaken(text, random.Random(seed))) == laid_out(text)


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.stem)
def test_a_comment_at_every_line_survives_once(path: Path) -> None:
    lines = []
    for number, line in enumerate(path.read_text("utf-8").splitlines()):
        if number % 3 == 0:
            lines.append(f"{' ' * (number % 7)}# before {number}")
        lines.append(line if "#" in line else f"{line} # after {number}")
    text = "\n".join(lines)
    formatted = laid_out(text)
    means_the_same(text, formatted)
    assert laid_out(formatted) == formatted


@given(st.integers(0, 2**32), st.floats(0, 0.4))
@settings(max_examples=25, deadline=None)
def test_broken_lines_and_comments_anywhere_in_brackets(seed: int, share: float) -> None:
    text = broken(CONSTRUCTS, random.Random(seed), share)
    formatted = laid_out(text)
    means_the_same(text, formatted)
    assert laid_out(formatted) == formatted


PHRASES = r"(?:count|sum|highest|lowest|average) of|in the last|(?:starts|ends) with|has word|top \d+|\w+ since"
"""Words that the language takes for one: no comment stands between them."""
WORDS = re.compile(rf'{PHRASES}|\d{{4}}-\d\d-\d\d[\w:.+-]*|"(?:\\.|[^"\\\n])*"|#[^\n]*|\n *| +|[\w.%]+|[<>]=|.')


def shaken(text: str, chance: random.Random) -> str:
    """The same policy with other blanks, between words only."""
    parts = []
    for line in text.splitlines():
        indent = len(line) - len(line.lstrip())
        parts.append(line[:indent] * 2)  # four blanks for each level
        for word in WORDS.findall(line[indent:]):
            parts.append(" " * chance.randint(1, 3) if word.isspace() else word)
            if word in (",", "(", ")", "+", "|") and chance.random() < 0.5:
                parts.append(" " * chance.randint(0, 2))
        parts.append(" " * chance.randint(0, 2) + "\n")
    return "".join(parts)


def broken(text: str, chance: random.Random, share: float) -> str:
    """The same policy with new lines and comments inside brackets."""
    parts, depth, count = [], 0, 0
    for word in WORDS.findall(text):
        depth += (word == "(") - (word == ")")
        parts.append(word)
        if depth and word[0] != "#" and chance.random() < share:
            count += 1
            comment = chance.choice(("", "", f"  # {count}", f"\n{' ' * chance.randint(7, 30)}# {count}"))
            parts.append(f"{comment}\n{' ' * chance.randint(7, 30)}")
    return "".join(parts)
