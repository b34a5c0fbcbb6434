"""`scorec explain`: one lead's result, line by line; or the page of a diagnostic."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..compiler.errors import ScorecError
from ..compiler.version import SHORT
from ..compiler.wording import moment_words, values_text
from . import render
from .command import (
    CLEAN,
    Refusal,
    as_of,
    open_inputs,
    open_policy,
    refusal_of,
    release_options,
    result,
    sources_option,
)
from .command import command as declared

if TYPE_CHECKING:
    from ..compiler.explain import DecisionAccount, Entry, Explanation, GateState, Place, ScoreAccount, Unearned
    from ..compiler.inputs import Inputs
    from ..compiler.policy import Policy
    from ..compiler.wording import Where


@declared(
    "explain",
    "scorec explain inbound.score leads.csv --key L-1042 --events events.csv",
    "scorec explain inbound.score leads.csv --key L-1042 --at 2026-03-02 --format json",
    "scorec explain SC002",
    "scorec explain unknown-field",
)
@click.argument("subject", metavar="POLICY|CODE")
@click.argument("leads", required=False, type=click.Path(path_type=Path))
@click.option("--key", help="The key of the lead.")
@sources_option
@click.option("--events", multiple=True, metavar="[KIND=]FILE", help="Events; KIND= if all of them are of one kind.")
@release_options
@click.option("--at", metavar="TIME", help="The as-of instant: a date or a time (default: now).")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How it is shown.")
def command(
    subject: str,
    leads: Path | None,
    key: str | None,
    sources: Path | None,
    events: Sequence[str],
    release: str | None,
    as_released_on: str | None,
    at: str | None,
    form: str,
) -> int:
    """Explain one lead's result, or a diagnostic.

    With a policy, a table of leads and a key: every line that adds up to the scores, what cut them, which gates bar
    what, which rows chose, what is missing and where the scores can still go, and what changes next. With a code or
    the name of a diagnostic: its page.
    """
    if leads is None and key is None and sources is None:
        return _page(subject)
    if key is None:
        raise Refusal("whose result?", f"name the lead: scorec explain {subject} {leads or ''}".rstrip() + " --key KEY")
    policy = open_policy(Path(subject), release, as_released_on)
    inputs = open_inputs(policy, Path(subject), leads, events, sources)
    try:
        explanation = _explanation(policy, inputs, key, at)
    except ScorecError as failure:
        raise refusal_of(failure) from None
    if form == "json":
        from ..compiler.explain import as_json

        result(json.dumps(as_json(explanation), ensure_ascii=False, indent=2))
    else:
        result(lead_text(explanation, render.paint_for(sys.stdout), render.width_of_terminal()))
    return CLEAN


def _explanation(policy: Policy, inputs: Inputs, key: str, at: str | None) -> Explanation:
    from ..compiler.batch import Summary, find_lead, read_events
    from ..compiler.explain import explain
    from ..compiler.mapped import path_of

    instant = as_of(policy, at)
    lead, refusals, others = find_lead(policy, inputs.leads, key)
    if refusals:
        reasons = "; ".join(f"{column}: {reason}" if column else reason for column, _, reason in refusals)
        raise ScorecError(f"{policy.program.subject} `{key}` cannot be scored: {reasons}")
    if lead is None:
        hint = f"did you mean {render.listed(others, 'or')}?" if others else "the table has no readable rows."
        raise Refusal(f"{path_of(inputs.leads)} has no row with {policy.program.key} `{key}`", hint)
    summary = Summary()
    # Events to come take part here: the explanation counts them and lets them rest.
    log = read_events(policy, inputs.events, 1 << 62, summary, lambda rejected: None, lambda table, rows: None)
    return explain(policy.program, policy.sources, key, (lead, log.take(key), instant))


# ------------------------------------------------------------------ one lead as text


def lead_text(explanation: Explanation, paint: render.Paint, width: int) -> str:
    """The whole account of one lead, in the order in which it is computed."""
    blocks = [_title(explanation, paint)]
    blocks.extend("\n".join(score_lines(score, paint, width)) for score in explanation.scores)
    if explanation.bands:
        blocks.append(_bands(explanation, paint, width))
    if explanation.gates:
        blocks.append(_gates(explanation.gates, paint, width))
    if explanation.decisions:
        blocks.append("\n".join(line for one in explanation.decisions for line in _decision(one, paint, width)))
    blocks.append(_missing(explanation, paint, width))
    blocks.append(_next(explanation, paint, width))
    return "\n\n".join(block for block in blocks if block)


def _title(explanation: Explanation, paint: render.Paint) -> str:
    policy = f"{explanation.policy} {explanation.version}".strip()
    events = sum(count.count for count in explanation.events)
    lines = [
        paint.strong(f"{explanation.subject} {explanation.key}") + f" as of {moment_words(explanation.at)}",
        paint.faint(f"{policy} ({explanation.fingerprint[:SHORT]})"),
    ]
    if explanation.events:
        kinds = [f"{count.count} {count.kind}" for count in explanation.events]
        lines.append(paint.faint(f"{render.counted(events, 'event')}: {render.listed(kinds)}"))
    if explanation.events_to_come:
        lines.append(
            paint.faint(f"{render.counted(explanation.events_to_come, 'event')} after this instant: not counted")
        )
    return "\n".join(lines)


def score_lines(score: ScoreAccount, paint: render.Paint, width: int) -> list[str]:
    """A score and the lines that add up to it, each with what it read and what cut it."""
    value = "missing" if score.value is None else f"{score.value}"
    about = f"  {score.label}" if score.label else ""
    if score.low is not None and score.high is not None:
        about += f"  ({score.low} to {score.high})"
    lines = [paint.strong(f"{score.name} {value}") + paint.faint(about)]
    if not score.entries and score.value is not None:
        lines.append(paint.faint("   nothing gave points"))
    for entry in score.entries:
        points = f"{entry.points:+}"
        colour = paint.gain if entry.points > 0 else paint.loss
        text = render.wrapped(_entry(score.name, entry), width, f"  {points:>7}  ", " " * 11)
        lines.extend(text.replace(points, colour(points), 1).split("\n"))
    return lines


def _entry(score: str, entry: Entry) -> str:
    """`enterprise  A large company  [employees 3626]`"""
    name = entry.rule.removeprefix(f"{score}.") if entry.step in ("rule", "most", "least", "counting") else ""
    words = [name] if name else []
    if entry.text.replace(" ", "_") != name:
        words.append(entry.text)
    # What a rule has read says more than its condition; where it has read no value, the condition must do.
    if entry.step == "rule" and (entry.because.startswith(("for each", "per ")) or not entry.values):
        words.append(entry.because)
    words = [word for word in words if word]
    text = "  ".join(words)
    if entry.cut is not None:
        text += f" ({entry.cut})" if entry.step == "rule" else f": {entry.cut}"
    values = values_text(entry.values)
    return f"{text}  [{values}]" if values else text


def _bands(explanation: Explanation, paint: render.Paint, width: int) -> str:
    size = max(len(place.band) for place in explanation.bands)
    label_size = max(len(place.label) for place in explanation.bands)
    lines = []
    for place in explanation.bands:
        head = f"{place.band:<{size}}  {place.label:<{label_size}}"
        text = render.wrapped("; ".join(_standing(explanation, place)), width, head + "  ", " " * (size + 4))
        lines.append(paint.strong(head) + text.removeprefix(head))
    return "\n".join(lines)


def _standing(explanation: Explanation, place: Place) -> list[str]:
    """What lacks for the next better row, and how firmly the lead stands in its own."""
    about = []
    if place.lacking is not None:
        needed = f"{place.next_label} starts at {place.next_limit}: {_amount(place.lacking)} missing"
        ways = _ways(explanation, place)
        about.append(f"{needed}, for example {render.listed(ways, 'or')}" if ways else needed)
    elif place.next_label is not None:
        about.append(f"where {place.next_label} starts is not known")
    else:
        about.append("the highest")
    if place.margin is not None:
        about.append(f"{_amount(place.margin)} above its limit" if place.margin else "exactly at its limit")
    return about


def _ways(explanation: Explanation, place: Place) -> list[str]:
    """At most three rules that this lead has not earned and that would do, or come nearest to it."""
    score = next(score for score in explanation.scores if score.name == place.score)
    open_ = [
        rule
        for rule in score.unearned
        if rule.state in ("not true", "unknown") and rule.instead is None and rule.points.startswith("+")
    ]
    worth = [(Decimal(rule.points.split()[0]), rule) for rule in open_]
    lacking = place.lacking or Decimal(0)
    worth.sort(key=lambda one: (one[0] < lacking, one[0] if one[0] >= lacking else -one[0]))
    return [f"{rule.points} {rule.rule.removeprefix(score.name + '.')}" for _, rule in worth[:3]]


def _amount(points: Decimal) -> str:
    return f"{points} point" + ("" if points == 1 else "s")


def _gates(gates: Sequence[GateState], paint: render.Paint, width: int) -> str:
    lines = []
    for gate in gates:
        state = paint.loss(f"bars {', '.join(gate.bars)}") if gate.bars else paint.gain("open")
        said = f"  {gate.label}" if gate.label else ""
        lines.append(f"{paint.strong(f'gate {gate.name}')}  {state}" + paint.faint(said))
        for barrier in gate.barriers:
            if barrier.bars:
                detail = values_text(barrier.values)
                text = f"never {', '.join(barrier.outcomes)} {barrier.because}" + (f"  [{detail}]" if detail else "")
                lines.append(render.wrapped(text, width, "    ", " " * 6) + _line(barrier.line, paint))
    return "\n".join(lines)


def _decision(decision: DecisionAccount, paint: render.Paint, width: int) -> list[str]:
    said = f"  {decision.outcome_text}" if decision.outcome_text else ""
    said += f", within {decision.within}" if decision.within else ""
    lines = [paint.strong(f"{decision.name}: {decision.outcome}") + said]
    for barred in decision.barred:
        gates = render.listed([f"`{gate}`" for gate in barred.gates])
        lines.append(f"    {barred.outcome} was barred by gate {gates}" + _line(barred.line, paint))
    lines.append(render.wrapped(f"chosen by: {decision.because}", width, "    ", " " * 6) + _line(decision.line, paint))
    return lines


def _line(line: Where | None, paint: render.Paint) -> str:
    return paint.faint(f"  {line}") if line is not None else ""


def _missing(explanation: Explanation, paint: render.Paint, width: int) -> str:
    known = f"{explanation.completeness * 100:.0f}% of what the policy reads is known"
    if not explanation.missing:
        return known
    lines = [f"{known}; missing:"]
    waiting: dict[str, list[Unearned]] = {}
    for score in explanation.scores:
        for rule in score.unearned:
            if rule.state == "unknown":
                for name in rule.missing:
                    waiting.setdefault(name, []).append(rule)
    size = max(len(missing.field) for missing in explanation.missing)
    for missing in explanation.missing:
        rules = [f"{rule.points} {rule.rule}" for rule in waiting.get(missing.field, [])]
        about = f"could bring {render.listed(rules, 'or', 4)}" if rules else ""
        readers = missing.readers if not rules else tuple(name for name in missing.readers if name not in missing.rules)
        if readers:
            verb = "reads" if len(readers) == 1 else "read"
            about += ("; " if about else "") + f"{render.listed(list(readers))} {verb} it"
        lines.append(render.wrapped(f"{missing.field:<{size}}  {about}".rstrip(), width, "    ", " " * (size + 6)))
    possible = [possible_text(score) for score in explanation.scores]
    if any(possible):
        lines.append(render.wrapped(f"still possible: {', '.join(filter(None, possible))}", width, "  ", "    "))
    return "\n".join(lines)


def possible_text(score: ScoreAccount) -> str:
    """`fit 10 to 60`; `within` where an end may be one that is not reached."""
    found = score.still_possible
    if found is None:
        return ""
    if found.low == found.high:
        return f"{score.name} {found.low} in any case"
    return f"{score.name} {'' if found.exact else 'within '}{found.low} to {found.high}"


def _next(explanation: Explanation, paint: render.Paint, width: int) -> str:
    change = explanation.next_change
    if change is None:
        return "nothing changes without new events"
    if not change.changes:
        return f"nothing changes without new events before {moment_words(change.at)}"
    lines = [f"next change without new events: {paint.strong(moment_words(change.at))}"]
    lines.extend(f"    {one.name}: {one.before} -> {one.after}" for one in change.changes)
    return "\n".join(lines)


# ------------------------------------------------------------------ the page of a diagnostic


def _page(word: str) -> int:
    from ..compiler.lint.codes import catalogue
    from ..dsl.problems import RETIRED

    known_problems = catalogue()
    code = word.upper()
    if code in RETIRED:
        result(f"{code} is no longer used: {RETIRED[code]}")
        return CLEAN
    found = known_problems.get(code) or next(
        (one for one in known_problems.values() if one.slug() == word.lower()), None
    )
    if found is None:
        from difflib import get_close_matches

        if Path(word).suffix == ".score" or Path(word).exists():
            raise Refusal("which lead?", f"scorec explain {word} leads.csv --key KEY")
        known = [*known_problems, *(one.slug() for one in known_problems.values())]
        close = get_close_matches(code, known, 1, 0.7) or get_close_matches(word.lower(), known, 1, 0.6)
        raise Refusal(
            f"there is no diagnostic `{word}`",
            f"did you mean {close[0]}?" if close else "codes look like SC002; `scorec check` shows them.",
        )
    paint = render.paint_for(sys.stdout)
    title = f"{found.code} {found.slug()} ({found.severity.word})"
    result(
        paint.severity(found.severity, title)
        + "\n\n"
        + page_text(found.__doc__ or "", paint, render.width_of_terminal())
    )
    return CLEAN


def page_text(page: str, paint: render.Paint, width: int) -> str:
    """A diagnostic's page as it is read in a terminal: headings stand out, examples are indented as they are."""
    import inspect

    blocks: list[str] = []
    prose: list[str] = []
    code: list[str] | None = None

    def flush() -> None:
        if prose:
            blocks.append(render.wrapped(" ".join(prose), width))
            prose.clear()

    for line in inspect.cleandoc(page).split("\n"):
        if line.startswith("```"):
            flush()
            if code is not None:
                blocks.append("\n".join(code))
            code = [] if code is None else None
        elif code is not None:
            code.append(f"    {line}".rstrip())
        elif line.startswith("#"):
            flush()
            blocks.append(paint.strong(line.lstrip("# ")))
        elif not line.strip():
            flush()
        elif re.match(r"\s*[-*] ", line):
            flush()
            blocks.append(render.wrapped(line.strip(), width, "", "  "))
        else:
            prose.append(line.strip())
    flush()
    return "\n\n".join(blocks)
