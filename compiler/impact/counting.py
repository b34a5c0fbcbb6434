"""Counts, in DuckDB, what differs between the results of two versions: no lead passes through Python but the few that a
report names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any, Literal

import duckdb

from ...dsl import ir
from ...dsl.values import TICKS, divide
from ..duckdb_tables.session import Settings, connect
from ..duckdb_text import literal
from ..tables import TableError
from .facts import Columns, columns_of
from .figures import (
    Bin,
    Cell,
    Lone,
    Matrix,
    Moved,
    Mover,
    Reach,
    RuleChange,
    RulePoints,
    ScoreChange,
    Standing,
    What,
)
from .order import Order

EXAMPLES = 3
"""Keys that a cell of a matrix names."""

BINS = 24
"""A distribution has at most so many."""

OF_A_KIND = 3
"""So many movers of each kind of move come before all others."""

MOST_LABELS_OF_GRID = 200
"""A grid with more cells is not shown cell by cell."""


@dataclass(frozen=True)
class Results:
    """A file of results with the lines of the scores, and the rule of each line."""

    path: Path
    lines: tuple[str, ...]

    @property
    def relation(self) -> str:
        return f"read_parquet({literal(str(self.path))})"

    @property
    def columns_of_rules(self) -> dict[str, list[str]]:
        """The columns of each rule: a limit may stand in the account twice."""
        found: dict[str, list[str]] = {}
        for at, rule in enumerate(self.lines):
            found.setdefault(rule, []).append(f"l{at}")
        return found


class Counting:
    """The results of both versions side by side, in the table `pairs`: columns of the old version begin with `old_`,
    those of the new one with `new_`."""

    def __init__(
        self,
        old: ir.Program,
        new: ir.Program,
        old_results: Results,
        new_results: Results,
        folder: str,
        settings: Settings,
    ) -> None:
        self.old, self.new = old, new
        self.old_columns, self.new_columns = columns_of(old), columns_of(new)
        self._con = connect(settings, folder)
        self._old_results, self._new_results = old_results, new_results
        before, now = old_results.relation, new_results.relation
        selected = [f"o.{at} AS old_{at}" for at in self.old_columns.everything.values()]
        selected += [f"n.{at} AS new_{at}" for at in self.new_columns.everything.values()]
        sizes = self._count(before), self._count(now)
        self.run(
            f"CREATE TABLE pairs AS SELECT {', '.join(['o.key', *selected])} FROM {before} o"
            f" JOIN {now} n ON o.key = n.key"
        )
        self.both = self._count("pairs")
        self.only_old, self.only_new = (size - self.both for size in sizes)
        self.moved, self.changed = self._reach(
            "pairs", self._differing(self.old_columns.labels, self.new_columns.labels), self._differences()
        )

    def close(self) -> None:
        self._con.close()

    def run(self, said: str) -> list[tuple[Any, ...]]:
        try:
            return self._con.execute(said).fetchall()
        except duckdb.Error as failure:
            message = str(failure).strip().split("\n")[0][:300]
            raise TableError(f"DuckDB: {message}", "allow more with --memory." if "emory" in message else "") from None

    def _numbers(self, said: str) -> list[int]:
        (row,) = self.run(said)
        return [int(value or 0) for value in row]

    def _count(self, relation: str) -> int:
        return self._numbers(f"SELECT count(*) FROM {relation}")[0]

    def _differences(self) -> str:
        return self._differing(self.old_columns.everything, self.new_columns.everything)

    @staticmethod
    def _differing(old: Mapping[str, str], new: Mapping[str, str], one: str = "old_", other: str = "new_") -> str:
        """Whether something differs that both have."""
        tests = [f"{one}{at} IS DISTINCT FROM {other}{new[name]}" for name, at in old.items() if name in new]
        return " OR ".join(tests) or "false"

    def _reach(self, relation: str, moved: str, changed: str) -> tuple[int, int]:
        moves, changes = self._numbers(
            f"SELECT count(*) FILTER (WHERE {moved}), count(*) FILTER (WHERE {changed}) FROM {relation}"
        )
        return moves, changes

    # -------------------------------------------------------------- matrices

    def matrices(self) -> tuple[Matrix, ...]:
        """Of every band and decision that both versions have, and of every grid over the same bands."""
        found: list[Matrix] = []
        old_bands = {band.name: band for band in self.old.bands}
        for band in self.new.bands:
            before = old_bands.get(band.name)
            if before is not None:
                order = Order(before.labels, band.labels)
                at = f"old_{self.old_columns.bands[band.name]}", f"new_{self.new_columns.bands[band.name]}"
                found.append(self._matrix("band", band.name, before.labels, band.labels, *at, order))
        old_decisions = {decision.name: decision for decision in self.old.decisions}
        declared = {decision.name: decision for decision in self.new.decisions}
        for name in self.new.declared_decisions:
            decision, earlier = declared[name], old_decisions.get(name)
            if earlier is None:
                continue
            at = f"old_{self.old_columns.decisions[name]}", f"new_{self.new_columns.decisions[name]}"
            found.append(self._matrix("decision", name, earlier.outcomes, decision.outcomes, *at, None))
            found += self._grids(earlier, decision)
        return tuple(found)

    def _grids(self, old: ir.Decision, new: ir.Decision) -> list[Matrix]:
        """A grid that both versions have, over the same bands: from which cell to which."""
        there = {(grid.by_rows, grid.by_columns): grid for grid in old.rows if isinstance(grid, ir.Grid)}
        found: list[Matrix] = []
        for grid in new.rows:
            if not isinstance(grid, ir.Grid) or (grid.by_rows, grid.by_columns) not in there:
                continue
            before = there.pop((grid.by_rows, grid.by_columns))
            old_labels, new_labels = _cells(before), _cells(grid)
            if max(len(old_labels), len(new_labels)) > MOST_LABELS_OF_GRID:
                continue
            texts = []
            for side, columns in (("old_", self.old_columns), ("new_", self.new_columns)):
                rows, across = columns.bands.get(grid.by_rows), columns.bands.get(grid.by_columns)
                if rows is None or across is None:
                    break
                texts.append(f"({side}{rows} || {literal(BETWEEN)} || {side}{across})")
            if len(texts) == 2:
                made = self._matrix("grid", new.name, old_labels, new_labels, texts[0], texts[1], None)
                found.append(replace(made, by=(grid.by_rows, grid.by_columns)))
        return found

    def _matrix(
        self,
        what: What,
        name: str,
        old_labels: Sequence[str],
        new_labels: Sequence[str],
        old: str,
        new: str,
        order: Order | None,
    ) -> Matrix:
        counted: dict[tuple[str, str], tuple[int, tuple[str, ...]]] = {}
        for before, now, leads, keys in self.run(
            f"SELECT {old}, {new}, count(*), min(key, {EXAMPLES}) FROM pairs GROUP BY 1, 2"
        ):
            counted[str(before), str(now)] = int(leads), tuple(keys)
        cells: list[Cell] = []
        ways: Counter[str] = Counter()
        for before, now in product(old_labels, new_labels):
            leads, keys = counted.get((before, now), (0, ()))
            standing = Standing.SEEN if leads else Standing.NOT_ASKED
            cells.append(Cell(before, now, leads, standing, keys if before != now else ()))
            way = order.direction(before, now) if order is not None else "same" if before == now else "aside"
            ways[way] += leads
        found = ways["up"], ways["down"], ways["aside"], ways["same"]
        return Matrix(what, name, tuple(old_labels), tuple(new_labels), tuple(cells), *found)

    def lone(self) -> tuple[Lone, ...]:
        """What only one of the versions has."""
        old, new = self.old_columns, self.new_columns
        return (*self._lone("old", old, new), *self._lone("new", new, old))

    def _lone(self, version: Literal["old", "new"], mine: Columns, other: Columns) -> Iterator[Lone]:
        for name in mine.scores:
            if name not in other.scores:
                yield Lone("score", name, version, {})
        for name, at in mine.bands.items():
            if name not in other.bands:
                yield Lone("band", name, version, self._counts(f"{version}_{at}"))
        for name, at in mine.decisions.items():
            if name not in other.decisions:
                yield Lone("decision", name, version, self._counts(f"{version}_{at}"))

    def _counts(self, at: str) -> dict[str, int]:
        counted = self.run(f"SELECT {at}, count(*) FROM pairs GROUP BY 1 ORDER BY 2 DESC, 1")
        return {str(label): int(leads) for label, leads in counted}

    # -------------------------------------------------------------- scores

    def scores(self) -> tuple[ScoreChange, ...]:
        shared = [name for name in self.new_columns.scores if name in self.old_columns.scores]
        return tuple(map(self._score, shared))

    def _score(self, name: str) -> ScoreChange:
        old, new = f"old_{self.old_columns.scores[name]}", f"new_{self.new_columns.scores[name]}"
        higher, lower, same, unknown, olds, old_sum, news, new_sum, gained, lost = self._numbers(
            f"SELECT count(*) FILTER (WHERE {new} > {old}), count(*) FILTER (WHERE {new} < {old}),"
            f" count(*) FILTER (WHERE {new} = {old}), count(*) FILTER (WHERE {new} IS NULL OR {old} IS NULL),"
            f" count({old}), sum({old}), count({new}), sum({new}), max({new} - {old}), min({new} - {old}) FROM pairs"
        )
        return ScoreChange(
            name,
            higher,
            lower,
            same,
            unknown,
            divide(old_sum, olds) if olds else None,
            divide(new_sum, news) if news else None,
            max(gained, 0),
            max(-lost, 0),
            self._bins(old, new) if olds or news else (),
        )

    def _bins(self, old: str, new: str) -> tuple[Bin, ...]:
        low, high = self._numbers(f"SELECT least(min({old}), min({new})), greatest(max({old}), max({new})) FROM pairs")
        step = step_of(high - low)
        start = low // step * step
        bins = max(1, -((start - high) // step))
        found = [[0, 0] for _ in range(bins)]
        for side, at in enumerate((old, new)):
            numbered = f"least(({at} - {start}) // {step}, {bins - 1})"
            for number, leads in self.run(f"SELECT {numbered}, count(*) FROM pairs WHERE {at} IS NOT NULL GROUP BY 1"):
                found[int(number)][side] = int(leads)
        return tuple(
            Bin(start + number * step, start + (number + 1) * step, before, now)
            for number, (before, now) in enumerate(found)
        )

    # -------------------------------------------------------------- leads

    def movers(self, most: int) -> tuple[Mover, ...]:
        """The leads whose scores differ most; of those who went from and to the same, only a few, unless there are no
        others. Without their rules."""
        old, new = self.old_columns, self.new_columns
        shared = {
            name: (f"old_{old.scores[name]}", f"new_{at}") for name, at in new.scores.items() if name in old.scores
        }
        leading = [name for name in shared if name in self._leading()] or list(shared)
        steps = ", ".join(f"coalesce(abs({shared[name][1]} - {shared[name][0]}), 0)" for name in leading)
        labels = {
            name: (f"old_{old.labels[name]}", f"new_{at}") for name, at in new.labels.items() if name in old.labels
        }
        moved = self._differing(old.labels, new.labels)
        columns = [at for pair in (*shared.values(), *labels.values()) for at in pair]
        step = f"greatest(0, {steps or '0'})"
        kind = ", ".join(at for pair in labels.values() for at in pair) or "1"
        rows = self.run(
            f"SELECT {', '.join(['key', *columns])} FROM"
            f" (SELECT *, {step} AS step, ({moved}) AS moved, row_number() OVER"
            f" (PARTITION BY {kind} ORDER BY {step} DESC, key) > {OF_A_KIND} AS alike FROM pairs"
            f" WHERE {self._differences()} ORDER BY alike, step DESC, moved DESC, key LIMIT {most})"
            f" ORDER BY step DESC, moved DESC, key"
        )
        found: list[Mover] = []
        for key, *values in rows:
            pairs = list(zip(values[::2], values[1::2], strict=True))
            named = list(zip((*shared, *labels), pairs, strict=True))
            differing = [Moved(name, *pair) for name, pair in named if pair[0] != pair[1]]
            scores = [one for one in differing if one.name in shared]
            found.append(Mover(str(key), tuple(scores), tuple(one for one in differing if one.name in labels), ()))
        return tuple(found)

    def rules_of(self, movers: Sequence[Mover]) -> tuple[Mover, ...]:
        """The movers with the rules that gave them other points, those first that differ most."""
        if not movers:
            return ()
        keys = ", ".join(literal(mover.key) for mover in movers)
        before, now = (self._points(results, keys) for results in (self._old_results, self._new_results))
        found: list[Mover] = []
        for mover in movers:
            gave, gives = before[mover.key], now[mover.key]
            rules = [RulePoints(rule, gave.get(rule, 0), gives.get(rule, 0)) for rule in {**gave, **gives}]
            differing = [one for one in rules if one.old != one.new]
            ordered = sorted(differing, key=lambda one: (-abs(one.new - one.old), one.rule))
            found.append(replace(mover, rules=tuple(ordered)))
        return tuple(found)

    def _points(self, results: Results, keys: str) -> dict[str, dict[str, int]]:
        """For each of some leads, what each rule gave it."""
        rules = results.columns_of_rules
        sums = [" + ".join(f"coalesce({at}, 0)" for at in columns) for columns in rules.values()]
        rows = self.run(f"SELECT {', '.join(['key', *sums])} FROM {results.relation} WHERE key IN ({keys})")
        return {str(key): dict(zip(rules, points, strict=True)) for key, *points in rows}

    def rules(self) -> tuple[RuleChange, ...]:
        """The rules that gave another number of leads points, or other points in all; those first that moved most."""
        old = self._totals(self._old_results, self.only_old)
        new = self._totals(self._new_results, self.only_new)
        found: list[RuleChange] = []
        for rule in {**old, **new}:
            (before, gave), (now, gives) = old.get(rule, (0, 0)), new.get(rule, (0, 0))
            if (before, gave) != (now, gives):
                found.append(RuleChange(rule, before, now, gave, gives))
        return tuple(sorted(found, key=lambda one: (-abs(one.new_points - one.old_points), one.rule)))

    def _totals(self, results: Results, others: int) -> dict[str, tuple[int, int]]:
        """How many leads each rule gave or took points, and how many points in all, in ticks."""
        rules = results.columns_of_rules
        if not rules:
            return {}
        sums: list[str] = []
        for columns in rules.values():
            sums.append(f"count(coalesce({', '.join(columns)}))")
            sums.append(" + ".join(f"coalesce(sum({at}), 0)" for at in columns))
        # Leads that only one version scored are not compared.
        both = " WHERE key IN (SELECT key FROM pairs)" if others else ""
        numbers = self._numbers(f"SELECT {', '.join(sums)} FROM {results.relation}{both}")
        return dict(zip(rules, zip(numbers[::2], numbers[1::2], strict=True), strict=True))

    def _leading(self) -> set[str]:
        """The scores that bands are made of."""
        return {band.score for program in (self.old, self.new) for band in program.bands}

    # -------------------------------------------------------------- single edits

    def effect(
        self, alone: tuple[ir.Program, Path] | None, without: tuple[ir.Program, Path] | None
    ) -> tuple[Reach | None, Reach | None, int]:
        """What an edit does alone (its results beside the old ones), and together with the others (the new results
        beside those without it); and how many leads it moves in one of the two ways only."""
        joins, tests = "", []
        for letter, made, side, beside in (
            ("a", alone, "pairs.old_", self.old_columns),
            ("w", without, "pairs.new_", self.new_columns),
        ):
            if made is None:
                continue
            program, path = made
            mine: Columns = columns_of(program)
            moved = self._differing(beside.labels, mine.labels, side, f"{letter}.")
            tests.append((f"({moved})", f"({self._differing(beside.everything, mine.everything, side, f'{letter}.')})"))
            joins += f" JOIN read_parquet({literal(str(path))}) {letter} ON {letter}.key = pairs.key"
        if not tests:
            return None, None, 0
        counts = [f"count(*) FILTER (WHERE {test})" for pair in tests for test in pair]
        apart = f"count(*) FILTER (WHERE {tests[0][0]} <> {tests[1][0]})" if len(tests) == 2 else "0"
        *numbers, depends = self._numbers(f"SELECT {', '.join([*counts, apart])} FROM pairs{joins}")
        reaches = [Reach(*numbers[at : at + 2]) for at in range(0, len(numbers), 2)]
        first: Reach | None = reaches.pop(0) if alone is not None else None
        return first, reaches.pop(0) if reaches else None, depends

    def sampled(self, below: str) -> int:
        """How many of the leads are in a sample."""
        return self._count(f"pairs WHERE md5(key) < {literal(below)}")


BETWEEN = " · "
"""Stands between the row and the column of a grid's cell."""


def _cells(grid: ir.Grid) -> tuple[str, ...]:
    return tuple(row + BETWEEN + column for row in grid.row_labels for column in grid.column_labels)


def step_of(width: int) -> int:
    """A round width of bins, of which few enough cover a range: 1, 2 or 5 times a power of ten, in ticks. Where all
    have the same score, a point."""
    if width == 0:
        return TICKS
    step = 1
    for factor in _factors():
        step = factor
        if step * BINS >= width:
            break
    return step


def _factors() -> Sequence[int]:
    return [digit * 10**power for power in range(20) for digit in (1, 2, 5)]
