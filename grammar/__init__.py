"""How a policy is written: the grammar and its words, as text."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any


def grammar_text() -> str:
    """The text of `score.lark`."""
    return _text("score.lark")


@cache
def readable() -> dict[str, Any]:
    """`readable.toml`: terminals, blocks and whole sets of terminals in plain words."""
    return _toml("readable.toml")


@cache
def mistakes() -> tuple[dict[str, Any], ...]:
    """The rows of `mistakes.toml`, in order: what authors write by mistake, and what to tell them."""
    return tuple(_toml("mistakes.toml")["mistake"])


def _text(name: str) -> str:
    return Path(__file__).with_name(name).read_text("utf-8")


def _toml(name: str) -> dict[str, Any]:
    # Read only when there is something to tell: a policy without mistakes does not wait for it.
    import tomllib

    return tomllib.loads(_text(name))
