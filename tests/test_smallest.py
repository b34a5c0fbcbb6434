"""A lead that shows something, made as small and as plain as it can be."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from scorec.compiler.analysis.answers import Witness
from scorec.compiler.analysis.smallest import seen_at, smallest, with_plain_events
from scorec.dsl import ir, values
from scorec.dsl.values import DAY, HOUR

PARIS = ZoneInfo("Europe/Paris")
NOON = values.instant(datetime(2026, 3, 2, 12, tzinfo=PARIS), PARIS)
MIDNIGHT = NOON - 12 * HOUR


def field(name: str, kind: ir.Kind, required: bool = False) -> ir.Field:
    return ir.Field(name, kind, required, name, None)


FIELDS = (field("size", ir.Kind.NUMBER, True), field("since", ir.Kind.DATE), field("seen", ir.Kind.TIME))


def visit(age: int, *properties: tuple[str, ir.Value]) -> ir.Happening:
    return ir.Happening("visit", NOON - age, properties)


def test_a_lead_seen_at_another_instant_is_as_old_as_it_was() -> None:
    lead = Witness({"size": 1.0, "since": MIDNIGHT - DAY, "seen": NOON - HOUR}, (visit(DAY),), NOON)
    later = seen_at(lead, NOON + 5 * DAY, FIELDS, PARIS)
    assert later.lead == {"size": 1.0, "since": MIDNIGHT + 4 * DAY, "seen": NOON + 5 * DAY - HOUR}
    assert [event.at for event in later.events] == [NOON + 4 * DAY]


@given(st.integers(-400 * DAY, 400 * DAY))
def test_a_date_is_a_midnight_at_every_hour_and_on_both_sides_of_a_change_of_the_clocks(later: int) -> None:
    lead = Witness({"size": 1.0, "since": MIDNIGHT, "seen": None}, (), NOON)
    since = seen_at(lead, NOON + later, FIELDS, PARIS).lead["since"]
    assert isinstance(since, int)
    assert values.moment_of(since).astimezone(PARIS).time() == datetime.min.time()
    assert abs(since - MIDNIGHT - later) <= timedelta(days=1, hours=1) // timedelta(microseconds=1)


def test_what_makes_no_difference_is_left_out() -> None:
    lead = Witness({"size": 3.0, "since": MIDNIGHT, "seen": NOON}, (visit(DAY), visit(2 * DAY), visit(3 * DAY)), NOON)
    found = smallest(lead, FIELDS, lambda one: len(one.events) >= 2 and one.lead["seen"] is not None)
    assert found.lead == {"size": 3.0, "since": None, "seen": NOON} and len(found.events) == 2


def test_events_have_only_the_properties_that_matter_and_round_ages() -> None:
    long_ago = 9 * DAY + 5 * HOUR + 1
    lead = Witness({}, (visit(long_ago, ("url", "/pricing"), ("seconds", 31.0)), visit(HOUR + 1)), NOON)

    def shows(one: Witness) -> bool:
        first, second = one.events
        return dict(first.properties).get("url") is not None and NOON - first.at > 9 * DAY and NOON - second.at < DAY

    found = with_plain_events(lead, shows, lambda event, name, value: ("/",) if name == "url" else ())
    assert found.events == (visit(10 * DAY, ("url", "/")), visit(0))
