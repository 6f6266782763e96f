"""A calendar that programs read again and again, behind an address that is a secret (reliability S22, S23).

Whether it has changed takes one small statement; only then is it built. Whatever stands in the query is not looked at.
"""

import gzip
from datetime import datetime

import icalendar
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.views.decorators.http import require_safe

from booking import access, ical, queries
from booking.queries.feeds import FeedState
from web.doors import link_page
from web.views.home import studio_name

# What writes the bytes, besides the appointments: a new writer must not be taken for the old one.
WRITER = f"1-{icalendar.__version__}"
GZIP_LEVEL = 5


@link_page
@require_safe
def feed(request: HttpRequest, secret: str) -> HttpResponse:
    now = timezone.now()
    state = queries.feed_state(access.digest(secret), now=now)
    zipped = _takes_gzip(request.headers.get("Accept-Encoding", ""))
    tag, changed_at = _tag(state, zipped=zipped), _told(state.changed_at, now=now)
    headers = {"ETag": tag, "Last-Modified": http_date(changed_at), "Vary": "Accept-Encoding"}
    unchanged = get_conditional_response(request, etag=tag, last_modified=changed_at)
    if unchanged is not None and unchanged.status_code == 304:
        for name, value in headers.items():
            unchanged[name] = value
        return unchanged
    content = _written(state, now=now)
    if zipped:
        headers["Content-Encoding"] = "gzip"
        content = gzip.compress(content, GZIP_LEVEL, mtime=0)
    return HttpResponse(content, content_type="text/calendar; charset=utf-8", headers=headers)


def _tag(state: FeedState, *, zipped: bool) -> str:
    # Two encodings are two representations, and a strong tag is of one (RFC 9110 8.8.3.3).
    return f'"{state.stamp}-{WRITER}{"-gzip" if zipped else ""}"'


def _told(changed_at: datetime, *, now: datetime) -> int:
    """Return the second it last changed in, or the one before while another change may still come in that second."""
    second = int(changed_at.timestamp())
    return second - 1 if second >= int(now.timestamp()) else second


def _written(state: FeedState, *, now: datetime) -> bytes:
    visits = queries.feed_shows(state, now=now)
    whose = queries.feed_title(state)
    title = f"{whose} · {studio_name()}" if whose else studio_name()
    return ical.feed(visits, title=title, staff=state.of != "client", names=state.names)


def _takes_gzip(accepted: str) -> bool:
    """Say whether Accept-Encoding names gzip without refusing it (RFC 9110 12.5.3)."""
    for offer in accepted.lower().split(","):
        coding, _, weight = offer.partition(";")
        if coding.strip() == "gzip":
            return weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False
