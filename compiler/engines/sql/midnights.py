"""The beginning of days in a time zone, also of those at whose beginning its clocks are changed."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from sqlglot import exp

from ....dsl import values
from .dialects import Dialect
from .syntax import Sql, cast, integer, text


def midnight(dialect: Dialect, day: Sql, zone: str) -> Sql:
    """The instant at which a day begins in a zone; written out for days that begin twice there, or never."""
    found = dialect.midnight(day, zone)
    doubtful = doubtful_days(zone)
    if not doubtful:
        return found
    branches = [exp.If(this=cast(text(one.isoformat()), "DATE"), true=integer(at)) for one, at in doubtful]
    return exp.Case(this=day, ifs=branches, default=found)


@lru_cache(maxsize=8)
def doubtful_days(zone: str) -> tuple[tuple[date, int], ...]:
    """The days of 1970 to 2099 at whose beginning the clocks of a zone are changed, and the instants that are meant."""
    place = ZoneInfo(zone)
    found = []
    day = date(1970, 1, 1)
    while day.year < 2100:
        at = values.midnight(day, place)
        later = values.instant(datetime(day.year, day.month, day.day, fold=1), place)
        if later != at:
            found.append((day, at))
        day += timedelta(days=1)
    return tuple(found)
