"""What a change means for real leads: both versions score a table, what differs is counted, by both engines alike."""

from __future__ import annotations

import csv
import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from claims import case_of
from raw_tables import Form, raw_tables
from shared_data import DATA, POLICIES, needs_data

import scorec
from scorec.compiler.batch import EventFile
from scorec.compiler.impact import Edit, Impact, Plan, Version, report, sample_below
from scorec.compiler.impact.data import json_text
from scorec.compiler.impact.figures import Moved, Reach, RulePoints, Standing
from scorec.compiler.impact.markdown import markdown
from scorec.compiler.impact.order import Order, merged
from scorec.compiler.inputs import Inputs, inputs_of
from scorec.compiler.policy import Policy
from scorec.compiler.tables import TableError
from scorec.dsl import ir

OLD = """\
policy inbound "Inbound leads"
  language 1
  version 1.0.0
lead by lead_id
  employees: number
  country: text
  opted_in: yes/no
event demo_request
score fit from 0 to 100
  +40 large when employees >= 200
  +20 home when country is "nl"
score interest from 0 to 100
  +30 demo for each demo_request, at most 2 times
score total from 0 to 200 = fit + interest
band grade of fit
  A >= 40
  B >= 20
  C otherwise
band heat of interest
  hot >= 30
  cold otherwise
decide next_step by grade, heat
  |   | hot     | cold    |
  | A | sales   | nurture |
  | B | sales   | wait    |
  | C | nurture | wait    |
  wait otherwise
gate consent
  never sales unless opted_in
"""

LEADS = """\
lead_id,employees,country,opted_in
L1,250,nl,yes
L2,220,de,yes
L3,50,nl,yes
L4,50,de,no
L5,500,nl,no
L6,,nl,yes
"""

EVENTS = """\
lead_id,event,at
L1,demo_request,2026-03-01
L2,demo_request,2026-03-01
L3,demo_request,2026-02-01
L3,demo_request,2026-02-02
"""

ENGINES = pytest.mark.parametrize("engine", ["python", "duckdb"])


def edited(*changes: tuple[str, str], text: str = OLD) -> str:
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    return text


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "leads.csv").write_text(LEADS, "utf-8")
    (tmp_path / "events.csv").write_text(EVENTS, "utf-8")
    return tmp_path


def version(folder: Path, text: str, leads: str = "leads.csv", events: Sequence[str] = ("events.csv",)) -> Version:
    policy = scorec.loads(text)
    named = [str(folder / one) for one in events]
    return Version(policy, inputs_of(policy, folder / "policy.score", folder / leads, named, None))


def compared(folder: Path, new: str, engine: str = "duckdb", old: str = OLD, **more: object) -> Impact:
    """The report on two texts, as of the second of March."""
    given = {"leads": "leads.csv", "events": ("events.csv",), "edits": (), "prove": None, "plan": Plan(), **more}
    sides = [version(folder, text, given["leads"], given["events"]) for text in (old, new)]  # type: ignore[arg-type]
    plan = replace(given["plan"], engine=engine)  # type: ignore[type-var]
    at = sides[1].policy.instant("2026-03-02")
    return report(*sides, at, given["edits"], given["prove"], plan)  # type: ignore[arg-type]


def cells(impact: Impact, name: str, what: str = "") -> dict[tuple[str, str], int]:
    matrix = next(one for one in impact.matrices if one.name == name and what in ("", one.what))
    return {(cell.old, cell.new): cell.leads for cell in matrix.cells if cell.leads}


# ------------------------------------------------------------------ from where to where


LARGER = ("employees >= 200", "employees >= 240")
HOME = ('+20 home when country is "nl"', '+40 home when country is "nl"')


@ENGINES
def test_a_matrix_tells_from_which_band_to_which(folder: Path, engine: str) -> None:
    impact = compared(folder, edited(LARGER, HOME), engine)
    grade = impact.matrices[0]
    assert (grade.what, grade.name, grade.old_labels) == ("band", "grade", ("A", "B", "C"))
    # L2 has too few employees now; L3 and L6 are at home, which is worth more.
    assert cells(impact, "grade") == {("A", "A"): 2, ("A", "C"): 1, ("B", "A"): 2, ("C", "C"): 1}
    assert (grade.up, grade.down, grade.aside, grade.same, grade.moved) == (2, 1, 0, 3, 3)
    assert grade.at("A", "C").first_keys == ("L2",)
    assert grade.at("B", "A").first_keys == ("L3", "L6")


@ENGINES
def test_a_decision_has_a_matrix_without_up_and_down_and_its_grid_another(folder: Path, engine: str) -> None:
    impact = compared(folder, edited(LARGER), engine)
    assert [(one.what, one.name) for one in impact.matrices] == [
        ("band", "grade"),
        ("band", "heat"),
        ("decision", "next_step"),
        ("grid", "next_step"),
    ]
    decision, grid = impact.matrices[2:]
    assert cells(impact, "next_step", "decision")[("sales", "nurture")] == 1
    assert (decision.up, decision.down, decision.aside) == (0, 0, 1)
    assert grid.at("A · hot", "C · hot").leads == 1
    assert (grid.row("A · hot"), grid.column("A · hot"), grid.moved) == (2, 1, 1)


def test_a_gate_moves_leads_although_no_score_changes(folder: Path) -> None:
    impact = compared(folder, edited(("never sales unless opted_in", 'never sales when country is "nl"')))
    assert cells(impact, "next_step", "decision")[("sales", "wait")] == 2
    assert (impact.moved, impact.changed) == (2, 2)
    assert {mover.key for mover in impact.movers} == {"L1", "L3"}
    assert all(mover.scores == () and mover.rules == () for mover in impact.movers)


@ENGINES
def test_the_sum_of_every_matrix_is_the_number_of_leads_that_both_scored(folder: Path, engine: str) -> None:
    impact = compared(folder, edited(LARGER, HOME), engine)
    assert impact.both == 6
    for matrix in impact.matrices:
        assert sum(cell.leads for cell in matrix.cells) == matrix.leads == impact.both
        assert sum(matrix.row(label) for label in matrix.old_labels) == impact.both
        assert sum(matrix.column(label) for label in matrix.new_labels) == impact.both
    for score in impact.scores:
        assert score.higher + score.lower + score.same + score.unknown == impact.both
        assert sum(one.old for one in score.bins) == sum(one.new for one in score.bins) == impact.both


def test_the_same_policy_moves_nobody(folder: Path) -> None:
    impact = compared(folder, OLD)
    assert (impact.moved, impact.changed, impact.movers, impact.rules) == (0, 0, (), ())
    assert all(matrix.moved == 0 for matrix in impact.matrices)
    assert "No lead gets another result" in markdown(impact)


# ------------------------------------------------------------------ other bands than before


def test_a_matrix_has_the_labels_of_both_versions(folder: Path) -> None:
    new = edited(("  A >= 40\n", "  top >= 60\n  A >= 40\n"), ("  | A |", "  | top | sales | sales |\n  | A |"))
    impact = compared(folder, new)
    grade = impact.matrices[0]
    assert (grade.old_labels, grade.new_labels) == (("A", "B", "C"), ("top", "A", "B", "C"))
    assert cells(impact, "grade")[("A", "top")] == 2
    assert (grade.up, grade.aside) == (2, 0)


def test_a_label_that_is_new_stands_where_the_labels_of_both_versions_let_it() -> None:
    order = Order(("hot", "cold"), ("hot", "warm", "cold"))
    assert order.direction("hot", "warm") == "down"
    assert order.direction("cold", "warm") == "up"
    assert order.direction("cold", "cold") == "same"
    assert merged(("hot", "cold"), ("hot", "warm", "cold")) == ("hot", "warm", "cold")


def test_labels_that_have_nothing_in_common_have_no_order() -> None:
    order = Order(("A", "B"), ("hot", "cold"))
    assert order.direction("A", "cold") == "aside"


def test_labels_that_changed_places_have_no_order() -> None:
    assert Order(("A", "B"), ("B", "A")).direction("A", "B") == "aside"


def test_what_only_one_version_has_is_counted_by_itself(folder: Path) -> None:
    new = edited(("band heat of interest", "band warmth of interest"), ("by grade, heat", "by grade, warmth"))
    impact = compared(folder, new)
    assert [(one.what, one.name, one.version, dict(one.counts)) for one in impact.alone] == [
        ("band", "heat", "old", {"cold": 3, "hot": 3}),
        ("band", "warmth", "new", {"cold": 3, "hot": 3}),
    ]
    assert impact.moved == 0
    assert [one.what for one in impact.matrices] == ["band", "decision"]


def test_a_policy_without_bands_still_tells_of_its_scores(folder: Path) -> None:
    text = OLD[: OLD.index("band grade")]
    impact = compared(folder, edited(LARGER, text=text), old=text)
    assert impact.matrices == ()
    assert (impact.moved, impact.changed) == (0, 1)
    assert [mover.key for mover in impact.movers] == ["L2"]


# ------------------------------------------------------------------ cells without leads


def test_only_cells_without_leads_are_asked_about(folder: Path) -> None:
    asked: list[tuple[str, str, str, str]] = []

    def prove(*cell: str) -> Standing:
        asked.append(cell)  # type: ignore[arg-type]
        return Standing.IMPOSSIBLE if cell[2:] == ("C", "A") else Standing.POSSIBLE

    impact = compared(folder, edited(LARGER), prove=prove)
    grade = impact.matrices[0]
    assert grade.at("C", "A").standing is Standing.IMPOSSIBLE
    assert grade.at("B", "A").standing is Standing.POSSIBLE
    assert grade.at("A", "A").standing is Standing.SEEN
    assert ("band", "grade", "A", "A") not in asked
    assert {what for what, *_ in asked} == {"band", "decision"}
    assert all(cell.standing is not Standing.IMPOSSIBLE for cell in impact.matrices[3].cells)


def test_without_a_proof_an_empty_cell_is_only_not_seen(folder: Path) -> None:
    assert compared(folder, edited(LARGER)).matrices[0].at("C", "A").standing is Standing.NOT_ASKED


def test_no_more_is_asked_than_was_planned(folder: Path) -> None:
    asked: list[object] = []

    def prove(*cell: str) -> Standing:
        asked.append(cell)
        return Standing.UNDECIDED

    compared(folder, edited(LARGER), prove=prove, plan=Plan(questions=4))
    assert len(asked) == 4
    impact = compared(folder, edited(LARGER), prove=prove, plan=Plan(seconds=0))
    assert len(asked) == 4
    assert impact.matrices[0].at("C", "A").standing is Standing.NOT_ASKED


# ------------------------------------------------------------------ leads and rules


@ENGINES
def test_a_mover_has_its_scores_its_labels_and_the_rules_that_made_the_difference(folder: Path, engine: str) -> None:
    first, *others = compared(folder, edited(LARGER), engine).movers
    assert (first.key, others) == ("L2", [])
    assert first.scores == (Moved("fit", 400_000, 0), Moved("total", 700_000, 300_000))
    assert first.labels == (Moved("grade", "A", "C"), Moved("next_step", "sales", "nurture"))
    assert first.rules == (RulePoints("fit.large", 400_000, 0),)


def test_the_biggest_movers_come_first_and_no_more_than_planned(folder: Path) -> None:
    impact = compared(folder, edited(LARGER, HOME), plan=Plan(movers=2))
    # L2 loses 40 points; L1, L3, L5 and L6 gain 20, and L3 has another grade.
    first, second = impact.movers
    assert (first.key, second.key) == ("L2", "L3")


@ENGINES
def test_rules_tell_how_many_leads_and_points_they_gave(folder: Path, engine: str) -> None:
    rules = {one.rule: one for one in compared(folder, edited(LARGER, HOME), engine).rules}
    assert set(rules) == {"fit.large", "fit.home"}
    large = rules["fit.large"]
    assert (large.old_leads, large.new_leads, large.old_points, large.new_points) == (3, 2, 1_200_000, 800_000)


@ENGINES
def test_a_score_tells_who_has_more_and_who_less(folder: Path, engine: str) -> None:
    fit = compared(folder, edited(LARGER, HOME), engine).scores[0]
    assert (fit.name, fit.higher, fit.lower, fit.same) == ("fit", 4, 1, 1)
    assert (fit.most_gained, fit.most_lost) == (200_000, 400_000)
    # 60 + 40 + 20 + 0 + 60 + 20 before; 80 + 0 + 40 + 0 + 80 + 40 now, of six leads.
    assert (fit.old_mean, fit.new_mean) == (333_333, 400_000)


# ------------------------------------------------------------------ edit by edit


def edit(text: str, mine: tuple[str, str], *others: tuple[str, str]) -> Edit:
    return Edit(text, scorec.loads(edited(mine)).program, scorec.loads(edited(*others)).program)


@ENGINES
def test_edits_that_have_nothing_to_do_with_each_other_move_the_same_leads_alone_and_together(
    folder: Path, engine: str
) -> None:
    demo = ("+30 demo", "+20 demo")
    edits = [edit("large", LARGER, demo), edit("demo", demo, LARGER)]
    effects = compared(folder, edited(LARGER, demo), engine, edits=edits).edits
    assert effects is not None
    large, demos = effects.effects
    assert large.alone == large.together == Reach(1, 1)
    assert demos.alone == Reach(2, 3)
    assert (large.interacts, large.depends) == (False, 0)


@ENGINES
def test_edits_that_hide_each_other_are_said_to_interact(folder: Path, engine: str) -> None:
    """Large companies lose a grade by the one edit, and win it back by the other."""
    less, lower = ("+40 large", "+30 large"), ("A >= 40", "A >= 30")
    edits = [edit("less", less, lower), edit("lower", lower, less)]
    impact = compared(folder, edited(less, lower), engine, edits=edits)
    assert impact.edits is not None
    first, second = impact.edits.effects
    # Alone it takes the grade from L2, who has no other points; with the lower limit nobody loses it.
    assert (first.alone, first.together, first.depends) == (Reach(1, 3), Reach(0, 3), 1)
    assert first.interacts and second.interacts
    assert impact.moved == 0
    assert "hangs" not in markdown(impact) and "depends on other edits" in markdown(impact)


def test_an_edit_that_makes_no_policy_by_itself_is_said_so(folder: Path) -> None:
    large = Edit("a rule of a new field", None, scorec.loads(OLD).program)
    effects = compared(folder, edited(LARGER), edits=[large]).edits
    assert effects is not None
    (one,) = effects.effects
    assert (one.alone, one.together, one.interacts) == (None, Reach(1, 1), False)


def test_no_more_edits_are_counted_than_planned_and_the_others_are_told(folder: Path) -> None:
    edits = [edit(str(number), LARGER) for number in range(3)]
    effects = compared(folder, edited(LARGER), edits=edits, plan=Plan(edits=2)).edits
    assert effects is not None
    assert (len(effects.effects), effects.left_out) == (2, 1)


@ENGINES
def test_of_many_leads_a_sample_is_taken_which_is_named(tmp_path: Path, engine: str) -> None:
    keys = [f"L{number}" for number in range(400)]
    rows = [f"{key},{220 if at % 2 else 300},de,yes" for at, key in enumerate(keys)]
    (tmp_path / "leads.csv").write_text("\n".join(["lead_id,employees,country,opted_in", *rows, ""]), "utf-8")
    impact = compared(tmp_path, edited(LARGER), engine, events=(), edits=[edit("large", LARGER)], plan=Plan(sample=100))
    below = sample_below(400, 100)
    assert below == "400000"
    chosen = [key for key in keys if hashlib.md5(key.encode()).hexdigest() < below]
    effects = impact.edits
    assert effects is not None
    assert effects.leads == len(chosen)
    assert below in effects.sample
    moved = sum(int(key[1:]) % 2 for key in chosen)
    assert effects.effects[0].alone == effects.effects[0].together == Reach(moved, moved)
    assert impact.moved == 200


# ------------------------------------------------------------------ what was read


@ENGINES
def test_the_data_are_named_with_their_digests(folder: Path, engine: str) -> None:
    leads, events = compared(folder, edited(LARGER), engine).data
    assert (leads.role, leads.name, leads.size) == ("leads", "leads.csv", len(LEADS))
    assert leads.digest == hashlib.sha256(LEADS.encode()).hexdigest()
    assert (events.role, events.name) == ("events", "events.csv")


@ENGINES
def test_rejected_rows_are_counted_and_shown(folder: Path, engine: str) -> None:
    (folder / "dirty.csv").write_text(LEADS + "L1,1,de,no\nL9,many,de,no\n,5,de,no\n", "utf-8")
    impact = compared(folder, edited(LARGER), engine, leads="dirty.csv")
    for side in (impact.old, impact.new):
        assert (side.leads, side.scored, side.rejected, len(side.first_rejected)) == (9, 6, 3, 3)
    assert "L9" in {one.key for one in impact.old.first_rejected}
    assert impact.both == 6
    assert "3 rows rejected" in markdown(impact)


@ENGINES
def test_leads_that_only_one_version_can_read_are_told_apart(folder: Path, engine: str) -> None:
    """The new version asks for the number of employees, which one lead has not."""
    impact = compared(folder, edited(("employees: number", "employees: number required"), LARGER), engine)
    assert (impact.both, impact.only_old, impact.only_new) == (5, 1, 0)
    assert (impact.old.rejected, impact.new.rejected) == (0, 1)
    assert all(matrix.leads == 5 for matrix in impact.matrices)
    assert "scored by the old version only" in markdown(impact)


def test_a_column_that_the_new_version_needs_and_the_table_lacks_is_named(folder: Path) -> None:
    new = edited(("  country: text\n", "  country: text\n  sector: text required\n"))
    with pytest.raises(TableError, match=r"with the new version: .*leads.csv has no column `sector`"):
        compared(folder, new)


def test_a_table_without_leads_is_a_report_about_nobody(folder: Path) -> None:
    (folder / "none.csv").write_text("lead_id,employees,country,opted_in\n", "utf-8")
    impact = compared(folder, edited(LARGER), leads="none.csv")
    assert (impact.both, impact.moved, impact.movers) == (0, 0, ())
    assert [score.bins for score in impact.scores] == [(), (), ()]
    assert "0 leads" in markdown(impact)


def test_a_file_that_is_not_there_is_said_so(folder: Path) -> None:
    with pytest.raises((TableError, FileNotFoundError), match=r"nothing\.csv"):
        compared(folder, edited(LARGER), leads="nothing.csv")


# ------------------------------------------------------------------ JSON and Markdown


def test_json_has_everything_that_was_counted(folder: Path) -> None:
    found = json.loads(json_text(compared(folder, edited(LARGER), edits=[edit("large", LARGER)])))
    assert (found["scored_by_both"], found["moved"], found["as_of"]) == (6, 1, "2026-03-02T00:00:00Z")
    assert found["old"]["fingerprint"] != found["new"]["fingerprint"]
    assert len(found["old"]["fingerprint"]) == 64
    (mover,) = found["movers"]
    assert mover["rules"] == [{"rule": "fit.large", "old": 40, "new": 0}]
    assert found["edits"]["edits"][0]["alone"] == {"moved": 1, "changed": 1}
    assert sum(cell["leads"] for cell in found["matrices"][0]["cells"]) == 6


def test_markdown_is_short_and_names_no_lead(folder: Path) -> None:
    (folder / "mail.csv").write_text(LEADS.replace("L2", "ann@corp.example"), "utf-8")
    said = markdown(compared(folder, edited(LARGER), leads="mail.csv", edits=[edit("`+40` | <b>", LARGER)]))
    assert "ann" not in said
    assert len(said.splitlines()) < 60
    assert r"| `+40` \| \<b\> |" in said


# ------------------------------------------------------------------ both engines, any policy, any table


def halved(program: ir.Program) -> ir.Program:
    """Another policy that reads the same: rules give half of their points, every score starts five points higher."""

    def item(one: ir.Rule | ir.Group) -> ir.Rule | ir.Group:
        if isinstance(one, ir.Group):
            return replace(one, items=tuple(map(item, one.items)))
        return replace(one, points=one.points // 2) if isinstance(one.points, int) else one

    scores = [
        replace(score, start=score.start + 50_000, items=tuple(map(item, score.items))) if score.body is None else score
        for score in program.scores
    ]
    return replace(program, scores=tuple(scores), fingerprint="another")


def agreed(seeds: range, form: Form, folder: Path) -> int:
    """How many random policies and tables gave the same report by both engines."""
    alike = 0
    for seed in seeds:
        case = case_of(seed)
        if case is None:
            continue
        old = scorec.loads(case.text)
        new = Policy(halved(old.program), old.sources, ())
        tables = raw_tables(old.program, old.zone, seed, form, folder)
        events = () if tables.events is None else (EventFile(tables.events),)
        inputs = Inputs(tables.leads, events)
        edits = [Edit("all", new.program, old.program)]
        told: list[Impact | str] = []
        for engine in ("python", "duckdb"):
            try:
                plan = Plan(engine=engine)  # type: ignore[arg-type]
                told.append(report(Version(old, inputs), Version(new, inputs), tables.at, edits, None, plan))
            except TableError as failure:
                told.append(str(failure))
        python, duckdb = told
        if isinstance(duckdb, str) and "cannot say exactly" in duckdb:
            continue
        if isinstance(python, Impact) and isinstance(duckdb, Impact):
            assert duckdb == replace(python, engine="duckdb"), seed
            assert all(matrix.leads == python.both for matrix in python.matrices), seed
            alike += 1
        else:
            assert python == duckdb, seed
    return alike


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_both_engines_report_the_same_of_random_policies_and_tables(form: Form, tmp_path: Path) -> None:
    assert agreed(range(5), form, tmp_path) >= 3


@pytest.mark.deep
def test_both_engines_report_the_same_deeply(tmp_path: Path) -> None:
    assert agreed(range(8_000_000, 8_000_300), "csv", tmp_path) >= 200


# ------------------------------------------------------------------ real leads


@needs_data
@ENGINES
def test_every_customer_of_the_bank_is_counted_once(tmp_path: Path, engine: str) -> None:
    """Held to scores that were made one by one: the housing loan costs four points less, and hot begins at 50."""
    text = (POLICIES / "bank_marketing.score").read_text("utf-8")
    old, new = text, edited(("-10 housing_loan ", "-6 housing_loan "), ("hot  >= 45", "hot  >= 50"), text=text)
    with (DATA / "bank_marketing" / "bank-full.csv").open(encoding="utf-8", newline="") as file:
        rows = [{"row": str(number), **row} for number, row in enumerate(csv.DictReader(file), 1)][::20]
    with (tmp_path / "leads.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    impact = compared(tmp_path, new, engine, old=old, events=())
    before, now = scorec.loads(old), scorec.loads(new)
    counted = Counter((before.score(row).bands["interest"], now.score(row).bands["interest"]) for row in rows)
    assert impact.both == len(rows) == 2_261
    assert cells(impact, "interest") == counted
    assert len(counted) >= 4
