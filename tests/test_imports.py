"""Libraries and list files: what a policy takes from beside it, and what is said when it is not there."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from scorec.compiler.check.lists import list_entries, outside_reason
from scorec.compiler.pipeline import Analysis, analyze
from scorec.compiler.standard import standard_first, standard_library, standard_names
from scorec.dsl import ir
from scorec.dsl.source import Source

LIBRARY = """\
library {name}
  language 1

{uses}
define is_junk(name: text) = name in junk_words or name has word any of junk_words
list junk_words = ("test", "asdf")
rules junk(name: text)
  -10 junk_name when is_junk(name)
"""

POLICY = """\
policy inbound
  language 1

{uses}
lead by lead_id
  full_name: text
  email: text
  industry: text

score fit
{rules}
"""


def library(name: str, *uses: str) -> str:
    return LIBRARY.format(name=name, uses="\n".join(f"use {use}" for use in uses))


def policy(rules: str = "  +1 known when email is known", *uses: str, lists: str = "") -> str:
    lines = [f"use {use}" for use in uses] + ([lists] if lists else [])
    return POLICY.format(uses="\n".join(lines), rules=rules)


def analysis(text: str, libraries: Mapping[str, str] = {}, files: Mapping[str, str] = {}) -> Analysis:
    def find(name: str) -> Source | None:
        return Source(f"{name.replace('.', '/')}.score", libraries[name]) if name in libraries else None

    def list_file(name: str) -> Source | str | None:
        found = files.get(name)
        return found if found is None or found.startswith("is ") else Source(name, found)

    return analyze(Source("inbound.score", text), find, list_file)


def said(found: Analysis) -> list[str]:
    """Every problem with the file and the line that it is told at."""
    told: list[str] = []
    for problem in found.problems:
        source = found.sources[problem.span.source]
        told.append(f"{source.name}:{source.position(problem.span.start)[0]}: {problem.code} {problem.message()}")
    return told


# ------------------------------------------------------------------ libraries


def test_a_policy_uses_the_members_of_a_library_by_its_last_name() -> None:
    found = analysis(policy("  include forms.junk(full_name)", "team.forms"), {"team.forms": library("team.forms")})
    assert not found.problems and found.program is not None
    (rule,) = found.program.scores[0].items
    assert isinstance(rule, ir.Rule) and rule.full_name == "fit.junk_name"


def test_a_library_can_be_called_otherwise() -> None:
    text = policy("  -10 j when f.is_junk(full_name)", "team.forms as f")
    assert not analysis(text, {"team.forms": library("team.forms")}).problems


def test_a_library_may_use_another_and_both_are_read_once() -> None:
    asked: list[str] = []
    texts = {"a.one": library("a.one", "a.two"), "a.two": library("a.two")}

    def find(name: str) -> Source | None:
        asked.append(name)
        return Source(name, texts[name])

    text = policy("  -10 j when one.is_junk(full_name) or two.is_junk(email)", "a.one", "a.two")
    assert not analyze(Source("p.score", text), find, lambda name: None).problems
    assert asked == ["a.one", "a.two"]


def test_a_policy_sees_only_the_libraries_that_it_uses_itself() -> None:
    texts = {"a.one": library("a.one", "a.two"), "a.two": library("a.two")}
    found = analysis(policy("  -10 j when two.is_junk(email)", "a.one"), texts)
    assert said(found) == ["inbound.score:11: SC037 this file uses no library called `two`"]


def test_a_library_that_is_not_there_is_told_once_where_it_is_used() -> None:
    found = analysis(policy("  -10 j when forms.is_junk(email)\n  include forms.junk(email)", "team.forms"))
    assert said(found) == ["inbound.score:4: SC019 there is no library called `team.forms`"]
    assert found.problems[0].help() == "a library of your own is a file beside the policy: `team/forms.score`"


@pytest.mark.parametrize("name", ["std.emial", "email"])
def test_a_shipped_library_that_is_misspelt_is_found(name: str) -> None:
    (problem,) = analysis(policy("  +1 a when email is known", name)).problems
    assert problem.label == "did you mean `std.email`?" and problem.fix is not None
    assert problem.fix.replacement == "std.email"


def test_a_file_of_another_name_or_kind_is_no_such_library() -> None:
    texts = {"a.one": library("a.two"), "a.pol": "policy other\n  language 1\n", "a.none": "list xs = (1)\n"}
    found = analysis(policy("  +1 k when email is known", "a.one", "a.pol", "a.none"), texts)
    assert [line.split(" ", 2)[2] for line in said(found)] == [
        "the file found for `a.one` is the library `a.two`",
        "the file found for `a.pol` is the policy `other`",
        "the file found for `a.none` is no library",
    ]


@pytest.mark.parametrize(
    ("texts", "place", "circle"),
    [
        ({"a": library("a", "a")}, "a.score:4", "the library `a` uses itself"),
        (
            {"a": library("a", "b"), "b": library("b", "c"), "c": library("c", "a")},
            "c.score:4",
            "these libraries use each other: `a` -> `b` -> `c` -> `a`",
        ),
        (
            {"a": library("a", "b"), "b": library("b", "c"), "c": library("c", "b")},
            "c.score:4",
            "these libraries use each other: `b` -> `c` -> `b`",
        ),
    ],
)
def test_libraries_that_use_each_other_are_told_once(texts: dict[str, str], place: str, circle: str) -> None:
    found = analysis(policy("  +1 k when email is known", "a"), texts)
    assert said(found) == [f"{place}: SC012 {circle}"]


def test_libraries_that_share_a_third_are_no_circle() -> None:
    texts = {"a": library("a", "b", "c"), "b": library("b", "c"), "c": library("c")}
    assert not analysis(policy("  +1 k when email is known", "a", "c", "b"), texts).problems


def test_a_mistake_in_a_library_is_told_there_and_its_users_are_left_alone() -> None:
    texts = {"team.forms": library("team.forms").replace("name in junk_words or", "nme in junk_words or")}
    found = analysis(policy("  include forms.junk(full_name)\n  -5 b when forms.is_junk(email)", "team.forms"), texts)
    assert said(found) == ["team/forms.score:5: SC002 there is no field called `nme`"]
    assert found.program is None


def test_a_library_that_does_not_parse_stands_in_the_way_and_makes_no_noise() -> None:
    texts = {"team.forms": library("team.forms").replace("define is_junk(name: text) =", "define is_junk(name text) =")}
    found = analysis(policy("  -5 b when forms.is_junk(email)", "team.forms"), texts)
    assert found.program is None
    assert {problem.span.source for problem in found.problems} == {"team/forms.score"}


def test_what_only_a_use_brings_out_names_the_place_of_use() -> None:
    text = policy("  -5 b when forms.is_junk(plan)", "team.forms")
    text = text.replace("  email: text", "  email: text\n  plan: one of (a, b)")
    texts = {"team.forms": library("team.forms").replace("name in junk_words or", 'name is "asdf" or')}
    found = analysis(text, texts)
    (problem,) = found.problems
    assert said(found) == ["team/forms.score:5: SC005 `name` is never `asdf`"]
    (note,) = problem.notes
    assert (note.text, found.sources[note.span.source].position(note.span.start)[0]) == ("used here", 12)


def test_a_warning_of_a_library_is_its_own_affair() -> None:
    texts = {"team.forms": library("team.forms").replace("  language 1\n", "")}
    assert not analysis(policy("  include forms.junk(email)", "team.forms"), texts).problems
    found = analysis(texts["team.forms"])
    assert [problem.code for problem in found.problems] == ["SC912"] and found.program is None


def test_std_is_always_the_shipped_one() -> None:
    fake = {"std.email": "library std.email\n  language 1\n"}
    assert not analysis(policy("  -25 free when email.is_free(email)", "std.email"), fake).problems


@pytest.mark.parametrize("name", standard_names())
def test_every_shipped_library_has_no_problem_by_itself(name: str) -> None:
    source = standard_library(f"std.{name}")
    assert source is not None and source.name == f"std/{name}.score"
    assert not analyze(source, lambda _: None, lambda _: None).problems


@pytest.mark.parametrize("name", ["std", "std.", "std...", "std.no_such", "std.../email", "std.lists", "std.__init__"])
def test_nothing_else_is_a_shipped_library(name: str) -> None:
    assert standard_first(lambda _: Source("x", "x"))(name) is None


# ------------------------------------------------------------------ list files


def in_list(files: Mapping[str, str], path: str = "lists/core.txt", item: str = "industry") -> Analysis:
    text = policy(f"  +15 core when {item} in core", lists=f'list core from "{path}"')
    return analysis(text.replace("  email: text", "  email: text\n  code: number"), files=files)


def members(found: Analysis) -> tuple[str | float, ...]:
    assert found.program is not None, said(found)
    rule = found.program.scores[0].items[0]
    assert isinstance(rule, ir.Rule) and isinstance(rule.trigger, ir.When)
    assert isinstance(rule.trigger.condition, ir.InSet)
    return rule.trigger.condition.values


def test_a_list_file_has_one_value_on_each_line() -> None:
    text = "\ufeff# where we sell\nSoftware\r\n  Banking  \n\n\t# not yet\nLife Sciences\n"
    found = in_list({"lists/core.txt": text})
    assert not found.problems and members(found) == ("banking", "life sciences", "software")
    assert found.sources["lists/core.txt"].text == text, "the list takes part, so its text is known"


def test_a_csv_gives_its_first_column() -> None:
    text = 'value,comment\nSoftware,ours\n"Oil, gas and ""more""",theirs\n,nothing\nBanking\n'
    found = in_list({"core.csv": text}, "core.csv")
    assert members(found) == ("banking", 'oil, gas and "more"', "software")


@pytest.mark.parametrize(
    ("heading", "is_one"), [("value", True), ("Domain", True), ("core", True), ("industry", False), ("values", False)]
)
def test_a_csv_may_have_a_heading_that_is_called_value_domain_or_like_the_list(heading: str, is_one: bool) -> None:
    entries = list_entries(f"{heading}\nSoftware\n", "core.csv", "core")
    assert entries == (["Software"] if is_one else [heading, "Software"])


def test_a_text_file_has_no_heading() -> None:
    assert list_entries("value\nSoftware, ours\n", "core.txt", "core") == ["value", "Software, ours"]


def test_a_list_file_of_numbers_serves_numbers_and_texts() -> None:
    files = {"lists/core.txt": "10\n2.5\n007\n"}
    assert members(in_list(files, item="code")) == (2.5, 7.0, 10.0)
    assert members(in_list(files, item="industry")) == ("007", "10", "2.5")


def test_a_number_is_not_looked_for_among_texts() -> None:
    found = in_list({"lists/core.txt": "10\nmany\n"}, item="code")
    assert [problem.code for problem in found.problems] == ["SC004"]


def test_an_empty_list_file_is_a_warning() -> None:
    found = in_list({"lists/core.txt": "# to come\n\n"})
    assert [problem.code for problem in found.problems] == ["SC504"] and members(found) == ()


def test_an_entry_that_stands_twice_in_a_file_is_a_warning() -> None:
    found = in_list({"lists/core.txt": "Software\nBanking\n SOFTWARE\n"})
    assert said(found) == ['inbound.score:4: SC502 "Software" stands twice in this list']
    assert members(found) == ("banking", "software")


@pytest.mark.parametrize(
    ("path", "files", "reason"),
    [
        ("lists/core.txt", {}, "is not there"),
        ("lists/core.txt", {"lists/core.txt": "is not UTF-8 text"}, "is not UTF-8 text"),
        ("../core.txt", {"../core.txt": "x"}, "lies outside the policy's folder"),
        ("lists/../../core.txt", {"lists/../../core.txt": "x"}, "lies outside the policy's folder"),
        ("..\\\\core.txt", {"..\\core.txt": "x"}, "lies outside the policy's folder"),
        ("/etc/passwd", {"/etc/passwd": "x"}, "is an absolute path, which would differ from one computer to the next"),
        ("C:/core.txt", {"C:/core.txt": "x"}, "is an absolute path, which would differ from one computer to the next"),
        (" ", {" ": "x"}, "has no name"),
    ],
)
def test_a_list_file_that_cannot_be_read_is_told_why(path: str, files: dict[str, str], reason: str) -> None:
    found = in_list(files, path)
    (problem,) = found.problems
    assert problem.code == "SC514" and problem.message().endswith(reason)


@pytest.mark.parametrize("path", ["core.txt", "lists/core.txt", "lists/..core.txt", "lists/a.b/c"])
def test_a_path_inside_the_folder_is_no_trouble(path: str) -> None:
    assert outside_reason(path) is None


def test_the_lists_of_shipped_libraries_come_with_them() -> None:
    text = policy("  -25 free when email.is_free(email)", "std.email")
    assert not analysis(text, files={"lists/free_mail.txt": "is a trap"}).problems
