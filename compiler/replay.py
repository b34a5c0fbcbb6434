"""Logged decisions, made again: the same, or changed by the engine, by the policy, or by what is known of the lead.

A record is followed in three steps, each of which changes one thing: its own policy on its own facts (else the engine
has changed), today's policy on the same facts (else the policy has), and today's policy on today's facts. Each step
after which something else comes out is a cause.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from ..dsl import ir
from ..dsl.facts import LATEST, Clean, FieldSpec, Unreadable, read_event, read_instant, read_lead
from ..dsl.result import Evaluation
from ..dsl.values import ticks_of_decimal
from .engines.python import Engine
from .engines.python import load as load_engine
from .errors import ScorecError
from .policy import Policy, load
from .records import Json, Mask, Record, Recorder, is_masked, mask_of, reads_of, recorder, result_json
from .tables import TableError
from .version import SEMANTICS

if TYPE_CHECKING:
    from .impact.measure import Edit
    from .inputs import Inputs
    from .releases import Release

Cause: TypeAlias = Literal["engine", "policy", "input"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as it was: a score, a field, the points of a rule. None is: it was, or is, not there."""

    what: str
    before: Json
    after: Json


@dataclass(frozen=True)
class Replayed:
    """What became of a record. `causes` is empty where the same came out; `open` says why it cannot be told."""

    record: Record
    causes: tuple[Cause, ...] = ()
    open: str = ""
    results: tuple[Difference, ...] = ()
    """what came out then, and what comes out now"""
    edits: tuple[str, ...] = ()
    """the edits of the policy that this lead feels, in words; or the rules whose points differ"""
    facts: tuple[Difference, ...] = ()
    """what is known of the lead now and was not then, whether or not it changes the result"""
    notes: tuple[str, ...] = ()

    @property
    def verdict(self) -> str:
        """`same`, `changed by policy`, `changed by policy and input`, `not reproducible`"""
        if self.open:
            return "not reproducible"
        return f"changed by {' and '.join(self.causes)}" if self.causes else "same"


# ------------------------------------------------------------------ which policy


class Versions:
    """The versions of a policy: the one that counts today, and those that were released."""

    def __init__(self, path: Path, release: str | None = None) -> None:
        self.path = path
        self.today: Policy = load(path) if release is None else _released(path, release)
        self._known: dict[str, Policy | None] = {self.today.fingerprint: self.today}
        self._edits: dict[str, tuple[Edit, ...]] = {}
        self._releases: tuple[Release, ...] | None = None
        self.trouble = ""
        """why the releases cannot be looked at, if they cannot"""

    def of(self, fingerprint: str) -> Policy | None:
        """The policy with which a record was made, if it is at hand."""
        if fingerprint not in self._known:
            self._known[fingerprint] = self._find(fingerprint)
        return self._known[fingerprint]

    def _find(self, fingerprint: str) -> Policy | None:
        from .releases import history_of

        try:
            if self._releases is None:
                history = history_of(self.path)
                # One that cannot be trusted is not used; the others still say what they held.
                self._releases = history.releases
                if history.broken:
                    self.trouble = "; ".join(f"{one.path} {one.why}" for one in history.broken[:3])
            for release in self._releases:
                if release.fingerprint.startswith(fingerprint):
                    return release.read()[0]
            # The text of the file may not be the version that was asked for.
            current = load(self.path)
        except ScorecError as failure:
            self._releases = self._releases or ()
            self.trouble = str(failure)
            return None
        return current if current.fingerprint == fingerprint else None

    def edits(self, old: Policy) -> tuple[Edit, ...]:
        """What changed from a version to today's, edit by edit."""
        if old.fingerprint not in self._edits:
            from .diff.changes import Side, compare
            from .impact.between import edits_of

            comparison = compare(Side(old.program, old.sources), Side(self.today.program, self.today.sources))
            self._edits[old.fingerprint] = edits_of(comparison)
        return self._edits[old.fingerprint]


def _released(path: Path, version: str) -> Policy:
    from .releases import chosen

    return chosen(path, version, None).read()[0]


# ------------------------------------------------------------------ which facts


@dataclass(frozen=True)
class Facts:
    """A clean lead, its clean events, and the instant."""

    lead: dict[str, Clean]
    events: list[dict[str, Clean]]
    at: int


def facts_of(policy: Policy, record: Record) -> Facts | str:
    """The facts of a record as a policy reads them, or why it refuses them. What is masked is missing."""
    specs, kinds = _forms(policy)
    shown = {name: None if is_masked(value) else value for name, value in record.lead.items()}
    lead, refusals = read_lead(specs, policy.zone, shown)
    refusals += [
        (spec[0], None, f"`{spec[0]}` is required and is missing")
        for spec in policy.lead_specs
        if spec[2] and spec[0] not in record.lead
    ]
    if refusals:
        return "; ".join(reason for _, _, reason in refusals)
    events: list[dict[str, Clean]] = []
    for one in record.events:
        if one.get("event") not in kinds:
            continue
        happened = {name: None if is_masked(value) else value for name, value in one.items()}
        event, refusals = read_event(kinds, policy.zone, happened)
        if event is None:
            return "; ".join(reason for _, _, reason in refusals)
        events.append(event)
    try:
        return Facts(lead, events, read_instant(record.as_of, policy.zone))
    except Unreadable as why:
        return str(why)


_Forms: TypeAlias = tuple[list[FieldSpec], dict[str, tuple[str, list[FieldSpec]]]]


def _forms(policy: Policy) -> _Forms:
    """How a record's lead and events are read: by their names in the policy, not by the columns that they came from.
    What was there when the record was written is enough."""
    remembered = policy.engine.remembered
    if "forms of records" not in remembered:
        remembered["forms of records"] = (
            [_by_name(spec) for spec in policy.lead_specs],
            {
                event.name: (event.name, [_by_name(spec) for spec in policy.event_kinds[event.name][1]])
                for event in policy.program.events
            },
        )
    forms: _Forms = remembered["forms of records"]
    return forms


def _by_name(spec: FieldSpec) -> FieldSpec:
    name, word, _, _, allowed = spec
    return name, word, False, "", allowed


def hidden_from(policy: Policy, record: Record) -> tuple[str, ...]:
    """What the policy reads and the record only has a digest of."""
    if not record.masked:
        return ()
    fields, properties = reads_of(policy)
    found = [name for name, value in record.lead.items() if name in fields and is_masked(value)]
    for event in record.events:
        found += [
            f"{event['event']}.{name}" for name, value in event.items() if name in properties and is_masked(value)
        ]
    return tuple(dict.fromkeys(found))


class Today:
    """What is known of the leads today, by key."""

    def __init__(self, policy: Policy, inputs: Inputs, secret: bytes | None) -> None:
        from .batch import Rejected, Summary, read_events, read_leads

        self._rejected: dict[str, str] = {}

        def reject(row: Rejected) -> None:
            if row.key:
                self._rejected.setdefault(row.key, row.reason)

        log = read_events(policy, inputs.events, LATEST, Summary(), reject, lambda table, rows: None)
        self._leads: dict[str, tuple[dict[str, Clean], list[dict[str, Clean]]]] = {}
        for key, lead, events in read_leads(policy, inputs.leads, log, Summary(), reject, lambda table, rows: None):
            self._leads[key] = (lead, events)
        self.secret = secret
        self._by_digest: dict[str, str] | None = None

    def of(self, record: Record) -> tuple[dict[str, Clean], list[dict[str, Clean]]] | str:
        """The facts of a record's lead, or why there are none."""
        key = record.key
        if is_masked(key):
            if self._by_digest is None:
                hide = Mask(key=True, secret=self.secret)
                self._by_digest = {json.dumps(hide.hidden(one)): one for one in self._leads}
            key = self._by_digest.get(json.dumps(key))
        if key in self._leads:
            return self._leads[key]
        if key in self._rejected:
            return f"its row cannot be read: {self._rejected[key]}"
        return "it is not among the leads"


# ------------------------------------------------------------------ one record


def replay(versions: Versions, record: Record, today: Today | None = None) -> Replayed:
    """Makes a decision again, and says what has changed and why."""
    policy = versions.today
    own = versions.of(record.fingerprint)
    known = None if today is None else today.of(record)
    facts_now: tuple[Difference, ...] = ()
    if today is not None and known is not None:
        if isinstance(known, str):
            facts_now = (Difference("lead", "known", known),)
        else:
            record, facts_now = _compared_facts(policy, own or policy, record, known, today.secret)
    hidden = hidden_from(own or policy, record)
    if hidden:
        return Replayed(record, open=f"masked, and the policy reads it: {', '.join(hidden)}", facts=facts_now)

    causes: list[Cause] = []
    notes: list[str] = []
    edits: tuple[str, ...] = ()
    then: Mapping[str, Json] = record.result
    last: Mapping[str, Json] = then
    found_by_own: Evaluation | None = None
    own_facts: Facts | None = None
    if own is not None:
        found = facts_of(own, record)
        if isinstance(found, str):
            return Replayed(record, open=f"its own policy cannot read it: {found}", facts=facts_now)
        own_facts = found
        found_by_own = _evaluate(own.engine, found)
        again = result_json(found_by_own)
        if _exact(again) != _exact(then):
            causes.append("engine")
            notes.append(_about_the_engine(record))
        last = again
    else:
        notes.append(f"{record.version or 'its version'} ({record.fingerprint}) is not at hand{_because(versions)}")

    if own is not policy:
        read = facts_of(policy, record)
        if isinstance(read, str):
            causes.append("policy")
            notes.append(f"the policy refuses these facts: {read}")
            return Replayed(record, tuple(causes), "", (), edits, facts_now, tuple(notes))
        hidden = hidden_from(policy, record)
        if hidden:
            return Replayed(
                record, open=f"masked, and the policy of today reads it: {', '.join(hidden)}", facts=facts_now
            )
        now = result_json(_evaluate(policy.engine, read))
        if _decided(now) != _decided(last):
            causes.append("policy")
            if own is not None and own_facts is not None:
                edits = _edits_felt(versions, own, own_facts, read)
            else:
                notes.append("so it cannot be told whether the engine has a part in it")
            edits = edits or _rules_between(last, now)
        last = now

    if facts_now and today is not None:
        if isinstance(known, str):
            causes.append("input")
            return Replayed(record, tuple(causes), "", _between(then, last), edits, facts_now, tuple(notes))
        assert known is not None
        at = read_instant(record.as_of, policy.zone)
        events = [event for event in known[1] if _moment(event) <= at]
        now = result_json(_evaluate(policy.engine, Facts(known[0], events, at)))
        if _decided(now) != _decided(last):
            causes.append("input")
        last = now
    exact = "engine" in causes
    return Replayed(record, tuple(causes), "", _between(then, last, exact), edits, facts_now, tuple(notes))


def _moment(event: Mapping[str, Clean]) -> int:
    moment = event["at"]
    assert isinstance(moment, int)
    return moment


def _because(versions: Versions) -> str:
    return f": {versions.trouble}" if versions.trouble else ", neither as the policy nor among its releases"


def _about_the_engine(record: Record) -> str:
    if record.semantics != SEMANTICS:
        return (
            f"scorec {record.scorec} made it at level {record.semantics} of what policies mean; this one is at level"
            f" {SEMANTICS}, and the changelog says what is different"
        )
    return (
        "the same policy, the same facts, another result: this is a fault of ours; please report it, with the record if"
        f" you may share it (made by scorec {record.scorec})"
    )


def _evaluate(engine: Engine, facts: Facts) -> Evaluation:
    return engine.evaluate_with_reasons(facts.lead, facts.events, facts.at)


# ------------------------------------------------------------------ what differs


def _exact(result: Mapping[str, Json]) -> Json:
    """Everything, in an order that does not depend on the order of the text."""
    decisions = {
        name: {**chosen, "barred": sorted([row["row"], sorted(row["gates"])] for row in chosen.get("barred", ()))}
        for name, chosen in result.get("decisions", {}).items()
    }
    reasons = sorted((line["rule"], line["points"]) for line in result.get("reasons", ()))
    return {**result, "decisions": decisions, "reasons": reasons}


def _decided(result: Mapping[str, Json]) -> dict[str, Json]:
    """What a decision is to the outside: scores, bands, outcomes, and what gates bar. Which row chose, and what its
    rules are called, may change without anything becoming of it."""
    found: dict[str, Json] = {f"score {name}": points for name, points in result.get("scores", {}).items()}
    found |= {f"band {name}": label for name, label in result.get("bands", {}).items()}
    found |= {name: chosen["outcome"] for name, chosen in result.get("decisions", {}).items()}
    found |= {f"gate {name}": sorted(bars) for name, bars in result.get("gates", {}).items() if bars}
    return found


def _between(then: Mapping[str, Json], now: Mapping[str, Json], exact: bool = False) -> tuple[Difference, ...]:
    found = _differences(_decided(then), _decided(now))
    if not found and exact:
        before, after = _exact(then), _exact(now)
        found = tuple(
            Difference(name, then.get(name), now.get(name)) for name in after if before.get(name) != after[name]
        )
    return found


def _differences(before: Mapping[str, Json], after: Mapping[str, Json]) -> tuple[Difference, ...]:
    names = dict.fromkeys([*before, *after])
    found = [(name, before.get(name, _nothing(name)), after.get(name, _nothing(name))) for name in names]
    return tuple(Difference(name, was, is_) for name, was, is_ in found if was != is_)


def _nothing(name: str) -> Json:
    """A gate that is not there bars nothing."""
    return [] if name.startswith("gate ") else None


def _rules_between(then: Mapping[str, Json], now: Mapping[str, Json]) -> tuple[str, ...]:
    """The rules whose points differ: `fit.large +30 -> +40`."""
    points: list[dict[str, Any]] = []
    for result in (then, now):
        found: dict[str, Any] = {}
        for line in result.get("reasons", ()):
            found[line["rule"]] = found.get(line["rule"], 0) + _ticks(line["points"])
        points.append(found)
    return tuple(
        f"{one.what}: {_points(one.before)} -> {_points(one.after)}" for one in _differences(points[0], points[1])
    )


def _ticks(written: str) -> int:
    from decimal import Decimal

    return ticks_of_decimal(Decimal(written)) or 0


def _points(ticks: int | None) -> str:
    from .wording import signed

    return "nothing" if ticks is None else signed(ticks)


MOST_EDITS = 60
"""Of more edits than this it is not looked which of them a single lead feels."""


def _edits_felt(versions: Versions, own: Policy, then: Facts, now: Facts) -> tuple[str, ...]:
    """The edits that change something for this lead: alone in the old version, or as the one left out of the new."""
    edits = versions.edits(own)
    if len(edits) > MOST_EDITS:
        return ()
    both = Facts({**now.lead, **then.lead}, _joined(then.events, now.events), then.at)
    before = _outcome(own.program, both)
    after = _outcome(versions.today.program, both)
    felt = []
    for edit in edits:
        alone = edit.alone is not None and _outcome(edit.alone, both) != before
        # Under the old names, so that only what is there in both is compared.
        missed = edit.without is not None and _common(_outcome(edit.without, both), after)
        if alone or missed:
            felt.append(edit.text)
    return tuple(felt)


def _common(one: Mapping[str, Json], other: Mapping[str, Json]) -> bool:
    return any(one[name] != other[name] for name in one if name in other)


def _outcome(program: ir.Program, facts: Facts) -> dict[str, Json]:
    return _decided(result_json(_evaluate(load_engine(program), facts)))


def _joined(then: Sequence[dict[str, Clean]], now: Sequence[dict[str, Clean]]) -> list[dict[str, Clean]]:
    """The events as both versions read them: each with the properties of both."""
    found = {id(event): dict(event) for event in then}
    waiting = list(now)
    for event in found.values():
        same = next((one for one in waiting if one["event"] == event["event"] and one["at"] == event["at"]), None)
        if same is not None:
            waiting.remove(same)
            event.update({name: value for name, value in same.items() if name not in event})
    return list(found.values())


def _compared_facts(
    policy: Policy,
    own: Policy,
    record: Record,
    known: tuple[dict[str, Clean], list[dict[str, Clean]]],
    secret: bytes | None,
) -> tuple[Record, tuple[Difference, ...]]:
    """What is known today and was not then; and the record with what was masked and is found again by its digest."""
    from dataclasses import replace

    now = _in_words(policy, record, known, None)
    # Only names are masked that this policy has.
    masks = _in_words(policy, record, known, _mask_like(policy, record, secret)) if record.masked else now
    found: list[Difference] = []
    lead = dict(record.lead)
    for name, value in now["lead"].items():
        if name not in record.lead:
            if value is not None:
                found.append(Difference(name, "not recorded", value))
            continue
        before = record.lead[name]
        if is_masked(before):
            if masks["lead"].get(name) == before:
                lead[name] = value
            else:
                found.append(Difference(name, "(masked)", "another value"))
        elif before != value:
            found.append(Difference(name, before, value))
    events = list(record.events)
    declared = {
        event.name: {prop.name for prop in event.properties} & _properties(own, event.name)
        for event in policy.program.events
        if any(one.name == event.name for one in own.program.events)
    }
    then_events = Counter(_event_text(event, declared) for event in record.events if event["event"] in declared)
    now_events = Counter(_event_text(event, declared) for event in masks["events"] if event["event"] in declared)
    if then_events == now_events:
        # The same, so that what was masked in them is known again.
        clear = {
            _event_text(hidden, declared): shown
            for hidden, shown in zip(masks["events"], now["events"], strict=True)
            if hidden["event"] in declared
        }
        events = [
            clear[_event_text(event, declared)] if event["event"] in declared and _has_masks(event) else event
            for event in events
        ]
    else:
        kinds = Counter({kind: 0 for kind in declared})
        came, went = kinds.copy(), kinds.copy()
        for text, count in (now_events - then_events).items():
            came[json.loads(text)["event"]] += count
        for text, count in (then_events - now_events).items():
            went[json.loads(text)["event"]] += count
        for kind in declared:
            if came[kind] or went[kind]:
                found.append(
                    Difference(f"events {kind}", f"{went[kind]} no longer there", f"{came[kind]} not there then")
                )
    return replace(record, lead=lead, events=events), tuple(found)


def _has_masks(event: Mapping[str, Json]) -> bool:
    return any(is_masked(value) for value in event.values())


def _properties(policy: Policy, kind: str) -> set[str]:
    return {prop.name for event in policy.program.events if event.name == kind for prop in event.properties}


def _event_text(event: Mapping[str, Json], declared: Mapping[str, set[str]]) -> str:
    kept = {"event", "at", *declared[event["event"]]}
    return json.dumps({name: value for name, value in event.items() if name in kept}, sort_keys=True)


def _mask_like(policy: Policy, record: Record, secret: bytes | None) -> Mask:
    """What a record masks, as far as the policy has it."""
    remembered = policy.engine.remembered
    wanted = ("mask like", tuple(record.masked), secret)
    known: dict[Any, Mask] = remembered.setdefault("masks of records", {})
    if wanted not in known:
        names = []
        for name in record.masked:
            try:
                mask_of(policy, [name])
            except TableError:
                continue
            names.append(name)
        known[wanted] = mask_of(policy, names, secret)
    return known[wanted]


_NOTHING = Evaluation({}, {}, {}, {}, 0, ())


def _in_words(
    policy: Policy, record: Record, known: tuple[dict[str, Clean], list[dict[str, Clean]]], mask: Mask | None
) -> Json:
    """Facts of today as a record shows them."""
    recorders: dict[Mask | None, Recorder] = policy.engine.remembered.setdefault("recorders", {})
    if mask not in recorders:
        recorders[mask] = recorder(policy, mask)
    return recorders[mask](None, known[0], known[1], read_instant(record.as_of, policy.zone), _NOTHING)


# ------------------------------------------------------------------ a whole log


@dataclass
class Tally:
    """How many records of a log came out how."""

    records: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    unreadable: list[tuple[int, str]] = field(default_factory=list)
    other_policies: Counter[str] = field(default_factory=Counter)


def beside(log: Path, name: str) -> Path | None:
    """The policy of a name in the folder of a log."""
    from .releases import history_of

    for path in sorted(log.parent.glob("*.score")):
        try:
            if history_of(path).name == name:
                return path
        except ScorecError:
            continue
    return None


def replayed(versions: Versions, records: Iterable[Record], today: Today | None, tally: Tally) -> Iterator[Replayed]:
    """Every record of the policy, made again; records of other policies are counted."""
    for record in records:
        if record.policy != versions.today.name:
            tally.other_policies[record.policy] += 1
            continue
        tally.records += 1
        one = replay(versions, record, today)
        tally.verdicts[one.verdict] += 1
        yield one
