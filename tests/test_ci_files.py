"""The hooks for pre-commit and the action for GitHub: what they run exists, and runs as it should."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from scorec import cli

ROOT = Path(__file__).resolve().parent.parent
HOOKS: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]


def command_named(line: str) -> click.Command:
    """The command that a line calls, such as `scorec check`."""
    program, name, *_ = line.split()
    assert program == "scorec"
    found = cli.commands.get_command(click.Context(cli.commands), name)
    assert found is not None, f"there is no command {name}"
    return found


def options(command: click.Command) -> set[str]:
    return {option for parameter in command.params for option in parameter.opts}


# ------------------------------------------------------------------ pre-commit


def test_there_are_two_hooks() -> None:
    assert [hook["id"] for hook in HOOKS] == ["scorec-check", "scorec-fmt"]


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_a_hook_calls_a_command_that_takes_files(hook: dict[str, Any]) -> None:
    command = command_named(hook["entry"])
    assert hook["language"] == "python" and hook["files"] == r"\.score$"
    (argument,) = [one for one in command.params if isinstance(one, click.Argument)]
    assert argument.nargs == -1


# ------------------------------------------------------------------ the action


def step(words: str) -> dict[str, Any]:
    (found,) = [one for one in STEPS if words in one["name"]]
    return found


def test_every_input_is_explained_and_used() -> None:
    text = (ROOT / "action.yml").read_text("utf-8")
    assert set(ACTION["inputs"]) >= {"paths", "version", "args", "diff-base"}
    for name, about in ACTION["inputs"].items():
        assert about["description"] and f"inputs.{name}" in text


def test_nothing_from_outside_is_put_into_a_script() -> None:
    # What stands between ${{ and }} becomes part of the script before it runs; in `env` it is only a value.
    for one in STEPS:
        assert "${{" not in one["run"], one["name"]


@pytest.mark.parametrize("line", ["scorec check", "scorec diff"])
def test_the_action_calls_commands_that_there_are(line: str) -> None:
    calls = [row.strip() for one in STEPS for row in one["run"].splitlines() if row.strip().startswith(line)]
    assert calls
    for call in calls:
        used = {word for word in call.split() if word.startswith("--")}
        assert used <= options(command_named(line)), call


def run_step(folder: Path, words: str, **values: str) -> tuple[int, list[str]]:
    """Runs a step with programs in the place of scorec and gh that write down how they were called."""
    programs = folder / "programs"
    programs.mkdir(exist_ok=True)
    for name in ("scorec", "gh"):
        program = programs / name
        program.write_text(
            "#!/bin/sh\n"
            f'echo "{name} $*" >> "$RUNNER_TEMP/calls"\n'
            '[ "$1" = api ] && [ "$2" = --paginate ] && printf "$COMMENT"\n'
            'exit "${' + name.upper() + '_CODE:-0}"\n'
        )
        program.chmod(0o755)
    environment = {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "RUNNER_TEMP": str(folder),
        "GITHUB_STEP_SUMMARY": str(folder / "summary"),
        "COMMENT": "",
        **values,
    }
    script = step(words)["run"]
    # As GitHub runs `shell: bash`.
    ran = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script], cwd=folder, env=environment, check=False
    )
    calls = folder / "calls"
    return ran.returncode, calls.read_text().splitlines() if calls.exists() else []


def test_paths_and_arguments_are_words_and_never_run(tmp_path: Path) -> None:
    code, calls = run_step(tmp_path, "Check", PATHS="policies a.score $(touch hacked) *", ARGS="--strict")
    assert code == 0
    assert calls == ["scorec check policies a.score $(touch hacked) * --format github --strict"]
    assert not (tmp_path / "hacked").exists()


def test_findings_fail_the_check(tmp_path: Path) -> None:
    assert run_step(tmp_path, "Check", PATHS=".", ARGS="", SCOREC_CODE="1")[0] == 1


@pytest.mark.parametrize(
    ("comment", "call"),
    [
        ("", "gh api --method POST repos/a/b/issues/7/comments --field body=@"),
        ("42\n43\n", "gh api --method PATCH repos/a/b/issues/comments/42 --field body=@"),
    ],
)
def test_a_pull_request_has_one_comment(tmp_path: Path, comment: str, call: str) -> None:
    code, calls = run_step(
        tmp_path,
        "what the changes mean",
        BASE="origin/main",
        PATHS="one two",
        COMMENTS="repos/a/b/issues/7/comments",
        COMMENT=comment,
    )
    assert code == 0
    assert calls[:2] == [
        "scorec diff origin/main:one one --format markdown",
        "scorec diff origin/main:two two --format markdown",
    ]
    assert calls[-1].startswith(call)
    assert (tmp_path / "scorec-diff.md").read_text() == "<!-- scorec diff -->\n"


@pytest.mark.parametrize(("diff", "action"), [("1", 0), ("2", 1)])
def test_a_difference_is_no_failure_but_an_unreadable_policy_is(tmp_path: Path, diff: str, action: int) -> None:
    code, calls = run_step(
        tmp_path,
        "what the changes mean",
        BASE="main",
        PATHS=".",
        COMMENTS="repos/a/b/issues/7/comments",
        SCOREC_CODE=diff,
    )
    assert code == action
    assert calls[-1].startswith("gh api --method POST"), "the comment is written all the same"
