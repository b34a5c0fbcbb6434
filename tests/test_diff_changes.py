"""What changed between two versions, in the words of the policy: rules by name, moved and renamed ones recognised."""

from __future__ import annotations

import random

import pytest
from authoring import Author
from dice import rolled
from strategies import analysed
from test_diff_classes import POLICY, side
from writing import written

from scorec.compiler.diff.changes import Change, Side, apply, compare
from scorec.compiler.diff.forms import Forms
from scorec.compiler.diff.sheets import put_together, taken_apart
from scorec.compiler.version import canonical
from scorec.dsl import ir


def told(old: str, new: str, policy: str = POLICY) -> list[Change]:
    assert old in policy
    return list(compare(side(policy), side(policy.replace(old, new, 1))).changes)


WORDS = (
    ("+60 large", "+50 large", "`fit.large` pays 50 points instead of 60"),
    ("-10 student", "-20 student", "`fit.student` takes 20 points instead of 10"),
    ("employees >= 1000", "employees >= 500", "`fit.large` asks `employees >= 500` instead of `employees >= 1000`"),
    (
        "in the last 30 days",
        "in the last 14 days",
        "`interest.visits` looks at the last 14 days instead of the last 30 days",
    ),
    ("at most 3 times", "at most 2 times", "`interest.visits` counts at most 2 times instead of at most 3 times"),
    ("halving every 30 days", "halving every 7 days", "halving every 7 days instead of halving every 30 days"),
    (
        "at most 20 points",
        "at most 10 points",
        "group `interest.talks` comes to at most 10 points instead of at most 20 points",
    ),
    ("start at 10", "start at 5", "score `fit` starts at 5 instead of 10"),
    ("hot  >= 60", "hot  >= 55", "`hot` of `readiness` begins at 55 instead of 60"),
    (
        "60% of fit + 40% of interest",
        "50% of fit + 50% of interest",
        "score `total` is `50% of fit + 50% of interest` instead of `60% of fit + 40% of interest`",
    ),
    (
        "| B | mail  | mail  | wait |",
        "| B | mail  | wait  | wait |",
        "decision `step` gives wait instead of mail in [B, warm]",
    ),
    (
        "unless opted_in",
        "unless opted_in and country is known",
        "gate `consent` has `never sales, mail unless opted_in and country is known` instead of "
        "`never sales, mail unless opted_in`",
    ),
    (
        '"contender.example")',
        '"contender.example", "third.example")',
        'list `rivals`: + "third.example" (read by `fit.rival`)',
    ),
    (
        "within 1 day",
        "within 2 days",
        "outcome `sales` has a service level of 2 days instead of a service level of 1 day",
    ),
    ("  nickname: text\n", "  nickname: text\n  city: text\n", "field `city` is new: text"),
    ("title: text\n", "title: text required\n", "field `title` must now be known"),
    ('("US", "GB", "other")', '("US", "GB", "FR", "other")', "field `country` may be also FR"),
    ("event demo, webinar", "event demo, webinar, call", "event `call` is new"),
    ("from 0 to 100 = 60%", "from 0 to 200 = 60%", "score `total` goes from 0 to 200 instead of from 0 to 100"),
    ("  language 1\n", '  language 1\n  timezone "Europe/Paris"\n', "the time zone is Europe/Paris instead of UTC"),
    ("lead by lead_id", "lead by contact_id", "the key of a record is contact_id instead of lead_id"),
    ("version 1.2.0", "version 1.3.0", "the version is 1.3.0 instead of 1.2.0"),
    ("ops@acme.example", "growth@acme.example", "the owner is growth@acme.example instead of ops@acme.example"),
    ("readiness becomes hot", "readiness leaves hot", "when readiness leaves hot instead of"),
    (
        "show sales: readiness, step",
        "show sales: readiness",
        "audience `sales` sees readiness instead of readiness, step",
    ),
    (
        "score interest from 0 to 100\n",
        "score interest from 0 to 100\n  reset on unsubscribe\n",
        "score `interest` is reset on unsubscribe instead of nothing",
    ),
    ("use std.email\n", "use std.email\nuse std.forms\n", "library `std.forms` is used"),
    ("+1 nick when", "+1 called when", "`trivia.nick` is now called `trivia.called`"),
    (
        "    +60 large when employees >= 1000\n    +30 mid when employees >= 100\n",
        "    +30 mid when employees >= 100\n    +60 large when employees >= 1000\n",
        "`fit.size` asks in another order: mid, large, small",
    ),
    ('  -10 student unless not title has word "student"\n', "", "`fit.student` is gone"),
)


@pytest.mark.parametrize(("old", "new", "words"), WORDS, ids=[words for _, _, words in WORDS])
def test_a_change_is_told_in_the_words_of_the_policy(old: str, new: str, words: str) -> None:
    assert any(words in change.words for change in told(old, new)), [change.words for change in told(old, new)]


def test_a_define_is_one_change_whoever_reads_it() -> None:
    policy = POLICY.replace("+1 nick when nickname is known", "+1 nick when nickname is known\n  +1 boss_too when boss")
    (change,) = told('any of ("vp", "chief")', 'any of ("vp", "chief") or title has word "owner"', policy)
    assert (change.area, change.name) == ("define", "boss")
    assert "`fit.signs`" in change.words and "`trivia.boss_too`" in change.words
    assert len(change.edits) == 2


def test_a_rule_that_moved_to_another_score_is_one_change() -> None:
    rule = '  +25 signs "Signs the contract" when boss\n'
    text = POLICY.replace(rule, "").replace("score trivia\n", f"score trivia\n{rule}")
    (change,) = compare(side(POLICY), side(text)).changes
    assert (change.kind, change.name) == ("moved", "fit.signs") and "`trivia.signs`" in change.words


def test_a_rule_that_moved_into_a_group_keeps_its_history() -> None:
    text = POLICY.replace("  +30 demos for each demo, once, halving every 30 days\n", "")
    text = text.replace("    +5 webinars", "    +30 demos for each demo, once, halving every 30 days\n    +5 webinars")
    (change,) = compare(side(POLICY), side(text)).changes
    assert (change.kind, change.name) == ("moved", "interest.demos")


@pytest.mark.parametrize(
    ("kind", "old", "new"),
    [
        ("field", "employees", "staff"),
        ("band", "readiness", "heat"),
        ("score", "interest", "activity"),
        ("event", "webinar", "talk"),
    ],
)
def test_what_has_another_name_and_nothing_else_is_one_change(kind: str, old: str, new: str) -> None:
    text = POLICY.replace(f"{old}s for each", "KEPT").replace(old, new).replace("KEPT", f"{old}s for each")
    changes = compare(side(POLICY), side(text)).changes
    assert [(change.kind, change.area, change.name) for change in changes] == [("renamed", kind, old)]


def test_a_declared_rename_keeps_the_history_of_a_rule_that_changes_too() -> None:
    changes = told("+1 nick when nickname is known", "+2 called when nickname is known, renamed from nick")
    assert [(change.kind, change.name) for change in changes] == [
        ("renamed", "trivia.nick"),
        ("changed", "trivia.nick"),
    ]
    assert "pays 2 points instead of 1" in changes[1].words


# ------------------------------------------------------------------ a choice of changes is a policy


def account(program: ir.Program, score: str) -> str:
    return Forms(program).account_of(score)


def test_any_choice_of_independent_changes_makes_a_policy() -> None:
    text = POLICY.replace("+60 large", "+50 large").replace("+1 nick", "+2 nick").replace("hot  >= 60", "hot  >= 50")
    comparison = compare(side(POLICY), side(text))
    assert len(comparison.changes) == 3
    for one in comparison.changes:
        made = apply(comparison, [one])
        assert made is not None
        again = compare(side(POLICY), Side(made)).changes
        assert [change.fingerprint for change in again] == [one.fingerprint]


def test_a_rule_without_the_field_that_it_reads_is_no_policy() -> None:
    text = POLICY.replace("  nickname: text\n", "  nickname: text\n  city: text\n").replace(
        "+1 nick when nickname is known", "+1 nick when nickname is known\n  +1 town when city is known"
    )
    comparison = compare(side(POLICY), side(text))
    rule = next(change for change in comparison.changes if change.area == "rule")
    assert apply(comparison, [rule]) is None and apply(comparison, comparison.changes) is not None


@pytest.mark.parametrize("seed", range(25))
def test_all_changes_make_the_new_version_of_the_old_one(seed: int) -> None:
    analyses = [analysed(written(Author(rolled(number)).policy())) for number in (seed, seed + 500)]
    if any(analysis.program is None for analysis in analyses):
        return
    old, new = (Side(one.program, one.sources) for one in analyses if one.program is not None)
    assert canonical(put_together(taken_apart(old.program), old.program)) == canonical(old.program)
    comparison = compare(old, new)
    whole = comparison.with_(comparison.changes)
    for mine in whole.scores:
        theirs = next(score for score in comparison.renamed.scores if score.name == mine.name)
        assert account(whole, mine.name) == account(comparison.renamed, theirs.name)
    assert {score.name for score in whole.scores} == {score.name for score in comparison.renamed.scores}
    assert whole.bands == comparison.renamed.bands or {band.name for band in whole.bands} == {
        band.name for band in comparison.renamed.bands
    }
    chance = random.Random(seed)
    some = [change for change in comparison.changes if chance.random() < 0.5]
    comparison.with_(some)
