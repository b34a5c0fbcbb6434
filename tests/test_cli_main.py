"""The program around the commands: help, exit codes, faults, interruptions, a cold start."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest
from command_line import EVENTS, LEADS, POLICY, TIDY, scorec, write

from scorec.cli import COMMANDS


def program(folder: Path, *arguments: str, **more: object) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": "", "NO_COLOR": "1"}
    command = [sys.executable, "-m", "scorec", *arguments]
    return subprocess.run(  # type: ignore[call-overload, no-any-return]
        command, cwd=folder, capture_output=True, text=True, env=environment, timeout=60, check=False, **more
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example(tmp_path: Path, name: str) -> None:
    ran = scorec(tmp_path, name, "--help")
    assert ran.code == 0
    usage, examples = ran.out.split("\nExamples:\n")
    assert usage.startswith(f"Usage: scorec {name} ")
    assert all(line.strip().startswith((f"scorec {name}", "cat ")) for line in examples.strip().split("\n"))
    assert max(map(len, usage.split("\n"))) <= 80


def test_the_program_lists_its_commands(tmp_path: Path) -> None:
    ran = scorec(tmp_path, "--help")
    assert ran.code == 0
    assert all(f"\n  {name} " in ran.out for name in COMMANDS)


def test_the_list_of_commands_is_a_list_of_sentences(tmp_path: Path) -> None:
    listed = scorec(tmp_path, "--help").out.split("Commands:\n")[1].strip().split("\n")
    assert all(line.endswith(".") and not line.endswith("...") for line in listed), listed


def test_the_list_says_of_each_command_what_the_command_says_of_itself() -> None:
    said = {name: import_module(f"scorec.cli.{name}").command.get_short_help_str(limit=200) for name in COMMANDS}
    assert said == COMMANDS


def test_a_program_without_a_command_explains_itself(tmp_path: Path) -> None:
    ran = scorec(tmp_path)
    assert ran.code == 2 and ran.out == scorec(tmp_path, "--help").out


def test_the_program_knows_its_version(tmp_path: Path) -> None:
    import scorec as package

    assert scorec(tmp_path, "--version").out == f"scorec {package.__version__}\n"


def test_a_fault_of_ours_is_a_sentence_and_the_traceback_only_on_demand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from scorec.cli import check, run

    def fails(*_: object) -> None:
        raise ZeroDivisionError("secret detail")

    write(tmp_path, inbound_score=POLICY)
    monkeypatch.setattr(check, "lint", fails)
    ran = scorec(tmp_path, "check", "inbound.score")
    assert ran.code == 2
    assert ran.err.startswith("error: scorec itself failed (ZeroDivisionError at test_cli_main.py:")
    assert "Please report it" in ran.err and "secret detail" not in ran.err
    monkeypatch.setenv("SCOREC_DEBUG", "1")
    assert run(["check", str(tmp_path / "inbound.score")]) == 2
    assert "Traceback" in capsys.readouterr().err


def test_python_dash_m_is_the_program(tmp_path: Path) -> None:
    write(tmp_path, inbound_score=TIDY)
    ran = program(tmp_path, "check", "inbound.score")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "1 file checked: no problems\n", "")


def test_a_reader_that_goes_away_is_no_fault(tmp_path: Path) -> None:
    rows = "".join(f"L{number},a@b.example,,1200,,\n" for number in range(20_000))
    write(tmp_path, inbound_score=POLICY, leads_csv=LEADS.split("\n")[0] + "\n" + rows)
    command = f"{sys.executable} -m scorec score inbound.score leads.csv --at 2026-03-02 | head -2"
    ran = subprocess.run(command, shell=True, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert ran.stdout.startswith("lead_id,")
    assert "Error" not in ran.stderr and "error" not in ran.stderr


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_disk_behind_standard_output_is_said_so(tmp_path: Path) -> None:
    write(tmp_path, inbound_score=POLICY, leads_csv=LEADS)
    command = f"{sys.executable} -m scorec score inbound.score leads.csv --at 2026-03-02 > /dev/full"
    ran = subprocess.run(command, shell=True, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert ran.returncode == 2
    assert "no space left" in ran.stderr and "Traceback" not in ran.stderr


def test_output_is_utf8_whatever_the_machine_says(tmp_path: Path) -> None:
    write(tmp_path, inbound_score=POLICY, leads_csv="lead_id,email\nŻółw,a@b.example\n")
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "0"}
    command = [sys.executable, "-m", "scorec", "score", "inbound.score", "leads.csv"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, env=environment, check=False, timeout=60)
    assert "Żółw".encode() in ran.stdout


LEAVES_OUT = {
    "--help": ("scorec.compiler", "scorec.dsl", "importlib.metadata"),
    "--version": ("scorec.compiler", "scorec.dsl"),
    "fmt --check inbound.score": ("scorec.compiler.check", "scorec.compiler.lint", "scorec.compiler.policy", "lark"),
    "check inbound.score": (
        *("scorec.compiler.policy", "scorec.compiler.tables", "scorec.compiler.batch", "scorec.compiler.diff"),
        *("scorec.compiler.engines.sql", "duckdb", "sqlglot", "pyarrow", "ortools", "lark"),
        *("tomllib", "importlib.resources", "importlib.metadata"),
    ),
    "score inbound.score leads.csv -o scored.csv": (
        *("scorec.compiler.lint", "scorec.compiler.analysis", "scorec.compiler.explain", "scorec.dsl.semantics"),
        *("scorec.compiler.engines.sql", "duckdb", "sqlglot", "pyarrow", "lark"),
        *("tomllib", "importlib.resources", "importlib.metadata"),
    ),
    "score inbound.score leads.csv --engine duckdb -o scored.csv": (
        *("scorec.compiler.lint", "scorec.compiler.analysis", "scorec.compiler.explain", "scorec.dsl.semantics"),
        *("scorec.compiler.engines.python", "scorec.compiler.diff", "pyarrow", "pandas", "lark"),
        "tomllib",
    ),
    "explain SC002": (
        *("scorec.compiler.policy", "scorec.compiler.diff"),
        *("scorec.compiler.engines.sql", "duckdb", "sqlglot", "lark"),
    ),
}
"""What a command starts without, since it has no use for it."""


@pytest.mark.parametrize("command", LEAVES_OUT)
def test_a_command_loads_no_more_than_it_needs(tmp_path: Path, command: str) -> None:
    write(tmp_path, inbound_score=TIDY, leads_csv=LEADS)
    # With the tables of the grammar kept, as they are from the first run on.
    assert program(tmp_path, "check", "inbound.score").returncode == 0
    text = (
        "import sys; from scorec.cli import run; code = run(sys.argv[1:]); "
        "print(*sys.modules, sep='\\n', file=sys.stderr); sys.exit(code)"
    )
    asked = [sys.executable, "-c", text, *command.split()]
    ran = subprocess.run(asked, cwd=tmp_path, capture_output=True, text=True, check=True)
    loaded = ran.stderr.split("\n")
    assert "scorec.cli" in loaded
    assert all(find_spec(room) for room in LEAVES_OUT[command] if room.startswith("scorec.")), "of something renamed"
    idle = [name for name in loaded for room in LEAVES_OUT[command] if name == room or name.startswith(f"{room}.")]
    assert idle == []


# ------------------------------------------------------------------ build, init


def test_build_writes_a_module_and_says_which(tmp_path: Path) -> None:
    write(tmp_path, inbound_score=POLICY)
    ran = scorec(tmp_path, "build", "inbound.score", "--target", "python", "-o", "inbound_policy.py")
    assert (ran.code, ran.out) == (0, "")
    assert ran.err.startswith("inbound_policy.py: inbound 1.2.0 as python (")
    compile((tmp_path / "inbound_policy.py").read_text(), "inbound_policy.py", "exec")


def test_build_without_a_file_writes_to_standard_output(tmp_path: Path) -> None:
    write(tmp_path, inbound_score=POLICY)
    ran = scorec(tmp_path, "build", "inbound.score", "--target", "json")
    assert ran.code == 0 and ran.out.startswith('{\n "scorec": 1,\n "node": "Program",\n "name": "inbound"')


def test_build_refuses_to_overwrite_the_policy(tmp_path: Path) -> None:
    write(tmp_path, inbound_score=POLICY)
    ran = scorec(tmp_path, "build", "inbound.score", "--target", "json", "-o", "./inbound.score")
    assert ran.code == 2 and "the output is the policy itself" in ran.err


@pytest.mark.parametrize("data", [(), ("--from", "leads.csv"), ("--from", "leads.csv", "--events", "events.csv")])
def test_a_first_policy_checks_clean_and_its_tests_pass(tmp_path: Path, data: tuple[str, ...]) -> None:
    write(tmp_path, leads_csv=LEADS, events_csv=EVENTS)
    ran = scorec(tmp_path, "init", *data, "-o", "first.score")
    assert (ran.code, ran.out) == (0, "")
    assert "scorec test first.score" in ran.err
    checked = scorec(tmp_path, "check", "first.score", "--strict")
    assert checked.code == 0 and "warning" not in checked.out, checked.out
    assert scorec(tmp_path, "test", "first.score").out == "3 tests in 1 policy: 3 passed\n"
    if data:
        assert scorec(tmp_path, "score", "first.score", "leads.csv").code == 0


def test_the_types_of_a_first_policy_are_those_of_the_data(tmp_path: Path) -> None:
    rows = [
        f"{n},p{n}@corp.example,{n * 10},2026-01-{n % 28 + 1:02},2026-01-01T{n % 24:02}:00Z,{'yes' if n % 3 else ''},"
        f"{'red' if n % 2 else 'blue'},{n % 2},some words {n}"
        for n in range(60)
    ]
    rows[7] = rows[7].replace(",70,", ",about 70,")
    header = "Id,E-Mail,Employee Count,born,seen,Opted In,colour,logins,note"
    write(tmp_path, leads_csv=header + "\n" + "\n".join(rows) + "\n")
    assert scorec(tmp_path, "init", "--from", "leads.csv").code == 0
    text = (tmp_path / "policy.score").read_text()
    for line in (
        "lead by Id",
        '  e_mail: text from "E-Mail"',
        '  employee_count: number from "Employee Count"  # 1 row holds something else, and will be rejected',
        "  born: date",
        "  seen: time",
        '  opted_in: yes/no from "Opted In"',
        '  colour: one of ("blue", "red")',
        "  logins: number",
        "  note: text",
    ):
        assert line in text.split("\n"), line


def test_a_first_policy_tells_nothing_of_a_person(tmp_path: Path) -> None:
    write(tmp_path, leads_csv=LEADS, events_csv=EVENTS)
    scorec(tmp_path, "init", "--from", "leads.csv", "--events", "events.csv")
    text = (tmp_path / "policy.score").read_text()
    assert not any(word in text for word in ("ann", "corp.example", "Engineer", "/pricing"))


def test_a_file_that_is_there_is_not_replaced(tmp_path: Path) -> None:
    write(tmp_path, policy_score="mine")
    ran = scorec(tmp_path, "init")
    assert ran.code == 2 and "policy.score is there already" in ran.err
    assert (tmp_path / "policy.score").read_text() == "mine"
    assert scorec(tmp_path, "init", "--force").code == 0
    assert (tmp_path / "policy.score").read_text() != "mine"


@pytest.mark.parametrize(
    ("leads", "events", "words"),
    [
        ("a,b\n1,\n1,\n", None, "no column tells the leads apart"),
        ("lead_id\n", None, "leads.csv has no readable rows"),
        (None, "lead_id,Event Name,at\n1,x,2026-01-01\n", "events.csv has no column `event`"),
    ],
)
def test_data_that_no_policy_can_be_made_from_are_refused(
    tmp_path: Path, leads: str | None, events: str | None, words: str
) -> None:
    write(tmp_path, leads_csv=leads or LEADS, events_csv=events or EVENTS)
    ran = scorec(tmp_path, "init", "--from", "leads.csv", "--events", "events.csv")
    assert ran.code == 2
    assert words in " ".join(ran.err.split())


def test_a_few_rows_that_are_wrong_do_not_hide_the_key(tmp_path: Path) -> None:
    write(tmp_path, leads_csv="lead_id,size\n1,5\n1,6\n2,7\n3,7\n,8\n", leads_again_csv="lead_id,size\n1,5\n1,6\n1,7\n")
    assert scorec(tmp_path, "init", "--from", "leads.csv").code == 0
    assert "\nlead by lead_id\n" in (tmp_path / "policy.score").read_text()
    ran = scorec(tmp_path, "init", "--from", "leads_again.csv", "-o", "again.score")
    assert ran.code == 0 and "\nlead by size\n" in (tmp_path / "again.score").read_text()


def test_names_that_mean_something_to_the_language_are_changed(tmp_path: Path) -> None:
    words = ("count", "sum", "not", "event", "yes", "if", "score", "1st", "fit", "fit", "Ünï", "days", "leads", "case")
    values = ",".join("1" for _ in words)
    rows = "".join(f"{n},{values}\n" for n in range(30))
    write(tmp_path, leads_csv=f"lead_id,{','.join(words[:9] + words[10:])}\n" + rows.replace(",1\n", "\n"))
    ran = scorec(tmp_path, "init", "--from", "leads.csv")
    assert ran.code == 0, ran.err
    assert scorec(tmp_path, "check", ".").code == 0


# ------------------------------------------------------------------ slips at the command line


@pytest.mark.parametrize(
    ("arguments", "sentence", "where"),
    [
        (["build", "p.score"], "error: missing option `--target`; choose from python, sql, json\n", "scorec build"),
        (
            ["version", "p.score"],
            "error: missing argument `{major|minor|patch}`; choose from major, minor, patch\n",
            "scorec version",
        ),
        (["check", "p.score", "--select"], "error: option `--select` requires an argument\n", "scorec check"),
        (
            ["check", "--fromat", "json", "p.score"],
            "error: there is no option `--fromat`; did you mean `--format`?\n",
            "scorec check",
        ),
        (
            ["score", "p.score", "leads.csv", "--format", "json"],
            "error: there is no option `--format`\n",
            "scorec score",
        ),
        (
            ["verify", "p.score", "--seconds", "long"],
            "error: invalid value for `--seconds`: `long` is not a number\n",
            "scorec verify",
        ),
    ],
)
def test_a_slip_is_told_in_one_sentence_with_the_page_that_helps(
    tmp_path: Path, arguments: list[str], sentence: str, where: str
) -> None:
    ran = scorec(tmp_path, *arguments)
    assert (ran.code, ran.out, ran.err) == (2, "", f"{sentence}  see `{where} --help`\n")


@pytest.mark.parametrize(
    "arguments",
    [
        *(["check"], ["fmt"], ["test"], ["verify"], ["log"], ["release"], ["version"]),
        *(["score"], ["build", "--target", "json"]),
    ],
    ids=lambda arguments: arguments[0],
)
def test_a_table_in_the_place_of_the_policy_is_told_at_once(tmp_path: Path, arguments: list[str]) -> None:
    write(tmp_path, leads_csv=LEADS, inbound_score=TIDY)
    more = {"version": ["patch"], "score": ["inbound.score"]}.get(arguments[0], [])
    ran = scorec(tmp_path, *arguments, "leads.csv", *more)
    assert ran.code == 2 and ran.out == ""
    assert ran.err.startswith("error: leads.csv is a table or data, not a policy\n"), ran.err
    assert (tmp_path / "leads.csv").read_text() == LEADS


@pytest.mark.parametrize(
    "arguments",
    [
        *(["check"], ["fmt"], ["test"], ["verify"], ["log"], ["release"], ["version"], ["score"]),
        *(["build", "--target", "json"], ["replay", "log.jsonl", "--policy"]),
    ],
    ids=lambda arguments: arguments[0],
)
def test_every_command_knows_the_file_that_is_probably_meant(tmp_path: Path, arguments: list[str]) -> None:
    write(tmp_path, inbound_score=TIDY, log_jsonl="", leads_csv=LEADS)
    more = {"version": ["patch"], "score": ["leads.csv"]}.get(arguments[0], [])
    ran = scorec(tmp_path, *arguments, "inbuond.score", *more)
    assert ran.code == 2 and ran.out == ""
    assert "inbuond.score\n  help: did you mean inbound.score?\n" in ran.err, ran.err


def test_no_table_without_leads_is_begun_where_the_leads_cannot_be_read(tmp_path: Path) -> None:
    write(tmp_path, inbound_score=TIDY, empty_csv="", leads_csv="lead_id,employees,opted_in\n")
    assert scorec(tmp_path, "score", "inbound.score", "nowhere.csv").out == ""
    assert scorec(tmp_path, "score", "inbound.score", "empty.csv").out == ""
    assert scorec(tmp_path, "score", "inbound.score", "leads.csv").out.startswith("lead_id,fit,")


def test_a_size_of_memory_is_read_whichever_engine_runs(tmp_path: Path) -> None:
    write(tmp_path, inbound_score=TIDY, leads_csv="lead_id,employees,opted_in\nL1,5,yes\n")
    ran = scorec(tmp_path, "score", "inbound.score", "leads.csv", "--engine", "python", "--memory", "much")
    assert (ran.code, ran.out) == (2, "") and "`much` is no size of memory" in ran.err
    assert scorec(tmp_path, "score", "inbound.score", "leads.csv", "--memory", "1.5 GB").code == 0


def test_only_what_is_asked_of_sql_is_named_where_it_does_not_fit(tmp_path: Path) -> None:
    write(tmp_path, inbound_score=TIDY, leads_csv=LEADS)
    ran = scorec(tmp_path, "build", "inbound.score", "--target", "json", "--reasons")
    assert ran.code == 2 and ran.err.startswith("error: --reasons goes with --target sql only\n")
    ran = scorec(
        tmp_path, "build", "inbound.score", "--target", "python", "--dialect", "duckdb", "--leads-table", "crm.leads"
    )
    assert ran.code == 2 and ran.err.startswith("error: --dialect and --leads-table go with --target sql only\n")
    ran = scorec(tmp_path, "build", "inbound.score", "--target", "sql", "--dialect", "duckdb", "--dbt", "leads.csv")
    assert ran.code == 2 and "leads.csv is a file" in ran.err


@pytest.mark.parametrize("option", [["--coverage"], ["-k", "large"]])
def test_what_mutate_would_not_look_at_is_refused(tmp_path: Path, option: list[str]) -> None:
    write(tmp_path, inbound_score=TIDY)
    ran = scorec(tmp_path, "test", "inbound.score", "--mutate", *option)
    assert ran.code == 2 and f"{option[0]} does not go with --mutate" in ran.err


def test_a_log_of_another_policy_is_not_all_the_same(tmp_path: Path) -> None:
    other = TIDY.replace("policy inbound", "policy outbound")
    write(tmp_path, inbound_score=TIDY, outbound_score=other, leads_csv="lead_id,employees,opted_in\nL1,5,yes\n")
    assert scorec(tmp_path, "score", "inbound.score", "leads.csv", "-o", "out.csv", "--log", "log.jsonl").code == 0
    assert scorec(tmp_path, "replay", "log.jsonl").code == 0
    ran = scorec(tmp_path, "replay", "log.jsonl", "--policy", "outbound.score")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "error: no record of log.jsonl is of the policy outbound\n  help: it has records of inbound.\n"


def test_a_file_that_may_not_be_read_is_told_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, inbound_score=TIDY)
    monkeypatch.setattr(os, "access", lambda *_: False)
    ran = scorec(tmp_path, "check", "inbound.score")
    assert (ran.code, ran.err) == (2, "error: inbound.score cannot be read: permission denied\n")


def test_a_replay_writes_instants_and_answers_as_all_commands_do(tmp_path: Path) -> None:
    policy = TIDY.replace("  version 1.2.0", '  version 1.2.0\n  timezone "Europe/Amsterdam"')
    write(tmp_path, inbound_score=policy, leads_csv="lead_id,employees,opted_in\nL1,1200,no\n")
    scored = scorec(
        tmp_path, *("score", "inbound.score", "leads.csv", "--at", "2026-03-02", "-o", "o.csv", "--log", "l.jsonl")
    )
    assert "as of 2026-03-02 00:00 CET" in scored.err
    write(tmp_path, leads_csv="lead_id,employees,opted_in\nL1,1200,yes\n")
    ran = scorec(tmp_path, "replay", "l.jsonl", "--leads", "leads.csv")
    assert "L1 as of 2026-03-02 00:00 CET, inbound 1.2.0: changed by input" in ran.out
    assert "  input   opted_in: no -> yes\n" in ran.out


@pytest.mark.parametrize(
    ("leads", "events"),
    [
        ("lead_id\nL1\nL2\n", ""),
        ("lead_id,opted_in\nL1,yes\nL2,no\n", ""),
        ("lead_id,employees\nL1,5\nL2,90\n", ""),
        ("lead_id,revenue,opted_in\nL1,5000000,yes\nL2,9000000,no\n", ""),
        (LEADS, "lead_id,event,at\nL1,email_sent,2026-01-02\nL1,email_click,2026-01-03\n"),
    ],
    ids=["the key alone", "consent alone", "one rule", "a long number", "an event that no rule counts"],
)
def test_a_first_policy_has_no_findings_that_its_author_did_not_make(tmp_path: Path, leads: str, events: str) -> None:
    write(tmp_path, leads_csv=leads, events_csv=events)
    more = ["--events", "events.csv"] if events else []
    assert scorec(tmp_path, "init", "--from", "leads.csv", *more).code == 0
    ran = scorec(tmp_path, "check", "policy.score", "--strict", "--format", "concise")
    assert ran.code == 0, ran.out
    # What the data have and no rule reads yet is where the author goes on.
    assert all(" info SC011 " in line for line in ran.out.splitlines()), ran.out
    assert scorec(tmp_path, "test", "policy.score").code == 0
    assert scorec(tmp_path, "fmt", "policy.score", "--check").code == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["score", "inbound.score", "leads.csv"],
        ["explain", "inbound.score", "leads.csv", "--key", "L1"],
        ["diff", "inbound.score", "inbound.score", "--data", "leads.csv"],
        ["build", "inbound.score", "--target", "sql", "--dialect", "duckdb"],
    ],
    ids=lambda arguments: arguments[0],
)
def test_an_instant_that_is_none_is_told_without_detours(tmp_path: Path, arguments: list[str]) -> None:
    write(tmp_path, inbound_score=TIDY, leads_csv="lead_id,employees,opted_in\nL1,5,yes\n")
    ran = scorec(tmp_path, *arguments, "--at", "tomorrow")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        "error: `tomorrow` is not a time: write it as 2026-03-01T10:00Z\n"
        "  help: --at takes a time, or a day such as 2026-03-01.\n"
    )
