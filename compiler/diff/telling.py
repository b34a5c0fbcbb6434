"""The report of a difference in words and as data: what the command line prints and what a release keeps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from ...dsl import ir
from ..analysis.answers import Witness
from ..analysis.showing import BETWEEN, facts_in_words
from ..version import SHORT
from ..wording import local_moment, points_text
from .classes import Class, Evidence, Finding, Moved, Report
from .pairs import Output

FORM = 1
"""The version of the JSON. It grows when a consumer of it has to change."""

SIGNS = {"added": "+", "removed": "-", "changed": "~", "renamed": "=", "moved": ">", "reordered": "~"}


def lead_words(lead: Witness, program: ir.Program) -> str:
    """`employees 200 · country "NL" · 2 times page_view 1 day ago, url "/pricing" · as of 2026-03-02`; the instant only
    where something depends on it."""
    said = facts_in_words(lead, program)
    clocks = (ir.Kind.DATE, ir.Kind.TIME)
    reads_clock = any(one.starts is not None or one.ends is not None for one in _rules(program))
    if lead.events or reads_clock or any(lead.lead.get(one.name) for one in program.fields if one.kind in clocks):
        said.append(f"as of {_moment(lead.at, ZoneInfo(program.timezone))}")
    return BETWEEN.join(said) or f"a {program.subject} of which nothing is known"


def _moment(micros: int, zone: ZoneInfo) -> str:
    moment = local_moment(micros, zone)
    if not (moment.hour or moment.minute or moment.second or moment.microsecond):
        return moment.date().isoformat()
    return moment.isoformat(timespec="auto")


def _rules(program: ir.Program) -> Iterator[ir.Rule]:
    from ..reasons import members

    for score in program.scores:
        yield from (one for one in members(score.items) if isinstance(one, ir.Rule))


# ------------------------------------------------------------------ what moved


def output_words(output: Output) -> str:
    """`band readiness`"""
    match output.what:
        case "lines":
            return f"the account of {output.name}"
        case "tightened" | "loosened":
            return f"gates that stop {output.name}"
        case "account":
            return "accounts"
        case what:
            return f"{what} {output.name}"


def from_to(moved: Moved) -> str:
    """`readiness hot -> warm`"""
    shown = moved.difference
    name = shown.output.name
    match shown.output.what:
        case "lines":
            before, after = (set(filter(None, str(one).split("; "))) for one in (shown.before, shown.after))
            names = sorted({line.split(" ")[0] for line in before ^ after})
            return f"the account of {name} differs in {', '.join(names[:3])}{' ...' if len(names) > 3 else ''}"
        case "score":
            return f"{name} {_points(shown.before)} -> {_points(shown.after)}"
        case "tightened":
            return f"{name} is barred now"
        case "loosened":
            return f"{name} is no longer barred"
        case "account":
            return f"its account: {shown.before} -> {shown.after}"
        case _:
            return f"{name} {shown.before} -> {shown.after}"


def _points(ticks: str | int | None) -> str:
    return points_text(ticks) if isinstance(ticks, int) else "missing"


def short(report: Report, at: int) -> str:
    """A change in a few words, where others refer to it: `the points of fit.large`, `the cap of 50 of interest`."""
    change = report.findings[at].change
    bounds = sorted({edit.key for edit in change.edits if edit.key[0] in ("cap", "floor")})
    if bounds and change.area == "score":
        kind, _, score, number = bounds[0]
        program = report.comparison.old if report.comparison is not None else None
        own = next((one for one in program.scores if one.name == score), None) if program is not None else None
        limits = () if own is None else own.caps if kind == "cap" else own.floors
        if number.isdigit() and int(number) < len(limits):
            return f"the {kind} of {points_text(limits[int(number)].ticks)} of {score}"
        return f"a {kind} of {score}"
    name, aspect = change.name or change.area, change.aspect
    return f"the {aspect} of {name}" if aspect else name


def because_words(report: Report, moved: Moved) -> str:
    """Which of several changes it takes to move a lead."""
    if not moved.because or sum(bool(one.change.edits) for one in report.findings) < 2:
        return ""
    names = [short(report, at) for at in moved.because]
    if len(names) == 1:
        return f"moved by {names[0]} alone"
    more = f" and {len(names) - 4} more" if len(names) > 4 else ""
    return f"moved by {len(names)} changes together: {'; '.join(names[:4])}{more}"


def weightiest_first(report: Report) -> list[Finding]:
    """The changes as they are read: what moves leads before what is only said otherwise; the version, which every
    release changes, comes last of its class."""
    return sorted(report.findings, key=lambda one: (-one.klass.rank, _is_version(one)))


def _is_version(finding: Finding) -> bool:
    return (finding.change.area, finding.change.aspect) == ("policy", "version")


def same_words(report: Report) -> str:
    """Of which outputs it is proved that no lead gets another one: in the words of a line at the end."""
    by_kind: dict[str, list[str]] = {}
    for one in report.same:
        if one.what in ("score", "band", "decision"):
            by_kind.setdefault(one.what, []).append(one.name)
    said = [f"{kind}{'s' if len(names) > 1 else ''} {', '.join(names)}" for kind, names in by_kind.items()]
    for what, words in (("tightened", "nobody more is stopped"), ("loosened", "nobody who was stopped passes")):
        own = [one for one in report.same if one.what == what]
        others = (*report.undecided, *(moved.difference.output for moved in report.moved))
        if own and not any(one.what == what for one in others):
            said.append(words)
    return "; ".join(said)


def undecided_words(report: Report) -> str:
    """Outputs of which neither was found nor proved."""
    return ", ".join(dict.fromkeys(output_words(one) for one in report.undecided if one.what != "lines"))


def headline(report: Report) -> str:
    """`class band (proved), needs a minor version`"""
    if report.equal:
        return "proved equal: every lead gets the same from both"
    bump = report.bump.word
    needs = "needs no new version" if bump == "none" else f"needs a {bump} version"
    return f"class {report.klass.value} ({evidence_words(report.klass, report.evidence)}), {needs}"


def evidence_words(klass: Class, evidence: Evidence) -> str:
    match evidence:
        case Evidence.PROVED:
            return "proved"
        case Evidence.BOUNDED:
            return "proved to be no more than that"
        case Evidence.OBSERVED:
            return "observed; whether more is possible was not decided"
        case Evidence.OPEN:
            return "not decided; no lead was found that changes its band or outcome"


def approval(finding: Finding) -> str:
    """What a release needs for a gate that is loosened: `--approve 3f9a02c41d7e --reason TEXT`"""
    return f"--approve {finding.change.fingerprint[:SHORT]} --reason TEXT"


def summary(report: Report) -> tuple[str, ...]:
    """A line for each change, what moves leads first: what a release keeps."""
    return tuple(f"{SIGNS[one.change.kind]} {one.change.words} [{one.klass.value}]" for one in weightiest_first(report))


# ------------------------------------------------------------------ as data


def report_json(report: Report) -> dict[str, Any]:
    """The report as plain data: what `scorec diff --format json` prints for one policy."""
    return {
        "old": _side(report.old),
        "new": _side(report.new),
        "equal": report.equal,
        "class": report.klass.value,
        "evidence": report.evidence.value,
        "bump": report.bump.word,
        "changes": [_finding(one, report) for one in report.findings],
        "moved": [_moved(one, report) for one in report.moved],
        "proved_same": [{"what": one.what, "name": one.name} for one in report.same],
        "undecided": [{"what": one.what, "name": one.name} for one in report.undecided],
    }


def _side(version: Any) -> dict[str, str]:
    return {"policy": version.name, "version": version.version, "fingerprint": version.fingerprint}


def _finding(one: Finding, report: Report) -> dict[str, Any]:
    change = one.change
    return {
        "kind": change.kind,
        "area": change.area,
        "name": change.name,
        "aspect": change.aspect,
        "words": change.words,
        "fingerprint": change.fingerprint,
        "class": one.klass.value,
        "evidence": one.evidence.value,
        "bump": one.bump.word,
        "together_with": list(one.together),
        "moved": None if one.moved is None else _moved(one.moved, report),
    }


def _moved(moved: Moved, report: Report) -> dict[str, Any]:
    shown = moved.difference
    exact = shown.output.what == "score"
    return {
        "what": shown.output.what,
        "name": shown.output.name,
        "before": _points(shown.before) if exact else shown.before,
        "after": _points(shown.after) if exact else shown.after,
        "direction": moved.direction,
        "because": list(moved.because),
        "lead": _lead(moved.lead, report),
    }


def _lead(lead: Witness, report: Report) -> dict[str, Any]:
    """The lead as `Policy.score` takes it: values by field, events with instants in ISO."""
    program = report.comparison.new if report.comparison is not None else None
    zone = ZoneInfo(program.timezone if program is not None else "UTC")
    kinds = {one.name: one.kind for one in program.fields} if program is not None else {}

    def plain(kind: ir.Kind | None, value: ir.Value) -> Any:
        if isinstance(value, bool) or not isinstance(value, int):
            return list(value) if isinstance(value, tuple) else value
        moment = local_moment(value, zone)
        return moment.date().isoformat() if kind is ir.Kind.DATE else moment.isoformat()

    return {
        "at": local_moment(lead.at, zone).isoformat(),
        "values": {name: plain(kinds.get(name), value) for name, value in lead.lead.items() if value is not None},
        "events": [
            {
                "event": event.kind,
                "at": local_moment(event.at, zone).isoformat(),
                **{name: plain(None, value) for name, value in event.properties},
            }
            for event in lead.events
        ],
        "words": "" if program is None else lead_words(lead, program),
    }
