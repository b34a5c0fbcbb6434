"""Whether two results say the same of every lead.

`python -m benchmarks.agreement EXPECTED FOUND` prints, as JSON, how many leads differ in each column, and in any.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

COLUMNS = ("fit", "engagement", "total", "fit_grade", "interest", "readiness", "next_step", "completeness")


def differences(expected: Path, found: Path) -> dict[str, int]:
    """How many leads differ in each column; the column `any` counts leads, also those which only one result has."""
    import duckdb

    def differs(name: str) -> str:
        cells = [f"{which}.{name}" for which in ("e", "f")]
        if name not in ("fit_grade", "interest", "readiness", "next_step"):
            # A result in doubles is held to its four decimals.
            cells = [f"CAST({cell} AS DECIMAL(18, 4))" for cell in cells]
        return f"({cells[0]} IS DISTINCT FROM {cells[1]})"

    tests = {name: differs(name) for name in COLUMNS}
    lacking = "(e.lead_id IS NULL OR f.lead_id IS NULL)"
    tests = {name: f"({lacking} OR {test})" for name, test in tests.items()}
    tests["any"] = " OR ".join(tests.values())
    with duckdb.connect() as connection:
        counts = connection.execute(
            f"SELECT {', '.join(f'count(CASE WHEN {test} THEN 1 END)' for test in tests.values())}"
            f" FROM read_parquet($expected) e FULL JOIN read_parquet($found) f"
            " ON CAST(e.lead_id AS VARCHAR) = CAST(f.lead_id AS VARCHAR)",
            {"expected": str(expected), "found": str(found)},
        ).fetchone()
    assert counts is not None
    return dict(zip(tests, counts, strict=True))


if __name__ == "__main__":
    print(json.dumps(differences(Path(sys.argv[1]), Path(sys.argv[2]))))
