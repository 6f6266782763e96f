"""The appointment's own page, and its file for calendars."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from web.doors import link_page
from web.views.calendar import as_file
from web.views.held import as_it_stands, opened


@link_page
def appointment(request: HttpRequest, token: str) -> HttpResponse:
    return as_it_stands(request, opened(token, now=timezone.now()))


@link_page
def calendar_file(_request: HttpRequest, token: str) -> HttpResponse:
    return as_file(opened(token, now=timezone.now()).facts)
