"""`scorec check` and `scorec fmt`, as people and machines call them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import POLICY, line_of, scorec, write

LINE = line_of("+80 enterprise")
TYPO = POLICY.replace("employees >= 1000", "emplyees >= 1000")
CLEAN_POLICY = """\
policy small
  language 1
  owner "marketing@acme.example"

lead by lead_id
  employees: number

score fit "Who they are"
  +10 big "A large company" when employees >= 1000
"""
LIBRARY = "library team.size\n  language 1\n\nrules large(n: number)\n  +10 large when n >= 1000\n"


def test_a_clean_policy_is_said_to_be_clean(tmp_path: Path) -> None:
    write(tmp_path, inbound_score=CLEAN_POLICY)
    ran = scorec(tmp_path, "check", "inbound.score")
    assert (ran.code, ran.out, ran.err) == (0, "1 file checked: no problems\n", "")


def test_a_problem_is_drawn_and_counted(tmp_path: Path) -> None:
    write(tmp_path, inbound_score=TYPO)
    ran = scorec(tmp_path, "check", "inbound.score")
    assert ran.code == 1
    assert "error SC002: " in ran.out
    assert f"--> inbound.score:{LINE}:43\n" in ran.out
    assert f'{LINE} |     +80 enterprise "A large company" when emplyees >= 1000\n' in ran.out
    assert "did you mean `employees`?" in ran.out
    assert "1 file checked: 1 error\n" in ran.out
    assert "scorec explain SC002" in ran.out


def test_folders_are_walked_and_hidden_ones_are_not(tmp_path: Path) -> None:
    for folder in ("a/b", ".hidden"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "a" / "b" / "inbound.score").write_text(TYPO)
    (tmp_path / ".hidden" / "inbound.score").write_text(TYPO)
    (tmp_path / "good.score").write_text(CLEAN_POLICY)
    ran = scorec(tmp_path, "check", ".")
    assert "2 files checked: 1 error" in ran.out
    assert f"a/b/inbound.score:{LINE}" in ran.out and ".hidden" not in ran.out


def test_a_file_that_is_named_twice_is_checked_once(tmp_path: Path) -> None:
    write(tmp_path, inbound_score=POLICY)
    assert "1 file checked" in scorec(tmp_path, "check", "inbound.score", ".", "inbound.score").out


def test_a_library_is_checked_where_its_name_says_it_is(tmp_path: Path) -> None:
    (tmp_path / "team").mkdir()
    (tmp_path / "team" / "size.score").write_text(LIBRARY)
    (tmp_path / "team" / "more.score").write_text(
        "library team.more\n  language 1\n\nuse team.size\n\nrules both(n: number)\n  include size.large(n)\n"
    )
    ran = scorec(tmp_path, "check", "team")
    assert (ran.code, ran.out) == (0, "2 files checked: no problems\n")


def test_json_is_one_document_with_the_same_content(tmp_path: Path) -> None:
    write(tmp_path, inbound_score=TYPO, good_score=CLEAN_POLICY)
    ran = scorec(tmp_path, "check", ".", "--format", "json")
    found = json.loads(ran.out)
    assert ran.code == 1
    assert found["summary"] == {"files": 2, "errors": 1, "warnings": 0, "infos": 0}
    (problem,) = found["problems"]
    assert (problem["code"], problem["file"], problem["start"]["line"]) == ("SC002", "inbound.score", LINE)
    assert problem["fix"] is None or problem["fix"]["replacement"] == "employees"


def test_github_reads_a_line_for_each_problem(tmp_path: Path) -> None:
    write(tmp_path, inbound_score=TYPO)
    ran = scorec(tmp_path, "check", ".", "--format", "github")
    assert ran.code == 1
    assert ran.out.startswith(
        f"::error file=inbound.score,line={LINE},endLine={LINE},col=43,endColumn=51,title=SC002::"
    )
    assert ran.out.count("\n") == 1


def test_sarif_has_rules_results_and_places(tmp_path: Path) -> None:
    write(tmp_path, inbound_score=TYPO, good_score=CLEAN_POLICY)
    ran = scorec(tmp_path, "check", ".", "--format", "sarif")
    document = json.loads(ran.out)
    (run,) = document["runs"]
    assert ran.code == 1 and document["version"] == "2.1.0"
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["SC002"]
    (found,) = run["results"]
    assert (found["ruleId"], found["level"]) == ("SC002", "error")
    place = found["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "inbound.score"
    assert place["region"] == {"startLine": LINE, "startColumn": 43, "endLine": LINE, "endColumn": 51}


def test_junit_has_a_case_for_each_file(tmp_path: Path) -> None:
    from xml.etree import ElementTree

    write(tmp_path, inbound_score=TYPO, good_score=CLEAN_POLICY, hidden_score=POLICY.replace("policy", "pol\x01icy<&>"))
    ran = scorec(tmp_path, "check", ".", "--format", "junit")
    suite = ElementTree.fromstring(ran.out)
    assert (ran.code, suite.get("tests"), suite.get("failures")) == (1, "3", "2")
    cases = {case.get("name"): [failure.get("message") for failure in case] for case in suite}
    assert cases["good.score"] == []
    assert cases["inbound.score"] == ["SC002 there is no field called `emplyees`"]


@pytest.mark.parametrize("form", ["json", "github"])
def test_nothing_but_the_result_is_on_standard_output(tmp_path: Path, form: str) -> None:
    write(tmp_path, inbound_score=CLEAN_POLICY)
    ran = scorec(tmp_path, "check", ".", "--format", form)
    assert ran.code == 0
    assert ran.out == "" or json.loads(ran.out)["problems"] == []


def test_a_problem_in_a_library_is_shown_in_the_library(tmp_path: Path) -> None:
    (tmp_path / "team").mkdir()
    (tmp_path / "team" / "size.score").write_text(LIBRARY.replace("n >= 1000", "m >= 1000"))
    write(
        tmp_path,
        p_score="policy p\n  language 1\n\nuse team.size\n\nlead by id\n  n: number\n\n"
        "score fit\n  include size.large(n)\n",
    )
    ran = scorec(tmp_path, "check", "p.score")
    assert ran.code == 1
    assert "--> team/size.score:5:" in ran.out


def test_errors_cannot_be_ignored(tmp_path: Path) -> None:
    write(tmp_path, inbound_score=TYPO)
    assert scorec(tmp_path, "check", ".", "--ignore", "SC002").code == 1
    assert scorec(tmp_path, "check", ".", "--select", "SC912").code == 1


WARNINGS = """\
policy p
  language 1

lead by lead_id
  name: text

list a = ("x", "X")
list b = ("y", "y", "z")

score fit
  +1 a when name in a or name in b
"""


@pytest.mark.parametrize(
    ("arguments", "code", "shown"),
    [
        ((), 0, 2),
        (("--strict",), 1, 2),
        (("--fail-level", "warning"), 1, 2),
        (("--fail-level", "error"), 0, 2),
        (("--strict", "--ignore", "SC502"), 0, 0),
        (("--strict", "--ignore", "SC5"), 0, 0),
        (("--strict", "--ignore", "duplicate-list-entry"), 0, 0),
        (("--strict", "--ignore", "SC001, sc912"), 1, 2),
        (("--strict", "--select", "SC502"), 1, 2),
        (("--strict", "--select", "SC91"), 0, 0),
    ],
)
def test_warnings_fail_only_where_that_is_wanted(
    tmp_path: Path, arguments: tuple[str, ...], code: int, shown: int
) -> None:
    write(tmp_path, p_score=WARNINGS)
    ran = scorec(tmp_path, "check", ".", *arguments)
    assert ran.code == code
    assert ran.out.count("warning SC502: ") == shown


def test_what_is_safe_to_mend_is_mended(tmp_path: Path) -> None:
    write(tmp_path, p_score=WARNINGS)
    assert "2 of them can be mended with --fix" in scorec(tmp_path, "check", ".").out
    ran = scorec(tmp_path, "check", ".", "--fix")
    assert (ran.code, ran.out) == (0, "1 file checked, 2 fixes applied: no problems\n")
    assert (tmp_path / "p.score").read_text() == WARNINGS.replace(', "X"', "").replace(', "y"', "")


def test_what_may_change_scores_is_not_mended(tmp_path: Path) -> None:
    write(tmp_path, inbound_score=TYPO)
    assert scorec(tmp_path, "check", ".", "--fix").code == 1
    assert (tmp_path / "inbound.score").read_text() == TYPO


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["check", "nowhere.score"], "there is no file or folder nowhere.score"),
        (["check", "inbound.scor"], "did you mean inbound.score?"),
        (["check", "empty"], "there is no .score file in empty"),
        (["check"], "missing argument"),
        (["check", "--fromat", "json", "."], "no such option"),
        (["check", ".", "--ignore", "SC5O2"], "no diagnostic is called `SC5O2`"),
        (["check", ".", "--select", "duplicate-list-entri"], "did you mean duplicate-list-entry?"),
        (["chek", "."], "did you mean `scorec check`?"),
    ],
)
def test_wrong_usage_is_answered_with_a_sentence(tmp_path: Path, arguments: list[str], words: str) -> None:
    write(tmp_path, inbound_score=POLICY)
    (tmp_path / "empty").mkdir()
    ran = scorec(tmp_path, *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert words in ran.err


# ------------------------------------------------------------------ fmt


MESSY = """\
policy p
  language 1
lead by id
    employees:number # how many
score fit
  +10   big   when employees>=1000
"""


def test_a_file_is_laid_out_and_keeps_its_meaning(tmp_path: Path) -> None:
    write(tmp_path, p_score=MESSY)
    ran = scorec(tmp_path, "fmt", "p.score")
    assert (ran.code, ran.out, ran.err) == (0, "", "1 file changed\n")
    text = (tmp_path / "p.score").read_text()
    assert "  employees: number" in text and "# how many" in text and "+10 big when employees >= 1000" in text
    again = scorec(tmp_path, "fmt", "p.score")
    assert (again.code, again.err) == (0, "1 file already in shape\n")
    assert (tmp_path / "p.score").read_text() == text


def test_fmt_check_changes_nothing_and_tells(tmp_path: Path) -> None:
    write(tmp_path, p_score=MESSY)
    ran = scorec(tmp_path, "fmt", ".", "--check")
    assert (ran.code, ran.out, ran.err) == (1, "p.score\n", "1 file would be changed\n")
    assert (tmp_path / "p.score").read_text() == MESSY


def test_fmt_diff_shows_what_would_change(tmp_path: Path) -> None:
    write(tmp_path, p_score=MESSY)
    ran = scorec(tmp_path, "fmt", ".", "--diff")
    assert ran.code == 1
    assert "-  +10   big   when employees>=1000\n" in ran.out
    assert "+  +10 big when employees >= 1000\n" in ran.out
    assert (tmp_path / "p.score").read_text() == MESSY


def test_fmt_reads_standard_input(tmp_path: Path) -> None:
    ran = scorec(tmp_path, "fmt", "-", stdin=MESSY)
    assert ran.code == 0
    assert ran.out.startswith("policy p\n  language 1\n\nlead by id\n")
    assert scorec(tmp_path, "fmt", "-", "--check", stdin=MESSY).code == 1
    assert scorec(tmp_path, "fmt", "-", "--check", stdin=ran.out).code == 0


def test_fmt_leaves_what_it_cannot_read_alone(tmp_path: Path) -> None:
    broken = MESSY.replace("when", "wehn")
    write(tmp_path, p_score=broken, q_score=MESSY)
    ran = scorec(tmp_path, "fmt", ".")
    assert ran.code == 1
    assert "--> p.score:6:" in ran.err
    assert "1 file changed, 1 file cannot be read and was left alone" in ran.err
    assert (tmp_path / "p.score").read_text() == broken
    assert (tmp_path / "q.score").read_text() != MESSY
