"""`scorec check` and `scorec fmt`, as people and machines call them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
from command_line import POLICY, line_of, scorec, write

from scorec.cli.watch import watch

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


ROOT = Path(__file__).resolve().parent.parent
CHECK_SCHEMA = json.loads((ROOT / "docs/schemas/check.schema.json").read_text("utf-8"))

MESSAGE = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}}
LINE_OR_COLUMN = {"type": "integer", "minimum": 1}
ARTIFACT = {
    "type": "object",
    "required": ["uri"],
    "additionalProperties": False,
    "properties": {"uri": {"type": "string", "pattern": r"^[A-Za-z0-9._~/%-]+$"}},
}
REGION = {
    "type": "object",
    "required": ["startLine", "startColumn", "endLine", "endColumn"],
    "additionalProperties": False,
    "properties": dict.fromkeys(("startLine", "startColumn", "endLine", "endColumn"), LINE_OR_COLUMN),
}
PHYSICAL = {
    "type": "object",
    "required": ["artifactLocation"],
    "additionalProperties": False,
    "properties": {"artifactLocation": ARTIFACT, "region": REGION},
}
PLACE = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"physicalLocation": PHYSICAL, "message": MESSAGE},
}
LEVEL = {"enum": ["error", "warning", "note"]}
REPLACEMENT = {
    "type": "object",
    "required": ["deletedRegion"],
    "additionalProperties": False,
    "properties": {
        "deletedRegion": REGION,
        "insertedContent": {"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}},
    },
}
CHANGE = {
    "type": "object",
    "required": ["artifactLocation", "replacements"],
    "additionalProperties": False,
    "properties": {
        "artifactLocation": ARTIFACT,
        "replacements": {"type": "array", "minItems": 1, "items": REPLACEMENT},
    },
}
FIX = {
    "type": "object",
    "required": ["artifactChanges"],
    "additionalProperties": False,
    "properties": {"description": MESSAGE, "artifactChanges": {"type": "array", "minItems": 1, "items": CHANGE}},
}
RESULT = {
    "type": "object",
    "required": ["ruleId", "level", "message", "locations"],
    "additionalProperties": False,
    "properties": {
        "ruleId": {"type": "string"},
        "level": LEVEL,
        "message": MESSAGE,
        "locations": {"type": "array", "items": PLACE},
        "relatedLocations": {"type": "array", "uniqueItems": True, "items": PLACE},
        "fixes": {"type": "array", "uniqueItems": True, "items": FIX},
    },
}
DESCRIPTOR = {
    "type": "object",
    "required": ["id"],
    "additionalProperties": False,
    "properties": {
        "id": {"type": "string"},
        "name": {"type": "string"},
        "shortDescription": MESSAGE,
        "help": MESSAGE,
        "defaultConfiguration": {"type": "object", "properties": {"level": LEVEL}},
    },
}
DRIVER = {
    "type": "object",
    "required": ["name"],
    "properties": {"name": {"const": "scorec"}, "rules": {"type": "array", "items": DESCRIPTOR}},
}
SARIF_SCHEMA = {
    "type": "object",
    "required": ["version", "runs"],
    "additionalProperties": False,
    "properties": {
        "$schema": {"type": "string"},
        "version": {"const": "2.1.0"},
        "runs": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["tool", "results"],
                "additionalProperties": False,
                "properties": {
                    "tool": {"type": "object", "required": ["driver"], "properties": {"driver": DRIVER}},
                    "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                    "results": {"type": "array", "items": RESULT},
                },
            },
        },
    },
}
"""The parts of SARIF 2.1.0 that we write, as its standard has them."""


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """A folder with findings of every kind: errors, warnings, remarks, notes, edits, one in a library."""
    (tmp_path / "a folder").mkdir()
    (tmp_path / "a folder" / "p#1.score").write_text(WARNINGS)
    (tmp_path / "team").mkdir()
    (tmp_path / "team" / "size.score").write_text(LIBRARY.replace("+10", "+0"))
    write(tmp_path, inbound_score=TYPO, good_score=CLEAN_POLICY, broken_score="policy\n\tscore")
    (tmp_path / "binary.score").write_bytes(b"\0\xff")
    (tmp_path / "scorec.toml").write_text('severity = { SC218 = "info" }\n')
    return tmp_path


def test_json_is_as_its_schema_says(many: Path) -> None:
    for arguments in ((), ("--fix",), ("--unsafe-fixes",)):
        document = json.loads(scorec(many, "check", ".", "--format", "json", *arguments).out)
        jsonschema.Draft202012Validator(CHECK_SCHEMA).validate(document)
        if not arguments:
            assert {one["severity"] for one in document["problems"]} == {"error", "warning", "info"}
            assert any(one["fix"] for one in document["problems"]) and any(one["notes"] for one in document["problems"])
        assert bool(document["mended"]) == bool(arguments)


def test_the_schema_refuses_what_is_no_check() -> None:
    for wrong in ({}, {"version": 2}, {"version": 1, "problems": [{}], "mended": [], "refused": [], "summary": {}}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, CHECK_SCHEMA)


def test_sarif_names_a_file_from_the_root_as_a_file(tmp_path: Path) -> None:
    write(tmp_path, p_score="policy p\n  language 1\n\nlead by id\n  n: number\n\nscore s\n  +1 a when m > 1\n")
    ran = scorec(tmp_path, "check", tmp_path / "p.score", "--format", "sarif")
    (found,) = json.loads(ran.out)["runs"][0]["results"]
    assert found["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == (tmp_path / "p.score").as_uri()


def test_sarif_is_as_its_standard_says(many: Path) -> None:
    document = json.loads(scorec(many, "check", ".", "--format", "sarif").out)
    jsonschema.Draft202012Validator(SARIF_SCHEMA).validate(document)
    (run,) = document["runs"]
    results = run["results"]
    assert {one["level"] for one in results} == {"error", "warning", "note"}
    assert {one["ruleId"] for one in results} == {rule["id"] for rule in run["tool"]["driver"]["rules"]}
    assert any("fixes" in one for one in results) and any("relatedLocations" in one for one in results)
    uris = {one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for one in results}
    assert "a%20folder/p%231.score" in uris


def test_concise_is_one_line_for_each_finding(tmp_path: Path) -> None:
    write(tmp_path, inbound_score=TYPO, p_score=WARNINGS)
    ran = scorec(tmp_path, "check", ".", "--format", "concise", "--select", "SC502")
    assert ran.code == 1
    assert ran.out.splitlines() == [
        f"inbound.score:{LINE}:43: error SC002 there is no field called `emplyees`",
        'p.score:7:16: warning SC502 "X" stands twice in this list',
        'p.score:8:16: warning SC502 "y" stands twice in this list',
    ]


# ------------------------------------------------------------------ watching


class Changing:
    """A pause in which a file changes; after the last change, Ctrl-C."""

    def __init__(self, *changes: Callable[[], object]) -> None:
        self.changes = list(changes)

    def __call__(self) -> None:
        if not self.changes:
            raise KeyboardInterrupt
        self.changes.pop(0)()


def test_a_file_that_changes_comes_or_goes_is_seen(tmp_path: Path) -> None:
    policy, other, missing = tmp_path / "p.score", tmp_path / "q.score", tmp_path / "list.txt"
    policy.write_text("a")
    runs: list[int] = []

    def once() -> list[Path]:
        runs.append(len(runs))
        return [policy, tmp_path, missing]

    pauses = Changing(
        lambda: None,
        lambda: policy.write_text("more"),
        lambda: other.write_text("new"),
        lambda: missing.write_text("x"),
        lambda: (tmp_path / "notes.txt").write_text("of no interest"),
        other.unlink,
    )
    assert watch(once, pauses) == 0
    assert len(runs) >= 5 and not pauses.changes


def test_what_a_check_reads_is_watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "team").mkdir()
    library, policy = tmp_path / "team" / "size.score", tmp_path / "p.score"
    library.write_text(LIBRARY)
    policy.write_text(
        CLEAN_POLICY.replace("lead by", 'use team.size\n\nlist n from "n.txt"\n\nlead by')
        + "  include size.large(employees)\n"
    )
    changes = [
        lambda: (tmp_path / "n.txt").write_text("a\n"),
        lambda: library.write_text(LIBRARY.replace("when n", "wehn n")),
        lambda: (tmp_path / "scorec.toml").write_text("selct = []\n"),
        lambda: (tmp_path / "scorec.toml").write_text("select = []\n"),
    ]
    pauses = Changing(*changes)
    monkeypatch.setattr("time.sleep", lambda seconds: pauses())
    ran = scorec(tmp_path, "check", "p.score", "--watch", "--format", "concise")
    assert ran.code == 0 and not pauses.changes
    assert ran.err.count("Ctrl-C ends") >= 5
    assert "there is no key `selct`" in ran.err, "a mistake in a configuration does not end it"
    assert "team/size.score:5:" in ran.out


def test_a_line_parts_what_was_found_before_a_change_from_what_is_found_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, p_score=CLEAN_POLICY.replace("when employees", "when emplyees"))
    pauses = Changing(lambda: write(tmp_path, p_score=CLEAN_POLICY))
    monkeypatch.setattr("time.sleep", lambda seconds: pauses())
    ran = scorec(tmp_path, "check", "p.score", "--watch")
    before, line, after = ran.out.partition("--- again: p.score has changed\n")
    assert "1 error" in before and line and "no problems" in after
    assert "again" not in after, "one line between two rounds"


def test_documents_for_machines_follow_each_other_without_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, p_score=CLEAN_POLICY)
    pauses = Changing(lambda: write(tmp_path, p_score=CLEAN_POLICY + "\n# seen\n"))
    monkeypatch.setattr("time.sleep", lambda seconds: pauses())
    ran = scorec(tmp_path, "check", "p.score", "--watch", "--format", "json")
    decoder, rest, found = json.JSONDecoder(), ran.out, []
    while rest:
        document, end = decoder.raw_decode(rest)
        found.append(document["version"])
        rest = rest[end:].lstrip()
    assert len(found) >= 2 and set(found) == {1}


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
        (["check", "--fromat", "json", "."], "there is no option"),
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
