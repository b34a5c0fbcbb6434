"""The reports on published policies of which versions are known: `python tests/version_pages.py` writes them again."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from command_line import scorec

FOLDER = Path(__file__).parent / "data" / "published_versions"

PAIRS: tuple[tuple[str, str], ...] = (
    ("inactivity_before", "inactivity_after"),
    ("saas_product_led", "saas_mid_market"),
    ("saas_mid_market", "saas_enterprise"),
)


def page_of(old: str, new: str) -> Path:
    return FOLDER / f"{old}_to_{new}.txt"


def report(old: str, new: str) -> str:
    """What `scorec diff` prints of two of the policies, for a terminal of the usual width."""
    ran = scorec(FOLDER, "diff", f"{old}.score", f"{new}.score")
    assert ran.code == 0 and not ran.err, ran.err
    return ran.out


def main(wanted: Sequence[str]) -> None:
    for pair in PAIRS:
        if not wanted or page_of(*pair).stem in wanted:
            page_of(*pair).write_text(report(*pair), "utf-8")
            print(f"wrote {page_of(*pair).name}")


if __name__ == "__main__":
    main(sys.argv[1:])
