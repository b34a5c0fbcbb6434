"""A word in the wrong place -> a problem in its author's words: frequent slips first, then what could stand there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cache
from typing import Any

from ..dsl.problems import Fix, Problem
from ..dsl.source import Span
from ..grammar import mistakes, readable
from .syntax_problems import SyntaxError


@dataclass(frozen=True, slots=True)
class Slip:
    """The word at `[at, end)` of the statement at `[begin, stop)` does not fit. (At the end of a statement both are
    `stop`.)"""

    source: str
    text: str
    begin: int
    stop: int
    at: int
    end: int
    accepted: frozenset[str]
    """The terminals that could stand there."""
    block: str
    """The first word of the block that the statement stands in; empty at the left margin."""

    @property
    def before(self) -> str:
        return self.text[self.begin : self.at]

    @property
    def word(self) -> str:
        return self.text[self.at : self.end]


def explain(slip: Slip, texts: Mapping[str, str]) -> Problem:
    """The problem to report; `texts` are the terminals that are fixed words or signs."""
    if slip.block and slip.block not in readable()["blocks"]:
        slip = replace(slip, block="record")
    capital = _capital(slip, texts)
    if capital is not None:
        return capital
    for mistake in _mistakes():
        problem = mistake.problem(slip)
        if problem is not None:
            return problem
    if slip.at == slip.begin:
        return _unknown_statement(slip, texts)
    first = slip.before.strip()
    if not slip.block and "BY" in slip.accepted and first.isidentifier() and first not in _top_words():
        # Any word may be the name of a record; but most often another word was meant.
        return _unknown_statement(replace(slip, at=slip.begin, end=slip.begin + len(first)), texts)
    expected = expected_words(slip.accepted, texts)
    if slip.at >= slip.stop:
        return _too_short(slip, expected)
    span = Span(slip.at, slip.end, slip.source)
    label = f"expected {_either(expected)}" if expected else "not expected here"
    advice = ""
    nearest = _nearest(slip.word, [texts[name] for name in sorted(slip.accepted & texts.keys())])
    if nearest:
        advice = f"did you mean `{nearest}`?"
    elif slip.accepted == {"_NL"}:
        label = "the line should end before this"
    return SyntaxError(
        title=f"`{_shown(slip.word)}` does not fit here", advice=advice, expected=expected, span=span, label=label
    )


def block_example(opener: str) -> str:
    """A line that could stand in a block which begins with this word."""
    return str(readable()["examples"].get(opener, ""))


def expected_words(accepted: frozenset[str], texts: Mapping[str, str]) -> tuple[str, ...]:
    """What could stand somewhere, in plain words: values first, then the words of the language."""
    words = readable()
    left = set(accepted)
    said: list[str] = []
    for phrase in words["phrase"]:
        if left.issuperset(phrase["all"]):
            said += phrase["say"]
            left.difference_update(phrase["all"], phrase["also"])
    ends = "_NL" in left
    left.discard("_NL")
    named = [words["terminals"][name] for name in sorted(left) if name in words["terminals"]]
    fixed = [f"`{texts[name]}`" for name in sorted(left) if name in texts]
    return (*said, *named, *fixed, *((words["terminals"]["_NL"],) if ends else ()))


# ------------------------------------------------------------------ what fits no known slip


def _capital(slip: Slip, texts: Mapping[str, str]) -> Problem | None:
    """`AND` where `and` fits."""
    small = slip.word.lower()
    if small == slip.word or not any(texts[name] == small for name in slip.accepted & texts.keys()):
        return None
    span = Span(slip.at, slip.end, slip.source)
    return SyntaxError(
        title="the words of the language are written in small letters",
        span=span,
        label=f"write `{small}`",
        fix=_fix(slip.text, span, small, True),
    )


def _unknown_statement(slip: Slip, texts: Mapping[str, str]) -> Problem:
    """The first word of a statement does not fit where the statement stands."""
    blocks: dict[str, str] = readable()["blocks"]
    where = blocks[slip.block]
    known = [texts[name] for name in sorted(slip.accepted & texts.keys()) if texts[name].isalpha()]
    nearest = _nearest(slip.word, known if slip.block else sorted(_top_words()))
    span = Span(slip.at, slip.end, slip.source)
    if not nearest and slip.block and slip.word in _top_words():
        return SyntaxError(
            title=f"`{slip.word}` does not stand {_place(slip.block)}",
            advice="it begins at the left margin: take the blanks before it away",
            expected=(where,),
            span=span,
            label=f"expected {where}",
        )
    advice = f"did you mean `{nearest}`?" if nearest else ""
    if not slip.block and not nearest:
        after = slip.text[slip.end :].split("\n", 1)[0].strip()
        if after.startswith(":"):
            advice = "a field stands below a line such as `lead by lead_id`, two blanks further in"
        elif not after or after.split()[0] == "by":
            advice = f"if it is the block of a lead's fields, write `{_shown(slip.word)} by lead_id`"
    return SyntaxError(
        title=f"`{_shown(slip.word)}` cannot begin a line {_place(slip.block)}",
        advice=advice if slip.word.isidentifier() else "",
        expected=(where,),
        span=span,
        label=f"expected {where}",
    )


def _place(block: str) -> str:
    return _PLACES.get(block, f"in a `{block}`")


_PLACES = {
    "": "at the left margin",
    "record": "among the fields",
    "event": "among the properties of an event",
    "rule": "below a rule",
    "policy": "of the header",
    "library": "of the header",
    "first": "in a `first of`",
    "best": "in a `best of`",
}


def _too_short(slip: Slip, expected: tuple[str, ...]) -> Problem:
    start, end = _last_word(slip)
    last = slip.text[start:end]
    return SyntaxError(
        title=f"something is missing after `{_shown(last)}`",
        expected=expected,
        span=Span(start, end, slip.source),
        label=f"after this comes {_either(expected)}" if expected else "the line ends too early",
    )


def _either(words: tuple[str, ...]) -> str:
    shown = words if len(words) <= 7 else words[:6]
    return f"{', '.join(shown[:-1])} or {shown[-1]}" if len(shown) > 1 else shown[0]


def _shown(word: str) -> str:
    return word if len(word) <= 40 else word[:37] + "..."


def _nearest(word: str, known: list[str]) -> str:
    found = get_close_matches(word.lower(), known, 1, 0.75) if word.isidentifier() else []
    return found[0] if found else ""


@cache
def _top_words() -> frozenset[str]:
    return frozenset(word for word in readable()["blocks"] if word) - {
        *("rule", "record", "first", "best", "group", "event"),
    } | {"use", "list", "define", "outcome", "alert", "show"}


# ------------------------------------------------------------------ known slips


@dataclass(frozen=True, slots=True)
class Mistake:
    """A row of `mistakes.toml`."""

    name: str
    at: re.Pattern[str] | None
    before: re.Pattern[str] | None
    statement: re.Pattern[str] | None
    block: tuple[str, ...]
    accepts: frozenset[str]
    refuses: frozenset[str]
    title: str
    label: str
    help: str
    replace: str | None
    safe: bool

    def groups(self) -> frozenset[str]:
        """The names that its words can use."""
        patterns = [pattern for pattern in (self.at, self.before, self.statement) if pattern is not None]
        return frozenset(name for pattern in patterns for name in pattern.groupindex)

    def problem(self, slip: Slip) -> Problem | None:
        """The problem, if this is the slip that was made."""
        if self.block and slip.block not in self.block:
            return None
        if not self.accepts <= slip.accepted or self.refuses & slip.accepted:
            return None
        groups: dict[str, str] = {"word": slip.word}
        spans: dict[str, tuple[int, int]] = {}
        for pattern, offset in ((self.statement, slip.begin), (self.before, slip.begin), (self.at, slip.at)):
            if pattern is None:
                continue
            if pattern is self.before:
                found = pattern.search(slip.before)
            else:
                found = pattern.match(slip.text[offset : slip.stop])
            if found is None:
                return None
            for group in pattern.groupindex:
                if found[group] is not None:
                    groups[group] = found[group]
                    spans[group] = (found.start(group) + offset, found.end(group) + offset)
            if pattern is self.at:
                groups["found"] = found[0]
                spans["found"] = (found.start() + offset, found.end() + offset)
        start, end = spans.get("mark") or spans.get("found") or (slip.at, slip.end)
        if "start" in spans:
            start = spans["start"][0]
        if start == end:
            start, end = _last_word(slip)
        span = Span(start, end, slip.source)
        fix = None
        if self.replace is not None:
            fix = _fix(slip.text, span, _filled(self.replace, groups), self.safe)
        return SyntaxError(
            title=_filled(self.title, groups),
            advice=_filled(self.help, groups),
            span=span,
            label=_filled(self.label, groups),
            fix=fix,
        )


def _fix(text: str, span: Span, replacement: str, safe: bool) -> Fix:
    """An edit that leaves single blanks around what it writes."""
    shown = replacement.strip()
    description = f"write `{shown}`" if shown else "take it out"
    start, end = span.start, span.end
    before, after = text[start - 1 : start], text[end : end + 1]
    if replacement[:1] in ("", ":", ","):
        while start > 0 and text[start - 1] == " ":
            start -= 1
    elif (before.isalnum() or before in ("_", '"', ")")) and (replacement[0].isalnum() or replacement[0] in "=("):
        replacement = f" {replacement}"
    if (
        replacement
        and (after.isalnum() or after in ("_", '"'))
        and (replacement[-1].isalnum() or replacement[-1] in ",:=")
    ):
        replacement = f"{replacement} "
    return Fix(description, Span(start, end, span.source), replacement, safe=safe)


def _last_word(slip: Slip) -> tuple[int, int]:
    """The word before the one that does not fit."""
    words = list(re.finditer(r'"(?:\\.|[^"\\\n])*"|[\w.]+%?|[<>=]+|\S', slip.before))
    if not words:
        return slip.begin, slip.stop
    return slip.begin + words[-1].start(), slip.begin + words[-1].end()


@cache
def _mistakes() -> tuple[Mistake, ...]:
    return tuple(_mistake(row) for row in mistakes())


def _mistake(row: Mapping[str, Any]) -> Mistake:
    def pattern(name: str) -> re.Pattern[str] | None:
        return re.compile(row[name]) if name in row else None

    return Mistake(
        name=row["name"],
        at=pattern("at"),
        before=pattern("before"),
        statement=pattern("statement"),
        block=tuple(row.get("block", ())),
        accepts=frozenset(row.get("accepts", ())),
        refuses=frozenset(row.get("refuses", ())),
        title=row["title"],
        label=row.get("label", ""),
        help=row.get("help", ""),
        replace=row.get("replace"),
        safe=row.get("safe", False),
    )


def _filled(words: str, groups: Mapping[str, str]) -> str:
    """`{name}` becomes what the pattern's group of that name has found."""
    return _HOLE.sub(lambda found: groups.get(found[1], ""), words)


_HOLE = re.compile(r"\{(\w+)\}")
