"""`--data`: the options of a comparison on leads, single edits between two versions, and proofs about empty cells."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import click
import pytest
from command_line import scorec as scorec_command
from test_impact import EVENTS, HOME, LARGER, LEADS, OLD, edited

import scorec
from scorec.cli import render
from scorec.cli.command import Refusal
from scorec.cli.impact_data import Data, data_options, impact_of, on_leads, shown
from scorec.compiler.analysis.answers import Answer, Impossible, Method, Possible, Undecided, Witness
from scorec.compiler.analysis.claims import Claim, Was, band_is, both, outcome_is
from scorec.compiler.analysis.study import DIFF, study
from scorec.compiler.diff.changes import Side, compare
from scorec.compiler.impact import Impact
from scorec.compiler.impact.between import edits_of, prover, single_edits
from scorec.compiler.impact.figures import Standing
from scorec.compiler.version import fingerprint

QUIET = render.Progress(io.StringIO(), False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "leads.csv").write_text(LEADS, "utf-8")
    (tmp_path / "events.csv").write_text(EVENTS, "utf-8")
    return tmp_path


def asked(*arguments: str) -> Data:
    """What a command with these options gets."""
    got: list[Data] = []

    @click.command()
    @data_options
    def command(data: Data) -> None:
        got.append(data)

    command.main(list(arguments), standalone_mode=False)
    return got[0]


def reported(folder: Path, new: str, *options: str) -> Impact:
    old = scorec.loads(OLD)
    leads, events = str(folder / "leads.csv"), str(folder / "events.csv")
    data = asked("--data", leads, "--events", events, "--at", "2026-03-02", *options)
    return impact_of(old, scorec.loads(new), folder / "new.score", data, (), None, QUIET)


# ------------------------------------------------------------------ options


def test_without_leads_nothing_is_wanted() -> None:
    assert not asked().wanted
    assert asked("--data", "leads.csv").wanted


@pytest.mark.parametrize("option", [("--at", "2026-03-02"), ("--events", "e.csv"), ("--html", "r.html")])
def test_options_about_leads_are_refused_without_leads(option: tuple[str, str]) -> None:
    with pytest.raises(Refusal, match="about leads"):
        asked(*option).check()


@pytest.mark.parametrize("engine", ["auto", "python", "duckdb"])
def test_every_engine_gives_the_report(folder: Path, engine: str) -> None:
    impact = reported(folder, edited(LARGER), "--engine", engine)
    # Six leads are few: auto takes Python for them.
    assert impact.engine == ("duckdb" if engine == "duckdb" else "python")
    assert impact.moved == 1


def test_the_page_is_written_beside_its_place_and_moved_there(folder: Path) -> None:
    reported(folder, edited(LARGER), "--html", str(folder / "report.html"))
    assert (folder / "report.html").read_text("utf-8").startswith("<!doctype html>")
    assert [path.name for path in folder.iterdir() if path.suffix == ".part"] == []


def test_the_page_is_not_written_over_the_leads(folder: Path) -> None:
    with pytest.raises(Refusal, match="over what is read"):
        reported(folder, edited(LARGER), "--html", str(folder / "leads.csv"))
    assert (folder / "leads.csv").read_text("utf-8") == LEADS


@pytest.mark.parametrize("engine", ["python", "duckdb"])
def test_a_size_of_memory_that_is_none_is_refused(folder: Path, engine: str) -> None:
    with pytest.raises(Refusal, match="lots"):
        reported(folder, edited(LARGER), "--memory", "lots", "--engine", engine)


def test_a_report_is_shown_in_three_forms(folder: Path) -> None:
    impact = reported(folder, edited(LARGER))
    assert shown(impact, "text").startswith("6 leads scored with both")
    assert json.loads(shown(impact, "json"))["moved"] == 1
    assert shown(impact, "markdown").startswith("### ")


def test_a_table_that_is_not_there_ends_the_command_with_its_name(folder: Path) -> None:
    (folder / "leads.csv").unlink()
    with pytest.raises(Refusal, match=r"leads\.csv"):
        reported(folder, edited(LARGER))


def test_a_kind_of_event_that_a_version_does_not_know_is_refused(folder: Path) -> None:
    with pytest.raises(Refusal, match="declares no event `webinar`"):
        reported(folder, edited(LARGER), "--events", f"webinar={folder / 'events.csv'}")


# ------------------------------------------------------------------ single edits


def test_each_edit_gets_the_old_version_with_it_and_the_new_one_without_it() -> None:
    changes = [LARGER, HOME]
    found = single_edits(
        changes, lambda change: change[1], lambda some: scorec.loads(edited(*some)).program if some else None
    )
    larger, home = found
    assert larger.text == "employees >= 240"
    assert larger.alone == home.without == scorec.loads(edited(LARGER)).program
    assert home.alone == larger.without == scorec.loads(edited(HOME)).program


def test_the_changes_of_a_comparison_are_counted_one_by_one(folder: Path) -> None:
    """Not the version: it can change no result."""
    before, now = (
        scorec.loads(OLD),
        scorec.loads(edited(LARGER, HOME, ("1.0.0", "1.1.0"), ("fit from", 'fit "F" from'))),
    )
    edits = edits_of(compare(Side(before.program, before.sources), Side(now.program, now.sources)))
    assert [one.text.split("`")[1] for one in edits] == ["fit.large", "fit.home"]
    larger = scorec.loads(edited(LARGER)).program
    assert edits[0].alone is not None
    assert fingerprint(edits[0].alone) == fingerprint(larger)


def test_a_change_that_makes_no_policy_by_itself_is_told_so(folder: Path) -> None:
    """A rule of a field that is new, too: the one cannot be without the other."""
    field, rule = (
        ("  opted_in: yes/no\n", "  opted_in: yes/no\n  sector: text\n"),
        (
            "  +20 home",
            '  +15 software when sector is "software"\n  +20 home',
        ),
    )
    before, now = scorec.loads(OLD), scorec.loads(edited(field, rule))
    edits = edits_of(compare(Side(before.program, before.sources), Side(now.program, now.sources)))
    assert [one.alone is None for one in edits].count(True) == 1
    data = asked("--data", str(folder / "leads.csv"), "--at", "2026-03-02")
    impact = impact_of(before, now, folder / "new.score", data, edits, None, QUIET)
    assert impact.edits is not None
    assert [one.interacts for one in impact.edits.effects] == [False] * len(edits)
    assert "makes no policy" in shown(impact, "text")


def test_what_is_only_called_otherwise_is_compared_under_its_old_name(folder: Path) -> None:
    """A renamed rule gives what it gave, and a report that took it for another would tell of moves that are none."""
    now = scorec.loads(
        edited(LARGER, ('home when country is "nl"', 'dutch when country is "nl"\n    renamed from home'))
    )
    before = scorec.loads(OLD)
    comparison = compare(Side(before.program, before.sources), Side(now.program, now.sources))
    data = asked("--data", str(folder / "leads.csv"), "--at", "2026-03-02")
    impact = on_leads(comparison, before, now, folder / "new.score", data, Knows(Undecided("")), False)
    assert [one.rule for one in impact.rules] == ["fit.large"]
    assert impact.new.fingerprint == fingerprint(now.program)
    assert impact.matrices[0].at("C", "A").standing is Standing.UNDECIDED


# ------------------------------------------------------------------ proofs


class Knows:
    """An analysis with one answer, which keeps what it was asked."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.asked: list[Claim] = []

    def can_be(self, claim: Claim, /) -> Answer:
        self.asked.append(claim)
        return self.answer


@pytest.mark.parametrize(
    ("answer", "standing"),
    [
        (Impossible(Method.RANGES, exact=True), Standing.IMPOSSIBLE),
        (Impossible(Method.RANGES, exact=False), Standing.IMPOSSIBLE),
        (Possible(Witness({}, (), 0), Method.SEARCH), Standing.POSSIBLE),
        (Undecided("too many events"), Standing.UNDECIDED),
    ],
)
def test_the_analysis_is_asked_about_the_old_label_and_the_new_one(answer: Answer, standing: Standing) -> None:
    knows = Knows(answer)
    assert prover(knows)("band", "grade", "A", "C") is standing
    assert prover(knows)("decision", "next_step", "sales", "wait") is standing
    assert knows.asked == [
        both(Was(band_is("grade", "A")), band_is("grade", "C")),
        both(Was(outcome_is("next_step", "sales")), outcome_is("next_step", "wait")),
    ]


def test_what_is_proved_is_no_longer_only_not_seen(folder: Path) -> None:
    """The first grade asks for more employees now: nobody can get it who had it not."""
    before, now = scorec.loads(OLD), scorec.loads(edited(LARGER))
    comparison = compare(Side(before.program, before.sources), Side(now.program, now.sources))
    data = asked("--data", str(folder / "leads.csv"), "--at", "2026-03-02")
    every_lead = study(comparison.renamed, old=comparison.old, budget=DIFF)
    grade = on_leads(comparison, before, now, folder / "new.score", data, every_lead, False).matrices[0]
    assert grade.at("C", "A").standing is grade.at("B", "A").standing is Standing.IMPOSSIBLE
    assert grade.at("A", "B").standing is Standing.POSSIBLE
    assert grade.at("A", "C").standing is Standing.SEEN


# ------------------------------------------------------------------ the page about it

GUIDE = Path(__file__).parent.parent / "docs" / "impact.md"


def test_the_example_of_the_guide_is_what_is_said(tmp_path: Path) -> None:
    page = GUIDE.read_text("utf-8")
    blocks = re.findall(r"^```(\w+)(?: (\w+))?\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    (text,) = [body for language, _, body in blocks if language == "score"]
    for _, name, body in blocks:
        if name:
            (tmp_path / f"{name}.csv").write_text(body, "utf-8")
    changes = [("employees >= 200", "employees >= 250"), ("+30 demo", "+40 demo")]
    assert all(change[1] in page for change in changes)
    version = ("version 1.4.0", "version 1.5.0")
    old, new = scorec.loads(text), scorec.loads(edited(*changes, version, text=text))
    comparison = compare(Side(old.program, old.sources), Side(new.program, new.sources))
    leads, events = str(tmp_path / "leads.csv"), str(tmp_path / "events.csv")
    data = asked("--data", leads, "--events", events, "--at", "2026-03-02")
    said = shown(on_leads(comparison, old, new, tmp_path / "new.score", data, None, False), "text")
    (wanted,) = [body for language, _, body in blocks if language == "text"]
    assert said + "\n" == wanted


# ------------------------------------------------------------------ scorec diff


@pytest.mark.parametrize("form", ["text", "json", "markdown"])
def test_diff_tells_of_real_leads_after_what_it_proves(folder: Path, form: str) -> None:
    (folder / "old.score").write_text(OLD, "utf-8")
    (folder / "new.score").write_text(edited(LARGER), "utf-8")
    data = ("--data", "leads.csv", "--events", "events.csv", "--at", "2026-03-02", "--html", "report.html")
    ran = scorec_command(folder, "diff", "old.score", "new.score", *data, "--format", form)
    assert ran.code == 0, ran.err
    told = {"text": "1 (16.7%) get another band", "markdown": "**1 (16.7%) get another band or outcome**"}
    if form == "json":
        impact = json.loads(ran.out)["impact"]
        assert (impact["scored_by_both"], impact["moved"]) == (6, 1)
        assert impact["edits"]["edits"][0]["alone"] == {"moved": 1, "changed": 1}
    else:
        assert told[form] in ran.out
    assert "the report is in report.html" in ran.err
    assert "impossible (proved)" in (folder / "report.html").read_text("utf-8")


def test_diff_refuses_options_about_leads_without_leads(folder: Path) -> None:
    (folder / "old.score").write_text(OLD, "utf-8")
    ran = scorec_command(folder, "diff", "old.score", "old.score", "--at", "2026-03-02")
    assert ran.code == 2
    assert "name a table of leads with --data LEADS" in ran.err


def test_diff_says_which_table_cannot_be_read(folder: Path) -> None:
    (folder / "old.score").write_text(OLD, "utf-8")
    (folder / "new.score").write_text(edited(LARGER), "utf-8")
    (folder / "keyless.csv").write_text("id,employees\n1,5\n", "utf-8")
    ran = scorec_command(folder, "diff", "old.score", "new.score", "--data", "keyless.csv")
    assert ran.code == 2
    assert "keyless.csv has no column `lead_id`" in " ".join(ran.err.split())
