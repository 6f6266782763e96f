"""Ask whether to cancel; cancel when the button was pressed."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from booking import errors
from booking.actions.cancel import cancel_appointment
from web import press
from web.doors import link_page
from web.views.held import Held, back, opened, refused, unchangeable


@link_page
def cancel(request: HttpRequest, token: str) -> HttpResponse:
    held = opened(token, now=timezone.now())
    if held.state == "cancelled":
        return back(held)
    if held.state != "open":
        return unchangeable(request, held)
    if request.method != "POST":
        return _ask(request, held)
    try:
        version = press.version_in(request.POST.get("press", ""), token, "cancel", now=held.now)
        cancel_appointment(held.appointment, by=held.holder, now=held.now, version=version)
    except press.Refused as not_counted:
        return _ask(request, held, says=not_counted.sentence, status=409)
    except errors.Refusal as refusal:
        return refused(request, held, refusal)
    return back(held)


def _ask(request: HttpRequest, held: Held, *, says: str = "", status: int = 200) -> HttpResponse:
    value = press.value_for(held.token, "cancel", version=held.facts.version, now=held.now)
    return held.page(request, "web/manage/cancel.html", status=status, says=says, press=value)
