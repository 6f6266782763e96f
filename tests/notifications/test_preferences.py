"""What people want to hear, and that a no holds from that moment on: messaging.md checks 45 to 47."""

import threading

import pytest
from django.db import connection, transaction

from booking import errors
from notifications import preferences, reminders
from notifications.models import Preference, new_nonce
from tests.notifications.stage import DAY, HOUR, NOW, VISIT, Stillwater, crash, kinds, mails, rule, send, text_in, the

CALM = "Many people feel calmer"


@pytest.fixture
def kims(db):
    return preferences.of(["kim@example.com"], now=NOW)["kim@example.com"]


@pytest.fixture
def token(kims):
    return preferences.token_of(kims)


def one_click(client, token, **how):
    return client.post(f"/api/v1/preferences/{token}/one-click/", {"List-Unsubscribe": "One-Click"}, **how)


def wishes(kims):
    kims.refresh_from_db()
    return kims.tips, kims.follow_ups, kims.reminders


class TestOneClick:
    @pytest.mark.parametrize("coding", ["application/x-www-form-urlencoded", None], ids=["form", "multipart"])
    def test_stops_what_is_a_subscription_and_nothing_else(self, client, kims, token, coding):
        """Check 46, RFC 8058 3.1: no cookie, no redirect."""
        how = {} if coding is None else {"data": "List-Unsubscribe=One-Click", "content_type": coding}
        path = f"/api/v1/preferences/{token}/one-click/"
        answer = client.post(path, **how) if how else one_click(client, token)

        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers
        assert wishes(kims) == (False, False, True)

    def test_is_not_done_by_looking(self, client, kims, token):
        """Check 46: GET leads to the page; S17: a scanner that follows links changes nothing."""
        answers = [getattr(client, method)(f"/api/v1/preferences/{token}/one-click/") for method in ("get", "head")]

        assert all(answer.status_code in {200, 302} for answer in answers)
        assert wishes(kims) == (True, True, True)

    def test_with_a_wrong_token_changes_nothing(self, client, kims, token):
        """Check 46."""
        wrong = token[:-1] + ("A" if token[-1] != "A" else "B")

        assert one_click(client, wrong).status_code == 404
        assert client.get(f"/api/v1/preferences/{wrong}/one-click/").status_code == 404
        assert wishes(kims) == (True, True, True)

    def test_twice_is_once(self, client, kims, token):
        assert [one_click(client, token).status_code for _ in range(2)] == [200, 200]
        assert wishes(kims) == (False, False, True)

    def test_works_by_the_address_in_the_mail(self, studio, server, client):
        """Check 46, from end to end: the address in List-Unsubscribe is the one that works."""
        rule(60, kind="follow-up", min_gap_minutes=0)
        studio.book()
        send()
        reminders.derive(now=VISIT + 3 * HOUR)
        send(VISIT + 3 * HOUR)
        header = mails(server)[1]["List-Unsubscribe"]
        path = "/" + header.split("<")[1].split(">")[0].split("/", 3)[3]

        answer = client.post(path, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded")

        assert answer.status_code == 200
        assert wishes(Preference.objects.get()) == (False, False, True)


class TestTheApi:
    def test_shows_and_changes_single_wishes(self, client, kims, token):
        path = f"/api/v1/preferences/{token}/"

        assert client.get(path).json() == {"tips": True, "follow_ups": True, "reminders": True}
        answer = client.patch(path, {"reminders": False}, content_type="application/json")

        assert answer.json() == {"tips": True, "follow_ups": True, "reminders": False}
        assert wishes(kims) == (True, True, False)

    @pytest.mark.parametrize("body", [{"address": "x@y.example"}, {"tips": "perhaps"}, ["tips"]])
    def test_refuses_what_is_no_wish(self, client, kims, token, body):
        answer = client.patch(f"/api/v1/preferences/{token}/", body, content_type="application/json")

        assert answer.status_code == 400
        assert wishes(kims) == (True, True, True)

    def test_does_not_say_whose_they_are(self, client, token):
        assert "kim" not in client.get(f"/api/v1/preferences/{token}/").content.decode()


class TestAToken:
    def test_is_ours_alone_to_make(self, kims, token, settings):
        assert preferences.find(token) == kims
        settings.SECRET_KEY = "another secret of fifty characters or more, for this test"
        assert preferences.token_of(kims) != token

    def test_is_not_kept(self, kims, token):
        assert token not in [str(value) for value in vars(kims).values()]

    def test_dies_with_its_nonce(self, kims, token):
        Preference.objects.all().delete()
        preferences.of(["kim@example.com"], now=NOW)

        with pytest.raises(errors.NotFound):
            preferences.find(token)

    def test_has_128_bits_behind_it(self):
        assert len(new_nonce()) >= 22


class TestANo:
    def test_to_reminders_holds_at_once(self, studio, server, client):
        """Check 47's sibling: the reminder is written, and still does not go."""
        rule(24 * 60)
        studio.book()
        send()
        reminders.derive(now=VISIT - DAY)
        token = preferences.token_of(Preference.objects.get())
        client.patch(f"/api/v1/preferences/{token}/", {"reminders": False}, content_type="application/json")

        send(VISIT - DAY)

        assert kinds(server) == ["confirmation"]
        assert (the("reminder").state, the("reminder").words) == ("cancelled", "They asked for no reminders.")

    def test_to_follow_ups_holds_at_once_and_reminders_go_on(self, studio, server, client):
        """Check 47."""
        rule(24 * 60)
        rule(60, kind="follow-up", min_gap_minutes=0)
        studio.book()
        send()
        one_click(client, preferences.token_of(Preference.objects.get()))
        for now in (VISIT - DAY, VISIT + 3 * HOUR):
            reminders.derive(now=now)
            send(now)

        assert kinds(server) == ["confirmation", "reminder"]
        assert the("follow-up").state == "cancelled"

    def test_to_tips_holds_for_the_mail_that_waits(self, studio, server, client, note):
        note()
        studio.book()
        kims = preferences.of(["kim@example.com"], now=NOW)["kim@example.com"]
        one_click(client, preferences.token_of(kims))

        send()

        assert kinds(server) == ["confirmation"]
        assert CALM not in text_in(mails(server)[0])

    def test_to_tips_holds_for_a_second_try(self, studio, serve, client, note):
        note()
        server = serve(DOT=["451 4.3.0 later"])
        studio.book()
        send()
        one_click(client, preferences.token_of(Preference.objects.get()))
        send(the("confirmation").due_at)

        assert [CALM in text_in(mail) for mail in mails(server)] == [True, False]

    def test_holds_after_the_row_was_claimed(self, studio, server, client):
        from notifications import delivery
        from notifications.channels import mail_channel

        rule(24 * 60)
        studio.book()
        send()
        reminders.derive(now=VISIT - DAY)
        held = crash(VISIT - DAY)
        preferences.change(preferences.token_of(Preference.objects.get()), {"reminders": False}, now=NOW)

        outbox = mail_channel()
        delivery.deliver(held, outbox, now=VISIT - DAY, claimed_at=delivery.time.monotonic())
        outbox.close()

        assert kinds(server) == ["confirmation"]

    def test_is_for_one_address_however_it_is_written(self, studio, server, client):
        from booking.actions.book import Person

        kims = preferences.of(["Kim@Example.com"], now=NOW)["kim@example.com"]
        preferences.change(preferences.token_of(kims), {"reminders": False}, now=NOW)
        rule(24 * 60)
        studio.book(client=Person(name="Kim", email="KIM@example.COM"))
        reminders.derive(now=VISIT - DAY)
        send(VISIT - DAY)

        assert kinds(server) == ["confirmation"]
        assert Preference.objects.count() == 1

    @pytest.mark.django_db(transaction=True)
    def test_is_not_lost_to_another_change_at_the_same_moment(self):
        """Two changes of different wishes, both decided before either is written: both hold."""
        Stillwater()
        kims = preferences.of(["kim@example.com"], now=NOW)["kim@example.com"]
        token = preferences.token_of(kims)

        def say(**wish):
            try:
                preferences.change(token, wish, now=NOW)
            finally:
                connection.close()

        both = [threading.Thread(target=say, kwargs=wish) for wish in ({"tips": False}, {"reminders": False})]
        with transaction.atomic():
            Preference.objects.select_for_update().get()
            for each in both:
                each.start()
            waiting_for_locks(2)
        for each in both:
            each.join(10)

        assert wishes(kims) == (False, True, False)


def waiting_for_locks(number):
    """Return as soon as so many sessions of this database wait for a lock."""
    import time

    give_up_at = time.monotonic() + 10
    while time.monotonic() < give_up_at:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0] >= number:
                return
    raise AssertionError("nobody waits")


class TestMakingThem:
    def test_is_one_statement_for_people_we_know(self, django_assert_num_queries, db):
        addresses = [f"{n}@example.com" for n in range(50)]
        preferences.of(addresses, now=NOW)

        with django_assert_num_queries(1):
            found = preferences.of(addresses, now=NOW)

        assert len(found) == 50

    def test_knows_an_address_however_it_is_written(self, db):
        preferences.of(["kim@example.com"], now=NOW)
        Preference.objects.update(address="Kim@Example.com", follow_ups=False)

        found = preferences.of(["KIM@example.com"], now=NOW)

        assert [(address, wish.follow_ups) for address, wish in found.items()] == [("kim@example.com", False)]

    def test_asks_nothing_of_those_without_an_address(self, db):
        assert preferences.of(["", ""], now=NOW) == {}
