"""Hypothesis profiles: `fast` for every run (and always the same examples), `deep` for a night of fuzzing.

SCOREC_PROFILE=deep pytest tests/test_agreement.py      every property, with many examples
pytest -m deep                                          the long tests, with many examples
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

settings.register_profile(
    "fast",
    max_examples=150,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
settings.register_profile(
    "deep",
    settings.get_profile("fast"),
    max_examples=int(os.environ.get("SCOREC_EXAMPLES", "20000")),
    derandomize=False,
    print_blob=True,
)
settings.load_profile(os.environ.get("SCOREC_PROFILE", "fast"))
