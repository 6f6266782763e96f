"""What the pages of one appointment share: the way in by its link, and the page that says how it stands.

Reading changes nothing, whoever reads. A change needs the press of a button on a second page (web.press), and the
action behind it decides again under its lock.
"""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from booking import access, errors, queries
from booking.access import Caller
from booking.api.problems import PROBLEMS
from booking.events import AppointmentFacts
from booking.models import Appointment
from web import shown

CHANGED = "The appointment has changed since you opened that page. This is how it stands now."
BUSY = "Many people are booking at this moment. Nothing was changed. Please try again in a moment."
ASK_US = "This cannot be changed online. Please call us."
RETRY_AFTER_SECONDS = 2


@dataclass(frozen=True, slots=True)
class Held:
    """An appointment and who holds its link, read at `now`."""

    token: str
    appointment: Appointment
    facts: AppointmentFacts
    holder: Caller
    now: datetime

    @property
    def state(self) -> shown.State:
        return shown.state_of(self.facts, now=self.now)

    def page(
        self, request: HttpRequest, template: str, *, status: int = 200, says: str = "", **more: object
    ) -> HttpResponse:
        visit = shown.visit(self.facts, now=self.now, notify=self.appointment.notify)
        context = {"visit": visit, "studio": visit.studio, "contact": visit.contact, "token": self.token, "says": says}
        return render(request, template, context | more, status=status)


def opened(token: str, *, now: datetime) -> Held:
    """Return what the link opens. Raises errors.NotFound."""
    appointment = access.appointment_for_link(token, purpose="manage", now=now)
    facts = queries.facts_of([appointment.pk])[appointment.pk]
    return Held(token, appointment, facts, Caller("link", "client", "page", appointment_id=appointment.pk), now)


def as_it_stands(request: HttpRequest, held: Held, *, status: int = 200, says: str = "") -> HttpResponse:
    return held.page(request, "web/manage/appointment.html", status=status, says=says)


def unchangeable(request: HttpRequest, held: Held) -> HttpResponse:
    """Say why it cannot be moved or cancelled here, and how to go on; the page itself has the words."""
    return as_it_stands(request, held, status=409)


def refused(request: HttpRequest, held: Held, refusal: errors.Refusal) -> HttpResponse:
    """Show the appointment as it is now, with the reason for the refusal."""
    present = opened(held.token, now=held.now)
    sentences = {errors.Stale: CHANGED, errors.StudioBusy: BUSY, errors.UnknownValue: ASK_US}
    says = sentences.get(type(refusal), "")
    status = 409 if isinstance(refusal, errors.UnknownValue) else PROBLEMS[type(refusal)].status
    response = as_it_stands(request, present, status=status, says=says)
    if isinstance(refusal, errors.StudioBusy):
        response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def back(held: Held) -> HttpResponse:
    """Lead to the page that shows what is true now, so that a reload presses nothing again."""
    return redirect("web:appointment", held.token)
