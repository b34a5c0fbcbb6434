"""Names, texts and errors as DuckDB writes them."""

from __future__ import annotations


def identifier(name: str) -> str:
    """A name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: str) -> str:
    """A text as SQL writes it."""
    return "'" + value.replace("'", "''") + "'"


def first_line(failure: BaseException, most: int = 200) -> str:
    """What an error says first; the rest shows the statement, which nobody has written."""
    return str(failure).strip().split("\n")[0][:most]
