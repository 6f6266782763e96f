"""Mail cannot harm who reads it, and no page leads out of the folder."""

from email.message import EmailMessage
from pathlib import Path

import pytest
from django.test import Client

from tests.config.devmail.mails import INVITE, Deliver, a_confirmation, body

pytestmark = pytest.mark.urls("tests.config.devmail.urls")


class TestItsHTML:
    def test_runs_no_script_loads_nothing_and_sends_no_form(self, client: Client, confirmation: str) -> None:
        policy = client.get(f"/dev/mail/{confirmation}/html/")["Content-Security-Policy"]

        directives = dict(line.strip().partition(" ")[::2] for line in policy.split(";"))
        assert directives["default-src"] == "'none'"
        assert directives["form-action"] == "'none'"
        assert directives["sandbox"] == "allow-popups allow-popups-to-escape-sandbox"
        assert "script-src" not in directives
        assert "http" not in policy

    def test_stands_in_a_sandboxed_frame_that_only_this_page_may_hold(self, client: Client, confirmation: str) -> None:
        page = client.get(f"/dev/mail/{confirmation}/")

        frame = page.content.decode().partition("<iframe")[2].partition(">")[0]
        assert f'src="/dev/mail/{confirmation}/html/"' in frame
        assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in frame
        assert page["X-Frame-Options"] == "DENY"
        assert client.get(f"/dev/mail/{confirmation}/html/")["X-Frame-Options"] == "SAMEORIGIN"

    @pytest.mark.parametrize(
        ("html", "shown"),
        [
            (
                "<!doctype html><html><head><title>x",
                '<!doctype html><html><head><base target="_blank"><title>x',
            ),
            ("<html><HEAD lang='en'>", "<html><HEAD lang='en'><base target=\"_blank\">"),
            ("<!DOCTYPE html><header>x", '<!DOCTYPE html><base target="_blank"><header>x'),
            ("<p>x", '<base target="_blank"><p>x'),
        ],
    )
    def test_opens_links_in_a_new_tab(self, html: str, shown: str, client: Client, deliver: Deliver) -> None:
        name = deliver(a_confirmation(html=html))

        assert body(client, f"/dev/mail/{name}/html/").strip() == shown

    def test_is_said_to_be_missing_when_there_is_only_text(self, client: Client, deliver: Deliver) -> None:
        name = deliver(b"Subject: plain\r\n\r\nJust words.")

        assert "<iframe" not in body(client, f"/dev/mail/{name}/")
        assert "no HTML part" in body(client, f"/dev/mail/{name}/html/")


class TestItsFiles:
    def test_are_the_message_octet_for_octet(self, client: Client, mailbox_dir: Path, confirmation: str) -> None:
        answer = client.get(f"/dev/mail/{confirmation}/message.eml")

        assert answer.content == (mailbox_dir / f"{confirmation}.eml").read_bytes()
        assert answer["Content-Type"] == "message/rfc822"
        assert answer["Content-Disposition"] == f'attachment; filename="{confirmation}.eml"'

    def test_are_the_source_as_plain_text(self, client: Client, confirmation: str) -> None:
        answer = client.get(f"/dev/mail/{confirmation}/source/")

        assert answer["Content-Type"] == "text/plain; charset=utf-8"
        assert answer["X-Content-Type-Options"] == "nosniff"

    def test_are_the_invite_octet_for_octet(self, client: Client, confirmation: str) -> None:
        answer = client.get(f"/dev/mail/{confirmation}/parts/3/")

        assert answer.content == INVITE.encode()
        assert answer["Content-Type"] == "text/calendar; charset=utf-8"
        assert answer["Content-Disposition"] == f'attachment; filename="{confirmation}-part-3.ics"'

    def test_are_bare_octets_under_a_name_of_ours_whatever_the_sender_called_them(
        self, client: Client, deliver: Deliver
    ) -> None:
        message = EmailMessage()
        message.set_content("See the file.")
        message.add_attachment(b"<script>", maintype="text", subtype="html", filename='../"evil.html')
        name = deliver(message)

        answer = client.get(f"/dev/mail/{name}/parts/1/")

        assert answer["Content-Type"] == "application/octet-stream"
        assert answer["Content-Disposition"] == f'attachment; filename="{name}-part-1.bin"'
        assert answer["X-Content-Type-Options"] == "nosniff"

    def test_are_not_found_past_the_last(self, client: Client, confirmation: str) -> None:
        assert client.get(f"/dev/mail/{confirmation}/parts/4/").status_code == 404


class TestANameThatIsNotInTheFolder:
    @pytest.mark.parametrize(
        "name",
        [
            "20261122T010245000000Z-999999",
            "notes",
            "..",
            "%2e%2e%2fsecret",
            "..%2f..%2fmanage.py",
            "%00",
            "20261122T010245000000Z-000001.eml",
            "/etc/passwd",
        ],
    )
    @pytest.mark.parametrize("page", ["", "html/", "source/", "message.eml", "parts/0/"])
    def test_is_not_found(self, name: str, page: str, client: Client, confirmation: str, mailbox_dir: Path) -> None:
        (mailbox_dir / "notes.eml").write_text("Subject: private\n\n")
        (mailbox_dir.parent / "secret.eml").write_text("Subject: secret\n\n")

        assert client.get(f"/dev/mail/{name}/{page}").status_code == 404
