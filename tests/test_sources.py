"""Sources: what a `sources.toml` says of exports, what becomes of their rows, and how its mistakes are answered."""

from __future__ import annotations

import csv
import json
import re
from datetime import date, datetime, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from command_line import Ran, scorec
from shared_data import DATA, ROOT

import scorec as package
from scorec.compiler.mapped import MappedLeads, MappedRow, Refused, Skipped, event_row, lead_row, open_input
from scorec.compiler.sources import Mistake, Sources, SourcesError, load_sources, read_sources
from scorec.compiler.tables import BadRow, TableError, bind
from scorec.compiler.times import read_time, why_no_format
from scorec.dsl.facts import Unreadable, read_lead

POLICY = """\
policy inbound "Inbound"
  language 1
  version 1.0.0
  timezone "Europe/Berlin"

lead by lead_id
  email: text required
  employees: number
  revenue: number from "Revenue"
  opted_in: yes/no
  industry: one of (software, retail, other)
  country: text
  since: date
  created_at: time
  topics: list of text

event email_open, email_click
event form from "Form fill"
  name: text
  pages: number

score fit from 0 to 100
  +30 large when employees >= 1000
  +20 rich when revenue >= 1000
  +20 agreed when opted_in
  +5 opens for each email_open, at most 10 points
  +10 forms for each form, at most 30 points
"""

LEADS = '[leads]\nfile = "crm.csv"\nkey = "Record ID"\n'
EVENTS = '[[events]]\nfile = "events.csv"\nkey = "Record ID"\nat = "When"\n'


def policy() -> package.Policy:
    return package.loads(POLICY)


def sources(text: str) -> Sources:
    found = read_sources(text, "sources.toml", Path("data"), policy())
    assert isinstance(found, Sources), [str(mistake) for mistake in found]
    return found


def mistakes(text: str) -> list[str]:
    found = read_sources(text, "sources.toml", Path(), policy())
    assert isinstance(found, tuple), "the text is without mistakes"
    return [str(mistake) for mistake in found]


def mapped(fields: str, row: dict[str, object], more: str = "") -> MappedRow | Skipped | Refused:
    """A row of leads, by the lines that stand under [leads.fields]."""
    leads = sources(f"{LEADS}{more}\n[leads.fields]\n{fields}").leads
    assert leads is not None
    return lead_row(leads, {"Record ID": "7", "email": "ann@corp.example", **row})


def value(name: str, line: str, written: object) -> Any:
    """What the policy reads for a field: the clean value, or the reason why there is none."""
    row = mapped(line, {"Column": written})
    if isinstance(row, Refused):
        return row.reason
    assert isinstance(row, MappedRow)
    clean, refusals = read_lead(policy().lead_specs, policy().zone, row)
    return refusals[0][2] if refusals else clean[name]


def event(lines: str, row: dict[str, object], keys: dict[str, object] | None = None) -> MappedRow | Skipped | Refused:
    (events,) = sources(f"{LEADS}{EVENTS}{lines}").events
    return event_row(events, {"Record ID": "7", "When": "2026-03-01T10:00Z", **row}, keys)


# ------------------------------------------------------------------ leads


def test_a_field_is_found_in_the_column_that_the_file_names() -> None:
    assert value("employees", 'employees = "Column"', "120") == 120.0


def test_a_field_of_which_the_file_says_nothing_is_found_under_its_own_name() -> None:
    row = mapped("", {"email": "ann@corp.example", "Revenue": "5"})
    assert isinstance(row, MappedRow)
    assert (row["email"], row["Revenue"]) == ("ann@corp.example", "5")


def test_the_key_has_the_name_that_the_policy_gives_it() -> None:
    row = mapped("", {})
    assert isinstance(row, MappedRow) and row["lead_id"] == "7"


def test_of_several_columns_the_first_that_holds_something_counts() -> None:
    line = 'country = { column = ["Billing", "Shipping"], empty = "n/a" }'
    for billing, shipping, found in (("DE", "FR", "DE"), (" ", "FR", "FR"), ("N/A", "FR", "FR"), ("", None, None)):
        row = mapped(line, {"Billing": billing, "Shipping": shipping})
        assert isinstance(row, MappedRow) and row["country"] == found


def test_a_constant_is_the_same_in_every_row() -> None:
    assert value("country", 'country = { value = "DE" }', "whatever") == "DE"
    assert value("opted_in", "opted_in = { value = true }", "whatever") is True
    assert value("topics", 'topics = { value = ["a", "b"] }', "whatever") == ("a", "b")


@pytest.mark.parametrize(
    ("written", "found"),
    [("COMPUTER_SOFTWARE", "software"), (" computer_software ", "software"), ("Retail", "retail"), ("", None)],
)
def test_a_map_translates_in_any_case_and_leaves_the_rest_as_it_is(written: str, found: str | None) -> None:
    assert (
        value("industry", 'industry = { column = "Column", map = { COMPUTER_SOFTWARE = "software" } }', written)
        == found
    )


def test_what_is_not_in_the_map_may_become_something_else() -> None:
    line = 'industry = { column = "Column", map = { SOFT = "software" }, otherwise = "other" }'
    assert value("industry", line, "Steel") == "other"
    assert value("industry", line, "") is None, "missing stays missing"
    assert "is none of" in value("industry", line.replace(', otherwise = "other"', ""), "Steel")


def test_an_empty_cell_may_mean_something() -> None:
    line = 'opted_in = { column = "Column", map = { "" = true, true = false } }'
    assert (value("opted_in", line, ""), value("opted_in", line, None), value("opted_in", line, "TRUE")) == (
        True,
        True,
        False,
    )


def test_a_map_may_say_that_something_is_missing() -> None:
    assert value("country", 'country = { column = "Column", map = { Unknown = "" } }', "unknown") is None


def test_ranges_become_numbers_by_a_map() -> None:
    line = 'employees = { column = "Column", map = { "51-200" = 125, "10,001+" = 10001 }, thousands = "," }'
    assert [value("employees", line, text) for text in ("51-200", "10,001+", "1,204")] == [125.0, 10001.0, 1204.0]


@pytest.mark.parametrize(
    ("settings", "written", "found"),
    [
        ('thousands = ","', "1,234,567", 1_234_567.0),
        ('thousands = ","', "-1,234.5", -1234.5),
        ('thousands = ".", decimal = ","', "1.234,50", 1234.5),
        ('decimal = ","', "12,5", 12.5),
        ('decimal = ","', "12", 12.0),
        ('thousands = " ", decimal = ","', "1\u202f234\u00a0567,5", 1_234_567.5),
        ('thousands = "\'"', "1’234", 1234.0),
        ('unit = "$", thousands = ","', "$1,200", 1200.0),
        ('unit = "$"', "-$5", -5.0),
        ('unit = "$"', "$-5", -5.0),
        ('unit = ["€", "EUR"]', "12 eur", 12.0),
        ('unit = "%"', "12.5 %", 12.5),
        ('unit = "$"', 7, 7.0),
        ('unit = "$"', "  ", None),
        ('empty = ["-", "n/a"]', "-", None),
    ],
)
def test_numbers_are_read_as_they_are_written(settings: str, written: object, found: float | None) -> None:
    assert value("employees", f'employees = {{ column = "Column", {settings} }}', written) == found


@pytest.mark.parametrize(
    ("settings", "written", "said"),
    [
        ('thousands = ","', "1,2", "three digits should stand behind each"),
        ('thousands = ","', "1,23,456", "three digits should stand behind each"),
        ('thousands = ","', ",123", "three digits should stand behind each"),
        ('thousands = ".", decimal = ","', "1.5", "three digits should stand behind each"),
        ('decimal = ","', "1.5", "the decimals behind `,`"),
        ('unit = "$"', "12 €", "is not a number"),
        ('unit = "$"', "$", "is not a number"),
        ('unit = "$"', "many", "is not a number"),
    ],
)
def test_a_number_written_in_another_way_is_refused(settings: str, written: str, said: str) -> None:
    if written == "$":
        # Nothing but the sign: nothing is known.
        assert value("employees", f'employees = {{ column = "Column", {settings} }}', written) is None
    else:
        assert said in value("employees", f'employees = {{ column = "Column", {settings} }}', written)


def test_yes_and_no_may_have_words_of_their_own() -> None:
    line = 'opted_in = { column = "Column", yes = ["Ja", "opted in"], no = "Nein" }'
    words = ("ja", "Opted In", "NEIN", "true", "0", "")
    assert [value("opted_in", line, word) for word in words] == [True, True, False, True, False, None]
    assert "neither yes nor no" in value("opted_in", line, "vielleicht")


def test_a_column_may_say_the_opposite() -> None:
    line = 'opted_in = { column = "Column", opposite = true, no = "weg" }'
    assert [value("opted_in", line, word) for word in ("TRUE", "no", True, "weg", "")] == [
        False,
        True,
        False,
        True,
        None,
    ], "missing has no opposite"
    assert "neither yes nor no" in value("opted_in", line, "maybe")


def test_lists_may_be_separated_by_other_signs() -> None:
    line = 'topics = { column = "Column", separator = "," }'
    assert value("topics", line, "a, b;c ,,") == ("a", "b;c")
    assert value("topics", line, '["a,b"]') == ("a,b",)
    assert value("topics", line, ["x"]) == ("x",)


def test_a_map_translates_each_item_of_a_list() -> None:
    line = 'topics = { column = "Column", map = { pay = "payments" } }'
    assert value("topics", line, "Pay;inventory") == ("payments", "inventory")
    assert value("topics", line, '["pay", "x"]') == ("payments", "x")
    assert value("topics", line.replace(" } }", ' }, otherwise = "rest" }'), "pay;x") == ("payments", "rest")


# ------------------------------------------------------------------ dates and times


def at(*parts: int) -> int:
    """Microseconds of a moment in UTC."""
    year, month, day, hour, minute = (*parts, 0, 0)[:5]
    return int(datetime(year, month, day, hour, minute, tzinfo=timezone.utc).timestamp() * 1_000_000)


@pytest.mark.parametrize(
    ("settings", "written", "found"),
    [
        # Berlin, the policy's zone, is an hour ahead of UTC in winter.
        ('format = "%d.%m.%Y %H:%M"', "01.03.2026 10:30", at(2026, 3, 1, 9, 30)),
        ('format = "%m/%d/%Y %I:%M %p"', "3/1/2026 12:05 am", at(2026, 2, 28, 23, 5)),
        ('format = "%m/%d/%Y %I:%M %p", time_zone = "America/New_York"', "03/01/2026 4:05 PM", at(2026, 3, 1, 21, 5)),
        ('format = "%Y-%m-%d %H:%M:%S UTC"', "2026-03-01 10:00:00 UTC", at(2026, 3, 1, 10)),
        ('format = "%d %b %Y %H:%M:%S %z"', "01 Mar 2026 10:00:00 +0530", at(2026, 3, 1, 4, 30)),
        ('format = "%A, %B %d, %Y %H:%M"', "Sunday, March 1, 2026 00:00", at(2026, 2, 28, 23)),
        ('format = "%y%m%d %H%M"', "260301 1000", at(2026, 3, 1, 9)),
        ('format = ["%d.%m.%Y %H:%M", "%d.%m.%Y"]', "01.03.2026", at(2026, 2, 28, 23)),
        ('format = "%d.%m.%Y", time_zone = "UTC"', "01.03.2026", at(2026, 3, 1)),
        ('format = "seconds"', "1772359200", at(2026, 3, 1, 10)),
        ('format = "milliseconds"', 1772359200000, at(2026, 3, 1, 10)),
        ('format = "seconds"', 1772359200.5, at(2026, 3, 1, 10) + 500_000),
        ('time_zone = "America/New_York"', "2026-03-01 05:00:00.000", at(2026, 3, 1, 10)),
        ('time_zone = "America/New_York"', "2026-03-01T05:00Z", at(2026, 3, 1, 5)),
        ('time_zone = "UTC"', datetime(2026, 3, 1, 5), at(2026, 3, 1, 5)),
        ('time_zone = "UTC"', date(2026, 3, 1), at(2026, 3, 1)),
        ('format = ["iso", "%d.%m.%Y"], time_zone = "UTC"', "2026-03-01", at(2026, 3, 1)),
        ('format = "%d.%m.%Y"', "", None),
    ],
)
def test_times_are_read_as_they_are_written(settings: str, written: object, found: int | None) -> None:
    assert value("created_at", f'created_at = {{ column = "Column", {settings} }}', written) == found


@pytest.mark.parametrize(
    ("settings", "written", "said"),
    [
        ('format = "%d.%m.%Y"', "2026-03-01", "is not written as `%d.%m.%Y`"),
        ('format = "%d.%m.%Y"', "29.02.2026", "neither the calendar nor the clock has it"),
        ('format = "%d.%m.%Y %H:%M"', "01.03.2026 24:00", "neither the calendar nor the clock has it"),
        ('format = "%d.%m.%Y %I:%M %p"', "01.03.2026 13:00 PM", "neither the calendar nor the clock has it"),
        ('format = "seconds"', "1772359200000", "is it a count of milliseconds?"),
        ('format = "seconds"', "soon", "is not written as `seconds`"),
        ('time_zone = "UTC"', "01.03.2026", "is not a time"),
        ('format = "%d.%m.%Y"', 20260301, "a count of seconds or days can be misread"),
        ('format = "%d.%m.%Y"', "٠١.٠٣.٢٠٢٦", "is not written as"),
        ('format = "%Y-%m-%d %H:%M %z"', "2026-03-01 10:00 +99:00", "no difference from UTC"),
    ],
)
def test_a_time_written_in_another_way_is_refused(settings: str, written: object, said: str) -> None:
    assert said in value("created_at", f'created_at = {{ column = "Column", {settings} }}', written)


def test_a_day_is_a_day_whatever_the_zone_and_a_time_stands_for_its_day_in_the_policy_s_zone() -> None:
    midnight = at(2026, 2, 28, 23)
    assert value("since", 'since = { column = "Column", format = "%d.%m.%Y" }', "01.03.2026") == midnight
    line = 'since = { column = "Column", time_zone = "America/New_York" }'
    assert value("since", line, "2026-03-01") == midnight
    # Eleven in the evening in New York is five in the morning, a day later, in Berlin.
    assert value("since", line, "2026-02-28 23:00") == midnight


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("yesterday", "is no format"),
        ("%H:%M", "does not say where the year stands"),
        ("%d.%m.", "does not say where the year stands"),
        ("%Y-%m", "does not say where the day stands"),
        ("%Y-%m-%d %Z", "means something else on every machine"),
        ("%Y-%m-%d %I:%M", "without AM or PM"),
        ("%Y-%m-%d %H:%M %p", "without hours from 1 to 12"),
        ("%Y-%m-%d %q", "has %q"),
        ("%Y-%m-%d %y", "twice"),
        ("%b %m %Y %d", "twice"),
        ("100%", "is no format"),
    ],
)
def test_a_format_that_says_too_little_or_too_much_is_refused(written: str, said: str) -> None:
    assert said in (why_no_format(written) or "")


def test_formats_read_what_strptime_reads() -> None:
    for written, text in (
        ("%d.%m.%Y %H:%M:%S.%f", "1.12.2025 03:04:05.25"),
        ("%b %d %Y %I:%M%p", "Jan 31 2026 12:00PM"),
        ("%a %d %B %y %H:%M", "Sat 31 January 26 09:30"),
    ):
        assert why_no_format(written) is None
        found = read_time(text, (written,), timezone.utc)
        assert found == datetime.strptime(text, written).replace(tzinfo=timezone.utc)
    with pytest.raises(Unreadable):
        read_time("Jänner 31 2026", ("%B %d %Y",), timezone.utc)


# ------------------------------------------------------------------ rows that are left out


@pytest.mark.parametrize(
    ("condition", "cell", "skipped"),
    [
        ('"Test" = "yes"', "YES ", True),
        ('"Test" = ["a", "b"]', "b", True),
        ('"Test" = "*@corp.example"', "Ann@Corp.example", True),
        ('"Test" = "*@corp.example"', "ann@corp.example.org", False),
        ('"Test" = true', "TRUE", True),
        ('"Test" = true', "1", True),
        ('"Test" = true', True, True),
        ('"Test" = true', "f", False),
        ('"Test" = true', "", False),
        ('"Test" = 4', "4.0", True),
        ('"Test" = 4', 4, True),
        ('"Test" = 4', "four", False),
        ('"Test" = ""', " ", True),
        ('"Test" = ""', None, True),
        ('"Test" = ""', "x", False),
    ],
)
def test_rows_are_skipped_where_a_column_holds_a_value(condition: str, cell: object, skipped: bool) -> None:
    assert isinstance(mapped("", {"Test": cell}, f"skip = {{ {condition} }}"), Skipped) is skipped
    assert isinstance(mapped("", {"Test": cell}, f"only = {{ {condition} }}"), Skipped) is not skipped


def test_one_reason_is_enough_to_skip_and_all_conditions_must_hold_to_be_kept() -> None:
    two = '{ "A" = "x", "B" = "y" }'
    assert mapped("", {"A": "x", "B": "n"}, f"skip = {two}") == Skipped("`A` is `x`")
    assert mapped("", {"A": "x", "B": "n"}, f"only = {two}") == Skipped("`B` is not `y`")
    assert isinstance(mapped("", {"A": "x", "B": "y"}, f"only = {two}"), MappedRow)


def test_what_was_skipped_is_told_without_a_person_s_value() -> None:
    row = mapped("", {"email": "ann@ours.example"}, 'skip = { email = "*@ours.example" }')
    assert row == Skipped("`email` fits `*@ours.example`")


# ------------------------------------------------------------------ events


def test_all_rows_of_a_file_may_be_of_one_kind() -> None:
    row = event('event = "email_open"', {})
    assert isinstance(row, MappedRow)
    assert (row["lead_id"], row["event"], row["at"]) == ("7", "email_open", "2026-03-01T10:00Z")


def test_a_kind_may_have_the_name_that_it_has_in_the_data() -> None:
    row = event('event = "Form fill"', {"name": "Demo"})
    assert isinstance(row, MappedRow) and (row["event"], row["name"]) == ("form", "Demo")


def test_a_column_tells_the_kind_through_a_map() -> None:
    line = 'event = { column = "Type", map = { OPEN = "email_open", "10" = "email_click" } }'
    kinds = [event(line, {"Type": word}) for word in ("open", 10, "Form fill", "SENT", "")]
    assert [row["event"] for row in kinds if isinstance(row, MappedRow)] == [
        "email_open",
        "email_click",
        "form",
        "SENT",
        "",
    ], "what the policy does not declare stays as it is, and is counted"


def test_conditions_tell_the_kind_and_what_fits_none_is_skipped() -> None:
    line = """event = [
        { is = "form", when = { type_name = "Form*", type = 4 } },
        { is = "email_open", when = { type = 11 } },
    ]"""
    for row, kind in (
        ({"type_name": "Form Handler", "type": "4"}, "form"),
        ({"type_name": "Email", "type": "11"}, "email_open"),
    ):
        found = event(line, dict(row))
        assert isinstance(found, MappedRow) and found["event"] == kind
    assert event(line, {"type_name": "Email", "type": "4"}) == Skipped("not one of the kinds of `event`")


def test_properties_are_found_like_fields() -> None:
    lines = 'event = "form"\n[events.properties]\nname = "Form Name"\npages = { column = "Pages", thousands = "," }'
    row = event(lines, {"Form Name": "Demo", "Pages": "1,200"})
    assert isinstance(row, MappedRow) and (row["name"], row["pages"]) == ("Demo", "1200")


def test_a_file_may_know_leads_by_something_else() -> None:
    lines = 'event = "email_open"\nmatches = "email"'
    keys: dict[str, object] = {"ann@corp.example": "L1"}
    row = event(lines, {"Record ID": " Ann@Corp.example"}, keys)
    assert isinstance(row, MappedRow) and row["lead_id"] == "L1"
    row = event(lines, {"Record ID": "bob@corp.example"}, keys)
    assert isinstance(row, MappedRow) and row["lead_id"] is None


def test_an_event_may_carry_an_id_of_its_own() -> None:
    row = event('event = "email_open"\nevent_id = "Log ID"', {"Log ID": "e1"})
    assert isinstance(row, MappedRow) and row["event_id"] == "e1"


# ------------------------------------------------------------------ settings for all


def test_what_holds_for_all_files_stands_in_the_defaults_and_a_field_may_differ() -> None:
    text = f'[defaults]\nthousands = ","\nempty = "n/a"\n{LEADS}[leads.fields]\nemployees = "A"\n'
    leads = sources(text + 'revenue = { column = "B", thousands = ".", decimal = "," }\n').leads
    assert leads is not None
    row = lead_row(leads, {"Record ID": "1", "A": "1,000", "B": "2.000,5", "country": "N/A"})
    assert isinstance(row, MappedRow)
    assert (row["employees"], row["Revenue"], row["country"]) == ("1000", "2000.5", None)


# ------------------------------------------------------------------ mistakes


def test_a_sources_file_without_mistakes_knows_where_its_files_are() -> None:
    found = sources(LEADS + EVENTS + 'event = "form"\n')
    assert found.leads is not None and found.leads.file == Path("data/crm.csv")
    assert [one.file for one in found.events] == [Path("data/events.csv")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "it has no [leads]"),
        ("[leads\n", "line 1: this is not TOML"),
        ("[leads]\nfile = crm.csv\n", "names of columns stand in quotes"),
        ("[leads]\nkey = 'Record ID'\n", "leads.file: is missing"),
        ("[leads]\nfile = 'crm.csv'\n", "leads.key: is missing"),
        ("[leads]\nfile = 7\nkey = 'x'\n", "leads.file: is no name of a file"),
        ("[leads]\nfile = 'crm.csv'\nkey = 7\n", "leads.key: is no name of a column"),
        ("[leads]\nfile = 'crm.csv'\nkey = []\n", "leads.key: is no name of a column"),
        ("leads = 7\n", "leads: is not a table"),
        (LEADS + "[lead]\n", "lead: `lead` means nothing here; did you mean `leads`?"),
        (LEADS + "skp = {}\n", "leads.skp: `skp` means nothing here; did you mean `skip`?"),
        (
            LEADS + "employees = 'Size'\n",
            "leads.employees: `employees` means nothing here; it belongs under [leads.fields]",
        ),
        (LEADS + "skip = 'Test'\n", "leads.skip: is not a table"),
        (LEADS + "skip = { Test = {} }\n", "leads.skip.Test: is neither a text, a number, true or false"),
        (LEADS + "fields = 7\n", "leads.fields: is not a table"),
        (
            LEADS + "[defaults]\ntime_zone = 'Europe/Berlni'\n",
            "there is no time zone `Europe/Berlni`; did you mean `Europe/Berlin`?",
        ),
        (LEADS + "[defaults]\nthousands = '.'\n", '`.` is also the sign before the decimals; write decimal = "," too'),
        (LEADS + "[defaults]\ndecimal = ';'\n", "defaults.decimal: `;` is none of `.` `,`"),
        (LEADS + "[defaults]\nempty = 0\n", "defaults.empty: is neither a text nor a list of texts"),
        (LEADS + "[defaults]\nyes = 'x'\nno = 'X'\n", "`x` stands for yes and for no"),
        (LEADS + "[defaults]\ncolumn = 'x'\n", "defaults.column: `column` means nothing here"),
        ("events = 7\n" + LEADS, "events: is not a list of files"),
    ],
)
def test_a_mistake_names_its_key_and_a_way_out(text: str, said: str) -> None:
    assert any(said in one for one in mistakes(text)), mistakes(text)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("emplyees = 'Size'", "leads.fields.emplyees: the policy has no field `emplyees`; did you mean `employees`?"),
        ("Revenue = 'x'", "the policy has no field `Revenue`; it is called `revenue` there"),
        ("zzz = 'x'", "the policy has no field `zzz`; it has email, employees"),
        ("lead_id = 'x'", "leads.fields.lead_id: is the key of the leads; name its column in leads.key"),
        ("employees = 7", "leads.fields.employees: `7` is no name of a column; write { value = 7 } for a constant"),
        ("employees = ''", "leads.fields.employees: is no name of a column"),
        ("employees = {}", "leads.fields.employees: names no column"),
        ("employees = { colum = 'x' }", "`colum` means nothing here; did you mean `column`?"),
        (
            "employees = { column = 'x', separator = ',' }",
            "separator: says nothing about `employees`, which is a number",
        ),
        ("country = { column = 'x', opposite = true }", "opposite: says nothing about `country`, which is a text"),
        ("opted_in = { column = 'x', opposite = 'yes' }", "opposite: is neither true nor false"),
        ("opted_in = { column = 'x', opposite = true, map = {} }", "opposite: does not go together with a map"),
        ("employees = { value = 'many' }", "leads.fields.employees.value: `many` is not a number"),
        ("employees = { value = 1, column = 'x' }", "has a value and also column"),
        ("industry = { value = 'sofware' }", "`sofware` is none of software, retail, other; did you mean `software`?"),
        ("industry = { column = 'x', map = { a = 'shop' } }", "leads.fields.industry.map.a: `shop` is none of"),
        ("industry = { column = 'x', map = { a = 'other', A = 'retail' } }", "`A` stands there twice"),
        ("industry = { column = 'x', otherwise = 'other' }", "otherwise: needs a map"),
        ("industry = { column = 'x', map = 'y' }", "leads.fields.industry.map: is not a table"),
        ("created_at = { column = 'x', format = '%d.%m.' }", "`%d.%m.` does not say where the year stands"),
        ("created_at = { column = 'x', time_zone = 7 }", "there is no time zone `7`"),
        ("topics = { column = 'x', separator = '' }", "separator: is no text that stands between"),
    ],
)
def test_a_mistake_in_a_field_is_told_in_the_field_s_own_words(line: str, said: str) -> None:
    found = mistakes(f"{LEADS}[leads.fields]\n{line}\n")
    assert any(said in one for one in found), found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[events]]\nfile = 'e.csv'\n", "events.key: is missing; name the column that tells whose events they are"),
        ("[[events]]\nfile = 'e.csv'\n", "events.at: is missing; name the column that tells when it happened"),
        ("[[events]]\nfile = 'e.csv'\n", "events.event: is missing"),
        (
            EVENTS + "event = 'email_opn'\n",
            "events.event: the policy has no event `email_opn`; did you mean `email_open`?",
        ),
        (EVENTS + "event = 7\n", "events.event: is neither a kind of event"),
        (EVENTS + "event = []\n", "events.event: is neither a kind of event"),
        (EVENTS + "event = { column = 'T', map = { a = 'opn' } }\n", "events.event.map: the policy has no event `opn`"),
        (EVENTS + "event = { value = 'form' }\n", "events.event: has a value"),
        (EVENTS + "event = [{ when = { a = 1 } }]\n", "events.event 1: does not say which event it is"),
        (EVENTS + "event = [{ is = 'form', whn = { a = 1 } }]\n", "`whn` means nothing here; did you mean `when`?"),
        (EVENTS + "event = [7]\n", "events.event 1: is not a table"),
        (EVENTS + "event = 'form'\nmatches = ''\n", "events.matches: is not the name of a column"),
        (EVENTS + "event = 'form'\nname = 'Form'\n", "`name` means nothing here; it belongs under [events.properties]"),
        (
            EVENTS + "event = 'form'\n[events.properties]\nnme = 'x'\n",
            "the event `form` has no property `nme`; did you mean `name`?",
        ),
        (
            EVENTS + "event = 'email_open'\n[events.properties]\nname = 'x'\n",
            "the event `email_open` has no property `name`",
        ),
        (
            EVENTS.replace('"When"', "{ value = '2026-01-01' }") + "event = 'form'\n",
            "events.at: is the same for all events",
        ),
        (EVENTS + "event = 'form'\n" + EVENTS + "event = 'frm'\n", "events 2.event: the policy has no event `frm`"),
    ],
)
def test_a_mistake_in_a_file_of_events_says_in_which(text: str, said: str) -> None:
    found = mistakes(LEADS + text)
    assert any(said in one for one in found), found


def test_all_mistakes_are_told_together() -> None:
    found = mistakes(f"{LEADS}skp = 1\n[leads.fields]\nemplyees = 'x'\nrevenu = 'x'\n")
    assert len(found) == 3


def test_fields_that_the_policy_reads_from_one_column_cannot_be_told_apart() -> None:
    text = POLICY.replace("country: text", 'country: text from "employees"')
    found = read_sources(f"{LEADS}[leads.fields]\ncountry = 'x'\n", "s.toml", Path(), package.loads(text))
    assert isinstance(found, tuple)
    assert "the policy reads both `country` and `employees` from `employees`" in str(found[0])


def test_a_text_that_nobody_meant_is_no_traceback() -> None:
    for text in ("a = " + "[" * 5000, "\0", "=", "[leads]\n" * 3, "a = 1\na = 2", "a = " + "9" * 5000, "[[leads]]"):
        found = read_sources(text, "s.toml", Path(), policy())
        assert isinstance(found, tuple) and all(isinstance(one, Mistake) for one in found)


ODD: tuple[object, ...] = (
    *("", " ", "$", "--5", "−5", "1" * 5000, "٣", "[", "[{}]", "\udc80", "31.12.9999 23:59", "01.01.0001 00:00"),
    *(None, True, 0, -5, 2.5, float("nan"), float("inf"), -float("inf"), 10**500, Decimal("NaN"), b"x"),
    *([], ["a", None, 1], {"a": 1}, date(1, 1, 1), datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59)),
)


@pytest.mark.parametrize(
    "line",
    [
        'employees = { column = "Column", thousands = ",", unit = ["$", "%"] }',
        'employees = { column = "Column", map = { "1" = 5 }, otherwise = 3 }',
        'opted_in = { column = "Column", opposite = true }',
        'topics = { column = "Column", map = { a = "b" }, separator = "," }',
        'created_at = { column = "Column", format = ["seconds", "%d.%m.%Y %H:%M", "iso"], time_zone = "Asia/Tokyo" }',
        'created_at = { column = "Column", time_zone = "America/Los_Angeles" }',
        'since = { column = "Column", format = "%d.%m.%Y %H:%M", time_zone = "America/Los_Angeles" }',
        'country = { column = "Column", empty = "x" }',
    ],
)
def test_an_odd_value_is_no_traceback(line: str) -> None:
    for written in ODD:
        value(line.split(" = ")[0], line, written)
        mapped("", {"Test": written}, 'skip = { Test = [true, 4, "*a*", ""] }')


def test_a_file_with_mistakes_raises_with_all_of_them(tmp_path: Path) -> None:
    (tmp_path / "sources.toml").write_text("[leads]\n", "utf-8")
    with pytest.raises(SourcesError) as raised:
        load_sources(tmp_path / "sources.toml", policy())
    assert len(raised.value.mistakes) == 2
    assert str(raised.value).splitlines()[0].endswith("sources.toml has 2 mistakes")
    (tmp_path / "sources.toml").write_bytes(b"\xff\xfe[leads]")
    with pytest.raises(SourcesError, match="is not UTF-8 text"):
        load_sources(tmp_path / "sources.toml", policy())


# ------------------------------------------------------------------ tables


def table(tmp_path: Path, text: str, more: str = "", name: str = "crm.csv") -> MappedLeads:
    (tmp_path / name).write_text(text, "utf-8")
    found = read_sources(LEADS.replace("crm.csv", name) + more, "sources.toml", tmp_path, policy())
    assert isinstance(found, Sources) and found.leads is not None
    return MappedLeads(found.leads.file, found.leads)


def test_a_table_has_the_policy_s_columns_and_the_export_s_row_numbers(tmp_path: Path) -> None:
    text = "record id,E-mail,Size,Test\n1,a@x.example,10,\n2,b@x.example,20,yes\n\n3,c@x.example,30,\n"
    more = 'skip = { Test = "yes" }\n[leads.fields]\nemail = "e-mail"\nemployees = "Size"\n'
    with open_input(table(tmp_path, text, more)) as opened:
        assert opened.columns == ("lead_id", "email", "employees")
        rows = list(opened.rows(bind(opened, opened.columns)))
    assert rows == [
        (2, {"lead_id": "1", "email": "a@x.example", "employees": "10"} | _missing(rows[0])),
        (5, {"lead_id": "3", "email": "c@x.example", "employees": "30"} | _missing(rows[1])),
    ]


def _missing(row: object) -> dict[str, object]:
    assert isinstance(row, tuple)
    return {name: cell for name, cell in row[1].items() if cell is None}


def test_a_refused_row_has_the_export_s_column_and_value(tmp_path: Path) -> None:
    text = 'Record ID,email,Size\n1,a@x.example,"1,2"\n'
    more = '[leads.fields]\nemployees = { column = "Size", thousands = "," }\n'
    with open_input(table(tmp_path, text, more)) as opened:
        (row,) = opened.rows(bind(opened, opened.columns))
    assert isinstance(row, BadRow)
    assert (row.number, row.column, row.value, row.key) == (2, "Size", "1,2", "1")


def test_a_column_that_is_not_there_is_told_with_its_key(tmp_path: Path) -> None:
    for more, said in (
        (
            '[leads.fields]\nemployees = "Sizes"\n',
            "no column `Sizes`, which sources.toml names (leads.fields.employees)",
        ),
        ("skip = { Deleted = true }\n", "no column `Deleted`, which sources.toml names (leads.skip.Deleted)"),
    ):
        with pytest.raises(TableError, match=re.escape(said)) as raised:
            open_input(table(tmp_path, "Record ID,email,Size,Delete\n", more))
        assert raised.value.hint in ("did you mean `Size`?", "did you mean `Delete`?")


def test_a_key_that_json_does_not_have_in_its_first_rows_is_noted_only(tmp_path: Path) -> None:
    text = json.dumps({"Record ID": 1, "email": "a@x.example"}) + "\n"
    more = '[leads.fields]\nemployees = "size"\n'
    with open_input(table(tmp_path, text, more, "crm.jsonl")) as opened:
        assert [row[1]["lead_id"] for row in opened.rows(bind(opened, opened.columns)) if isinstance(row, tuple)] == [1]


# ------------------------------------------------------------------ commands

CRM = """\
Record ID,Email,Size,Test
1,ann@corp.example,"1,200",
2,bob@corp.example,20,
3,cy@ours.example,5000,
4,dee@corp.example,lots,
"""
MAILS = """\
id,To,Type,Sent
m1,Ann@corp.example,OPEN,1772359200000
m1,ann@corp.example,OPEN,1772359200000
m2,bob@corp.example,open,1772359200000
m3,bob@corp.example,BOUNCE,1772359200000
m4,eve@corp.example,OPEN,1772359200000
m5,dee@corp.example,OPEN,1772359200000
m6,bob@corp.example,OPEN,tomorrow
"""
WHOLE = """\
[leads]
file = "crm.csv"
key = "Record ID"
skip = { Email = "*@ours.example" }

[leads.fields]
email = "Email"
employees = { column = "Size", thousands = "," }

[[events]]
file = "mails.csv"
key = "To"
matches = "Email"
at = { column = "Sent", format = "milliseconds" }
event = { column = "Type", map = { OPEN = "email_open" } }
event_id = "id"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in (("inbound.score", POLICY), ("sources.toml", WHOLE), ("crm.csv", CRM), ("mails.csv", MAILS)):
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


def fits(folder: Path, *more: str) -> dict[str, str]:
    ran = scorec(folder, "score", "inbound.score", "--at", "2026-03-02", "-o", "out.csv", *more)
    assert ran.code == 0, ran.err
    with (folder / "out.csv").open(encoding="utf-8", newline="") as file:
        return {row["lead_id"]: row["fit"] for row in csv.DictReader(file)}


def said(ran: Ran) -> str:
    return " ".join(ran.err.split())


def test_a_policy_with_a_sources_file_beside_it_needs_no_more(folder: Path) -> None:
    assert fits(folder) == {"1": "35", "2": "5"}


def test_what_was_left_out_is_told(folder: Path) -> None:
    ran = scorec(folder, "score", "inbound.score", "--at", "2026-03-02", "-o", "out.csv")
    assert "1 row of crm.csv skipped: `Email` fits `*@ours.example`" in said(ran)
    assert "2 of 7 used; ignored: 1 without a lead, 1 of a rejected lead, 1 unreadable, 1 of undeclared kinds" in said(
        ran
    )
    assert "not declared in the policy: BOUNCE 1" in said(ran)
    with (folder / "out.csv.rejected.csv").open(encoding="utf-8", newline="") as file:
        rejected = [(row["file"], row["row"], row["key"], row["column"], row["value"]) for row in csv.DictReader(file)]
    assert rejected == [("mails.csv", "8", "2", "Sent", "tomorrow"), ("crm.csv", "5", "4", "Size", "lots")]


def test_another_sources_file_may_be_named(folder: Path) -> None:
    (folder / "sources.toml").rename(folder / "other.toml")
    assert fits(folder, "--sources", "other.toml") == {"1": "35", "2": "5"}
    assert "there are no leads to read" in said(scorec(folder, "score", "inbound.score"))


def test_named_leads_take_the_place_of_the_sources_leads_and_are_read_like_them(folder: Path) -> None:
    (folder / "new.csv").write_text(CRM.replace("1,ann", "9,ann"), "utf-8")
    assert fits(folder, "new.csv", "--sources", "sources.toml") == {"9": "35", "2": "5"}


def test_without_sources_named_leads_are_read_as_they_are(folder: Path) -> None:
    (folder / "plain.csv").write_text("lead_id,email,employees\nL1,a@x.example,2000\n", "utf-8")
    assert fits(folder, "plain.csv") == {"L1": "30"}


def test_named_events_take_the_place_of_all_events(folder: Path) -> None:
    (folder / "new").mkdir()
    (folder / "new" / "mails.csv").write_text("id,To,Type,Sent\nx,bob@corp.example,OPEN,1772359200000\n", "utf-8")
    assert fits(folder, "--events", "new/mails.csv") == {"1": "30", "2": "5"}
    (folder / "plain.csv").write_text("lead_id,event,at\n1,form,2026-03-01\n", "utf-8")
    assert fits(folder, "--events", "plain.csv") == {"1": "40", "2": "0"}


def test_explain_reads_the_same_rows(folder: Path) -> None:
    ran = scorec(folder, "explain", "inbound.score", "--key", "1", "--at", "2026-03-02")
    assert ran.code == 0 and "fit 35" in ran.out and "[employees 1200]" in ran.out
    assert "Size: `lots` is not a number" in said(scorec(folder, "explain", "inbound.score", "--key", "4"))
    assert "no row with lead_id `3`" in said(scorec(folder, "explain", "inbound.score", "--key", "3"))


def test_two_leads_with_one_address_leave_its_events_to_nobody(folder: Path) -> None:
    (folder / "crm.csv").write_text(CRM + "5,ann@corp.example,10,\n", "utf-8")
    assert fits(folder) == {"1": "30", "2": "5", "5": "0"}
    assert "two leads have this `Email`" in (folder / "out.csv.rejected.csv").read_text("utf-8")


def test_mistakes_end_the_command_before_anything_is_read(folder: Path) -> None:
    (folder / "sources.toml").write_text(WHOLE.replace("employees =", "emplyees ="), "utf-8")
    ran = scorec(folder, "score", "inbound.score", "-o", "out.csv")
    assert ran.code == 2 and not (folder / "out.csv").exists()
    assert "leads.fields.emplyees: the policy has no field `emplyees`; did you mean `employees`?" in said(ran)


def test_a_sources_file_that_is_not_there_is_told(folder: Path) -> None:
    ran = scorec(folder, "score", "inbound.score", "--sources", "source.toml")
    assert ran.code == 2 and "there is no file source.toml" in said(ran)


def test_an_export_is_never_overwritten(folder: Path) -> None:
    for name in ("crm.csv", "mails.csv"):
        ran = scorec(folder, "score", "inbound.score", "-o", name)
        assert ran.code == 2 and "is also an input" in said(ran)


# ------------------------------------------------------------------ real exports

EXPORTS = ROOT / "examples" / "crm_exports"
SEEDS = DATA / "crm_seeds"
needs_seeds = pytest.mark.skipif(
    not SEEDS.is_dir(), reason=f"the exports of real CRMs are not here: there is no folder {SEEDS}"
)


def results(system: str, folder: Path, at: str, *more: str | Path) -> dict[str, dict[str, str]]:
    """What the example's policy gives for exports in a folder."""
    (policy_file,) = (EXPORTS / system).glob("*.score")
    command = ["score", policy_file, "--sources", EXPORTS / system / "sources.toml", "--at", at, *more]
    ran = scorec(folder, *command, "-o", "out.csv")
    assert ran.code == 0, ran.err
    with (folder / "out.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    return {row[0]: dict(zip(rows[0], row, strict=True)) for row in rows[1:]}


def shown(row: dict[str, str], *names: str) -> tuple[str, ...]:
    return tuple(row[name] for name in names)


def test_an_export_of_hubspot_is_scored(tmp_path: Path) -> None:
    rows = results("hubspot", tmp_path, "2026-03-02")
    # Mara: 620 employees 40, four millions 20, a restaurant 20, an owner 20. Demo 50, one form 10, one click (its event
    # is there twice) 5, one open 1, payments 5.
    assert shown(rows["151"], "fit", "interest", "total", "next_step") == ("100", "71", "85.5", "call")
    # Jo: 80 employees 25, less than a million, retail 20. One of two forms lies within 90 days 10, two clicks 10, one
    # open 1, inventory 5.
    assert shown(rows["152"], "fit", "interest", "total", "next_step") == ("45", "26", "35.5", "newsletter")
    # Ines left all lists; her size is a range in the map.
    assert shown(rows["201"], "fit", "interest", "readiness", "next_step") == ("80", "60", "hot", "wait")
    # Rolf: nobody knows whether he left, so the gate is shut.
    assert shown(rows["202"], "fit", "interest", "next_step") == ("40", "5", "wait")
    assert set(rows) == {"151", "152", "201", "202"}, "a test record, a size in words, an impossible day"


@needs_seeds
def test_marketo_s_leads_are_scored(tmp_path: Path) -> None:
    seeds = SEEDS / "marketo"
    activities = [f"--events={seeds}/marketo_activity_{name}_data.csv" for name in MARKETO]
    rows = results("marketo", tmp_path, "2020-05-15", seeds / "marketo_lead_data.csv", *activities)
    assert len(rows) == 100
    assert {row["reader"] for row in rows.values()} == {"silent"}, "the activities of the seeds are other people's"


MARKETO = ("open_email", "click_email", "email_bounced", "unsubscribe_email")


@needs_seeds
def test_marketo_s_activities_are_scored_for_those_who_did_them(tmp_path: Path) -> None:
    """The seeds hold no lead of their activities: here are leads of their shape, with the ids of the activities."""
    seeds = SEEDS / "marketo"
    files = [seeds / f"marketo_activity_{name}_data.csv" for name in MARKETO]
    people = sorted({row["lead_id"] for file in files for row in table_of(file)})
    (tmp_path / "leads.csv").write_text(
        "id,created_at\n" + "".join(f"{one},2020-01-01 00:00:00.000\n" for one in people)
    )
    rows = results("marketo", tmp_path, "2020-05-15", "leads.csv", *[f"--events={file}" for file in files])
    assert len(rows) == len(people) > 250
    # 94 clicks in the last 30 days, capped at 40; some of them on the webinar's page, 20.
    assert shown(rows["1124755"], "interest", "reader", "next_step") == ("60", "keen", "invite")
    # Two clicks, on another page.
    assert shown(rows["1252524"], "interest", "next_step") == ("20", "wait")
    # Three mails opened, each another one.
    assert shown(rows["1229638"], "interest", "reader") == ("9", "reads")
    # Opened at 20:20:27, unsubscribed at 20:20:40.
    assert shown(rows["1117295"], "interest", "reader", "next_step") == ("0", "silent", "wait")
    # A mail that the receiver blocked.
    assert shown(rows["1137978"], "interest", "next_step") == ("0", "clean_up")


@needs_seeds
def test_salesforce_s_contacts_are_scored(tmp_path: Path) -> None:
    seeds = SEEDS / "salesforce"
    rows = results("salesforce", tmp_path, "2019-12-01", seeds / "sf_contact_data.csv", *salesforce_events())
    assert len(rows) == 4
    # A director, in the US, with a telephone.
    assert shown(rows["0031G00000q9jPQAQ"], "fit", "talks", "next_step") == ("80", "0", "call_again")
    # The same without a telephone, and from a list that somebody sold.
    assert shown(rows["0031G00000rfAvuQAE"], "fit", "next_step") == ("50", "call_again")
    # Of the first contact nothing is known, so nobody contacts them.
    assert shown(rows["0033700000JmrFPAA"], "fit", "completeness", "next_step") == ("0", "0", "wait")


@needs_seeds
def test_salesforce_s_tasks_and_meetings_are_scored_for_those_they_were_with(tmp_path: Path) -> None:
    people = {row["who_id"] for name in ("task", "event") for row in table_of(SEEDS / f"salesforce/sf_{name}_data.csv")}
    header = list(table_of(SEEDS / "salesforce/sf_contact_data.csv")[0])
    with (tmp_path / "contacts.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, header)
        writer.writeheader()
        writer.writerows({"id": one} for one in sorted(people))
    rows = results("salesforce", tmp_path, "2019-12-01", "contacts.csv", *salesforce_events())
    # Three tasks that are done; a call of 30 minutes; meetings of 30 and of 15 minutes.
    assert shown(rows["0031G00001S3oefQAB"], "talks", "warmth") == ("15", "open")
    assert shown(rows["0031G00000xRXHBQA4"], "talks") == ("10",)
    assert shown(rows["0031G00001QY4G5QAL"], "talks", "warmth") == ("30", "warm")
    assert shown(rows["0031G00001QXdxXQAT"], "talks") == ("0",)


def salesforce_events() -> list[str]:
    return [f"--events={SEEDS}/salesforce/sf_{name}_data.csv" for name in ("task", "event")]


@needs_seeds
def test_pardot_s_prospects_are_scored_without_the_deleted_ones(tmp_path: Path) -> None:
    seeds = SEEDS / "pardot"
    activities = f"--events={seeds}/pardot_visitor_activity_data.csv"
    rows = results("pardot", tmp_path, "2020-05-01", seeds / "pardot_prospect_data.csv", activities)
    assert len(rows) == 22
    # 151 employees 40, another industry, in California 20.
    assert shown(rows["402952943"], "profile", "letter", "next_step") == ("60", "B", "programme")
    # 116 employees 25, software 40, in New York 20.
    assert shown(rows["402952925"], "profile", "letter", "next_step") == ("85", "A", "call")
    # The same company in Pennsylvania.
    assert shown(rows["402952927"], "profile", "letter", "next_step") == ("65", "B", "programme")
    # 81 employees 25, a hospital 20, in California 20.
    assert shown(rows["402952893"], "profile", "letter") == ("65", "B")


@needs_seeds
def test_pardot_s_activities_are_told_apart_by_two_columns(tmp_path: Path) -> None:
    file = SEEDS / "pardot/pardot_visitor_activity_data.csv"
    people = [row["prospect_id"] for row in table_of(file)]
    header = list(table_of(SEEDS / "pardot/pardot_prospect_data.csv")[0])
    with (tmp_path / "prospects.csv").open("w", encoding="utf-8", newline="") as made:
        writer = csv.DictWriter(made, header)
        writer.writeheader()
        writer.writerows({"id": one} for one in people)
    rows = results("pardot", tmp_path, "2020-05-01", "prospects.csv", f"--events={file}")
    assert len(rows) == 100
    # New opportunities in January 2020 and on 12 June 2019; the one of 9 May 2019 is 358 days old.
    assert [rows[one]["activity"] for one in ("411052961", "400998965", "399643829")] == ["50", "50", "50"]
    # An opportunity that was lost, and one that was won in 2018.
    assert [rows[one]["activity"] for one in ("404278270", "386925197")] == ["0", "0"]
    assert Decimal(rows["395861995"]["activity"]) == 0
    assert {row["next_step"] for row in rows.values()} == {"call", "wait"}


def table_of(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


# ------------------------------------------------------------------ a first sources file


def begun(folder: Path, at: str, leads: Path | str, *events: Path | str) -> tuple[str, str]:
    """The policy and the sources file that `scorec init` writes; they can be used as they are."""
    more = [word for file in events for word in ("--events", file)]
    ran = scorec(folder, "init", "--from", leads, *more, "-o", "first.score")
    assert ran.code == 0, ran.err
    assert scorec(folder, "check", "first.score", "--strict").code == 0
    assert scorec(folder, "score", "first.score", "--at", at, "-o", "out.csv").code == 0
    return (folder / "first.score").read_text("utf-8"), (folder / "sources.toml").read_text("utf-8")


def test_init_knows_exports_of_hubspot(tmp_path: Path) -> None:
    exports = EXPORTS / "hubspot"
    names = ("hubspot-contacts.csv", "hubspot-email-events.csv", "hubspot-form-submissions.csv")
    for name in names:
        (tmp_path / name).write_bytes((exports / name).read_bytes())
    text, described = begun(tmp_path, "2026-03-02", *names)
    assert "lead by record_id\n" in text and "  opted_in: yes/no\n" in text and "event form_submission\n" in text
    for line in (
        "# What the exports of HubSpot mean for the policy beside this file.",
        'key = "Record ID"',
        'opted_in = { column = "Unsubscribed from all email", opposite = true } # an empty cell stays unknown',
        'annual_revenue = { column = "Annual Revenue", unit = "$", thousands = "," }',
        'matches = "Email"',
        'at = { column = "created", format = "milliseconds" }',
        'at = { column = "Conversion Date", format = "%m/%d/%Y %I:%M %p" }',
    ):
        assert line in described, line
    assert not any(word in text + described for word in ("mara@", "Ellison", "beanhouse"))


@needs_seeds
def test_init_knows_tables_of_marketo_salesforce_and_pardot(tmp_path: Path) -> None:
    for system, at, leads, events in (
        ("Marketo", "2020-05-15", "marketo_lead", ("marketo_activity_open_email", "marketo_activity_click_email")),
        ("Salesforce", "2019-12-01", "sf_contact", ("sf_task", "sf_event")),
        ("Pardot", "2020-05-01", "pardot_prospect", ("pardot_visitor_activity",)),
    ):
        folder = tmp_path / system
        folder.mkdir()
        seeds = SEEDS / system.lower()
        text, described = begun(
            folder, at, seeds / f"{leads}_data.csv", *(seeds / f"{name}_data.csv" for name in events)
        )
        assert f"# What the exports of {system} mean" in described
        assert "lead by lead_id\n" in text
    assert 'event.map.8 = "opportunity"' in described
    assert "skip = { _fivetran_deleted = true }" in described


def test_init_describes_tables_that_are_written_in_another_way(tmp_path: Path) -> None:
    rows = "".join(f'K{n},"{n}.{n:03},50 €",{n:02}.03.2026 10:00,word {n}\n' for n in range(1, 29))
    (tmp_path / "leads.csv").write_text("Kunden-Nr,Umsatz,Seit,Notiz\n" + rows, "utf-8")
    text, described = begun(tmp_path, "2026-04-01", "leads.csv")
    assert "lead by kunden_nr\n" in text and "  umsatz: number\n" in text and "  seit: time\n" in text
    assert 'umsatz = { column = "Umsatz", unit = "€", thousands = ".", decimal = "," }' in described
    assert 'seit = { column = "Seit", format = "%d.%m.%Y %H:%M" }' in described


def test_init_says_where_day_and_month_may_be_the_other_way_round(tmp_path: Path) -> None:
    rows = "".join(f"{n},{n % 12 + 1:02}/{n % 11 + 1:02}/2026\n" for n in range(40))
    (tmp_path / "leads.csv").write_text("lead_id,since\n" + rows, "utf-8")
    _, described = begun(tmp_path, "2026-04-01", "leads.csv")
    assert "# look at it: day and month may be the other way round" in described


def test_init_writes_no_sources_file_where_none_is_needed(tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_text("lead_id,Company Size\n1,5\n2,7\n", "utf-8")
    assert scorec(tmp_path, "init", "--from", "leads.csv").code == 0
    assert not (tmp_path / "sources.toml").exists()
    assert 'company_size: number from "Company Size"' in (tmp_path / "policy.score").read_text("utf-8")


def test_init_replaces_no_sources_file_that_is_there(tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_bytes((EXPORTS / "hubspot" / "hubspot-contacts.csv").read_bytes())
    (tmp_path / "sources.toml").write_text("mine", "utf-8")
    ran = scorec(tmp_path, "init", "--from", "leads.csv")
    assert ran.code == 2 and "sources.toml is there already" in said(ran)
    assert not (tmp_path / "policy.score").exists()


def test_properties_of_one_name_and_two_types_get_two_names(tmp_path: Path) -> None:
    """Marketo has a link as text in one table, and could have a number of it in another."""
    header = "id,lead_id,activity_date,activity_type_id,weight\n"
    when = "2026-03-01 10:00:00.000"
    (tmp_path / "leads.csv").write_text("id,email\n1,a@x.example\n2,b@x.example\n", "utf-8")
    (tmp_path / "opens.csv").write_text(header + f"1,1,{when},10,heavy\n2,2,{when},10,light\n", "utf-8")
    (tmp_path / "clicks.csv").write_text(header + f"3,1,{when},11,5\n4,2,{when},11,7\n", "utf-8")
    text, described = begun(tmp_path, "2026-03-02", "leads.csv", "opens.csv", "clicks.csv")
    assert "  weight: text\n" in text and "  weight_2: number\n" in text
    assert 'weight_2 = "weight"' in described


# ------------------------------------------------------------------ an application's own rows


def test_an_application_maps_single_rows(folder: Path) -> None:
    policy = package.load(folder / "inbound.score")
    found = package.load_sources(folder / "sources.toml", policy)
    lead = found.lead({"Record ID": 1, "Email": "ann@corp.example", "Size": "1,200"})
    assert lead is not None and policy.score(lead, at="2026-03-02").scores["fit"] == 30
    assert found.lead({"Record ID": 3, "Email": "cy@ours.example"}) is None
    happened = found.event({"To": "ann@corp.example", "Type": "OPEN", "Sent": 1772359200000})
    assert happened is not None and policy.score(lead, [happened], at="2026-03-02").scores["fit"] == 35
    assert found.event({"To": "x", "Type": "OPEN", "Sent": 1}, file="mails.csv") is not None


def test_an_application_s_row_that_is_not_written_as_described_is_refused(folder: Path) -> None:
    found = package.load_sources(folder / "sources.toml", package.load(folder / "inbound.score"))
    with pytest.raises(package.DataError, match="three digits should stand behind each"):
        found.lead({"Record ID": 1, "Email": "a@x.example", "Size": "1,2"})
    with pytest.raises(package.ScorecError, match="describes no file of events called `mail"):
        found.event({}, file="mail.csv")


# ------------------------------------------------------------------ the page

PAGE = ROOT / "docs" / "sources.md"


def test_the_page_s_files_and_commands_work_as_they_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    ran = 0
    for before, language, text in re.findall(
        r"([^\n]*)\n\n```(\w+)[^\n]*\n(.*?)^```$", PAGE.read_text("utf-8"), re.M | re.S
    ):
        named = re.search(r"Write `([^`]+)`:$", before)
        if named:
            (tmp_path / named[1]).write_text(text, "utf-8")
        if language == "console":
            for command, shown_there in re.findall(r"^\$ ([^\n]+)\n(.*?)(?=^\$ |\Z)", text, re.M | re.S):
                assert _lines(shown_there) == _lines(_printed(command, tmp_path))[: len(_lines(shown_there))]
                ran += 1
    assert ran == 3


def _printed(command: str, folder: Path) -> str:
    program, *arguments = command.split()
    if program == "cut":
        rows = (folder / arguments[-1]).read_text("utf-8").splitlines()
        return "\n".join(",".join(row.split(",")[:4]) for row in rows)
    done = scorec(folder, *arguments)
    return done.out + done.err


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.strip("\n").splitlines() if line != "..."]


def _table_of_page(first_heading: str) -> list[list[str]]:
    lines = PAGE.read_text("utf-8").splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(f"| {first_heading} |"))
    rows = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip().removeprefix("`").removesuffix("`") for cell in line.strip().strip("|").split("|")])
    return rows


PAGE_ROWS = _table_of_page("line")


@pytest.mark.parametrize(("line", "written", "found"), PAGE_ROWS, ids=[row[0][:60] for row in PAGE_ROWS])
def test_the_page_s_lines_read_what_it_says(line: str, written: str, found: str) -> None:
    text = POLICY.replace("Europe/Berlin", "UTC")
    name = line.split(" = ")[0]
    described = read_sources(f"{LEADS}[leads.fields]\n{line}\n", "sources.toml", Path(), package.loads(text))
    assert isinstance(described, Sources) and described.leads is not None
    cell = next(one for one in described.leads.fields if one.name == name)
    row = lead_row(described.leads, {"Record ID": "1", "email": "a@x.example", **dict.fromkeys(cell.columns, written)})
    if found == "refused":
        assert isinstance(row, Refused)
        return
    assert isinstance(row, MappedRow)
    clean, refusals = read_lead(package.loads(text).lead_specs, timezone.utc, row)
    assert not refusals
    assert _said_by_page(name, clean[name]) == found


def _said_by_page(name: str, clean: object) -> str:
    match clean:
        case None:
            return "missing"
        case bool():
            return "yes" if clean else "no"
        case tuple():
            return "; ".join(clean)
        case int():
            moment = datetime.fromtimestamp(clean / 1_000_000, timezone.utc)
            return f"{moment:%Y-%m-%d}" if name == "since" else f"{moment:%Y-%m-%d %H:%M} UTC"
        case float():
            return f"{clean:.15g}"
        case _:
            return str(clean)


def test_the_page_s_tables_are_complete() -> None:
    assert len(PAGE_ROWS) >= 20
    text = PAGE.read_text("utf-8")
    for name in (
        "skip",
        "only",
        "matches",
        "event_id",
        "otherwise",
        "opposite",
        "separator",
        "thousands",
        "[defaults]",
    ):
        assert name in text


def test_every_toml_block_of_the_page_is_toml() -> None:
    import tomllib

    blocks = re.findall(r"^```toml\n(.*?)^```$", PAGE.read_text("utf-8"), re.M | re.S)
    assert len(blocks) >= 5
    for block in blocks:
        assert tomllib.loads(block)
