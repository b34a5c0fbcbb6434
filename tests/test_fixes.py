"""Mending: what is applied, what is refused and why, and that no lead scores otherwise."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import pytest
from command_line import scorec, write

from scorec.compiler.lint.mend import Check, Checked, Mended, mend
from scorec.compiler.lint.run import lint
from scorec.compiler.lint.settings import Settings
from scorec.compiler.pipeline import analyze_text
from scorec.dsl.frozen import frozen
from scorec.dsl.problems import Fix, Problem, Severity
from scorec.dsl.source import Span

POLICY = """\
policy p
  language 1

lead by lead_id
  name: text

list a = ("x", "X")
list b = ("y", "y", "z")

score fit
  +1 a when name in a or name in b
"""


@frozen(slots=False, kw_only=True)
class Wrong(Problem):
    """A finding that exists in these tests only."""

    word: str
    code: ClassVar[str] = "SC999"
    severity: ClassVar[Severity] = Severity.WARNING

    def message(self) -> str:
        return f"`{self.word}` is wrong"


def replacing(*pairs: tuple[str, str], safe: bool = True) -> Check:
    """A check that finds each word where it stands, and offers to put another in its place."""

    def check(text: str) -> Checked:
        found = []
        for word, better in pairs:
            at = text.find(word)
            if at >= 0:
                span = Span(at, at + len(word), "policy.score")
                found.append(Wrong(word=word, span=span, fix=Fix(f"write `{better}`", span, better, safe)))
        return analyze_text(text), tuple(found)

    return check


def checked(text: str) -> Checked:
    analysis = analyze_text(text)
    return analysis, lint(analysis, Settings(selected=frozenset({"SC502", "SC901"})))


def words(mended: Mended) -> tuple[list[str], list[str]]:
    """The findings that were mended, and those that were not."""
    return [edit.problem.message() for edit in mended.applied], [edit.problem.message() for edit in mended.refused]


# ------------------------------------------------------------------ what is applied


def test_safe_edits_are_applied_until_none_is_left() -> None:
    text = POLICY.replace('("x", "X")', '("x", "X", " x", "w")  # allow: SC901 - x')
    mended = mend(text, checked, unsafe=False)
    assert 'list a = ("x", "w")' in mended.text and 'list b = ("y", "z")' in mended.text
    assert not mended.refused and len(mended.applied) == 3
    again = mend(mended.text, checked, unsafe=False)
    assert (again.text, again.applied) == (mended.text, ())


def test_mending_keeps_the_fingerprint() -> None:
    mended = mend(POLICY, checked, unsafe=False)
    before, after = analyze_text(POLICY).program, mended.checked[0].program
    assert before is not None and after is not None and before.fingerprint == after.fingerprint
    assert mended.text != POLICY


def test_one_edit_may_show_the_next() -> None:
    mended = mend(POLICY, replacing(('"x", "X"', '"X"'), ('("X")', '("x")')), unsafe=False)
    assert 'list a = ("x")' in mended.text and len(mended.applied) == 2


def test_edits_that_touch_each_other_wait_for_one_another() -> None:
    mended = mend(POLICY, replacing(('"y", "y"', '"y"'), ('"y", "z"', '"z", "y"')), unsafe=False)
    assert 'list b = ("z", "y")' in mended.text


def test_what_never_comes_to_rest_is_left_after_ten_rounds() -> None:
    mended = mend(
        POLICY, replacing(('list a = ("x", "X")', 'list a = ("X", "x")'), ('("X", "x")', '("x", "X")')), unsafe=False
    )
    assert len(mended.applied) == 10 and mended.text == POLICY


# ------------------------------------------------------------------ what is refused


def test_a_safe_edit_that_would_change_the_meaning_is_refused() -> None:
    mended = mend(POLICY, replacing(("+1", "+2")), unsafe=False)
    assert mended.text == POLICY and not mended.applied
    (edit,) = mended.refused
    assert (edit.line, edit.why) == (11, "it would change the fingerprint: leads may score otherwise")


def test_the_others_are_applied_all_the_same() -> None:
    mended = mend(POLICY, replacing(("+1", "+2"), ('"x", "X"', '"x"'), ('"z"', '"v"')), unsafe=False)
    assert words(mended) == (['`"x", "X"` is wrong'], ["`+1` is wrong", '`"z"` is wrong']) or words(mended) == (
        ['`"x", "X"` is wrong'],
        ['`"z"` is wrong', "`+1` is wrong"],
    )
    assert mended.text == POLICY.replace('"x", "X"', '"x"')


@pytest.mark.parametrize("unsafe", [False, True])
def test_an_edit_that_breaks_the_policy_is_refused(unsafe: bool) -> None:
    mended = mend(POLICY, replacing(("name in b", "nmae in b"), safe=not unsafe), unsafe=unsafe)
    assert mended.text == POLICY and [edit.why for edit in mended.refused] == ["the file would have an error more"]


def test_unsafe_edits_wait_until_they_are_wanted() -> None:
    check = replacing(("+1", "+2"), safe=False)
    assert mend(POLICY, check, unsafe=False).text == POLICY
    assert mend(POLICY, check, unsafe=True).text == POLICY.replace("+1", "+2")


def test_in_a_library_only_what_leaves_its_tree_alone_is_proved() -> None:
    library = 'library team.a\n  language 1\n\nlist l = ("x", "X")\n# a\ndefine f(n: text) = n in l\n'
    refused = mend(library, checked, unsafe=False)
    assert refused.text == library and "policies that use this library" in refused.refused[0].why
    mended = mend(library, replacing(("# a\n", "")), unsafe=False)
    assert mended.text == library.replace("# a\n", "")


def test_while_nobody_is_scored_there_is_nothing_to_prove() -> None:
    broken = POLICY.replace("name in b", "nmae in b")
    assert mend(broken, checked, unsafe=False).text == broken.replace(', "X"', "").replace('"y", "y"', '"y"')


# ------------------------------------------------------------------ the command

COMMENT = "policy p\n  language 1\n\nlead by lead_id\n  employees: number\n\nscore fit\n"
UNUSED = COMMENT + "  # allow: zero-points-rule - the spring campaign\n  +5 huge when employees >= 5\n"


def test_what_was_mended_is_told(tmp_path: Path) -> None:
    write(tmp_path, p_score=UNUSED)
    ran = scorec(tmp_path, "check", "p.score", "--fix")
    assert (ran.code, ran.out) == (0, "1 file checked, 1 fix applied: no problems\n")
    assert ran.err == "mended p.score:8: SC901 unused-suppression: remove the comment\n"
    assert (tmp_path / "p.score").read_text() == COMMENT + "  +5 huge when employees >= 5\n"
    assert scorec(tmp_path, "check", "p.score", "--fix").err == "nothing to mend\n"


def test_a_difference_is_shown_and_nothing_is_written(tmp_path: Path) -> None:
    write(tmp_path, p_score=UNUSED)
    ran = scorec(tmp_path, "check", "p.score", "--diff")
    assert ran.code == 1
    assert "--- p.score\n+++ p.score (mended)\n" in ran.out
    assert "-  # allow: zero-points-rule - the spring campaign\n   +5 huge" in ran.out
    assert ran.err == "would mend p.score:8: SC901 unused-suppression: remove the comment\n"
    assert (tmp_path / "p.score").read_text() == UNUSED
    write(tmp_path, p_score=COMMENT + "  +5 huge when employees >= 5\n")
    assert (
        scorec(tmp_path, "check", "p.score", "--diff").code,
        scorec(tmp_path, "check", "p.score", "--diff").out,
    ) == (0, "")


def test_a_misspelt_name_is_mended_when_unsafe_fixes_are_wanted(tmp_path: Path) -> None:
    write(tmp_path, p_score=COMMENT + "  +5 huge when emplyees >= 5\n")
    assert scorec(tmp_path, "check", "p.score", "--fix").code == 1
    ran = scorec(tmp_path, "check", "p.score", "--unsafe-fixes")
    assert ran.code == 0 and ran.err.startswith("mended p.score:8: SC002 unknown-field: ")
    assert "when employees >= 5" in (tmp_path / "p.score").read_text()


def test_what_can_be_mended_is_counted(tmp_path: Path) -> None:
    write(tmp_path, p_score=UNUSED, q_score=COMMENT + "  +5 huge when emplyees >= 5\n")
    out = scorec(tmp_path, "check", ".").out
    assert "1 of them can be mended with --fix\n" in out
    assert "1 more can be mended with --unsafe-fixes\n" in out


def test_mending_is_told_in_json_too(tmp_path: Path) -> None:
    import json

    write(tmp_path, p_score=UNUSED)
    document = json.loads(scorec(tmp_path, "check", "p.score", "--fix", "--format", "json").out)
    (edit,) = document["mended"]
    assert (edit["file"], edit["line"], edit["code"], edit["safe"]) == ("p.score", 8, "SC901", True)
    assert document["refused"] == [] and document["problems"] == []


def test_line_ends_stay_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "p.score").write_bytes(UNUSED.replace("\n", "\r\n").encode())
    assert scorec(tmp_path, "check", "p.score", "--fix").code == 0
    assert (tmp_path / "p.score").read_bytes() == (COMMENT + "  +5 huge when employees >= 5\n").replace(
        "\n", "\r\n"
    ).encode()
