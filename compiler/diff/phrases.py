"""How a change reads: in the author's own words where the text has some, in plain ones where it has not."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from ...dsl import ir
from ...dsl.source import Source, Span
from ..reading import parts
from ..wording import duration_text, local_moment, percent_text, points_text, signed, spoken
from .sheets import ROOT, Entity, Key, Sheet

_LONGEST = 100


class Phrases:
    """The words for the changes between two sheets. (A class, because all of them read the same texts.)"""

    def __init__(self, old: Mapping[str, Source], new: Mapping[str, Source], ours: Sheet, theirs: Sheet) -> None:
        self.sources = (old, new)
        self.sheets = (ours, theirs)

    # -------------------------------------------------------------- whole things

    def whole(self, key: Key, came: bool, inside: Sequence[Key]) -> str:
        """Something that is new, or gone."""
        entity = self.sheets[came].entities[key]
        is_ = "is new" if came else "is gone"
        found = entity.attributes
        match key[0]:
            case "rule":
                return f"`{key[2]}` {is_}: {self._rule(key, came)}"
            case "group":
                names = [one[2].rpartition(".")[2] for one in inside if one[0] == "rule"]
                return f"group `{key[2]}` {is_}" + (f", with {', '.join(names)}" if names else "")
            case "field":
                return f"field `{key[2]}` {is_}: {_type(found)}"
            case "event":
                return f"event `{key[2]}` {is_}"
            case "property":
                return f"property `{key[3]}` of event `{key[2]}` {is_}: {_type(found)}"
            case "score":
                rules = [one for one in inside if one[0] == "rule"]
                return f"score `{key[2]}` {is_}" + (f", with {len(rules)} rules" if len(rules) > 1 else "")
            case "floor" | "cap":
                when = self._text(came, found["condition"].span) or "its condition holds"
                return f"`{key[2]}`: {key[0]} {points_text(found['ticks'])} when {when} {is_}"
            case "band row":
                limit = self._limit(found["limit"], came)
                return f"row `{key[3]}` (from {limit}) of band `{key[2]}` {is_}"
            case "ban":
                return f"gate `{key[2]}`: `{self._ban(key, came)}` {is_}"
            case "row":
                return f"decision `{key[2]}`: {self._row(key, came)} {is_}"
            case "gate":
                bans = [f"`{self._ban(one, came)}`" for one in inside if one[0] == "ban"]
                return f"gate `{key[2]}` {is_}" + (f": {'; '.join(bans)}" if bans else "")
            case "alert":
                return f"alert `{key[2]}` {is_}: {_alert(found)}"
            case "audience":
                return f"audience `{key[2]}` {is_}"
            case "account":
                return f"the account {is_}"
            case "test":
                return f'test "{key[2]}" {is_}'
            case kind:
                return f"{kind} `{key[2]}` {is_}"

    def moved_with(self, before: Key, after: Key) -> str:
        old, new = (self._rule(key, at == 1) for at, key in enumerate((before, after)))
        return "" if old == new else f", `{new}` instead of `{old}`"

    def reordered(self, key: Key, row: str) -> str:
        if key[0] == "group":
            names = [one[2].rpartition(".")[2] for one in self.sheets[1].of(key, row)]
            return f"`{key[2]}` asks in another order: {', '.join(names)}"
        if key[0] == "band":
            return f"the rows of band `{key[2]}` stand in another order"
        rows = [self._row(one, True) for one in self.sheets[1].of(key, row)]
        return f"the rows of decision `{key[2]}` stand in another order: {'; '.join(rows)}"

    # -------------------------------------------------------------- attributes

    def attribute(self, key: Key, name: str, _moved: bool) -> str:
        old, new = (sheet.entities[key] for sheet in self.sheets)
        before, after = old.attributes.get(name), new.attributes.get(name)
        if name == "label":
            what = f"`{key[2]}`" if key != ROOT else "the policy"
            return f"{what} reads {_quoted(after)} instead of {_quoted(before)}"
        if name == "parent":
            place = new.parent[0]
            where = "stands by itself" if place[0] == "score" else f"stands in the group `{place[2]}`"
            came = old.parent[0]
            was = "" if came[0] == "score" else f" instead of `{came[2]}`"
            return f"`{key[2]}` {where} now{was}"
        match key[0]:
            case "policy":
                return self._policy(name, before, after)
            case "field" | "property":
                return self._field(key, name, before, after)
            case "event":
                return f"event `{key[2]}` is called {_quoted(after)} in the data instead of {_quoted(before)}"
            case "rule":
                return f"`{key[2]}` {self._of_rule(key, name, before, after)}"
            case "group":
                return f"group `{key[2]}` {_of_group(name, before, after)}"
            case "score":
                return f"score `{key[2]}` {self._of_score(key, name, before, after)}"
            case "floor" | "cap":
                return self._bound(key, name, before, after)
            case "band":
                if name == "otherwise":
                    return f"band `{key[2]}` ends in `{after}` instead of `{before}`"
                return f"band `{key[2]}` is one of `{after}` instead of `{before}`"
            case "band row":
                limits = self._limit(after, True), self._limit(before, False)
                return f"`{key[3]}` of `{key[2]}` begins at {limits[0]} instead of {limits[1]}"
            case "ban":
                return f"gate `{key[2]}` has `{self._ban(key, True)}` instead of `{self._ban(key, False)}`"
            case "row":
                return self._of_row(key, name, before, after)
            case "outcome":
                return f"outcome `{key[2]}` has {_within(after)} instead of {_within(before)}"
            case "alert":
                return f"alert `{key[2]}` is {_alert(new.attributes)} instead of {_alert(old.attributes)}"
            case "audience":
                return f"audience `{key[2]}` sees {_shown(after)} instead of {_shown(before)}"
            case "account":
                what = "are rolled up by" if name == "key" else "count where"
                text = self._pair(before, after) or "something else"
                return f"leads {what} {text} in the account"
            case "test":
                return f'test "{key[2]}" asks for something else'
            case kind:
                return f"{kind} `{key[2]}` is another ({name})"

    def _policy(self, name: str, before: Any, after: Any) -> str:
        zone = ZoneInfo(self.sheets[1].entities[ROOT].attributes["timezone"])
        what = {
            "timezone": "the time zone",
            "key": "the key of a record",
            "subject": "the record",
            "language": "the language version",
            "name": "the policy's name",
            "effective_from": "the day from which it is in effect",
            "effective_to": "the day until which it is in effect",
        }.get(name, f"the {name}")
        if name.startswith("effective"):
            before, after = (_day(one, zone, name == "effective_to") for one in (before, after))
        return f"{what} is {after or 'not given'} instead of {before or 'not given'}"

    def _field(self, key: Key, name: str, before: Any, after: Any) -> str:
        what = f"field `{key[2]}`" if key[0] == "field" else f"property `{key[3]}` of event `{key[2]}`"
        match name:
            case "required":
                return f"{what} {'must now be known' if after else 'may now be missing'}"
            case "column":
                return f"{what} is read from {_quoted(after)} instead of {_quoted(before)}"
            case "kind":
                return f"{what} is {after.value} instead of {before.value}"
            case _:
                if before is None or after is None:
                    return f"{what} is {'a choice of ' + ', '.join(after) if after else 'any text'} now"
                more = [one for one in after if one not in before]
                less = [one for one in before if one not in after]
                said = [f"also {_listed(more)}" if more else "", f"no longer {_listed(less)}" if less else ""]
                return (
                    f"{what} may be {' and '.join(filter(None, said))}"
                    if more or less
                    else f"{what} lists its values in another order"
                )

    def _of_rule(self, key: Key, name: str, before: Any, after: Any) -> str:
        zone = ZoneInfo(self.sheets[1].entities[ROOT].attributes["timezone"])
        match name:
            case "points" if isinstance(before, int) and isinstance(after, int):
                if before >= 0 and after >= 0:
                    return f"pays {points_text(after)} points instead of {points_text(before)}"
                if before <= 0 and after <= 0:
                    return f"takes {points_text(-after)} points instead of {points_text(-before)}"
                return f"gives {signed(after)} points instead of {signed(before)}"
            case "points":
                return f"gives {self._points(after, True)} instead of {self._points(before, False)}"
            case "max_points" | "most":
                return f"is limited to {_limit_text(after)} instead of {_limit_text(before)}"
            case "starts":
                return f"is in force from {_day(after, zone)} instead of {_day(before, zone)}"
            case "ends":
                return f"is in force until {_day(after, zone, True)} instead of {_day(before, zone, True)}"
            case "window":
                return f"looks at {_window(after)} instead of {_window(before)}"
            case "kinds":
                return f"counts {_listed(after)} instead of {_listed(before)}"
            case "curve":
                return f"loses value with age: {self.decay(before, after)}"
            case "once_ever" | "once_per_period" | "once_per_property":
                return f"counts {_once(name, after)} instead of {_once(name, before)}"
            case "at_most":
                return f"counts {_times(after)} instead of {_times(before)}"
            case "at_most_per":
                return f"counts at most so many times {_per(after)} instead of {_per(before)}"
            case "amount":
                return f"pays for every {points_text(after)} instead of every {points_text(before)}"
            case "condition" | "where" | "item" | "trigger":
                texts = self.quoted(key, name)
                if texts is None or texts[0] == texts[1]:
                    return "asks for something else by the same words"
                return f"asks `{texts[1]}` instead of `{texts[0]}`"
            case _:
                return f"has another {spoken(name)}"

    def _of_score(self, key: Key, name: str, before: Any, after: Any) -> str:
        match name:
            case "range":
                return f"goes {_range(after)} instead of {_range(before)}"
            case "rounding":
                return f"is {after or 'not rounded'} instead of {before or 'not rounded'}"
            case "start":
                return f"starts at {points_text(after)} instead of {points_text(before)}"
            case "silence":
                old, new = (None if one is None else one.curve for one in (before, after))
                if old != new:
                    return f"in silence: {self.decay(old, new)}"
                return "counts silence by other events"
            case "body":
                texts = self.quoted(key, name)
                if texts is None or texts[0] == texts[1]:
                    return "is computed otherwise"
                return f"is `{texts[1]}` instead of `{texts[0]}`"
            case _:
                return f"has another {spoken(name)}"

    def _bound(self, key: Key, name: str, before: Any, after: Any) -> str:
        if name == "ticks":
            return f"`{key[2]}`: {key[0]} {points_text(after)} instead of {points_text(before)}"
        points = points_text(self.sheets[1].entities[key].attributes["ticks"])
        return (
            f"`{key[2]}`: the {key[0]} of {points} applies when {self._pair(before, after) or 'something else holds'}"
        )

    def _of_row(self, key: Key, name: str, before: Any, after: Any) -> str:
        what = f"decision `{key[2]}`"
        if name.startswith("cell "):
            first, _, second = name.removeprefix("cell ").partition("\n")
            if before is None or after is None:
                gone = "has a cell" if before is None else "has no cell"
                return f"{what} {gone} [{first}, {second}]" + (f": {after}" if after else "")
            return f"{what} gives {after} instead of {before} in [{first}, {second}]"
        if name == "outcome":
            return f"{what}: {self._row(key, True)} instead of {before}"
        if name == "trigger":
            return f"{what}: {self._row(key, True)}, instead of {self._row(key, False)}"
        if isinstance(before, tuple):
            return f"{what} has a grid of {_listed(after)} instead of {_listed(before)}"
        return f"{what} has a grid by {after} instead of {before}"

    def decay(self, before: ir.Curve | None, after: ir.Curve | None) -> str:
        return f"{_curve(after)} instead of {_curve(before)}"

    def resets(self, score: str, before: Any, after: Any) -> str:
        kinds = [sorted(_resets_in(one)) for one in (before, after)]
        said = [", ".join(one) if one else "nothing" for one in kinds]
        return f"score `{score}` is reset on {said[1]} instead of {said[0]}"

    # -------------------------------------------------------------- lists

    def named(self, differ: Sequence[tuple[Any, Any]]) -> list[tuple[str, list[str], list[str]]]:
        """For sets that differ: the list's name, the entries that came and those that went."""
        found = []
        for before, after in differ:
            ours, theirs = (one.values if isinstance(one, ir.InSet) else one.needles for one in (before, after))
            texts = [self._text(at == 1, one.span) or "" for at, one in enumerate((before, after))]
            last = [re.search(r"([\w.]+)\s*\)?$", text) for text in texts]
            same = last[0] is not None and last[1] is not None and last[0].group(1) == last[1].group(1)
            name = last[1].group(1) if same and last[1] is not None else ""
            added = [_entry(one) for one in theirs if one not in ours]
            gone = [_entry(one) for one in ours if one not in theirs]
            found.append((name, added, gone))
        return found

    @staticmethod
    def entries(name: str, added: Sequence[str], gone: Sequence[str]) -> str:
        said = []
        if added:
            said.append(f"+ {_listed(added)}")
        if gone:
            said.append(f"- {_listed(gone)}")
        return f"list `{name}`: {', '.join(said)}"

    # -------------------------------------------------------------- the author's text

    def quoted(self, key: Key, name: str) -> tuple[str, str] | None:
        """What both texts say there."""
        texts = []
        for at, sheet in enumerate(self.sheets):
            entity = sheet.entities.get(key)
            text = None if entity is None else self._clause(entity, key, name, at == 1)
            if text is None:
                return None
            texts.append(text)
        return texts[0], texts[1]

    def _clause(self, entity: Entity, key: Key, name: str, new: bool) -> str | None:
        whole = self._text(new, entity.span)
        if whole is None:
            return None
        if key[0] == "rule":
            if name == "points":
                found = re.match(r"[+-]\((.*?)\)\s+[a-z_]", whole)
                return found.group(1) if found else whole
            found = re.search(r"\b(when|unless|for each|per|otherwise)\b.*", whole)
            return _without_modifiers(found.group(0).removeprefix("when ")) if found else whole
        value = entity.attributes.get(name)
        condition = value.condition if isinstance(value, ir.When) else value
        own = getattr(condition, "span", None)
        if (
            own is not None
            and own.end
            and own.source == entity.span.source
            and entity.span.start <= own.start < entity.span.end
        ):
            return self._text(new, own)
        if key[0] == "score":
            return re.sub(r"^[^=]*=\s*", "", whole)
        return whole

    def _rule(self, key: Key, new: bool) -> str:
        entity = self.sheets[new].entities[key]
        text = self._text(new, entity.span)
        if text is not None:
            return re.sub(r'\s+"[^"]*"', "", text, count=1) if '"' in text.split(" when ")[0] else text
        points = entity.attributes["points"]
        return signed(points) if isinstance(points, int) else "computed points"

    def _points(self, points: Any, new: bool) -> str:
        if isinstance(points, int):
            return f"{signed(points)} points"
        return f"`{self._text(new, points.span) or 'computed points'}`"

    def _limit(self, limit: Any, new: bool) -> str:
        if isinstance(limit, ir.Const) and isinstance(limit.value, int):
            return points_text(limit.value)
        return f"`{self._text(new, limit.span) or 'another limit'}`"

    def _ban(self, key: Key, new: bool) -> str:
        entity = self.sheets[new].entities[key]
        text = self._text(new, entity.span)
        return text if text is not None else f"never {', '.join(entity.attributes['outcomes'])}"

    def _row(self, key: Key, new: bool) -> str:
        entity = self.sheets[new].entities[key]
        if entity.attributes["grid"]:
            return f"the grid by {entity.attributes['by_rows']} and {entity.attributes['by_columns']}"
        text = self._text(new, entity.span)
        return f"`{text}`" if text is not None else f"a row that gives `{entity.attributes['outcome']}`"

    def _pair(self, before: Any, after: Any) -> str | None:
        texts = [
            self._text(at == 1, one.span) if one is not None else "always" for at, one in enumerate((before, after))
        ]
        return None if None in texts else f"`{texts[1]}` instead of `{texts[0]}`"

    def _text(self, new: bool, span: Span) -> str | None:
        source = self.sources[new].get(span.source)
        if source is None or span.end == 0:
            return None
        lines = (re.sub(r"\s#.*$", "", line) for line in source.text[span.start : span.end].split("\n"))
        text = " ".join(" ".join(lines).split())
        return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."


def _without_modifiers(text: str) -> str:
    return re.split(
        r",?\s+(?:at most|once|halving|fading|losing|keeping|after|renamed from|from \d|until \d)\b", text, maxsplit=1
    )[0].rstrip(",")


def _resets_in(part: Any) -> set[str]:
    if isinstance(part, tuple) and all(isinstance(one, str) for one in part):
        return set(part)
    return {kind for node in parts(part) if isinstance(node, ir.Events) for kind in node.resets}


def _type(found: Mapping[str, Any]) -> str:
    kind = "one of " + _listed(found["values"]) if found["values"] is not None else found["kind"].value
    return f"{kind}, required" if found["required"] else kind


def _of_group(name: str, before: Any, after: Any) -> str:
    match name:
        case "most" | "least":
            side = "at most" if name == "most" else "at least"
            old, new = (
                "no such limit" if one is None else f"{side} {points_text(one)} points" for one in (before, after)
            )
            return f"comes to {new} instead of {old}"
        case "counting":
            old, new = ("100%" if one is None else percent_text(one) for one in (before, after))
            return f"counts {new} instead of {old}"
        case "kind":
            said = {"sum": "adds its members up", "first": "takes the first that holds", "best": "takes the best"}
            return f"{said[after]} and no longer {said[before]}"
        case _:
            return f"has another {spoken(name)}"


def _alert(found: Mapping[str, Any]) -> str:
    value = found["value"] if isinstance(found["value"], str) else points_text(found["value"])
    return f"to {found['to']} when {found['watched']} {found['change']} {value}"


def _within(micros: int | None) -> str:
    return "no service level" if micros is None else f"a service level of {duration_text(micros)}"


def _shown(names: tuple[str, ...] | None) -> str:
    return "everything" if names is None else _listed(names)


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(map(str, names[:8]))
    return f"{shown} and {len(names) - 8} more" if len(names) > 8 else shown or "nothing"


def _entry(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else f'"{str(value).strip()}"'


def _quoted(text: Any) -> str:
    return f'"{text}"' if text else "nothing"


def _day(micros: int | None, zone: ZoneInfo, last: bool = False) -> str:
    if micros is None:
        return "no date"
    return local_moment(micros - last, zone).date().isoformat()


def _limit_text(ticks: int | None) -> str:
    return "nothing" if ticks is None else f"{points_text(ticks)} points"


def _window(micros: int | None) -> str:
    return "all time" if micros is None else f"the last {duration_text(micros)}"


def _range(ends: tuple[int | None, int | None]) -> str:
    low, high = ends
    if low is None or high is None:
        return "without limits"
    return f"from {points_text(low)} to {points_text(high)}"


def _once(name: str, value: Any) -> str:
    if not value:
        return "every one"
    return "only once" if name == "once_ever" else f"once per {value}"


def _times(count: int | None) -> str:
    return "any number" if count is None else f"at most {count} {'time' if count == 1 else 'times'}"


def _per(period: str | None) -> str:
    return "in all" if period is None else f"per {period}"


def _curve(curve: ir.Curve | None) -> str:
    if curve is None:
        return "no decay"
    span = duration_text(curve.span * curve.unit)
    share = percent_text(curve.percent)
    text = {
        "halving": f"halving every {span}",
        "fading": f"fading over {span}",
        "losing": f"losing {share} every {span}",
        "keeping": f"keeping {share} every {span}",
    }[curve.shape]
    return text if not curve.after else f"{text}, after {duration_text(curve.after * curve.unit)}"
