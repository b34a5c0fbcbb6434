"""Alerts between two results: each once, the same however often one asks, and nothing of a table lost unsaid."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from command_line import EVENTS, LEADS, POLICY, Ran, scorec, write
from hypothesis import given, settings
from hypothesis import strategies as st

import scorec as package

ALERTS = """
alert no_longer to "cs@acme.example" when readiness leaves hot
alert busy to "inbound@acme.example" when interest rises above 20
alert to_sales to "sales@acme.example" when next_step becomes sales
"""
"""Besides those of the policy: hot_lead when readiness becomes hot, cooling when total falls below 30."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, inbound_score=POLICY.replace("show sales:", ALERTS + "\nshow sales:"))
    write(tmp_path, leads_csv=LEADS, events_csv=EVENTS)
    return tmp_path


def score(folder: Path, out: str, at: str = "2026-03-02", *more: str) -> Ran:
    ran = scorec(folder, "score", "inbound.score", "leads.csv", "--events", "events.csv", "--at", at, "-o", out, *more)
    assert ran.code == 0, ran.err
    return ran


def transitions(folder: Path, old: str, new: str) -> tuple[list[dict[str, Any]], str]:
    ran = scorec(folder, "transitions", "inbound.score", old, new)
    assert ran.code == 0, ran.err
    return [json.loads(line) for line in ran.out.splitlines()], " ".join(ran.err.split())


def refused(folder: Path, old: str, new: str, *more: str) -> str:
    ran = scorec(folder, "transitions", "inbound.score", old, new, *more)
    assert ran.code == 2
    return " ".join(ran.err.split())


def told(found: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(one["key"], one["alert"]) for one in found]


# ------------------------------------------------------------------ what fires


def test_each_alert_says_who_should_hear_and_what_happened(folder: Path) -> None:
    write(folder, leads_csv=LEADS.replace("VP Sales,1200", ",1200"))
    score(folder, "monday.csv")
    write(folder, leads_csv=LEADS)
    score(folder, "tuesday.csv", "2026-03-03")
    found, err = transitions(folder, "monday.csv", "tuesday.csv")
    assert found == []  # 90 points and 100 are both enough.
    write(folder, leads_csv=LEADS.replace("1200", "12"))
    score(folder, "wednesday.csv", "2026-03-04")
    (gone,) = transitions(folder, "tuesday.csv", "wednesday.csv")[0]
    assert {name: gone[name] for name in gone if name != "id"} == {
        "policy": "inbound",
        "alert": "no_longer",
        "to": "cs@acme.example",
        "key": "L1",
        "text": "readiness leaves hot: was hot, is warm",
        "watched": "readiness",
        "change": "leaves",
        "value": "hot",
        "before": "hot",
        "after": "warm",
        "before_as_of": "2026-03-03T00:00:00Z",
        "as_of": "2026-03-04T00:00:00Z",
        "policy_changed": False,
    }
    assert "0 alerts between 3 leads and 3 leads" in err


def test_a_score_rises_and_falls_past_its_limit(folder: Path) -> None:
    score(folder, "monday.csv", "2026-02-01")
    score(folder, "tuesday.csv")
    found, _ = transitions(folder, "monday.csv", "tuesday.csv")
    (busy,) = [one for one in found if one["alert"] == "busy"]
    assert (busy["key"], busy["before"], busy["after"], busy["value"]) == ("L1", "0", "50", "20")
    assert busy["text"] == "interest rises above 20: was 0, is 50"


def test_of_a_new_lead_what_is_so_now_is_new_and_of_one_that_is_gone_nothing_is_told(folder: Path) -> None:
    write(folder, leads_csv="".join(LEADS.splitlines(True)[i] for i in (0, 2, 3)))
    score(folder, "monday.csv")
    write(folder, leads_csv="".join(LEADS.splitlines(True)[i] for i in (0, 1, 2)))
    score(folder, "tuesday.csv")
    found, err = transitions(folder, "monday.csv", "tuesday.csv")
    assert told(found) == [("L1", "hot_lead"), ("L1", "busy"), ("L1", "to_sales")]
    assert found[0]["before"] is None and found[0]["text"].endswith("was not known, is hot")
    assert "new: 1 lead" in err and "gone: 1 lead" in err


LABELS = st.sampled_from(["hot", "warm", "cold"])
POINTS = st.integers(0, 1_000_000).map(lambda ticks: ticks // 10 * 10)
RESULTS = st.dictionaries(
    st.sampled_from(["A", "B", "-5", "=x", "ü"]),
    st.tuples(LABELS, st.sampled_from(["sales", "nurture", "wait"]), POINTS | st.just(300_000), POINTS),
    min_size=1,
)


@settings(max_examples=40, deadline=None)
@given(RESULTS, RESULTS, st.sampled_from(["csv", "jsonl", "parquet"]), st.sampled_from(["csv", "jsonl", "parquet"]))
def test_two_tables_give_what_the_results_of_single_leads_give(
    tmp_path_factory: pytest.TempPathFactory, old: Any, new: Any, old_ending: str, new_ending: str
) -> None:
    """The alerts of `Policy.alerts`, lead by lead, whatever the form of the tables."""
    folder = tmp_path_factory.mktemp("tables")
    policy = package.loads(POLICY.replace("show sales:", ALERTS + "\nshow sales:"))
    write(folder, inbound_score=POLICY.replace("show sales:", ALERTS + "\nshow sales:"))
    _write_result(folder / f"old.{old_ending}", policy, old)
    _write_result(folder / f"new.{new_ending}", policy, new)
    found, _ = transitions(folder, f"old.{old_ending}", f"new.{new_ending}")
    expected = [
        (key, alert.name, alert.to, alert.text)
        for key, row in new.items()
        for alert in policy.alerts(_result(policy, old.get(key)), _result(policy, row))
    ]
    assert [(one["key"], one["alert"], one["to"], one["text"]) for one in found] == expected
    assert len({one["id"] for one in found}) == len(found)


def _result(policy: package.Policy, row: Any) -> Any:
    from scorec.dsl.values import decimal_of

    if row is None:
        return None
    result = policy.score({"email": "a@b.example"}, at="2026-03-02")
    readiness, step, total, interest = row
    return package.Result(
        policy.name,
        policy.version,
        policy.fingerprint,
        result.at,
        {"fit": result.scores["fit"], "interest": decimal_of(interest), "total": decimal_of(total)},
        {"readiness": readiness},
        {"next_step": step},
        {},
        {},
        (),
        result.completeness,
    )


def _write_result(path: Path, policy: package.Policy, rows: Any) -> None:
    from scorec.compiler.batch import shape_of
    from scorec.compiler.tables import open_writer

    writer = open_writer(path, shape_of(policy, None, False).columns)
    for key, (readiness, step, total, interest) in rows.items():
        about = (policy.name, policy.version, policy.fingerprint, 1772409600000000)
        writer.row([key, 0, interest, total, readiness, step, 10_000, *about])
    writer.close()


# ------------------------------------------------------------------ each once


def test_asked_again_it_is_the_same_to_the_byte(folder: Path) -> None:
    score(folder, "monday.csv", "2026-02-01")
    score(folder, "tuesday.csv")
    for name in ("first.jsonl", "second.jsonl"):
        scorec(folder, "transitions", "inbound.score", "monday.csv", "tuesday.csv", "-o", name)
    assert (folder / "first.jsonl").read_bytes() == (folder / "second.jsonl").read_bytes() != b""


def test_an_id_is_of_what_happened_and_not_of_how_the_tables_were_written(folder: Path) -> None:
    score(folder, "monday.csv", "2026-02-01")
    score(folder, "monday.jsonl", "2026-02-01")
    score(folder, "tuesday.csv")
    score(folder, "tuesday.parquet")
    score(folder, "later.csv", "2026-03-03")
    ids = [one["id"] for one in transitions(folder, "monday.csv", "tuesday.csv")[0]]
    assert ids == [one["id"] for one in transitions(folder, "monday.jsonl", "tuesday.parquet")[0]]
    assert not set(ids) & {one["id"] for one in transitions(folder, "monday.csv", "later.csv")[0]}


def test_scoring_writes_the_alerts_since_an_earlier_result(folder: Path) -> None:
    score(folder, "monday.csv", "2026-02-01")
    ran = score(folder, "tuesday.csv", "2026-03-02", "--previous", "monday.csv", "--alerts", "alerts.jsonl")
    expected, _ = transitions(folder, "monday.csv", "tuesday.csv")
    assert [json.loads(line) for line in (folder / "alerts.jsonl").read_text("utf-8").splitlines()] == expected != []
    assert "1 alert between 3 leads and 3 leads" in ran.err


def test_an_incremental_run_tells_its_alerts_too(folder: Path) -> None:
    score(folder, "monday.parquet", "2026-02-01", "--incremental")
    more = ("--incremental", "--previous", "monday.parquet", "--alerts", "alerts.jsonl")
    ran = score(folder, "tuesday.parquet", "2026-03-02", *more)
    assert "leads were scored again; the others are as they were" in " ".join(ran.err.split())
    found = [json.loads(line) for line in (folder / "alerts.jsonl").read_text("utf-8").splitlines()]
    assert told(found) == [("L1", "busy")]


def test_scoring_with_alerts_needs_both_results(folder: Path) -> None:
    score(folder, "monday.csv")
    for missing, why in (
        (("-o", "new.csv"), "since an earlier result"),
        (("--previous", "monday.csv"), "which has to be kept"),
        (("--previous", "monday.csv", "-o", "monday.csv"), "is also an input"),
        (("--previous", "monday.csv", "-o", "new.csv", "--audience", "sales"), "leave out --audience"),
    ):
        ran = scorec(folder, "score", "inbound.score", "leads.csv", "--alerts", "alerts.jsonl", *missing)
        assert ran.code == 2 and why in " ".join(ran.err.split())
    assert not (folder / "new.csv").exists() and not (folder / "alerts.jsonl").exists()


# ------------------------------------------------------------------ what is wrong with a table


def test_rows_that_cannot_be_used_are_counted_and_said(folder: Path) -> None:
    score(folder, "monday.csv", "2026-02-01")
    score(folder, "tuesday.csv")
    text = (folder / "tuesday.csv").read_text("utf-8")
    first = text.splitlines()[1]
    more = (
        first,
        first.replace("L1", ""),
        first.replace("L1,100,50,80", "L8,100,50,many"),
        "L9,1",
        first.replace("Z", "?"),
    )
    (folder / "tuesday.csv").write_text(text + "".join(f"{row}\n" for row in more), "utf-8")
    found, err = transitions(folder, "monday.csv", "tuesday.csv")
    assert told(found) == [("L1", "busy")]
    for reason in (
        "the key stands in an earlier row already",
        "the row has no key",
        "`total` is not a number",
        "the row has only 2 of 11 values",
    ):
        assert f"1 row not used: {reason}" in err, err


def test_a_column_that_an_audience_does_not_see_is_missed(folder: Path) -> None:
    score(folder, "monday.csv")
    score(folder, "sales.csv", "2026-03-02", "--audience", "sales")
    said = refused(folder, "monday.csv", "sales.csv")
    assert "has no column `total`, which alert `cooling` watches" in said
    assert "it shows what `sales` may see; score without --audience" in said


def test_tables_the_wrong_way_round_are_noticed(folder: Path) -> None:
    score(folder, "monday.csv")
    score(folder, "tuesday.csv", "2026-03-03")
    assert "swap the two" in refused(folder, "tuesday.csv", "monday.csv")


def test_two_versions_of_the_policy_are_said(folder: Path) -> None:
    score(folder, "monday.csv")
    path = folder / "inbound.score"
    path.write_text(path.read_text("utf-8").replace("hot >= 60", "hot >= 31").replace("1.2.0", "1.3.0"), "utf-8")
    score(folder, "tuesday.csv")
    found, err = transitions(folder, "monday.csv", "tuesday.csv")
    assert told(found) == [("L2", "hot_lead")] and found[0]["policy_changed"] is True
    assert "monday.csv was scored with inbound 1.2.0" in err and "tuesday.csv with inbound 1.3.0" in err


def test_a_result_of_another_policy_is_refused(folder: Path) -> None:
    score(folder, "monday.csv")
    text = (folder / "monday.csv").read_text("utf-8")
    (folder / "other.csv").write_text(text.replace(",inbound,", ",outbound,"), "utf-8")
    assert "was scored with the policy `outbound`" in refused(folder, "other.csv", "monday.csv")


def test_a_table_of_leads_is_no_result(folder: Path) -> None:
    score(folder, "monday.csv")
    assert "has no column `readiness`" in refused(folder, "leads.csv", "monday.csv")
    assert "there is no file nope.csv" in refused(folder, "nope.csv", "monday.csv")


def test_a_policy_without_alerts_has_none_to_tell(folder: Path) -> None:
    score(folder, "monday.csv")
    lines = (folder / "inbound.score").read_text("utf-8").splitlines(True)
    write(folder, inbound_score="".join(line for line in lines if not line.startswith("alert ")))
    assert "inbound has no alerts" in refused(folder, "monday.csv", "monday.csv")


def test_alerts_are_written_to_no_input_and_to_no_table(folder: Path) -> None:
    score(folder, "monday.csv")
    assert "is also an input" in refused(folder, "monday.csv", "monday.csv", "-o", "monday.csv")
    assert "let its name end in .jsonl" in refused(folder, "monday.csv", "monday.csv", "-o", "alerts.csv")
