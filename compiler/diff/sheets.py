"""A program taken apart into named parts, and put together again with some of them exchanged.

A sheet has an entity for everything that has a name (and for lines that have none, such as the rows of a decision),
each with its attributes, and tells which entities stand in which, in which order. An edit takes one thing over from
another sheet: an attribute, an entity that is new or gone, an order. So any choice of edits between two versions makes
a program of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, NamedTuple, TypeAlias, TypeVar, assert_never

from ...dsl import ir
from ...dsl.source import NOWHERE, Span
from ..reading import reads

Key: TypeAlias = tuple[str, ...]
"""What kind of thing an entity is, whose it is ("" or "account"), and its name: ("rule", "", "fit.student")."""

Place: TypeAlias = tuple[Key, str]
"""An entity, and which of its rows of members."""

ROOT: Key = ("policy", "", "")


class Edit(NamedTuple):
    """`set`: an attribute is taken over; `add`, `remove`: an entity; `order`: of the members of a place (`attribute`
    names the place's row). `parent` is an attribute of rules and groups like any other."""

    act: Literal["set", "add", "remove", "order"]
    key: Key
    attribute: str = ""


@dataclass
class Entity:
    attributes: dict[str, Any]
    span: Span = NOWHERE
    parent: Place = (ROOT, "")


@dataclass
class Sheet:
    """Entities by key, in the order of the text; members of a place in their order."""

    entities: dict[Key, Entity] = field(default_factory=dict)
    members: dict[Place, list[Key]] = field(default_factory=dict)

    def add(self, place: Place, key: Key, attributes: dict[str, Any], span: Span = NOWHERE) -> None:
        self.entities[key] = Entity(attributes, span, place)
        self.members.setdefault(place, []).append(key)

    def of(self, key: Key, row: str) -> list[Key]:
        return self.members.get((key, row), [])

    def inside(self, key: Key) -> Iterator[Key]:
        """Everything that stands in an entity, however deep."""
        for (owner, _), keys in self.members.items():
            if owner == key:
                for one in keys:
                    yield one
                    yield from self.inside(one)


# ------------------------------------------------------------------ taking apart

_POLICY = (
    "name",
    "label",
    "version",
    "language",
    "owner",
    "effective_from",
    "effective_to",
    "timezone",
    "subject",
    "key",
)
_FIELD = ("kind", "required", "column", "values")


def taken_apart(program: ir.Program) -> Sheet:
    sheet = Sheet()
    sheet.entities[ROOT] = Entity({name: getattr(program, name) for name in _POLICY})
    for one in program.fields:
        sheet.add((ROOT, "fields"), ("field", "", one.name), _attributes(one, _FIELD), one.span)
    for event in program.events:
        key = ("event", "", event.name)
        sheet.add((ROOT, "events"), key, {"source": event.source}, event.span)
        for one in event.properties:
            own = ("property", "", event.name, one.name)
            sheet.add((key, "properties"), own, _attributes(one, _FIELD), one.span)
    by_name = {score.name: score for score in program.scores}
    _scores(sheet, ROOT, "", [by_name[name] for name in program.declared_scores])
    _bands(sheet, ROOT, "", program.bands)
    _gates(sheet, ROOT, "", program.gates)
    decided = {decision.name: decision for decision in program.decisions}
    _decisions(sheet, ROOT, "", [decided[name] for name in program.declared_decisions])
    for outcome in program.outcomes:
        attributes = _attributes(outcome, ("label", "within"))
        sheet.add((ROOT, "outcomes"), ("outcome", "", outcome.name), attributes, outcome.span)
    for alert in program.alerts:
        attributes = _attributes(alert, ("to", "watched", "change", "value"))
        sheet.add((ROOT, "alerts"), ("alert", "", alert.name), attributes, alert.span)
    for show in program.shows:
        sheet.add((ROOT, "audiences"), ("audience", "", show.audience), {"names": show.names}, show.span)
    if program.account is not None:
        account = program.account
        key = ("account", "account", "")
        sheet.add((ROOT, "account"), key, _attributes(account, ("key", "where")), account.span)
        _scores(sheet, key, "account", account.scores)
        _bands(sheet, key, "account", account.bands)
        _gates(sheet, key, "account", account.gates)
        _decisions(sheet, key, "account", account.decisions)
    for promise in program.promises:
        key = ("promise", "", promise.name)
        sheet.add((ROOT, "promises"), key, _attributes(promise, ("label", "vows")), promise.span)
    for test in program.tests:
        titled = _free(sheet, ("test", "", test.title))
        given = tuple(sorted((one for one in test.lead if one[1] is not None), key=lambda one: one[0]))
        sheet.add((ROOT, "tests"), titled, {"body": replace(test, lead=given)}, test.span)
    return sheet


def _attributes(of: Any, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(of, name) for name in names}


def _free(sheet: Sheet, key: Key) -> Key:
    number = 1
    free: Key = key
    while free in sheet.entities:
        number += 1
        free = (*key, str(number))
    return free


def _scores(sheet: Sheet, owner: Key, scope: str, scores: Iterable[ir.Score]) -> None:
    for score in scores:
        key = ("score", scope, score.name)
        attributes: dict[str, Any] = _attributes(score, ("label", "rounding", "body", "start", "silence"))
        attributes["range"] = (score.low, score.high)
        sheet.add((owner, "scores"), key, attributes, score.span)
        _items(sheet, key, scope, score.items)
        for row, bounds in (("floors", score.floors), ("caps", score.caps)):
            for number, bound in enumerate(bounds):
                own = (row[:-1], scope, score.name, str(number))
                sheet.add((key, row), own, _attributes(bound, ("ticks", "condition")), bound.span)


def _items(sheet: Sheet, owner: Key, scope: str, items: Iterable[ir.Rule | ir.Group]) -> None:
    for item in items:
        match item:
            case ir.Rule():
                attributes = _attributes(item, STAY)
                attributes |= {"trigger": type(item.trigger).__name__, **_trigger(item.trigger)}
                sheet.add((owner, "items"), ("rule", scope, item.full_name), attributes, item.span)
            case ir.Group():
                key = ("group", scope, item.full_name)
                attributes = _attributes(item, ("label", "kind", "most", "least", "counting"))
                sheet.add((owner, "items"), key, attributes, item.span)
                _items(sheet, key, scope, item.items)
            case _:
                assert_never(item)


STAY = ("label", "points", "max_points", "starts", "ends")
"""What a rule has whatever it waits for."""
EACH = ("once_ever", "once_per_period", "once_per_property", "at_most", "at_most_per", "curve")


def _trigger(trigger: ir.Trigger) -> dict[str, Any]:
    match trigger:
        case ir.When():
            return {"condition": trigger}
        case ir.Otherwise():
            return {}
        case ir.Per():
            return {"amount": trigger.amount, "item": trigger.item}
        case ir.Each(events=events):
            found = {"kinds": events.kinds, "window": events.window, "where": events.where, "resets": events.resets}
            return found | _attributes(trigger, EACH)
        case _:
            assert_never(trigger)


def _bands(sheet: Sheet, owner: Key, scope: str, bands: Iterable[ir.Band]) -> None:
    for band in bands:
        key = ("band", scope, band.name)
        sheet.add((owner, "bands"), key, _attributes(band, ("score", "label", "otherwise")), band.span)
        for row in band.rows:
            sheet.add((key, "rows"), ("band row", scope, band.name, row.label), {"limit": row.limit}, row.span)


def _gates(sheet: Sheet, owner: Key, scope: str, gates: Iterable[ir.Gate]) -> None:
    for gate in gates:
        key = ("gate", scope, gate.name)
        sheet.add((owner, "gates"), key, {"label": gate.label}, gate.span)
        for number, ban in enumerate(gate.bans):
            attributes = _attributes(ban, ("outcomes", "trigger"))
            sheet.add((key, "bans"), ("ban", scope, gate.name, str(number)), attributes, ban.span)


def _decisions(sheet: Sheet, owner: Key, scope: str, decisions: Iterable[ir.Decision]) -> None:
    for decision in decisions:
        key = ("decision", scope, decision.name)
        sheet.add((owner, "decisions"), key, {"label": decision.label}, decision.span)
        for row in decision.rows:
            own = ("row", scope, decision.name, str(row.row))
            match row:
                case ir.Choice():
                    attributes = {"grid": False, "outcome": row.outcome, "trigger": row.trigger}
                case ir.Grid():
                    attributes = {"grid": True, **_attributes(row, _GRID)}
                    for at, first in enumerate(row.row_labels):
                        for beside, second in enumerate(row.column_labels):
                            attributes[cell_of(first, second)] = row.cells[at][beside]
                case _:
                    assert_never(row)
            sheet.add((key, "rows"), own, attributes, row.span)


_GRID = ("by_rows", "by_columns", "row_labels", "column_labels")


def cell_of(row: str, column: str) -> str:
    """The attribute of a grid's cell."""
    return f"cell {row}\n{column}"


# ------------------------------------------------------------------ putting together


def put_together(sheet: Sheet, base: ir.Program) -> ir.Program:
    """The program that a sheet describes; `base` gives what no sheet holds."""
    policy = sheet.entities[ROOT].attributes
    scores = _made_scores(sheet, ROOT)
    decisions = _made_decisions(sheet, ROOT)
    account = next((_made_account(sheet, key) for key in sheet.of(ROOT, "account")), None)
    fields = tuple(_made_field(sheet, key) for key in sheet.of(ROOT, "fields"))
    made = replace(
        base,
        **policy,
        fields=fields,
        events=tuple(
            ir.EventKind(
                key[2],
                sheet.entities[key].attributes["source"],
                tuple(_made_field(sheet, one) for one in sheet.of(key, "properties")),
                span=sheet.entities[key].span,
            )
            for key in sheet.of(ROOT, "events")
        ),
        scores=_scores_in_order(scores, _made_bands(sheet, ROOT)),
        declared_scores=tuple(score.name for score in scores),
        bands=_made_bands(sheet, ROOT),
        gates=_made_gates(sheet, ROOT),
        decisions=_decisions_in_order(decisions),
        declared_decisions=tuple(decision.name for decision in decisions),
        outcomes=_made_outcomes(sheet, (*decisions, *(account.decisions if account is not None else ()))),
        alerts=tuple(
            ir.Alert(key[2], **sheet.entities[key].attributes, span=sheet.entities[key].span)
            for key in sheet.of(ROOT, "alerts")
        ),
        shows=tuple(
            ir.Show(key[2], sheet.entities[key].attributes["names"], span=sheet.entities[key].span)
            for key in sheet.of(ROOT, "audiences")
        ),
        account=account,
        promises=tuple(
            ir.Promise(key[2], **sheet.entities[key].attributes, span=sheet.entities[key].span)
            for key in sheet.of(ROOT, "promises")
        ),
        tests=tuple(sheet.entities[key].attributes["body"] for key in sheet.of(ROOT, "tests")),
    )
    read = reads((made.scores, made.bands, made.gates, made.decisions)).fields
    return replace(made, reads=tuple(one.name for one in fields if one.name in read))


def _made_field(sheet: Sheet, key: Key) -> ir.Field:
    return ir.Field(key[-1], **sheet.entities[key].attributes, span=sheet.entities[key].span)


def _made_scores(sheet: Sheet, owner: Key) -> list[ir.Score]:
    made = []
    for key in sheet.of(owner, "scores"):
        attributes = dict(sheet.entities[key].attributes)
        low, high = attributes.pop("range")
        made.append(
            ir.Score(
                name=key[2],
                low=low,
                high=high,
                items=_made_items(sheet, key),
                floors=_made_bounds(sheet, key, "floors"),
                caps=_made_bounds(sheet, key, "caps"),
                span=sheet.entities[key].span,
                **attributes,
            )
        )
    return made


def _made_bounds(sheet: Sheet, key: Key, row: str) -> tuple[ir.Bound, ...]:
    entities = [sheet.entities[one] for one in sheet.of(key, row)]
    return tuple(ir.Bound(**entity.attributes, span=entity.span) for entity in entities)


def _made_items(sheet: Sheet, owner: Key) -> tuple[ir.Rule | ir.Group, ...]:
    made: list[ir.Rule | ir.Group] = []
    for key in sheet.of(owner, "items"):
        entity = sheet.entities[key]
        name = key[2].rpartition(".")[2]
        if key[0] == "group":
            made.append(
                ir.Group(
                    name=name, full_name=key[2], items=_made_items(sheet, key), span=entity.span, **entity.attributes
                )
            )
            continue
        rule = {one: entity.attributes[one] for one in STAY}
        made.append(
            ir.Rule(name=name, full_name=key[2], trigger=_made_trigger(entity.attributes), span=entity.span, **rule)
        )
    return tuple(made)


def _made_trigger(attributes: Mapping[str, Any]) -> ir.Trigger:
    match attributes["trigger"]:
        case "When":
            when: ir.When = attributes["condition"]
            return when
        case "Per":
            return ir.Per(attributes["amount"], attributes["item"])
        case "Each":
            events = ir.Events(*(attributes[name] for name in ("kinds", "window", "where", "resets")))
            return ir.Each(events, **{name: attributes[name] for name in EACH})
        case _:
            return ir.Otherwise()


def _made_bands(sheet: Sheet, owner: Key) -> tuple[ir.Band, ...]:
    return tuple(
        ir.Band(
            name=key[2],
            rows=tuple(
                ir.BandRow(row[3], sheet.entities[row].attributes["limit"], span=sheet.entities[row].span)
                for row in sheet.of(key, "rows")
            ),
            span=sheet.entities[key].span,
            **sheet.entities[key].attributes,
        )
        for key in sheet.of(owner, "bands")
    )


def _made_gates(sheet: Sheet, owner: Key) -> tuple[ir.Gate, ...]:
    return tuple(
        ir.Gate(
            key[2],
            sheet.entities[key].attributes["label"],
            tuple(
                ir.Ban(**sheet.entities[ban].attributes, span=sheet.entities[ban].span) for ban in sheet.of(key, "bans")
            ),
            span=sheet.entities[key].span,
        )
        for key in sheet.of(owner, "gates")
    )


def _made_decisions(sheet: Sheet, owner: Key) -> list[ir.Decision]:
    made = []
    for key in sheet.of(owner, "decisions"):
        rows: list[ir.Choice | ir.Grid] = []
        for number, row in enumerate(sheet.of(key, "rows"), 1):
            entity = sheet.entities[row]
            found = entity.attributes
            if found["grid"]:
                cells = tuple(
                    tuple(found.get(cell_of(first, second), "") for second in found["column_labels"])
                    for first in found["row_labels"]
                )
                rows.append(ir.Grid(number, **{name: found[name] for name in _GRID}, cells=cells, span=entity.span))
            else:
                rows.append(ir.Choice(number, found["outcome"], found["trigger"], span=entity.span))
        entity = sheet.entities[key]
        made.append(ir.Decision(key[2], entity.attributes["label"], tuple(rows), span=entity.span))
    return made


def _made_outcomes(sheet: Sheet, decisions: Iterable[ir.Decision]) -> tuple[ir.Outcome, ...]:
    """Those that the sheet has; and one for every other that is in use."""
    made = {key[2]: ir.Outcome(key[2], **sheet.entities[key].attributes) for key in sheet.of(ROOT, "outcomes")}
    for decision in decisions:
        for outcome in decision.outcomes:
            made.setdefault(outcome, ir.Outcome(outcome, "", None))
    return tuple(made.values())


def _made_account(sheet: Sheet, key: Key) -> ir.Account:
    return ir.Account(
        scores=_scores_in_order(_made_scores(sheet, key), _made_bands(sheet, key)),
        bands=_made_bands(sheet, key),
        gates=_made_gates(sheet, key),
        decisions=_decisions_in_order(_made_decisions(sheet, key)),
        span=sheet.entities[key].span,
        **sheet.entities[key].attributes,
    )


def _scores_in_order(scores: Sequence[ir.Score], bands: Sequence[ir.Band]) -> tuple[ir.Score, ...]:
    """Each after those that it reads, also by way of their bands."""
    of_band = {band.name: {band.score, *reads(band.rows).scores} for band in bands}
    needs = {}
    for score in scores:
        found = reads(score)
        needs[score.name] = {*found.scores, *(name for band in found.bands for name in of_band.get(band, ()))}
    return tuple(_in_order(scores, needs))


def _decisions_in_order(decisions: Sequence[ir.Decision]) -> tuple[ir.Decision, ...]:
    return tuple(_in_order(decisions, {one.name: set(reads(one).decisions) for one in decisions}))


Named = TypeVar("Named", ir.Score, ir.Decision)


def _in_order(items: Sequence[Named], needs: Mapping[str, set[str]]) -> list[Named]:
    """Each after those that it needs. (Of a circle, which only a choice of edits can make, the rest as they stand.)"""
    waiting, made, have = list(items), [], set[str]()
    names = {item.name for item in items}
    while waiting:
        ready = next((item for item in waiting if not (needs[item.name] & names) - have - {item.name}), waiting[0])
        waiting.remove(ready)
        made.append(ready)
        have.add(ready.name)
    return made


# ------------------------------------------------------------------ lines without a name


_NAMELESS = {"bans": "ban", "rows": "row", "floors": "floor", "caps": "cap"}


def matched(old: Sheet, new: Sheet) -> Sheet:
    """The new sheet, whose nameless lines (rows of decisions, lines of gates, caps and floors) carry the keys of the
    old lines that they are: the equal ones; then those with the same outcome, or the same condition."""
    keys: dict[Key, Key] = {}
    for (owner, row), theirs in new.members.items():
        kind = _NAMELESS.get(row)
        if kind is None or not theirs or theirs[0][0] != kind:
            continue
        ours = old.of(owner, row)
        pairs = _pairs([old.entities[key].attributes for key in ours], [new.entities[key].attributes for key in theirs])
        for at, key in enumerate(theirs):
            keys[key] = ours[pairs[at]] if at in pairs else (*key[:3], f"new {key[3]}")
    if not keys:
        return new
    return Sheet(
        {
            keys.get(key, key): Entity(entity.attributes, entity.span, entity.parent)
            for key, entity in new.entities.items()
        },
        {place: [keys.get(key, key) for key in members] for place, members in new.members.items()},
    )


def _pairs(ours: Sequence[Mapping[str, Any]], theirs: Sequence[Mapping[str, Any]]) -> dict[int, int]:
    """For the place of a line in the new version, its place in the old one."""
    pairs: dict[int, int] = {}
    taken: set[int] = set()

    def pair(alike: Callable[[Mapping[str, Any], Mapping[str, Any]], bool]) -> None:
        for at, line in enumerate(theirs):
            if at in pairs:
                continue
            for before, other in enumerate(ours):
                if before not in taken and alike(other, line):
                    pairs[at] = before
                    taken.add(before)
                    break

    pair(lambda one, other: one == other)
    for name in ("grid", "outcome", "outcomes", "trigger", "condition", "ticks"):
        pair(lambda one, other, name=name: _share(one, other, name))  # type: ignore[misc]
    return pairs


def _share(one: Mapping[str, Any], other: Mapping[str, Any], name: str) -> bool:
    if name == "grid":
        return bool(one.get("grid") and other.get("grid"))
    return name in one and name in other and one[name] == other[name] and one[name] is not None


# ------------------------------------------------------------------ edits


def edits_between(old: Sheet, new: Sheet) -> list[Edit]:
    """Everything that has to be taken over from the new sheet to make it of the old one, in the order of the text."""
    found: list[Edit] = []
    for key, entity in new.entities.items():
        before = old.entities.get(key)
        if before is None:
            found.append(Edit("add", key))
            continue
        names = [*entity.attributes, *(name for name in before.attributes if name not in entity.attributes)]
        if not _same(before.attributes, entity.attributes, "trigger") and key[0] == "rule":
            # What a rule waits for is of another kind: all that belongs to it is taken over at once.
            names = [*STAY, "trigger"]
        found.extend(Edit("set", key, name) for name in names if not _same(before.attributes, entity.attributes, name))
        if before.parent != entity.parent:
            found.append(Edit("set", key, "parent"))
    found.extend(Edit("remove", key) for key in old.entities if key not in new.entities)
    for place, theirs in new.members.items():
        ours = old.members.get(place, [])
        common = [key for key in theirs if key in ours]
        if common != [key for key in ours if key in theirs]:
            found.append(Edit("order", place[0], place[1]))
    return found


def _same(one: Mapping[str, Any], other: Mapping[str, Any], name: str) -> bool:
    return name in one and name in other and bool(one[name] == other[name])


def edited(old: Sheet, new: Sheet, edits: Collection[Edit]) -> Sheet:
    """The old sheet with some of the edits between it and the new one. A rule whose group is not there stands in what
    that group stood in."""
    removed = {edit.key for edit in edits if edit.act == "remove"}
    added = {edit.key for edit in edits if edit.act == "add"}
    reordered = {(edit.key, edit.attribute) for edit in edits if edit.act == "order"}
    moved = {edit.key for edit in edits if edit.act == "set" and edit.attribute == "parent"}
    sheet = Sheet()
    for key, entity in old.entities.items():
        if key not in removed:
            sheet.entities[key] = Entity(dict(entity.attributes), entity.span, entity.parent)
    for key in new.entities:
        if key in added:
            found = new.entities[key]
            sheet.entities[key] = Entity(dict(found.attributes), found.span, found.parent)
    for edit in edits:
        if edit.act == "set" and edit.attribute != "parent" and edit.key in sheet.entities:
            theirs = new.entities[edit.key].attributes
            if edit.key[0] == "rule" and edit.attribute == "trigger":
                mine = sheet.entities[edit.key].attributes
                kept = {name: mine[name] for name in STAY}
                sheet.entities[edit.key].attributes = {**theirs, **kept}
            elif edit.attribute in theirs:
                sheet.entities[edit.key].attributes[edit.attribute] = theirs[edit.attribute]
            else:
                sheet.entities[edit.key].attributes.pop(edit.attribute, None)
    ours_at = {key: at for at, key in enumerate(old.entities)}
    theirs_at = {key: at for at, key in enumerate(new.entities)}
    from_new = added | moved
    where: dict[Place, list[Key]] = {}
    for key in list(sheet.entities):
        if key == ROOT:
            continue
        source = new if key in from_new else old
        row = source.entities[key].parent[1]
        place = source.entities[key].parent
        while place[0] not in sheet.entities:
            place = source.entities[place[0]].parent
        if place[1] != row:  # what it stood in is gone as a whole
            del sheet.entities[key]
            continue
        sheet.entities[key].parent = place
        where.setdefault(place, []).append(key)
    for place, keys in where.items():
        line = sorted((key for key in keys if key not in from_new), key=ours_at.__getitem__)
        if place in reordered:
            following = iter(sorted((key for key in line if key in theirs_at), key=theirs_at.__getitem__))
            line = [next(following) if key in theirs_at else key for key in line]
        for key in sorted((key for key in keys if key in from_new), key=theirs_at.__getitem__):
            before = [one for one in new.members[new.entities[key].parent] if theirs_at[one] < theirs_at[key]]
            last = max((line.index(one) for one in before if one in line), default=-1)
            line.insert(last + 1, key)
        sheet.members[place] = line
    return sheet
