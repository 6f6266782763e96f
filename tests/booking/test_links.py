"""What a link is worth: one appointment, one purpose, until a day after the visit."""

from datetime import timedelta

import pytest

from booking import access, errors
from booking.models import Appointment, LinkToken, Purpose
from tests.booking.caller import Caller, is_problem, row_counts
from tests.factories import NOW


@pytest.fixture
def calendar_link(booked):
    appointment = Appointment.objects.get(reference=booked["reference"])
    [token] = access.issue_links([(appointment.pk, appointment.end_at, Purpose.CALENDAR)])
    return token


class TestALink:
    def test_shows_the_first_name_and_nothing_else_of_the_client(self, kim, booked):
        """S12: an allow-list of fields."""
        answer = kim.get(f"appointments/{booked['reference']}/")

        assert answer.json()["client"] == {"name": "Kim"}
        assert set(answer.json()) == set(booked) - {"token", "manage_url"}
        assert b"example.com" not in answer.content
        assert answer["Cache-Control"] == "no-store"

    def test_has_256_bits_of_which_only_the_hash_is_kept(self, booked):
        """S16: from secrets, computed from nothing."""
        link = LinkToken.objects.get()

        assert len(booked["token"]) >= 43
        assert link.digest == access.digest(booked["token"])
        assert access.new_token() != access.new_token()

    @pytest.mark.parametrize(("hours", "lives"), [(0, True), (23.99, True), (24, False), (1000, False)])
    def test_ends_a_day_after_the_visit(self, kim, booked, clock, hours, lives):
        """S20."""
        clock.move_to(NOW + timedelta(days=8, hours=2 + hours))

        assert kim.get(f"appointments/{booked['reference']}/").status_code == (200 if lives else 404)

    def test_can_be_revoked(self, kim, booked):
        LinkToken.objects.update(revoked_at=NOW)

        assert is_problem(kim.get(f"appointments/{booked['reference']}/"), 404, "not-found")

    def test_of_one_purpose_is_nothing_at_the_door_of_another(self, booked, calendar_link):
        """S20, S21."""
        assert access.appointment_for_link(calendar_link, purpose=Purpose.CALENDAR, now=NOW)
        with pytest.raises(errors.NotFound):
            access.appointment_for_link(calendar_link, purpose=Purpose.MANAGE, now=NOW)
        with pytest.raises(errors.NotFound):
            access.appointment_for_link(booked["token"], purpose=Purpose.CALENDAR, now=NOW)

    @pytest.mark.parametrize("token", ["", " ", "\x00", "ü" * 20, "x" * 5000, "' OR 1=1 --"])
    def test_that_is_nonsense_is_nobodys(self, booked, token):
        answer = Caller(Authorization=f"Link {token}").get(f"appointments/{booked['reference']}/")

        assert is_problem(answer, 404, "not-found")

    def test_is_never_repeated_by_an_answer(self, kim, desk, booked):
        """S07: tokens are in no answer but the creator's."""
        path = f"appointments/{booked['reference']}/"
        answers = [kim.get(path), desk.get(path), desk.get("appointments/"), kim.get(path + "invite.ics")]

        assert not [answer for answer in answers if booked["token"].encode() in answer.content]

    def test_guessed_too_often_is_slowed_down(self, booked, settings):
        """S20: long guessing."""
        settings.LIMITS = settings.LIMITS | {"links": "3/min"}
        caller = Caller(Authorization="Link " + "B" * 43)
        caller.browser.defaults["REMOTE_ADDR"] = "203.0.113.7"

        answers = [caller.get(f"appointments/{booked['reference']}/") for _ in range(4)]

        assert [answer.status_code for answer in answers] == [404, 404, 404, 429]
        assert is_problem(answers[-1], 429, "too-many-requests")
        assert int(answers[-1]["Retry-After"]) >= 1


class TestReading:
    def test_changes_nothing_and_sends_nothing(self, kim, desk, booked):
        """S11, S17, S30: GET, HEAD and OPTIONS of every door, by everybody."""
        before = list(Appointment.objects.values()), row_counts()
        agents = ["Mozilla/5.0", "Microsoft Office/16.0", "Barracuda Sentinel", "GoogleImageProxy", ""]
        for caller in (kim, desk, Caller()):
            for door in ("", "invite.ics", "reschedule/", "cancel/", "cancel/?confirm=1&method=POST"):
                for method in ("GET", "HEAD", "OPTIONS"):
                    for agent in agents:
                        caller.send(
                            method,
                            f"appointments/{booked['reference']}/{door}",
                            None,
                            User_Agent=agent,
                            Purpose="prefetch",
                        )

        assert (list(Appointment.objects.values()), row_counts()) == before

    def test_of_the_invite_is_a_calendar_file(self, kim, booked):
        answer = kim.get(f"appointments/{booked['reference']}/invite.ics")

        assert answer["Content-Type"] == "text/calendar; charset=utf-8; method=PUBLISH"
        assert b"METHOD:PUBLISH" in answer.content
        assert b"ATTENDEE" not in answer.content

    def test_of_the_invite_is_for_calendars_that_ask_for_one(self, kim, booked):
        answer = kim.get(f"appointments/{booked['reference']}/invite.ics", Accept="text/calendar")

        assert answer.status_code == 200
