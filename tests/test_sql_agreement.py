"""A policy means the same in a database as in the reference, to the last digit: random policies, random leads.

    SCOREC_EXAMPLES=2000 SCOREC_LEADS=100 SCOREC_SEED=1 pytest -s -m deep tests/test_sql_agreement.py

A difference that is found becomes a test with a name in `test_sql_differences.py`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass

import pytest
from claims import case_of
from dice import Dice, rolled
from servers import postgres
from strategies import Facts, facts_for
from table_engines import Database, InDuckDB, InPostgres, differences

from scorec.compiler.engines.sql.dialects import CannotSay
from scorec.dsl import ir

LEADS = int(os.environ.get("SCOREC_LEADS", "20"))
"""leads of each policy"""


@dataclass
class Tried:
    """How many policies and pairs of a policy and a lead were compared, and how many policies a dialect refused."""

    policies: int = 0
    pairs: int = 0
    refused: int = 0


def compared(database: Database, seeds: Iterable[int]) -> Tried:
    tried = Tried()
    for seed in seeds:
        case = case_of(seed)
        if case is None:
            continue
        facts = facts_around(case.program, seed)
        for with_reasons in (False, True):
            try:
                found = list(differences(case.program, database, facts, facts[0].at, with_reasons))
            except CannotSay:
                tried.refused += 1
                break
            except Exception as error:
                raise AssertionError(f"seed {seed} cannot be run: {str(error)[:600]}\n{case.text}") from error
            assert not found, "\n".join([f"seed {seed}", *found[:3], case.text])
        else:
            tried.policies += 1
            tried.pairs += len(facts)
    return tried


def facts_around(program: ir.Program, seed: int) -> list[Facts]:
    """Leads with events at the limits of a policy, all looked at from one instant."""
    dice = Dice(rolled(seed + 10_000_019))
    first = facts_for(program, dice)
    return [first, *(facts_for(program, dice) for _ in range(LEADS - 1))]


def test_duckdb_agrees() -> None:
    tried = compared(InDuckDB(), range(60))
    assert tried.pairs >= 1_000
    assert tried.refused <= 3


@pytest.mark.postgres
def test_postgresql_agrees() -> None:
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    with postgres() as address, closing(InPostgres(address)) as database:
        tried = compared(database, range(25))
    assert tried.pairs >= 300


@pytest.mark.postgres
@pytest.mark.deep
def test_postgresql_agrees_deeply() -> None:
    """SCOREC_EXAMPLES policies (500), each with twenty leads."""
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    first, how_many = int(os.environ.get("SCOREC_SEED", "4000000")), int(os.environ.get("SCOREC_EXAMPLES", "500"))
    with postgres() as address, closing(InPostgres(address)) as database:
        tried = compared(database, range(first, first + how_many))
    print(tried)
    assert tried.refused <= how_many // 10


@pytest.mark.deep
def test_duckdb_agrees_deeply() -> None:
    """SCOREC_EXAMPLES policies (2,000), each with SCOREC_LEADS leads, with and without reasons."""
    first, how_many = int(os.environ.get("SCOREC_SEED", "2000000")), int(os.environ.get("SCOREC_EXAMPLES", "2000"))
    tried = compared(InDuckDB(), range(first, first + how_many))
    print(tried)
    assert tried.refused <= how_many // 20
