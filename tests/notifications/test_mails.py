"""All the mails about one appointment, as they arrive."""

import pytest

from notifications import reminders
from tests.notifications.stage import (
    DAY,
    HOUR,
    NOW,
    VISIT,
    calendar_in,
    cancel,
    event_in,
    kinds,
    mails,
    move,
    rule,
    send,
    text_in,
)


class TestTheMails:
    """One appointment, told of in every kind."""

    @pytest.fixture
    def told(self, studio, server, note):
        """The mails of one life: booked, moved, reminded, followed up; then another that is cancelled."""
        for slug in ("a-calm-hour", "a-calm-day", "a-calm-week"):
            note(slug)
        rule(24 * 60)
        rule(60, kind="follow-up", min_gap_minutes=0)
        appointment = studio.book()
        send()
        move(appointment, VISIT + HOUR, now=NOW + HOUR)
        send(NOW + HOUR)
        for at in (VISIT + HOUR - DAY, VISIT + 4 * HOUR):
            reminders.derive(now=at)
            send(at)
        return dict(zip(kinds(server), mails(server), strict=True))

    def test_form_one_thread(self, told):
        """Check 35."""
        first = told["confirmation"]["Message-ID"]

        assert list(told) == ["confirmation", "rescheduled", "reminder", "follow-up"]
        assert told["confirmation"]["References"] is None
        for kind in ("rescheduled", "reminder", "follow-up"):
            assert (told[kind]["References"], told[kind]["In-Reply-To"]) == (first, first)

    def test_have_one_subject_for_confirmation_and_reminder(self, studio, server):
        """Check 35: Gmail keeps a thread together only when the subject is the same."""
        rule(24 * 60)
        studio.book()
        send()
        reminders.derive(now=VISIT - DAY)
        send(VISIT - DAY)

        assert kinds(server) == ["confirmation", "reminder"]
        assert len({mail["Subject"] for mail in mails(server)}) == 1

    def test_carry_the_invite_of_the_present_revision_but_for_the_follow_up(self, told):
        """Check 32."""
        for kind in ("rescheduled", "reminder"):
            event = event_in(told[kind])
            assert (event["SEQUENCE"], event.decoded("DTSTART")) == (1, VISIT + HOUR)
            assert str(event["UID"]) == str(event_in(told["confirmation"])["UID"])
        assert calendar_in(told["follow-up"]) is None

    def test_can_be_left_with_one_click_only_where_that_is_a_subscription(self, told):
        """Check 45."""
        for kind in ("confirmation", "rescheduled", "reminder"):
            assert told[kind]["List-Unsubscribe"] is None
            assert told[kind]["List-ID"] is None
            assert told[kind]["Precedence"] is None
        last = told["follow-up"]
        assert last["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert "/one-click/>" in last["List-Unsubscribe"]
        assert "<mailto:" in last["List-Unsubscribe"]
        assert last["List-ID"]

    def test_carry_the_note_below_the_facts(self, told):
        """Check 48."""
        for kind in ("confirmation", "reminder"):
            for subtype in ("plain", "html"):
                text = text_in(told[kind], subtype)
                assert 0 < text.index("Linienstra") < text.index("Many people feel calmer"), (kind, subtype)
            assert "calm" not in told[kind]["Subject"].lower()
            description = str(event_in(told[kind])["DESCRIPTION"])
            assert "Many people feel calmer" in description[len(description) // 3 :]

    def test_say_no_more_than_they_must_in_a_follow_up(self, told):
        """Check 48: no link to book again, no price."""
        text = text_in(told["follow-up"])

        assert "/manage/" not in text
        assert "80.00" not in text
        assert "€" not in text


class TestACancellationMail:
    def test_leads_nowhere_but_the_preferences(self, studio, server):
        cancel(studio.book(), now=NOW)
        send()

        text = text_in(mails(server)[0])
        assert "/manage/" not in text
        assert "/calendar/" not in text
        assert "/preferences/" in text

    def test_cancels_the_event(self, studio, server):
        """Check 12, I-01; R-11: the desk cancels, and the client hears of it."""
        cancel(studio.book(), now=NOW)
        send()

        calendar = calendar_in(mails(server)[0])
        event = event_in(mails(server)[0])
        assert (str(calendar["METHOD"]), str(event["STATUS"]), event["SEQUENCE"]) == ("CANCEL", "CANCELLED", 1)
        assert event["ATTENDEE"]
        assert event.walk("VALARM") == []
