"""`scorec replay`: logged decisions, made again."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..compiler.errors import PolicyError, ScorecError
from ..compiler.folder import similar_file
from ..compiler.version import fingerprint
from ..compiler.wording import moment_text
from ..dsl.facts import Unreadable, read_instant
from . import render
from .command import (
    CLEAN,
    FAULT,
    FINDINGS,
    Findings,
    Refusal,
    mask_key_option,
    open_inputs,
    refusal_of,
    result,
    secret_in,
    sources_option,
)
from .command import command as declared

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from ..compiler.records import Record
    from ..compiler.replay import Difference, Replayed, Tally, Versions


@declared(
    "replay",
    "scorec replay decisions.jsonl",
    "scorec replay decisions.jsonl --policy inbound.score --release 1.4.0",
    "scorec replay decisions.jsonl --policy inbound.score --leads leads.csv --events events.csv",
)
@click.argument("log", type=click.Path(path_type=Path))
@click.option(
    "--policy", type=click.Path(path_type=Path), help="The policy of today (default: the one of this name beside LOG)."
)
@click.option("--release", metavar="VERSION", help="This release of the policy instead of its text of today.")
@click.option("--leads", type=click.Path(path_type=Path), help="What is known today: the facts are compared, too.")
@sources_option
@click.option("--events", multiple=True, metavar="[KIND=]FILE", help="Events of today, with --leads.")
@mask_key_option
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How it is shown.")
@click.option("--limit", type=click.IntRange(0), metavar="N", help="Show at most N records (20 as text; JSON: all).")
def command(
    log: Path,
    policy: Path | None,
    release: str | None,
    leads: Path | None,
    sources: Path | None,
    events: Sequence[str],
    mask_key: Path | None,
    form: str,
    limit: int | None,
) -> int:
    """Make the decisions of a log again.

    For each record: the same, changed by the policy (and by which edits), changed by the input (and which fields),
    changed by the engine (a fault of ours), or not reproducible, because something is masked. A record is made again
    with its own version of the policy, found by its fingerprint among the releases beside the policy.

    Exit codes: 0 all the same; 1 something is not; 2 a line cannot be read, or wrong usage.
    """
    from ..compiler.records import read_log
    from ..compiler.replay import Tally, Today, replayed

    tally = Tally()
    secret = secret_in(mask_key)
    if events and leads is None and sources is None:
        raise Refusal("events of whom?", "name the leads of today, too: --leads FILE")
    try:
        lines = read_log(log)
        versions = _versions(log, policy, release)
        today = None
        if leads is not None or sources is not None:
            today = Today(versions.today, open_inputs(versions.today, versions.path, leads, events, sources), secret)
        shown: list[Replayed] = []
        most = (20 if form == "text" else sys.maxsize) if limit is None else limit
        for one in replayed(versions, _records(lines, tally), today, tally):
            if (one.verdict != "same" or one.facts) and len(shown) < most:
                shown.append(one)
    except PolicyError as failure:
        raise Findings(failure.problems, failure.sources) from None
    except ScorecError as failure:
        raise refusal_of(failure) from None
    if not tally.records and tally.other_policies:
        others = render.listed(sorted(tally.other_policies))
        raise Refusal(f"no record of {log} is of the policy {versions.today.name}", f"it has records of {others}.")
    if form == "json":
        result(json.dumps(as_json(log, versions, tally, shown), ensure_ascii=False, indent=2))
    else:
        result(text(log, versions, tally, shown))
    if tally.unreadable:
        return FAULT
    return FINDINGS if set(tally.verdicts) - {"same"} else CLEAN


def _records(lines: Iterator[Any], tally: Tally) -> Iterator[Record]:
    from ..compiler.records import Unreadable

    for line in lines:
        if isinstance(line, Unreadable):
            tally.unreadable.append((line.number, line.why))
        else:
            yield line


def _versions(log: Path, policy: Path | None, release: str | None) -> Versions:
    from ..compiler.records import Record, read_log
    from ..compiler.replay import Versions, beside

    if policy is not None:
        if policy.is_dir():
            raise Refusal(f"{policy} is a folder", "name the file of one policy in it.")
        if not policy.exists():
            raise Refusal(f"there is no file {policy}", similar_file(policy))
        return Versions(policy, release)
    # The first record says which one is meant; those of other policies are counted.
    name = next((line.policy for line in read_log(log) if isinstance(line, Record)), None)
    if name is None:
        raise Refusal(f"no line of {log} is a decision record", "`scorec score --log FILE` writes them.")
    found = beside(log, name)
    if found is None:
        raise Refusal(f"beside {log} there is no policy called {name}", "name it: --policy POLICY")
    return Versions(found, release)


# ------------------------------------------------------------------ shown


def text(log: Path, versions: Versions, tally: Tally, shown: Sequence[Replayed]) -> str:
    """What came out, for the person at the terminal: the counts, and the records that are not the same."""
    paint, width = render.paint_for(sys.stdout), render.width_of_terminal()
    policy = versions.today
    lines = [
        paint.strong(f"{render.counted(tally.records, 'record')} of {log} made again")
        + f" with {policy.name} {policy.version}".rstrip()
        + f" ({policy.fingerprint})"
    ]
    for verdict, count in sorted(tally.verdicts.items(), key=lambda one: (one[0] != "same", one[0])):
        colour = paint.good if verdict == "same" else paint.warning
        lines.append(f"  {colour(verdict)} {count:,}")
    for name, count in sorted(tally.other_policies.items()):
        lines.append(f"  not looked at: {render.counted(count, 'record')} of the policy {name}")
    if tally.unreadable:
        lines.append("  " + paint.error(f"unreadable {len(tally.unreadable):,}"))
        lines += [
            render.wrapped(f"line {number} {why}", width, "    ", "      ") for number, why in tally.unreadable[:20]
        ]
        if len(tally.unreadable) > 20:
            numbers = [str(number) for number, _ in tally.unreadable[20:]]
            lines.append(render.wrapped(f"and lines {', '.join(numbers)}", width, "    ", "      "))
    for one in shown:
        lines += ["", *_one(one, policy.zone, paint, width)]
    others = sum(tally.verdicts.values()) - tally.verdicts["same"] - sum(one.verdict != "same" for one in shown)
    if others:
        lines.append(f"\nand {others:,} more that are not the same (--limit shows more)")
    return "\n".join(lines)


def _one(one: Replayed, zone: ZoneInfo, paint: render.Paint, width: int) -> list[str]:
    record = one.record
    key = record.key if isinstance(record.key, str) else "(masked)" if record.key else "(without a key)"
    version = f"{record.policy} {record.version}".strip()
    head = f"{key} as of {_instant(record.as_of, zone)}, {version}: "
    verdict = paint.good(one.verdict) if one.verdict == "same" else paint.warning(one.verdict)
    lines = [paint.strong(head) + verdict + paint.faint(f"  (line {record.number})")]

    def add(label: str, said: str) -> None:
        lines.append(render.wrapped(said, width, f"  {label:<8}", " " * 10))

    if one.open:
        add("why", one.open)
    for difference in one.results:
        add("result", _difference(difference))
    for edit in one.edits:
        add("edit", edit)
    for difference in one.facts:
        add("input", _difference(difference))
    for note in one.notes:
        add("note", note)
    return lines


def _instant(written: str, zone: ZoneInfo) -> str:
    """As all commands show instants: on the clocks of the policy. What is none stays as it is written."""
    try:
        return moment_text(read_instant(written, zone), zone)
    except Unreadable:
        return written


def _difference(one: Difference) -> str:
    return f"{one.what}: {_shown(one.before)} -> {_shown(one.after)}"


def _shown(value: Any) -> str:
    match value:
        case None:
            return "missing"
        case bool():
            return "yes" if value else "no"
        case str():
            return value
        case list() if not value:
            return "nothing"
        case list() if all(isinstance(item, str) for item in value):
            return ", ".join(value)
        case _:
            return json.dumps(value, ensure_ascii=False)


def as_json(log: Path, versions: Versions, tally: Tally, shown: Sequence[Replayed]) -> dict[str, Any]:
    """The same as data."""
    policy = versions.today
    return {
        "log": str(log),
        "policy": policy.name,
        "version": policy.version,
        "fingerprint": fingerprint(policy.program),
        "records": tally.records,
        "verdicts": dict(sorted(tally.verdicts.items())),
        "other_policies": dict(sorted(tally.other_policies.items())),
        "unreadable": [{"line": number, "why": why} for number, why in tally.unreadable],
        "shown": [
            {
                "line": one.record.number,
                "id": one.record.id,
                "key": one.record.key,
                "as_of": one.record.as_of,
                "version": one.record.version,
                "fingerprint": one.record.fingerprint,
                "verdict": one.verdict,
                "causes": list(one.causes),
                "why": one.open,
                "results": [_as_data(difference) for difference in one.results],
                "edits": list(one.edits),
                "input": [_as_data(difference) for difference in one.facts],
                "notes": list(one.notes),
            }
            for one in shown
        ],
    }


def _as_data(one: Difference) -> dict[str, Any]:
    return {"what": one.what, "before": one.before, "after": one.after}
