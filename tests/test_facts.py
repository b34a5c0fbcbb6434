"""The edge of the data: what is read, what is missing, and what is refused in which words."""

from __future__ import annotations

import json
from collections import OrderedDict
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from math import inf, nan
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scorec.dsl import facts, values

UTC = timezone.utc
PARIS = ZoneInfo("Europe/Paris")


def read(kind: str, raw: Any, zone: Any = UTC, allowed: tuple[str, ...] | None = None) -> Any:
    """One value, read as a field of a type: by itself, and by a reader that is made once for many."""
    specs: list[facts.FieldSpec] = [("it", kind, False, "", allowed)]
    clean, refusals = facts.read_lead(specs, zone, {"it": raw})
    assert not refusals, refusals
    assert repr(facts.lead_reader(specs, zone)({"it": raw})) == repr(clean)
    return clean["it"]


def refused(kind: str, raw: Any, zone: Any = UTC, allowed: tuple[str, ...] | None = None) -> str:
    """Why one value is not read, by a reader neither."""
    specs: list[facts.FieldSpec] = [("it", kind, False, "", allowed)]
    clean, refusals = facts.read_lead(specs, zone, {"it": raw})
    assert "it" not in clean
    assert facts.lead_reader(specs, zone)({"it": raw}) is None
    [(column, value, reason)] = refusals
    assert column == "it" and value is raw
    return reason


def moment(micros: int) -> str:
    return values.moment_of(micros).isoformat().replace("+00:00", "Z")


# ------------------------------------------------------------------ every type


@pytest.mark.parametrize("kind", ["text", "number", "yes/no", "date", "time", "list of text"])
@pytest.mark.parametrize("raw", [None, "", "  \t\r\n", nan, Decimal("NaN"), Decimal("sNaN")])
def test_an_empty_cell_is_missing(kind: str, raw: Any) -> None:
    assert read(kind, raw) is None


class NAType:
    """Stands for nothing in one well-known table library; to compare it is an error there."""

    def __ne__(self, other: object) -> bool:
        raise TypeError("boolean value of NA is ambiguous")


class NumpyLike:
    """A scalar or array of a numeric library."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def tolist(self) -> Any:
        return self.value


@pytest.mark.parametrize("kind", ["text", "number", "yes/no", "date", "time", "list of text"])
def test_what_stands_for_nothing_in_table_libraries_is_missing(kind: str) -> None:
    assert read(kind, NAType()) is None


def test_values_of_numeric_libraries_are_read_as_what_they_hold() -> None:
    assert read("number", NumpyLike(7)) == 7.0
    assert read("yes/no", NumpyLike(True)) is True
    assert read("text", NumpyLike("vp")) == "vp"
    assert read("list of text", NumpyLike(["a", "b"])) == ("a", "b")
    assert read("time", NumpyLike(datetime(2026, 3, 1))) == values.instant(datetime(2026, 3, 1))
    assert read("yes/no", NumpyLike(Decimal("sNaN"))) is None


# ------------------------------------------------------------------ text


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("  VP Sales ", "VP Sales"),
        ("a\0b", "a\0b"),
        ("\u00a0", "\u00a0"),
        ("\x0b", "\x0b"),
        ("İ Σ ß", "İ Σ ß"),
        (7, "7"),
        (-12, "-12"),
    ],
)
def test_texts_keep_their_case_and_lose_their_margins(raw: Any, clean: str) -> None:
    assert read("text", raw) == clean


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (7.5, "`7.5` is not a text: put it in quotes"),
        (True, "`True` is not a text: put it in quotes"),
        (["a"], "`['a']` is not a text: put it in quotes"),
        (b"a", "`b'a'` is not a text: put it in quotes"),
        ("a\ud800", "the text holds half of a character (a lone surrogate)"),
        (10**400, "the number is too long"),
    ],
)
def test_what_is_no_text(raw: Any, why: str) -> None:
    assert refused("text", raw) == why


def test_a_value_of_one_of_is_found_in_any_case_and_kept_as_declared() -> None:
    plans = ("Free", "PRO", "3")
    assert read("text", " pro ", allowed=plans) == "PRO"
    assert read("text", "PRO", allowed=plans) == "PRO"
    assert read("text", 3, allowed=plans) == "3"
    assert read("text", "", allowed=plans) is None
    assert refused("text", "gold", allowed=plans) == "`gold` is none of Free, PRO, 3"


def test_of_two_values_that_differ_in_case_alone_the_first_is_meant() -> None:
    assert read("text", "PRO", allowed=("Pro", "PRO")) == "Pro"


# ------------------------------------------------------------------ numbers


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        ("7", 7.0),
        (" -7.50 ", -7.5),
        ("1e3", 1000.0),
        ("1.5E-2", 0.015),
        ("-0", 0.0),
        ("0012", 12.0),
        (7, 7.0),
        (0.1, 0.1),
        (Decimal("0.1"), 0.1),
        (10**22, 1e22),
    ],
)
def test_numbers(raw: Any, number: float) -> None:
    found = read("number", raw)
    assert found == number and type(found) is float


@pytest.mark.parametrize(
    "raw",
    ["nan", "NaN", "inf", "-Infinity", "1e999", "-1e999", inf, -inf, 10**400, Decimal("1e999"), Decimal("-Infinity")],
)
def test_what_is_not_finite_is_missing(raw: Any) -> None:
    assert read("number", raw) is None


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        ("1,000", "`1,000` is not a number: write it without the comma"),
        ("1,234,567.5", "`1,234,567.5` is not a number: write it without the comma"),
        ("3,5", "`3,5` is not a number: write the decimals after a point"),
        (
            "1.000.000,5",
            "`1.000.000,5` is not a number: write it without the points between thousands, and the decimals after a "
            "point",
        ),
        ("50%", "`50%` is not a number: write it without the percent sign"),
        ("€5", "`€5` is not a number: write it without the currency sign"),
        ("5 €", "`5 €` is not a number: write it without the currency sign"),
        ("+5", "`+5` is not a number: write it without the plus sign"),
        ("1_000", "`1_000` is not a number: write it without the underscore"),
        ("1 000", "`1 000` is not a number: write it without the space inside"),
        (".5", "`.5` is not a number: write a digit on both sides of the point"),
        ("5.", "`5.` is not a number: write a digit on both sides of the point"),
        ("−5", "`−5` is not a number: write the minus as `-`"),
        ("١٢", "`١٢` is not a number: write it with the digits 0 to 9"),
        ("\uff17", "`\uff17` is not a number: write it with the digits 0 to 9"),
        ("many", "`many` is not a number: leave the cell empty where the number is not known"),
        ("0x10", "`0x10` is not a number: leave the cell empty where the number is not known"),
        ("9" * 401, f"`{'9' * 39}…` is too long for a number"),
        (True, "`True` is not a number"),
        ([7], "`[7]` is not a number"),
    ],
)
def test_what_is_no_number(raw: Any, why: str) -> None:
    assert refused("number", raw) == why


@given(st.text(alphabet="0123456789-+eE._, %\u0661", max_size=8))
def test_what_json_calls_a_number_is_read_and_what_is_read_is_what_python_reads(text: str) -> None:
    clean, refusals = facts.read_lead([("it", "number", False, "", None)], UTC, {"it": text})
    if refusals:
        with pytest.raises(ValueError, match=r"Expecting value|Extra data|Invalid"):
            json.loads(text)
    elif clean["it"] is not None:
        assert clean["it"] == float(text)


# ------------------------------------------------------------------ yes/no


@pytest.mark.parametrize("raw", ["yes", "YES", " True ", "1", "y", "T", True, 1, 1.0, Decimal(1)])
def test_yes(raw: Any) -> None:
    assert read("yes/no", raw) is True


@pytest.mark.parametrize("raw", ["no", "No", "FALSE", "0", "N", "f", False, 0, 0.0, -0.0])
def test_no(raw: Any) -> None:
    assert read("yes/no", raw) is False


@pytest.mark.parametrize("raw", ["maybe", "on", "x", "00", "1.0", 2, 0.5, ["yes"]])
def test_neither_yes_nor_no(raw: Any) -> None:
    assert refused("yes/no", raw) == f"`{raw}` is neither yes nor no"


# ------------------------------------------------------------------ dates and times


@pytest.mark.parametrize(
    ("raw", "zone", "begins"),
    [
        ("2026-03-01", UTC, "2026-03-01T00:00:00Z"),
        (" 2026-03-01 ", PARIS, "2026-02-28T23:00:00Z"),
        (date(2026, 3, 1), PARIS, "2026-02-28T23:00:00Z"),
        (datetime(2026, 3, 1, 22, 30), PARIS, "2026-02-28T23:00:00Z"),
        (datetime(2026, 3, 1, 23, 30, tzinfo=UTC), PARIS, "2026-03-01T23:00:00Z"),
        ("2026-03-01T23:30Z", PARIS, "2026-03-01T23:00:00Z"),
        ("2026-03-01 00:00:00", UTC, "2026-03-01T00:00:00Z"),
        ("9999-12-31", UTC, "9999-12-31T00:00:00Z"),
        ("2026-09-06", ZoneInfo("America/Santiago"), "2026-09-06T04:00:00Z"),
    ],
)
def test_a_date_is_the_midnight_that_begins_it(raw: Any, zone: Any, begins: str) -> None:
    assert moment(read("date", raw, zone)) == begins


@pytest.mark.parametrize(
    ("raw", "zone", "instant"),
    [
        ("2026-03-01T10:00Z", PARIS, "2026-03-01T10:00:00Z"),
        ("2026-03-01T10:00", PARIS, "2026-03-01T09:00:00Z"),
        ("2026-03-01 10:00:05", UTC, "2026-03-01T10:00:05Z"),
        ("2026-03-01t10:00:05.25z", UTC, "2026-03-01T10:00:05.250000Z"),
        ("2026-03-01T10:00:05.123", UTC, "2026-03-01T10:00:05.123000Z"),
        ("2026-03-01T10:00:05.123456789Z", UTC, "2026-03-01T10:00:05.123456Z"),
        ("2026-03-01T10:00+05:30", PARIS, "2026-03-01T04:30:00Z"),
        ("2026-03-01T10:00-0800", UTC, "2026-03-01T18:00:00Z"),
        ("2026-03-01 10:00:00 +02", UTC, "2026-03-01T08:00:00Z"),
        ("2026-03-01", PARIS, "2026-02-28T23:00:00Z"),
        (date(2026, 3, 1), UTC, "2026-03-01T00:00:00Z"),
        (datetime(2026, 3, 1, 10), PARIS, "2026-03-01T09:00:00Z"),
        (datetime(2026, 3, 1, 10, tzinfo=PARIS), UTC, "2026-03-01T09:00:00Z"),
        ("2026-03-29T02:30", PARIS, "2026-03-29T01:30:00Z"),  # the clock leaps from two to three
        ("2026-10-25T02:30", PARIS, "2026-10-25T00:30:00Z"),  # shown twice: the first
        (datetime(2026, 10, 25, 2, 30, fold=1), PARIS, "2026-10-25T01:30:00Z"),
        ("0001-01-01T00:00Z", UTC, "0001-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59.999999Z", UTC, "9999-12-31T23:59:59.999999Z"),
        ("2028-02-29T00:00Z", UTC, "2028-02-29T00:00:00Z"),
    ],
)
def test_times(raw: Any, zone: Any, instant: str) -> None:
    assert moment(read("time", raw, zone)) == instant
    assert moment(facts.read_instant(raw, zone)) == instant


CLOCK = "hours go from 00 to 23, minutes and seconds from 00 to 59, each with two digits"
COUNTED = "a count of seconds or days can be misread; write it as"


@pytest.mark.parametrize(
    ("kind", "raw", "why"),
    [
        ("date", "2026-02-30", "`2026-02-30` is not a date: the calendar has no such day"),
        ("date", "2027-02-29", "`2027-02-29` is not a date: the calendar has no such day"),
        ("date", "0000-01-01", "`0000-01-01` is not a date: the calendar has no such day"),
        ("date", "26-03-01", "`26-03-01` is not a date: write the year with four digits and first, as in 2026-03-01"),
        ("date", "03/01/2026", "`03/01/2026` is not a date: write year, month and day in this order, as in 2026-03-01"),
        ("date", "1.3.2026", "`1.3.2026` is not a date: write year, month and day in this order, as in 2026-03-01"),
        ("date", "soon", "`soon` is not a date: write it as 2026-03-01"),
        ("date", "20260301", f"`20260301` is not a date: {COUNTED} 2026-03-01"),
        ("date", 46082, f"`46082` is not a date: {COUNTED} 2026-03-01"),
        ("date", True, "`True` is not a date: write it as 2026-03-01"),
        ("time", 1772359200, f"`1772359200` is not a time: {COUNTED} 2026-03-01T10:00Z"),
        ("time", "1772359200.5", f"`1772359200.5` is not a time: {COUNTED} 2026-03-01T10:00Z"),
        ("time", "2026-02-30T10:00", "`2026-02-30T10:00` is not a time: the calendar has no such day"),
        ("time", "2026-03-01T10:00 CET", "`2026-03-01T10:00 CET` is not a time: write it as 2026-03-01T10:00Z"),
        ("time", "2026-03-01 10am", "`2026-03-01 10am` is not a time: write it as 2026-03-01T10:00Z"),
        ("time", "٢٠٢٦-03-01T10:00", "`٢٠٢٦-03-01T10:00` is not a time: write it as 2026-03-01T10:00Z"),
        *(
            (
                "time",
                raw,
                f"`{raw}` is not a time: {CLOCK}",
            )
            for raw in (
                "2026-03-01T24:00",
                "2026-03-01T9:00",
                "2026-03-01T10:60Z",
                "2026-03-01 10:00:60",
                "2026-03-01T10:00+24:00",
            )
        ),
        *(
            ("time", raw, f"`{raw}` is outside the years 0001 to 9999 (in UTC)")
            for raw in ("0001-01-01T00:00+00:01", "9999-12-31T23:59:59.999999-00:01")
        ),
    ],
)
def test_what_is_no_date_and_no_time(kind: str, raw: Any, why: str) -> None:
    assert refused(kind, raw) == why


def test_a_day_that_begins_before_the_calendar_does_is_refused() -> None:
    assert refused("date", "0001-01-01", PARIS) == "`0001-01-01` is outside the years 0001 to 9999 (in UTC)"
    assert "outside the years" in refused("date", "9999-12-31T23:30Z", PARIS)


def test_an_instant_that_cannot_be_read_raises_with_the_reason() -> None:
    with pytest.raises(facts.Unreadable, match="there is no time"):
        facts.read_instant(" ", UTC)
    with pytest.raises(facts.Unreadable, match="can be misread"):
        facts.read_instant("1772359200", UTC)


@given(
    st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29)),
    st.sampled_from(["auto", "milliseconds", "microseconds"]),
    st.sampled_from(["T", " "]),
    st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)
@example(datetime(2026, 3, 1), "auto", "T", UTC)
def test_every_iso_time_is_read(when: datetime, precision: str, separator: str, zone: timezone) -> None:
    when = when.replace(tzinfo=zone)
    text = when.isoformat(separator, precision)
    step = timedelta(milliseconds=1) if precision == "milliseconds" else timedelta(microseconds=1)
    assert timedelta(0) <= when - values.moment_of(facts.read_instant(text, PARIS)) < step


# ------------------------------------------------------------------ lists of text


@pytest.mark.parametrize(
    ("raw", "texts"),
    [
        ("a; B ;;c", ("a", "B", "c")),
        ('["a", " B ", null, ""]', ("a", "B")),
        (["a", 7, None, ""], ("a", "7")),
        (("a", "a"), ("a", "a")),
        ([], ()),
        ("[]", ()),
        (";", ()),
        ("a, b", ("a, b",)),
    ],
)
def test_lists_of_text(raw: Any, texts: tuple[str, ...]) -> None:
    assert read("list of text", raw) == texts


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        ("[a; b", "`[a; b` is not well-formed JSON"),
        ("[" * 100_000, f"`{'[' * 39}…` is not well-formed JSON"),
        ("[1.5]", "`1.5` is not a text: put it in quotes"),
        ([["a"]], "`['a']` is not a text: put it in quotes"),
        (7, "`7` is not a list of texts"),
        ({"a": 1}, "`{'a': 1}` is not a list of texts"),
    ],
)
def test_what_is_no_list_of_text(raw: Any, why: str) -> None:
    assert refused("list of text", raw) == why


def test_a_reason_is_one_line_and_not_long() -> None:
    reason = refused("number", "two\nlines " + "x" * 300)
    assert reason == f"`two lines {'x' * 29}…` is not a number: leave the cell empty where the number is not known"


# ------------------------------------------------------------------ leads

SPECS: list[facts.FieldSpec] = [
    ("email", "text", True, "", None),
    ("industry", "text", False, "Industry (CRM)", None),
    ("employees", "number", False, "", None),
]


def test_a_clean_lead_has_every_declared_field_and_no_other() -> None:
    clean, refusals = facts.read_lead(SPECS, UTC, {"email": " ann@x.example ", "shoe_size": 44})
    assert clean == {"email": "ann@x.example", "industry": None, "employees": None}
    assert refusals == []


def test_a_field_is_read_from_its_column_or_else_by_its_name() -> None:
    by_column = {"email": "a", "Industry (CRM)": "Steel", "industry": "not this"}
    assert facts.read_lead(SPECS, UTC, by_column)[0]["industry"] == "Steel"
    assert facts.read_lead(SPECS, UTC, {"email": "a", "industry": "Steel"})[0]["industry"] == "Steel"


def test_everything_that_is_wrong_with_a_lead_is_told_at_once() -> None:
    raw = {"email": "  ", "Industry (CRM)": 1.5, "employees": "1,000"}
    _, refusals = facts.read_lead(SPECS, UTC, raw)
    assert refusals == [
        ("email", "  ", "`email` is required and is missing"),
        ("Industry (CRM)", 1.5, "`1.5` is not a text: put it in quotes"),
        ("employees", "1,000", "`1,000` is not a number: write it without the comma"),
    ]


# ------------------------------------------------------------------ events

PAGE_VIEW = ("page_view", [("url", "text", False, "", None), ("seconds", "number", False, "Dwell", None)])
LOGIN = ("login", [("device", "text", True, "", None)])
KINDS = {"page_view": PAGE_VIEW, "Visits Webpage": PAGE_VIEW, "login": LOGIN}


def event(**raw: Any) -> tuple[dict[str, Any] | None, list[facts.Refusal]]:
    return facts.read_event(KINDS, UTC, raw)


def test_a_clean_event_has_its_kind_its_instant_and_every_property() -> None:
    clean, refusals = event(event=" Visits Webpage ", at="1970-01-02", url="/pricing")
    assert clean == {"event": "page_view", "at": values.DAY, "url": "/pricing", "seconds": None}
    assert refusals == []


@pytest.mark.parametrize(
    "properties",
    [{"url": "/a", "Dwell": "7"}, OrderedDict(url="/a", seconds=7), '{"url": "/a", "seconds": 7}'],
)
def test_properties_may_be_packed_together(properties: Any) -> None:
    clean, _ = event(event="page_view", at="1970-01-01", properties=properties)
    assert clean == {"event": "page_view", "at": 0, "url": "/a", "seconds": 7.0}


def test_a_property_in_its_own_column_comes_before_a_packed_one() -> None:
    clean, _ = event(event="page_view", at="1970-01-01", url="/own", properties={"url": "/packed"})
    assert clean is not None and clean["url"] == "/own"


@pytest.mark.parametrize("nothing", [None, "", " ", nan, "{}", {}])
def test_there_may_be_no_packed_properties(nothing: Any) -> None:
    clean, refusals = event(event="page_view", at="1970-01-01", properties=nothing)
    assert clean is not None and not refusals


def test_a_property_may_itself_be_called_properties() -> None:
    kinds = {"note": ("note", [("properties", "text", False, "", None)])}
    clean, _ = facts.read_event(kinds, UTC, {"event": "note", "at": "1970-01-01", "properties": "not JSON"})
    assert clean == {"event": "note", "at": 0, "properties": "not JSON"}


@pytest.mark.parametrize(
    ("raw", "refusals"),
    [
        ({"event": "churn", "at": "1970-01-01"}, [("event", "churn", facts.UNDECLARED)]),
        ({"event": 7, "at": "1970-01-01"}, [("event", 7, facts.UNDECLARED)]),
        ({"event": " "}, [("event", " ", "the event has no name")]),
        ({}, [("event", None, "the event has no name")]),
        ({"event": "page_view"}, [("at", None, "the event has no time")]),
        ({"event": "page_view", "at": ""}, [("at", "", "the event has no time")]),
        ({"event": "login", "at": "1970-01-01"}, [("device", None, "`device` is required and is missing")]),
        (
            {"event": "page_view", "at": "1970-01-01", "properties": "{"},
            [("properties", "{", "`{` is not well-formed JSON")],
        ),
        (
            {"event": "page_view", "at": "1970-01-01", "properties": "[]"},
            [("properties", "[]", "`[]` is not a set of properties: write it as a JSON object")],
        ),
    ],
)
def test_events_that_are_refused(raw: dict[str, Any], refusals: list[facts.Refusal]) -> None:
    assert facts.read_event(KINDS, UTC, raw) == (None, refusals)


def test_everything_that_is_wrong_with_an_event_is_told_at_once() -> None:
    clean, refusals = event(event="page_view", at="yesterday", url=1.5, Dwell="long")
    assert clean is None
    assert [column for column, _, _ in refusals] == ["at", "url", "Dwell"]


# ------------------------------------------------------------------ whatever comes

anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.decimals()
    | st.text()
    | st.binary()
    | st.dates()
    | st.datetimes(timezones=st.none() | st.just(UTC) | st.just(PARIS))
    | st.from_regex(r"\d{1,4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?", fullmatch=True),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=4,
)


@given(
    anything,
    st.sampled_from(["text", "number", "yes/no", "date", "time", "list of text"]),
    st.sampled_from([UTC, PARIS]),
)
def test_any_value_is_read_cleanly_or_refused_with_one_reason(raw: Any, kind: str, zone: Any) -> None:
    clean, refusals = facts.read_lead([("it", kind, False, "", None)], zone, {"it": raw})
    assert len(clean) + len(refusals) == 1
    if refusals:
        assert "\n" not in refusals[0][2] and len(refusals[0][2]) < 200
        return
    found = clean["it"]
    wanted = {"text": str, "number": float, "yes/no": bool, "date": int, "time": int, "list of text": tuple}[kind]
    assert found is None or type(found) is wanted
    if kind == "text" and isinstance(found, str):
        assert found == found.strip(" \t\r\n") != ""
    if kind == "date" and isinstance(found, int):
        assert facts.EARLIEST <= found <= facts.LATEST
        day = values.moment_of(found).astimezone(zone)
        assert (day.hour, day.minute, day.second, day.microsecond) == (0, 0, 0, 0) or zone is PARIS
    # What was read once is read again as itself.
    again = values.moment_of(found) if kind in ("date", "time") and isinstance(found, int) else found
    assert read(kind, again, zone) == found


# ------------------------------------------------------------------ readers made once

PLANS = ("free", "Pro", "7", "Großkunde", "GROSSKUNDE", " padded ")
ZONES = [UTC, ZoneInfo("UTC"), PARIS, ZoneInfo("America/New_York"), timezone(timedelta(hours=-11, minutes=-30))]

EVERY_KIND: list[facts.FieldSpec] = [
    ("email", "text", True, "", None),
    ("job_title", "text", False, "Job title", None),
    ("plan", "text", False, "Plan (CRM)", PLANS),
    ("employees", "number", False, "", None),
    ("opted_in", "yes/no", False, "Opted in?", None),
    ("founded_on", "date", False, "", None),
    ("created_at", "time", True, "Created", None),
    ("tags", "list of text", False, "", None),
]

blanks = st.sampled_from(["", "", "", " ", "\t\r\n", "\u00a0"])
days = st.dates().map(date.isoformat) | st.sampled_from(
    ["0001-01-01", "0001-01-02", "9999-12-29", "9999-12-30", "9999-12-31", "0000-01-01", "2026-02-30", "2026-3-1"]
)
clocks = st.from_regex(r"([01][0-9]|2[0-4]):[0-6][0-9](:[0-6][0-9]([.,][0-9]{0,10})?)?", fullmatch=True)
offsets = st.from_regex(r"( ?[Zz]| ?[+-]([01][0-9]|2[0-4])(:?[0-6][0-9])?)?", fullmatch=True)
times = st.builds("{}{}{}{}".format, days, st.sampled_from("TTt  _"), clocks, offsets)
spelled = times | days | st.from_regex(r"-?[0-9]{1,20}(\.[0-9]{1,4})?([eE][+-]?[0-9]{1,3})?%?", fullmatch=True)
words = st.sampled_from(
    [
        *PLANS,
        *("FREE", "pro", "GROẞKUNDE", "yes", "No", "TRUE", "f", "nan", "-Infinity", "1,000", "{}", '{"plan": "pro"}'),
        *("a; B ;;c", '["a", " B ", null]', '["a", 1.5]', "[a", "İ", "a\ud800", "\u0661", "\u00b2"),
    ]
)
dirty = (
    st.builds("{}{}{}".format, blanks, spelled | words, blanks)
    | anything
    | anything.map(NumpyLike)
    | st.builds(NAType)
    | st.sampled_from([0, 1, 7, 2**53, -(2**53), 10**400, 0.5, inf, nan, Decimal("sNaN"), Decimal(1)])
)


COLUMNS = sorted({name for spec in EVERY_KIND for name in (spec[0], spec[3]) if name})


def rows(good: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """Good rows with anything at all in up to three of their columns."""
    spoilt = st.dictionaries(st.sampled_from(COLUMNS), dirty, max_size=3)
    return st.builds(lambda row, values: {**row, **values}, good, spoilt)


leads = st.fixed_dictionaries(
    {"email": st.just("ann@x.example"), "Created": times | st.datetimes(timezones=st.sampled_from([None, *ZONES]))},
    optional={"employees": st.integers(0, 9999).map(str), "Plan (CRM)": st.sampled_from(PLANS), "tags": st.just("a;b")},
)


@given(rows(leads), st.sampled_from(ZONES))
@example({"email": "a", "created_at": "2026-03-01T10:00", "plan": "GROSSKUNDE"}, PARIS)
@example({"email": "a", "Created": "", "created_at": "2026-03-01T10:00Z"}, UTC)
def test_a_reader_of_leads_reads_what_is_not_refused_and_nothing_else(raw: dict[str, Any], zone: Any) -> None:
    clean, refusals = facts.read_lead(EVERY_KIND, zone, raw)
    at_once = facts.lead_reader(EVERY_KIND, zone)(raw)
    # By their texts, which tell 1 from 1.0 and from True, and 0.0 from -0.0.
    assert repr(at_once) == repr(None if refusals else clean)


VISIT = ("visit", EVERY_KIND)
NOTE = ("note", [("note", "text", False, "properties", None), ("seconds", "number", False, "", None)])
HAPPENINGS = {"visit": VISIT, "Visits Webpage": VISIT, "note": NOTE, "ping": ("ping", [])}

happenings = st.builds(
    lambda lead, event: {**lead, **event},
    leads,
    st.fixed_dictionaries(
        {
            "event": st.sampled_from([*HAPPENINGS, *HAPPENINGS]) | st.sampled_from([" ping ", "unheard_of"]) | anything,
            "at": times | times | dirty,
        },
        optional={"properties": st.just("") | words | anything | st.just({"email": "b", "employees": 7})},
    ),
)


@given(rows(happenings), st.sampled_from(ZONES))
def test_a_reader_of_events_reads_only_what_is_not_refused_and_reads_it_alike(raw: dict[str, Any], zone: Any) -> None:
    clean, refusals = facts.read_event(HAPPENINGS, zone, raw)
    at_once = facts.event_reader(HAPPENINGS, zone)(raw)
    assert at_once is None or (not refusals and repr(at_once) == repr(clean))


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(
    "raw",
    [
        {"event": "ping", "at": "2026-03-01T10:00:00Z"},
        {"event": "ping", "at": "2026-03-01", "properties": ""},
        {"event": "ping", "at": datetime(2026, 3, 1, 10), "seconds": "not one of its properties"},
        {"event": "Visits Webpage", "at": " 2026-03-01 10:00", "email": "İ", "Created": date(2026, 3, 1)},
        {"event": "note", "at": "0001-01-02T10:00+01:00", "properties": " not packed ", "seconds": " 7.5 "},
    ],
)
def test_a_reader_of_events_reads_them_in_their_usual_shapes(raw: dict[str, Any], zone: Any) -> None:
    clean, refusals = facts.read_event(HAPPENINGS, zone, raw)
    assert not refusals and clean is not None
    assert facts.event_reader(HAPPENINGS, zone)(raw) == clean


def test_a_reader_leaves_packed_properties_and_other_names_to_whoever_looks_closer() -> None:
    read = facts.event_reader(HAPPENINGS, UTC)
    assert read({"event": "ping", "at": "2026-03-01", "properties": {"seconds": 7}}) is None
    assert read({"event": " ping", "at": "2026-03-01"}) is None
    assert read({"event": "unheard_of", "at": "2026-03-01"}) is None


def test_no_reading_leaves_a_trace_in_the_next() -> None:
    """One reader reads all leads: what a lead does not have is missing, whatever the one before had."""
    read = facts.lead_reader(EVERY_KIND, UTC)
    full = read({"email": "a", "Created": "2026-03-01", "employees": 7, "tags": ["x"]})
    bare = read({"email": "b", "Created": "2026-03-01"})
    assert full is not None and full["employees"] == 7.0
    assert bare is not None and bare["employees"] is None and bare["tags"] is None


def test_times_are_read_alike_however_many_were_read_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hours that were read are remembered, up to a number; then they are forgotten and read anew."""
    monkeypatch.setattr(facts, "_REMEMBERED", 3)
    start = datetime(2026, 3, 1, 10, tzinfo=UTC)
    for minutes in [*range(0, 1000, 7), *range(0, 1000, 11)]:
        when = start + timedelta(minutes=minutes)
        assert facts.read_instant(when.isoformat(), UTC) == values.instant(when)


# ------------------------------------------------------------------ times in their most usual shape


@given(st.datetimes().map(lambda moment: moment.replace(microsecond=0)), st.booleans())
def test_the_usual_shape_of_a_time_is_read_like_any_other(moment: datetime, with_seconds: bool) -> None:
    """There is a short way for `2026-03-01T10:00:00Z`; it leads where the long way leads."""
    moment = moment if with_seconds else moment.replace(second=0)
    text = moment.isoformat(timespec="seconds" if with_seconds else "minutes")
    expected = values.instant(moment.replace(tzinfo=timezone.utc))
    assert facts.read_instant(f"{text}Z", ZoneInfo("America/New_York")) == expected
    assert facts.read_instant(f"{text}+00:00", ZoneInfo("America/New_York")) == expected


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-30T10:00Z",
        "2026-03-01T24:00Z",
        "2026-03-01T10:60Z",
        "2026-03-01T10:00:60Z",
        "٢٠٢٦-03-01T10:00Z",
        "2026-3-1T10:00:00Z",
        "20260301T10:00:00Z",
        "0000-01-01T00:00Z",
        "2026-03-01T1:00:00Z",
        "2026-W09-7T10:00Z",
        "Z",
    ],
)
def test_what_only_resembles_the_usual_shape_is_refused(text: str) -> None:
    with pytest.raises(facts.Unreadable):
        facts.read_instant(text, timezone.utc)
