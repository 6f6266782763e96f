"""How long a visit can be changed online: what a mail says of it before and after, and never a date that has passed."""

from datetime import timedelta

import pytest

from booking.models import Appointment
from notifications import reminders
from notifications.render import Kind
from tests.booking.visits import MANAGE, visit
from tests.notifications.pages import Page, mail_of
from tests.notifications.stage import HOUR, VISIT, mails, rule, send, text_in

LAST = visit().change_until
AFTER = LAST + timedelta(seconds=1)
WITH_A_LINK: tuple[Kind, ...] = ("confirmation", "rescheduled", "relocated", "reminder", "cancel-link")
DEADLINE = {"en": "Monday 23 November, 10:30", "de": "Montag, 23. November, 10:30 Uhr"}
OVER = {"en": "It can no longer be changed online.", "de": "Online ist keine Änderung mehr möglich."}
CHANGE = {"en": "Change or cancel", "de": "Verschieben oder absagen"}
SEE = {"en": "See the appointment", "de": "Termin ansehen"}
either_language = pytest.mark.parametrize("language", ["en", "de"])


@either_language
@pytest.mark.parametrize("kind", WITH_A_LINK)
class TestAMailWithALink:
    def test_written_at_the_last_instant_says_until_when(self, kind: Kind, language: str) -> None:
        mail = mail_of(kind, language=language, manage_url=MANAGE, written_at=LAST)

        for words in (mail.text, Page(mail.html).words):
            assert DEADLINE[language] in words
            assert CHANGE[language] in words
            assert OVER[language] not in words

    def test_written_after_that_names_no_date_that_has_passed(self, kind: Kind, language: str) -> None:
        mail = mail_of(kind, language=language, manage_url=MANAGE, written_at=AFTER)

        assert f"{SEE[language]}: {MANAGE}" in mail.text
        for words in (mail.text, Page(mail.html).words):
            assert DEADLINE[language] not in words
            assert OVER[language] in words
            assert CHANGE[language] not in words


@either_language
@pytest.mark.parametrize("at", [LAST, AFTER])
def test_a_partner_who_changes_nothing_reads_nothing_of_it(at: object, language: str) -> None:
    mail = mail_of("reminder", language=language, recipient="partner", manage_url="", written_at=at)

    assert DEADLINE[language] not in mail.text
    assert OVER[language] not in mail.text


@pytest.mark.django_db
@pytest.mark.parametrize(("hours", "is_over"), [(30, False), (2, True)])
def test_a_reminder_goes_by_the_time_it_is_sent_for(studio, server, hours, is_over):
    """A day's notice is asked of clients."""
    rule(hours * 60)
    studio.book()
    Appointment.objects.update(change_deadline_minutes=24 * 60)
    send()
    reminders.derive(now=VISIT - hours * HOUR)
    send(VISIT - hours * HOUR)

    assert (OVER["en"] in text_in(mails(server)[1])) is is_over
