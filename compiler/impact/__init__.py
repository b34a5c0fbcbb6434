"""What a change of a policy means for real leads: both versions score a table, and what differs is counted."""

from __future__ import annotations

from .figures import Impact
from .measure import Edit, Plan, Version, report, sample_below

__all__ = ["Edit", "Impact", "Plan", "Version", "report", "sample_below"]
