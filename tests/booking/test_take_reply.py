"""What a guest's calendar answers: messaging.md checks 76 and 77."""

import io
import sys
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from booking import access, events
from booking.actions.cancel import cancel_appointment
from booking.actions.reschedule import reschedule_appointment
from booking.models import Appointment, Reply
from tests.booking.admin_pages import address
from tests.booking.caller import Caller, is_problem, row_counts
from tests.booking.replies import calendar_reply, mailed, stamp
from tests.factories import NOW, api_key, at

MAIL, CALENDAR = "message/rfc822", "text/calendar"


@pytest.fixture
def kims(booked) -> Appointment:
    return Appointment.objects.get(reference=booked["reference"])


@pytest.fixture
def told() -> list[events.InviteDeclined]:
    """What the studio is told of; everything else goes on as it does."""
    heard: list[events.InviteDeclined] = []
    events.subscribe(events.InviteDeclined, heard.append)
    yield heard
    events._listeners[events.InviteDeclined].remove(heard.append)


@pytest.fixture
def hand_over(desk):
    """Hand a mail to the API as the desk's mailbox filter does."""

    def hand_over(content: bytes, kind: str = MAIL, caller: Caller = desk, **headers: str):
        sent = caller._with(headers)
        return caller.browser.post("/api/v1/replies/", data=content, content_type=kind, headers=sent)

    return hand_over


class TestANo:
    def test_is_written_down_and_told_and_cancels_nothing(self, kims, hand_over, told):
        """Check 76."""
        answer = hand_over(mailed(calendar_reply(kims)))

        assert answer.status_code == 201, answer.content
        assert answer.json() == {
            "appointment": kims.reference,
            "guest": "client",
            "answer": "declined",
            "sequence": 0,
            "received_at": "2026-11-23T09:00:00+01:00",
        }
        assert [(one.role, one.recipients, one.sequence) for one in told] == [("client", ("studio", "client"), 0)]
        present = Appointment.objects.get()
        assert (present.status, present.version, present.sequence) == ("booked", kims.version, 0)

    def test_of_the_partner_is_told_to_the_studio_alone(self, book, hand_over, told):
        reference = book(variation="couples-60", partner={"name": "Sam", "email": "sam@example.com"})["reference"]
        visit = Appointment.objects.get(reference=reference)

        hand_over(mailed(calendar_reply(visit, ATTENDEE="mailto:sam@example.com"), sender="sam@example.com"))

        assert [(one.role, one.recipients) for one in told] == [("partner", ("studio",))]

    def test_without_its_organizer_counts(self, kims, hand_over, told):
        """Check 76: outlook.com leaves it out."""
        assert hand_over(mailed(calendar_reply(kims, ORGANIZER=None))).status_code == 201
        assert len(told) == 1

    def test_without_a_sequence_is_about_the_first_invite(self, kims, hand_over):
        assert hand_over(mailed(calendar_reply(kims, SEQUENCE=None))).status_code == 201

    def test_that_comes_twice_is_one(self, kims, hand_over, told):
        answers = [hand_over(mailed(calendar_reply(kims))) for _ in range(2)]

        assert [answer.status_code for answer in answers] == [201, 200]
        assert answers[0].json() == answers[1].json()
        assert (Reply.objects.count(), len(told)) == (1, 1)

    def test_with_one_key_is_one_answer(self, kims, hand_over):
        content = mailed(calendar_reply(kims))

        answers = [hand_over(content, Idempotency_Key="once") for _ in range(2)]

        assert [answer.status_code for answer in answers] == [201, 201]
        assert answers[1]["Idempotency-Replayed"] == "true"

    def test_after_a_yes_after_a_no_is_not_told_again(self, kims, hand_over, told):
        """Check 77: two machines that answer each other stop."""
        for minute, word in enumerate(("DECLINED", "ACCEPTED", "DECLINED", "DECLINED"), start=1):
            content = calendar_reply(kims, word, DTSTAMP=stamp(NOW + timedelta(minutes=minute)))
            assert hand_over(mailed(content)).status_code == 201

        assert (Reply.objects.count(), len(told)) == (4, 1)

    def test_to_a_visit_that_is_over_or_off_is_only_written_down(self, kims, hand_over, told, clock):
        cancel_appointment(kims, by=access.staff("Noor"), now=NOW)
        kims.refresh_from_db()

        assert hand_over(mailed(calendar_reply(kims))).status_code == 201
        assert told == []


class TestAnAnswer:
    @pytest.mark.parametrize("word", ["ACCEPTED", "TENTATIVE", "DELEGATED"])
    def test_that_is_no_no_is_only_written_down(self, kims, hand_over, told, word):
        assert hand_over(mailed(calendar_reply(kims, word))).json()["answer"] == word.lower()
        assert told == []

    def test_is_shown_at_the_desk_and_to_nobody_else(self, kims, kim, hand_over, desk):
        hand_over(mailed(calendar_reply(kims)))

        assert [one["answer"] for one in desk.get(f"appointments/{kims.reference}/").json()["replies"]] == ["declined"]
        assert "replies" not in kim.get(f"appointments/{kims.reference}/").json()

    def test_is_shown_on_the_page_of_the_appointment(self, kims, hand_over, admin_client):
        hand_over(mailed(calendar_reply(kims)))

        assert "declined" in admin_client.get(address(Appointment, kims.pk)).content.decode().lower()

    def test_may_come_without_its_mail(self, kims, hand_over):
        assert hand_over(calendar_reply(kims), CALENDAR).status_code == 201

    def test_is_for_the_desk_to_hand_over(self, kims, hand_over):
        for caller in (Caller(), Caller(Authorization=f"Bearer {api_key('read')}")):
            assert hand_over(mailed(calendar_reply(kims)), caller=caller).status_code in {401, 403}
        assert not Reply.objects.exists()


def big(of: Appointment) -> bytes:
    return mailed(calendar_reply(of, extra="COMMENT:" + "x" * 1_000_000))


def twice(of: Appointment, name: str) -> bytes:
    return mailed(calendar_reply(of, extra=f"{name};PARTSTAT=DECLINED:mailto:sam@example.com"))


def forwarded(of: Appointment) -> bytes:
    outer = EmailMessage()
    outer["From"] = "Kim Larsen <kim@example.com>"
    outer.set_content("See below.")
    inner = EmailMessage()
    inner.set_content(calendar_reply(of), maintype="text", subtype="calendar")
    outer.add_attachment(inner)
    return outer.as_bytes()


REFUSED = {
    "from somebody else": (lambda of: mailed(calendar_reply(of), sender="sam@example.com"), 400),
    "by a stranger": (
        lambda of: mailed(calendar_reply(of, ATTENDEE="mailto:sam@example.com"), sender="sam@example.com"),
        404,
    ),
    "with two senders": (lambda of: mailed(calendar_reply(of), sender="kim@example.com, sam@example.com"), 400),
    "vouched for by a header": (
        lambda of: mailed(
            calendar_reply(of),
            sender="sam@example.com",
            Authentication_Results="x; dmarc=pass",
            Sender="kim@example.com",
        ),
        400,
    ),
    "of an unknown UID": (lambda of: mailed(calendar_reply(of, UID="6f2d8f8e-6a7d-4c55-9a53-0d0a3f1f2b11")), 404),
    "of a UID that is none of ours": (lambda of: mailed(calendar_reply(of, UID="event@google.com")), 400),
    "to another organizer": (lambda of: mailed(calendar_reply(of, ORGANIZER="mailto:sam@example.com")), 404),
    "to a later invite": (lambda of: mailed(calendar_reply(of, SEQUENCE=1)), 409),
    "with a SEQUENCE below nothing": (lambda of: mailed(calendar_reply(of, SEQUENCE=-1)), 400),
    "with a SEQUENCE beyond counting": (lambda of: mailed(calendar_reply(of, SEQUENCE=9**99)), 400),
    "with a SEQUENCE that is no number": (lambda of: mailed(calendar_reply(of, SEQUENCE="x")), 400),
    "written next week": (lambda of: mailed(calendar_reply(of, DTSTAMP="20261201T000000Z")), 409),
    "written never": (lambda of: mailed(calendar_reply(of, DTSTAMP=None)), 400),
    "written on no day": (lambda of: mailed(calendar_reply(of, DTSTAMP="20261332T990000Z")), 400),
    "that is a REQUEST": (lambda of: mailed(calendar_reply(of, METHOD="REQUEST")), 400),
    "that is a CANCEL": (lambda of: mailed(calendar_reply(of, METHOD="CANCEL")), 400),
    "without a method": (lambda of: mailed(calendar_reply(of, METHOD=None)), 400),
    "without an attendee": (lambda of: mailed(calendar_reply(of, ATTENDEE=None)), 400),
    "of two attendees": (lambda of: twice(of, "ATTENDEE"), 400),
    "of an attendee without an address": (lambda of: mailed(calendar_reply(of, ATTENDEE="urn:uuid:1")), 400),
    "to one date of many": (lambda of: mailed(calendar_reply(of, extra="RECURRENCE-ID:20261201T090000Z")), 400),
    "that says nothing": (lambda of: mailed(calendar_reply(of, "NEEDS-ACTION")), 400),
    "that says something else": (lambda of: mailed(calendar_reply(of, "X-MAYBE")), 400),
    "of a megabyte": (big, 400),
    "that was forwarded": (forwarded, 400),
    "that is cut off": (lambda of: mailed(calendar_reply(of)[:150]), 400),
    "that is no calendar": (lambda of: mailed(b"\x00\xff" * 100), 400),
    "of nothing": (lambda of: b"", 400),
}


class TestWhatIsNoAnswerOfOurGuests:
    """Check 76: it changes nothing and says why."""

    @pytest.mark.parametrize("name", REFUSED)
    def test_is_refused(self, kims, hand_over, told, name):
        make, status = REFUSED[name]
        before = row_counts()

        answer = hand_over(make(kims))

        assert is_problem(answer, status, {400: "invalid", 404: "not-found", 409: "wrong-state"}[status])
        assert (row_counts(), told) == (before, [])

    def test_is_refused_when_the_appointment_has_moved_since(self, kims, hand_over, told):
        stale = mailed(calendar_reply(kims))
        moved = at("15:00")
        reschedule_appointment(kims, start_at=_instant(moved), therapist=None, by=access.staff("Noor"), now=NOW)

        assert is_problem(hand_over(stale), 409, "wrong-state")
        assert not Reply.objects.exists()

    def test_is_refused_when_a_newer_one_is_there(self, kims, hand_over):
        newer = calendar_reply(kims, "ACCEPTED", DTSTAMP=stamp(NOW + timedelta(minutes=5)))
        assert hand_over(mailed(newer)).status_code == 201

        assert is_problem(hand_over(mailed(calendar_reply(kims))), 409, "wrong-state")

    def test_does_not_say_whether_the_uid_or_the_address_was_wrong(self, kims, hand_over):
        stranger, unknown = (hand_over(REFUSED[name][0](kims)) for name in ("by a stranger", "of an unknown UID"))

        assert stranger.content == unknown.content

    def test_is_refused_as_a_bounce_or_an_absence(self, kims, hand_over):
        """Check 77: nothing is mailed back to machines."""
        absent = EmailMessage()
        absent["From"], absent["Auto-Submitted"] = "kim@example.com", "auto-replied"
        absent.set_content("I am away.")
        report = mailed(calendar_reply(kims)).replace(b"multipart/alternative", b"multipart/report")
        before = row_counts()

        for content in (absent.as_bytes(), report):
            assert is_problem(hand_over(content), 400, "invalid")
        assert row_counts() == before

    def test_is_refused_in_another_form(self, kims, hand_over):
        assert is_problem(hand_over(b"{}", "application/json"), 415, "unsupported-media-type")


class TestTheCommand:
    @pytest.fixture
    def take(self, monkeypatch, tmp_path: Path, capsys):
        """Run it with these octets on its standard input; return what it says."""

        def take(content: bytes, *options: str) -> str:
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
            call_command("take_reply", *options)
            return capsys.readouterr().out

        return take

    def test_takes_a_mail_on_its_standard_input(self, kims, take, told):
        assert take(mailed(calendar_reply(kims))) == f"{kims.reference}: client declined\n"
        assert take(mailed(calendar_reply(kims))) == f"{kims.reference}: client declined, for the second time\n"
        assert len(told) == 1

    def test_takes_a_calendar_object_when_told_so(self, kims, take):
        assert "accepted" in take(calendar_reply(kims, "ACCEPTED"), "--calendar")

    @pytest.mark.parametrize("name", ["from somebody else", "by a stranger", "to a later invite", "of a megabyte"])
    def test_says_why_not_and_ends_with_65(self, kims, take, told, name):
        """Check 76."""
        before = row_counts()

        with pytest.raises(CommandError, match="Not taken: ") as refused:
            take(REFUSED[name][0](kims))

        assert refused.value.returncode == 65
        assert (row_counts(), told) == (before, [])


def _instant(written: str):
    return datetime.fromisoformat(written).astimezone(UTC)
