"""`scorec.diff`: two versions of a policy compared from Python."""

from __future__ import annotations

import os
from typing import TypeAlias

from ..policy import Policy
from .changes import Side
from .classes import Report, classified
from .versions import SideError, opened

Versioned: TypeAlias = Policy | str | os.PathLike[str]
"""A loaded policy, the path of its file, or `REV:path` in git."""


def diff(old: Versioned, new: Versioned) -> Report:
    """What changed from `old` to `new`, and what it means for leads.

        report = scorec.diff("HEAD:inbound.score", "inbound.score")
        report.klass.value, report.bump.word      # "band", "minor"
        for finding in report.findings:
            print(finding.change.words, finding.klass.value, finding.evidence.value)
        report.moved[0].lead                      # a lead that gets something else

    Each side is a policy, a path, or `REV:path` in git. Raises `ScorecError` where one cannot be read, or has errors.
    """
    return classified(_side(old), _side(new))


def _side(version: Versioned) -> Side:
    if isinstance(version, Policy):
        return Side(version.program, version.sources)
    written = os.fspath(version)
    found = opened(written)
    if "" not in found:
        raise SideError(f"{written} is a folder", "name the file of one policy in it.")
    return found[""].side
