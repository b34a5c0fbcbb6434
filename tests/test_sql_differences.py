"""What random policies have found: statements that once gave another result than the reference, or none.

Each is a policy as small as it could be made, with the lead that showed the difference. All are run in every database
that there is; in Spark, which is slow to begin, with `-m deep`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from random import Random
from typing import Any

import pytest
from servers import needs_spark, postgres
from strategies import Facts, program_of
from table_engines import Database, InDuckDB, InPostgres, InSpark, differences

from scorec.dsl.values import DAY

AT = 1_772_409_600_000_000
"""2026-03-02 in UTC"""

HEAD = (
    "policy trial\n  language 1\nlead by lead_id\n  name: text\n  budget: number\n"
    "event view\n  seconds: number\nevent demo\n"
)


DATABASES = [
    "duckdb",
    pytest.param("postgres", marks=pytest.mark.postgres),
    pytest.param("spark", marks=[pytest.mark.spark, pytest.mark.deep]),
]


@pytest.fixture(scope="module", params=DATABASES)
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    if request.param == "duckdb":
        yield InDuckDB()
    elif request.param == "postgres":
        pytest.importorskip("psycopg", reason="psycopg is not installed")
        with postgres() as address, closing(InPostgres(address)) as found:
            yield found
    else:
        needs_spark()
        with closing(InSpark()) as spark:
            yield spark


Agrees = Callable[..., None]


@pytest.fixture
def agrees(database: Database) -> Agrees:
    def agrees(rest: str, lead: dict[str, Any], events: list[dict[str, Any]] | None = None) -> None:
        program = program_of(HEAD + rest)
        known = {one.name: lead.get(one.name) for one in program.fields}
        facts = [Facts(known, events or [], AT)]
        for with_reasons in (False, True):
            assert list(differences(program, database, facts, AT, with_reasons)) == []

    return agrees


@pytest.mark.parametrize("span", ["30 minutes", "90 days"])
def test_large_points_long_after_they_have_faded(agrees: Agrees, span: str) -> None:
    """They were multiplied with a large negative share before they were left out."""
    rest = f"score s\n  -(budget) spent for each view where budget > 0, fading over {span}\n"
    agrees(rest, {"budget": 1e300}, [{"event": "view", "at": AT - 400 * DAY, "seconds": None}])


def test_many_times_many_points(agrees: Agrees) -> None:
    """What a policy's own numbers come to was counted in 32 bits."""
    rest = 'score s\n  +1000 r per if(name is "x", 2000, 10)\n'
    agrees(rest, {"name": "x"})
    agrees(rest, {"name": "y"})


def test_something_missing_times_a_share_is_missing(agrees: Agrees) -> None:
    """LEAST and GREATEST made a limit of it."""
    agrees("score s = budget\nscore double from 0 to 200 = s * 10\n", {})
    agrees("score s\n  +(budget) r per 1 of 5\n", {})


def test_once_per_day_and_a_few_times_per_week(agrees: Agrees) -> None:
    """The second period took the place of the first."""
    rest = "score s\n  +1 r for each view, once per day, at most 2 times per week, halving every 7 days\n"
    agrees(
        rest,
        {},
        [{"event": "view", "at": AT - days * DAY - hour, "seconds": None} for days in range(9) for hour in (0, 5)],
    )


def test_a_policy_without_events_that_asks_for_one(database: Database) -> None:
    program = program_of("policy p\n  language 1\nlead by lead_id\n  name: text\nscore s\n  +1 quiet when no event\n")
    assert list(differences(program, database, [Facts({"name": None}, [], AT)], AT, True)) == []


def test_a_property_of_another_kind_of_event_is_not_read(agrees: Agrees) -> None:
    rest = "score s\n  +1 r when no event where (seconds > 3)\n"
    agrees(rest, {}, [{"event": "demo", "at": AT}])


def test_numbers_at_the_ends_of_the_doubles(database: Database) -> None:
    """PostgreSQL takes an infinite result for an error, and one too small to be more than 0."""
    said = ("a * b", "a / b", "a + b", "a - b", "a * b * c", "a / b / c", "a * b / c", "(a + b) * c", "a * 100000")
    rules = "".join(
        f"  +1 above{n} when {one} > 1\n  +2 below{n} when {one} <= 0\n  +4 known{n} when ({one}) is known\n"
        for n, one in enumerate(said)
    )
    program = program_of(
        "policy trial\n  language 1\nlead by lead_id\n  a: number\n  b: number\n  c: number\nscore s\n" + rules
    )
    ends = (None, 0.0, -0.0, 1.0, -3.0, 0.1, 5e-324, -1e-323, 2.0**-1022, 1e-160, 1.5e-162, 1.3407807929942596e154)
    ends += (1.3407807929942597e154, -1.35e154, 8.988465674311579e307, 8.98846567431158e307, 1.7976931348623157e308)
    ends += (-1.7976931348623157e308, 1.0000000000000002, 0.9999999999999999, 9.9792015476736e291)
    dice = Random(1)
    facts = [Facts({"a": a, "b": b, "c": dice.choice(ends)}, [], AT) for a in ends for b in ends]
    assert list(differences(program, database, facts, AT, True)) == []


@pytest.mark.parametrize(
    "name", ["a\nb", "a\\b", "a'b", "$", "İΣ", "ΑΣ.", "ﬁ", "a%b", "a_b", "100% ${x} {y}", "😀😀", "é\u0301"]
)
def test_texts_with_characters_that_mean_something_elsewhere(agrees: Agrees, name: str) -> None:
    """An end of a line, a backslash, signs of patterns, and capitals that change with their place."""
    rest = (
        'score s\n  +1 r when name ends with "n"\n  +2 t when name contains "\\\\b" or name contains "${x} {y}"\n'
        '  +4 u when name starts with "a" and name like "a?b"\n  +8 v when length(name) is 2\n'
        '  +16 w when name is "iσ" or name is "ας." or name is "$"\n  +32 x when repeats(name, 2)\n'
        '  +64 y when name has word "ann" or words(name) > 1\n'
    )
    agrees(rest, {"name": name})


def test_fields_that_are_called_as_the_parts_of_a_list(database: Database) -> None:
    """The items of a list were mistaken for a column of the leads."""
    program = program_of(
        "policy trial\n  language 1\nlead by lead_id\n  each_item: list of text\n  items: text\n  out_0: text\n"
        'score s\n  +1 r when each_item has "b"\n  +2 t when items is "b" or out_0 is "b"\n'
    )
    lead = {"each_item": ("a", "B"), "items": "x", "out_0": "b"}
    assert list(differences(program, database, [Facts(lead, [], AT)], AT, True)) == []
