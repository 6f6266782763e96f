"""GET /messages/ and POST /messages/{id}/retry/: what became of each mail, and sending it again. Kim is a client."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from notifications import queue
from notifications.models import Message, State
from tests.factories import api_key
from tests.notifications.stage import DAY, HOUR, NOW, VISIT, move, send, the

MESSAGES = "/api/v1/messages/"


@pytest.fixture
def ask(db) -> Any:
    """Ask as a program with these scopes."""

    def call(address: str = MESSAGES, *scopes: str, method: str = "get", **values: Any) -> Any:
        client = APIClient(HTTP_AUTHORIZATION=f"Bearer {api_key(*(scopes or ('read',)))}")
        return getattr(client, method)(address, values)

    return call


@pytest.fixture
def confirmation(studio) -> Message:
    studio.book()
    return Message.objects.get()


class TestTheList:
    def test_says_what_became_of_a_mail_and_not_to_which_address_it_went(self, ask, confirmation, server) -> None:
        send()

        (shown,) = ask().json()["results"]

        assert shown["id"] == confirmation.name
        assert shown["appointment"] == confirmation.appointment.reference
        assert (shown["kind"], shown["recipient"], shown["state"]) == ("confirmation", "client", "sent")
        assert (shown["reason"], shown["can_be_retried"]) == ("The mail server has taken it.", False)
        assert shown["due_at"].startswith("2026-11-20T08:00:00")
        assert "example.com" not in str(shown)

    def test_gives_the_reason_in_plain_words(self, ask, confirmation) -> None:
        Message.objects.update(state=State.FAILED, words="550 no such mailbox")

        (shown,) = ask().json()["results"]

        assert (shown["state"], shown["reason"], shown["can_be_retried"]) == ("failed", "550 no such mailbox", True)

    @pytest.mark.parametrize("state", [str(state) for state in State])
    def test_knows_every_state_by_the_word_it_is_asked_by(self, ask, confirmation, state: str) -> None:
        Message.objects.update(state=state)
        word = "queued" if state == "pending" else state

        (shown,) = ask(state=word).json()["results"]

        assert shown["state"] == word
        other = "queued" if word == "sent" else "sent"
        assert ask(state=other).json()["results"] == []

    def test_is_narrowed_by_appointment_and_kind(self, ask, studio) -> None:
        first, _second = studio.book(), studio.book(VISIT + HOUR)

        (shown,) = ask(appointment=first.reference, kind="confirmation").json()["results"]

        assert shown["appointment"] == first.reference
        assert ask(kind="cancelled").json()["results"] == []

    def test_comes_in_pages_newest_first(self, ask, studio) -> None:
        for hours in range(3):
            studio.book(VISIT + hours * HOUR, now=NOW + hours * HOUR)

        first = ask(limit="2").json()
        rest = ask(first["next"]).json()

        made = [shown["created_at"] for shown in first["results"] + rest["results"]]
        assert made == sorted(made, reverse=True)
        assert len(made) == 3

    @pytest.mark.parametrize("query", [{"state": "pending"}, {"kind": "gossip"}, {"addres": "kim@example.com"}])
    def test_refuses_what_it_does_not_know(self, ask, db, query: dict[str, str]) -> None:
        assert ask(**query).status_code == 400

    def test_is_for_staff(self, db) -> None:
        assert APIClient().get(MESSAGES).status_code in {401, 403}


class TestRetrying:
    def retry(self, ask: Any, message: Message, *scopes: str) -> Any:
        return ask(f"{MESSAGES}{message.name}/retry/", *(scopes or ("desk",)), method="post")

    @pytest.mark.parametrize("state", [State.FAILED, State.UNKNOWN, State.BOUNCED])
    def test_sends_again_what_did_not_arrive(self, ask, confirmation, server, state: State) -> None:
        Message.objects.update(state=state)

        answer = self.retry(ask, confirmation)
        send(now=queue.database_now())

        assert (answer.status_code, answer.json()["state"]) == (200, "queued")
        assert the("confirmation").state == State.SENT
        assert len(server.kept) == 1

    @pytest.mark.parametrize("state", [State.PENDING, State.SENT, State.CANCELLED, State.EXPIRED])
    def test_is_refused_for_all_else(self, ask, confirmation, state: State) -> None:
        Message.objects.update(state=state)

        answer = self.retry(ask, confirmation)

        assert (answer.status_code, answer.json()["code"]) == (409, "wrong-state")
        assert the("confirmation").state == state

    def test_is_for_the_desk(self, ask, confirmation) -> None:
        Message.objects.update(state=State.FAILED)

        assert self.retry(ask, confirmation, "read").status_code == 403
        assert the("confirmation").state == State.FAILED

    def test_of_nothing_is_not_found(self, ask, db) -> None:
        assert ask(f"{MESSAGES}no-such-message/retry/", "desk", method="post").status_code == 404


class TestTheDesk:
    """Check 72: the studio sees at the appointment that a mail did not arrive."""

    @pytest.mark.parametrize(
        ("state", "failed"), [("sent", False), ("pending", False), ("failed", True), ("bounced", True)]
    )
    def test_sees_at_the_appointment_that_its_mail_did_not_arrive(self, ask, confirmation, state, failed) -> None:
        Message.objects.update(state=state)
        reference = confirmation.appointment.reference

        assert ask(f"/api/v1/appointments/{reference}/").json()["message_failed"] is failed
        (listed,) = ask("/api/v1/appointments/").json()["results"]
        assert listed["message_failed"] is failed

    def test_sees_it_no_more_when_later_news_has_arrived(self, ask, confirmation, server) -> None:
        Message.objects.update(state=State.BOUNCED)
        move(confirmation.appointment, VISIT + DAY, now=NOW + HOUR)
        send(NOW + HOUR)

        reference = confirmation.appointment.reference
        assert ask(f"/api/v1/appointments/{reference}/").json()["message_failed"] is False
