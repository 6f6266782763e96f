"""Stillwater in the database, what its people do there, and what arrives in their inboxes.

Everything goes the ways of production: actions write, the outbox is swept, a real server on a socket takes the mail.
Import it from tests, not from a conftest: it needs Django's models.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from email.message import EmailMessage
from typing import Any

from django.db import connection
from icalendar import Calendar, Component

from booking import access, queries
from booking.actions.book import Person, Wishes, book_appointment
from booking.actions.cancel import cancel_appointment
from booking.actions.reschedule import reschedule_appointment
from booking.models import Appointment, Location, Room, Service, Studio, Therapist, Variation, WeeklyHours
from notifications import delivery, queue
from notifications.channels import Answer, Channel, MailMessage, mail_channel
from notifications.models import Message, ReminderRule
from tests.notifications.letters import received
from tests.notifications.smtp_server import MisbehavingServer

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
VISIT = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
KIM = Person(name="Kim Larsen", email="kim@example.com")
ROBIN = Person(name="Robin Vale", email="robin@example.com")
DESK = access.staff("Noor")


class Stillwater:
    """A studio that is open day and night, so that a test may choose any time; what its desk does is told at once."""

    def __init__(self, zone: str = "Europe/Berlin", *, undo_minutes: int = 0) -> None:
        Studio.objects.create(
            open_appointments_per_client=0,
            pk=1,
            name="Stillwater",
            mail_address="hello@stillwater.example",
            reply_to="desk@stillwater.example",
            undo_minutes=undo_minutes,
        )
        self.location = Location.objects.create(
            slug="mitte",
            name="Stillwater Mitte",
            time_zone=zone,
            address="Linienstraße 12\n10178 Berlin",
            phone="030 1",
        )
        self.swedish, self.swedish_hour = self._service("swedish", people=1)
        self.couples, self.couples_hour = self._service("couples", people=2)
        for slug in ("mara", "jonas", "ines"):
            Room.objects.create(slug=f"room-{slug}", name=f"{slug}'s room", location=self.location)
            therapist = Therapist.objects.create(slug=slug, name=slug.title(), gender="other")
            therapist.skills.set([self.swedish, self.couples])
            WeeklyHours.objects.bulk_create(
                WeeklyHours(
                    therapist=therapist,
                    location=self.location,
                    weekday=weekday,
                    opens=time(0),
                    closes=time(0),
                    valid_from=date(2020, 1, 1),
                )
                for weekday in range(7)
            )

    def _service(self, kind: str, *, people: int) -> tuple[Service, Variation]:
        service = Service.objects.create(
            slug=kind,
            name=f"{kind.title()} massage",
            kind=kind,
            therapists_required=people,
            notice_minutes=0,
            horizon_days=1000,
            change_deadline_minutes=0,
        )
        return service, Variation.objects.create(
            slug=f"{kind}-60", service=service, duration_minutes=60, price_amount="80.00"
        )

    def book(
        self,
        at: datetime = VISIT,
        *,
        now: datetime = NOW,
        client: Person | None = KIM,
        service: str = "swedish",
        **wishes: Any,
    ) -> Appointment:
        wanted = queries.wanted(location="mitte", variation=f"{service}-60")
        chosen = Wishes(client=client, **({"tips": True} | wishes))
        return book_appointment(wanted, start_at=at, wishes=chosen, by=access.ANYONE, now=now).appointment

    def book_for_two(self, **wishes: Any) -> Appointment:
        two = {"partner_name": "Robin Vale", "partner_email": "robin@example.com"} | wishes
        return self.book(service="couples", **two)

    def many(self, number: int, *, client: Person = KIM, notify: bool = True) -> list[Appointment]:
        """Appointments of as many clients, booked at NOW for one day after another."""
        people = [Person(name=f"{client.name} {n}", email=f"{n}.{client.email}") for n in range(number)]
        return [self.book(VISIT + n * DAY, client=who, notify=notify) for n, who in enumerate(people)]


def move(appointment: Appointment, to: datetime, *, now: datetime, therapist: str | None = None) -> Appointment:
    return reschedule_appointment(appointment, start_at=to, by=DESK, now=now, therapist=therapist)


def cancel(appointment: Appointment, *, now: datetime) -> Appointment:
    return cancel_appointment(appointment, by=DESK, now=now)


def rule(minutes: int = 24 * 60, **fields: Any) -> ReminderRule:
    name = fields.pop("name", f"{minutes} min {sorted(fields.items())}"[:60])
    services = fields.pop("services", [])
    made = ReminderRule.objects.create(
        **({"name": name, "kind": "reminder", "minutes": minutes, "since": LONG_AGO} | fields)
    )
    made.services.set(services)
    return made


def send(now: datetime = NOW, *, channel: Channel[MailMessage] | None = None) -> int:
    return delivery.sweep(now=now, seconds=30, channel=channel)


def crash(now: datetime, *, most: int = delivery.BATCH) -> list[Message]:
    """A worker claims and dies before it records anything; what it held is returned."""
    return queue.claim(now=now, most=most)


AFTER_LEASE = queue.LEASE + timedelta(seconds=1)


@dataclass
class Meanwhile:
    """The usual channel, but that something happens just before or just after a mail goes."""

    before: Callable[[MailMessage], None] = lambda _mail: None
    after: Callable[[MailMessage], None] = lambda _mail: None

    def __post_init__(self) -> None:
        self.usual = mail_channel()
        self.asked: list[tuple[str, str]] = []  # what was asked of the channel, and to whom the mail was

    def announce(self, message: MailMessage) -> None:
        self.asked.append(("announce", message.to[0]))
        self.usual.announce(message)

    def send(self, message: MailMessage) -> Answer:
        self.asked.append(("send", message.to[0]))
        self.before(message)
        answer = self.usual.send(message)
        self.after(message)
        return answer

    def close(self) -> None:
        self.usual.close()


def mails(server: MisbehavingServer) -> list[EmailMessage]:
    """What the server took, in order."""
    return [received(content) for content in server.kept]


def kinds(server: MisbehavingServer) -> list[str]:
    return [kind_of(mail) for mail in mails(server)]


def kind_of(mail: EmailMessage) -> str:
    return str(mail["Message-ID"]).partition("@")[0].split(".")[2].removesuffix("-").rstrip("0123456789").rstrip("-")


def calendar_in(mail: EmailMessage) -> Calendar | None:
    found = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    return Calendar.from_ical(found[0].get_payload(decode=True)) if found else None  # type: ignore[arg-type]


def event_in(mail: EmailMessage) -> Component:
    calendar = calendar_in(mail)
    assert calendar is not None
    return calendar.walk("VEVENT")[0]


def text_in(mail: EmailMessage, subtype: str = "plain") -> str:
    body = mail.get_body(preferencelist=(subtype,))
    assert body is not None
    return str(body.get_content())


def rows(**wanted: Any) -> list[tuple[str, str]]:
    """Kind and state of every message, in the order they were owed."""
    found = Message.objects.filter(**wanted).order_by("pk")
    return [(str(kind), str(state)) for kind, state in found.values_list("kind", "state")]


def the(kind: str, **wanted: Any) -> Message:
    return Message.objects.get(kind=kind, **wanted)


def database_now() -> datetime:
    """The instant by the database, also within a test's transaction, where now() stands still."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        found: datetime = cursor.fetchone()[0]
    return found
