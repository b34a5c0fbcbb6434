"""The public API, as an application uses it."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from command_line import POLICY, TIDY

import scorec

ANN = {"email": "ann@corp.example", "job_title": "VP Sales", "employees": 1200, "opted_in": True}
VIEW = {"event": "page_view", "at": "2026-03-01T10:00Z", "url": "/pricing"}
DEMO = {"event": "demo_request", "at": "2026-02-20"}


@pytest.fixture(scope="module")
def policy() -> scorec.Policy:
    return scorec.loads(POLICY)


# ------------------------------------------------------------------ one lead


def test_a_lead_gets_scores_bands_and_decisions(policy: scorec.Policy) -> None:
    result = policy.score(ANN, events=[VIEW, DEMO], at="2026-03-02")
    assert result.scores == {"fit": Decimal(100), "interest": Decimal(50), "total": Decimal(80)}
    assert result.bands == {"readiness": "hot"}
    assert result.decisions == {"next_step": "sales"}
    assert result.gates == {"students": (), "consent": ()}
    assert result.choices["next_step"].row == 1
    assert (result.policy, result.version) == ("inbound", "1.2.0")
    assert result.fingerprint == policy.fingerprint != ""
    assert result.at == datetime(2026, 3, 2, tzinfo=timezone.utc)


def test_the_reasons_add_up_and_say_what_was_cut(policy: scorec.Policy) -> None:
    result = policy.score(ANN, at="2026-03-02")
    fit = [reason for reason in result.reasons if reason.score == "fit"]
    assert [(reason.rule, reason.points) for reason in fit] == [
        ("fit.start", Decimal(10)),
        ("fit.enterprise", Decimal(80)),
        ("fit.decides", Decimal(25)),
        ("fit.range", Decimal(-15)),
    ]
    assert sum(reason.points for reason in fit) == result.scores["fit"]
    assert (fit[3].before, fit[3].cut) == (Decimal(115), "115, cut to 100")
    assert [reason.text for reason in fit] == [
        "where everybody starts",
        "A large company",
        "Signs the contract",
        "kept within its range",
    ]
    assert result.fired("fit.enterprise") and not result.fired("fit.student")


def test_a_row_that_was_barred_is_named_with_its_gate(policy: scorec.Policy) -> None:
    result = policy.score({**ANN, "opted_in": None}, events=[DEMO], at="2026-03-02")
    assert result.decisions["next_step"] == "wait"
    assert result.choices["next_step"].barred == ((1, ("consent",)),)
    assert result.gates["consent"] == ("sales", "nurture")


def test_completeness_is_the_share_of_what_the_policy_reads(policy: scorec.Policy) -> None:
    assert policy.score({"email": "a@b.example"}, at="2026-03-02").completeness == Decimal(0)
    assert policy.score(ANN, at="2026-03-02").completeness == Decimal(1)


def test_a_field_may_go_by_its_column(policy: scorec.Policy) -> None:
    result = policy.score({"email": "a@b.example", "Company size": "150"}, at="2026-03-02")
    assert result.scores["fit"] == 40


def test_values_that_a_policy_does_not_know_are_left_alone(policy: scorec.Policy) -> None:
    more = {**ANN, "Salesforce Id": 7}
    assert policy.score(more, at="2026-03-02") == policy.score(ANN, at="2026-03-02")
    unknown = {"event": "chat_opened", "at": "2026-03-01"}
    assert policy.score(ANN, [unknown], "2026-03-02").scores == policy.score(ANN, at="2026-03-02").scores


@pytest.mark.parametrize(
    "at",
    [
        "2026-03-02",
        "2026-03-02T00:00Z",
        date(2026, 3, 2),
        datetime(2026, 3, 2),
        datetime(2026, 3, 2, 1, tzinfo=timezone(timedelta(hours=1))),
    ],
)
def test_an_instant_may_be_text_date_or_datetime(policy: scorec.Policy, at: scorec.Moment) -> None:
    assert policy.score(ANN, at=at).at == datetime(2026, 3, 2, tzinfo=timezone.utc)


def test_without_an_instant_it_is_now(policy: scorec.Policy) -> None:
    before = datetime.now(timezone.utc)
    assert before - timedelta(seconds=1) <= policy.score(ANN).at <= datetime.now(timezone.utc)


def test_the_next_change_is_when_an_event_leaves_its_window(policy: scorec.Policy) -> None:
    result = policy.score(ANN, [VIEW], "2026-03-02")
    assert result.next_change == datetime(2026, 3, 15, 10, tzinfo=timezone.utc)
    assert policy.score(ANN, at="2026-03-02").next_change is None


def test_a_result_can_be_sent_to_another_process(policy: scorec.Policy) -> None:
    result = policy.score(ANN, [VIEW], "2026-03-02")
    sent = pickle.loads(pickle.dumps(result))
    assert sent.scores == result.scores and sent.reasons == result.reasons and sent.choices == result.choices
    assert sent.next_change == result.next_change
    assert sent == result and result == sent and sent != policy.score(ANN, at="2026-03-02")


def test_a_result_shows_itself(policy: scorec.Policy) -> None:
    assert "readiness" in repr(policy.score(ANN, at="2026-03-02"))
    assert repr(policy) == "<scorec.Policy inbound 1.2.0>"


# ------------------------------------------------------------------ bad data


def test_bad_data_is_refused_with_all_reasons(policy: scorec.Policy) -> None:
    with pytest.raises(scorec.DataError) as caught:
        policy.score({"Company size": "1,200", "country": "Mars", "opted_in": "maybe"}, at="2026-03-02")
    assert [(column, value) for column, value, _ in caught.value.reasons] == [
        ("email", None),
        ("Company size", "1,200"),
        ("country", "Mars"),
        ("opted_in", "maybe"),
    ]
    text = str(caught.value)
    assert text.startswith("this lead cannot be read\n")
    assert "write it without the comma" in text and "is none of US, GB, other" in text


def test_bad_events_are_refused_with_their_number(policy: scorec.Policy) -> None:
    events = [
        VIEW,
        {"event": "page_view", "at": "yesterday"},
        {"event": "page_view", "at": "2026-03-01", "seconds": "x"},
    ]
    with pytest.raises(scorec.DataError) as caught:
        policy.score(ANN, events, "2026-03-02")
    assert [column for column, _, _ in caught.value.reasons] == ["event 2, at", "event 3, seconds"]


@pytest.mark.parametrize(
    ("lead", "events", "words"),
    [
        (["email"], (), "such as a dict, and this is a list"),
        (None, (), "such as a dict, and this is a NoneType"),
        (ANN, ["page_view"], "event 1: a mapping of names to values is wanted, such as a dict, and this is a str"),
        (ANN, [VIEW, None], "event 2: a mapping of names"),
        (ANN, VIEW, "this is one event: put it in a list"),
    ],
)
def test_what_is_no_lead_and_no_event_at_all_is_refused_in_words(
    policy: scorec.Policy, lead: Any, events: Any, words: str
) -> None:
    with pytest.raises(scorec.DataError) as caught:
        policy.score(lead, events, "2026-03-02")
    assert words in str(caught.value)


def test_a_running_state_refuses_what_is_no_event(policy: scorec.Policy) -> None:
    with pytest.raises(scorec.DataError, match="this is a str"):
        policy.start(ANN).add("page_view")  # type: ignore[arg-type]


def test_an_impossible_instant_is_refused(policy: scorec.Policy) -> None:
    with pytest.raises(scorec.DataError, match="the calendar has no such day"):
        policy.score(ANN, at="2026-02-30")


def test_an_error_can_be_sent_to_another_process(policy: scorec.Policy) -> None:
    with pytest.raises(scorec.DataError) as data:
        policy.score({"email": ""}, at="2026-03-02")
    with pytest.raises(scorec.PolicyError) as written:
        scorec.loads(POLICY.replace("employees >= 1000", "emplyees >= 1000"))
    for error in (data.value, written.value):
        sent = pickle.loads(pickle.dumps(error))
        assert (type(sent), str(sent)) == (type(error), str(error))


def test_every_error_is_a_scorec_error() -> None:
    assert issubclass(scorec.PolicyError, scorec.ScorecError)
    assert issubclass(scorec.DataError, scorec.ScorecError)


# ------------------------------------------------------------------ loading


def test_a_policy_is_loaded_from_a_file_with_what_stands_beside_it(tmp_path: Path) -> None:
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "core.txt").write_text("Software\n")
    (tmp_path / "team").mkdir()
    (tmp_path / "team" / "size.score").write_text(
        "library team.size\n  language 1\n\nrules large(n: number)\n  +10 large when n >= 1000\n"
    )
    (tmp_path / "p.score").write_text(
        "policy p\n  language 1\n\nuse team.size\n\nlead by id\n  industry: text\n  employees: number\n\n"
        'list core from "lists/core.txt"\n\nscore fit\n  +5 core when industry in core\n'
        "  include size.large(employees)\n"
    )
    policy = scorec.load(tmp_path / "p.score")
    assert policy.score({"industry": "software", "employees": 1000}, at="2026-03-02").scores["fit"] == 15


def test_a_policy_with_errors_is_refused_with_all_of_them(tmp_path: Path) -> None:
    (tmp_path / "p.score").write_text(
        "policy p\n  language 1\n\nlead by id\n  employees: number\n\nscore fit\n"
        '  +1 a when emplyees > 1\n  +1 b when employees is "x"\n'
    )
    with pytest.raises(scorec.PolicyError) as caught:
        scorec.load(tmp_path / "p.score")
    assert [problem.code for problem in caught.value.problems] == ["SC002", "SC004"]
    first, second, _ = str(caught.value).split("\n")
    assert first == f"{tmp_path / 'p.score'} has 2 errors"
    assert second.startswith(f"  {tmp_path / 'p.score'}:8:13: SC002 ")


def test_a_file_that_is_not_there_is_a_scorec_error(tmp_path: Path) -> None:
    with pytest.raises(scorec.ScorecError, match="there is no file"):
        scorec.load(tmp_path / "nowhere.score")


def test_a_library_is_no_policy() -> None:
    with pytest.raises(scorec.ScorecError, match=r"policy\.score is a library"):
        scorec.loads("library team.size\n")


def test_check_gives_problems_and_raises_nothing() -> None:
    assert scorec.check(TIDY) == ()
    problems = scorec.check(POLICY.replace("employees >= 1000", "emplyees >= 1000"))
    assert [problem.code for problem in problems] == ["SC002"]
    assert scorec.check("\x00\xff")[0].severity is scorec.Severity.ERROR


def test_a_text_can_use_the_standard_libraries_but_no_files() -> None:
    assert (
        scorec.check(
            "policy p\n  language 1\n\nuse std.email\n\nlead by id\n  email: text\n\n"
            "score s\n  +1 a when email.is_free(email)\n"
        )
        == ()
    )
    text = 'policy p\n  language 1\n\nlead by id\n  x: text\n\nlist l from "list.txt"\n\nscore s\n  +1 a when x in l\n'
    assert len(scorec.check(text)) == 1


# ------------------------------------------------------------------ state, accounts, alerts


def test_state_gives_what_scoring_gives(policy: scorec.Policy) -> None:
    state = policy.start(ANN, [DEMO])
    assert state.score("2026-03-02").scores == policy.score(ANN, [DEMO], "2026-03-02").scores
    state.add(VIEW)
    state.add({"event": "chat_opened", "at": "2026-03-01"})
    for at in ("2026-03-02", "2026-03-20"):
        found, wanted = state.score(at), policy.score(ANN, [DEMO, VIEW], at)
        assert (found.scores, found.bands, found.decisions, found.reasons) == (
            wanted.scores,
            wanted.bands,
            wanted.decisions,
            wanted.reasons,
        )
        assert found.next_change == wanted.next_change


def test_a_state_that_has_gone_on_does_not_look_ahead_for_an_old_result(policy: scorec.Policy) -> None:
    state = policy.start(ANN, [DEMO])
    old = state.score("2026-03-02")
    state.add(VIEW)
    with pytest.raises(scorec.ScorecError, match="has gone on"):
        _ = old.next_change
    assert old.scores == policy.score(ANN, [DEMO], "2026-03-02").scores


def test_nothing_changes_before_the_instant_that_a_state_announces(policy: scorec.Policy) -> None:
    state = policy.start(ANN, [DEMO, VIEW])
    announced = state.score("2026-03-02").next_change
    changes = policy.score(ANN, [DEMO, VIEW], "2026-03-02").next_change
    assert announced is not None and changes is not None and announced <= changes


def test_state_refuses_a_bad_event_and_keeps_its_own(policy: scorec.Policy) -> None:
    state = policy.start(ANN)
    with pytest.raises(scorec.DataError, match="this event cannot be read"):
        state.add({"event": "page_view", "at": "soon"})
    assert state.score("2026-03-02").scores["interest"] == 0


def test_state_does_not_go_back_in_time(policy: scorec.Policy) -> None:
    state = policy.start(ANN)
    state.score("2026-03-02")
    with pytest.raises(scorec.DataError, match="cannot go back to 2026-03-01"):
        state.score("2026-03-01")
    assert state.score("2026-03-02").scores["interest"] == 0


def test_leads_roll_up_into_accounts(policy: scorec.Policy) -> None:
    bob = {"email": "bob@Corp.example", "employees": 150}
    kim = {"email": "kim@mit.edu"}
    accounts = policy.score_accounts([(ANN, [DEMO]), (bob, []), (kim, [])], at="2026-03-02")
    assert [(account.key, account.leads) for account in accounts] == [("corp.example", 2), ("mit.edu", 1)]
    assert accounts[0].scores["heat"] == Decimal("72") + Decimal("24")
    assert accounts[0].bands == {"heat_band": "target"}


def test_alerts_fire_on_a_change_and_only_then(policy: scorec.Policy) -> None:
    cold = policy.score({**ANN, "employees": 10, "job_title": ""}, at="2026-03-02")
    hot = policy.score(ANN, [VIEW], "2026-03-02")
    assert [(alert.name, alert.to) for alert in policy.alerts(cold, hot)] == [("hot_lead", "inbound@acme.example")]
    assert policy.alerts(hot, hot) == ()
    (cooling,) = policy.alerts(hot, cold)
    assert cooling.text == "total falls below 30: was 68, is 6"


def test_without_a_result_before_everything_is_new(policy: scorec.Policy) -> None:
    hot = policy.score(ANN, [VIEW], "2026-03-02")
    (alert,) = policy.alerts(None, hot)
    assert alert.text == "readiness becomes hot: was not known, is hot"


# ------------------------------------------------------------------ building


def test_the_json_form_is_complete_and_reproducible(policy: scorec.Policy) -> None:
    text = policy.to_json()
    form = json.loads(text)
    assert form["name"] == "inbound" and form["scorec"] == 1
    assert [score["name"] for score in form["scores"]] == ["fit", "interest", "total"]
    assert text == scorec.loads(POLICY).to_json()


def test_the_python_form_runs_alone_and_agrees(policy: scorec.Policy, tmp_path: Path) -> None:
    (tmp_path / "inbound_policy.py").write_text(policy.to_python(), encoding="utf-8")
    program = (
        "import inbound_policy\n"
        f"result = inbound_policy.score({ANN!r}, [{VIEW!r}], '2026-03-02')\n"
        "assert 'scorec' not in __import__('sys').modules\n"
        "print(result)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n{program}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert "hot" in ran.stdout


# ------------------------------------------------------------------ the package


def test_import_scorec_loads_nothing_heavy() -> None:
    program = "import sys, scorec; print([m for m in sys.modules if m.startswith('scorec.') or m in ('lark', 'click')])"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_every_public_name_is_there() -> None:
    for name in scorec.__all__:
        assert getattr(scorec, name) is not None
    assert scorec.__version__
    with pytest.raises(AttributeError, match="no attribute 'lod'"):
        _ = scorec.lod  # type: ignore[attr-defined]
