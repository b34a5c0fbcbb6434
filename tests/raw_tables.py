"""Random tables of leads and events as exports hold them, well-kept or dirty: as CSV, JSON lines and Parquet.

What stands in them comes from facts at the limits of a policy, spelled in the ways that people and programs spell them.
"""

from __future__ import annotations

import csv
import json
import random
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from dice import Dice, rolled
from strategies import facts_for

from scorec.dsl import ir, values

JUNK = (
    *("n/a", "about 5", "1,000", "NaN", "inf", "-Infinity", "yes", "2026-13-01", "2026-02-30", "1e5", "  7 ", "0x10"),
    *("1_0", "١٢", "TRUE", "12.5.1", "[1,2]", '{"a":1}', "=1+1", "-1", '"q"', "a;b", "Ünï", "2026-03-01T25:00Z"),
    *("2026-03-01T10:00", "2026-03-01 10:00:00.1234567Z", "2026-03-29T02:30", "2026-10-25T02:30:00", "0000-01-01"),
    *("9999-12-31", "+5", ".5", "5.", "1e999", "-0", "x" * 50, "\u00a0"),
)

Form = Literal["csv", "jsonl", "parquet"]


@dataclass(frozen=True)
class RawTables:
    leads: Path
    events: Path | None
    at: int


def raw_tables(program: ir.Program, zone: ZoneInfo, seed: int, form: Form, folder: Path) -> RawTables:
    """Tables of eight leads with their events. A third of them are well-kept."""
    luck = random.Random(seed)
    dice = Dice(rolled(seed + 10_000_000))
    facts = [facts_for(program, dice) for _ in range(8)]
    speller = Speller(luck, zone, dirty=luck.random() < 0.67)
    leads, events = folder / f"leads.{form}", folder / f"events.{form}"
    fields = [one for one in program.fields if one.required or luck.random() < 0.95]
    happened = [(number, event) for number, one in enumerate(facts) for event in one.events]
    properties = {one.column or one.name: one for event in program.events for one in event.properties}
    if form == "parquet":
        _write_parquet(leads, _typed_leads(program, [one.lead for one in facts], fields, speller))
        if program.events:
            _write_parquet(events, _typed_events(happened, properties, speller))
        return RawTables(leads, events if program.events else None, facts[0].at)
    names = [program.key, *(one.column or one.name for one in fields)]
    rows = [
        [speller.key(number), *(speller.cell(one.lead.get(field.name), field.kind) for field in fields)]
        for number, one in enumerate(facts)
    ]
    _write(leads, form, names, rows, speller, luck.choice(",;"))
    if not program.events:
        return RawTables(leads, None, facts[0].at)
    with_ids = luck.random() < 0.5
    names = ["lead_id", "event", "at", *properties, *(["event_id"] if with_ids else [])]
    rows = []
    for number, event in happened:
        kind = program.event(event["event"])
        own = {one.column or one.name: event.get(one.name) for one in kind.properties}
        cells = [
            speller.cell(own[name], one.kind) if name in own else luck.choice(["", "junk"])
            for name, one in properties.items()
        ]
        ids = [luck.choice(["", "7", "e1", str(luck.randrange(10**6))])] if with_ids else []
        at = speller.cell(event["at"], ir.Kind.TIME)
        rows.append([speller.lead_of_event(number), speller.word(kind), at, *cells, *ids])
    _write(events, form, names, rows, speller, ",")
    return RawTables(leads, events, facts[0].at)


@dataclass(frozen=True)
class Speller:
    """How somebody spells what they know."""

    luck: random.Random
    zone: ZoneInfo
    dirty: bool

    def now_and_then(self, share: float) -> bool:
        return self.dirty and self.luck.random() < share

    def key(self, number: int) -> str:
        key = f"L{number}"
        return self.luck.choice([key, f" {key}", "L0", ""]) if self.now_and_then(0.1) else key

    def lead_of_event(self, number: int) -> str:
        key = f"L{number}"
        return self.luck.choice(["", "L99", f"{key} "]) if self.now_and_then(0.05) else key

    def word(self, kind: ir.EventKind) -> str:
        if self.now_and_then(0.03):
            return self.luck.choice(["nope", "", "Page_View"])
        return self.luck.choice([kind.name, kind.source or kind.name, f" {kind.name}"])

    def cell(self, value: Any, kind: ir.Kind) -> str:
        luck = self.luck
        if value is None:
            return luck.choice(["", "  ", "\t"])
        if self.now_and_then(0.04):
            return luck.choice(JUNK)
        if isinstance(value, bool):
            return luck.choice(["yes", "TRUE", "1", "y", "T"] if value else ["no", "False", "0", "n", "f"])
        if isinstance(value, tuple):
            return luck.choice([";".join(value), "; ".join(value), json.dumps(list(value))])
        if kind is ir.Kind.DATE:
            return values.moment_of(value).astimezone(self.zone).strftime("%Y-%m-%d")
        if kind is ir.Kind.TIME:
            moment = values.moment_of(value)
            written = moment.isoformat()
            shapes = [written, written.replace("+00:00", "Z"), moment.isoformat(" ")]
            return luck.choice([*shapes, moment.replace(tzinfo=None).isoformat()])
        if isinstance(value, float):
            whole = str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
            return luck.choice([repr(value), f" {value!r}", whole])
        text = str(value)
        return luck.choice([text, text.upper(), f" {text} ", text])


def _write(path: Path, form: Form, names: list[str], rows: list[list[str]], speller: Speller, separator: str) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        if form == "jsonl":
            for row in rows:
                file.write(_json_line(names, row, speller) + "\n")
            return
        writer = csv.writer(file, delimiter=separator)
        writer.writerow(names)
        for row in rows:
            writer.writerow(row[:-1] if speller.now_and_then(0.02) else row)
            if speller.now_and_then(0.02):
                file.write("\n")


# ------------------------------------------------------------------ JSON lines

BROKEN = (
    *('{"lead_id": "L1"', "[1]", "7", "null", "   ", "", '{"lead_id": "L1"} {}', '{"lead_id": "L1",}', "{}", "nan"),
    *(
        '{"lead_id": "L1", "x": {"a": 1, "a": 2}}',
        '{"lead_id": "L1", "x": [1, nan]}',
        '{"lead_id": "\\ud800"}',
        "\u00a0",
    ),
)
"""Lines of which it takes care to say what is wrong with them, if anything."""


def _json_line(names: list[str], cells: list[str], speller: Speller) -> str:
    """A row as an object: some programs write what they know as a text, some as what it is."""
    luck = speller.luck
    if speller.now_and_then(0.03):
        return luck.choice(BROKEN)
    item = {name: _json_value(cell, luck) for name, cell in zip(names, cells, strict=True)}
    if luck.random() < 0.3:
        item = {name: value for name, value in item.items() if value is not None}
    line = json.dumps(item, ensure_ascii=luck.random() < 0.3, separators=luck.choice([(", ", ": "), (",", ":")]))
    if speller.now_and_then(0.03):
        twice = luck.choice([json.dumps(names[-1]), '"x": {}, "x"'])
        return f"{line[:-1]}, {twice}: null}}"
    if "event" not in names and speller.now_and_then(0.005):
        # A name that is written in two ways is an error; the Python engine would tell of one in the events first.
        return line.replace(f'"{names[-1]}"', f'"{names[-1]} "')
    return line


def _json_value(cell: str, luck: random.Random) -> Any:
    if luck.random() < 0.5:
        return cell
    if not cell.strip():
        return None
    if cell in ("yes", "TRUE", "y", "T", "no", "False", "n", "f"):
        return cell in ("yes", "TRUE", "y", "T")
    try:
        return json.loads(cell)
    except ValueError:
        return cell


# ------------------------------------------------------------------ typed columns


def _write_parquet(path: Path, columns: dict[str, Any]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table(columns), path)


def _typed_leads(
    program: ir.Program, leads: list[dict[str, Any]], fields: list[ir.Field], speller: Speller
) -> dict[str, Any]:
    numbered = speller.luck.random() < 0.3
    keys: list[Any] = [number if numbered else f"L{number}" for number in range(len(leads))]
    if speller.now_and_then(0.2):
        keys[-1] = None
    if speller.now_and_then(0.2):
        keys[-2] = keys[0]
    columns = {
        one.column or one.name: typed(one.kind, [lead.get(one.name) for lead in leads], speller) for one in fields
    }
    return {program.key: keys, **columns}


def _typed_events(
    happened: list[tuple[int, dict[str, Any]]], properties: dict[str, ir.Field], speller: Speller
) -> dict[str, Any]:
    import pyarrow as pa

    columns = {
        name: typed(one.kind, [event.get(one.name) for _, event in happened], speller)
        for name, one in properties.items()
    }
    return {
        "lead_id": pa.array([f"L{number}" for number, _ in happened], pa.string()),
        "event": pa.array([event["event"] for _, event in happened], pa.string()),
        "at": typed(ir.Kind.TIME, [event["at"] for _, event in happened], speller),
        **columns,
    }


def typed(kind: ir.Kind, found: list[Any], speller: Speller) -> Any:
    """Values in a column of one of the types that tables give them."""
    import pyarrow as pa

    luck, zone = speller.luck, speller.zone
    chance = luck.random()
    match kind:
        case ir.Kind.TEXT if chance < 0.8:
            spelled = [None if one is None else luck.choice([one, f" {one} ", one.upper(), ""]) for one in found]
            return pa.array(spelled, pa.string())
        case ir.Kind.TEXT:
            return pa.array(found, pa.string()).dictionary_encode()
        case ir.Kind.NUMBER if chance < 0.6:
            return pa.array([luck.choice([one, one, one, float("nan"), float("inf")]) for one in found], pa.float64())
        case ir.Kind.NUMBER if chance < 0.75:
            whole = [None if one is None or abs(one) > 1e15 else int(one) for one in found]
            return pa.array(whole, pa.int64())
        case ir.Kind.NUMBER if chance < 0.85:
            return pa.array([None if one is None else str(one) for one in found], pa.string())
        case ir.Kind.NUMBER:
            exact = [None if one is None or abs(one) > 1e9 else Decimal(repr(one)) for one in found]
            cut = [None if one is None else one.quantize(Decimal("0.00001")) for one in exact]
            return pa.array(cut, pa.decimal128(30, 5))
        case ir.Kind.FLAG if chance < 0.7:
            return pa.array(found, pa.bool_())
        case ir.Kind.FLAG:
            counted = [None if one is None else int(one) * luck.choice([1, 1, 1, 2]) for one in found]
            return pa.array(counted, luck.choice([pa.int8(), pa.int64(), pa.float64()]))
        case ir.Kind.TEXTS if chance < 0.8:
            lists = [None if one is None else [*one, None, " "] for one in found]
            return pa.array(lists, pa.list_(pa.string()))
        case ir.Kind.TEXTS:
            return pa.array([None if one is None else ";".join(one) for one in found], pa.string())
        case _:
            pass
    moments = [None if one is None else values.moment_of(one) for one in found]
    here = [None if one is None else one.astimezone(zone).replace(tzinfo=None) for one in moments]
    if kind is ir.Kind.DATE and chance < 0.7:
        return pa.array([None if one is None else one.date() for one in here], pa.date32())
    if kind is ir.Kind.DATE:
        return pa.array(here, pa.timestamp("us"))
    if chance < 0.5:
        return pa.array(moments, pa.timestamp("us", "UTC"))
    if chance < 0.7:
        return pa.array(here, pa.timestamp(luck.choice(["us", "ns"])))
    if chance < 0.8:
        return pa.array([None if one is None else one.date() for one in here], pa.date32())
    return pa.array([None if one is None else one.isoformat() for one in moments], pa.string())
