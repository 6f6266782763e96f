"""Sessions, and all that stands on them, for people with a browser: a program at the API brings no cookie, nor does
whoever fetches a calendar.

Three layers that would find nothing were a thirtieth of a booking. Whoever brings a session's cookie gets all of them,
at the API too: staff may call it from a page.
"""

from typing import Any

from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest


class _ForPeople:
    """Lets a program pass. CSRF stays out of this: Django's check of a deployment looks for its layer by name."""

    get_response: Any

    def __call__(self, request: HttpRequest) -> Any:
        path = request.path_info
        is_for_programs = path.startswith("/api/") or path.endswith(".ics")
        if is_for_programs and settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return self.get_response(request)
        return super().__call__(request)  # type: ignore[misc]  # Django's middleware is beside it


class Sessions(_ForPeople, SessionMiddleware):
    pass


class Authentication(_ForPeople, AuthenticationMiddleware):
    pass


class Messages(_ForPeople, MessageMiddleware):
    pass
