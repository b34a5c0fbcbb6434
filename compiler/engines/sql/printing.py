"""Prints statements for people: a column a line, what it means above it, and long expressions folded at blanks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import sqlglot
from sqlglot import exp

from .dialects import Dialect
from .rows import Step

WIDTH = 118


def identifier(dialect: Dialect, name: str) -> str:
    return exp.to_identifier(name, quoted=True).sql(dialect.printer)


def step_text(dialect: Dialect, step: Step) -> str:
    return part(dialect, step.name, query_text(dialect, step.query), dialect.computes_apart(step.apart))


def part(dialect: Dialect, name: str, query: str, materialized: bool = False) -> str:
    """`name AS (query)`"""
    inside = "\n".join(f"  {line}" if line else line for line in query.split("\n"))
    return f"{identifier(dialect, name)} AS{' MATERIALIZED' if materialized else ''} (\n{inside}\n)"


def query_text(dialect: Dialect, query: exp.Query) -> str:
    """A query without steps of its own."""
    if isinstance(query, exp.SetOperation):
        parts = (query_text(dialect, query.this), query_text(dialect, query.expression))
        return "\nUNION ALL\n".join(parts)
    assert isinstance(query, exp.Select)
    columns = list(query.expressions)
    lines: list[str]
    if len(columns) == 1 and not columns[0].comments:
        lines = folded_lines(dialect, "SELECT " + _said(dialect, columns[0]), 0)
    else:
        lines = ["SELECT"]
        for at, one in enumerate(columns):
            comments, one = one.comments or [], one.copy()
            one.comments = None
            lines += [f"  -- {comment.strip()}" for comment in comments]
            lines += folded_lines(dialect, _said(dialect, one) + ("," if at < len(columns) - 1 else ""), 2)
    rest = query.copy()
    rest.set("expressions", [exp.Star()])
    for name in ("from_", "joins", "where", "group", "order", "limit"):
        clause = rest.args.get(name)
        for node in clause if isinstance(clause, list) else [clause] if clause is not None else []:
            lines += folded_lines(dialect, _said(dialect, node).strip(), 0)
    return "\n".join(lines)


def _said(dialect: Dialect, node: exp.Expression) -> str:
    node = node.copy()
    return (_apart(node) if dialect.substitutes else node).sql(dialect.printer)


def _apart(node: exp.Expression) -> exp.Expression:
    """With every `${` of a text in two parts, in which nothing is put in place of it."""

    def part(found: exp.Expression) -> exp.Expression:
        if not isinstance(found, exp.Literal) or not found.is_string or "${" not in found.name:
            return found
        pieces = found.name.split("${")
        texts = [("{" if at else "") + piece + ("$" if at < len(pieces) - 1 else "") for at, piece in enumerate(pieces)]
        return exp.Anonymous(this="CONCAT", expressions=[exp.Literal.string(one) for one in texts])

    return node.transform(part, copy=False)


def folded_lines(dialect: Dialect, sql: str, margin: int) -> list[str]:
    """An expression on as many lines as it needs: a long CASE has a line for each WHEN, and what is longer still is
    broken at blanks."""
    pieces = list(_pieces(dialect, sql))
    ends = _ends_of_cases(pieces)
    lines: list[str] = []
    line, indent = " " * margin, margin
    broken: list[tuple[int, int]] = []
    """the ends of the cases that have a line for each WHEN, and their indents"""
    for at, piece in enumerate(pieces):
        ending = bool(broken) and at == broken[-1][0]
        if ending:
            indent = broken.pop()[1]
        branch = bool(broken) and piece in ("WHEN", "ELSE") and _level(ends, at) == broken[-1][0]
        full = len(line) + 1 + len(piece) > WIDTH
        better = piece in ("AND", "OR", "THEN") and len(line) > WIDTH * 3 // 4
        if not line.strip():
            line = " " * indent + piece
        elif ending or branch:
            lines.append(line)
            line = " " * indent + piece
        elif full or better:
            lines.append(line)
            line = " " * (indent + 4) + piece
        else:
            line = f"{line} {piece}"
        if at in ends and len(line) + sum(len(one) + 1 for one in pieces[at + 1 : ends[at] + 1]) > WIDTH:
            broken.append((ends[at], indent))
            indent += 2
    return [*lines, line]


def _ends_of_cases(pieces: Sequence[str]) -> dict[int, int]:
    """The place of each CASE -> that of its END."""
    open_ones: list[int] = []
    ends: dict[int, int] = {}
    for at, piece in enumerate(pieces):
        if piece.lstrip("(-").endswith(_CASES):
            open_ones.append(at)
        elif piece.startswith("END") and not piece[3:4].isalnum() and open_ones:
            ends[open_ones.pop()] = at
    return ends


_CASES = ("CASE", "(CASE", "-CASE")


def _level(ends: dict[int, int], at: int) -> int:
    """The end of the innermost CASE around a place."""
    return min((end for start, end in ends.items() if start < at < end), default=-1)


def _pieces(dialect: Dialect, sql: str) -> Iterator[str]:
    """What stands between blanks that are in no text, name or comment."""
    backslash = "\\" in sqlglot.Dialect.get_or_raise(dialect.printer).tokenizer_class.STRING_ESCAPES
    start = at = 0
    while at < len(sql):
        sign = sql[at]
        if sign in "'\"`":
            at = _end_of_quoted(sql, at, sign, backslash)
        elif sign == " ":
            yield sql[start:at]
            at += 1
            start = at
        else:
            at += 1
    yield sql[start:]


def _end_of_quoted(sql: str, at: int, sign: str, backslash: bool) -> int:
    at += 1
    while at < len(sql):
        if backslash and sign == "'" and sql[at] == "\\":
            at += 2
        elif sql[at] == sign:
            if sql[at + 1 : at + 2] == sign:
                at += 2
            else:
                return at + 1
        else:
            at += 1
    return at


def statement(dialect: Dialect, parts: Sequence[str], final: str) -> str:
    return "WITH\n" + ",\n".join(parts) + "\n" + final + "\n"
