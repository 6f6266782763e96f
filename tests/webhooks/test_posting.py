"""One call, and receivers that make it hard: S56, S57."""

import datetime
import ssl
import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from notifications.webhooks import posting
from tests.webhooks.receiver import Receiver, Reply, babble, drop, hang, pour, trickle_body, trickle_headers

LITTLE_WHILE = 0.4


@pytest.fixture(autouse=True)
def _hurry(monkeypatch) -> None:
    """The limits of production, in tenths of seconds."""
    monkeypatch.setattr(posting, "READ_SECONDS", LITTLE_WHILE)
    monkeypatch.setattr(posting, "TOTAL_SECONDS", 3 * LITTLE_WHILE)


@pytest.fixture
def post(receiver: Receiver):
    def post(*script, url: str = "", **headers: str) -> posting.Answer:
        receiver.server.script = list(script)
        return posting.post(url or receiver.url, b'{"type":"x"}', headers)

    return post


class TestACall:
    def test_carries_the_body_as_it_is(self, post, receiver: Receiver) -> None:
        assert post(Reply(200, b"thanks"), **{"webhook-id": "evt_1"}) == posting.Answer(200, "thanks")

        [call] = receiver.calls
        assert call.body == b'{"type":"x"}'
        assert call.path == "/hooks?from=stillpoint"
        assert call.headers["content-type"] == "application/json"
        assert call.headers["webhook-id"] == "evt_1"

    @pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
    def test_is_taken_with_any_2xx(self, post, status: int) -> None:
        assert post(Reply(status)).is_yes

    @pytest.mark.parametrize("status", [101, 300, 301, 302, 303, 307, 308, 400, 404, 410, 429, 500, 503])
    def test_is_not_taken_with_anything_else(self, post, status: int) -> None:
        answer = post(Reply(status))

        assert not answer.is_yes
        assert answer.is_gone is (status == 410)

    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    def test_follows_no_redirect(self, post, receiver: Receiver, status: int) -> None:
        """S56."""
        post(Reply(status, headers={"Location": f"http://127.0.0.1:{receiver.port}/inside"}))

        assert [call.path for call in receiver.calls] == ["/hooks?from=stillpoint"]

    @pytest.mark.parametrize(("asked", "seconds"), [("120", 120), ("99999999", 32400), ("soon", 0), ("-5", 0)])
    def test_hears_how_long_to_wait(self, post, asked: str, seconds: int) -> None:
        assert post(Reply(503, headers={"Retry-After": asked})).retry_after == seconds

    def test_keeps_the_beginning_of_the_answer_and_nothing_odd_of_it(self, post) -> None:
        said = post(Reply(500, b"\0oh\r\n\x1b[31mno\xff" + b"z" * 9000)).text

        assert said.startswith("oh  ")
        assert len(said) == 500
        assert said.isprintable()

    def test_does_not_go_through_a_proxy_of_the_environment(self, post, monkeypatch) -> None:
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")

        assert post().status == 204


class TestAReceiver:
    @pytest.mark.parametrize("behaviour", [hang, trickle_headers, babble, drop], ids=lambda each: each.__name__)
    def test_that_never_answers_is_left_in_time(self, post, behaviour) -> None:
        began = time.monotonic()

        answer = post(behaviour)

        assert (answer.status, answer.text) == (None, "")
        assert answer.words
        assert time.monotonic() - began < 6 * LITTLE_WHILE

    def test_that_never_ends_its_answer_has_answered(self, post) -> None:
        began = time.monotonic()

        answer = post(trickle_body)

        assert answer.is_yes
        assert time.monotonic() - began < 6 * LITTLE_WHILE

    def test_that_pours_is_read_for_four_kilobytes_and_nothing_is_unpacked(self, post, receiver: Receiver) -> None:
        """S57."""
        answer = post(pour)

        assert answer.text == "y" * 500
        assert receiver.server.poured < 50_000_000

    def test_that_is_not_there_is_said_to_be(self, post) -> None:
        answer = post(url="http://127.0.0.1:1/")

        assert answer.words == "It could not be reached, or did not speak HTTP (ConnectionRefusedError)."


class TestACertificate:
    @pytest.fixture
    def tls(self, receiver: Receiver, tmp_path) -> str:
        """The receiver speaks TLS as `localhost`; the file of its certificate is returned."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
        today = datetime.datetime.now(datetime.UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(1)
            .not_valid_before(today - datetime.timedelta(days=1))
            .not_valid_after(today + datetime.timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        pem, secret = tmp_path / "receiver.pem", tmp_path / "receiver.key"
        pem.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        secret.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem, secret)
        receiver.server.socket = context.wrap_socket(
            receiver.server.socket, server_side=True, do_handshake_on_connect=False
        )
        return str(pem)

    def test_that_is_trusted_and_of_that_name_is_taken(self, post, tls, receiver: Receiver, monkeypatch) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", tls)

        assert post(url=f"https://localhost:{receiver.port}/").status == 204

    @pytest.mark.parametrize(("host", "trusted"), [("localhost", False), ("127.0.0.1", True)])
    def test_of_nobody_we_trust_or_of_another_name_is_not(
        self, post, tls, receiver: Receiver, monkeypatch, host: str, trusted: bool
    ) -> None:
        if trusted:
            monkeypatch.setenv("SSL_CERT_FILE", tls)

        answer = post(url=f"https://{host}:{receiver.port}/")

        assert answer.words.startswith("Its certificate is not one we can trust")
        assert receiver.calls == []

    def test_that_never_comes_keeps_us_no_longer_than_an_answer(self, post) -> None:
        """S57: somebody who listens, and says nothing at all."""
        began = time.monotonic()
        with Receiver() as plain:
            plain.server.verify_request = lambda *_: not plain.server.leaving.wait(20)  # type: ignore[method-assign]

            answer = post(url=f"https://127.0.0.1:{plain.port}/")

        assert answer.status is None
        assert time.monotonic() - began < 15 * LITTLE_WHILE
