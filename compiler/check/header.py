"""The header of a file: name, versions, owner, time zone, whom it is about."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from zoneinfo import ZoneInfo, available_timezones

from ...dsl import tree
from ...dsl.problems import Fix
from ...dsl.source import Span
from . import literals, names
from .file_problems import BadVersion, HeaderMissing, LanguageVersionMissing, UnknownLanguage, UnknownTimeZone
from .name_problems import did_you_mean
from .scope import Report, Scope
from .value_problems import RangeUpsideDown

LANGUAGE = 1
"""The newest version of the language that is known here."""


@dataclass(slots=True)
class Head:
    """What a header says, with what holds where it is silent."""

    name: str = ""
    label: str = ""
    language: int = 1
    version: str = "0.0.0"
    owner: str = ""
    effective: tree.Effective | None = None
    timezone: str = "UTC"
    zone: datetime.tzinfo = datetime.timezone.utc
    subject: str = "lead"


def read(file: tree.File, report: Report) -> Head:
    """What the header of a file says."""
    header = file.header
    if header is None:
        first = file.declarations[0].span if file.declarations else file.span
        report.add(HeaderMissing(span=Span(first.start, first.start, first.source)))
        return Head()
    head = Head(header.name.text, header.label.value if header.label is not None else "")
    seen: dict[type[tree.Node], tree.Node] = {}
    for line in header.meta:
        first_line = seen.setdefault(type(line), line)
        if first_line is not line:
            word = report.quote(line.span).split(" ")[0]
            names.say_twice(report, f"`{word}`", line.span, first_line.span)
            continue
        match line:
            case tree.Language(number=number):
                head.language = number
                if number != LANGUAGE:
                    report.add(UnknownLanguage(span=line.span, number=number, known=LANGUAGE))
            case tree.Version(text=text):
                head.version = text
                if not re.fullmatch(r"(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})", text):
                    report.add(BadVersion(span=line.span, written=text))
            case tree.Owner(text=text):
                head.owner = text.value
            case tree.Effective():
                head.effective = line
            case tree.TimeZone(text=text):
                head.timezone = text.value
                head.zone = _zone(text, report)
            case tree.Subject(name=name):
                head.subject = name.text
    if tree.Language not in seen:
        end = header.label.span if header.label is not None else header.name.span
        fix = Fix("add `language 1`", Span(end.end, end.end, end.source), "\n  language 1", safe=True)
        report.add(LanguageVersionMissing(span=header.name.span, fix=fix))
    return head


def effective(scope: Scope, head: Head) -> tuple[int | None, int | None]:
    """The instants at which a policy comes into effect, and at which it is over."""
    written = head.effective
    if written is None:
        return None, None
    start = literals.instant(scope, written.start) if written.start is not None else None
    end = literals.day_after(scope, written.end) if written.end is not None else None
    if written.start is not None and written.end is not None and written.start.text > written.end.text:
        scope.say(RangeUpsideDown(span=written.span, low=written.start.text, high=written.end.text))
    return start, end


def _zone(written: tree.Text, report: Report) -> datetime.tzinfo:
    if written.value == "UTC":
        return datetime.timezone.utc
    try:
        return ZoneInfo(written.value)
    except (ValueError, OSError, LookupError):
        nearest = report.nearest(written.value, sorted(available_timezones()))
        fix = Fix(f"replace with `{nearest}`", written.span, f'"{nearest}"') if nearest is not None else None
        report.add(
            UnknownTimeZone(
                span=written.span, label=did_you_mean(nearest), fix=fix, name=written.value, nearest=nearest
            )
        )
        return datetime.timezone.utc
