"""scorec: lead-scoring policies as text, and the compiler that makes them run.

    import scorec

    policy = scorec.load("inbound.score")
    result = policy.score({"email": "ann@corp.example", "employees": 1200}, at="2026-03-02")
    result.scores["fit"], result.bands["readiness"], result.decisions["next_step"]

Every error is a `ScorecError`: a `PolicyError` carries all problems of a policy, a `DataError` all reasons why a lead
or an event cannot be read.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scorec.compiler.diff.api import diff
    from scorec.compiler.diff.classes import Report as DiffReport
    from scorec.compiler.errors import DataError, PolicyError, ScorecError
    from scorec.compiler.policy import AccountResult, Alert, Policy, State, check, load, loads
    from scorec.compiler.releases import Release, ReleaseError
    from scorec.compiler.releases import releases_of as releases
    from scorec.compiler.sources import Sources, SourcesError, load_sources
    from scorec.dsl.problems import Problem, Severity
    from scorec.dsl.result import Choice, Reason, Result

    __version__: str

__all__ = [
    "AccountResult",
    "Alert",
    "Choice",
    "DataError",
    "DiffReport",
    "Policy",
    "PolicyError",
    "Problem",
    "Reason",
    "Release",
    "ReleaseError",
    "Result",
    "ScorecError",
    "Severity",
    "Sources",
    "SourcesError",
    "State",
    "check",
    "diff",
    "load",
    "load_sources",
    "loads",
    "releases",
]

_HOMES = {
    "AccountResult": "scorec.compiler.policy",
    "Alert": "scorec.compiler.policy",
    "Choice": "scorec.dsl.result",
    "DataError": "scorec.compiler.errors",
    "DiffReport": "scorec.compiler.diff.classes:Report",
    "Policy": "scorec.compiler.policy",
    "PolicyError": "scorec.compiler.errors",
    "Problem": "scorec.dsl.problems",
    "Reason": "scorec.dsl.result",
    "Release": "scorec.compiler.releases",
    "ReleaseError": "scorec.compiler.releases",
    "Result": "scorec.dsl.result",
    "ScorecError": "scorec.compiler.errors",
    "Severity": "scorec.dsl.problems",
    "Sources": "scorec.compiler.sources",
    "SourcesError": "scorec.compiler.sources",
    "State": "scorec.compiler.policy",
    "check": "scorec.compiler.policy",
    "diff": "scorec.compiler.diff.api",
    "load": "scorec.compiler.policy",
    "load_sources": "scorec.compiler.sources",
    "loads": "scorec.compiler.policy",
    "releases": "scorec.compiler.releases:releases_of",
}
"""Where each public name lives, and what it is called there if it has another name. It is loaded when it is asked for,
so that `import scorec` and the command line start at once."""

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        if name == "__version__":
            from importlib.metadata import version

            return version("scorec")
        home = _HOMES.get(name)
        if home is None:
            raise AttributeError(f"module 'scorec' has no attribute {name!r}")
        module, _, called = home.partition(":")
        value = getattr(import_module(module), called or name)
        globals()[name] = value
        return value
