"""What somebody wants to hear from us: three boxes behind the link in their mails."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from notifications import preferences
from notifications.models import Preference
from web import press
from web.doors import link_page
from web.views.home import studio_name

WISHES = ("tips", "follow_ups", "reminders")


@link_page
def wishes(request: HttpRequest, token: str) -> HttpResponse:
    """Show the boxes; save them when the button was pressed. A reload saves the same again, which is harmless."""
    now = timezone.now()
    preference = preferences.find(token)
    if request.method != "POST":
        return _boxes(request, token, preference, now=now)
    ticked = {name: name in request.POST for name in WISHES}
    try:
        press.version_in(request.POST.get("press", ""), token, "preferences", now=now)
    except press.Refused as not_counted:
        asked = Preference(**ticked)
        return _boxes(request, token, asked, now=now, says=not_counted.sentence, status=409)
    return _boxes(request, token, preferences.change(token, ticked, now=now), now=now, saved=True)


def _boxes(
    request: HttpRequest,
    token: str,
    preference: Preference,
    *,
    now: datetime,
    says: str = "",
    saved: bool = False,
    status: int = 200,
) -> HttpResponse:
    context = {
        "studio": studio_name(),
        "wishes": {name: getattr(preference, name) for name in WISHES},
        "press": press.value_for(token, "preferences", now=now),
        "says": says,
        "saved": saved,
    }
    return render(request, "web/preferences.html", context, status=status)
