"""A place on the waitlist: take the time that is offered, leave it to the next, or leave the list.

Reading changes nothing, whoever reads. Each button needs its own press (web.press), bound to the offer it shows.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from booking import access, errors, queries
from booking.access import Caller
from booking.actions.waitlist.accept import accept_offer
from booking.actions.waitlist.decline import decline_offer
from booking.actions.waitlist.withdraw import withdraw_entry
from booking.api.problems import PROBLEMS
from booking.models import EntryState, WaitlistEntry, WaitlistOffer
from booking.wording import clean_line, moment_in_words, place_of, visit_in_words
from web import press, shown
from web.doors import link_page
from web.views.held import BUSY, RETRY_AFTER_SECONDS

ANOTHER = "There is another time for you now. Please look at it first."
STATES: dict[str, str] = {
    EntryState.ACCEPTED: "taken",
    EntryState.WITHDRAWN: "left",
    EntryState.EXPIRED: "over",
    EntryState.WAITING: "waiting",
}


@dataclass(frozen=True, slots=True)
class Place:
    """An entry of the waitlist as the page shows it, read at `now`; `offer` is one that can still be taken."""

    token: str
    entry: WaitlistEntry
    offer: WaitlistOffer | None
    now: datetime

    @property
    def state(self) -> str:
        return "offered" if self.offer else STATES[queries.entry_state(self.entry, now=self.now)]

    @property
    def shows(self) -> int:
        """The offer that a press on this page is about."""
        return self.offer.pk if self.offer else 0


@link_page
def waitlist(request: HttpRequest, token: str) -> HttpResponse:
    place = _opened(token, now=timezone.now())
    act = ACTS.get(request.POST.get("do", "")) if request.method == "POST" else None
    if request.method != "POST":
        return _page(request, place)
    if act is None:
        return _page(request, place, status=409, says=press.Refused.sentence)
    try:
        value = request.POST.get("press", "")
        about = press.version_in(value, token, f"waitlist-{request.POST['do']}", now=place.now)
        if about != place.shows:
            return _page(request, place, status=409, says=ANOTHER if place.offer else "")
        return act(place)
    except press.Refused as not_counted:
        return _page(request, place, status=409, says=not_counted.sentence)
    except errors.NotFound:
        raise
    except errors.Refusal as refusal:
        return _refused(request, place, refusal)


def _opened(token: str, *, now: datetime) -> Place:
    """Return what the link opens. Raises errors.NotFound."""
    entry = queries.whole_entry(access.entry_for_link(token, now=now))
    return Place(token, entry, queries.open_offer(entry, now=now), now)


def _accept(place: Place) -> HttpResponse:
    """Book it and lead to the new appointment, so that a reload presses nothing again."""
    by = Caller("link", "client", "page", entry_id=place.entry.pk)
    return redirect("web:appointment", accept_offer(place.entry, by=by, now=place.now).token)


def _decline(place: Place) -> HttpResponse:
    decline_offer(place.entry, now=place.now)
    return redirect("web:waitlist", place.token)


def _leave(place: Place) -> HttpResponse:
    withdraw_entry(place.entry, now=place.now)
    return redirect("web:waitlist", place.token)


ACTS: dict[str, Callable[[Place], HttpResponse]] = {"accept": _accept, "decline": _decline, "leave": _leave}


def _refused(request: HttpRequest, place: Place, refusal: errors.Refusal) -> HttpResponse:
    """Show how it stands now, with the reason for the refusal."""
    says = BUSY if isinstance(refusal, errors.StudioBusy) else refusal.detail
    response = _page(request, _opened(place.token, now=place.now), status=PROBLEMS[type(refusal)].status, says=says)
    if isinstance(refusal, errors.StudioBusy):
        response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def _page(request: HttpRequest, place: Place, *, status: int = 200, says: str = "") -> HttpResponse:
    entry = place.entry
    zone = entry.location.time_zone
    context = {
        "studio": clean_line(queries.studio().name),
        "contact": shown.contact(entry.location.phone),
        "place": clean_line(entry.location.name),
        "service": clean_line(entry.variation.service.name),
        "state": place.state,
        "passed": place.state == "waiting" and any(offer.hold is None for offer in entry.offers.all()),
        "windows": [visit_in_words(window.start_at, window.end_at, zone) for window in entry.windows.all()],
        "visit": _visit(place),
        "until": moment_in_words(place.offer.expires_at, zone) if place.offer else "",
        "zone": place_of(zone),
        "press": {
            do: press.value_for(place.token, f"waitlist-{do}", version=place.shows, now=place.now) for do in ACTS
        },
        "says": says,
    }
    return render(request, "web/waitlist/entry.html", context, status=status)


def _visit(place: Place) -> shown.Visit | None:
    """Return the visit that is offered, in the fields that pages may show."""
    hold = place.offer.hold if place.offer else None
    facts = queries.facts_of([hold.pk]).get(hold.pk) if hold else None
    return shown.visit(facts, now=place.now, notify=True) if facts else None
