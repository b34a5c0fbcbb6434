"""What a configuration says about rules, where it is found, and how it answers mistakes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from command_line import scorec, write

from scorec.compiler.lint import configuration as configurations
from scorec.compiler.lint.configuration import ConfigurationError, configuration_of, pattern, read
from scorec.compiler.lint.rule import Option, Rule
from scorec.compiler.lint.rules import load
from scorec.compiler.lint.settings import Settings
from scorec.compiler.lint.toml_lines import Lines
from scorec.dsl.problems import Severity

POLICY = "policy p\n  language 1\n\nlead by lead_id\n  employees: number\n\nscore fit\n  +0 huge when employees >= 5\n"


def settings(text: str, policy: str = "p.score") -> Settings:
    """The settings of a policy below a scorec.toml with this text."""
    found = read(text, "scorec.toml", Path("/team"), own=True)
    assert found is not None
    return found.of(Path("/team") / policy)


def mistakes(text: str, own: bool = True) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        read(text, "scorec.toml" if own else "pyproject.toml", Path("/team"), own)
    return [f"{one.line}: {one.message}; {one.hint}" for one in caught.value.mistakes]


# ------------------------------------------------------------------ what it says


def test_codes_beginnings_and_names_are_understood() -> None:
    found = settings('select = ["SC218", "unused-list"]\nignore = ["SC50"]\nlocked = ["gate-by-points"]\n')
    assert found.selected == {"SC218", "SC501"}
    assert {"SC501", "SC502"} <= found.ignored
    assert found.locked == {"SC305"}


def test_a_longer_word_says_more_than_a_shorter_one() -> None:
    for text in ('severity = { SC2 = "off", SC218 = "error" }', '[severity]\nzero-points-rule = "error"\nSC2 = "off"'):
        found = settings(text)
        assert found.severities["SC218"] is Severity.ERROR
        assert found.severities["SC216"] is None


def test_paths_have_settings_of_their_own() -> None:
    text = """\
severity = { SC218 = "error" }
[[per-path]]
path = "drafts/*"
ignore = ["SC501"]
severity = { SC218 = "info" }
[[per-path]]
path = "**/old.score"
severity = { SC218 = "off" }
"""
    assert settings(text).severities["SC218"] is Severity.ERROR
    assert settings(text, "drafts/a.score").severities["SC218"] is Severity.INFO
    assert settings(text, "drafts/a.score").ignored == {"SC501"}
    assert settings(text, "drafts/old.score").severities["SC218"] is None, "the later table holds"


@pytest.mark.parametrize(
    ("written", "path", "fits"),
    [
        ("drafts/*", "drafts/a.score", True),
        ("drafts/*", "drafts/b/a.score", True),
        ("drafts/*.score", "drafts/b/a.score", False),
        ("drafts", "drafts/b/a.score", True),
        ("drafts/", "drafts/b/a.score", True),
        ("drafts", "drafts2/a.score", False),
        ("./drafts/a.score", "drafts/a.score", True),
        ("**/a.score", "a.score", True),
        ("**/a.score", "b/c/a.score", True),
        ("a.s?ore", "a.score", True),
        ("a.score", "axscore", False),
        ("*.score", "b/a.score", False),
    ],
)
def test_a_star_stays_within_a_folder_and_a_folder_stands_for_all_in_it(written: str, path: str, fits: bool) -> None:
    assert bool(pattern(written).fullmatch(path)) == fits


def test_options_of_rules_are_set_and_have_the_type_of_their_default(monkeypatch: pytest.MonkeyPatch) -> None:
    some = load()["SC218"]
    options = (Option("days", 3, "d"), Option("share", 0.5, "s"), Option("words", ("a",), "w"), Option("on", True, "o"))
    monkeypatch.setattr(configurations, "load", lambda: {"SC218": Rule(some.problem, some.look, "text", True, options)})
    found = settings('[options]\ndays = 5\nshare = 1\nwords = ["b", "c"]\non = false\n')
    assert (found[options[0]], found[options[1]], found[options[2]], found[options[3]]) == (5, 1.0, ("b", "c"), False)
    assert mistakes("[options]\ndays = true\n") == ["2: `days` takes a whole number; such as days = 3"]
    assert mistakes('[options]\non = "yes"\n') == ["2: `on` takes true or false; such as on = true"]
    assert mistakes("[options]\nwords = [1]\n") == ['2: `words` takes a list of texts; such as words = ["a"]']
    assert mistakes("[options]\ndayz = 1\n") == ["2: there is no key `dayz`; did you mean `days`?"]


def test_the_example_in_the_documentation_is_one() -> None:
    page = (Path(__file__).resolve().parent.parent / "docs/lint.md").read_text("utf-8")
    (example,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    found = read(example, "pyproject.toml", Path("/team"), own=False)
    assert found is not None and found.settings.selected and found.settings.options and found.settings.locked
    assert found.of(Path("/team/drafts/a.score")).severities != found.settings.severities


# ------------------------------------------------------------------ mistakes


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("select = [\n", "this is not TOML"),
        ("\n\nselct = []\n", "3: there is no key `selct`; did you mean `select`?"),
        ("per_path = 1", "1: there is no key `per_path`; did you mean `per-path`?"),
        ("[tool.scorec]\nselect = []\n", "1: there is no key `tool`; in a scorec.toml the keys stand by themselves"),
        ('select = "SC2"\n', "1: `select` is a list of codes or names; write select ="),
        ("ignore = [\n  'SC218',\n  'SC21B',\n]\n", "3: no finding is called `SC21B`; "),
        ('ignore = ["zero-point-rule"]', "1: no finding is called `zero-point-rule`; did you mean `zero-points-rule`?"),
        ('ignore = ["SC002"]', "1: `SC002` is an error of the language and stays one"),
        ('severity = { SC218 = "bad" }', '1: `SC218` has no severity; a severity is "error", "warning", "info", "off"'),
        ("[severity]\n\nSC218 = 1\n", "3: `SC218` has no severity"),
        ("severity = 1", "1: `severity` is a table"),
        ("[per-path]\npath = 'a'", "1: `per-path` is a list of tables; write [[per-path]]"),
        ("[[per-path]]\nignore = []\n", "1: it does not say which files"),
        (
            "[[per-path]]\npath='a'\n\n[[per-path]]\npath='b'\nignroe=[]",
            "6: there is no key `ignroe`; did you mean `ignore`",
        ),
        ("options = []", "1: `options` is a table"),
    ],
)
def test_a_mistake_has_its_line_and_a_way_out(text: str, said: str) -> None:
    (found,) = mistakes(text)
    assert said in found, found


def test_all_mistakes_are_told_together_in_the_order_of_their_lines() -> None:
    found = mistakes('[tool.scorec]\nlocked = 1\nselct = []\nignore = ["nobody"]\n', own=False)
    assert [one.split(":")[0] for one in found] == ["2", "3", "4"]


def test_the_command_refuses_a_configuration_with_a_mistake(tmp_path: Path) -> None:
    write(tmp_path, p_score=POLICY)
    (tmp_path / "pyproject.toml").write_text('[tool.scorec]\nignore = ["SC218"]\nselct = []\n')
    ran = scorec(tmp_path, "check", "p.score")
    assert (ran.code, ran.out) == (2, "")
    assert "pyproject.toml:3: there is no key `selct`; did you mean `select`?" in " ".join(ran.err.split())


# ------------------------------------------------------------------ where it is found


def test_the_nearest_file_upwards_holds(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    policy = inner / "p.score"
    (tmp_path / "pyproject.toml").write_text('[tool.scorec]\nignore = ["SC218"]\n')
    assert configuration_of(policy).of(policy).ignored == {"SC218"}
    (tmp_path / "a" / "pyproject.toml").write_text("[tool.other]\nignore = 1\n")
    assert configuration_of(policy).file == tmp_path / "pyproject.toml", (
        "a file that does not speak of scorec is passed"
    )
    (tmp_path / "a" / "scorec.toml").write_text('ignore = ["SC501"]\n')
    assert configuration_of(policy).of(policy).ignored == {"SC501"}


def test_a_foreign_file_that_is_not_toml_is_passed(tmp_path: Path) -> None:
    (tmp_path / "scorec.toml").write_text('ignore = ["SC218"]\n')
    inner = tmp_path / "a"
    inner.mkdir()
    (inner / "pyproject.toml").write_text("[project\n")
    assert configuration_of(inner / "p.score").file == tmp_path / "scorec.toml"
    (inner / "pyproject.toml").write_text("[tool.scorec]\nignore = [\n")
    with pytest.raises(ConfigurationError, match="this is not TOML"):
        configuration_of(inner / "p.score")


def test_a_configuration_can_be_named_or_left_aside(tmp_path: Path) -> None:
    write(tmp_path, p_score=POLICY)
    (tmp_path / "scorec.toml").write_text('severity = { SC218 = "error" }\n')
    (tmp_path / "other.toml").write_text('ignore = ["SC218"]\n')
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    assert scorec(tmp_path, "check", "p.score").code == 1
    assert scorec(tmp_path, "check", "p.score", "--no-config").code == 0
    assert scorec(tmp_path, "check", "p.score", "--config", "other.toml", "--strict").code == 0
    assert "no table [tool.scorec]" in scorec(tmp_path, "check", "p.score", "--config", "pyproject.toml").err
    assert scorec(tmp_path, "check", "p.score", "--config", "nowhere.toml").code == 2
    assert scorec(tmp_path, "check", "p.score", "--config", "other.toml", "--no-config").code == 2


def test_what_is_said_on_the_command_line_has_the_last_word(tmp_path: Path) -> None:
    write(tmp_path, p_score=POLICY)
    (tmp_path / "scorec.toml").write_text('select = ["SC501"]\n')
    assert "SC218" not in scorec(tmp_path, "check", "p.score").out
    assert "SC218" in scorec(tmp_path, "check", "p.score", "--select", "SC218").out
    (tmp_path / "scorec.toml").write_text('select = ["SC218"]\n')
    assert "SC218" not in scorec(tmp_path, "check", "p.score", "--ignore", "SC21").out


# ------------------------------------------------------------------ lines of keys


TOML = '''\
# select = 1
top = 1
[tool.scorec]
text = """
select = 2
"""
select = [  # a list ]
  "SC1", "]",
  'SC2',
]
severity = { SC1 = "error" }
a.b = 3
"quoted key" = 1
[[tool.scorec.per-path]]
path = "x"
[[tool.scorec.per-path]]
path = "y"
[tool.scorec.per-path.severity]
SC3 = "off"
'''


@pytest.mark.parametrize(
    ("path", "word", "line"),
    [
        (("top",), "", 2),
        (("tool", "scorec"), "", 3),
        (("tool", "scorec", "select"), "", 7),
        (("tool", "scorec", "select"), "SC1", 8),
        (("tool", "scorec", "select"), "SC2", 9),
        (("tool", "scorec", "select"), "SC", 7),
        (("tool", "scorec", "severity", "SC1"), "", 11),
        (("tool", "scorec", "a", "b"), "", 12),
        (("tool", "scorec", "quoted key"), "", 13),
        (("tool", "scorec", "per-path", 0, "path"), "", 15),
        (("tool", "scorec", "per-path", 1, "path"), "", 17),
        (("tool", "scorec", "per-path", 1, "severity", "SC3"), "", 19),
        (("tool", "scorec", "nothing"), "", 3),
        (("nothing",), "", 1),
    ],
)
def test_a_key_is_found_on_its_line(path: tuple[str | int, ...], word: str, line: int) -> None:
    assert Lines(TOML).of(path, word) == line
