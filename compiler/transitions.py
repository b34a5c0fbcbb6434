"""Two results of one policy -> its alerts: what has become, left, risen or fallen between them, each once.

Nothing is sent. Each alert is a record with an id that depends on what happened alone, so that the same two results
give the same records again, and whoever sends them can see what was sent before.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo

import duckdb

from ..dsl import ir
from ..dsl.facts import Unreadable, read_instant
from ..dsl.values import BLANKS, decimal_of
from .batch import key_text, no_column, shape_of
from .duckdb_text import first_line, identifier, literal
from .policy import Policy, label_alert, score_alert
from .scans import Scan, Staging, scan_file
from .tables import BadRow, TableError, bind, instant_text, open_table
from .wording import points_text


@dataclass(frozen=True, slots=True)
class Transition:
    """An alert that fired for one lead between two results. Scores are exact decimals in text; `before` is None where
    the lead was not there, or its score was missing."""

    id: str
    alert: str
    to: str
    key: str
    watched: str
    change: str
    value: str
    before: str | None
    after: str
    before_as_of: str | None
    as_of: str
    policy_changed: bool
    """the two results come from different versions, so that the lead may not have changed at all"""
    text: str


@dataclass
class Compared:
    """What two results had in them."""

    old_leads: int = 0
    new_leads: int = 0
    came: int = 0
    gone: int = 0
    unreadable: dict[str, Counter[str]] = field(default_factory=dict)
    """result -> why rows of it were not used -> how many"""
    versions: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """result -> the versions that scored it: `inbound 1.2.0 (31f37b76d73f)`"""
    fired: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)


def json_of(policy: Policy, one: Transition) -> str:
    """A transition as one line of JSON."""
    item = {
        "id": one.id,
        "policy": policy.name,
        "alert": one.alert,
        "to": one.to,
        "key": one.key,
        "text": one.text,
        "watched": one.watched,
        "change": one.change,
        "value": one.value,
        "before": one.before,
        "after": one.after,
        "before_as_of": one.before_as_of,
        "as_of": one.as_of,
        "policy_changed": one.policy_changed,
    }
    return json.dumps(item, ensure_ascii=False)


def check_result(policy: Policy, path: Path) -> None:
    """Raises `ScorecError` if a file has not the columns of a result that alerts need."""
    with _Comparison(policy) as comparison:
        comparison.columns_of(comparison.scan(path, "checked"))


def transitions(policy: Policy, old: Path, new: Path, compared: Compared) -> Iterator[Transition]:
    """The alerts that fire between two results, in the order of the leads in the new one and, for each, of the policy.
    What the results had in them is told in `compared`.

    Raises `ScorecError` for files that are no results of the policy.
    """
    with _Comparison(policy) as comparison:
        yield from comparison.run(old, new, compared)


# ------------------------------------------------------------------ the comparison


@dataclass(frozen=True)
class _Columns:
    """The columns of a result that matter, by the name under which the file has them."""

    key: str
    watched: tuple[str, ...]
    as_of: str
    version: str
    fingerprint: str
    policy: str


_ABOUT = ("as_of", "version", "fingerprint", "policy")


class _Comparison:
    """Two tables in DuckDB. Only the rows for which something fires come to Python; what does not fit into memory goes
    to a folder that is removed in the end."""

    def __init__(self, policy: Policy) -> None:
        if not policy.program.alerts:
            raise TableError(
                f"{policy.name} has no alerts",
                'add one to the policy: alert hot_lead to "inbound@acme.example" when readiness becomes hot',
            )
        self.policy = policy
        self.watched = tuple(dict.fromkeys(alert.watched for alert in policy.program.alerts))
        self.scores = {name for name in self.watched if name in policy.program.declared_scores}
        self._folder = tempfile.mkdtemp(prefix="scorec-")
        self.con = duckdb.connect(":memory:", config={"temp_directory": self._folder})
        self.con.execute("SET TimeZone = 'UTC'")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        with suppress(duckdb.Error):
            self.con.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def scan(self, path: Path, view: str) -> Scan:
        wanted = [self.policy.program.key, *self.watched, *(f"scorec_{name}" for name in _ABOUT), *_ABOUT]
        return scan_file(self.con, path, f"scorec_{view}", wanted)

    def columns_of(self, scan: Scan) -> _Columns:
        """Raises `TableError` where a column that is needed is missing."""
        program = self.policy.program
        there = _wanted_in(scan, (program.key, *self.watched, *(f"scorec_{name}" for name in _ABOUT), *_ABOUT))
        if program.key not in there:
            raise no_column(scan, program.key, f"is the key of a {program.subject}")
        about = {name: f"scorec_{name}" if f"scorec_{name}" in there else name for name in _ABOUT}
        for alert in program.alerts:
            if alert.watched not in there:
                hint = self._audience_of(scan) or "score the leads again with this policy."
                raise TableError(
                    f"{scan.name} has no column `{alert.watched}`, which alert `{alert.name}` watches", hint
                )
        for name in _ABOUT:
            if about[name] not in there or about[name] in self.watched:
                raise TableError(
                    f"{scan.name} has no column `{name}`", "give a table as `scorec score` writes it, with all columns."
                )
        return _Columns(program.key, self.watched, *(about[name] for name in _ABOUT))

    def _audience_of(self, scan: Scan) -> str:
        """Whose result a table without a watched column may be."""
        for show in self.policy.program.shows:
            if show.names is not None:
                shape = shape_of(self.policy, show.audience, False)
                if {column.name for column in shape.columns} <= set(scan.columns):
                    return f"it shows what `{show.audience}` may see; score without --audience to have everything."
        return ""

    # -------------------------------------------------------------- reading

    def load(self, path: Path, name: str, unreadable: Counter[str]) -> None:
        """Makes a table `name` of the usable rows of a result: place, key, what alerts watch, and what made it. All
        but the place is text."""
        scan = self.scan(path, name)
        columns = self.columns_of(scan)
        values = [columns.key, *columns.watched, columns.as_of, columns.version, columns.fingerprint, columns.policy]
        if not scan.careful:
            cells = ", ".join(
                f"{self._text_of(scan, column)} AS {identifier(to)}"
                for column, to in zip(values, self._fields(), strict=True)
            )
            numbered = scan.numbered.sql("duckdb")
            query = f"SELECT {numbered} AS place, {cells} FROM {identifier(scan.view)}"
            try:
                self.con.execute(f"CREATE OR REPLACE TEMP TABLE {name}_rows AS {query}")
            except duckdb.Error as failure:
                if scan.file is None:
                    raise TableError(f"{scan.name} cannot be read: {first_line(failure)}") from None
                # Something is wrong with the lines themselves: the careful reader says with which.
                self._stage(scan, values, name, unreadable)
        else:
            self._stage(scan, values, name, unreadable)
        self._leave_out(name, unreadable)

    def _fields(self) -> list[str]:
        return ["key", *(f"w{at}" for at in range(len(self.watched))), "as_of", "version", "fingerprint", "policy"]

    def _text_of(self, scan: Scan, column: str) -> str:
        place = identifier(scan.places[column])
        kind = scan.types[column].upper()
        if kind == "DOUBLE" and column == self.policy.program.key:
            # 7.0 is the key 7.
            place = f"CASE WHEN {place} = floor({place}) AND abs({place}) < 1e15 THEN CAST({place} AS BIGINT)::VARCHAR"
            place += f" ELSE {identifier(scan.places[column])}::VARCHAR END"
        cell = f"nullif(trim(CAST({place} AS VARCHAR), {literal(BLANKS)}), '')"
        if scan.file is not None and column not in self.scores:
            # A CSV file has an apostrophe before what a spreadsheet would run.
            cell = f"CASE WHEN regexp_matches({cell}, {literal(_ESCAPED)}) THEN substr({cell}, 2) ELSE {cell} END"
        return cell

    def _stage(self, scan: Scan, values: Sequence[str], name: str, unreadable: Counter[str]) -> None:
        staging = Staging(self._folder)
        csv = scan.file is not None and scan.file.name.lower().removesuffix(".gz").endswith((".csv", ".tsv"))
        for row in scan.read_with_care(values, []):
            if isinstance(row, BadRow):
                unreadable[row.reason] += 1
                continue
            place, raw = row
            found: dict[str, Any] = {"place": place}
            for column, to in zip(values, self._fields(), strict=True):
                text = key_text(raw.get(column))
                if csv and text is not None and column not in self.scores and text[:1] == "'" and text[1:2] in _SIGNS:
                    text = text[1:]
                found[to] = text
            staging.put(found)
        types = {"place": "BIGINT", **dict.fromkeys(self._fields(), "VARCHAR")}
        staging.load(self.con, f"{name}_rows", types)

    def _leave_out(self, name: str, unreadable: Counter[str]) -> None:
        """Of rows that cannot be used it is counted how many there are, and why."""
        tests = {"the row has no key": "key IS NULL"}
        for at, column in enumerate(self.watched):
            if column in self.scores:
                # A score may be missing; what is there must be a number.
                test = f"w{at} IS NOT NULL AND try_cast(w{at} AS DECIMAL(18, 4)) IS NULL"
                tests[f"`{column}` is not a number"] = test
            else:
                tests[f"`{column}` is empty"] = f"w{at} IS NULL"
        tests["the row does not say what it is as of"] = "try_cast(as_of AS TIMESTAMPTZ) IS NULL"
        cases = " ".join(f"WHEN {test} THEN {literal(why)}" for why, test in tests.items())
        self.con.execute(
            f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT *, CASE {cases} END AS why,"
            f" row_number() OVER (PARTITION BY key ORDER BY place) AS turn FROM {name}_rows"
        )
        self.con.execute(f"DROP TABLE {name}_rows")
        again = "the key stands in an earlier row already"
        for why, count in self.con.execute(
            f"SELECT coalesce(why, {literal(again)}), count(*) FROM {name} WHERE why IS NOT NULL OR turn > 1 GROUP BY 1"
        ).fetchall():
            unreadable[why] += count
        self.con.execute(f"DELETE FROM {name} WHERE why IS NOT NULL OR turn > 1")

    # -------------------------------------------------------------- comparing

    def run(self, old: Path, new: Path, compared: Compared) -> Iterator[Transition]:
        program, zone = self.policy.program, self.policy.zone
        for name, path in (("old", old), ("new", new)):
            compared.unreadable[str(path)] = Counter()
            self.load(path, name, compared.unreadable[str(path)])
        compared.old_leads, compared.new_leads = (
            self._one("SELECT count(*) FROM old"),
            self._one("SELECT count(*) FROM new"),
        )
        compared.gone = self._one("SELECT count(*) FROM old ANTI JOIN new USING (key)")
        compared.came = self._one("SELECT count(*) FROM new ANTI JOIN old USING (key)")
        self._look_at_versions(old, new, compared)
        moments: dict[str, str] = {}

        def moment(written: str | None) -> str | None:
            if written is None:
                return None
            if written not in moments:
                moments[written] = _instant(written, zone)
            return moments[written]

        watched = ", ".join(f"o.w{at}, n.w{at}" for at in range(len(self.watched)))
        cursor = self.con.execute(
            f"SELECT n.key, o.as_of, n.as_of, o.key IS NOT NULL AND o.fingerprint IS DISTINCT FROM n.fingerprint,"
            f" {watched} FROM new n LEFT JOIN old o ON o.key = n.key"
            f" WHERE {' OR '.join(f'({self._test(alert)})' for alert in program.alerts)} ORDER BY n.place"
        )
        while rows := cursor.fetchmany(10_000):
            for key, before_as_of, as_of, changed, *cells in rows:
                for alert in program.alerts:
                    at = self.watched.index(alert.watched)
                    found = _fired(alert, cells[2 * at], cells[2 * at + 1])
                    if found is None:
                        continue
                    before, after, text = found
                    compared.fired[alert.name] += 1
                    now = moment(as_of) or ""
                    yield Transition(
                        id=_id(program.name, key, alert.name, before, after, now),
                        alert=alert.name,
                        to=alert.to,
                        key=key,
                        watched=alert.watched,
                        change=alert.change,
                        value=points_text(alert.value) if isinstance(alert.value, int) else alert.value,
                        before=before,
                        after=after,
                        before_as_of=moment(before_as_of),
                        as_of=now,
                        policy_changed=changed,
                        text=text,
                    )

    def _one(self, query: str) -> int:
        found = self.con.execute(query).fetchone()
        assert found is not None
        return int(found[0])

    def _test(self, alert: ir.Alert) -> str:
        at = self.watched.index(alert.watched)
        match alert.change:
            case "becomes" | "leaves":
                value = literal(str(alert.value))
                is_, other = ("n", "o") if alert.change == "becomes" else ("o", "n")
                return f"{is_}.w{at} = {value} AND {other}.w{at} IS DISTINCT FROM {value}"
            case "rises above" | "falls below":
                assert isinstance(alert.value, int)
                sign = ">" if alert.change == "rises above" else "<"
                limit = f"CAST('{decimal_of(alert.value)}' AS DECIMAL(18, 4))"
                now, then = (f"CAST({side}.w{at} AS DECIMAL(18, 4)) {sign} {limit}" for side in "no")
                return f"coalesce({now}, false) AND NOT coalesce({then}, false)"

    def _look_at_versions(self, old: Path, new: Path, compared: Compared) -> None:
        program = self.policy.program
        made: dict[str, set[tuple[str | None, ...]]] = {}
        for name, path in (("old", old), ("new", new)):
            found = self.con.execute(f"SELECT DISTINCT policy, version, fingerprint FROM {name} LIMIT 20").fetchall()
            made[name] = set(found)
            said = sorted(f"{one[0]} {one[1] or ''}".strip() + f" ({one[2]})" for one in found)
            compared.versions[str(path)] = tuple(said)
            others = sorted({str(one[0]) for one in found if one[0] != program.name})
            if others:
                raise TableError(
                    f"{path} was scored with the policy `{others[0]}`, and not with `{program.name}`",
                    "name two results of the same policy.",
                )
        query = "SELECT max(try_cast(as_of AS TIMESTAMPTZ)) FROM old"
        newer = f"SELECT 1 FROM new WHERE try_cast(as_of AS TIMESTAMPTZ) < ({query}) LIMIT 1"
        if self.con.execute(newer).fetchone() is not None:
            raise TableError(
                f"{old} is as of a later instant than {new}", "the earlier result comes first; swap the two."
            )
        if made["old"] and made["new"] and made["old"] != made["new"]:
            was, is_ = (" and ".join(compared.versions[str(path)]) for path in (old, new))
            compared.notes.append(
                f"{old} was scored with {was}, {new} with {is_}: some alerts may come from the change of the policy,"
                " and not from leads; they say policy_changed"
            )
        if any(one[2] != program.fingerprint for one in made["new"]):
            compared.notes.append(f"{new} was scored with another version than the policy given, whose alerts are told")


def _wanted_in(scan: Scan, names: Sequence[str]) -> set[str]:
    if scan.careful and scan.file is not None:
        with open_table(scan.file) as table:
            return set(bind(table, names).headers.values())
    return {name for name in names if name in scan.places}


def _fired(alert: ir.Alert, was: str | None, is_: str | None) -> tuple[str | None, str, str] | None:
    """What was before, what is, and what happened in words, if the alert fires."""
    if alert.change in ("becomes", "leaves"):
        text = label_alert(alert, was, is_)
        return None if text is None or is_ is None else (was, is_, text)
    old, new = _decimal(was), _decimal(is_)
    text = score_alert(alert, old, new)
    return None if text is None or new is None else (None if old is None else str(old), str(new), text)


def _decimal(written: str | None) -> Decimal | None:
    """The shortest exact decimal: `42.5000` is 42.5."""
    if written is None:
        return None
    return decimal_of(int((Decimal(written) * 10_000).to_integral_value()))


def _id(*parts: str | None) -> str:
    written = json.dumps(parts, ensure_ascii=False)
    return sha256(written.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def _instant(written: str, zone: ZoneInfo) -> str:
    try:
        return instant_text(read_instant(written, zone))
    except Unreadable:
        return written


_SIGNS = ("=", "+", "-", "@")
_ESCAPED = "^'[=+@-]"
