"""From a booking over HTTP to the last mail, by real processes: what a client lives through."""

import re
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest
import requests
from icalendar import Calendar, Component

from tests.faults.house import House, eventually

pytestmark = pytest.mark.processes


class Kim:
    """A client who has nothing but her mails."""

    def __init__(self, house: House) -> None:
        self.house = house

    def mail(self, number: int) -> EmailMessage:
        assert eventually(lambda: len(self.house.office.taken) >= number), f"mail {number} never came"
        return self.house.office.mails()[number - 1]

    def token_in(self, mail: EmailMessage) -> str:
        found = re.search(r"/manage/([\w-]+)/", text_of(mail))
        assert found, text_of(mail)
        return found[1]

    def ask(self, method: str, path: str, token: str, **body: Any) -> requests.Response:
        return requests.request(
            method,
            f"{self.house.plan.public_url}/api/v1{path}",
            json=body or None,
            headers={"Authorization": f"Link {token}"},
            timeout=10,
        )


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(preferencelist=("plain",))
    assert body is not None
    return str(body.get_content())


def invite(mail: EmailMessage) -> tuple[str, Component]:
    (part,) = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    calendar = Calendar.from_ical(part.get_payload(decode=True))  # type: ignore[arg-type]
    assert part.get_param("method") == str(calendar["METHOD"])
    return str(calendar["METHOD"]), calendar.walk("VEVENT")[0]


class TestAClient:
    def test_books_moves_and_cancels_by_the_links_in_the_mails(self, house: House) -> None:
        """Promises 3 and 5; I-01, I-04, checks 5, 8, 12, 13; R-01: after the end, silence."""
        house.start_worker()
        kim = Kim(house)
        booked = house.book()
        path = f"/appointments/{booked['reference']}"

        method, event = invite(kim.mail(1))
        assert (method, event.get("SEQUENCE", 0), str(event["STATUS"])) == ("REQUEST", 0, "CONFIRMED")
        assert event.decoded("DTSTART") == datetime.fromisoformat(booked["start"])
        first_link = kim.token_in(kim.mail(1))
        assert first_link != booked["token"], "each link is one of many, and any can be taken back alone"
        assert kim.ask("GET", f"{path}/", first_link).json()["status"] == "booked"

        later = datetime.fromisoformat(booked["start"]) + timedelta(days=30)
        assert kim.ask("POST", f"{path}/reschedule/", first_link, start=later.isoformat()).status_code == 200
        method, moved = invite(kim.mail(2))
        assert (method, moved["SEQUENCE"], moved.decoded("DTSTART")) == ("REQUEST", 1, later)

        # The old mail's link leads to the truth, and the new one does the same.
        assert datetime.fromisoformat(kim.ask("GET", f"{path}/", first_link).json()["start"]) == later
        second_link = kim.token_in(kim.mail(2))
        assert [kim.ask("POST", f"{path}/cancel/", second_link).status_code for _ in range(2)] == [200, 200]
        method, ended = invite(kim.mail(3))
        assert (method, ended["SEQUENCE"], str(ended["STATUS"])) == ("CANCEL", 2, "CANCELLED")
        assert len({str(each["UID"]) for each in (event, moved, ended)}) == 1
        assert len({str(each["ORGANIZER"]) for each in (event, moved, ended)}) == 1

        house.rule("reminder", minutes=100_000)
        house.ask("notifications.derive_reminders")
        other = house.book()  # its mail comes after anything that the line above could have sent
        assert kim.mail(4)["To"] != kim.mail(1)["To"]
        assert kim.ask("GET", f"{path}/", first_link).json()["status"] == "cancelled"
        assert other["reference"] != booked["reference"]
        assert house.states().count("sent") >= 4
        assert [recipient for recipient, _ in house.office.taken].count(kim.mail(1)["To"]) == 3

    def test_hears_nothing_of_a_look_at_the_link(self, house: House) -> None:
        """S17: whatever opens the address of a mail changes nothing and sends nothing."""
        house.start_worker()
        kim = Kim(house)
        booked = house.book()
        link = f"{house.plan.public_url}/manage/{kim.token_in(kim.mail(1))}/"

        answers = [requests.request(method, link, timeout=10) for method in ("GET", "HEAD", "OPTIONS", "GET")]

        assert all(answer.status_code < 500 for answer in answers)
        seen = "SELECT status, version FROM booking_appointment WHERE reference = %s"
        assert house.sql(seen, booked["reference"]) == [("booked", 1)]
        assert house.states() == ["sent"]
