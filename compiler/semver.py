"""Versions of policies: three numbers, compared as numbers, and how far one lies from the next."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum

_WRITTEN = re.compile(r"(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})", re.ASCII)


class Bump(IntEnum):
    """How far a version goes beyond another: the first of the three numbers that grows."""

    NONE = 0
    PATCH = 1
    MINOR = 2
    MAJOR = 3

    @property
    def word(self) -> str:
        return self.name.lower()


BUMPS = {bump.word: bump for bump in Bump}


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """`1.4.0`"""

    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"

    def bumped(self, bump: Bump) -> Version:
        """The next version: what stands right of the number that grows begins again at 0."""
        match bump:
            case Bump.NONE:
                return self
            case Bump.PATCH:
                return Version(self.major, self.minor, self.patch + 1)
            case Bump.MINOR:
                return Version(self.major, self.minor + 1, 0)
            case Bump.MAJOR:
                return Version(self.major + 1, 0, 0)


def version_of(text: str) -> Version | None:
    """The version that a text is; None if it is none."""
    found = _WRITTEN.fullmatch(text)
    return None if found is None else Version(*map(int, found.groups()))


def bump_between(old: Version, new: Version) -> Bump:
    """How far `new` goes beyond `old`; NONE if it does not."""
    if new <= old:
        return Bump.NONE
    if new.major > old.major:
        return Bump.MAJOR
    return Bump.MINOR if new.minor > old.minor else Bump.PATCH


def least_bump(old: Version, needed: Bump) -> Bump:
    """The bump with which `old` must be left for a change that needs `needed`. Before 1.0.0 nobody has been promised
    anything: there the second number does for what would need the first."""
    return Bump.MINOR if old.major == 0 and needed is Bump.MAJOR else needed
