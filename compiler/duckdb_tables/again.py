"""Scores again only the leads whose results may have changed since an earlier run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sqlglot import exp

from ...dsl import ir
from ..batch import Shape, Summary
from ..duckdb_text import identifier
from ..engines.sql.lowering import lower_with_next_change
from ..engines.sql.rows import table
from ..engines.sql.syntax import Sql, call, case, column, compare, named, text
from ..reading import parts
from ..scans import scan_file
from ..tables import Column
from .clean import EVENTS, LEADS, ORDER, CleanTables
from .results import RESULTS, columns_shown, score
from .session import Session

STATE = (
    Column("scorec_next_change", "instant"),
    Column("scorec_digest", "text"),
    Column("scorec_gates", "text"),
)
"""What a result carries for a later run: when the lead's results may change without a new event, a digest of what is
known of the lead, and the gates that bar something."""

DIGESTS, PREVIOUS, TOUCHED = "scorec_digests", "scorec_previous", "scorec_touched"

LEADS_TOUCHED, EVENTS_TOUCHED = "scorec_leads_touched", "scorec_events_touched"


def score_again(session: Session, clean: CleanTables, shape: Shape, previous: Path | None, summary: Summary) -> None:
    """`results.score`, and what a later run needs to find the leads whose results may have changed: when they change
    without a new event, and a digest of what is known of each. With the result of such a run only those leads are
    scored."""
    _Again(session, clean, shape, summary).score(previous)


class _Again:
    def __init__(self, session: Session, clean: CleanTables, shape: Shape, summary: Summary) -> None:
        self.session, self.clean, self.shape, self.summary = session, clean, shape, summary
        self.program, self.columns = clean.policy.program, clean.columns

    def score(self, previous: Path | None) -> None:
        then = None if previous is None else self._previous(previous)
        self._digest(self.clean.at if then is None else then)
        leads, events = LEADS, EVENTS
        if then is not None:
            leads, events = LEADS_TOUCHED, EVENTS_TOUCHED
            self._touch()
        lowered = lower_with_next_change(self.program, self.clean.ground(leads, events), self.shape.reasons)
        assert lowered.next_change is not None
        score(self.session, self.clean, lowered, self.shape, [named(lowered.next_change, "next_change")])
        if then is not None:
            self._carry_over()

    # -------------------------------------------------------------- the earlier run

    def _previous(self, path: Path) -> int | None:
        """Opens an earlier result; the instant as of which it was made, or None (with a note) if it cannot be used."""
        scan = scan_file(self.session.con, path, PREVIOUS, [])
        wanted = {one.name for one in (*self.shape.columns, *STATE)}
        lacking = sorted(wanted - set(scan.columns))
        if lacking:
            why = f"it has no column `{lacking[0]}`"
            self._cannot_use(path, f"{why}: it was not written with --incremental, or shows something else")
            return None
        version, fingerprint, as_of = (self._about(name) for name in ("version", "fingerprint", "as_of"))
        made = self.session.run(f"SELECT DISTINCT {fingerprint}, {version}, epoch_us({as_of}) FROM {PREVIOUS} LIMIT 2")
        if not made:
            self._cannot_use(path, "it has no rows")
            return None
        if len(made) > 1 or made[0][:2] != (self.program.fingerprint, self.program.version):
            self._cannot_use(path, "it was made with another policy or version")
            return None
        if made[0][2] > self.clean.at:
            self._cannot_use(path, "it was made as of a later instant")
            return None
        return int(made[0][2])

    def _cannot_use(self, path: Path, why: str) -> None:
        self.summary.notes.append(f"all leads were scored again; {path} could not be used: {why}")

    def _about(self, name: str) -> str:
        known = {one.name for one in self.shape.columns}
        return identifier(f"scorec_{name}" if f"scorec_{name}" in known else name)

    # -------------------------------------------------------------- what may have changed

    def _digest(self, then: int) -> None:
        """What is known of each lead, as it was then and as it is now, as a number; whether there is a new event. Only
        what the policy reads is looked at."""
        columns, now, at = self.columns, self.clean.at, identifier(self.columns.at)
        read = _properties_read(self.program)
        facts = ", ".join(node.sql("duckdb") for node in self.clean.facts_of_event(sorted(read)))
        # Whose column it is, is always said: a policy may give a field any name.
        lead, key = identifier(columns.lead), identifier(columns.key)
        written = f"CAST(l.{key} AS VARCHAR)"
        fields = ", ".join([written, *(f"l.{identifier(columns.fields[name])}" for name in sorted(self.program.reads))])
        since = f"{at} > {then} AND {at} <= {now}"
        self.session.keep(
            DIGESTS,
            f"WITH hashed AS (SELECT {lead} AS k, {at}, hash({facts}) AS h FROM {EVENTS} WHERE {at} <= {now}),"
            f" happened AS (SELECT k, sum(CASE WHEN {at} <= {then} THEN h END) AS h_then,"
            f" count(CASE WHEN {at} <= {then} THEN 1 END) AS n,"
            f" sum(CASE WHEN {since} THEN h END) AS h_since, count(CASE WHEN {since} THEN 1 END) AS m"
            f" FROM hashed GROUP BY k)"
            f" SELECT l.{key} AS own, {written} AS lead,"
            f" printf('%016x', hash({fields}, h.h_then, coalesce(h.n, 0))) AS digest_then,"
            f" printf('%016x', hash({fields}, CASE WHEN h.n + h.m > 0 THEN"
            f" coalesce(h.h_then, 0) + coalesce(h.h_since, 0) END, coalesce(h.n + h.m, 0))) AS digest_now,"
            f" coalesce(h.m > 0, false) AS new_event FROM {LEADS} l LEFT JOIN happened h ON h.k = l.{key}",
            "comparing",
        )

    def _touch(self) -> None:
        """The leads that are new, of which something else is known than before, that have a new event, or whose next
        change has come."""
        key = identifier(self.program.key)
        self.session.keep(
            TOUCHED,
            f"SELECT d.own FROM {DIGESTS} d LEFT JOIN {PREVIOUS} p ON p.{key} = d.lead WHERE p.{key} IS NULL"
            f" OR d.digest_then <> p.scorec_digest OR d.new_event"
            f" OR epoch_us(p.scorec_next_change) <= {self.clean.at}",
        )
        own, theirs = identifier(self.columns.key), identifier(self.columns.lead)
        of_leads = f"SEMI JOIN {TOUCHED} ON own = {LEADS}.{own}"
        of_events = f"SEMI JOIN {TOUCHED} ON own = {EVENTS}.{theirs}"
        self.session.keep(LEADS_TOUCHED, f"SELECT {LEADS}.* FROM {LEADS} {of_leads}")
        self.session.view(EVENTS_TOUCHED, f"SELECT {EVENTS}.* FROM {EVENTS} {of_events}")

    def _carry_over(self) -> None:
        """The results of the leads that were not touched, as they were."""
        shape = self.shape
        key, own = identifier(self.program.key), identifier(self.columns.key)

        def ticks(name: str) -> str:
            return f"CAST(round(p.{identifier(name)} * 10000) AS BIGINT)"

        columns = [f"{ORDER}", f"p.{key} AS key"]
        columns += [f"{ticks(name)} AS {identifier(f'score {name}')}" for name in shape.scores]
        columns += [f"p.{identifier(name)} AS {identifier(f'band {name}')}" for name in shape.bands]
        columns += [f"p.{identifier(name)} AS {identifier(f'decision {name}')}" for name in shape.decisions]
        columns += [
            f"list_contains(string_split(p.scorec_gates, ' '), {text(gate.name).sql('duckdb')})"
            f" AS {identifier(f'gate {gate.name}')}"
            for gate in self.program.gates
        ]
        completeness = "scorec_completeness" if "completeness" in (*shape.scores, *shape.bands) else "completeness"
        columns.append(f"{ticks(completeness)} AS completeness")
        if shape.reasons:
            columns.append("p.reasons AS reasons")
        columns.append("epoch_us(p.scorec_next_change) AS next_change")
        (touched,) = self.session.run(f"SELECT count(*) FROM {RESULTS}")[0]
        self.session.run(
            f"INSERT INTO {RESULTS} BY NAME SELECT {', '.join(columns)} FROM {LEADS}"
            f" JOIN {PREVIOUS} p ON p.{key} = CAST({LEADS}.{own} AS VARCHAR)"
            f" WHERE {LEADS}.{own} NOT IN (SELECT own FROM {TOUCHED})",
            "carrying over",
        )
        self.summary.notes.append(f"{touched:,} leads were scored again; the others are as they were")


def _properties_read(program: ir.Program) -> set[str]:
    """The properties on which a lead's results depend."""
    found: set[str] = set()
    for part in parts((program.scores, program.bands, program.gates, program.decisions)):
        match part:
            case ir.PropertyOf(name=name) | ir.Each(once_per_property=str(name)):
                found.add(name)
            case ir.CountOf(distinct=str(name)) | ir.AggregateOf(prop=name):
                found.add(name)
            case _:
                pass
    return found


def write_with_state(session: Session, clean: CleanTables, shape: Shape, path: Path) -> None:
    """Writes the result of `score_again` to a Parquet file, which a later run takes as the previous one."""
    gates = [case([(column(f"gate {one.name}"), text(f"{one.name} "))], text("")) for one in clean.policy.program.gates]
    barring = call("CONCAT", text(""), *gates)
    moment = call("MAKE_TIMESTAMPTZ", column("next_change"))
    nodes: Sequence[Sql] = (moment, column("digest_now"), barring)
    state = [exp.alias_(node, one.name) for node, one in zip(nodes, STATE, strict=True)]
    query = exp.select(*columns_shown(clean, shape), *state).from_(table(RESULTS))
    query = query.join(table(DIGESTS), on=compare("==", column("lead"), column("key")), join_type="inner")
    session.copy(query.order_by(column(ORDER)), path, "FORMAT parquet")
