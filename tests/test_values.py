"""Exact values against plain rational arithmetic and brute force."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from decimal import Context, Decimal, Inexact, localcontext
from fractions import Fraction
from math import inf, nan, nextafter
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scorec.dsl import values
from scorec.dsl.values import DAY, MAX_TICKS, TICKS

UTC = timezone.utc
ticks = st.integers(-MAX_TICKS, MAX_TICKS) | st.integers(-2_000_000, 2_000_000)
shares = st.fractions(0, 1, max_denominator=10_000)
spans = st.integers(1, 400)
ages = st.integers(-3, 2_000) | st.integers(0, 5_000_000_000)


def half_away(exact: Fraction) -> int:
    """The whole number nearest to an exact one, halves away from zero: the definition, on its own."""
    whole, rest = divmod(abs(exact), 1)
    magnitude = whole + (rest >= Fraction(1, 2))
    return magnitude if exact >= 0 else -magnitude


# ------------------------------------------------------------------ points


@given(ticks, st.integers(1, 10**9))
@example(5, 10)
@example(-5, 10)
@example(15, 10)
def test_division_rounds_halves_away_from_zero(numerator: int, denominator: int) -> None:
    assert values.divide(numerator, denominator) == half_away(Fraction(numerator, denominator))


@given(ticks, st.integers(-(10**6), 10**6), st.integers(1, 10**6))
def test_scaling_rounds_once_and_stays_in_bounds(points: int, numerator: int, denominator: int) -> None:
    exact = half_away(Fraction(points * numerator, denominator))
    assert values.scale(points, numerator, denominator) == max(-MAX_TICKS, min(MAX_TICKS, exact))


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**9), 10**9).map(lambda n: n / 20_000))
@example(0.00005)
@example(-0.00005)
@example(-0.0)
@example(1e11)
@example(nextafter(1e11, 0))
def test_a_double_becomes_the_nearest_ticks(number: float) -> None:
    found = values.ticks_of(number)
    exact = max(Fraction(-MAX_TICKS), min(Fraction(MAX_TICKS), Fraction(number) * TICKS))
    assert found is not None
    # The product is a double, so that a value nearer to a half than a double can tell may go either way.
    assert abs(found - exact) <= Fraction(1, 2) + abs(exact) / 2**52
    assert values.ticks_of(-number) == -found


@pytest.mark.parametrize("number", [nan, inf, -inf])
def test_what_is_not_finite_has_no_ticks(number: float) -> None:
    assert values.ticks_of(number) is None


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**9), max_value=10**9))
@example(Decimal("0.00010"))
@example(Decimal("0.00001"))
@example(Decimal("1.00000000000000000000000000001"))
@example(Decimal("123456789012345678901234567.1234"))
def test_a_written_number_is_points_only_with_four_decimals_at_most(number: Decimal) -> None:
    exact = Fraction(number) * TICKS
    assert values.ticks_of_decimal(number) == (int(exact) if exact.denominator == 1 else None)


@given(ticks)
@example(0)
@example(-5000)
def test_ticks_print_as_the_shortest_decimal(points: int) -> None:
    shown = values.decimal_of(points)
    assert values.ticks_of_decimal(shown) == points
    assert "E" not in str(shown)
    assert not str(shown).endswith(".") and ("." not in str(shown) or not str(shown).endswith("0"))


@given(ticks)
@example(5000)
@example(-5000)
@example(15000)
def test_rounding_to_whole_points(points: int) -> None:
    exact = Fraction(points, TICKS)
    assert values.rounded(points, "rounded") == half_away(exact) * TICKS
    assert values.rounded(points, "rounded up") == -(-exact // 1) * TICKS
    assert values.rounded(points, "rounded down") == exact // 1 * TICKS


# ------------------------------------------------------------------ decay


def share_left(shape: str, percent: Fraction, span: int, age: int) -> Fraction:
    """The shares as the language's reference states them (halving only after whole halvings)."""
    match shape:
        case "fading":
            return max(Fraction(0), 1 - Fraction(age, span))
        case "losing":
            return max(Fraction(0), 1 - percent * (age // span))
        case "keeping":
            return percent ** (age // span)
        case _:
            assert age % span == 0
            return Fraction(1, 2 ** (age // span))


@given(ticks, st.sampled_from(["fading", "losing"]), shares, spans, ages)
@example(1, "fading", Fraction(0), 2, 1)
@example(-1, "fading", Fraction(0), 2, 1)
@example(10_000, "losing", Fraction(0), 7, 700)
@example(10_000, "losing", Fraction(1), 7, 7)
def test_straight_decays_are_exact(points: int, shape: str, percent: Fraction, span: int, age: int) -> None:
    exact = points * share_left(shape, percent, span, max(0, age))
    assert values.decayed(points, shape, percent, span, age) == half_away(exact)


@given(ticks, shares, spans, st.integers(0, 3_000), st.integers(0, 399))
@example(10_000, Fraction(0), 7, 0, 3)
@example(10_000, Fraction(0), 7, 1, 0)
@example(-10_000, Fraction(1), 7, 3_000, 0)
@example(1, Fraction(1, 2), 1, 1, 0)
@example(MAX_TICKS, Fraction(9_999, 10_000), 1, 2_001, 0)
def test_compound_decay_is_exact(points: int, percent: Fraction, span: int, steps: int, rest: int) -> None:
    exact = points * share_left("keeping", percent, 1, steps)
    assert values.decayed(points, "keeping", percent, span, steps * span + min(rest, span - 1)) == half_away(exact)


@given(ticks, spans, st.integers(0, 80))
@example(1, 1, 1)
@example(-1, 1, 1)
@example(MAX_TICKS, 30, 51)
def test_whole_halvings_are_exact(points: int, span: int, halvings: int) -> None:
    exact = points * share_left("halving", Fraction(0), span, halvings * span)
    assert values.decayed(points, "halving", Fraction(0), span, halvings * span) == half_away(exact)


@given(ticks, spans, ages)
def test_every_halving_is_the_nearest_tick(points: int, span: int, age: int) -> None:
    """What is left is x with (x - 1/2) <= points * 2^(-age/span) < (x + 1/2), in integers: both sides to the power of
    the span."""
    left = abs(values.decayed(points, "halving", Fraction(0), span, age))
    whole, rest = divmod(max(0, age), span)
    if whole > 60:
        assert left == 0
        return
    # points / 2^(whole + rest/span), multiplied by 2 so that halves are whole, to the power of span.
    exact_power = Fraction((2 * abs(points)) ** span, 2 ** (whole * span + rest))
    assert (2 * left + 1) ** span > exact_power
    assert left == 0 or (2 * left - 1) ** span <= exact_power


@given(ticks, st.sampled_from(["halving", "fading", "losing", "keeping"]), shares, spans, st.integers(0, 5_000))
def test_points_never_grow_with_age_nor_change_sign(
    points: int, shape: str, percent: Fraction, span: int, age: int
) -> None:
    now = values.decayed(points, shape, percent, span, age)
    later = values.decayed(points, shape, percent, span, age + 1)
    assert abs(later) <= abs(now) <= abs(points)
    assert now * points >= 0
    assert values.decayed(-points, shape, percent, span, age) == -now


@pytest.mark.parametrize("shape", ["halving", "fading", "losing", "keeping"])
def test_nothing_decays_before_its_time(shape: str) -> None:
    assert values.decayed(70_000, shape, Fraction(1, 10), 7, 0) == 70_000
    assert values.decayed(70_000, shape, Fraction(1, 10), 7, -5) == 70_000


def test_steps_fall_on_the_day_and_not_before() -> None:
    losing = [values.decayed(100_000, "losing", Fraction(1, 10), 7, age) for age in (6, 7, 13, 14, 69, 70)]
    assert losing == [100_000, 90_000, 90_000, 80_000, 10_000, 0]
    keeping = [values.decayed(100_000, "keeping", Fraction(9, 10), 7, age) for age in (6, 7, 13, 14)]
    assert keeping == [100_000, 90_000, 90_000, 81_000]


def test_an_application_that_traps_inexact_decimals_gets_the_same_decay() -> None:
    usual = [values.decayed(10**15 - 1, "halving", Fraction(0), 7, age) for age in range(1, 60)]
    far = values.decayed(10**15 - 1, "keeping", Fraction(9_999, 10_000), 1, 2_345)
    with localcontext(Context(prec=3, traps=[Inexact])):
        assert [values.decayed(10**15 - 1, "halving", Fraction(0), 7, age) for age in range(1, 60)] == usual
        assert values.decayed(10**15 - 1, "keeping", Fraction(9_999, 10_000), 1, 2_345) == far


# ------------------------------------------------------------------ texts

texts = st.text(alphabet=st.sampled_from("aAbBzİIıiΣσςßẞſé É@.-_ \t\n\r李０1*?"), max_size=12)


def test_folding_is_stable_and_keeps_the_length_for_every_character() -> None:
    """So that a text may be folded again, and `length` may be taken before or after."""
    for code in range(0x110000):
        folded = values.folded(chr(code))
        assert values.folded(folded) == folded
        assert len(folded) == 1


@given(texts, texts)
def test_folding_looks_at_each_character_alone(left: str, right: str) -> None:
    assert values.folded(left + right) == values.folded(left) + values.folded(right)


def test_folding_of_the_letters_that_engines_disagree_about() -> None:
    assert values.folded("İSTANBUL") == "istanbul"
    assert values.folded("ΟΔΟΣ") == "οδοσ"  # no final sigma, wherever it stands
    assert values.folded("ẞß") == "ßß" and values.folded("ſ") == "ſ" and values.folded("ı") == "ı"


@pytest.mark.parametrize(
    ("text", "clean"), [("  VP \t\r\n", "VP"), ("", None), (" \t", None), ("\u00a0x", "\u00a0x"), ("\0", "\0")]
)
def test_trimming_takes_space_tab_and_line_ends_only(text: str, clean: str | None) -> None:
    assert values.trimmed(text) == clean


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("vp, sales/emea", " vp sales emea "),
        ("mvp", " mvp "),
        ("head\u2013of\u00a0sales", " head of sales "),
        ("l'oréal x2", " l oréal x2 "),
        ("vp\uff0c李小龙\u3001cto", " vp 李小龙 cto "),
        ("7\u00d74", " 7 4 "),
        ("a\0b_c", " a b c "),
        ("...", " "),
    ],
)
def test_words(text: str, words: str) -> None:
    assert values.words_of(text) == words
    assert values.word_count(text) == len(words.split())


def test_no_letter_or_digit_separates_words() -> None:
    superscripts_and_fractions = "²³¹¼½¾"
    for code in range(0x110000):
        if chr(code).isalnum() and chr(code) not in superscripts_and_fractions:
            assert values.word_count(f"a{chr(code)}b") == 1, hex(code)


@given(texts)
def test_the_number_of_words_does_not_depend_on_folding(text: str) -> None:
    assert values.word_count(text) == len(values.words_of(values.folded(text)).split(" ")[1:-1])


@pytest.mark.parametrize(
    ("address", "domain", "local_part"),
    [
        ("Ann@Corp.example", "Corp.example", "Ann"),
        ("a@b@c.example", "c.example", "a@b"),
        ("ann@", None, "ann"),
        ("@corp.example", "corp.example", None),
        ("ann @ corp", "corp", "ann"),
        ("ann", None, None),
    ],
)
def test_the_parts_of_an_address(address: str, domain: str | None, local_part: str | None) -> None:
    assert values.domain_of(address) == domain
    assert values.local_part_of(address) == local_part


@pytest.mark.parametrize(
    ("text", "capitalised"),
    [
        ("Ann", True),
        ("ann", False),
        ("李", True),
        ("Émile", True),
        ("émile", False),
        ("İ", True),
        ("ß", False),
        ("7", False),
        ("", False),
    ],
)
def test_capitals(text: str, capitalised: bool) -> None:
    assert values.is_capitalised(text) is capitalised


@given(st.text(alphabet="ab", max_size=12))
def test_the_longest_run_of_one_character(text: str) -> None:
    runs = [
        end - start
        for start in range(len(text))
        for end in range(start + 1, len(text) + 1)
        if len(set(text[start:end])) == 1
    ]
    assert values.longest_repeat(text) == max(runs, default=0)


def fits(text: str, pattern: str) -> bool:
    """`like`, as one would define it."""
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(fits(text[skip:], pattern[1:]) for skip in range(len(text) + 1))
    return bool(text) and pattern[0] in ("?", text[0]) and fits(text[1:], pattern[1:])


@given(st.text(alphabet="ab*?", max_size=7), st.text(alphabet="ab*?", max_size=6))
@example("a*b", "a*b")
@example("*", "?")
@example("", "**")
def test_patterns(text: str, pattern: str) -> None:
    assert values.is_like(text, pattern) == fits(text, pattern)


def test_no_pattern_hangs() -> None:
    assert not values.is_like("a" * 5_000, "*a" * 50 + "*b")


# ------------------------------------------------------------------ instants

ZONES = ["UTC", "Europe/Paris", "America/New_York", "America/Santiago", "Asia/Kolkata", "Pacific/Apia", "Asia/Tokyo"]
moments = st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29))


@given(moments)
def test_an_instant_is_its_microseconds_and_back(moment: datetime) -> None:
    micros = values.instant(moment)
    assert values.moment_of(micros) == moment.replace(tzinfo=UTC)
    assert values.instant(moment + timedelta(microseconds=1)) == micros + 1


@given(st.datetimes(datetime(1950, 1, 1), datetime(2050, 1, 1)), st.sampled_from(ZONES))
def test_periods_are_those_of_the_calendar_on_the_wall(moment: datetime, zone_name: str) -> None:
    zone = ZoneInfo(zone_name)
    micros = values.instant(moment)
    here = moment.replace(tzinfo=UTC).astimezone(zone)
    monday = here.date() - timedelta(days=here.weekday())
    assert date(1970, 1, 1) + timedelta(days=values.period_of(micros, "day", zone)) == here.date()
    assert date(1969, 12, 29) + timedelta(weeks=values.period_of(micros, "week", zone)) == monday
    assert divmod(values.period_of(micros, "month", zone), 12) == (here.year, here.month - 1)


@given(moments, st.sampled_from(["day", "week", "month"]))
def test_utc_by_either_name_has_the_same_periods(moment: datetime, period: str) -> None:
    micros = values.instant(moment)
    assert values.period_of(micros, period, UTC) == values.period_of(micros, period, ZoneInfo("UTC"))


@pytest.mark.parametrize("zone", ZONES)
def test_the_calendars_first_and_last_instant_have_a_period_everywhere(zone: str) -> None:
    first, last = values.instant(datetime.min), values.instant(datetime.max)
    for period in ("day", "week", "month"):
        assert values.period_of(first, period, ZoneInfo(zone)) <= values.period_of(last, period, ZoneInfo(zone))


@given(
    st.dates(date(1950, 1, 1), date(2050, 1, 1)), st.sampled_from([zone for zone in ZONES if zone != "Pacific/Apia"])
)
@example(date(2026, 9, 6), "America/Santiago")  # the clock leaps from midnight to one: the day begins with the leap
def test_a_day_begins_at_its_midnight(day: date, zone_name: str) -> None:
    zone = ZoneInfo(zone_name)
    begins = values.midnight(day, zone)
    number = (day - date(1970, 1, 1)).days
    assert values.period_of(begins, "day", zone) == number
    assert values.period_of(begins - 1, "day", zone) == number - 1


def test_a_time_that_the_clock_shows_twice_is_the_first_and_one_that_it_skips_goes_on_from_before() -> None:
    paris = ZoneInfo("Europe/Paris")
    assert values.moment_of(values.instant(datetime(2026, 10, 25, 2, 30), paris)) == datetime(
        2026, 10, 25, 0, 30, tzinfo=UTC
    )
    assert values.moment_of(values.instant(datetime(2026, 3, 29, 2, 30), paris)) == datetime(
        2026, 3, 29, 1, 30, tzinfo=UTC
    )


def test_a_day_is_twenty_four_hours_and_has_no_calendar() -> None:
    assert values.UNIT["day"] == DAY == 86_400_000_000
    assert values.UNIT["hour"] == 60 * values.UNIT["minute"] == DAY // 24
    assert values.UNIT["week"] == 7 * DAY
    assert values.UNIT["month"] == 30 * DAY and values.UNIT["year"] == 365 * DAY
