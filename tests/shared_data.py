"""Where the real data of the tests is: `../shared/data` beside the repository, or what SCOREC_DATA names."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
POLICIES = Path(__file__).resolve().parent / "data"
DATA = Path(os.environ.get("SCOREC_DATA") or ROOT.parent / "shared" / "data")

needs_data = pytest.mark.skipif(
    not DATA.is_dir(), reason=f"the real data is not here: there is no folder {DATA} (SCOREC_DATA names another)"
)
