"""What a change of a policy means for real leads, as numbers: the records that the pages and texts are written from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

from ..batch import Rejected

# ------------------------------------------------------------------ what was scored


@dataclass(frozen=True, slots=True)
class DataFile:
    """A file that was read (or a pattern, with how many files fit it), and the SHA-256 of its bytes; of several files,
    that of their digests."""

    role: Literal["leads", "events"]
    name: str
    files: int
    size: int
    digest: str


@dataclass(frozen=True, slots=True)
class Side:
    """One version of the policy, and what became of the rows with it. `first_rejected` holds a few of them."""

    policy: str
    version: str
    fingerprint: str
    leads: int
    scored: int
    rejected: int
    events: int
    events_used: int
    events_rejected: int
    first_rejected: tuple[Rejected, ...]
    notes: tuple[str, ...]

    @property
    def title(self) -> str:
        return f"{self.policy} {self.version}".rstrip()


# ------------------------------------------------------------------ from where to where


class Standing(Enum):
    """What is known of a cell of a matrix. The last four are of cells without leads."""

    SEEN = "seen"
    IMPOSSIBLE = "impossible"
    """proved: no lead can be there, in these data or in others"""
    POSSIBLE = "possible"
    """some lead could be there; none of these is"""
    UNDECIDED = "not decided"
    """it could not be said in the time that was given"""
    NOT_ASKED = "not seen"


@dataclass(frozen=True, slots=True)
class Cell:
    """The leads that were `old` and are `new`, and the first few keys of them."""

    old: str
    new: str
    leads: int
    standing: Standing
    first_keys: tuple[str, ...] = ()


What: TypeAlias = Literal["band", "decision", "grid"]


@dataclass(frozen=True, slots=True)
class Matrix:
    """All leads that both versions scored, by a label of the old version (rows) and of the new one (columns): of a
    band, of a decision, or (`grid`) by the cell of the grid that a decision has, written `B · 2`.

    A band's labels stand from the top: who goes to a higher one moves up. `aside` are those who move between labels of
    which neither is known to be higher: outcomes, cells, and labels that only one version has."""

    what: What
    name: str
    old_labels: tuple[str, ...]
    new_labels: tuple[str, ...]
    cells: tuple[Cell, ...]
    up: int
    down: int
    aside: int
    same: int
    by: tuple[str, ...] = ()
    """of a grid: the bands of its rows and of its columns"""

    @property
    def leads(self) -> int:
        return self.up + self.down + self.aside + self.same

    @property
    def moved(self) -> int:
        return self.up + self.down + self.aside

    def at(self, old: str, new: str) -> Cell:
        return next(cell for cell in self.cells if (cell.old, cell.new) == (old, new))

    def row(self, old: str) -> int:
        """How many leads were there before."""
        return sum(cell.leads for cell in self.cells if cell.old == old)

    def column(self, new: str) -> int:
        """How many leads are there now."""
        return sum(cell.leads for cell in self.cells if cell.new == new)


@dataclass(frozen=True, slots=True)
class Lone:
    """A band, decision or score that only one version has; of a band or decision, its leads by label."""

    what: Literal["band", "decision", "score"]
    name: str
    version: Literal["old", "new"]
    counts: Mapping[str, int]


# ------------------------------------------------------------------ scores


@dataclass(frozen=True, slots=True)
class Bin:
    """How many leads have a score from `low` to below `high` (the last bin: to `high`), in ticks."""

    low: int
    high: int
    old: int
    new: int


@dataclass(frozen=True, slots=True)
class ScoreChange:
    """A score in both versions, in ticks. Means are of the leads whose score is known; `unknown` are those whose score
    is missing in one of the versions."""

    name: str
    higher: int
    lower: int
    same: int
    unknown: int
    old_mean: int | None
    new_mean: int | None
    most_gained: int
    most_lost: int
    bins: tuple[Bin, ...]


# ------------------------------------------------------------------ leads and rules


@dataclass(frozen=True, slots=True)
class Moved:
    """A score (in ticks) or a label that differs."""

    name: str
    old: int | str | None
    new: int | str | None


@dataclass(frozen=True, slots=True)
class RulePoints:
    """What a rule, or a limit, gave a lead before and now, in ticks; 0 where it gave nothing."""

    rule: str
    old: int
    new: int


@dataclass(frozen=True, slots=True)
class Mover:
    """A lead whose result differs: its scores and labels that do, and the rules whose points do."""

    key: str
    scores: tuple[Moved, ...]
    labels: tuple[Moved, ...]
    rules: tuple[RulePoints, ...]


@dataclass(frozen=True, slots=True)
class RuleChange:
    """A rule over all leads that both versions scored: how many it gave or took points, and how many in all (ticks)."""

    rule: str
    old_leads: int
    new_leads: int
    old_points: int
    new_points: int


# ------------------------------------------------------------------ single edits


@dataclass(frozen=True, slots=True)
class Reach:
    """How many leads have another label, and how many another result of any kind."""

    moved: int
    changed: int


@dataclass(frozen=True, slots=True)
class EditEffect:
    """What one edit does. `alone`: the old version with this edit, beside the old one. `together`: the new version,
    beside the new one without this edit. None where such a version cannot be made. `depends` are the leads that it
    moves in one way and not in the other: their move hangs on other edits."""

    text: str
    alone: Reach | None
    together: Reach | None
    depends: int

    @property
    def interacts(self) -> bool:
        return self.depends > 0 or (self.alone != self.together and None not in (self.alone, self.together))


@dataclass(frozen=True, slots=True)
class EditEffects:
    """The edits one by one, counted on `leads` leads: all of them, or a sample that `sample` names."""

    effects: tuple[EditEffect, ...]
    leads: int
    sample: str
    left_out: int
    """further edits that were not looked at"""


# ------------------------------------------------------------------ the whole


@dataclass(frozen=True, slots=True)
class Impact:
    """What a change means for the leads of a table. `both` leads were scored by both versions, and everything that
    compares is about them. Of these `moved` have another band or outcome, `changed` another result of any kind."""

    old: Side
    new: Side
    at: int
    zone: ZoneInfo
    subject: str
    engine: Literal["python", "duckdb"]
    data: tuple[DataFile, ...]
    both: int
    only_old: int
    only_new: int
    moved: int
    changed: int
    matrices: tuple[Matrix, ...]
    scores: tuple[ScoreChange, ...]
    alone: tuple[Lone, ...]
    movers: tuple[Mover, ...]
    rules: tuple[RuleChange, ...]
    edits: EditEffects | None
    notes: tuple[str, ...]
