"""Two programs -> what changed, by name and in the author's words: each change with the edits that make it.

found = compare(Side(old, sources), Side(new, sources))
found.changes            # what changed, in the order of the new text
found.with_(some)        # the old program with some of the changes: a program of its own
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any, Literal, TypeAlias

from ...dsl import ir, tree
from ...dsl.source import NOWHERE, Source, Span
from ..analysis.rewriting import rewritten
from ..parse import parse
from ..reading import parts, reads
from ..version import canonical_part
from .forms import normal
from .phrases import Phrases
from .renames import Rename, renamed
from .sheets import ROOT, Edit, Key, Sheet, edited, edits_between, matched, put_together, taken_apart

Kind: TypeAlias = Literal["added", "removed", "changed", "renamed", "moved", "reordered"]


@dataclass(frozen=True)
class Side:
    """A version: its program, and the texts that it was read from (none, where there are only programs)."""

    program: ir.Program
    sources: Mapping[str, Source] = field(default_factory=dict)


@dataclass(frozen=True)
class Change:
    """One thing that changed. `area` says what kind of thing (`rule`, `band`, `list`), `name` which one by its full
    name, `aspect` what about it (`points`, `window`, `condition`; empty where all of it came, went, or moved), `words`
    all of it for people. `old` and `new` are its places in the texts. `edits` are what makes it; a change without
    edits is one of words alone. `fingerprint` is the same as long as the same thing changes from the same to the
    same, wherever it stands in the text: approvals refer to it."""

    kind: Kind
    area: str
    name: str
    aspect: str
    words: str
    old: Span = field(default=NOWHERE, compare=False, repr=False)
    new: Span = field(default=NOWHERE, compare=False, repr=False)
    edits: frozenset[Edit] = field(default=frozenset(), compare=False, repr=False)
    fingerprint: str = ""


@dataclass(frozen=True)
class Comparison:
    """What differs between two programs. `renamed` is the new program under its old names: but for names it gives
    what the new one gives, and it is what the old one is compared with."""

    old: ir.Program
    new: ir.Program
    renamed: ir.Program
    renames: tuple[Rename, ...]
    changes: tuple[Change, ...]
    _ours: Sheet = field(repr=False, compare=False)
    _theirs: Sheet = field(repr=False, compare=False)

    def with_(self, changes: Iterable[Change]) -> ir.Program:
        """The old program with some of the changes. (With a choice that makes no policy, such as a rule of a field that
        another change adds, it is one that cannot run: see `is_sound`.)"""
        edits = {edit for change in changes for edit in change.edits}
        return put_together(edited(self._ours, self._theirs, edits), self.renamed)

    def parts_of(self, change: Change) -> Iterator[Any]:
        """What a change touches, on both sides."""
        for edit in change.edits:
            for sheet in (self._ours, self._theirs):
                if edit.key not in sheet.entities:
                    continue
                if edit.act == "order":
                    entities = [sheet.entities[key] for key in sheet.of(edit.key, edit.attribute)]
                else:
                    entities = [sheet.entities[edit.key]]
                yield from (value for entity in entities for value in entity.attributes.values())

    def values_of(self, change: Change) -> Iterator[str]:
        """The texts among the attributes that a change sets, adds or removes: outcomes and labels."""
        for edit in change.edits:
            for sheet in (self._ours, self._theirs):
                attributes = sheet.entities[edit.key].attributes if edit.key in sheet.entities else {}
                named = [attributes.get(edit.attribute)] if edit.act == "set" else list(attributes.values())
                yield from (value for value in named if isinstance(value, str))


def apply(comparison: Comparison, changes: Iterable[Change]) -> ir.Program | None:
    """The old program with some of the changes; None where that makes no policy."""
    made = comparison.with_(changes)
    return made if is_sound(made) else None


def compare(old: Side, new: Side) -> Comparison:
    """Everything that differs; nothing, if only the layout, comments or the order of independent things does."""
    program, renames = renamed(old.program, new.program)
    ours = taken_apart(old.program)
    theirs = matched(ours, taken_apart(program))
    comparer = _Comparer(old, new, program, ours, theirs, renames)
    return Comparison(old.program, new.program, program, renames, comparer.changes(), ours, theirs)


# ------------------------------------------------------------------ edits -> changes


_SILENT = {("outcome", "add"), ("outcome", "remove")}
"""Outcomes come and go with the decisions that choose them, which say so."""


class _Comparer:
    """Everything that is read to find the words. (A class, because all of it is read everywhere here.)"""

    def __init__(
        self,
        old: Side,
        new: Side,
        program: ir.Program,
        ours: Sheet,
        theirs: Sheet,
        renames: tuple[Rename, ...],
    ) -> None:
        self.old, self.new, self.program = old, new, program
        self.ours, self.theirs, self.renames = ours, theirs, renames
        self.says = Phrases(old.sources, new.sources, ours, theirs)
        self.meanings = _meanings(old.sources), _meanings(new.sources)

    def changes(self) -> tuple[Change, ...]:
        edits = edits_between(self.ours, self.theirs)
        edits = [edit for edit in edits if (edit.key[0], edit.act) not in _SILENT and not self._is_layout(edit)]
        found = [*self._renamed(), *self._bundled(edits), *self._texts()]
        return tuple(self._joined(found))

    def _is_layout(self, edit: Edit) -> bool:
        """An order that means nothing: of declarations, and of the members of a sum."""
        if edit.act != "order":
            return False
        if edit.attribute == "rows":
            return False
        entity = self.ours.entities[edit.key]
        return not (edit.key[0] == "group" and entity.attributes["kind"] != "sum")

    def _renamed(self) -> Iterator[Change]:
        for one in self.renames:
            said = "" if one.declared or one.kind != "rule" else " (nothing else of it changed)"
            what = "" if one.kind in ("rule", "group") else f"{one.kind} "
            words = f"{what}`{one.old}` is now called `{one.new}`{said}"
            key: Key = (one.kind, "", one.old)
            yield self._change(
                "renamed", one.kind, one.old, "name", words, key, frozenset(), f"{one.new}{one.declared}"
            )

    def _bundled(self, edits: list[Edit]) -> Iterator[Change]:
        """Whole things with all that is in them first; then every attribute by itself."""
        added = {edit.key for edit in edits if edit.act == "add"}
        removed = {edit.key for edit in edits if edit.act == "remove"}
        parents = {edit.key for edit in edits if edit == Edit("set", edit.key, "parent")}
        pairs = self._moved_rules(added, removed)
        covered: set[Key] = set()
        for before, after in pairs.items():
            words = f"`{before[2]}` is now `{after[2]}`{self.says.moved_with(before, after)}"
            edits_of = frozenset({Edit("remove", before), Edit("add", after)})
            covered |= {before, after}
            yield self._change("moved", "rule", before[2], "", words, before, edits_of, after[2], after)
        for act, keys, sheet in (("add", added, self.theirs), ("remove", removed, self.ours)):
            for key in sheet.entities:
                if key not in keys or key in covered or not self._is_top(key, keys, sheet):
                    continue
                inside = [one for one in sheet.inside(key) if one in keys and one not in covered]
                made = frozenset(Edit(act, one) for one in (key, *inside))  # type: ignore[arg-type]
                covered |= {key, *inside}
                kind: Kind = "added" if act == "add" else "removed"
                words = self.says.whole(key, act == "add", inside)
                yield self._change(kind, _area(key), _name(key), "", words, key, made, "")
        for edit in edits:
            if edit.act == "order":
                words = self.says.reordered(edit.key, edit.attribute)
                yield self._change("reordered", _area(edit.key), _name(edit.key), "order", words, edit.key, {edit}, "")
            elif edit.act == "set" and edit.key[0] == "alert":
                same = [one for one in edits if one.act == "set" and one.key == edit.key]
                if edit == same[0]:
                    words = self.says.attribute(edit.key, edit.attribute, False)
                    yield self._change("changed", "alert", edit.key[2], "", words, edit.key, same, "")
            elif edit.act == "set":
                kind = "moved" if edit.attribute == "parent" else "changed"
                words = self.says.attribute(edit.key, edit.attribute, edit.key in parents)
                aspect = _ASPECTS.get(edit.attribute, edit.attribute.partition(" ")[0])
                yield self._change(kind, _area(edit.key), _name(edit.key), aspect, words, edit.key, {edit}, "")

    @staticmethod
    def _is_top(key: Key, keys: Collection[Key], sheet: Sheet) -> bool:
        """Whether what it stands in neither came nor went."""
        return sheet.entities[key].parent[0] not in keys

    def _moved_rules(self, added: set[Key], removed: set[Key]) -> dict[Key, Key]:
        """Rules that went from one score to another: with the same name, or the same form."""
        gone = [key for key in removed if key[0] == "rule"]
        pairs: dict[Key, Key] = {}
        for same in (self._same_form, self._same_name):
            for key in self.theirs.entities:
                if key not in added or key[0] != "rule" or key in pairs.values():
                    continue
                fits = [
                    one for one in gone if one not in pairs and one[2].partition(".")[0] != key[2].partition(".")[0]
                ]
                fits = [one for one in fits if same(one, key)]
                if len(fits) == 1:
                    pairs[fits[0]] = key
        return pairs

    def _same_form(self, one: Key, other: Key) -> bool:
        return self._form(self.ours, one) == self._form(self.theirs, other)

    def _same_name(self, one: Key, other: Key) -> bool:
        return one[2].rpartition(".")[2] == other[2].rpartition(".")[2]

    @staticmethod
    def _form(sheet: Sheet, key: Key) -> str:
        attributes = sheet.entities[key].attributes
        return canonical_part(tuple(normal(value) for name, value in sorted(attributes.items()) if name != "label"))

    def _change(
        self,
        kind: Kind,
        area: str,
        name: str,
        aspect: str,
        words: str,
        key: Key,
        edits: Collection[Edit],
        more: str,
        after: Key | None = None,
    ) -> Change:
        old, new = self.ours.entities.get(key), self.theirs.entities.get(after or key)
        forms = [
            "" if entity is None else canonical_part(self._values(entity.attributes, edits, key))
            for entity in (old, new)
        ]
        hashed = "\n".join((kind, area, name, aspect, *forms, more))
        return Change(
            kind,
            area,
            name,
            aspect,
            words,
            NOWHERE if old is None else old.span,
            NOWHERE if new is None else new.span,
            frozenset(edits),
            sha256(hashed.encode()).hexdigest(),
        )

    @staticmethod
    def _values(attributes: Mapping[str, Any], edits: Collection[Edit], key: Key) -> tuple[Any, ...]:
        wanted = {edit.attribute for edit in edits if edit.key == key and edit.act == "set"}
        names = [name for name in sorted(attributes) if not wanted or name in wanted]
        return tuple(normal(attributes[name]) for name in names if not isinstance(attributes[name], ir.Test))

    # -------------------------------------------------------------- one cause, one change

    def _joined(self, found: list[Change]) -> Iterator[Change]:
        """A list, a define, a decay line that many rules read is one change, not many."""
        causes: dict[tuple[str, str], list[tuple[Change, str]]] = {}
        kept: list[Change | tuple[str, str]] = []
        for change in found:
            cause = self._cause(change)
            if cause is None:
                kept.append(change)
                continue
            if cause[:2] not in causes:
                kept.append(cause[:2])
            causes.setdefault(cause[:2], []).append((change, cause[2]))
        for one in kept:
            if isinstance(one, Change):
                yield one
                continue
            area, name = one
            several = causes[one]
            if area == "decay":
                if len(several) == 1:
                    yield several[0][0]
                    continue
                area, name = "score", several[0][0].name.partition(".")[0]
                rules = ", ".join(f"`{change.name}`" for change, _ in several)
                words = f"{rules}: {several[0][1]}"
            else:
                told = list(dict.fromkeys(text for _, text in several))
                readers = list(dict.fromkeys(change.name for change, _ in several if change.name))
                words = f"{'; '.join(told)}{_read_by(readers)}"
            first = several[0][0]
            old, new = self._declared(area, name, first)
            kinds = {change.kind for change, _ in several}
            hashed = "\n".join([area, name, *sorted(change.fingerprint for change, _ in several)])
            yield replace(
                first,
                kind="changed" if len(kinds) != 1 else first.kind,
                area=area,
                name=name,
                aspect={"list": "entries", "define": "meaning", "reset": "reset", "score": "decay"}.get(
                    area, "meaning"
                ),
                words=words,
                old=old,
                new=new,
                edits=frozenset(edit for change, _ in several for edit in change.edits),
                fingerprint=sha256(hashed.encode()).hexdigest(),
            )

    def _declared(self, area: str, name: str, first: Change) -> tuple[Span, Span]:
        spans = tuple(meaning[(area, name)].span if (area, name) in meaning else None for meaning in self.meanings)
        return spans[0] or first.old, spans[1] or first.new

    def _cause(self, change: Change) -> tuple[str, str, str] | None:
        """What lies behind a change of which the words stand as they stood: (area, name, words)."""
        if change.kind != "changed" or len(change.edits) != 1:
            return None
        (edit,) = change.edits
        old, new = self.ours.entities[edit.key].attributes, self.theirs.entities[edit.key].attributes
        before, after = old.get(edit.attribute), new.get(edit.attribute)
        if edit.attribute == "curve" and edit.key[0] == "rule":
            return "decay", f"{edit.key[2].partition('.')[0]} {before} {after}", self.says.decay(before, after)
        if edit.attribute == "trigger" and edit.key[0] == "rule":
            return None
        if edit.attribute == "resets" or (
            before is not None and after is not None and _without_resets(before) == _without_resets(after)
        ):
            score = edit.key[2].partition(".")[0]
            return "reset", score, self.says.resets(score, before, after)
        lists = _entries(before, after)
        if lists is not None:
            texts = [self.says.entries(name, added, gone) for name, added, gone in self.says.named(lists)]
            names = [name for name, _, _ in self.says.named(lists)]
            if texts and names[0]:
                return "list", names[0], "; ".join(dict.fromkeys(texts))
        if before is None or after is None:
            return None
        quoted = self.says.quoted(edit.key, edit.attribute)
        if quoted is None or quoted[0] != quoted[1]:
            return None
        words = set(_WORD.findall(quoted[1]))
        for area, name in self._changed_meanings():
            if name in words or name.rpartition(".")[2] in words:
                return area, name, self._meaning_words(area, name)
        return None

    def _changed_meanings(self) -> list[tuple[str, str]]:
        """Defines (and sets of rules) whose text differs, also by way of another define; those that say more first."""
        old, new = self.meanings
        differ = {key for key in {*old, *new} if key not in old or key not in new or old[key].node != new[key].node}
        names = {name for _, name in differ}
        while True:
            more = {
                key
                for key, meaning in new.items()
                if key not in differ and set(_WORD.findall(meaning.text)) & {one.rpartition(".")[2] for one in names}
            }
            if not more:
                return sorted(differ, key=lambda key: key[1])
            differ |= more
            names |= {name for _, name in more}

    def _meaning_words(self, area: str, name: str) -> str:
        old, new = (meaning.get((area, name)) for meaning in self.meanings)
        if old is None or new is None or old.text == new.text:
            return f"`{name}` means something else"
        return f"`{name}` means `{new.text}` instead of `{old.text}`"

    # -------------------------------------------------------------- what only the texts say

    def _texts(self) -> Iterator[Change]:
        """Libraries that are pulled in, where both texts are at hand."""
        if not (self.old.sources and self.new.sources):
            return
        uses = tuple(_uses(side) for side in (self.old, self.new))
        for at, (kind, verb) in enumerate((("removed", "is no longer used"), ("added", "is used"))):
            for name, span in uses[at].items():
                if name not in uses[1 - at]:
                    made = self._change(kind, "library", name, "", f"library `{name}` {verb}", ROOT, frozenset(), name)  # type: ignore[arg-type]
                    yield replace(made, old=NOWHERE if at else span, new=span if at else NOWHERE)


_ASPECTS = {
    "parent": "",
    "max_points": "limit",
    "starts": "dates",
    "ends": "dates",
    "kinds": "event",
    "where": "condition",
    "trigger": "condition",
    "curve": "decay",
    "once_ever": "once",
    "once_per_period": "once",
    "once_per_property": "once",
    "at_most": "times",
    "at_most_per": "times",
    "most": "limit",
    "least": "limit",
    "low": "range",
    "high": "range",
    "timezone": "time zone",
    "effective_from": "effective",
    "effective_to": "effective",
    "cell": "cell",
}


def _area(key: Key) -> str:
    return {"property": "event", "row": "decision", "ban": "gate", "floor": "score", "cap": "score"}.get(key[0], key[0])


def _name(key: Key) -> str:
    match key[0]:
        case "property" | "band row":
            return f"{key[2]}.{key[3]}"
        case _:
            return key[2]


def _read_by(readers: list[str]) -> str:
    if not readers:
        return ""
    shown = ", ".join(f"`{one}`" for one in readers[:4])
    more = f" and {len(readers) - 4} more" if len(readers) > 4 else ""
    return f" (read by {shown}{more})"


# ------------------------------------------------------------------ behind the words


_HEADER = re.compile(r"^(policy|library) ", re.MULTILINE)
_WORD = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True)
class _Meaning:
    node: tree.Node
    text: str
    span: Span


def _meanings(sources: Mapping[str, Source]) -> dict[tuple[str, str], _Meaning]:
    """What the defines and lists of the policy and its libraries say, by name."""
    found: dict[tuple[str, str], _Meaning] = {}
    for source in sources.values():
        # List files take part too: they are long, and nothing in them is a declaration.
        file = parse(source).file if _HEADER.search(source.text) else None
        for one in file.declarations if file is not None else ():
            if isinstance(one, tree.Define):
                text = " ".join(source.text[one.body.span.start : one.body.span.end].split())
                found[("define", one.name.text)] = _Meaning(one, text, one.span)
            elif isinstance(one, tree.ListOf):
                found[("list", one.name.text)] = _Meaning(one, "", one.span)
    return found


def _uses(side: Side) -> dict[str, Span]:
    own = side.program.scores[0].span.source if side.program.scores else ""
    source = side.sources.get(own)
    file = parse(source).file if source is not None else None
    uses = [one for one in (file.declarations if file is not None else ()) if isinstance(one, tree.Use)]
    return {one.name.text: one.span for one in uses}


def _without_resets(part: Any) -> Any:
    return rewritten(part, lambda node: replace(node, resets=()) if isinstance(node, ir.Events) else node)


Entries: TypeAlias = list[tuple[Any, Any]]


def _entries(before: Any, after: Any) -> Entries | None:
    """The sets that differ, where two conditions differ in nothing but the entries of sets; else None."""
    ours = [node for node in parts(before) if isinstance(node, ir.InSet | ir.TextTest)]
    theirs = [node for node in parts(after) if isinstance(node, ir.InSet | ir.TextTest)]
    if len(ours) != len(theirs) or _emptied(before) != _emptied(after):
        return None
    differ = [(one, other) for one, other in zip(ours, theirs, strict=True) if one != other]
    return differ or None


def _emptied(part: Any) -> Any:
    def empty(node: Any) -> Any:
        match node:
            case ir.InSet():
                return replace(node, values=())
            case ir.TextTest():
                return replace(node, needles=())
            case _:
                return node

    return rewritten(part, empty)


# ------------------------------------------------------------------ whether a choice of changes is a policy


def is_sound(program: ir.Program) -> bool:
    """Whether everything that a program reads is there, so that it can run."""
    account = program.account
    if not _is_sound(program, program, False):
        return False
    return account is None or _is_sound(program, account, True)


def _is_sound(program: ir.Program, home: Any, of_account: bool) -> bool:
    fields_ = {one.name: one.kind for one in program.fields}
    kinds = {one.name: {prop.name for prop in one.properties} for one in program.events}
    scores = {one.name for one in home.scores}
    bands = {one.name: set(one.labels) for one in home.bands}
    decisions = {one.name for one in home.decisions}
    lead_scores = {one.name for one in program.scores}
    own = (home.scores, home.bands, home.gates, home.decisions)
    seen_scores, seen_bands = (scores | lead_scores, {**bands, **{b.name: set(b.labels) for b in program.bands}})
    seen_decisions = decisions | {one.name for one in program.decisions}
    for node in parts(own if of_account else (*own, program.account.key if program.account else ())):
        match node:
            case ir.FieldOf(name=name, kind=kind):
                if fields_.get(name) is not kind:
                    return False
            case ir.ScoreOf(name=name):
                if name not in (seen_scores if of_account else scores):
                    return False
            case ir.LeadsOf(score=name):
                if name not in lead_scores:
                    return False
            case ir.BandOf(name=name):
                if name not in (seen_bands if of_account else bands):
                    return False
            case ir.DecisionOf(name=name):
                if name not in (seen_decisions if of_account else decisions):
                    return False
            case ir.Events(kinds=some, resets=resets):
                if not {*some, *resets} <= kinds.keys():
                    return False
            case ir.Grid(by_rows=one, by_columns=other):
                if one not in bands or other not in bands:
                    return False
                if not bands[one] <= set(node.row_labels) or not bands[other] <= set(node.column_labels):
                    return False
                if any(not cell for line in node.cells for cell in line):
                    return False
            case ir.Band(score=name):
                if name not in scores:
                    return False
            case ir.Group(items=items):
                if not items or any(_is_otherwise(item) for item in items[:-1]):
                    return False
            case ir.AggregateOf(prop=prop, events=events):
                if not all(prop in kinds[kind] for kind in events.kinds if kind in kinds):
                    return False
            case ir.Each(once_per_property=str() as prop, events=events):
                if not all(prop in kinds[kind] for kind in events.kinds if kind in kinds):
                    return False
            case _:
                pass
    return _in_reading_order(home.scores, home.bands) and all(map(_ends, home.decisions)) and not _bars_last(home)


def _is_otherwise(item: ir.Rule | ir.Group) -> bool:
    return isinstance(item, ir.Rule) and isinstance(item.trigger, ir.Otherwise)


def _in_reading_order(scores: Iterable[ir.Score], bands: Iterable[ir.Band]) -> bool:
    """Whether no score reads itself, by way of others or of their bands."""
    of_band = {band.name: {band.score, *reads(band.rows).scores} for band in bands}
    have: set[str] = set()
    names = {score.name for score in scores}
    for score in scores:
        found = reads(score)
        needs = {*found.scores, *(name for band in found.bands for name in of_band.get(band, ()))} & names
        if not needs <= have:
            return False
        have.add(score.name)
    return True


def _ends(decision: ir.Decision) -> bool:
    last = decision.rows[-1] if decision.rows else None
    if not isinstance(last, ir.Choice) or last.trigger is not None:
        return isinstance(last, ir.Grid)
    return all(row is last or not isinstance(row, ir.Choice) or row.trigger is not None for row in decision.rows)


def _bars_last(home: Any) -> bool:
    barred = {outcome for gate in home.gates for ban in gate.bans for outcome in ban.outcomes}
    return any(set(_last(decision)) & barred for decision in home.decisions)


def _last(decision: ir.Decision) -> tuple[str, ...]:
    last = decision.rows[-1]
    return (last.outcome,) if isinstance(last, ir.Choice) else ()
