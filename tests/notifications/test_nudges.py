"""Which note rides along: by service, moment and history only; never twice in 90 days; and the mail never waits."""

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection, transaction

from booking import queries
from booking.models import Location, Studio
from content import review
from content.models import Snippet
from notifications import nudges
from notifications.models import Exposure, Message
from tests.notifications.stage import DAY, HOUR, NOW, VISIT, Stillwater, kinds, mails, move, send, text_in, the

CALM = "Many people feel calmer"


def exposed(**wanted):
    return list(Exposure.objects.filter(**wanted).order_by("pk").values_list("snippet", flat=True))


class TestANote:
    def test_rides_in_text_page_and_calendar(self, studio, server, note):
        from tests.notifications.stage import event_in

        note()
        studio.book()
        send()

        (mail,) = mails(server)
        assert CALM in text_in(mail)
        assert CALM in text_in(mail, "html")
        assert CALM in str(event_in(mail)["DESCRIPTION"])
        assert exposed() == ["a-calm-hour"]

    def test_is_logged_without_the_address(self, studio, server, note):
        note()
        studio.book()
        send()

        row = Exposure.objects.get()
        assert row.reader == nudges.reader_of("KIM@example.com")
        assert "kim" not in row.reader

    @pytest.mark.parametrize("kind", ["rescheduled", "cancelled"])
    def test_has_no_place_in_news_of_a_change(self, studio, server, note, kind):
        from tests.notifications.stage import cancel

        note()
        appointment = studio.book()
        move(appointment, VISIT + DAY, now=NOW) if kind == "rescheduled" else cancel(appointment, now=NOW)
        send()

        assert kinds(server) == [kind]
        assert CALM not in text_in(mails(server)[0])
        assert exposed() == []

    def test_is_not_for_the_partner(self, studio, server, note):
        note()
        studio.book_for_two()
        send()

        by_address = {mail["To"]: text_in(mail) for mail in mails(server)}
        assert CALM in by_address["kim@example.com"]
        assert CALM not in by_address["robin@example.com"]
        assert len(exposed()) == 1

    def test_is_not_for_those_who_want_none(self, studio, server, note):
        note()
        studio.book(tips=False)
        send()

        assert CALM not in text_in(mails(server)[0])
        assert exposed() == []


class TestTheMail:
    """Check 49: it never waits for a note."""

    def test_goes_without_one_when_the_library_is_empty(self, studio, server):
        studio.book()
        send()

        assert kinds(server) == ["confirmation"]

    @pytest.mark.parametrize(
        "why", ["draft", "past its review", "retired", "for another moment", "for another service"]
    )
    def test_goes_without_one_that_may_not_be_sent(self, studio, server, note, why):
        """Check 49."""
        unfit = {"for another moment": {"moments": ["follow-up"]}, "for another service": {"services": ["sports"]}}
        note(**unfit.get(why, {}))
        if why == "draft":
            review.reopen("a-calm-hour")
        elif why == "retired":
            review.retire("a-calm-hour", by="Noor", at=NOW)
        elif why == "past its review":
            Snippet.objects.update(review_by=NOW.date() - DAY)

        studio.book()
        send()

        assert kinds(server) == ["confirmation"]
        assert CALM not in text_in(mails(server)[0])

    def test_goes_with_one_on_its_last_day(self, studio, server, note):
        note()
        Snippet.objects.update(review_by=NOW.date())
        studio.book()
        send()

        assert CALM in text_in(mails(server)[0])

    @pytest.mark.django_db(transaction=True)
    def test_goes_without_one_when_choosing_breaks(self, server, note):
        """The table of exposures cannot be read; the mail goes, and the outbox stays in order."""
        studio = Stillwater()
        note()
        studio.book()
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE notifications_exposure RENAME TO notifications_gone")
            try:
                send()
            finally:
                cursor.execute("ALTER TABLE notifications_gone RENAME TO notifications_exposure")

        assert kinds(server) == ["confirmation"]
        assert the("confirmation").state == "sent"
        assert CALM not in text_in(mails(server)[0])

    def test_goes_without_one_on_a_contested_question_unless_the_studio_wants_them(self, studio, server, note):
        note()
        Snippet.objects.update(grade="conflicting")
        studio.book()
        send()
        Studio.objects.update(conflicting_notes=True)
        studio.book(VISIT + HOUR)
        send()

        assert [CALM in text_in(mail) for mail in mails(server)] == [False, True]


class TestNinetyDays:
    def test_pass_before_somebody_gets_the_same_again(self, studio, server, note):
        note()
        for days in (0, 30, 89, 91):
            studio.book(VISIT + days * DAY, now=NOW + days * DAY)
            send(NOW + days * DAY)

        assert [CALM in text_in(mail) for mail in mails(server)] == [True, False, False, True]

    def test_bring_each_of_several_once(self, studio, server, note):
        from booking.models import Studio

        Studio.objects.update(open_appointments_per_client=0)
        for n in range(4):
            note(f"calm-{n}")
        for n in range(6):
            studio.book(VISIT + n * DAY, now=NOW)
        send()

        assert sorted(exposed()) == [f"calm-{n}" for n in range(4)]
        assert len(server.kept) == 6

    def test_count_by_address_however_it_is_written(self, studio, server, note):
        from booking.actions.book import Person

        note()
        studio.book(client=Person(name="Kim", email="kim@example.com"))
        studio.book(VISIT + DAY, client=Person(name="Kim L", email="Kim@Example.com"))
        send()

        assert len(exposed()) == 1

    @pytest.mark.django_db(transaction=True)
    def test_hold_for_two_workers_who_choose_at_once(self, note):
        """Neither sees what the other has not committed yet; they must not both send the only note."""
        studio = Stillwater()
        note()
        studio.book()
        studio.book(VISIT + DAY)
        one, other = Message.objects.order_by("pk")
        facts = queries.facts_of([one.appointment_id, other.appointment_id])
        reader = nudges.reader_of("kim@example.com")
        chosen = {}

        def choose(message):
            asked = [(message, facts[message.appointment_id], reader)]
            chosen.update(nudges.choose_for(asked, conflicting=False, now=NOW))

        def second_worker():
            try:
                choose(other)
            finally:
                connection.close()

        worker = threading.Thread(target=second_worker)
        with transaction.atomic():
            choose(one)
            worker.start()
            worker.join(1)  # it may have to wait for us
        worker.join(10)

        assert list(chosen) == [one.pk]
        assert len(exposed()) == 1


class TestAnotherTry:
    def test_carries_the_note_it_had(self, studio, serve, note):
        """Check 34: the same mail again."""
        for n in range(5):
            note(f"calm-{n}")
        server = serve(DOT=["451 4.3.0 later"])
        studio.book()
        send()
        send(the("confirmation").due_at)

        first, second = (text_in(mail) for mail in mails(server))
        title = next(f"Calm {n}" for n in range(5) if f"Calm {n}" in first)
        assert title in second
        assert len(exposed()) == 1

    def test_leaves_it_out_when_it_was_withdrawn_meanwhile(self, studio, serve, note):
        note()
        server = serve(DOT=["451 4.3.0 later"])
        studio.book()
        send()
        review.retire("a-calm-hour", by="Noor", at=NOW)
        send(the("confirmation").due_at)

        assert [CALM in text_in(mail) for mail in mails(server)] == [True, False]


class TestTheStudiosDay:
    def test_is_what_review_dates_are_counted_by(self, db, server, note):
        """In Auckland it is the 21st already: a note that could be sent until the 20th stays behind."""
        studio = Stillwater("Pacific/Auckland")
        assert Location.objects.get().time_zone == "Pacific/Auckland"
        note()
        Snippet.objects.update(review_by=date(2026, 11, 20))
        late = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
        studio.book(now=late)
        send(late)

        assert CALM not in text_in(mails(server)[0])


def test_a_reader_is_not_written_as_an_address():
    assert len(nudges.reader_of("kim@example.com")) == 64
    assert timedelta(days=90) == nudges.NOT_AGAIN_FOR
