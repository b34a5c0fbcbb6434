"""Which rules look at which files, what becomes of their findings, and who never needs them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest

import scorec
from scorec.compiler.lint import run
from scorec.compiler.lint.codes import catalogue, code_of, codes_of, is_fixed, nearest
from scorec.compiler.lint.rule import REGISTER, Needs, Option, Rule, rule
from scorec.compiler.lint.rules import load
from scorec.compiler.lint.run import lint
from scorec.compiler.lint.settings import Settings, chosen
from scorec.compiler.lint.subject import Subject
from scorec.compiler.pipeline import analyze_text
from scorec.compiler.reading import parts
from scorec.dsl import tree
from scorec.dsl.problems import Problem, Severity

POLICY = "policy p\n  language 1\n\nlead by lead_id\n  employees: number\n\nscore fit\n  +0 huge when employees >= 5\n"
LIBRARY = "library team.size\n  language 1\n\nrules large(n: number)\n  +0 large when n >= 1000\n"
SPARE = Option("spare", 3, "how many are spared")


class Remark(Problem):
    """A finding of a rule that exists in these tests only."""

    code: ClassVar[str] = "SC999"
    severity: ClassVar[Severity] = Severity.WARNING
    __hash__ = object.__hash__

    def message(self) -> str:
        return "a remark"


def register(monkeypatch: pytest.MonkeyPatch, *, needs: Needs = "text", default: bool = True) -> list[Subject]:
    """Puts one rule in the place of all others; gives the subjects that it will have looked at."""
    looked: list[Subject] = []

    def look(subject: Subject) -> Iterator[Problem]:
        looked.append(subject)
        yield Remark()

    only = {"SC999": Rule(Remark, look, needs, default, (SPARE,))}
    monkeypatch.setattr(run, "load", lambda: only)
    return looked


# ------------------------------------------------------------------ which rules look


@pytest.mark.parametrize(
    ("text", "needs", "looks"),
    [
        (POLICY, "text", True),
        (POLICY, "program", True),
        (POLICY, "study", True),
        (POLICY, "tests", True),
        (LIBRARY, "text", True),
        (LIBRARY, "program", False),
        (LIBRARY, "study", False),
        (POLICY.replace("employees >=", "emplyees >="), "text", False),
        ("policy", "text", False),
    ],
)
def test_a_rule_looks_where_there_is_what_it_needs_and_no_error(
    monkeypatch: pytest.MonkeyPatch, text: str, needs: Needs, looks: bool
) -> None:
    looked = register(monkeypatch, needs=needs)
    assert any(problem.code == "SC999" for problem in lint(analyze_text(text))) == looks == bool(looked)


@pytest.mark.parametrize(
    ("settings", "default", "looks"),
    [
        (Settings(), True, True),
        (Settings(), False, False),
        (Settings(selected=frozenset({"SC999"})), False, True),
        (Settings(selected=frozenset({"SC218"})), True, False),
        (Settings(ignored=frozenset({"SC999"})), True, False),
        (Settings(severities={"SC999": None}), True, False),
        (Settings(severities={"SC999": Severity.INFO}), False, True),
        (Settings(selected=frozenset({"SC218"}), severities={"SC999": Severity.INFO}), True, False),
        (Settings(selected=frozenset({"SC999"}), severities={"SC999": None}), True, False),
    ],
)
def test_settings_choose_the_rules_that_look(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, default: bool, looks: bool
) -> None:
    looked = register(monkeypatch, default=default)
    assert any(problem.code == "SC999" for problem in lint(analyze_text(POLICY), settings)) == looks == bool(looked)


def test_what_is_costly_is_worked_out_only_for_the_rule_that_asks() -> None:
    subject = Subject(analyze_text(POLICY), tree.File(None, ()))
    assert "study" not in subject.__dict__ and "tests" not in subject.__dict__
    assert subject.tests.results == () and "tests" in subject.__dict__


def test_a_rule_that_fails_is_our_fault_and_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def look(subject: Subject) -> Iterator[Problem]:
        raise ZeroDivisionError
        yield

    monkeypatch.setattr(run, "load", lambda: {"SC999": Rule(Remark, look, "text", True, ())})
    with pytest.raises(ZeroDivisionError):
        lint(analyze_text(POLICY))


# ------------------------------------------------------------------ what becomes of findings


def test_a_finding_is_as_bad_as_the_settings_say() -> None:
    for severity in Severity:
        settings = Settings(selected=frozenset({"SC218"}), severities={"SC218": severity})
        (problem,) = lint(analyze_text(POLICY), settings)
        assert problem.severity is severity
    assert load()["SC218"].problem.severity is Severity.WARNING, "the class itself is as it was"


def test_an_error_of_the_language_is_as_bad_as_ever() -> None:
    text = POLICY.replace("employees >=", "emplyees >=")
    settings = Settings(
        selected=frozenset({"SC218"}), ignored=frozenset({"SC002"}), severities={"SC002": Severity.INFO}
    )
    (problem,) = lint(analyze_text(text), settings)
    assert (problem.code, problem.severity) == ("SC002", Severity.ERROR)


def test_findings_are_in_the_order_of_the_text() -> None:
    text = POLICY + "  +0 small when employees < 5\n"
    places = [one.span.start for one in lint(analyze_text(text), Settings(selected=frozenset({"SC218"})))]
    assert len(places) == 2 and places == sorted(places)


def test_an_option_has_its_default_until_it_is_set() -> None:
    assert Settings()[SPARE] == 3
    assert Settings(options={"spare": 5})[SPARE] == 5


def test_who_runs_the_check_has_the_last_word() -> None:
    base = Settings(selected=frozenset({"SC1"}), ignored=frozenset({"SC218"}))
    both = chosen(base, selected=frozenset({"SC502"}), ignored=frozenset({"SC011"}))
    assert (both.selected, both.ignored) == (frozenset({"SC502"}), frozenset({"SC218", "SC011"}))
    assert chosen(base).selected == base.selected


# ------------------------------------------------------------------ names


@pytest.mark.parametrize(
    ("word", "codes"),
    [
        ("SC218", {"SC218"}),
        ("sc218", {"SC218"}),
        ("zero-points-rule", {"SC218"}),
        ("Zero-Points-Rule", {"SC218"}),
        ("zero", set()),
        ("SC2180", set()),
        ("", set()),
    ],
)
def test_a_finding_is_named_by_code_or_by_name(word: str, codes: set[str]) -> None:
    assert codes_of(word) == codes


def test_the_beginning_of_a_code_stands_for_all_that_begin_so() -> None:
    assert codes_of("SC21") == {code for code in catalogue() if code.startswith("SC21")} >= {"SC218"}
    assert code_of("SC21") is None and code_of("SC218") == code_of("zero-points-rule") == "SC218"
    assert nearest("zero-point-rules") == "zero-points-rule"


def test_only_errors_that_stop_a_policy_are_fixed() -> None:
    assert is_fixed(catalogue()["SC002"])
    assert not is_fixed(catalogue()["SC502"]), "a warning of the checker"
    assert not any(is_fixed(one.problem) for one in load().values())


# ------------------------------------------------------------------ the register


def test_a_code_has_one_rule() -> None:
    with pytest.raises(ValueError, match="SC218 has a rule already"):
        rule(REGISTER["SC218"].problem, needs="text")(lambda subject: iter(()))


def test_options_of_one_name_are_the_same_option() -> None:
    options = [option for one in load().values() for option in one.options]
    assert len({option.name for option in options}) == len(set(options))


def test_everything_that_was_written_is_found_in_the_order_of_the_text() -> None:
    file = analyze_text(POLICY).parsed
    assert file is not None and file.file is not None
    starts = [one.span.start for one in parts(file.file) if isinstance(one, tree.Name)]
    assert starts == sorted(starts) and len(starts) >= 5


# ------------------------------------------------------------------ who asks


def test_check_gives_findings_of_rules_too() -> None:
    assert "SC218" in {problem.code for problem in scorec.check(POLICY)}


def test_check_hears_the_configuration_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "scorec.toml").write_text('ignore = ["SC218"]\n')
    assert "SC218" not in {problem.code for problem in scorec.check(POLICY, folder=tmp_path)}


def test_who_scores_leads_never_loads_a_rule(tmp_path: Path) -> None:
    (tmp_path / "p.score").write_text(POLICY)
    (tmp_path / "leads.csv").write_text("lead_id,employees\n1,7\n")
    script = (
        "import sys\nfrom scorec.cli import run\n"
        "assert run(['score', 'p.score', 'leads.csv', '-o', 'out.csv', '--at', '2026-01-01']) == 0\n"
        "sys.exit(any(name.startswith('scorec.compiler.lint') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", script], cwd=tmp_path, check=False).returncode == 0
    assert (tmp_path / "out.csv").exists()
