"""The appointment, with the other dates of its series, as a file, behind a link that can do nothing else."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from booking import access, ical, queries
from booking.events import AppointmentFacts
from web.doors import link_page


@link_page
def calendar_file(_request: HttpRequest, token: str) -> HttpResponse:
    appointment = access.appointment_for_link(token, purpose="calendar", now=timezone.now())
    ids = queries.whole_series(appointment.pk)
    facts = queries.facts_of(ids)
    return as_file(*(facts[pk] for pk in ids))


def as_file(*visits: AppointmentFacts) -> HttpResponse:
    """Return the file; no address of ours stands in it, because calendars are shared and links are not."""
    return HttpResponse(
        ical.download(*visits),
        content_type="text/calendar; charset=utf-8; method=PUBLISH",
        headers={"Content-Disposition": 'attachment; filename="appointment.ics"'},
    )
