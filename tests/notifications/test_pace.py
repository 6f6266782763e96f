"""How fast mail goes, and that a thousand reminders never delay a confirmation. Checks 60 and 61."""

from datetime import timedelta
from typing import Any

import pytest

from booking.actions.book import Person
from notifications import delivery, pace, queue, reminders
from notifications.channels import Refused, Sent, TryLater
from notifications.models import Message
from tests.notifications.smtp_server import TOGETHER
from tests.notifications.stage import DAY, HOUR, NOW, VISIT, Meanwhile, kind_of, kinds, mails, rows, rule, send, the

MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _buckets_are_full(settings: Any) -> None:
    """Of another name for each test: Valkey remembers for as long as a bucket takes to fill."""
    pace._here.clear()
    pace._away_until[0] = 0.0
    import redis

    server = redis.Redis.from_url(settings.REDIS_URL)
    for key in server.scan_iter("mail-pace:*"):
        server.delete(key)


def a_bucket(number: int, name: str = "provider") -> pace.Bucket:
    found = pace.bucket(name, "example.com", f"{number}/day")  # refills too slowly to notice
    assert found is not None
    return found


@pytest.fixture(params=["in Valkey", "here"])
def counting(request: Any, settings: Any, monkeypatch: Any) -> str:
    if request.param == "here":
        settings.REDIS_URL = "redis://127.0.0.1:1/0"
        monkeypatch.setattr(pace, "_valkey", [])
    return str(request.param)


class TestABucket:
    def test_holds_a_tenth_of_its_rate(self, counting: str) -> None:
        waits = [pace.take([a_bucket(50)], bulk=False) for _ in range(6)]

        assert waits[:5] == [0] * 5
        assert waits[5] > 0

    def test_leaves_its_last_fifth_to_news(self, counting: str) -> None:
        bulk = [pace.take([a_bucket(100)], bulk=True) for _ in range(9)]
        news = [pace.take([a_bucket(100)], bulk=False) for _ in range(3)]

        assert [wait > 0 for wait in bulk] == [False] * 8 + [True]
        assert [wait > 0 for wait in news] == [False, False, True]

    def test_gives_nothing_of_one_when_another_is_empty(self, counting: str) -> None:
        small, large = a_bucket(10), a_bucket(100, "domain")
        pace.take([small], bulk=False)

        assert pace.take([small, large], bulk=False) > 0

        assert [pace.take([large], bulk=False) for _ in range(10)] == [0] * 10

    def test_says_how_long_until_the_next(self, counting: str) -> None:
        found = pace.bucket("provider", "", "10/hour")
        assert found is not None
        pace.take([found], bulk=False)

        wait = pace.take([found], bulk=False)

        assert wait == pytest.approx(360 if counting == "in Valkey" else 720, abs=2)

    def test_of_no_limit_is_none(self) -> None:
        assert pace.bucket("provider", "", "0/sec") is None

    def test_is_not_called_by_the_domain(self) -> None:
        assert "example" not in a_bucket(10).key


class TestASweepAtALimit:
    def test_sends_what_the_rate_allows_and_keeps_the_rest(self, studio, server, settings: Any) -> None:
        settings.MAIL_RATE = "30/hour"
        studio.many(5)

        send()

        assert len(server.kept) == 3
        waiting = Message.objects.filter(state="pending").order_by("due_at")
        assert [message.tries for message in waiting] == [0, 0]
        assert all(message.due_at > NOW + MINUTE for message in waiting)
        assert waiting[0].due_at < waiting[1].due_at

    def test_announces_nothing_that_is_to_wait(self, studio, serve, settings: Any) -> None:
        server = serve(EHLO=[TOGETHER])
        settings.MAIL_RATE = "30/hour"
        studio.many(5)

        send()

        assert server.commands == ["EHLO", *["MAIL", "RCPT", "DATA"] * 3, "QUIT"]

    def test_counts_each_domain_by_itself(self, studio, server, settings: Any) -> None:
        settings.MAIL_RATE_PER_DOMAIN = "10/hour"
        for n, domain in enumerate(("one.example", "one.example", "two.example")):
            studio.book(VISIT + n * HOUR, client=Person(name=f"Kim {n}", email=f"kim{n}@{domain}"))

        send()

        assert sorted(str(mail["To"]) for mail in mails(server)) == ["kim0@one.example", "kim2@two.example"]

    def test_loses_nothing(self, studio, server, settings: Any) -> None:
        settings.MAIL_RATE = "30/hour"
        studio.many(5)
        send()
        settings.MAIL_RATE = "0/hour"

        send(NOW + HOUR)

        assert len(server.kept) == 5
        assert {state for _, state in rows()} == {"sent"}


class TestAThousandReminders:
    @pytest.fixture
    def reminded(self, studio):
        """A thousand reminders that are due, for as many people."""
        rule(24 * 60)
        studio.book()
        Message.objects.all().delete()
        reminders.derive(now=VISIT - DAY)
        due = the("reminder")
        copies = [Message(**(values(due) | {"name": f"copy-{n}.0.reminder.client"})) for n in range(999)]
        Message.objects.bulk_create(copies)
        return studio

    def test_do_not_delay_a_confirmation(self, reminded, server) -> None:
        """It goes before the next of them, though they were due first and a worker has them in hand."""
        now = VISIT - DAY + MINUTE
        wanted = [VISIT + 5 * DAY]
        channel = Meanwhile(after=lambda _mail: wanted and reminded.book(wanted.pop(), now=now))
        batch = queue.claim(now=now, most=20)
        assert {message.kind for message in batch} == {"reminder"}
        queue.give_back(batch)

        delivery.sweep(now=now, seconds=6, channel=channel)

        order = [kind_of(mail) for mail in mails(server)]
        assert order.index("confirmation") <= delivery.BATCH

    def test_leave_room_for_a_confirmation_at_the_limit_of_the_provider(self, reminded, server, settings: Any) -> None:
        settings.MAIL_RATE = "100/day"
        now = VISIT - DAY + MINUTE
        send(now)
        assert kinds(server) == ["reminder"] * 8

        reminded.book(VISIT + 5 * DAY, now=now)
        send(now)

        assert kinds(server)[8:] == ["confirmation"]


def values(message: Message) -> dict[str, Any]:
    fields = {field.attname: getattr(message, field.attname) for field in Message._meta.concrete_fields}
    return {name: value for name, value in fields.items() if name != "id"}


class TestADomainThatAsksForTime:
    """Check 61: what it says to one mail is not asked again for each of hundreds."""

    @pytest.mark.parametrize(("code", "asked"), [(421, 1), (432, 1), (450, 3), (451, 3)])
    def test_is_left_alone_for_the_rest_of_a_sweep(self, studio, serve, code: int, asked: int) -> None:
        server = serve(RCPT=[f"{code} 4.7.0 slowly"] * 50)
        studio.many(6)

        send()

        tried = Message.objects.filter(tries=1).count()
        assert tried == asked
        assert server.kept == []
        assert {state for _, state in rows()} == {"pending"}
        waits = Message.objects.filter(tries=0).values_list("due_at", flat=True)
        assert all(NOW + MINUTE <= due <= NOW + 2 * MINUTE for due in waits)

    def test_is_tried_again_by_the_next_sweep(self, studio, serve) -> None:
        server = serve(RCPT=["451 4.7.0 slowly"] * 3)
        studio.many(6)
        send()

        send(NOW + 3 * MINUTE)

        assert len(server.kept) == 6

    def test_holds_up_no_other(self) -> None:
        found = pace.Pace()
        found.heard("one.example", TryLater(421, "slowly"))

        assert found.wait("one.example", bulk=False) > 0
        assert found.wait("two.example", bulk=False) == 0

    @pytest.mark.parametrize("answer", [Sent(250, ""), Refused(550, "no"), TryLater(0, "no connection")])
    def test_is_not_one_that_takes_mail_in_between(self, answer: Any) -> None:
        found = pace.Pace()
        for said in (TryLater(451, ""), TryLater(451, ""), answer, TryLater(451, "")):
            found.heard("one.example", said)

        assert found.wait("one.example", bulk=False) == 0
