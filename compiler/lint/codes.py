"""What a finding may be called: its code, its name, or the beginning of a code for all that begin so."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache

# A finding can be named once the module that declares it has been loaded; these declare those that no rule does.
from ...dsl.problems import CATALOGUE, Problem, Severity
from .. import pipeline  # noqa: F401
from . import (
    suppression_problems,
    version_problems,  # noqa: F401
)
from .rules import load


@cache
def catalogue() -> Mapping[str, type[Problem]]:
    """Everything that can be found in a file, by its code."""
    load()
    return dict(sorted(CATALOGUE.items()))


def is_fixed(kind: type[Problem]) -> bool:
    """Whether it is an error of the language, which no setting and no comment can change: with one of them a policy
    cannot be used at all."""
    return kind.severity is Severity.ERROR and kind.code not in load() and not is_about_comments(kind)


def is_about_comments(kind: type[Problem]) -> bool:
    """Whether it says something about a comment that allows something; such a one cannot be allowed in its turn."""
    return kind.__module__ == suppression_problems.__name__


def codes_of(word: str) -> frozenset[str]:
    """The codes that a word stands for: `SC204`, `SC2` or `double-counting`. None where it stands for nothing."""
    if re.fullmatch("SC[0-9]*", word.upper()):
        return frozenset(code for code in catalogue() if code.startswith(word.upper()))
    return frozenset(code for code, kind in catalogue().items() if kind.slug() == word.lower())


def code_of(word: str) -> str | None:
    """The one code that a word stands for: `SC204` or `double-counting`."""
    codes = codes_of(word)
    if word.upper() in codes:
        return word.upper()
    return next(iter(codes)) if len(codes) == 1 and not word.upper().startswith("SC") else None


def nearest(word: str) -> str | None:
    """The name or code that was probably meant."""
    names = [kind.slug() for kind in catalogue().values()]
    close = get_close_matches(word.lower(), names, 1, 0.6) or get_close_matches(word.upper(), list(catalogue()), 1, 0.7)
    return close[0] if close else None
