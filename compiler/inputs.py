"""Which files a run reads: those that were named, and those of a sources file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .batch import EventFile, event_file
from .errors import ScorecError
from .mapped import Input, MappedEvents, MappedLeads, path_of
from .policy import Policy
from .sources import FILE_NAME, Sources, load_sources
from .tables import TableError


@dataclass(frozen=True)
class Inputs:
    """The leads and the events of a run, each as a plain file or as an export."""

    leads: Input
    events: tuple[EventFile, ...]
    sources: Sources | None = None

    @property
    def paths(self) -> list[Path]:
        own = [] if self.sources is None else [Path(self.sources.name)]
        return [path_of(self.leads), *(path_of(file.path) for file in self.events), *own]


def inputs_of(
    policy: Policy, policy_file: Path, leads: Path | None, events: Sequence[str], sources: Path | None
) -> Inputs:
    """What a command reads.

    A sources file is used if it is named, or if no leads are named and one lies beside the policy. What is named wins:
    leads take the place of the sources' leads and are read in the same way; events take the place of all events of the
    sources, and those whose file has the same name as one of the sources' are read as that one.
    """
    found = sources
    if found is None and leads is None:
        beside = policy_file.parent / FILE_NAME
        if not beside.exists():
            hint = (
                f"name a table of leads, or describe your exports in {beside} (`scorec init --from EXPORT` begins one)."
            )
            raise TableError("there are no leads to read", hint)
        found = beside
    if found is None:
        assert leads is not None
        return Inputs(leads, tuple(event_file(policy, written) for written in events))
    described = load_sources(found, policy)
    if described.leads is None:
        raise ScorecError(f"{found} has no [leads]")
    mapped = MappedLeads(leads or described.leads.file, described.leads)
    if events:
        files = [_as_described(event_file(policy, written), described, mapped) for written in events]
    else:
        files = [EventFile(MappedEvents(one.file, one, mapped)) for one in described.events]
    return Inputs(mapped, tuple(files), described)


def _as_described(file: EventFile, sources: Sources, leads: MappedLeads) -> EventFile:
    path = path_of(file.path)
    same = next((one for one in sources.events if one.file.name == path.name), None)
    if same is None or file.kind is not None:
        return file
    return EventFile(MappedEvents(path, same, leads))
