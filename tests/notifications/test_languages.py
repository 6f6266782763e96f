"""The language of a mail is the client's, and all of the mail is in it."""

import pytest

from booking.actions.book import Person
from booking.models import Client
from notifications import reminders
from tests.notifications.stage import DAY, NOW, VISIT, event_in, mails, rule, send, text_in

UTE = Person(name="Ute Sommer", email="ute@example.com", language="de")


class TestAGermanClient:
    @pytest.fixture
    def written_to(self, studio, server, note):
        note()
        studio.book(client=UTE)
        send()
        return mails(server)[0]

    def test_reads_german_in_text_page_and_calendar(self, written_to):
        assert written_to["Subject"] == "Ihr Termin am Dienstag, 24. November, 10:30 Uhr"
        assert "Wann: Dienstag, 24. November 2026, 10:30–11:30 Uhr (Ortszeit Berlin)" in text_in(written_to)
        assert '<html lang="de">' in text_in(written_to, "html")
        event = event_in(written_to)
        assert event["SUMMARY"] == "Termin bei Stillwater"
        assert "60 Minuten, mit" in event["DESCRIPTION"]

    def test_gets_no_note_in_another_language(self, written_to):
        """Check 49's neighbour: rather none than one that cannot be read."""
        for words in (text_in(written_to), text_in(written_to, "html"), str(event_in(written_to)["DESCRIPTION"])):
            assert "calmer" not in words

    def test_is_reminded_under_the_subject_of_the_confirmation(self, studio, server, written_to):
        """Check 35."""
        rule(24 * 60)
        reminders.derive(now=VISIT - DAY)
        send(VISIT - DAY)

        assert [mail["Subject"] for mail in mails(server)] == [written_to["Subject"]] * 2

    def test_who_asks_for_english_gets_it_with_the_next_mail(self, studio, server, note):
        note()
        studio.book(client=UTE)
        Client.objects.update(language="en")
        send()

        assert mails(server)[0]["Subject"] == "Your appointment on Tuesday 24 November, 10:30"
        assert "calmer" in text_in(mails(server)[0])


class TestAnyOtherLanguage:
    @pytest.mark.parametrize(("language", "taken"), [("en", True), ("de", True), ("fr", False), ("DE", False)])
    def test_is_not_asked_for(self, language, taken):
        from booking.api.requests import GuestField

        guest = {"name": "Ute Sommer", "email": "ute@example.com", "language": language}

        assert GuestField(data=guest).is_valid() == taken

    @pytest.mark.parametrize("language", ["fr", "", "tlh"])
    def test_is_answered_in_english(self, studio, server, language):
        studio.book()
        Client.objects.update(language=language)
        send(NOW)

        assert mails(server)[0]["Subject"].startswith("Your appointment")
