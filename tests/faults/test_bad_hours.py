"""Mail servers that are difficult for minutes, played with the clock in hand: reliability 4.4; check 60."""

from datetime import timedelta

import pytest

from booking.actions.book import Person
from tests.faults.mail_server import MailServer, Manner
from tests.notifications.stage import DAY, NOW, VISIT, Stillwater, rows, send

MINUTE = timedelta(minutes=1)
PEOPLE = 24


@pytest.fixture
def server(settings):
    with MailServer() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server


@pytest.fixture
def people(db):
    """Two dozen who have just booked, at four domains."""
    studio = Stillwater()
    for n in range(PEOPLE):
        studio.book(VISIT + n * DAY, client=Person(name=f"Kim {n}", email=f"{n}@d{n % 4}.example"))


def sweep_each_minute(*, first: int, last: int) -> None:
    for minute in range(first, last + 1):
        send(NOW + minute * MINUTE)


class TestGreylistingForFiveMinutes:
    def test_delays_everybody_and_loses_nobody(self, people, server):
        """All are there after the pause that follows, of five minutes at most, with four tries each at most."""
        server.manners = lambda _to, _tried: Manner.PUTS_OFF
        sweep_each_minute(first=0, last=4)
        assert server.arrived == []
        server.manners = lambda _to, _tried: Manner.TAKES

        sweep_each_minute(first=5, last=11)

        assert rows() == [("confirmation", "sent")] * PEOPLE
        assert len(server.arrived) == len({arrival.id for arrival in server.arrived}) == PEOPLE
        assert max(server.tries.values()) <= 4


class TestAMailServerDownForTenMinutes:
    def test_gets_everything_once_after_the_next_pause(self, people, server, settings):
        settings.EMAIL_PORT = port_of_nobody()
        sweep_each_minute(first=0, last=9)
        settings.EMAIL_PORT = server.port

        sweep_each_minute(first=10, last=29)  # the third pause is a quarter of an hour, and a quarter of that

        assert rows() == [("confirmation", "sent")] * PEOPLE
        assert set(server.tries.values()) == {1}


def port_of_nobody() -> int:
    with MailServer() as gone:
        return gone.port


class TestAServerThatEndsEachConversationAfterTen:
    def test_gets_everything_in_one_sweep(self, people, server):
        """421 to the eleventh is about the connection, and not about that mail."""
        server.mails_a_connection = 10

        send()

        assert rows() == [("confirmation", "sent")] * PEOPLE
        assert set(server.tries.values()) == {1}


class TestARefusalOfOneAmongMany:
    def test_is_seen_by_staff_and_never_asked_about_again(self, people, server):
        server.manners = lambda to, _tried: Manner.REFUSES if to == "7@d3.example" else Manner.TAKES

        sweep_each_minute(first=0, last=2)
        send(NOW + 2 * DAY)

        assert len(server.arrived) == PEOPLE - 1
        assert server.tries["7@d3.example"] == 1
        assert [state for _, state in rows()].count("failed") == 1
