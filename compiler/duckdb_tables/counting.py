"""What becomes of the events: each is used, is to come, or is nobody's, and is counted as that."""

from __future__ import annotations

from ..batch import Summary
from ..duckdb_text import identifier
from ..engines.sql.dialects import DuckDB
from ..engines.sql.syntax import call, column, compare, integer
from .clean import EVENTS, LEADS, MOMENT, CleanTables
from .leads import KEY_BITS, REJECTED_KEYS
from .session import Session

MANY_EVENTS_TO_COMPARE = 100_000
"""With more events it is not counted how many are the same as another: it would cost as much as scoring."""


def count_events(session: Session, clean: CleanTables, summary: Summary, keys_as_written: bool) -> bool:
    """Counts them; `keys_as_written`: there may be blanks around the keys. False, and nothing is counted, if there are:
    then it could be that a lead is missed for them."""
    used = _used_by_bits(session, clean, summary)
    if used is None:
        used = _used_by_lead(session, clean, summary, keys_as_written)
    if used is None:
        return False
    summary.events_used += used
    if used <= MANY_EVENTS_TO_COMPARE:
        summary.events_alike += _alike(session, clean)
    else:
        summary.notes.append(
            f"with more than {MANY_EVENTS_TO_COMPARE:,} events it is not counted how many are the same as another"
        )
    return True


def _used_by_bits(session: Session, clean: CleanTables, summary: Summary) -> int | None:
    """How many events are used, where each key of a lead is a bit: at a fraction of what it costs to look keys up.
    Counts the others."""
    if clean.key_bits is None:
        return None
    (low, high), key = clean.key_bits, identifier(clean.columns.lead)
    bit = f"get_bit((SELECT bits FROM {KEY_BITS}), CAST({key} - {low} AS INTEGER))"
    there = f"CASE WHEN CASE WHEN {key} BETWEEN {low} AND {high} THEN {bit} END = 1 THEN 1 END"
    counts = f"SELECT count(*), count({key}), count({there}) FROM {EVENTS}"
    now = compare(">", column(MOMENT), call("MAKE_TIMESTAMPTZ", integer(clean.at))).sql("duckdb")
    events, _, of_leads = session.run(counts, "counting events")[0]
    events_to_come, known_to_come, of_leads_to_come = session.run(f"{counts} WHERE {now}", "counting events")[0]
    used = int(of_leads - of_leads_to_come)
    # An event without a lead is that, whenever it was.
    summary.events_to_come += known_to_come
    summary.events_without_lead += (events - events_to_come - used) + (events_to_come - known_to_come)
    return used


def _used_by_lead(session: Session, clean: CleanTables, summary: Summary, keys_as_written: bool) -> int | None:
    """How many events are used; counts the others. None if events that have no lead have a key with blanks."""
    key, at, lead_key = (identifier(name) for name in (clean.columns.lead, clean.columns.at, clean.columns.key))
    rejected = f"EXISTS (SELECT 1 FROM {REJECTED_KEYS} WHERE rejected = k)" if clean.rejected_keys else "false"
    tidy = DuckDB().is_tidy(column("k")).sql("duckdb") if keys_as_written else "true"
    # One row for each lead is enough to know whether it is there.
    counts = session.run(
        f"WITH by_lead AS (SELECT {key} AS k, count(*) AS n, count(CASE WHEN {at} <= {clean.at} THEN 1 END) AS past"
        f" FROM {EVENTS} GROUP BY {key})"
        f" SELECT sum(n - past), sum(CASE WHEN there IS NOT NULL THEN past END),"
        f" sum(CASE WHEN there IS NULL AND {rejected} THEN past END), sum(past),"
        f" sum(CASE WHEN k IS NULL THEN n END), sum(CASE WHEN k IS NULL THEN past END),"
        f" count(CASE WHEN there IS NULL AND NOT ({tidy}) THEN 1 END)"
        f" FROM by_lead LEFT JOIN (SELECT {lead_key} AS there FROM {LEADS}) ON there = k",
        "counting events",
    )[0]
    to_come, used, of_rejected, past, nobody, nobody_past, with_blanks = (int(count or 0) for count in counts)
    if with_blanks:
        return None
    # An event without a lead is that, whenever it was.
    summary.events_to_come += to_come - (nobody - nobody_past)
    summary.events_of_rejected += of_rejected
    summary.events_without_lead += past - used - of_rejected + nobody - nobody_past
    return used


def _alike(session: Session, clean: CleanTables) -> int:
    """How many events are the same as another of their lead, in everything."""
    key, at, lead_key = (identifier(name) for name in (clean.columns.lead, clean.columns.at, clean.columns.key))
    facts = ", ".join([key, *(node.sql("duckdb") for node in clean.facts_of_event(clean.columns.properties))])
    (alike,) = session.run(
        f"SELECT coalesce(sum(n - 1), 0) FROM (SELECT count(*) AS n FROM {EVENTS} SEMI JOIN {LEADS}"
        f" ON {LEADS}.{lead_key} = {EVENTS}.{key} WHERE {at} <= {clean.at} GROUP BY {facts} HAVING count(*) > 1)",
        "comparing events",
    )[0]
    return int(alike)
