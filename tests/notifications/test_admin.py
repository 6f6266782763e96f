"""What the desk sees of messages, and what it can do about them. Noor is the owner, Kim a client."""

import io
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.contrib.messages import get_messages
from django.core.management import call_command
from django.test import Client as Browser

from notifications import preferences, queue
from notifications.models import Exposure, Kind, Message, Preference, ReminderRule, State
from tests.notifications.stage import AFTER_LEASE, NOW, VISIT, crash, rule, send

MESSAGES = "/admin/notifications/message/"


@pytest.fixture
def noor(db) -> Browser:
    browser = Browser()
    browser.force_login(User.objects.create_superuser("noor"))
    return browser


@pytest.fixture
def confirmation(studio) -> Message:
    studio.book()
    return Message.objects.get()


def send_again(browser: Browser, *messages: Message) -> list[str]:
    """Choose messages in the list and have them sent again; what the desk is told comes back."""
    chosen = {"action": "send_again", "_selected_action": [message.pk for message in messages]}
    return [str(said) for said in get_messages(browser.post(MESSAGES, chosen).wsgi_request)]


class TestAMessage:
    def test_is_found_with_the_reason_in_words(self, noor, confirmation) -> None:
        Message.objects.update(state=State.FAILED, words="550 no such mailbox")

        for query in ({"state__exact": "failed"}, {"kind__exact": "confirmation"}, {"q": confirmation.name}):
            assert "550 no such mailbox" in noor.get(MESSAGES, query).content.decode()
        assert "550 no such mailbox" not in noor.get(MESSAGES, {"state__exact": "sent"}).content.decode()

    def test_opens_with_all_that_is_known_of_it(self, noor, confirmation) -> None:
        page = noor.get(f"{MESSAGES}{confirmation.pk}/change/").content.decode()

        assert confirmation.name in page
        assert "2026-11-20 08:00:00" in page

    def test_is_neither_made_nor_changed_nor_deleted_here(self, noor, confirmation) -> None:
        for page in ("add/", f"{confirmation.pk}/change/", f"{confirmation.pk}/delete/"):
            assert noor.post(MESSAGES + page, {"state": "sent", "post": "yes"}).status_code == 403
        assert Message.objects.get().state == State.PENDING


class TestSendingAgain:
    @pytest.mark.parametrize("state", [State.FAILED, State.UNKNOWN])
    def test_sends_what_failed_or_is_unknown(self, noor, confirmation, server, state: State) -> None:
        Message.objects.update(state=state, attempt=7, tries=7, unsure=True, words="550 no such mailbox")

        said = send_again(noor, confirmation)
        send(now=queue.database_now())

        assert said == ["To be sent again: 1."]
        message = Message.objects.get()
        assert (message.state, message.tries, message.attempt) == (State.SENT, 0, 8)
        assert len(server.kept) == 1

    def test_says_who_asked_until_it_is_sent(self, noor, confirmation) -> None:
        Message.objects.update(state=State.FAILED, words="550 no such mailbox")

        send_again(noor, confirmation)

        message = Message.objects.get()
        assert (message.state, message.words) == (State.PENDING, "To be sent again, asked by noor.")

    def test_sends_a_follow_up_that_a_worker_died_on(self, noor, studio, server) -> None:
        rule(60, kind=Kind.FOLLOW_UP)
        appointment = studio.book(notify=False)
        after = VISIT + timedelta(hours=3)
        Message.objects.create(
            appointment=appointment,
            kind=Kind.FOLLOW_UP,
            recipient="client",
            sequence=0,
            rule=ReminderRule.objects.get(),
            name="a-follow-up",
            due_at=after,
            created_at=after,
        )
        crash(after)
        send(now=after + AFTER_LEASE)
        follow_up = Message.objects.get()
        assert follow_up.state == State.UNKNOWN

        send_again(noor, follow_up)
        send(now=after + AFTER_LEASE)

        assert Message.objects.get().state == State.SENT
        assert len(server.kept) == 1

    @pytest.mark.parametrize("state", [State.PENDING, State.SENDING, State.SENT, State.EXPIRED, State.CANCELLED])
    def test_leaves_everything_else_alone(self, noor, confirmation, state: State) -> None:
        Message.objects.update(state=state)
        before = Message.objects.values().get()

        assert send_again(noor, confirmation) == ["Left alone: 1, which had not failed."]
        assert Message.objects.values().get() == before

    def test_sends_nothing_that_is_no_longer_true(self, noor, studio, server) -> None:
        appointment = studio.book()
        Message.objects.update(state=State.FAILED)
        type(appointment).objects.update(status="cancelled", blocks=False)

        send_again(noor, Message.objects.get())
        send(now=queue.database_now())

        assert Message.objects.get().state == State.CANCELLED
        assert server.kept == []

    def test_keeps_out_a_worker_that_wakes_up_late(self, noor, confirmation) -> None:
        (asleep,) = crash(NOW)
        Message.objects.update(state=State.UNKNOWN)

        send_again(noor, confirmation)
        crash(queue.database_now())

        assert not queue.ended(asleep, State.FAILED, "late news")
        assert Message.objects.get().state == State.SENDING

    def test_is_for_those_who_may_change_messages(self, confirmation) -> None:
        Message.objects.update(state=State.FAILED)
        looker = User.objects.create_user("sam", is_staff=True)
        looker.user_permissions.add(Permission.objects.get(codename="view_message"))
        browser = Browser()
        browser.force_login(looker)

        send_again(browser, confirmation)

        assert Message.objects.get().state == State.FAILED


class TestARule:
    def test_is_changed_by_the_owner(self, noor) -> None:
        noor.post(
            "/admin/notifications/reminderrule/add/",
            {"name": "The evening before", "kind": "reminder", "minutes": "1440", "days_before": "1"}
            | {"at_time": "18:00", "min_gap_minutes": "240", "useful_until_minutes": "60", "is_active": "on"}
            | {"language": "en"},
        )

        assert f"{ReminderRule.objects.get().at_time:%H:%M}" == "18:00"

    def test_is_refused_in_words_when_it_makes_no_sense(self, noor) -> None:
        """A clock time needs a day: the constraint speaks before the database does."""
        answer = noor.post(
            "/admin/notifications/reminderrule/add/",
            {"name": "At six", "kind": "reminder", "minutes": "1440", "days_before": "", "at_time": "18:00"}
            | {"min_gap_minutes": "240", "useful_until_minutes": "60"},
        )

        assert "a_clock_time_needs_a_day" in str(answer.context["errors"])
        assert not ReminderRule.objects.exists()


class TestTheUsualRules:
    def test_are_a_day_and_three_hours_before_and_two_days_after(self, db) -> None:
        call_command("seed_rules", stdout=io.StringIO())

        to_clients = ReminderRule.objects.exclude(kind="staff-digest")
        assert set(to_clients.values_list("name", "kind", "minutes")) == {
            ("A day before", "reminder", 24 * 60),
            ("Three hours before", "reminder", 3 * 60),
            ("Two days after", "follow-up", 2 * 24 * 60),
        }

    def test_tell_the_studio_at_six_what_tomorrow_brings(self, db) -> None:
        call_command("seed_rules", stdout=io.StringIO())

        summary = ReminderRule.objects.get(kind="staff-digest")
        assert (summary.days_before, f"{summary.at_time:%H:%M}") == (1, "18:00")

    def test_are_added_once_and_then_the_owners(self, db) -> None:
        call_command("seed_rules", stdout=io.StringIO())
        ReminderRule.objects.filter(name="Three hours before").update(minutes=120)

        out = io.StringIO()
        call_command("seed_rules", stdout=out)

        assert ReminderRule.objects.count() == 4
        assert ReminderRule.objects.get(name="Three hours before").minutes == 120
        assert out.getvalue() == "All rules are there already.\n"


class TestWhatIsOnlyRead:
    def test_shows_no_token_of_a_persons_preferences(self, noor) -> None:
        preference = preferences.of(["kim@example.com"], now=NOW)["kim@example.com"]

        for page in ("", f"{preference.pk}/change/"):
            text = noor.get(f"/admin/notifications/preference/{page}").content.decode()
            assert "kim@example.com" in text
            assert all(
                secret not in text for secret in (preference.nonce, preference.digest, preferences.token_of(preference))
            )

    @pytest.mark.parametrize("name", ["exposure", "preference"])
    def test_is_neither_made_nor_deleted_here(self, noor, confirmation, name: str) -> None:
        Exposure.objects.create(message=confirmation, reader="0" * 64, snippet="a-calm-hour", at=NOW)
        preferences.of(["kim@example.com"], now=NOW)
        pk = {"exposure": Exposure, "preference": Preference}[name].objects.get().pk
        folder = f"/admin/notifications/{name}/"

        assert noor.get(folder).status_code == noor.get(f"{folder}{pk}/change/").status_code == 200
        for page in ("add/", f"{pk}/change/", f"{pk}/delete/"):
            assert noor.post(folder + page, {"post": "yes"}).status_code == 403
