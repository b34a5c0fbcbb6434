"""The libraries that come with scorec, `std.*`: read from the package, before any folder is looked into."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

from ..dsl.source import Source

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

Library: TypeAlias = Callable[[str], Source | None]
"""Gives the text of a library by its name, `std.email`; or None if there is none."""

_HOME = "scorec.stdlib_rules"


def standard_first(library: Library) -> Library:
    """A reader of libraries to which nothing but the shipped ones can be called `std.*`."""

    def find(name: str) -> Source | None:
        return standard_library(name) if is_shipped(name) else library(name)

    return find


def is_shipped(library: str) -> bool:
    """Whether a library's name is one of those that come with scorec."""
    return library.split(".")[0] == "std"


@cache
def standard_library(name: str) -> Source | None:
    """`std.email` is `stdlib_rules/email.score`, `std.regions.eu` is `stdlib_rules/regions/eu.score`."""
    parts = name.split(".")[1:]
    if not parts or not all(part.isidentifier() for part in parts):
        return None
    inside = "/".join(parts) + ".score"
    text = _text(inside)
    return None if text is None else Source(f"std/{inside}", text)


@cache
def standard_list(name: str) -> Source | None:
    """A list file of a shipped library, by its path inside `stdlib_rules`."""
    text = _text(name)
    return None if text is None else Source(f"std/{name}", text)


@cache
def standard_names() -> tuple[str, ...]:
    """The names of the shipped libraries, without their `std.`."""
    found = (file.name for file in _shipped().iterdir())
    return tuple(sorted(name.removesuffix(".score") for name in found if name.endswith(".score")))


def _text(inside: str) -> str | None:
    found = _shipped()
    for part in inside.split("/"):
        found = found / part
    try:
        return found.read_text(encoding="utf-8")
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        return None


def _shipped() -> Traversable:
    # Imported only here: a policy without shipped libraries does not wait for it.
    from importlib.resources import files

    return files(_HOME)
