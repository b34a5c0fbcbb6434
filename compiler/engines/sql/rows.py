"""A relation that is made wider step by step: one step of the statement for each level of what reads what."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlglot import exp

from .syntax import Sql, column, compare, named


@dataclass(frozen=True)
class Step:
    """A named relation of a statement: `name AS (query)`. `apart`: it should be computed by itself, where an engine can
    be told so; a planner that looks through it would write its expressions out again and again."""

    name: str
    query: exp.Select
    apart: bool = False


class Names:
    """Names that are not taken yet. Two that differ only in case are one name to some engines."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = {name.lower() for name in taken}

    def fresh(self, wanted: str) -> str:
        name, number = wanted, 1
        while name.lower() in self._taken:
            number += 1
            name = f"{wanted}_{number}"
        self._taken.add(name.lower())
        return name


class Joined:
    """Another relation whose columns a row takes over, missing where it has no partner."""

    def __init__(self, row: Row, relation: str, level: int) -> None:
        self._row = row
        self._level = level
        self.relation = relation

    def column(self, theirs: str, wanted: str, comment: str = "") -> exp.Column:
        return self._row.put(self._level, wanted, column(theirs, self.relation), comment)


@dataclass
class _Level:
    joins: list[tuple[str, str, str, str]] = field(default_factory=list)
    """(relation, its name here, its column, ours)"""
    columns: list[tuple[str, Sql, str]] = field(default_factory=list)
    """(name, expression, comment)"""


class Row:
    """One row for each lead, event or account. Its columns are defined in any order; each goes to the first step in
    which everything is there that it reads."""

    def __init__(self, base: str, columns: Iterable[str], stem: str, relations: Names) -> None:
        given = list(columns)
        self.base = base
        self.names = Names(given)
        """of columns"""
        self._stem = stem
        self._relations = relations
        self._level_of = dict.fromkeys(given, 0)
        self._levels: list[_Level] = []
        self._step_names: list[str] = []
        self._found: dict[str, exp.Column] = {}
        self._joined: dict[tuple[str, str, str, int], Joined] = {}

    def define(self, wanted: str, node: Sql, comment: str = "") -> exp.Column:
        """The column that holds an expression; the same one for the same expression."""
        if isinstance(node, exp.Column) and not node.table:
            return node
        key = node.sql("duckdb", comments=False)
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = self.put(1 + self.level(node), wanted, node, comment)
        return found

    def level(self, node: Sql) -> int:
        """The step after which everything is there that an expression reads. What is no column (the name inside a
        lambda) is always there."""
        return max((self._level_of.get(read.name, 0) for read in node.find_all(exp.Column)), default=0)

    def put(self, level: int, wanted: str, node: Sql, comment: str = "") -> exp.Column:
        """A new column of a step; at level 0, one that the base has."""
        name = self.names.fresh(wanted)
        if level > 0:
            self._at(level).columns.append((name, node, comment))
        self._level_of[name] = level
        return column(name)

    def join(self, relation: str, theirs: str, ours: exp.Column, at_least: int = 0) -> Joined:
        """Takes another relation in, by a column of its that is known and different in each of its rows."""
        level = max(self.level(ours) + 1, at_least)
        key = (relation, theirs, ours.name, level)
        found = self._joined.get(key)
        if found is None:
            taken = any(relation == other.relation for other in self._joined.values())
            alias = self._relations.fresh(relation) if taken else relation
            self._at(level).joins.append((relation, alias, theirs, ours.name))
            found = self._joined[key] = Joined(self, alias, level)
        return found

    def relation_after(self, level: int) -> str:
        """The name of the relation in which everything up to a level is there."""
        if level == 0:
            return self.base
        self._at(level)
        return self._step_names[level - 1]

    @property
    def last(self) -> str:
        return self.relation_after(len(self._levels))

    def _at(self, level: int) -> _Level:
        while len(self._levels) < level:
            self._levels.append(_Level())
            self._step_names.append(self._relations.fresh(f"{self._stem}_{len(self._levels)}"))
        return self._levels[level - 1]

    def steps(self) -> list[Step]:
        found = []
        for number, level in enumerate(self._levels, 1):
            before, name = self.relation_after(number - 1), self._step_names[number - 1]
            query = exp.select(exp.Column(this=exp.Star(), table=exp.to_identifier(before, quoted=True)))
            columns = [
                named(self._qualified(node, before) if level.joins else node, name, comment)
                for name, node, comment in level.columns
            ]
            query = query.select(*columns, copy=False)
            query = query.from_(table(before), copy=False)
            for relation, alias, theirs, ours in level.joins:
                on = compare("==", column(theirs, alias), column(ours, before))
                query = query.join(table(relation, alias), on=on, join_type="left", copy=False)
            following = self._levels[number].joins if number < len(self._levels) else []
            found.append(Step(name, query, any(self._level_of[ours] > 0 for _, _, _, ours in following)))
        return found

    def _qualified(self, node: Sql, relation: str) -> Sql:
        """Where other relations are joined, a column says that it is ours: theirs may have the same name."""
        node = node.copy()
        for read in [node] if isinstance(node, exp.Column) else node.find_all(exp.Column):
            if not read.args.get("table") and read.name in self._level_of:
                read.set("table", exp.to_identifier(relation, quoted=True))
        return node


def table(name: str, alias: str | None = None) -> exp.Table:
    found = exp.Table(this=exp.to_identifier(name, quoted=True))
    if alias is not None and alias != name:
        found.set("alias", exp.TableAlias(this=exp.to_identifier(alias, quoted=True)))
    return found


def in_order(steps: Sequence[Step]) -> list[Step]:
    """Each step after those that it reads; otherwise as they were."""
    by_name = {step.name: step for step in steps}
    ordered: dict[str, Step] = {}

    def place(step: Step) -> None:
        if step.name not in ordered:
            for read in step.query.find_all(exp.Table):
                if read.name in by_name and read.name != step.name:
                    place(by_name[read.name])
            ordered[step.name] = step

    for step in steps:
        place(step)
    return list(ordered.values())
