"""Independent readers agree with us on a whole calendar. Covers messaging.md checks 15 and 78."""

import warnings
from collections.abc import Callable
from datetime import UTC, datetime

import icalendar
import pytest
import recurring_ical_events
import vobject

from booking.events import AppointmentFacts
from booking.ical import feed
from tests.booking.visits import visit_at
from tests.peers.readers import ELSEWHERE, Reader

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # ics 0.7 is built on a parser with old escapes in its strings
    import ics

VISITS = [
    visit_at("2026-07-15T10:00", uid="6f2d8f8e-6a7d-4c55-9a53-0d0a3f1f2b11", room_name="Blue; 2, upstairs"),
    visit_at("2026-10-25T01:30", uid="6f2d8f8e-6a7d-4c55-9a53-0d0a3f1f2b12", minutes=90, client_name="Zoë 💆 Li"),
    visit_at("2027-01-15T10:00", uid="6f2d8f8e-6a7d-4c55-9a53-0d0a3f1f2b13", status="cancelled", sequence=2),
    visit_at("2027-01-16T10:00", uid="6f2d8f8e-6a7d-4c55-9a53-0d0a3f1f2b14", service_name="Ä\\;, " * 40),
]
Seen = list[tuple[str, int, int, str, str]]


def meant(visits: list[AppointmentFacts], summaries: list[str]) -> Seen:
    words = {"cancelled": "CANCELLED"}
    return [
        (str(v.uid), int(v.start_at.timestamp()), int(v.end_at.timestamp()), said, words.get(v.status, "CONFIRMED"))
        for v, said in zip(visits, summaries, strict=True)
    ]


def with_icalendar(content: bytes) -> Seen:
    return [_seen(event) for event in icalendar.Calendar.from_ical(content).events]


def with_recurring_ical_events(content: bytes) -> Seen:
    calendar = icalendar.Calendar.from_ical(content)
    days = datetime(2026, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)
    return [_seen(event) for event in recurring_ical_events.of(calendar).between(*days)]


def _seen(event: icalendar.Event) -> tuple[str, int, int, str, str]:
    start, end = (int(event[name].dt.timestamp()) for name in ("DTSTART", "DTEND"))
    return str(event["UID"]), start, end, str(event["SUMMARY"]), str(event["STATUS"])


def with_vobject(content: bytes) -> Seen:
    return [
        (
            event.uid.value,
            int(event.dtstart.value.timestamp()),
            int(event.dtend.value.timestamp()),
            event.summary.value,
            event.status.value,
        )
        for event in vobject.readOne(content.decode()).vevent_list
    ]


def with_ics(content: bytes) -> Seen:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        events = ics.Calendar(content.decode()).events
    return [
        (event.uid, int(event.begin.timestamp()), int(event.end.timestamp()), event.name, event.status)
        for event in events
    ]


@pytest.mark.parametrize("read", [with_icalendar, with_recurring_ical_events, with_vobject, with_ics])
class TestAFeed:
    def test_of_the_staff_is_read_as_it_was_meant(self, read: Callable[[bytes], Seen]) -> None:
        """Check 78."""
        content = feed(VISITS, title="Mara, the first; of two", staff=True, names=True)

        summaries = [f"{v.client_name.split()[0]}: {v.service_name.strip()}" for v in VISITS]
        assert sorted(read(content)) == meant(VISITS, summaries)

    def test_of_a_client_is_read_as_it_was_meant(self, read: Callable[[bytes], Seen]) -> None:
        """Check 78."""
        content = feed(VISITS, title="Stillwater", staff=False)

        assert sorted(read(content)) == meant(VISITS, ["Appointment at Stillwater"] * len(VISITS))


@pytest.mark.slow
@pytest.mark.parametrize("read", ELSEWHERE.values(), ids=ELSEWHERE)
class TestAFeedOfOne:
    @pytest.mark.parametrize("one", VISITS, ids=lambda one: f"{one.start_at:%d %B}")
    def test_is_read_by_other_programs_too(self, read: Reader, one: AppointmentFacts) -> None:
        """Checks 15 and 78."""
        reading = read(feed([one], title="Stillwater", staff=False))

        assert (reading.uid, reading.summary) == (str(one.uid), "Appointment at Stillwater")
        assert (reading.start, reading.end) == (one.start_at.timestamp(), one.end_at.timestamp())
        assert reading.status == ("CANCELLED" if one.status == "cancelled" else "CONFIRMED")
        assert (reading.method, reading.attendee) == (None, None)
        assert one.service_name.strip() in reading.description
