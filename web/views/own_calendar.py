"""A client's own calendar address: all their appointments, for a calendar program that reads it by itself.

The address is shown once, to whoever pressed. A new one ends the one before, and it can be ended without a new one.
"""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from booking import errors, queries
from booking.actions.make_feed import end_own_feeds, make_feed
from booking.api.views.calendars import address_of
from booking.models import Client
from web import press
from web.doors import link_page
from web.views.held import Held, opened

PURPOSE = "own-calendar"
MEANWHILE = "Your calendar address has changed since you opened this page. This is how it stands now."
ENDED = "Your calendar address has been ended."


@link_page
def own_calendar(request: HttpRequest, token: str) -> HttpResponse:
    held = opened(token, now=timezone.now())
    client = held.appointment.client
    if client is None:
        raise errors.NotFound
    if request.method != "POST":
        return _ask(request, held, client)
    try:
        seen = press.version_in(request.POST.get("press", ""), token, PURPOSE, now=held.now)
    except press.Refused as not_counted:
        return _ask(request, held, client, says=not_counted.sentence, status=409)
    if seen != _live(client):
        # A reload of the answer, say: it must not end the address that was just written down.
        return _ask(request, held, client, says=MEANWHILE, status=409)
    if request.POST.get("do") == "end":
        end_own_feeds(client, now=held.now)
        return _ask(request, held, client, says=ENDED)
    made = make_feed(client, now=held.now)
    address = address_of(made.secret)
    subscribe = address.replace("https://", "webcal://", 1).replace("http://", "webcal://", 1)
    return held.page(request, "web/manage/calendar_made.html", address=address, subscribe=subscribe)


def _ask(request: HttpRequest, held: Held, client: Client, *, says: str = "", status: int = 200) -> HttpResponse:
    live = _live(client)
    value = press.value_for(held.token, PURPOSE, version=live, now=held.now)
    return held.page(request, "web/manage/calendar.html", says=says, status=status, press=value, has_one=bool(live))


def _live(client: Client) -> int:
    """Return the key of the address that opens the client's calendar, 0 when there is none."""
    newest = queries.feeds().filter(client=client).order_by("-pk").values_list("pk", flat=True).first()
    return newest or 0
