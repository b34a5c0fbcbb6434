"""Tables of leads and events for the reference workload, made from a seed: the same ones on every machine.

`python -m benchmarks.base FOLDER --leads N --events M` writes leads and events as Parquet, the events in two orders (by
time, as a log has them; and by lead), and on request as CSV. A folder that holds what is asked for is left as it is.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.leads import AS_OF, COUNTRIES, EVENTS, INDUSTRIES, SOURCES, TITLES, URLS, WITH_URL, words
from scorec.dsl.values import DAY, HOUR

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

FORM = 1
"""Counted up when the same seed would give something else."""

MANIFEST = "manifest.json"
ROWS_IN_A_GROUP = 122_880
"""What DuckDB writes and reads at a time."""


@dataclass(frozen=True)
class Size:
    """What a base holds."""

    leads: int
    events: int
    key: str = "whole"
    """`whole` numbers, or `text` of 18 characters, as a CRM has them"""
    csv: bool = False
    """whether it is written as CSV too"""
    seed: int = 1


@dataclass(frozen=True)
class Base:
    """Where the tables of a base are."""

    folder: Path
    size: Size

    @property
    def leads(self) -> Path:
        return self.folder / "leads.parquet"

    @property
    def events(self) -> Path:
        """In the order of time."""
        return self.folder / "events.parquet"

    @property
    def events_by_lead(self) -> Path:
        return self.folder / "events_by_lead.parquet"

    @property
    def leads_csv(self) -> Path:
        return self.folder / "leads.csv"

    @property
    def events_csv(self) -> Path:
        return self.folder / "events.csv"


def make(folder: Path, size: Size) -> Base:
    """The base of this size in a folder; it is made if it is not there."""
    base = Base(folder, size)
    manifest = folder / MANIFEST
    wanted = {"form": FORM, **asdict(size)}
    if manifest.exists() and json.loads(manifest.read_text("utf-8")) == wanted:
        return base
    folder.mkdir(parents=True, exist_ok=True)
    manifest.unlink(missing_ok=True)
    _write(base)
    manifest.write_text(json.dumps(wanted, indent=2) + "\n", "utf-8")
    return base


def _write(base: Base) -> None:
    import numpy as np
    import pyarrow.csv
    import pyarrow.parquet

    def parquet(table: pa.Table, path: Path) -> None:
        # Without Arrow's own schema, so that every reader takes the columns as what they are in Parquet.
        pyarrow.parquet.write_table(table, path, compression="zstd", row_group_size=ROWS_IN_A_GROUP, store_schema=False)

    dice = np.random.default_rng(base.size.seed)
    leads = _leads(dice, base.size)
    parquet(leads, base.leads)
    events = _Events(dice, base.size)
    by_time = events.table(np.argsort(events.at, kind="stable"))
    parquet(by_time, base.events)
    parquet(events.table(np.lexsort((events.at, events.lead))), base.events_by_lead)
    if base.size.csv:
        pyarrow.csv.write_csv(leads, base.leads_csv)
        pyarrow.csv.write_csv(_plain(by_time), base.events_csv)


# ------------------------------------------------------------------ leads


def _leads(dice: np.random.Generator, size: Size) -> pa.Table:
    import numpy as np
    import pyarrow as pa

    count = size.leads
    number = dice.integers(0, 10**7, count)

    def missing(share: float, values: Any) -> pa.Array:
        return pa.array(values, mask=dice.random(count) < share)

    def one_of(texts: Sequence[str], share: float = 0.0) -> pa.Array:
        drawn = pa.array(dice.integers(0, len(texts), count).astype(np.int32), mask=dice.random(count) < share)
        return pa.DictionaryArray.from_arrays(drawn, list(texts)).cast(pa.string())

    def numbered(form: str, numbers: Any) -> Any:
        before, after = form.split("#")
        return np.char.add(np.char.add(before, numbers.astype(str)), after)

    employees = np.exp(_normal(dice, count) * 2.1 + 4.2).astype(np.int64)
    revenue = np.exp(_normal(dice, count) * 2.2 + 15.5).round(2)
    budget = np.exp(_normal(dice, count) * 1.3 + 9.0).astype(np.int64) // 100 * 100
    return pa.table(
        {
            "lead_id": _keys(np.arange(count), size.key),
            "email": missing(0.01, _emails(dice, number)),
            "job_title": one_of(TITLES, 0.08),
            "industry": one_of([industry.title() for industry in INDUSTRIES], 0.05),
            "country": one_of(COUNTRIES, 0.02),
            "employees": missing(0.15, employees),
            "revenue": missing(0.30, revenue),
            "lead_source": one_of(SOURCES),
            "phone": missing(0.40, numbered("+1555#", number)),
            "website": missing(0.30, numbered("https://www.company#.example", number % 5000)),
            "linkedin": missing(0.50, numbered("https://linkedin.example/in/p#", number)),
            "tech": one_of([f"Tool{tool:02d}" for tool in range(40)], 0.30),
            "budget": missing(0.50, budget),
            "unsubscribed": pa.array(dice.random(count) < 0.03),
            "company": pa.array(numbered("Company #", number % 5000)),
            "state": one_of([f"S{state:02d}" for state in range(50)], 0.30),
        }
    )


def _emails(dice: np.random.Generator, number: Any) -> Any:
    import numpy as np

    count = len(number)
    share, free = dice.random(count), np.array(words("free_mail.txt"))
    own = np.char.add(np.char.add("Company", (number % 5000).astype(str)), ".example")
    domains = [
        (0.25, free[dice.integers(0, 8, count)]),
        (0.35, free[dice.integers(0, len(free), count)]),
        (0.40, np.char.add(np.char.add("uni", (number % 300).astype(str)), ".edu")),
        (0.42, np.char.add(np.char.add("agency", (number % 90).astype(str)), ".gov")),
        (0.43, np.char.add(np.char.add("rival", (number % 10).astype(str)), ".example")),
    ]
    domain = np.select([share < limit for limit, _ in domains], [texts for _, texts in domains], own)
    person = np.where(dice.random(count) < 0.01, "test", np.char.add("first.last", number.astype(str)))
    return np.char.add(np.char.add(person, "@"), domain)


def _keys(place: Any, kind: str) -> pa.Array:
    """The keys of the leads at these places: from 1 on, or texts whose order is not that of the leads."""
    import numpy as np
    import pyarrow as pa

    if kind == "whole":
        return pa.array(place + 1)
    scattered = (place.astype(np.uint64) + np.uint64(1)) * np.uint64(11_400_714_819_323_198_485)
    return pa.array([f"00{key:016X}" for key in scattered.tolist()])


def _normal(dice: np.random.Generator, count: int) -> Any:
    """Of the bell curve, from plain draws: how NumPy draws from it may change, its plain draws do not."""
    import numpy as np

    return np.sqrt(-2 * np.log(1 - dice.random(count))) * np.cos(2 * np.pi * dice.random(count))


# ------------------------------------------------------------------ events


class _Events:
    """The events of all leads. `lead` is a lead's place, `at` microseconds, `kind` and `url` places in their lists."""

    def __init__(self, dice: np.random.Generator, size: Size) -> None:
        import numpy as np

        self.size = size
        per_lead = _spread(dice, size)
        count = size.events
        self.lead = np.repeat(np.arange(size.leads, dtype=np.int64), per_lead)
        shares = np.cumsum(list(EVENTS.values())) / sum(EVENTS.values())
        self.kind = np.searchsorted(shares, dice.random(count), side="right").astype(np.int8)
        quiet = np.repeat(np.exp(_normal(dice, size.leads) * 1.5 + 2.5) * DAY - DAY, per_lead)
        age = np.clip(quiet - np.log(1 - dice.random(count)) * 60 * DAY, -DAY, 730 * DAY)
        to_come = dice.random(count) < 0.005
        age[to_come] = -HOUR - dice.random(int(to_come.sum())) * 5 * DAY
        self.at = AS_OF - age.astype(np.int64)
        page = (dice.random(count) ** 3 * len(URLS)).astype(np.int32)
        with_url = np.array([kind in WITH_URL for kind in EVENTS])
        self.url, self.no_url = page, ~with_url[self.kind]
        self.keys = _keys(np.arange(size.leads), size.key)

    def table(self, order: Any) -> pa.Table:
        import pyarrow as pa

        def chosen(places: Any, texts: Sequence[str], mask: Any = None) -> pa.Array:
            return pa.DictionaryArray.from_arrays(pa.array(places, mask=mask), list(texts))

        return pa.table(
            {
                "lead_id": self.keys.take(pa.array(self.lead[order])),
                "event": chosen(self.kind[order], list(EVENTS)),
                "at": pa.array(self.at[order], pa.timestamp("us", "UTC")),
                "url": chosen(self.url[order], URLS, self.no_url[order]),
            }
        )


def _spread(dice: np.random.Generator, size: Size) -> Any:
    """How many events each lead has: none to some hundred, half of the leads no more than half of the mean."""
    import numpy as np

    weight = np.exp(_normal(dice, size.leads) * 1.18)
    weight[dice.random(size.leads) < 0.06] = 0
    weight = np.minimum(weight, 20 * np.mean(weight))
    upto = np.cumsum(weight)
    upto = np.floor(upto / upto[-1] * size.events + 0.5).astype(np.int64)
    return np.diff(upto, prepend=0)


def _plain(table: pa.Table) -> pa.Table:
    """Without dictionaries, which a CSV file has not."""
    import pyarrow as pa

    for name in ("event", "url"):
        table = table.set_column(table.column_names.index(name), name, table[name].cast(pa.string()))
    return table


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.base", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--leads", type=int, default=100_000)
    parser.add_argument("--events", type=int, default=2_000_000)
    parser.add_argument("--key", choices=["whole", "text"], default="whole", help="how leads are named")
    parser.add_argument("--csv", action="store_true", help="write CSV too")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    make(given.folder, Size(given.leads, given.events, given.key, given.csv, given.seed))


if __name__ == "__main__":
    main()
