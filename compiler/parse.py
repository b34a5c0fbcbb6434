"""Source -> tree: the only module that knows Lark.

Lark makes LALR(1) tables of `grammar/score.lark`. They are kept in the user's cache directory, where one may be
written, so that a run need not build them again. This module runs the tables over one statement after the other: a
statement that does not fit costs one message, and the rest of the file is read all the same.
"""

from __future__ import annotations

import json
import os
import re
import sys
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from ..dsl import tree
from ..dsl.problems import Fix, Problem
from ..dsl.source import Source, Span
from ..grammar import grammar_text
from .actions import Actions
from .layout import MAX_DEPTH, Comment, Layout, Statement, lay_out
from .syntax_problems import MissingLines, NestedTooDeep, WrongIndentation


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a source says: the tree of all that could be read, its comments in order, and what is wrong.

    `incomplete` tells that the tree lacks what could not be read. `torn` are the declarations from which it lacks, each
    to where the next one begins. `broken_names` are names that those parts seem to declare, so that nobody calls them
    unknown.
    """

    file: tree.File | None
    comments: tuple[Comment, ...]
    problems: tuple[Problem, ...]
    incomplete: bool = False
    torn: tuple[Span, ...] = ()
    broken_names: frozenset[str] = frozenset()


def parse(source: Source) -> Parsed:
    """Reads a policy or a library. Never raises for what an author wrote."""
    layout = lay_out(source)
    if not layout.statements:
        return Parsed(None, tuple(layout.comments), tuple(layout.problems), incomplete=True)
    return _Run(source, layout).parsed()


# ------------------------------------------------------------------ the grammar as tables


@dataclass(frozen=True)
class _Tables:
    """What to do in each state, and how each terminal is spelt.

    An action is a number: the state to go to, or ~p where production p ends. A production is its length, the name of
    what it makes, the action's name, and the parts that the action takes: an index, ~index for a list to spread,
    or NOTHING. Plain lists, so that they can be kept as JSON.
    """

    start: int
    states: list[dict[str, int]]
    productions: list[tuple[int, str, str, list[int]]]
    patterns: dict[str, tuple[str, int]]
    """Terminals that are patterns, with their priorities."""
    texts: dict[str, str]
    """Terminals that are fixed words or signs."""


NOTHING = -1000
LIST = "[]"
"""The action's name of a production that only gathers parts; that of one which passes its part on is empty."""

FORMAT = 1
"""Counted up whenever the form of the kept tables changes."""


@cache
def _tables() -> _Tables:
    text = grammar_text()
    kept = _cache_file(text)
    if kept is not None:
        try:
            return _Tables(**json.loads(kept.read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            pass  # Not there yet, or damaged: it is built again.
    tables = _build(text)
    if kept is not None:
        _keep(tables, kept)
    return tables


def _build(text: str) -> _Tables:
    # Imported only here: with tables in the cache, a run does not wait for it.
    from lark import Lark
    from lark.lexer import PatternStr

    lark = Lark(text, parser="lalr", lexer="contextual", start="file", maybe_placeholders=True)
    machine: Any = lark.parser.parser
    table = machine._parse_table
    productions: list[tuple[int, str, str, list[int]]] = []
    numbers: dict[Any, int] = {}
    for rule in lark.rules:
        numbers[rule] = len(productions)
        productions.append((len(rule.expansion), rule.origin.name, *_action(rule)))
    states: list[dict[str, int]] = []
    for state in range(len(table.states)):
        row = table.states[state]
        states.append({name: arg if isinstance(arg, int) else ~numbers[arg] for name, (_, arg) in row.items()})
    patterns: dict[str, tuple[str, int]] = {}
    texts: dict[str, str] = {}
    for terminal in lark.terminals:
        if isinstance(terminal.pattern, PatternStr):
            texts[terminal.name] = terminal.pattern.value
        elif terminal.name not in lark.ignore_tokens:
            patterns[terminal.name] = (terminal.pattern.to_regexp(), terminal.priority)
    return _Tables(table.start_states["file"], states, productions, patterns, texts)


def _action(rule: Any) -> tuple[str, list[int]]:
    """The action that a rule of Lark's calls, and the parts that it takes: what Lark's own tree builder would keep."""
    holes = [0] * (len(rule.expansion) + 1)
    if rule.options.empty_indices:
        marks = "".join("1" if empty else "0" for empty in rule.options.empty_indices)
        holes = [len(run) for run in marks.split("0")]
    parts: list[int] = []
    for index, symbol in enumerate(rule.expansion):
        parts += [NOTHING] * holes[index]
        if not symbol.is_term and symbol.name.startswith("_"):
            parts.append(~index)
        elif not (symbol.is_term and symbol.filter_out):
            parts.append(index)
    parts += [NOTHING] * holes[-1]
    if rule.origin.name.startswith("_"):
        return LIST, parts
    if rule.options.expand1 and not rule.alias and len(parts) == 1:
        return "", parts
    return rule.alias or rule.origin.name, parts


def _cache_file(text: str) -> Path | None:
    """Where the tables of this grammar are kept; None where nothing can be kept."""
    key = sha256(f"{FORMAT} {text}".encode()).hexdigest()[:16]
    if named := os.environ.get("XDG_CACHE_HOME"):
        folder = Path(named)
    elif sys.platform == "win32":
        folder = Path(os.environ.get("LOCALAPPDATA") or "~/AppData/Local")
    elif sys.platform == "darwin":
        folder = Path("~/Library/Caches")
    else:
        folder = Path("~/.cache")
    try:
        return folder.expanduser() / "scorec" / f"grammar-{key}.json"
    except RuntimeError:  # there is no home
        return None


def _keep(tables: _Tables, file: Path) -> None:
    """Written beside and then renamed, so that nobody ever reads half of it. Not being able to is no fault."""
    beside = file.with_name(f"{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(json.dumps(vars(tables), separators=(",", ":")), "utf-8")
        beside.replace(file)
    except OSError:
        with suppress(OSError):
            beside.unlink()


# ------------------------------------------------------------------ words: which terminal stands here

RESERVED = frozenset(
    ("and", "or", "not", "is", "in", "yes", "no", "any", "between", "when", "unless", "otherwise", "where")
)
"""Words that can never be names, because they join what stands around them."""

HEADERS = ("policy", "library")
"""They stand first in a file; later they are no name for a record either."""

_FOREIGN = re.compile("true|false|null|nil", re.IGNORECASE)
"""Words of other languages that are frequent slips where a value belongs."""

_Match = Callable[[str, int, int], "re.Match[str] | None"]


@cache
def _scanner(state: int) -> tuple[_Match, dict[str, str]]:
    """What can stand in a state: the pattern for it, and the words that are keywords there."""
    tables = _tables()
    words: dict[str, str] = {}
    found: list[tuple[int, int, str]] = []
    for name in tables.states[state]:
        if name in tables.texts:
            text = tables.texts[name]
            if text.isalpha():
                words[text] = name
            else:
                found.append((0, -len(text), f"(?P<{name}>{re.escape(text)})"))
        elif name in tables.patterns and name != "NAME":
            pattern, priority = tables.patterns[name]
            found.append((-priority, -len(pattern), f"(?P<{name}>{pattern})"))
    return _compiled("|".join(pattern for _, _, pattern in sorted(found))), words


@cache
def _compiled(patterns: str) -> _Match:
    # Many states share a pattern. A word is always looked for: what is no keyword here is a name, or a mistake.
    word = f"(?P<NAME>{_tables().patterns['NAME'][0]})"
    joined = f"{patterns}|{word}" if patterns else word
    return re.compile(rf"(?:[ \r\n]+|#[^\n]*)*+(?:{joined})").match


# ------------------------------------------------------------------ running the tables

MAX_STACK = 5 * MAX_DEPTH
SUSPICIOUS_STACK = MAX_DEPTH // 2
MAX_TREE_DEPTH = MAX_DEPTH + 4
"""A name below a hundred brackets is three nodes more."""


@dataclass(slots=True)
class _Level:
    """An indentation that is open. `opener` is the first word of the statement that it belongs to."""

    indent: int
    opener: str
    real: bool = True
    """False where the indentation is wrong: its statements are read as if they stood one level further out."""


@dataclass(frozen=True, slots=True)
class _Failure:
    """The words at `[start, end)` do not fit; before them the tables were in `states`."""

    start: int
    end: int
    states: tuple[int, ...]


class _Run:
    """One run of the tables over one source: the stack of states, and beside it what has been read."""

    def __init__(self, source: Source, layout: Layout) -> None:
        self.source = source.name
        self.text = layout.text
        self.layout = layout
        self.problems: list[Problem] = list(layout.problems)
        self.broken: set[str] = set()
        self.unread: set[int] = set()
        self.actions = Actions(source, self.problems)
        self.tables = _tables()
        self.calls = [
            (size, makes, None if name in ("", LIST) else getattr(self.actions, name), name, parts)
            for size, makes, name, parts in self.tables.productions
        ]
        self.states: list[int] = [self.tables.start]
        self.values: list[Any] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        self._opener = ""
        self._headless = False

    def parsed(self) -> Parsed:
        statements = self.layout.statements
        levels = [_Level(0, "")]
        index, end = 0, 0
        while index < len(statements):
            statement = statements[index]
            self._indent(statement, levels, end)
            fitted, deeper = self._whole_statement(statements, index, levels)
            if fitted:
                end = statement.end
                index += 1
                continue
            self.unread.add(statement.start)
            if levels[-1].opener not in DECLARE_NOTHING:
                self.broken.update(declared_names(self.text[statement.start : statement.end]))
            index += 1
            if deeper and len(levels) < MAX_DEPTH and self._stand_in(statement, statements[index], levels[-1]):
                end = statement.end
                continue
            while index < len(statements) and statements[index].indent > statement.indent:
                hidden = statements[index]
                self.broken.update(declared_names(self.text[hidden.start : hidden.end]))
                index += 1
        for level in reversed(levels[1:]):
            if level.real:
                self._feed("_DEDENT", "", end, end)
        whole = self._feed("$END", "", end, end)
        file = self.values[0] if whole else None
        self.problems.sort(key=lambda problem: problem.span)
        return Parsed(
            file,
            tuple(self.layout.comments),
            tuple(self.problems),
            bool(self.unread) or not whole,
            tuple(self._torn()),
            frozenset(self.broken),
        )

    def _torn(self) -> Iterator[Span]:
        """The declarations in which something could not be read. A line at the left margin that begins like none may
        belong to the one above it."""
        first, *others = self.layout.statements
        heads = [first.start, *(statement.start for statement in others if statement.indent == 0)]
        ends = [*heads[1:], len(self.text)]
        found: set[int] = set()
        for start in self.unread:
            at = max(0, bisect_right(heads, start) - 1)
            found.add(at)
            if heads[at] == start and self.text[start:].split(None, 1)[0] not in DECLARATIONS:
                found.add(max(0, at - 1))
        for at in sorted(found):
            yield Span(heads[at], ends[at], self.source)

    # -------------------------------------------------------------- lines and levels

    def _indent(self, statement: Statement, levels: list[_Level], end: int) -> None:
        """Opens and closes blocks, until the statement stands in its own."""
        left = -1
        while statement.indent < levels[-1].indent:
            level = levels.pop()
            left = level.indent
            if level.real:
                self._feed("_DEDENT", "", end, end)
        if statement.indent == levels[-1].indent:
            return
        opener = levels[-1].opener
        # What stands below a rule are its limits; another rule there is indented too far.
        fits = self._opener != "rule" or _first_word(self.text, statement) != "rule"
        if left < 0 and fits and "_INDENT" in self.tables.states[self.states[-1]]:
            opener = self._opener
            self._feed("_INDENT", "", end, end)
            levels.append(_Level(statement.indent, opener))
            return
        # Such a line is read as if it stood one level further out.
        levels.append(_Level(statement.indent, opener, real=False))
        if not statement.told and not self.layout.tabs:
            possible = (levels[-2].indent,) if left < 0 else (levels[-2].indent, left)
            span = Span(statement.start - statement.indent, statement.start, self.source)
            label = "indented too far" if left < 0 else "to which line above does it belong?"
            fix = Fix("align it with the lines above", span, " " * possible[0]) if left < 0 else None
            self.problems.append(
                WrongIndentation(found=statement.indent, possible=possible, span=span, label=label, fix=fix)
            )
            self.unread.add(statement.start)

    def _whole_statement(self, statements: list[Statement], index: int, levels: list[_Level]) -> tuple[bool, bool]:
        """Reads a statement and reports what is wrong with it; whether it fits, and whether lines belong to it."""
        statement = statements[index]
        deeper = index + 1 < len(statements) and statements[index + 1].indent > statement.indent
        self._opener = _first_word(self.text, statement)
        if statement.told:
            return False, deeper
        if deeper and len(levels) == MAX_DEPTH:
            span = Span(statement.start, statement.end, self.source)
            self.problems.append(NestedTooDeep(limit=MAX_DEPTH, span=span, label="blocks within blocks"))
            return False, deeper
        told = len(self.problems)
        depth, failure = self._statement(statement)
        if failure is None:
            if deeper or not self._needs_lines():
                self._headless = False
                return True, deeper
            self._missing_lines(statement, depth, levels[-1].opener)
            self._headless = True
        elif self._headless and len(self.text[statement.start : failure.start].split()) <= 1:
            pass  # Most likely the lines that the statement above should have; that has been told.
        elif levels[-1].real and len(self.problems) == told:
            # Where the indentation is wrong, or something was told of this statement already, more would be noise.
            self._explain(statement, failure, levels[-1].opener)
        del self.states[depth:], self.values[depth - 1 :], self.starts[depth - 1 :], self.ends[depth - 1 :]
        return False, deeper

    def _needs_lines(self) -> bool:
        return all(name == "_INDENT" for name in self.tables.states[self.states[-1]] if not name.islower())

    def _missing_lines(self, statement: Statement, depth: int, block: str) -> None:
        if self._opener not in STAND_INS:
            # A word alone could only be the head of a record; most often it is something else.
            end = statement.start + len(self._opener)
            self._explain(statement, _Failure(statement.start, end, tuple(self.states[:depth])), block)
            return
        from .slips import block_example

        words = self.text[statement.start : statement.end].split(None, 2)
        span = Span(statement.start, statement.end, self.source)
        self.problems.append(
            MissingLines(
                block=" ".join(words[:2]),
                example=block_example(self._opener),
                span=span,
                label="its lines are missing",
            )
        )

    def _explain(self, statement: Statement, failure: _Failure, block: str) -> None:
        # Loaded only for who needs it: a policy without mistakes does not wait for the words about them.
        from .slips import Slip, explain

        accepted = frozenset(
            name
            for name in self.tables.states[failure.states[-1]]
            if name.isupper() and self._would_fit(name, failure.states)
        )
        slip = Slip(self.source, self.text, statement.start, statement.end, failure.start, failure.end, accepted, block)
        self.problems.append(explain(slip, self.tables.texts))

    def _stand_in(self, statement: Statement, following: Statement, level: _Level) -> bool:
        """Reads the plainest head of its kind in place of one that does not fit, so that the lines below it are read.

        Whether the block stays in the tree depends on how much of its meaning was in the head.
        """
        text = self.text[statement.start : statement.end]
        words = re.findall(r"[A-Za-z_]\w*", text)
        kind = "rule" if text[0] in "+-" else words[0] if words else ""
        stand_in = STAND_INS.get(kind)
        if stand_in is None and level.indent == 0:
            first_field = re.match(r"\w+ *:", self.text[following.start : following.end])
            stand_in = STAND_INS["record"] if first_field else None
            words = ["", *words]
        if stand_in is None or not self._would_all_fit(stand_in.terminals):
            return False
        name = next((word for word in words[1:] if word not in ("of", "by")), "unnamed")
        for terminal in stand_in.terminals:
            value: Any = self.tables.texts.get(terminal, "")
            at = Span(statement.start, statement.start, self.source)
            match terminal:
                case "NAME":
                    value = tree.Name(name, span=at)
                case "TEXT_VALUE":
                    value = tree.Text("", span=at)
                case "NUMERAL":
                    value = self.actions.token(terminal, "1", at.start, at.end)
            last = statement.end if terminal == "_NL" else statement.start
            self._feed(terminal, value, last, last)
        if not stand_in.stays:
            self.actions.dropped.add(statement.start)
        return True

    # -------------------------------------------------------------- one statement

    def _statement(self, statement: Statement) -> tuple[int, _Failure | None]:
        """Feeds a statement to the tables; the depth of the stack to go back to, and where it does not fit."""
        text, states, source = self.text, self.states, self.source
        at, stop = statement.start, statement.end
        depth = highest = 0
        while at < stop:
            match, words = _scanner(states[-1])
            found = match(text, at, stop)
            if found is None:
                start, end = _odd_word(text, at, stop)
                return depth or len(states), _Failure(start, end, tuple(states))
            kind = found.lastgroup or ""
            start, end = found.span(kind)
            value: Any
            if kind == "NAME":
                word = found[kind]
                kind = words.get(word, kind)
                if kind != "NAME":
                    value = word
                elif self._is_no_name(word, depth):
                    return depth or len(states), _Failure(start, end, tuple(states))
                else:
                    value = tree.Name(word, span=Span(start, end, source))
            else:
                value = self.actions.token(kind, found[kind], start, end)
            before = tuple(states) if len(states) < SUSPICIOUS_STACK else ()
            if not self._feed(kind, value, start, end):
                return depth or len(states), _Failure(start, end, before or tuple(states))
            at = end
            if len(states) > highest:
                highest = len(states)
                if highest > depth + MAX_STACK and depth:
                    return depth, self._too_deep(statement)
            if not depth:
                depth = len(states) - 1
        before = tuple(states)
        if not self._feed("_NL", "", stop, stop):
            return depth, _Failure(stop, stop, before)
        if highest > depth + SUSPICIOUS_STACK and any(
            _deeper_than(MAX_TREE_DEPTH, value) for value in self.values[depth - 1 :]
        ):
            return depth, self._too_deep(statement)
        return depth, None

    def _is_no_name(self, word: str, depth: int) -> bool:
        fits = self.tables.states[self.states[-1]]
        if word in RESERVED or (word in HEADERS and not depth and "OUTCOME" in fits):
            return True
        return "YES" in fits and _FOREIGN.fullmatch(word) is not None

    def _too_deep(self, statement: Statement) -> _Failure:
        span = Span(statement.start, statement.end, self.source)
        self.problems.append(NestedTooDeep(limit=MAX_DEPTH, span=span, label="all of this"))
        return _Failure(statement.start, statement.end, ())

    def _feed(self, kind: str, value: Any, start: int, end: int) -> bool:
        """Gives one token to the tables; False where it does not fit."""
        states, values, starts, ends = self.states, self.values, self.starts, self.ends
        actions, calls, source = self.tables.states, self.calls, self.source
        while True:
            action = actions[states[-1]].get(kind)
            if action is None:
                return False
            if action >= 0:
                states.append(action)
                values.append(value)
                starts.append(start)
                ends.append(end)
                return True
            size, makes, call, name, parts = calls[~action]
            if size:
                given = values[-size:]
                began, ended = starts[-size], ends[-1]
                del values[-size:], states[-size:], starts[-size:], ends[-size:]
            else:
                given = []
                began = ended = ends[-1] if ends else start
            made: Any
            if not name:
                made = given[parts[0]]
            else:
                # A list that grows by one grows in place: copying it each time would take quadratic time.
                grows = call is None and size > 0 and parts[0] == ~0
                taken: list[Any] = given[0] if grows else []
                for part in parts[1:] if grows else parts:
                    if part >= 0:
                        taken.append(given[part])
                    elif part == NOTHING:
                        taken.append(None)
                    else:
                        taken += given[~part]
                made = taken if call is None else call(Span(began, ended, source), *taken)
            values.append(made)
            if kind == "$END" and makes == "file":
                return True
            states.append(actions[states[-1]][makes])
            starts.append(began)
            ends.append(ended)

    def _would_fit(self, kind: str, states: Sequence[int]) -> bool:
        """Whether a terminal fits, without reading it."""
        return self._advance(list(states), kind)

    def _would_all_fit(self, kinds: Sequence[str]) -> bool:
        stack = list(self.states)
        return all(self._advance(stack, kind) for kind in kinds)

    def _advance(self, stack: list[int], kind: str) -> bool:
        """What `_feed` does to the states, and nothing else."""
        while True:
            action = self.tables.states[stack[-1]].get(kind)
            if action is None:
                return False
            if action >= 0:
                stack.append(action)
                return True
            size, makes, _, _ = self.tables.productions[~action]
            if size:
                del stack[-size:]
            stack.append(self.tables.states[stack[-1]][makes])


# ------------------------------------------------------------------ what is left of a statement that does not fit


@dataclass(frozen=True, slots=True)
class _StandIn:
    terminals: tuple[str, ...]
    stays: bool


def _stand_in(terminals: str) -> _StandIn:
    return _StandIn((*terminals.split(), "_NL"), stays=True)


def _dropped(terminals: str) -> _StandIn:
    return _StandIn((*terminals.split(), "_NL"), stays=False)


STAND_INS = {
    "policy": _stand_in("POLICY NAME"),
    "library": _stand_in("LIBRARY NAME"),
    "record": _stand_in("NAME"),
    "event": _stand_in("EVENT NAME"),
    "score": _stand_in("SCORE NAME"),
    "group": _stand_in("GROUP NAME"),
    "first": _stand_in("FIRST OF NAME"),
    "best": _stand_in("BEST OF NAME"),
    "gate": _stand_in("GATE NAME"),
    "promise": _stand_in("PROMISE NAME"),
    "test": _stand_in("TEST TEXT_VALUE"),
    "rule": _dropped("PLUS NUMERAL NAME OTHERWISE"),
    "rules": _dropped("RULES NAME"),
    "bands": _dropped("BANDS NAME"),
    "choices": _dropped("CHOICES NAME"),
    "band": _dropped("BAND NAME OF NAME"),
    "decide": _dropped("DECIDE NAME"),
    "account": _dropped("ACCOUNT BY NAME"),
}
"""By the first word of a statement: the plainest head of such a block. A block whose head says what its lines mean
(the score of a band, the parameters of a template) is dropped after its lines have been read."""

DECLARATIONS = frozenset(("use", "list", "define", "score", "band", "outcome", "decide", "gate", "alert", "show"))
DECLARATIONS |= {"account", "promise", "test", "rules", "bands", "choices"}
"""The words with which only a declaration begins: that of the fields begins with any name, and `event` begins a line of
a test as well."""

DECLARE_NOTHING = frozenset(("gate", "promise", "test"))
"""Blocks whose lines only speak of what is declared elsewhere."""


def declared_names(text: str) -> list[str]:
    """The names that a statement which cannot be read seems to declare."""
    if rule := re.match(r"[+-]? *(?:[\d_.]+|\(.*\)) *([A-Za-z_]\w*)", text, re.DOTALL):
        return [rule[1]]
    words = re.findall(r"[A-Za-z_]\w*", re.sub(r'"[^"\n]*"?', "", text))
    if not words:
        return []
    if words[0] == "event":
        return [word for word in words[1:] if word != "from"]
    if words[0] in ("first", "best", "use"):
        return words[-1:] if words[0] == "use" else words[2:3]
    return words[1:2] if words[0] in STAND_INS or words[0] in ("define", "list", "outcome", "alert") else words[:1]


def _first_word(text: str, statement: Statement) -> str:
    found = re.compile(r"[A-Za-z_]\w*|[+-]|\|").match(text, statement.start, statement.end)
    word = found[0] if found else ""
    return "rule" if word in ("+", "-") else word


_ODD = re.compile(r'"(?:\\.|[^"\\\n])*"?|[\w.]+%?|[<>=!&|~^]+|.', re.DOTALL)
_BLANK = re.compile(r"(?:[ \r\n]+|#[^\n]*)*")


def _odd_word(text: str, at: int, stop: int) -> tuple[int, int]:
    """Where the next word begins and ends, whatever it is."""
    blank = _BLANK.match(text, at, stop)
    start = blank.end() if blank else at
    found = _ODD.match(text, start, stop)
    return start, found.end() if found else stop


def _deeper_than(limit: int, value: Any) -> bool:
    """Whether a node has more levels below it, without recursion."""
    level = [value]
    for _ in range(limit):
        inner: list[Any] = []
        while level:
            node = level.pop()
            if isinstance(node, tuple | list):
                level.extend(node)
            elif isinstance(node, tree.Node):
                inner.extend(getattr(node, name) for name in node.__dataclass_fields__ if name != "span")
        if not inner:
            return False
        level = inner
    return any(isinstance(node, tree.Node | tuple) for node in level)
