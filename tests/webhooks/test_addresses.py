"""Which addresses are called: S54, S55, S56. Nothing here reaches a network but loopback, where a canary sits."""

import ipaddress
import socket
import threading
import time

import pytest

from notifications.webhooks import addresses, posting
from notifications.webhooks.models import Webhook
from tests.booking.caller import Caller
from tests.factories import api_key
from tests.webhooks.receiver import Receiver
from tests.webhooks.ssrf import ANSWERS, FORMS, NAMES, NUMBERS

ALL = [*NUMBERS, *NAMES, *FORMS]


@pytest.fixture
def canary():
    with Receiver() as started:
        yield started


@pytest.fixture
def _name_servers(names) -> None:
    names(**ANSWERS)


@pytest.fixture
def owner(house) -> Caller:
    return Caller(Authorization=f"Bearer {api_key('read', 'desk', 'admin')}")


@pytest.mark.usefixtures("_name_servers")
class TestAnAddressThatLeadsInside:
    def test_is_written_in_more_than_56_ways(self) -> None:
        assert len(set(ALL)) >= 56

    @pytest.mark.parametrize("written", ALL)
    def test_is_refused_when_it_is_kept(self, written: str, owner: Caller, canary: Receiver) -> None:
        """S54, S55."""
        url = written.format(port=canary.port)

        answer = owner.post("webhooks/", {"url": url, "events": ["appointment.booked"]})

        assert answer.status_code == 400, answer.content
        assert list(answer.json()["errors"]) == ["url"]
        assert (canary.connections, Webhook.objects.count()) == (0, 0)

    @pytest.mark.parametrize("written", ALL)
    def test_is_not_called_either(self, written: str, canary: Receiver) -> None:
        answer = posting.post(written.format(port=canary.port), b"{}", {})

        assert answer.status is None
        assert canary.connections == 0

    def test_is_refused_in_the_same_words_whoever_listens_there(self, canary: Receiver) -> None:
        """S54: the text does not tell an open port from a closed one, nor a name from none."""
        closed = 1
        urls = [f"https://127.0.0.1:{port}/" for port in (canary.port, closed)]
        words = {posting.post(url, b"{}", {}).words for url in [*urls, "https://nobody.example.com/"]}

        assert words == {addresses.NOT_CALLED}


class TestAPublicAddress:
    @pytest.mark.parametrize(
        ("url", "host"),
        [
            ("https://public.example.com/in?key=1", "public.example.com:443"),
            ("https://PUBLIC.example.com:8443", "public.example.com:8443"),
            ("https://93.184.215.14/", "93.184.215.14:443"),
            ("https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/", "2606:2800:21f:cb07:6820:80da:af6b:8b2c:443"),
        ],
    )
    def test_is_taken(self, url: str, host: str, names) -> None:
        names(**ANSWERS)

        assert addresses.check(url) == host

    @pytest.mark.parametrize("number", ["8.8.8.8", "193.0.14.129", "2a00:1450:4001:81b::200e", "2606:4700::1111"])
    def test_is_one_by_its_number(self, number: str) -> None:
        assert addresses.is_public(ipaddress.ip_address(number))


class TestANameThatChangesItsMind:
    def test_is_checked_again_for_each_call(self, names, canary: Receiver) -> None:
        """S56: public when it was kept, here when it is called."""
        names(rebind_example_com=["93.184.215.14", "127.0.0.1"])
        url = f"https://rebind.example.com:{canary.port}/"
        addresses.check(url)

        answer = posting.post(url, b"{}", {})

        assert (answer.status, answer.words) == (None, addresses.NOT_CALLED)
        assert canary.connections == 0

    def test_is_asked_for_once_a_call_and_called_where_it_said(self, names, receiver: Receiver) -> None:
        """S56: between the check and the call nobody is asked again."""
        asked = names(receiver_example_com=["127.0.0.1", "10.0.0.1"])

        answer = posting.post(f"http://receiver.example.com:{receiver.port}/in", b"{}", {})

        assert answer.status == 204
        assert asked == ["receiver.example.com"]
        assert receiver.calls[0].headers["host"] == f"receiver.example.com:{receiver.port}"

    def test_that_no_name_server_tells_in_time_is_not_called(self, monkeypatch) -> None:
        monkeypatch.setattr(addresses, "RESOLVE_SECONDS", 0.1)
        silent = threading.Event()
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_options: silent.wait(20) and [])
        began = time.monotonic()

        answer = posting.post("https://slow.example.com/", b"{}", {})
        silent.set()

        assert answer.words == addresses.NOT_CALLED
        assert time.monotonic() - began < 5


class TestLoopback:
    def test_is_called_only_where_the_setting_says_so(self, receiver: Receiver, settings) -> None:
        assert posting.post(receiver.url, b"{}", {}).status == 204

        settings.WEBHOOKS_TO_LOOPBACK = False

        assert posting.post(receiver.url, b"{}", {}).status is None
        assert receiver.connections == 1

    @pytest.mark.parametrize("url", ["http://10.0.0.1/", "http://93.184.215.14/", "http://mixed.example.com/"])
    def test_opens_nothing_else(self, url: str, receiver: Receiver, names) -> None:
        names(**ANSWERS)

        with pytest.raises(addresses.NotCalled):
            addresses.check(url)
