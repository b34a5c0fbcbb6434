"""`scorec diff`: files, folders, revisions of git, the last release; text, JSON, Markdown; exit codes; bad input."""

from __future__ import annotations

import json
import shutil
import subprocess
from datetime import datetime, timezone
from pathlib import Path

import pytest
from command_line import LEADS, POLICY, line_of, scorec, write

import scorec as library
from scorec.compiler.analysis.answers import Witness
from scorec.compiler.analysis.showing import lead_in_words
from scorec.compiler.diff.telling import lead_words
from scorec.compiler.version import fingerprint
from scorec.dsl import ir, values

CHANGED = POLICY.replace("+80 enterprise", "+60 enterprise")
LOOSENED = POLICY.replace("never sales, nurture unless opted_in", "never sales unless opted_in")


def git(folder: Path, *arguments: str) -> str:
    names = ["-c", "user.name=Ann", "-c", "user.email=ann@acme.example", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", "-C", str(folder), *names, *arguments], capture_output=True, text=True, check=True)
    return done.stdout


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository in which the policy, with a library and a list of its own, was committed once."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    git(tmp_path, "init", "-q")
    (tmp_path / "policies" / "team").mkdir(parents=True)
    text = POLICY.replace("lead by lead_id", 'use team.words\n\nlist rivals from "rivals.txt"\n\nlead by lead_id')
    text = text.replace(
        "-40 student when job_title", "-90 rival when domain(email) in rivals\n  -40 student when job_title"
    )
    text = text.replace("when employees >= 1000", "when words.is_large(employees)")
    (tmp_path / "policies" / "inbound.score").write_text(text, "utf-8")
    words = "library team.words\n  language 1\n\ndefine is_large(n: number) = n >= 1000\n"
    (tmp_path / "policies" / "team" / "words.score").write_text(words, "utf-8")
    (tmp_path / "policies" / "rivals.txt").write_text("rival.example\n", "utf-8")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "first")
    return tmp_path


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


# ------------------------------------------------------------------ files


def test_equal_policies_are_proved_equal_and_end_with_0(tmp_path: Path) -> None:
    write(tmp_path, a_score=POLICY, b_score=POLICY.replace("score fit", "# why\nscore fit"))
    ran = scorec(tmp_path, "diff", "a.score", "b.score", "--fail-on", "band")
    assert ran.code == 0 and "proved equal" in ran.out and ran.err == ""


def test_a_change_is_told_with_its_class_and_a_lead(tmp_path: Path) -> None:
    write(tmp_path, a_score=POLICY, b_score=CHANGED)
    ran = scorec(tmp_path, "diff", "a.score", "b.score")
    assert ran.code == 0
    assert "`fit.enterprise` pays 60 points instead of 80" in ran.out
    assert "class band (proved), needs a minor version" in " ".join(ran.out.split())
    assert "▼ readiness hot -> warm" in ran.out and "employees 1000" in ran.out
    assert "proved the same: score interest" in ran.out


@pytest.mark.parametrize(
    ("text", "level", "code"),
    [
        (CHANGED, "none", 0),
        (CHANGED, "band", 1),
        (CHANGED, "gate", 0),
        (LOOSENED, "gate", 1),
        (LOOSENED, "contract", 0),
        (POLICY.replace("timezone", "x").replace("from 0 to 100 = ", "from 0 to 90 = "), "contract", 1),
        (POLICY.replace("An account executive", "Somebody"), "band", 0),
    ],
)
def test_fail_on_ends_with_1_from_a_class_on(tmp_path: Path, text: str, level: str, code: int) -> None:
    write(tmp_path, a_score=POLICY, b_score=text)
    assert scorec(tmp_path, "diff", "a.score", "b.score", "--fail-on", level).code == code


def test_a_loosened_gate_names_the_fingerprint_that_an_approval_refers_to(tmp_path: Path) -> None:
    write(tmp_path, a_score=POLICY, b_score=LOOSENED)
    ran = scorec(tmp_path, "diff", "a.score", "b.score")
    loosened = library.diff(tmp_path / "a.score", tmp_path / "b.score").loosened[0].change
    assert f"--approve {loosened.fingerprint[:12]} --reason" in " ".join(ran.out.split())


def test_json_has_everything(tmp_path: Path) -> None:
    write(tmp_path, a_score=POLICY, b_score=CHANGED)
    told = json.loads(scorec(tmp_path, "diff", "a.score", "b.score", "--format", "json").out)
    (policy,) = told["policies"]
    assert (policy["class"], policy["evidence"], policy["bump"]) == ("band", "proved", "minor")
    assert policy["changes"][0]["name"] == "fit.enterprise"
    assert policy["old"]["fingerprint"] == fingerprint(library.loads(POLICY).program)
    whole = [policy[side]["fingerprint"] for side in ("old", "new")] + [policy["changes"][0]["fingerprint"]]
    assert [len(one) for one in whole] == [64, 64, 64], "a machine gets what `scorec log` gives, and not its beginning"
    band = next(one for one in policy["moved"] if one["what"] == "band")
    assert (band["before"], band["after"], band["direction"], band["because"]) == ("hot", "warm", "down", [0])


def test_the_lead_in_the_json_can_be_scored_and_moves(tmp_path: Path) -> None:
    write(tmp_path, a_score=POLICY, b_score=CHANGED)
    told = json.loads(scorec(tmp_path, "diff", "a.score", "b.score", "--format", "json").out)
    for moved in told["policies"][0]["moved"]:
        if moved["what"] == "band":
            lead = moved["lead"]
            for text, label in ((POLICY, moved["before"]), (CHANGED, moved["after"])):
                result = library.loads(text).score(lead["values"], lead["events"], lead["at"])
                assert result.bands[moved["name"]] == label


def test_markdown_is_a_table_for_a_pull_request(tmp_path: Path) -> None:
    write(tmp_path, a_score=POLICY, b_score=CHANGED)
    out = scorec(tmp_path, "diff", "a.score", "b.score", "--format", "markdown").out
    assert out.startswith("## inbound")
    assert "| `fit.enterprise` pays 60 points instead of 80 | band | proved |" in out
    assert "| readiness hot -> warm |" in out


def test_with_data_leads_are_counted_too(tmp_path: Path) -> None:
    write(tmp_path, a_score=POLICY, b_score=CHANGED, leads_csv=LEADS)
    ran = scorec(tmp_path, "diff", "a.score", "b.score", "--data", "leads.csv", "--at", "2026-03-02", "--no-progress")
    assert ran.code == 0 and "edit by edit" in ran.out and "scored with both" in ran.out


@pytest.mark.parametrize("form", ["text", "markdown"])
def test_one_arrow_says_from_what_to_what_and_every_terminal_has_it(tmp_path: Path, form: str) -> None:
    write(tmp_path, a_score=POLICY, b_score=CHANGED, leads_csv=LEADS)
    ran = scorec(tmp_path, "diff", "a.score", "b.score", "--data", "leads.csv", "--format", form, "--no-progress")
    found = ran.out.replace("\\", "")
    assert "readiness hot -> warm" in found and "inbound 1.2.0 -> inbound 1.2.0" in found
    assert not set("→↓") & set(ran.out)


# ------------------------------------------------------------------ folders


def test_folders_are_compared_policy_by_policy(tmp_path: Path) -> None:
    for side, texts in (
        ("old", {"a": POLICY, "gone": POLICY.replace("policy inbound", "policy other")}),
        ("new", {"a": CHANGED}),
    ):
        (tmp_path / side).mkdir()
        for name, text in texts.items():
            (tmp_path / side / f"{name}.score").write_text(text, "utf-8")
    (tmp_path / "new" / "come.score").write_text(POLICY.replace("policy inbound", "policy third"), "utf-8")
    ran = scorec(tmp_path, "diff", "old", "new")
    assert "fit.enterprise" in ran.out
    assert "old/gone.score is gone" in ran.out and "new/come.score is new" in ran.out


def test_a_policy_that_moved_in_its_folder_is_found_by_its_name(tmp_path: Path) -> None:
    for side, name, text in (("old", "a", POLICY), ("new", "b", CHANGED)):
        (tmp_path / side).mkdir()
        (tmp_path / side / f"{name}.score").write_text(text, "utf-8")
    ran = scorec(tmp_path, "diff", "old", "new")
    assert "fit.enterprise" in ran.out and "is gone" not in ran.out


# ------------------------------------------------------------------ git


def test_without_a_base_the_last_commit_is_one(repository: Path) -> None:
    folder = repository / "policies"
    edit(folder / "inbound.score", "+80 enterprise", "+60 enterprise")
    ran = scorec(folder, "diff", "inbound.score")
    assert ran.code == 0 and "`fit.enterprise` pays 60 points instead of 80" in ran.out and "HEAD:" in ran.out


def test_libraries_and_lists_are_read_from_the_same_revision(repository: Path) -> None:
    folder = repository / "policies"
    (folder / "rivals.txt").write_text("rival.example\nthird.example\n", "utf-8")
    edit(folder / "team" / "words.score", "n >= 1000", "n >= 500")
    out = scorec(repository, "diff", "HEAD:policies/inbound.score", "policies/inbound.score").out
    assert "rivals" in out and '"third.example"' in out
    assert "`is_large` means `n >= 500` instead of `n >= 1000`" in " ".join(out.split())


def test_what_is_staged_is_a_version_of_its_own(repository: Path) -> None:
    policy = repository / "policies" / "inbound.score"
    edit(policy, "+80 enterprise", "+70 enterprise")
    git(repository, "add", "policies/inbound.score")
    edit(policy, "+70 enterprise", "+60 enterprise")
    for staged in (":policies/inbound.score", ":0:policies/inbound.score"):
        out = scorec(repository, "diff", "HEAD:policies/inbound.score", staged).out
        assert "pays 70 points instead of 80" in out
        assert "pays 60 points instead of 70" in scorec(repository, "diff", staged, "policies/inbound.score").out


def test_a_path_may_be_seen_from_here_or_from_the_root(repository: Path) -> None:
    folder = repository / "policies"
    edit(folder / "inbound.score", "+80 enterprise", "+60 enterprise")
    for base in ("HEAD:policies/inbound.score", "HEAD:./inbound.score", "HEAD:inbound.score"):
        assert "pays 60 points" in scorec(folder, "diff", base, "inbound.score").out


def test_folders_of_revisions(repository: Path) -> None:
    edit(repository / "policies" / "inbound.score", "+80 enterprise", "+60 enterprise")
    assert "pays 60 points" in scorec(repository, "diff", "HEAD:policies", "policies").out


def test_git_diff_speaks_of_rules(repository: Path) -> None:
    """`git diff` calls the driver with its seven arguments: here as git would, file by file."""
    policy = repository / "policies" / "inbound.score"
    before = repository / "before"
    before.write_text(policy.read_text("utf-8"), "utf-8")
    edit(policy, "+80 enterprise", "+60 enterprise")
    arguments = ["policies/inbound.score", "before", "0" * 40, "100644", "policies/inbound.score", "0" * 40, "100644"]
    ran = scorec(repository, "diff", "--git-driver", *arguments)
    assert ran.code == 0 and "`fit.enterprise` pays 60 points instead of 80" in ran.out


def test_git_itself_runs_the_driver(repository: Path) -> None:
    program = shutil.which("scorec")
    if program is None:
        pytest.skip("scorec is not on the path")
    (repository / ".gitattributes").write_text("*.score diff=score\n", "utf-8")
    git(repository, "config", "diff.score.command", f"{program} diff --git-driver")
    edit(repository / "policies" / "inbound.score", "+80 enterprise", "+60 enterprise")
    assert "pays 60 points instead of 80" in git(repository, "diff")


def test_hunks_have_the_score_as_their_heading(repository: Path) -> None:
    """The other way, by lines: the settings are those of docs/diff.md."""
    docs = (Path(__file__).parent.parent / "docs" / "diff.md").read_text("utf-8")
    line = next(line for line in docs.split("\n") if "diff.score.xfuncname" in line)
    (repository / ".gitattributes").write_text("*.score diff=score\n", "utf-8")
    git(repository, "config", "diff.score.xfuncname", line.partition('"')[2].rstrip('"'))
    edit(repository / "policies" / "inbound.score", "+25 decides", "+26 decides")
    assert "@@ score fit" in git(repository, "diff", "-U1")


# ------------------------------------------------------------------ bad input


def test_an_unknown_revision_is_named(repository: Path) -> None:
    ran = scorec(repository, "diff", "nowhere:policies/inbound.score", "policies/inbound.score")
    assert ran.code == 2 and "git knows no revision `nowhere`" in ran.err


def test_a_path_that_a_revision_has_not_is_named(repository: Path) -> None:
    ran = scorec(repository, "diff", "HEAD:policies/other.score", "policies/inbound.score")
    assert ran.code == 2 and "there is no policies/other.score in HEAD" in ran.err


def test_a_base_with_errors_is_told_with_them(tmp_path: Path) -> None:
    write(tmp_path, a_score=POLICY.replace("employees >= 1000", "emplyees >= 1000"), b_score=POLICY)
    ran = scorec(tmp_path, "diff", "a.score", "b.score")
    line = line_of("+80")
    text = POLICY.split("\n")[line - 1].replace("employees", "emplyees")
    column = text.index("emplyees")
    assert ran.code == 2 and not ran.out
    assert ran.err == (
        "error SC002: there is no field called `emplyees`\n"
        f"  --> a.score:{line}:{column + 1}\n"
        "   |\n"
        f"{line} | {text}\n"
        f"   | {' ' * column}^^^^^^^^\n"
        "   |                                    did you mean `employees`?\n"
        "   = fix: replace with `employees`\n\n"
        "1 error: nothing was done\n"
    )


def test_errors_of_both_sides_are_told(tmp_path: Path) -> None:
    broken = POLICY.replace("employees >= 1000", "emplyees >= 1000")
    write(tmp_path, a_score=broken, b_score=broken)
    ran = scorec(tmp_path, "diff", "a.score", "b.score")
    assert ran.code == 2 and "--> a.score:" in ran.err and "--> b.score:" in ran.err


def test_the_other_policies_of_a_folder_are_compared_all_the_same(tmp_path: Path) -> None:
    for side, text in (("old", POLICY), ("new", CHANGED)):
        (tmp_path / side).mkdir()
        (tmp_path / side / "a.score").write_text(text, "utf-8")
        broken = POLICY.replace("job_title: text", "job_title: txt") if side == "old" else POLICY
        (tmp_path / side / "b.score").write_text(broken, "utf-8")
    ran = scorec(tmp_path, "diff", "old", "new")
    assert ran.code == 2 and "fit.enterprise" in ran.out
    assert "cannot be compared: old/b.score has 1 error\n" in ran.out
    assert f"--> old/b.score:{line_of('job_title: text')}:" in ran.out, "with the place, as everywhere"
    told = json.loads(scorec(tmp_path, "diff", "old", "new", "--format", "json").out)
    (problem,) = told["policies"][1]["problems"]
    assert problem["file"] == "old/b.score" and problem["start"]["line"] == line_of("job_title: text")
    shown = scorec(tmp_path, "diff", "old", "new", "--format", "markdown").out
    assert f"--> old/b.score:{line_of('job_title: text')}:" in shown


def test_outside_of_a_repository_two_files_are_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    write(tmp_path, a_score=POLICY)
    ran = scorec(tmp_path, "diff", "a.score")
    assert ran.code == 2 and "no git repository" in ran.err.replace("\n  ", " ")
    ran = scorec(tmp_path, "diff", "HEAD:a.score", "a.score")
    assert ran.code == 2 and "is not in a git repository" in ran.err.replace("\n  ", " ")


def test_without_git_files_can_still_be_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    write(tmp_path, a_score=POLICY, b_score=CHANGED)
    assert scorec(tmp_path, "diff", "a.score", "b.score").code == 0
    ran = scorec(tmp_path, "diff", "HEAD:a.score", "a.score")
    assert ran.code == 2 and "git is not installed" in ran.err


@pytest.mark.parametrize(
    "arguments", [("a.score", "nothing.score"), ("a.score", "b.score", "c.score"), ("a.score", ".")]
)
def test_sides_that_are_none_are_refused(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    write(tmp_path, a_score=POLICY, b_score=POLICY)
    ran = scorec(tmp_path, "diff", *arguments)
    assert ran.code == 2 and ran.err.startswith("error:")


def test_a_revision_without_a_path_is_told_what_is_missing(repository: Path) -> None:
    ran = scorec(repository, "diff", "HEAD", "policies/inbound.score")
    assert ran.code == 2
    assert ran.err == (
        "error: HEAD is a revision of git, and does not say which policy\n"
        "  help: name the file in it: scorec diff HEAD:policies/inbound.score\n"
        "  policies/inbound.score\n"
    )
    ran = scorec(repository, "diff", "HAED", "policies/inbound.score")
    assert ran.code == 2 and ran.err.startswith("error: there is no file HAED\n")


def test_a_folder_is_not_compared_with_a_file(repository: Path) -> None:
    ran = scorec(repository, "diff", "policies", "policies/inbound.score")
    assert ran.code == 2
    assert ran.err.startswith("error: policies is a folder, and policies/inbound.score is a file\n")


def test_a_revision_is_never_an_option_of_git(repository: Path) -> None:
    assert scorec(repository, "diff", "--", "--output=x:policies/inbound.score", "policies/inbound.score").code == 2
    assert not (repository / "x").exists()


# ------------------------------------------------------------------ Python


def test_from_python_sides_are_policies_or_paths(tmp_path: Path) -> None:
    write(tmp_path, a_score=POLICY, b_score=CHANGED)
    report = library.diff(library.loads(POLICY), tmp_path / "b.score")
    assert isinstance(report, library.DiffReport)
    assert (report.klass.value, report.bump.word, report.equal) == ("band", "minor", False)
    with pytest.raises(library.ScorecError, match="there is no file"):
        library.diff(tmp_path / "none.score", tmp_path / "b.score")


# ------------------------------------------------------------------ leads in words


def test_a_lead_is_told_in_the_same_words_wherever_it_is_shown(tmp_path: Path) -> None:
    program = library.loads(POLICY).program
    seen = values.instant(datetime(2026, 3, 2), timezone.utc)
    view = ir.Happening("page_view", seen - values.DAY, (("url", "/pricing"),))
    edge = ir.Happening("page_view", seen - 14 * values.DAY - 1, ())
    nothing: dict[str, ir.Value] = {field.name: None for field in program.fields}
    lead = Witness({**nothing, "employees": 200.0}, (edge, view, view), seen)
    facts = 'employees 200 · 2 times page_view 1 day ago, url "/pricing" · page_view a moment more than 14 days ago'
    assert lead_in_words(lead, program) == facts
    assert lead_words(lead, program) == f"{facts} · as of 2026-03-02"
    nobody = Witness(nothing, (), seen)
    assert lead_in_words(nobody, program) == "nothing known"
    assert lead_words(nobody, program) == "a lead of which nothing is known"
