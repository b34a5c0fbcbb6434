"""Why a lead has its result: every line that adds up to its scores, what cut them, which gates bar what, which rows
chose, what is missing, what changes next. As data; `cli/explain.py` shows it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, TypeAlias
from zoneinfo import ZoneInfo

from ..dsl import ir
from ..dsl.frozen import frozen
from ..dsl.result import Evaluation, Line
from ..dsl.source import Source, Span
from ..dsl.values import TICKS, decimal_of
from .engines import python
from .questions import Facts, Inquiry, ask
from .reading import declared_scores, parts, reads
from .reasons import Vocabulary, members, vocabulary
from .version import fingerprint
from .wording import SUCH_EVENTS, Where, duration_text, local_moment, points_text, signed, spoken, value_text, where

Values: TypeAlias = tuple[tuple[str, str], ...]
"""Names that a condition reads, with the values that they have: (("employees", "1200"),)."""


@frozen
class Entry:
    """One line of a score's account. `because` is the rule's own condition as written, `values` what it read."""

    rule: str
    step: str
    points: Decimal
    text: str
    because: str
    values: Values
    cut: str | None
    line: Where | None


@frozen
class Unearned:
    """A rule that gave this lead nothing: its condition is not true, or unknown because fields are `missing`, or it was
    passed over for another member of its `first of` or `best of` (`instead`), or it is not in force."""

    rule: str
    points: str
    text: str
    because: str
    state: Literal["not true", "unknown", "passed over", "not in force"]
    missing: tuple[str, ...]
    instead: str | None
    line: Where | None


@frozen
class StillPossible:
    """From where to where a score can lie once more is known of the lead: no value of a missing field takes it outside.
    `exact`: both ends are reached."""

    low: Decimal
    high: Decimal
    exact: bool


@frozen
class ScoreAccount:
    """The lines of a score, and what it could still be; None for a score that hangs on nothing missing."""

    name: str
    label: str
    value: Decimal | None
    low: Decimal | None
    high: Decimal | None
    entries: tuple[Entry, ...]
    unearned: tuple[Unearned, ...]
    still_possible: StillPossible | None = None


@frozen
class Place:
    """Where a score stands in a band: the row, by how much it is reached, the next better row and what lacks for
    it."""

    band: str
    score: str
    label: str
    margin: Decimal | None
    next_label: str | None
    next_limit: Decimal | None
    lacking: Decimal | None


@frozen
class Barrier:
    """One line of a gate: what it bars if its condition holds, whether it does, and what it read."""

    outcomes: tuple[str, ...]
    because: str
    bars: bool
    unknown: bool
    values: Values
    line: Where | None


@frozen
class GateState:
    name: str
    label: str
    bars: tuple[str, ...]
    barriers: tuple[Barrier, ...]


@frozen
class RowBarred:
    """A row that matched and was not taken, with the gates that barred its outcome."""

    row: int
    outcome: str
    gates: tuple[str, ...]
    line: Where | None


@frozen
class DecisionAccount:
    name: str
    label: str
    outcome: str
    outcome_text: str
    within: str | None
    row: int
    because: str
    line: Where | None
    barred: tuple[RowBarred, ...]


@frozen
class Missing:
    """A field that the policy reads and the lead has not. `readers` are all that read it: rules by their name, and in
    words `gate consent`, `decision next_step`, `band readiness`, `score total`; `rules` are the rules among them."""

    field: str
    rules: tuple[str, ...]
    readers: tuple[str, ...]


@frozen
class Difference:
    """A score, band, gate or decision that has another value in another result."""

    name: str
    before: str
    after: str


@frozen
class Change:
    """The next instant at which the result changes by itself, and how; without `changes` it is the same until then at
    least."""

    at: datetime
    changes: tuple[Difference, ...]


@frozen
class EventCount:
    kind: str
    count: int
    newest: datetime


@frozen
class Explanation:
    """Everything about one lead's result, ready to be shown or sent."""

    policy: str
    version: str
    fingerprint: str
    subject: str
    key: str
    at: datetime
    scores: tuple[ScoreAccount, ...]
    bands: tuple[Place, ...]
    gates: tuple[GateState, ...]
    decisions: tuple[DecisionAccount, ...]
    completeness: Decimal
    missing: tuple[Missing, ...]
    events: tuple[EventCount, ...]
    events_to_come: int
    next_change: Change | None


def explain(program: ir.Program, sources: Mapping[str, Source], key: str, facts: Facts) -> Explanation:
    """The account of one lead at one instant, what it could still come to, and what changes next."""
    account = account_of(program, sources, key, facts)
    scores = _with_what_is_possible(account.scores, program, facts) if account.missing else account.scores
    return replace(account, scores=scores, next_change=_next_change(program, facts))


def account_of(program: ir.Program, sources: Mapping[str, Source], key: str, facts: Facts) -> Explanation:
    """The account of one lead at one instant, without a look ahead or at what is missing."""
    lead, events, at = facts
    questions = _Questions(program)
    engine = python.load(questions.inquiry.program)
    asked = engine.evaluate_with_reasons(lead, events, at)
    evaluation = questions.inquiry.without_questions(asked)
    writer = _Writer(program, sources, lead, evaluation, vocabulary(program))
    questions.answer(asked)
    past = [event for event in events if _at(event) <= at]
    return Explanation(
        policy=program.name,
        version=program.version,
        fingerprint=fingerprint(program),
        subject=program.subject,
        key=key,
        at=writer.moment(at),
        scores=tuple(_score(writer, questions, score, at) for score in declared_scores(program)),
        bands=tuple(_place(writer, questions, band) for band in program.bands),
        gates=tuple(_gate(writer, questions, gate) for gate in program.gates),
        decisions=tuple(_decision(writer, program, name) for name in program.declared_decisions),
        completeness=decimal_of(evaluation.completeness),
        missing=_missing(program, lead),
        events=_counts(writer, past),
        events_to_come=len(events) - len(past),
        next_change=None,
    )


def as_json(explanation: Explanation) -> Any:
    """The same as plain data: what `--format json` prints."""
    return _plain(explanation)


# ------------------------------------------------------------------ what is asked besides the result


class _Questions:
    """What the account says beyond the result: whether each condition is true, false or unknown, and each band's
    limits."""

    def __init__(self, program: ir.Program) -> None:
        rules = [item for score in program.scores for item in members(score.items) if isinstance(item, ir.Rule)]
        self._rules = [(rule.full_name, rule.trigger.condition) for rule in rules if isinstance(rule.trigger, ir.When)]
        self._bans = [(gate.name, at, ban) for gate in program.gates for at, ban in enumerate(gate.bans)]
        self._limits = [(band.name, row.label, row.limit) for band in program.bands for row in band.rows]
        self._counts = [(rule.full_name, rule.trigger.events) for rule in rules if isinstance(rule.trigger, ir.Each)]
        self._earlier = list(
            dict.fromkeys(part for part in parts(program.scores) if isinstance(part, ir.ScoreOf) and part.ago)
        )
        self.inquiry: Inquiry = ask(
            program,
            [*(condition for _, condition in self._rules), *(ban.trigger.condition for _, _, ban in self._bans)],
            [
                *(limit for _, _, limit in self._limits),
                *(ir.CountOf(ir.Kind.EXACT, events) for _, events in self._counts),
                *self._earlier,
            ],
        )
        self.rule: dict[str, bool | None] = {}
        self.ban: dict[tuple[str, int], bool | None] = {}
        self.limit: dict[tuple[str, str], int | None] = {}
        self.count: dict[str, int | None] = {}
        self.earlier: dict[ir.ScoreOf, int | None] = {}

    def answer(self, evaluation: Evaluation) -> None:
        truths = iter(self.inquiry.truths(evaluation))
        amounts = iter(self.inquiry.amounts(evaluation))
        self.rule = {name: next(truths) for name, _ in self._rules}
        self.ban = {(gate, at): next(truths) for gate, at, _ in self._bans}
        self.limit = {(band, label): next(amounts) for band, label, _ in self._limits}
        self.count = {name: next(amounts) for name, _ in self._counts}
        self.earlier = {score: next(amounts) for score in self._earlier}


# ------------------------------------------------------------------ scores


def _score(writer: _Writer, questions: _Questions, score: ir.Score, at: int) -> ScoreAccount:
    lines = [line for line in writer.evaluation.lines or () if line.score == score.name]
    earned = {line.rule for line in lines}
    ticks = writer.evaluation.scores[score.name]
    return ScoreAccount(
        name=score.name,
        label=score.label,
        value=None if ticks is None else decimal_of(ticks),
        low=None if score.low is None else decimal_of(score.low),
        high=None if score.high is None else decimal_of(score.high),
        entries=tuple(_entry(writer, questions, score, line) for line in lines),
        unearned=tuple(_unearned(writer, questions, score, earned, at)),
    )


def _entry(writer: _Writer, questions: _Questions, score: ir.Score, line: Line) -> Entry:
    because, span = "", score.span
    values: Values = ()
    if line.step == "rule":
        rule = writer.words.rules[line.rule]
        because, values, span = writer.condition(rule), writer.values(rule.trigger), rule.span
        count = questions.count.get(line.rule)
        if count is not None:
            values = ((SUCH_EVENTS, points_text(count)), *values)
    elif line.step == "body":
        values = (*writer.values(score.body), *_earlier_values(questions, score.body))
    elif line.step in ("most", "least", "counting"):
        span = writer.words.groups[line.rule].span
    return Entry(
        rule=line.rule,
        step=line.step,
        points=decimal_of(line.ticks),
        text=writer.words.text_of(line),
        because=because,
        values=values,
        cut=writer.words.cut_of(line),
        line=writer.line(span),
    )


def _earlier_values(questions: _Questions, body: object) -> Values:
    earlier = dict.fromkeys(part for part in parts(body) if isinstance(part, ir.ScoreOf) and part.ago)
    return tuple((f"{part.name} {duration_text(part.ago)} ago", _points(questions.earlier[part])) for part in earlier)


def _unearned(writer: _Writer, questions: _Questions, score: ir.Score, earned: set[str], at: int) -> Sequence[Unearned]:
    found: list[Unearned] = []
    chosen = _chosen_instead(score, earned)
    for rule in members(score.items):
        if not isinstance(rule, ir.Rule) or rule.full_name in earned or rule.points == 0:
            continue
        truth = questions.rule.get(rule.full_name)
        missing: tuple[str, ...] = ()
        state: Literal["not true", "unknown", "passed over", "not in force"] = "not true"
        if (rule.starts is not None and at < rule.starts) or (rule.ends is not None and at >= rule.ends):
            state = "not in force"
        elif isinstance(rule.trigger, ir.When):
            if truth is None and not rule.trigger.unless:
                state = "unknown"
            elif (truth is True) != rule.trigger.unless:
                state = "passed over"
        elif isinstance(rule.trigger, ir.Otherwise):
            state = "passed over"
        if state in ("unknown", "passed over") or not isinstance(rule.trigger, ir.When):
            missing = tuple(name for name in reads((rule.points, rule.trigger)).fields if writer.lead.get(name) is None)
            if missing and state == "not true":
                state = "unknown"
        found.append(
            Unearned(
                rule=rule.full_name,
                points=writer.points(rule),
                text=rule.label or spoken(rule.name),
                because=writer.condition(rule),
                state=state,
                missing=missing,
                instead=chosen.get(rule.full_name),
                line=writer.line(rule.span),
            )
        )
    return found


def _chosen_instead(score: ir.Score, earned: set[str]) -> dict[str, str]:
    """For the rules of a `first of` or `best of` of which another one counted: that one."""
    chosen: dict[str, str] = {}
    for group in members(score.items):
        if isinstance(group, ir.Group) and group.kind != "sum":
            inside = [item.full_name for item in members(group.items) if isinstance(item, ir.Rule)]
            counted = next((name for name in inside if name in earned), None)
            chosen.update((name, counted) for name in inside if counted is not None and name not in earned)
    return chosen


# ------------------------------------------------------------------ bands, gates, decisions


def _place(writer: _Writer, questions: _Questions, band: ir.Band) -> Place:
    label = writer.evaluation.bands[band.name]
    ticks = writer.evaluation.scores[band.score]
    at = band.labels.index(label)
    limit = questions.limit.get((band.name, label))
    above = band.rows[at - 1].label if at > 0 else None
    next_limit = questions.limit.get((band.name, above)) if above is not None else None
    return Place(
        band=band.name,
        score=band.score,
        label=label,
        margin=None if ticks is None or limit is None else decimal_of(ticks - limit),
        next_label=above,
        next_limit=None if next_limit is None else decimal_of(next_limit),
        lacking=None if ticks is None or next_limit is None else decimal_of(next_limit - ticks),
    )


def _gate(writer: _Writer, questions: _Questions, gate: ir.Gate) -> GateState:
    barriers = []
    for at, ban in enumerate(gate.bans):
        truth = questions.ban[gate.name, at]
        barriers.append(
            Barrier(
                outcomes=ban.outcomes,
                because=("unless " if ban.trigger.unless else "when ") + writer.text(ban.trigger.condition.span),
                bars=truth is not True if ban.trigger.unless else truth is True,
                unknown=truth is None,
                values=writer.values(ban.trigger),
                line=writer.line(ban.span),
            )
        )
    return GateState(gate.name, gate.label, writer.evaluation.gates[gate.name], tuple(barriers))


def _decision(writer: _Writer, program: ir.Program, name: str) -> DecisionAccount:
    decision = next(decision for decision in program.decisions if decision.name == name)
    outcome, number, barred = writer.evaluation.decisions[name]
    rows = {row.row: row for row in decision.rows}
    words = next((word for word in program.outcomes if word.name == outcome), None)
    because, line = _why_row(writer, rows[number])
    return DecisionAccount(
        name=name,
        label=decision.label,
        outcome=outcome,
        outcome_text=words.label if words is not None else "",
        within=None if words is None or words.within is None else duration_text(words.within),
        row=number,
        because=because,
        line=line,
        barred=tuple(
            RowBarred(at, _outcome_of(writer, rows[at]), gates, _why_row(writer, rows[at])[1]) for at, gates in barred
        ),
    )


def _why_row(writer: _Writer, row: ir.Choice | ir.Grid) -> tuple[str, Where | None]:
    """A row's condition as written, and its line; of a grid, the cell and the line of its row."""
    if isinstance(row, ir.Choice):
        if row.trigger is None:
            return "otherwise", writer.line(row.span)
        word = "unless " if row.trigger.unless else "when "
        return word + writer.text(row.trigger.condition.span), writer.line(row.span)
    down, across = writer.evaluation.bands.get(row.by_rows), writer.evaluation.bands.get(row.by_columns)
    if down is None or across is None:
        chosen = writer.evaluation.decisions
        down = down or chosen[row.by_rows][0]
        across = across or chosen[row.by_columns][0]
    return f"{row.by_rows} {down}, {row.by_columns} {across}", writer.grid_line(row.span, down)


def _outcome_of(writer: _Writer, row: ir.Choice | ir.Grid) -> str:
    if isinstance(row, ir.Choice):
        return row.outcome
    bands = writer.evaluation.bands
    return row.cells[row.row_labels.index(bands[row.by_rows])][row.column_labels.index(bands[row.by_columns])]


# ------------------------------------------------------------------ what is missing, what comes next


def _missing(program: ir.Program, lead: Mapping[str, ir.Value]) -> tuple[Missing, ...]:
    rules: list[tuple[str, object]] = [
        (item.full_name, (item.points, item.trigger))
        for score in declared_scores(program)
        for item in members(score.items)
        if isinstance(item, ir.Rule)
    ]
    others: list[tuple[str, object]] = [
        *((f"score {one.name}", (one.body, one.floors, one.caps)) for one in declared_scores(program)),
        *((f"band {one.name}", one.rows) for one in program.bands),
        *((f"gate {one.name}", one.bans) for one in program.gates),
        *((f"decision {one.name}", one.rows) for one in program.decisions),
    ]
    read_by = [(name, reads(part).fields) for name, part in (*rules, *others)]
    names = {name for name, _ in rules}
    found = []
    for field in program.reads:
        if lead.get(field) is None:
            readers = tuple(name for name, read in read_by if field in read)
            found.append(Missing(field, tuple(name for name in readers if name in names), readers))
    return tuple(found)


def _with_what_is_possible(
    scores: Sequence[ScoreAccount], program: ir.Program, facts: Facts
) -> tuple[ScoreAccount, ...]:
    # Who has a fully known lead does not wait for the analysis to be loaded.
    from .analysis.still_open import open_ranges

    lead, events, at = facts
    happened = tuple(
        ir.Happening(
            str(event["event"]),
            _at(event),
            tuple((name, value) for name, value in event.items() if name not in ("event", "at") and value is not None),
        )
        for event in events
        if _at(event) <= at
    )
    ranges = open_ranges(program, lead, happened, at)
    return tuple(
        replace(score, still_possible=StillPossible(decimal_of(one.low), decimal_of(one.high), one.exact))
        if (one := ranges.get(score.name)) is not None
        else score
        for score in scores
    )


def _counts(writer: _Writer, events: Sequence[Mapping[str, ir.Value]]) -> tuple[EventCount, ...]:
    counts = Counter(str(event["event"]) for event in events)
    newest: dict[str, int] = {}
    for event in events:
        kind = str(event["event"])
        newest[kind] = max(newest.get(kind, _at(event)), _at(event))
    return tuple(EventCount(kind, count, writer.moment(newest[kind])) for kind, count in sorted(counts.items()))


def _next_change(program: ir.Program, facts: Facts) -> Change | None:
    from .engines import changes

    lead, events, at = facts
    instant = changes.next_change(program, lead, events, at)
    if instant is None:
        return None
    engine = python.load(program)
    before, after = (engine.evaluate(lead, events, moment) for moment in (at, instant))
    return Change(local_moment(instant, ZoneInfo(program.timezone)), tuple(differences(before, after)))


def differences(before: Evaluation, after: Evaluation) -> list[Difference]:
    """What differs between two results of one lead, by name: scores, bands, gates, decisions."""
    found: list[Difference] = []
    for name, ticks in before.scores.items():
        if after.scores[name] != ticks:
            found.append(Difference(name, _points(ticks), _points(after.scores[name])))
    for name, label in before.bands.items():
        if after.bands[name] != label:
            found.append(Difference(name, label, after.bands[name]))
    for name, bars in before.gates.items():
        if after.gates[name] != bars:
            found.append(Difference(name, _barring(bars), _barring(after.gates[name])))
    for name, (outcome, _, _) in before.decisions.items():
        if after.decisions[name][0] != outcome:
            found.append(Difference(name, outcome, after.decisions[name][0]))
    return found


def _points(ticks: int | None) -> str:
    return "missing" if ticks is None else points_text(ticks)


def _barring(outcomes: tuple[str, ...]) -> str:
    return f"bars {', '.join(outcomes)}" if outcomes else "open"


def _at(event: Mapping[str, ir.Value]) -> int:
    at = event["at"]
    assert isinstance(at, int)
    return at


# ------------------------------------------------------------------ words


@dataclass(frozen=True)
class _Writer:
    """Puts parts of a program and values of a lead into words."""

    program: ir.Program
    sources: Mapping[str, Source]
    lead: Mapping[str, ir.Value]
    evaluation: Evaluation
    words: Vocabulary

    def text(self, span: Span) -> str:
        """What the author wrote, on one line."""
        source = self.sources.get(span.source)
        if source is None or span.end <= span.start:
            return ""
        return " ".join(re.sub(r"#[^\n]*", "", source.text[span.start : span.end]).split())

    def line(self, span: Span) -> Where | None:
        return where(self.program, self.sources, span)

    def grid_line(self, span: Span, label: str) -> Where | None:
        return grid_line(self.program, self.sources, span, label)

    def condition(self, rule: ir.Rule) -> str:
        """A rule's trigger and modifiers as written: what stands after its name and label."""
        source = self.sources.get(rule.span.source)
        if source is None:
            return ""
        written = source.text[rule.span.start : rule.span.end]
        name = rf"\b{re.escape(rule.name)}\b"
        label = r'("(?:[^"\\]|\\.)*")?'
        found = re.search(rf"{name}\s*{label}\s*(?=when|unless|for|per|otherwise)", written)
        if found is None:
            return ""
        # Modifiers on lines of their own are no less modifiers.
        lines = [" ".join(re.sub(r"#.*", "", line).split()) for line in written[found.end() :].split("\n")]
        text = ""
        for line in filter(None, lines):
            joint = " " if not text or text.endswith(("(", ",")) or text.count("(") > text.count(")") else ", "
            text += joint + line
        return text.strip()

    def points(self, rule: ir.Rule) -> str:
        """`+30`, `+5 each`"""
        amount = signed(rule.points) if isinstance(rule.points, int) else "computed"
        match rule.trigger:
            case ir.Each():
                return f"{amount} each"
            case ir.Per(amount=step):
                return f"{amount} each" if step == TICKS else f"{amount} per {points_text(step)}"
            case _:
                return amount

    def values(self, part: Any) -> Values:
        """What a part reads, with the values that it has here."""
        read = reads(part)
        shown = [
            (name, value_text(self.program.field(name).kind, self.lead.get(name), self._zone)) for name in read.fields
        ]
        shown += [
            (name, _points(self.evaluation.scores[name])) for name in read.scores if name in self.evaluation.scores
        ]
        shown += [(name, self.evaluation.bands[name]) for name in read.bands if name in self.evaluation.bands]
        shown += [
            (name, self.evaluation.decisions[name][0]) for name in read.decisions if name in self.evaluation.decisions
        ]
        return tuple(shown)

    def moment(self, micros: int) -> datetime:
        return local_moment(micros, self._zone)

    @property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.program.timezone)


def grid_line(program: ir.Program, sources: Mapping[str, Source], span: Span, label: str) -> Where | None:
    """The line of a grid's row for a label."""
    first = where(program, sources, span)
    if first is None:
        return None
    for offset, written in enumerate(sources[span.source].text[span.start : span.end].split("\n")):
        if [cell.strip() for cell in written.split("|")][1:2] == [label]:
            return replace(first, line=first.line + offset)
    return first


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: dict(getattr(value, field.name))
            if field.name == "values"
            else _plain(getattr(value, field.name))
            for field in fields(value)
        }
    match value:
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case datetime():
            return value.isoformat()
        case tuple():
            return [_plain(item) for item in value]
        case _:
            return value
