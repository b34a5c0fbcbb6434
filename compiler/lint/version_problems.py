"""What can be wrong with the version of a policy that has been released."""

from __future__ import annotations

from ...dsl.problems import Problem, Severity, problem
from .rule import Option

SETTLE_DAYS = Option("settle-days", 14, "a released version should stand so many days before it is changed again")


@problem("SC910")
class VersionNotBumped(Problem):
    """A policy means something else than its last release, and has the same version.

    ## Why it matters
    Every result carries the version of the policy. Two meanings under one version cannot be told apart afterwards, and
    `scorec release` refuses the second.

    ## What to do
    `scorec version inbound.score minor` writes the next version into the header; `scorec diff inbound.score` shows how
    far it has to go.
    """

    version: str
    released: str

    def message(self) -> str:
        return f"the policy has changed since {self.version} was released on {self.released}, and its version has not"

    def help(self) -> str:
        return "write the next version into the header, as with `scorec version`"


@problem("SC911")
class VersionBumpTooSmall(Problem):
    """A policy's version has not gone as far from its last release as its changes need.

    ## Why it matters
    Who reads 1.4.1 after 1.4.0 expects that no lead is treated otherwise; who reads 1.5.0, that
    nothing breaks that reads the results. `scorec release` refuses a version that says too little.

    ## What to do
    `scorec version inbound.score minor` (or major) writes the next version into the header; `scorec diff inbound.score`
    shows which change needs it.
    """

    version: str
    released: str
    klass: str
    least: str

    def message(self) -> str:
        return (
            f"{self.version} is too small a step from {self.released} for changes of the class {self.klass}: "
            f"they need {self.least}"
        )

    def help(self) -> str:
        return f"write `version {self.least}`, or a greater one"


@problem("SC914", Severity.WARNING)
class VersionNotSettled(Problem):
    """A policy is changed again soon after its last release. (Off unless it is selected.)

    ## Why it matters
    Leads take days to move and weeks to close. A policy that changes before anybody can have seen what the last change
    did is steered by noise, and its numbers cannot be compared from week to week. `settle-days` says how long a version
    should stand.

    ## What to do
    Wait, and look at `scorec diff --data` meanwhile; or say why it cannot wait in the note of the release.
    """

    version: str
    days: int
    settle: int

    def message(self) -> str:
        ago = "today" if self.days == 0 else "yesterday" if self.days == 1 else f"{self.days} days ago"
        return f"{self.version} was released {ago}, and is changed again"

    def help(self) -> str:
        return f"a version should stand {self.settle} days: see what it does to leads first"
