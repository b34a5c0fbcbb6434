"""Comments that allow a finding: `# allow: double-counting, SC207 until 2027-01-01 - founders count double`.

Such a comment stands at the end of the line with the finding, or above it. What it does not say well is a finding in
its turn, and that one cannot be allowed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from ...dsl.frozen import frozen
from ...dsl.problems import Fix, Problem
from ...dsl.source import Source, Span
from ..layout import Comment, Layout, lay_out
from .codes import catalogue, code_of, is_about_comments, is_fixed, nearest
from .settings import Settings
from .suppression_problems import (
    ExpiredSuppression,
    LockedRuleSuppressed,
    SuppressionWithoutReason,
    UnknownSuppressionCode,
    UnreadableSuppression,
    UnusedSuppression,
)

_START = re.compile(r"#+[ \t]*allow[ \t]*:", re.IGNORECASE)
_FORM = re.compile(
    r"""[ \t]*(?P<names>[\w-]+(?:[ \t]*,[ \t]*[\w-]+)*)
        (?:[ \t]+until[ \t]+(?P<until>\d\d\d\d-\d\d-\d\d))?
        (?:[ \t]+(?:--?|[–—])(?:[ \t]+(?P<reason>.*))?)?[ \t\r]*""",
    re.VERBOSE,
)


@frozen
class Allowed:
    """One name of a suppression, and its place."""

    name: str
    span: Span


@frozen
class Suppression:
    """A comment that allows something in the lines `first` to `last`, both included."""

    comment: Comment
    names: tuple[Allowed, ...]
    until: date | None
    reason: str
    first: int
    last: int


def suppressed(
    found: Iterable[Problem], source: Source, sources: Mapping[str, Source], settings: Settings, looked: frozenset[str]
) -> Iterator[Problem]:
    """What is left of the findings, and what is to be said about the comments of the file. `looked` are the codes that
    would have been found, had there been any."""
    by_source: dict[str, list[Problem]] = {source.name: []}
    for problem in found:
        by_source.setdefault(problem.span.source, []).append(problem)
    for name, problems in by_source.items():
        text = source if name == source.name else sources.get(name)
        written, unreadable = read(text) if text is not None else ([], [])
        if text is None or not (written or unreadable):
            yield from problems
            continue
        allowed = _Allowing(written, settings)
        yield from (
            problem for problem in problems if not allowed.allows(problem, text.position(problem.span.start)[0])
        )
        if text is source:
            # What is wrong with the comments of a library is said when the library is checked.
            yield from (*unreadable, *allowed.remarks(looked, text))


# ------------------------------------------------------------------ reading comments


def read(source: Source) -> tuple[list[Suppression], list[Problem]]:
    """The suppressions in a text, and what is wrong with those that cannot be read."""
    if "allow" not in source.text.lower():
        return [], []
    layout = lay_out(source)
    written: list[Suppression] = []
    unreadable: list[Problem] = []
    for comment in layout.comments:
        start = _START.match(comment.text)
        if start is None:
            continue
        one = _read(comment, start.end(), _lines(comment, layout, source))
        if isinstance(one, Suppression):
            written.append(one)
        else:
            unreadable.append(one)
    return written, unreadable


def _read(comment: Comment, start: int, lines: tuple[int, int]) -> Suppression | UnreadableSuppression:
    form = _FORM.fullmatch(comment.text, start)
    if form is None:
        named = re.compile(r"[ \t]*[\w-]").match(comment.text, start)
        what = "it does not become clear what this comment allows" if named else "this comment allows nothing"
        return UnreadableSuppression(what=what, span=comment.span, label="here")
    until = None
    if form["until"] is not None:
        try:
            until = date.fromisoformat(form["until"])
        except ValueError:
            at = comment.span.start + form.start("until")
            what = f"there is no day {form['until']}"
            return UnreadableSuppression(what=what, span=Span(at, at + 10, comment.span.source), label="no day")
    first = comment.span.start + form.start("names")
    names = tuple(
        Allowed(name[0], Span(first + name.start(), first + name.end(), comment.span.source))
        for name in re.finditer(r"[\w-]+", form["names"])
    )
    return Suppression(comment, names, until, (form["reason"] or "").strip(), *lines)


def _lines(comment: Comment, layout: Layout, source: Source) -> tuple[int, int]:
    """The lines that a comment speaks of. On its own line: the statement below, or, within brackets, the next line that
    is no comment. After something: its line, and the whole statement where it stands after its beginning or its end."""
    line = source.position(comment.span.start)[0]
    statements = [
        (source.position(one.start)[0], source.position(max(one.start, one.end - 1))[0]) for one in layout.statements
    ]
    around = next(((first, last) for first, last in statements if first <= line <= last), None)
    if not comment.own_line:
        return around if around is not None and line in around else (line, line)
    if around is not None:
        below = line + 1
        while below < around[1] and source.line(below).lstrip().startswith("#"):
            below += 1
        return below, below
    return next(((first, last) for first, last in statements if first > line), (line, line))


# ------------------------------------------------------------------ allowing


class _Allowing:
    """The suppressions of one text while findings are held against them: which of them were of use. (A class, because
    only after the last finding it is known which were not.)"""

    def __init__(self, written: Sequence[Suppression], settings: Settings) -> None:
        self._written = written
        self._settings = settings
        self._used: set[Span] = set()

    def allows(self, problem: Problem, line: int) -> bool:
        kind = type(problem)
        if is_fixed(kind):
            return False
        allowed = False
        for suppression in self._written:
            if not suppression.first <= line <= suppression.last:
                continue
            for one in suppression.names:
                if code_of(one.name) == problem.code:
                    self._used.add(one.span)
                    allowed |= not self._has_expired(suppression) and problem.code not in self._settings.locked
        return allowed

    def remarks(self, looked: frozenset[str], source: Source) -> Iterator[Problem]:
        for suppression in self._written:
            reason_is_missing = not suppression.reason
            for one in suppression.names:
                remark = self._about(suppression, one, looked, source)
                if remark is not None:
                    yield remark
                elif reason_is_missing:
                    reason_is_missing = False
                    yield SuppressionWithoutReason(name=one.name, span=suppression.comment.span, label="why?")

    def _about(self, suppression: Suppression, one: Allowed, looked: frozenset[str], source: Source) -> Problem | None:
        code = code_of(one.name)
        kind = catalogue()[code] if code is not None else None
        if code is None or kind is None:
            near = nearest(one.name) or ""
            # A comment changes no score, but which one was meant is for the author to say.
            fix = Fix(f"allow `{near}`", one.span, near) if near else None
            return UnknownSuppressionCode(name=one.name, nearest=near, span=one.span, fix=fix)
        if is_fixed(kind) or is_about_comments(kind):
            return UnknownSuppressionCode(name=one.name, known=True, span=one.span, label="not by a comment")
        if code in self._settings.locked:
            return LockedRuleSuppressed(name=one.name, span=one.span, label="locked")
        if one.span not in self._used:
            if code not in looked:
                return None
            return UnusedSuppression(
                name=one.name, span=one.span, label="of no use here", fix=_without(suppression, one, source)
            )
        if suppression.until is not None and self._has_expired(suppression):
            until = suppression.until.isoformat()
            return ExpiredSuppression(name=one.name, until=until, span=one.span, label="no longer")
        return None

    def _has_expired(self, suppression: Suppression) -> bool:
        today = self._settings.today
        return suppression.until is not None and today is not None and today > suppression.until


def _without(suppression: Suppression, one: Allowed, source: Source) -> Fix:
    """The edit that removes one name, or the whole comment where it is the only one."""
    if len(suppression.names) > 1:
        position = suppression.names.index(one)
        if position:
            span = Span(suppression.names[position - 1].span.end, one.span.end, source.name)
        else:
            span = Span(one.span.start, suppression.names[1].span.start, source.name)
        return Fix(f"remove `{one.name}`", span, "", safe=True)
    start, end = suppression.comment.span.start, suppression.comment.span.end
    text = source.text
    while start > 0 and text[start - 1] in " \t":
        start -= 1
    if suppression.comment.own_line:
        end += 2 if text.startswith("\r\n", end) else text.startswith("\n", end)
    return Fix("remove the comment", Span(start, end, source.name), "", safe=True)
