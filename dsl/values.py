"""Exact values: points as integers, decay, ages, texts. The one place where anything is rounded or folded.

Points are held as integers of ten-thousandths, called *ticks*: 1 point is 10,000 ticks. A number that comes from data
is an IEEE double; it becomes ticks once, rounded half away from zero.

This module uses the standard library only and imports nothing of scorec, so that `scorec build --target python` can
place its text in a module that another application vendors.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone, tzinfo
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from fractions import Fraction
from math import floor, isfinite

TICKS = 10_000
"""Ticks in one point."""

MAX_TICKS = 10**15
"""No contribution, sum over a property or score is beyond ±100,000,000,000 points; what would be, counts as that."""

MICROSECOND = 1
SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

UNIT = {"minute": MINUTE, "hour": HOUR, "day": DAY, "week": 7 * DAY, "month": 30 * DAY, "year": 365 * DAY}
"""Microseconds in each unit of time. A month is 30 days and a year 365: ages have no calendar."""

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


# ------------------------------------------------------------------ points


def ticks_of(number: float) -> int | None:
    """A double as ticks, rounded half away from zero on its magnitude and kept within ±MAX_TICKS; None if not finite.

    >>> ticks_of(0.00005), ticks_of(-0.00005), ticks_of(1e300) == MAX_TICKS
    (1, -1, True)
    """
    if not isfinite(number):
        return None
    magnitude = abs(number) * 10000.0
    if magnitude >= 1e15:
        return MAX_TICKS if number > 0 else -MAX_TICKS
    ticks = floor(magnitude + 0.5)
    return ticks if number >= 0 else -ticks


def ticks_of_decimal(number: Decimal) -> int | None:
    """A written number as ticks, or None where it has more than four decimals (and so is no number of points)."""
    numerator, denominator = number.as_integer_ratio()
    ticks, rest = divmod(numerator * TICKS, denominator)
    return ticks if rest == 0 else None


def divide(numerator: int, denominator: int) -> int:
    """The quotient rounded half away from zero (denominator > 0)."""
    if numerator >= 0:
        return (2 * numerator + denominator) // (2 * denominator)
    return -((-2 * numerator + denominator) // (2 * denominator))


def scale(ticks: int, numerator: int, denominator: int) -> int:
    """ticks x numerator / denominator, rounded once half away from zero, kept within ±MAX_TICKS (denominator > 0)."""
    return bounded(divide(ticks * numerator, denominator))


def bounded(ticks: int) -> int:
    """Ticks kept within ±MAX_TICKS."""
    return MAX_TICKS if ticks > MAX_TICKS else -MAX_TICKS if ticks < -MAX_TICKS else ticks


def rounded(ticks: int, how: str) -> int:
    """To whole points: `rounded` is half away from zero, `rounded up` and `rounded down` are towards ±infinity."""
    if how == "rounded":
        return divide(ticks, TICKS) * TICKS
    if how == "rounded up":
        return -(-ticks // TICKS) * TICKS
    return ticks // TICKS * TICKS


def decimal_of(ticks: int) -> Decimal:
    """Ticks as the shortest exact decimal: 425000 is Decimal('42.5')."""
    whole, rest = divmod(abs(ticks), TICKS)
    text = f"{whole}.{rest:04d}".rstrip("0").rstrip(".")
    return Decimal(text if ticks >= 0 else "-" + text)


# ------------------------------------------------------------------ decay


def decayed(ticks: int, shape: str, percent: Fraction, span: int, age: int) -> int:
    """What is left of `ticks` at a whole `age`, rounded once half away from zero.

    `span` and `age` are in the same unit (the rule's smallest), both whole; `percent` is a share between 0 and 1 (10%
    is 1/10), used by `losing` and `keeping` only. What is left is:

    halving 2^(-age/span) · fading max(0, 1 - age/span) · losing max(0, 1 - percent * floor(age/span)) ·
    keeping percent^floor(age/span)
    """
    if age <= 0 or ticks == 0:
        return ticks
    negative, magnitude = ticks < 0, abs(ticks)
    if shape == "fading":
        left = divide(magnitude * (span - age), span) if age < span else 0
    elif shape == "losing":
        whole = percent.denominator
        share = whole - percent.numerator * (age // span)
        left = divide(magnitude * share, whole) if share > 0 else 0
    elif shape == "keeping":
        left = _kept(magnitude, percent, age // span)
    else:
        left = _halved(magnitude, age, span)
    return -left if negative else left


# Sixty digits, and nothing else of the settings that the surrounding application has chosen for its own decimals.
_SIXTY_DIGITS = Context(prec=60, rounding=ROUND_HALF_EVEN, Emin=-999_999, Emax=999_999, capitals=1, clamp=0, traps=[])


def _kept(magnitude: int, percent: Fraction, steps: int) -> int:
    if steps == 0 or percent == 1:
        return magnitude
    # Less than a quarter of a tick, even for all that a double can be wrong, is nothing.
    if magnitude * float(percent) ** steps < 0.25:
        return 0
    if steps <= 2_000:
        return divide(magnitude * percent.numerator**steps, percent.denominator**steps)
    # After so many steps there is no exact tie (the share's denominator has grown past twice any magnitude), so that
    # sixty digits decide.
    with localcontext(_SIXTY_DIGITS):
        share = (Decimal(percent.numerator) / Decimal(percent.denominator)) ** steps
        return int(Decimal(magnitude) * share + Decimal("0.5"))


def _halved(magnitude: int, age: int, span: int) -> int:
    halvings, rest = divmod(age, span)
    if halvings > 60:
        return 0
    if rest == 0:
        return (magnitude + (1 << halvings >> 1)) >> halvings
    # 2^(-rest/span) is irrational here, so the value is never an exact tie. A double decides it, unless the value is so
    # near to a tie that a double could be wrong; then sixty digits do.
    near: float = magnitude * 2.0 ** (-age / span)
    if abs(near - floor(near) - 0.5) > near * 1e-12:
        return floor(near + 0.5)
    with localcontext(_SIXTY_DIGITS):
        share = Decimal(2) ** (-Decimal(rest) / Decimal(span)) / (1 << halvings)
        return int(Decimal(magnitude) * share + Decimal("0.5"))


# ------------------------------------------------------------------ texts

BLANKS = " \t\r\n"
"""What surrounds a text without being part of it."""

_FOLD = str.maketrans("İΣ", "iσ")


def trimmed(text: str) -> str | None:
    """Without surrounding blanks (space, tab, CR, LF); an empty text is missing."""
    return text.strip(BLANKS) or None


def folded(text: str) -> str:
    """The language's own case folding, the same on every engine: lower(translate(x, 'İΣ', 'iσ'))."""
    return text.lower() if text.isascii() else text.translate(_FOLD).lower()


SEPARATORS = {
    code: " "
    for code in (
        *(c for c in range(0x80) if not chr(c).isalnum()),
        *(c for c in range(0x80, 0xC0) if c not in (0xAA, 0xB5, 0xBA)),
        *(0xD7, 0xF7),
        *range(0x2000, 0x2070),
        *(c for c in range(0x3000, 0x3020) if c not in (0x3005, 0x3006, 0x3007)),
        *range(0xFF01, 0xFF10),
        *range(0xFF1A, 0xFF21),
        *range(0xFF3B, 0xFF41),
        *range(0xFF5B, 0xFF66),
    )
}
"""What stands between words: the signs of ASCII and Latin-1, the general punctuation of Unicode (dashes, quotation
marks, spaces), and the punctuation of Chinese and Japanese. A fixed table, so that it is the same on every engine."""


def words_of(folded_text: str) -> str:
    """A folded text as its words with one space around each: 'vp, sales/emea' is ' vp sales emea '.

    `has word` looks for one such text in another, so that "vp" is in "VP, Sales" and not in "MVP".
    """
    parts = [part for part in folded_text.translate(SEPARATORS).split(" ") if part]
    return " " + " ".join(parts) + " " if parts else " "


def word_count(text: str) -> int:
    """How many words, as `has word` sees them."""
    return len([part for part in text.translate(SEPARATORS).split(" ") if part])


def domain_of(text: str) -> str | None:
    """What stands after the last @, trimmed; missing where there is no @ or nothing after it."""
    at = text.rfind("@")
    return trimmed(text[at + 1 :]) if at >= 0 else None


def local_part_of(text: str) -> str | None:
    """What stands before the last @, trimmed; missing where there is no @ or nothing before it."""
    at = text.rfind("@")
    return trimmed(text[:at]) if at >= 0 else None


def is_capitalised(text: str) -> bool:
    """Whether a text begins with a capital, or with a letter of a script that has none (so 李 is not punished)."""
    first = text[:1]
    if folded(first) != first:
        return True
    if first.upper() != first:
        return False
    return not first.isascii()


def longest_repeat(folded_text: str) -> int:
    """The longest run of one character: 3 in 'aaab'."""
    longest = run = 0
    previous = ""
    for character in folded_text:
        run = run + 1 if character == previous else 1
        previous = character
        if run > longest:
            longest = run
    return longest


def is_like(folded_text: str, folded_pattern: str) -> bool:
    """Whether the whole text fits a pattern of `*` (any run) and `?` (any one character). It never goes back beyond the
    last `*`, so that no pattern can make it hang."""
    text_at = pattern_at = 0
    star = mark = -1
    while text_at < len(folded_text):
        if pattern_at < len(folded_pattern) and folded_pattern[pattern_at] == "*":
            star, mark = pattern_at, text_at
            pattern_at += 1
        elif pattern_at < len(folded_pattern) and folded_pattern[pattern_at] in ("?", folded_text[text_at]):
            text_at += 1
            pattern_at += 1
        elif star >= 0:
            mark += 1
            text_at, pattern_at = mark, star + 1
        else:
            return False
    return all(character == "*" for character in folded_pattern[pattern_at:])


# ------------------------------------------------------------------ instants


def instant(moment: datetime, zone: tzinfo = timezone.utc) -> int:
    """Microseconds since 1970 in UTC. A moment without a zone is in `zone`."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    since = moment - EPOCH
    return (since.days * 86_400 + since.seconds) * SECOND + since.microseconds


def moment_of(micros: int) -> datetime:
    """The datetime (UTC) of an instant."""
    return EPOCH + timedelta(microseconds=micros)


def midnight(day: date, zone: tzinfo = timezone.utc) -> int:
    """The instant at which a day begins in `zone`."""
    return instant(datetime(day.year, day.month, day.day), zone)


def period_of(micros: int, period: str, zone: tzinfo = timezone.utc) -> int:
    """Which calendar day, week (from Monday) or month of `zone` an instant falls in, as a number that orders
    periods."""
    if zone is timezone.utc and period != "month":
        day = micros // DAY
    else:
        here = _in_zone(micros, zone)
        if period == "month":
            return here.year * 12 + here.month - 1
        day = here.toordinal() - 719163
    return day if period == "day" else (day + 3) // 7


def _in_zone(micros: int, zone: tzinfo) -> datetime:
    try:
        return moment_of(micros).astimezone(zone)
    except OverflowError:  # In `zone` it is the year 0 or 10000 already: the last day that a calendar has is meant.
        return moment_of(micros)
