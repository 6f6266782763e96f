"""How much a guest may book online. Kim wants one more; Sam is somebody else; the desk is bound by none of it."""

import logging
from datetime import timedelta

import pytest

from booking import errors
from booking.access import ANYONE, staff
from booking.actions import limits
from booking.actions.block import block_contact
from booking.actions.book import Person
from booking.actions.limits import check_guest
from booking.actions.locks import in_one_transaction
from booking.models import Appointment, Client
from tests import factories
from tests.booking.caller import is_problem, statements
from tests.factories import NOW, TUESDAY, at, guest

KIM = Person(name="Kim Larsen", email="kim@example.com", phone="+49401234567")
DESK = staff("Noor")
LOGGED = "booking.actions.limits"


@pytest.fixture(autouse=True)
def no_alarm_yet():
    limits._alarmed_at.clear()


@pytest.fixture(autouse=True)
def three_each(house):
    """The studio's own default; elsewhere in these tests there is no limit."""
    factories.studio(open_appointments_per_client=3)


@pytest.fixture
def check(house):
    """Ask whether this guest may book; the refusal comes as from a booking."""

    def check(who=KIM, by=ANYONE, now=NOW):
        return in_one_transaction(lambda: check_guest(who, by=by, now=now))

    return check


@pytest.fixture
def has(book):
    """Kim has so many visits ahead."""

    def has(count, **changes):
        asked = {"client": guest(phone="+49 40 1234567"), "therapist": "anna"} | changes
        return [book(**asked, start=at("10:00", on=TUESDAY + timedelta(days=n)))["reference"] for n in range(count)]

    return has


class TestSomebodyBlocked:
    """S38."""

    @pytest.fixture(
        params=[("address", "KIM@example.com"), ("domain", "example.com"), ("phone", "+49 40 1234567")], ids=str
    )
    def blocked(self, request, house):
        kind, value = request.param
        return block_contact(kind, value, now=NOW)

    def test_hears_what_everybody_hears_who_was_slower(self, check, blocked):
        with pytest.raises(errors.SlotTaken) as refused:
            check()

        assert refused.value.detail == "This time has just been taken."

    def test_may_be_booked_by_the_desk(self, check, blocked):
        check(by=DESK)

    def test_keeps_nobody_else_out(self, check, blocked):
        check(Person(name="Sam Okoro", email="sam@example.org", phone="+49407654321"))


class TestSomebodyWithEnoughAhead:
    """S37."""

    def test_may_have_as_many_as_the_studio_says(self, check, has):
        has(2)

        check()

    def test_is_refused_one_more(self, check, has):
        has(3)

        with pytest.raises(errors.TooMany) as refused:
            check()
        assert "kim" not in refused.value.detail.lower()

    @pytest.mark.parametrize(
        "who",
        [
            Person(name="Kim Again", email="KIM@example.com"),
            Person(name="Nobody Known", email="made-up@example.com", phone="+49401234567"),
        ],
        ids=["the address", "the number"],
    )
    def test_is_known_by_the_address_and_by_the_number(self, check, has, who):
        has(3)

        with pytest.raises(errors.TooMany):
            check(who)

    def test_is_known_however_the_address_was_written(self, check, has):
        has(3, client=guest(email="Kim@Example.COM"))

        with pytest.raises(errors.TooMany):
            check(Person(name="Kim Larsen", email="kiM@example.com"))

    def test_is_not_confused_with_others(self, check, has):
        has(3)

        check(Person(name="Kim Larsen", email="kim@example.org"))
        check(Person(name="Kim Larsen", email="", phone=""))

    @pytest.mark.parametrize(
        "change",
        [
            {"status": "cancelled", "blocks": False},
            {"status": "noshow", "blocks": False},
            {"status": "pending", "expires_at": NOW},
            {"source": "phone"},
        ],
        ids=str,
    )
    def test_has_one_less_when_it_came_to_nothing(self, check, has, change):
        """What the desk booked does not count: a client with a series may still book online."""
        last = has(3)[-1]
        Appointment.objects.filter(reference=last).update(**change)

        check()

    def test_has_one_more_while_the_desk_has_not_answered(self, check, has):
        last = has(3)[-1]
        Appointment.objects.filter(reference=last).update(status="pending", expires_at=NOW + timedelta(hours=1))

        with pytest.raises(errors.TooMany):
            check()

    def test_has_a_series_ahead_as_one_thing(self, check, book_weekly, has):
        book_weekly(times=6, therapist="ben", start=at("15:00"))
        has(1)

        check()

    def test_may_book_again_after_the_visit(self, check, has):
        has(3)

        check(now=NOW + timedelta(days=9))

    def test_is_nobody_when_the_studio_sets_no_limit(self, check, has):
        factories.studio(open_appointments_per_client=0)
        has(4)

        check()

    def test_may_be_booked_by_the_desk(self, check, has):
        has(3)

        check(by=DESK)


class TestAHouseThatIsFloodedOnline:
    """S37: a ceiling of the studio, with an alarm."""

    @pytest.fixture
    def flooded(self, has):
        factories.studio(online_bookings_an_hour=2)
        has(2, client=guest("Sam Okoro", "sam@example.org"))

    def test_takes_no_more_and_sounds_the_alarm_once(self, check, flooded, caplog):
        for _ in range(3):
            with pytest.raises(errors.TooMany):
                check()

        found = [record for record in caplog.records if record.name == LOGGED]
        assert [record.levelno for record in found] == [logging.ERROR]
        assert not {"kim", "larsen", "example", "+49"} & set(found[0].getMessage().lower().split())

    def test_sounds_it_again_in_the_next_hour(self, check, flooded, caplog):
        for hours in (0, 0.5, 1):
            now = NOW + timedelta(hours=hours)
            Appointment.objects.update(created_at=now)
            with pytest.raises(errors.TooMany):
                check(now=now)

        assert len([record for record in caplog.records if record.name == LOGGED]) == 2

    def test_counts_an_hour_and_what_was_online(self, check, flooded):
        check(now=NOW + timedelta(hours=1))

        Appointment.objects.filter(pk=Appointment.objects.first().pk).update(source="phone")
        check()

    def test_still_books_at_the_desk(self, check, flooded):
        check(by=DESK)


class TestTheCheck:
    def test_costs_one_statement_for_all_three(self, house, has):
        factories.studio(open_appointments_per_client=9, online_bookings_an_hour=99)
        block_contact("domain", "spam.example", now=NOW)
        has(2)

        assert statements(lambda: check_guest(KIM, by=ANYONE, now=NOW)) == 1

    def test_costs_the_desk_nothing(self, house):
        assert statements(lambda: check_guest(KIM, by=DESK, now=NOW)) == 0
        assert statements(lambda: check_guest(None, by=ANYONE, now=NOW)) == 0


class TestABookingOnline:
    """S37, S38, over HTTP: what a guest meets at the door, and what the desk does not."""

    @pytest.fixture
    def blocked(self, house):
        return block_contact("address", "kim@example.com", now=NOW)

    def test_of_somebody_blocked_looks_like_a_time_that_was_taken(self, api, book, wish, blocked):
        taken = {"therapist": "anna", "start": at("14:00")}
        book(client=guest("Sam Okoro", "sam@example.org"), **taken)
        sams = api.post("appointments/", wish(client=guest("Lee Park", "lee@example.org"), **taken))

        kims = api.post("appointments/", wish(therapist="anna", start=at("12:00")))

        assert is_problem(sams, 409, "slot-taken")
        assert is_problem(kims, 409, "slot-taken")
        same = ("type", "title", "status", "detail", "code")
        assert [kims.json()[name] for name in same] == [sams.json()[name] for name in same]
        assert set(kims.json()) == set(sams.json())
        assert kims.json()["nearest"]
        assert not Client.objects.filter(email="kim@example.com").exists()

    def test_of_somebody_blocked_is_refused_otherwise_as_everybodys_is(self, api, wish, blocked):
        """A time that is not offered is not offered: the wrong answer would be the hint."""
        assert is_problem(api.post("appointments/", wish(start=at("03:00"))), 409, "not-offered")

    def test_of_one_too_many_says_when_to_ask_again(self, api, has, wish):
        has(3)

        refused = api.post("appointments/", wish(start=at("15:00")))

        assert is_problem(refused, 429, "too-many-requests")
        assert int(refused["Retry-After"]) > 0
        assert Appointment.objects.count() == 3

    def test_is_the_desks_to_make_all_the_same(self, desk, has, wish):
        has(3)
        block_contact("domain", "example.com", now=NOW)

        assert desk.post("appointments/", wish(start=at("15:00"))).status_code == 201


class TestTheDesk:
    """S38: it may book for anybody, and is warned."""

    @pytest.mark.parametrize(("value", "warnings"), [("example.com", ["client-blocked"]), ("spam.example", [])])
    def test_is_warned_about_who_is_blocked(self, desk, wish, value, warnings):
        block_contact("domain", value, now=NOW)

        made = desk.post("appointments/", wish()).json()

        path = f"appointments/{made['reference']}/"
        assert made["warnings"] == warnings
        assert desk.get(path).json()["warnings"] == warnings
        assert desk.post(path + "cancel/").json()["warnings"] == warnings

    def test_has_nothing_to_be_warned_about_without_a_client(self, desk, wish):
        assert desk.post("appointments/", wish(client=None, source="walk-in")).json()["warnings"] == []

    def test_alone_is_warned(self, kim, booked):
        block_contact("domain", "example.com", now=NOW)

        assert "warnings" not in kim.get(f"appointments/{booked['reference']}/").json()
