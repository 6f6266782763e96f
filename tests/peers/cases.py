"""What every reader is asked: invites, and what they must say. Named for pytest's output."""

from dataclasses import dataclass

from booking.events import AppointmentFacts
from booking.ical import Method, download, invite
from tests.booking.visits import MANAGE, STAMPED_AT, visit, visit_at
from tests.peers.readers import Reading

LONG = ("静かな水のほとりで、ゆっくり息をする。" * 8 + "Größe Übergänge straße 🙂👩🏽‍🤝‍👨🏻🇩🇪 " * 12)[:400].strip()
AWKWARD = "A, b; c \\ d: e"  # a typed backslash-n is right with us, but ics and node-ical make a line break of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    facts: AppointmentFacts
    method: Method | None = "REQUEST"
    note: str = ""

    def content(self) -> bytes:
        if self.method is None:
            return download(self.facts, url=MANAGE)
        return invite(
            self.facts, method=self.method, recipient="client", stamped_at=STAMPED_AT, url=MANAGE, note=self.note
        )

    def is_understood(self, reading: Reading) -> None:
        """Check everything that a reader can say about this case; what it has no words for is left out."""
        facts = self.facts
        assert reading.uid == str(facts.uid)
        assert reading.start == facts.start_at.timestamp()
        assert reading.end == facts.end_at.timestamp()
        assert reading.summary == f"Appointment at {facts.studio_name}"
        assert reading.location == f"{facts.location_name}, {facts.location_address}"
        assert facts.service_name in reading.description
        assert reading.description.endswith(self.note)
        assert reading.method in (self.method or "PUBLISH", None)
        assert reading.sequence in (facts.sequence, None)
        assert reading.status == ("CANCELLED" if self.method == "CANCEL" else "CONFIRMED")
        assert reading.organizer == f"mailto:{facts.studio_mail}"
        assert reading.organizer_name == facts.studio_name
        assert reading.attendee == (f"mailto:{facts.client_mail}" if self.method else None)
        assert reading.attendee_name == (facts.client_name if self.method else None)


CASES = {
    "a confirmation": Case(facts=visit(), note="Worth knowing: some people feel calmer.\n\nSource: Moyer, 2004."),
    "a second move": Case(facts=visit(sequence=2)),
    "a cancellation": Case(facts=visit(sequence=3, status="cancelled"), method="CANCEL"),
    "a download": Case(facts=visit(), method=None),
    "400 characters from many scripts": Case(facts=visit(service_name=LONG), note=LONG),
    "commas, semicolons, backslashes": Case(facts=visit(service_name=AWKWARD), note=f"{AWKWARD}\n{AWKWARD}"),
    "a name with a comma": Case(facts=visit(client_name="Larsen, Kim Ø.", studio_name="Still, water")),
    "Berlin in summer": Case(facts=visit_at("2026-07-15T10:00")),
    "Berlin the day before the clocks change": Case(facts=visit_at("2026-10-24T10:00")),
    "Berlin the day after the clocks change": Case(facts=visit_at("2026-10-26T10:00")),
    "Berlin in winter": Case(facts=visit_at("2026-01-15T10:00")),
    "Berlin through the hour that comes twice": Case(facts=visit_at("2026-10-25T01:30", minutes=90)),
    "New York on the short day": Case(facts=visit_at("2026-03-08T10:00", zone="America/New_York")),
    "Kathmandu": Case(facts=visit_at("2026-06-01T10:15", zone="Asia/Kathmandu")),
}
EPOCHS = {  # written down by hand, so that they do not share a mistake with the code
    "Berlin in summer": 1784102400,
    "Berlin the day before the clocks change": 1792828800,
    "Berlin the day after the clocks change": 1793005200,
    "Berlin in winter": 1768467600,
}
