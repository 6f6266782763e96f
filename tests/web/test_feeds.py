"""Calendar addresses as calendar programs meet them: messaging.md checks 78 to 80, reliability cases S22 and S23."""

import gzip
from datetime import timedelta

import icalendar
import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from booking import access
from booking.actions.cancel import cancel_appointment
from booking.actions.forget_client import forget_client
from booking.actions.make_feed import end_feed, make_feed
from booking.actions.write_client import write_client
from booking.models import Appointment, CalendarFeed, Client, Location, Service, Therapist
from tests.factories import NOW
from tests.web.visitor import everything

DOORS = ["/calendars/{}.ics", "/api/v1/calendars/{}.ics"]
GONE = timedelta(days=31)


@pytest.fixture
def robin() -> Browser:
    """A calendar program on somebody's phone."""
    return Browser()


@pytest.fixture
def annas(house):
    """Anna's calendar address."""
    return address(make_feed(house.anna, now=NOW))


@pytest.fixture
def harbours(house):
    return address(make_feed(house.harbour, now=NOW))


def address(made, door: str = DOORS[0]) -> str:
    return door.format(made.secret)


def events(answer) -> dict[str, str]:
    """Return the status of each event by its summary."""
    assert answer.status_code == 200, answer.content
    return {str(e["SUMMARY"]): str(e["STATUS"]) for e in icalendar.Calendar.from_ical(answer.content).events}


def change(of, **values) -> None:
    type(of).objects.filter(pk=of.pk).update(**values)


class TestAFeed:
    @pytest.mark.parametrize("door", DOORS)
    def test_is_read_by_whoever_has_its_address(self, booked, house, robin, door):
        answer = robin.get(address(make_feed(house.anna, now=NOW), door))

        assert events(answer) == {"Kim: Swedish": "CONFIRMED"}
        assert answer["Content-Type"] == "text/calendar; charset=utf-8"
        assert b"METHOD" not in answer.content

    def test_must_not_be_kept_indexed_or_told(self, annas, robin):
        """S23."""
        for answer in (robin.get(annas), robin.get(annas, headers={"If-None-Match": robin.get(annas)["ETag"]})):
            assert answer["Cache-Control"] == "no-store"
            assert answer["X-Robots-Tag"] == "noindex, nofollow"
            assert answer["Referrer-Policy"] == "no-referrer"

    def test_of_a_therapist_has_theirs_and_of_a_location_all(self, book, house, annas, harbours, robin):
        book(therapist="anna")
        book("13:00", therapist="ben", name="Sam Okoro", email="sam@example.com")

        assert events(robin.get(annas)) == {"Kim: Swedish": "CONFIRMED"}
        assert events(robin.get(harbours)) == {"Kim: Swedish": "CONFIRMED", "Sam: Swedish": "CONFIRMED"}

    def test_of_a_client_has_their_own_visits_as_the_invites_say_them(self, book, booked, robin):
        book("13:00", name="Sam Okoro", email="sam@example.com")

        content = robin.get(address(make_feed(booked.appointment.client, now=NOW))).content

        [event] = icalendar.Calendar.from_ical(content).events
        assert (str(event["UID"]), event["SEQUENCE"]) == (str(booked.appointment.uid), 0)
        assert str(event["SUMMARY"]) == "Appointment at Stillwater"

    def test_keeps_what_was_cancelled_for_thirty_days(self, booked, annas, robin, clock):
        """Check 78."""
        cancel_appointment(booked.appointment, by=access.staff("Noor"), now=NOW)

        assert events(robin.get(annas)) == {"Kim: Swedish": "CANCELLED"}
        change(booked.appointment, cancelled_at=NOW - GONE)
        assert events(robin.get(annas)) == {}

    def test_has_a_window(self, booked, annas, harbours, robin, clock):
        """Check 80."""
        for at, there in [
            (booked.appointment.start_at + timedelta(days=30), True),
            (booked.appointment.start_at + timedelta(days=31), False),
            (booked.appointment.start_at - timedelta(days=399), True),
            (booked.appointment.start_at - timedelta(days=401), False),
        ]:
            clock.move_to(at)
            assert bool(events(robin.get(annas))) is bool(events(robin.get(harbours))) is there, at

    def test_shows_a_request_as_tentative_and_a_hold_not_at_all(self, booked, annas, robin):
        change(booked.appointment, status="pending", expires_at=NOW + timedelta(hours=1))
        assert events(robin.get(annas)) == {"Kim: Swedish": "TENTATIVE"}

        change(booked.appointment, status="held", hold_digest="x", expires_at=NOW + timedelta(hours=1))
        assert events(robin.get(annas)) == {}

    def test_heeds_nothing_in_its_query(self, book, house, annas, robin):
        """S22: filters in the query widen nothing."""
        book(therapist="anna")
        book("13:00", therapist="ben", name="Sam Okoro", email="sam@example.com")

        answer = robin.get(annas, {"therapist": "ben", "location": "harbour", "names": "1", "from": "2000-01-01"})

        assert answer.content == robin.get(annas).content

    def test_changes_nothing_however_often_it_is_read(self, booked, annas, robin):
        before = everything()

        for _ in range(3):
            robin.get(annas)
            robin.head(annas)

        assert everything() == before

    @pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
    def test_can_only_be_read(self, annas, robin, method):
        assert getattr(robin, method)(annas).status_code == 405


class TestAnUnchangedFeed:
    """Check 78."""

    def test_is_not_sent_again(self, booked, annas, robin):
        first = robin.get(annas)

        again = robin.get(annas, headers={"If-None-Match": first["ETag"]})

        assert first["ETag"].startswith('"')
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])

    def test_is_known_by_its_date_too(self, booked, annas, robin, clock):
        clock.shift(timedelta(minutes=1))
        first = robin.get(annas)

        assert robin.get(annas, headers={"If-Modified-Since": first["Last-Modified"]}).status_code == 304

    def test_is_the_same_bytes_with_the_same_tag_until_the_day_ends(self, booked, annas, robin, clock):
        first = robin.get(annas)
        clock.shift(timedelta(hours=15, minutes=59))
        later = robin.get(annas)
        clock.shift(timedelta(minutes=1))
        tomorrow = robin.get(annas)

        assert (later.content, later["ETag"]) == (first.content, first["ETag"])
        assert (tomorrow.content, tomorrow["ETag"] == first["ETag"]) == (first.content, False)

    def test_costs_one_statement_whatever_it_shows(self, booked, annas, harbours, robin):
        for where in (annas, harbours):
            tag = robin.get(where)["ETag"]
            with CaptureQueriesContext(connection) as captured:
                assert robin.get(where, headers={"If-None-Match": tag}).status_code == 304
            assert len(captured) == 1

    def test_has_a_date_that_a_second_change_in_the_same_second_makes_old(self, booked, annas, robin, clock):
        change(booked.appointment, changed_at=NOW)
        clock.move_to(NOW)
        first = robin.get(annas)
        change(booked.appointment, changed_at=NOW + timedelta(milliseconds=600), version=2)
        clock.move_to(NOW + timedelta(seconds=2))

        assert robin.get(annas, headers={"If-Modified-Since": first["Last-Modified"]}).status_code == 200

    def test_is_sent_in_two_encodings_each_with_a_tag_of_its_own(self, booked, annas, robin):
        plain = robin.get(annas)
        small = robin.get(annas, headers={"Accept-Encoding": "br, gzip;q=0.8"})

        assert gzip.decompress(small.content) == plain.content
        assert (small["Content-Encoding"], small["Vary"]) == ("gzip", "Accept-Encoding")
        assert small["ETag"] != plain["ETag"]
        assert not robin.get(annas, headers={"Accept-Encoding": "gzip;q=0"}).has_header("Content-Encoding")


class TestAChange:
    """Check 78: whatever would be read differently has another tag."""

    @pytest.fixture
    def tags(self, booked, annas, harbours, robin):
        def tags() -> list[str]:
            own = CalendarFeed.objects.get(client__isnull=False)
            assert own
            return [robin.get(where)["ETag"] for where in (annas, harbours, kims)]

        kims = address(make_feed(booked.appointment.client, now=NOW))
        return tags

    @pytest.mark.parametrize(
        "happens",
        [
            pytest.param(lambda one: cancel_appointment(one, by=access.staff("Noor"), now=NOW), id="a cancel"),
            pytest.param(lambda one: change(one, version=2), id="a change of the appointment"),
            pytest.param(lambda one: change(one.client, name="Kim Okoro"), id="another name of the client"),
            pytest.param(lambda one: Service.objects.update(name="Hot"), id="another name of the service"),
            pytest.param(lambda one: Therapist.objects.filter(slug="anna").update(name="Ann"), id="of a therapist"),
            pytest.param(lambda one: Location.objects.update(name="Port"), id="of the location"),
            pytest.param(lambda one: type(one.room).objects.update(name="Red"), id="of a room"),
        ],
    )
    def test_gives_every_feed_that_shows_it_another_tag(self, booked, tags, happens):
        before = tags()
        assert tags() == before

        happens(Appointment.objects.select_related("client", "room").get())

        assert all(new != old for new, old in zip(tags(), before, strict=True))

    def test_of_a_client_who_was_forgotten_takes_the_name_out(self, booked, annas, robin, clock):
        clock.move_to(booked.appointment.end_at + timedelta(hours=1))
        tag = robin.get(annas)["ETag"]

        forget_client(booked.appointment.client, now=booked.appointment.end_at)

        answer = robin.get(annas, headers={"If-None-Match": tag})
        assert answer.status_code == 200
        assert b"Kim" not in answer.content


class TestASecret:
    def test_has_256_random_bits_of_which_only_the_digest_is_kept(self, house):
        """S16, S22: of each its own."""
        first, second = (make_feed(house.anna, now=NOW).secret for _ in range(2))

        assert len(first) == len(second) == 43
        assert first != second
        assert first not in everything()

    @pytest.mark.parametrize("door", DOORS)
    def test_that_is_wrong_looks_like_any_unknown_address(self, house, robin, door):
        """S23; check 79."""
        unknown = robin.get(door.rsplit("/", 2)[0] + "/no/such/address.ics")
        feed = make_feed(house.anna, now=NOW)
        end_feed(feed.feed, now=NOW)

        for secret in ("never-was", "anna", feed.secret, "x" * 2000, "%00", "%F0%9F%92%86"):
            wrong = robin.get(door.format(secret))
            assert wrong.status_code == unknown.status_code == 404
            assert (wrong.content, wrong.headers) == (unknown.content, unknown.headers)

    def test_is_revoked_by_itself_and_the_others_go_on(self, house, annas, robin):
        """S22."""
        second = make_feed(house.anna, now=NOW)

        end_feed(second.feed, now=NOW)

        assert robin.get(address(second)).status_code == 404
        assert robin.get(annas).status_code == 200

    def test_opens_nothing_once_its_therapist_or_location_is_gone(self, house, annas, harbours, robin):
        """S22: the feed runs as that person."""
        change(house.anna, is_active=False)
        assert [robin.get(where).status_code for where in (annas, harbours)] == [404, 200]

        change(house.harbour, is_active=False)
        assert robin.get(harbours).status_code == 404

    def test_of_a_client_ends_with_the_address_we_wrote_to(self, booked, robin):
        kim = booked.appointment.client
        where = address(make_feed(kim, now=NOW))

        write_client(Client.objects.get(), {"email": "kim@example.org"}, now=NOW)

        assert robin.get(where).status_code == 404

    def test_of_another_purpose_opens_no_feed_and_a_feeds_nothing_else(self, booked, house, robin):
        """S20, S21."""
        feed = make_feed(house.anna, now=NOW).secret

        assert [robin.get(door.format(booked.token)).status_code for door in DOORS] == [404, 404]
        for other in (f"/manage/{feed}/", f"/calendar/{feed}.ics", f"/preferences/{feed}/", f"/waitlist/{feed}/"):
            assert robin.get(other).status_code == 404

    def test_that_is_guessed_is_counted(self, house, annas, settings):
        """S23."""
        settings.LIMITS = settings.LIMITS | {"links": "3/hour"}
        guesser = Browser(REMOTE_ADDR="203.0.113.7")

        answers = [guesser.get(f"/calendars/guess-{number}.ics").status_code for number in range(5)]

        assert answers == [404, 404, 404, 429, 429]
        assert guesser.get(annas).status_code == 200
