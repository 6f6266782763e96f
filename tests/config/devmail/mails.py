"""Mail for the tests of the inbox pages, ready made."""

from collections.abc import Callable
from email.message import EmailMessage

from django.test import Client

Deliver = Callable[..., str]
INVITE = "\r\n".join(
    [
        "BEGIN:VCALENDAR",
        "PRODID:-//Stillpoint//EN",
        "VERSION:2.0",
        "METHOD:REQUEST",
        "BEGIN:VEVENT",
        "UID:5f1c5f2e-77f4-4a51-9f0c-0d3a1f7f6a11",
        "SEQUENCE:3",
        "DTSTAMP:20261122T010000Z",
        "DTSTART:20261124T093000Z",
        "DTEND:20261124T103000Z",
        "SUMMARY:Appointment at Stillwater",
        "LOCATION:Linienstraße 12\\, Berlin",
        "STATUS:CONFIRMED",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]
)


def a_confirmation(*, html: str = "<p>See you <a href='https://example.com/'>there</a></p>") -> EmailMessage:
    """A message built as messaging.md 1.5 says: text, HTML, calendar, and the calendar again as a file."""
    message = EmailMessage()
    message["From"] = "Stillwater <hello@example.com>"
    message["To"] = "Anna Berg <anna@example.com>"
    message["Subject"] = "Booked: Tue 24 Nov, 10:30"
    message.set_content("See you on Tuesday.")
    message.add_alternative(html, subtype="html")
    message.add_alternative(INVITE, subtype="calendar", params={"method": "REQUEST"}, cte="base64")
    message.add_attachment(INVITE.encode(), maintype="application", subtype="ics", filename="invite.ics")
    return message


def body(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()
