"""What the studio is told at once: that a guest's calendar said no, though the appointment stands."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from booking import queries
from booking.events import AppointmentFacts
from notifications import queue, truth
from notifications.models import Kind, Message, ReminderRule
from notifications.render import Rendered
from notifications.summary import render_declined


@dataclass(frozen=True, slots=True)
class Notice:
    """A message with all that its mail needs; `role` is whose calendar it was: client or partner."""

    message: Message
    facts: AppointmentFacts
    role: str
    language: str

    def rendered(self) -> Rendered:
        guest = self.facts.name_of(self.role)
        desk_url = f"{settings.PUBLIC_URL}/admin/booking/appointment/{self.facts.appointment_id}/change/"
        return render_declined(self.facts, guest=guest, desk_url=desk_url, language=self.language)


def notices(messages: Iterable[Message], *, now: datetime) -> list[Notice]:
    """Return those that are still true, in order, and end the others; without messages no SQL."""
    asked = [message for message in messages if message.kind == Kind.DECLINED_INVITE]
    if not asked:
        return []
    facts = queries.facts_of({message.appointment_id for message in asked if message.appointment_id})
    # The studio reads its summary in a language of its own; so it does this.
    rule = ReminderRule.objects.filter(kind=Kind.STAFF_DIGEST).order_by("pk").first()
    found: list[Notice] = []
    for message in asked:
        known = facts.get(message.appointment_id or 0)
        verdict = truth.against_notice(message, known, now=now)
        if verdict is not None:
            queue.ended(message, *verdict)
        elif known is not None:
            role = message.name.rpartition(".")[2]
            found.append(Notice(message, known, role, rule.language if rule else "en"))
    return found
