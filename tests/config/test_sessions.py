"""Who brings a session's cookie is somebody; a program at the API is spared what stands on sessions."""

import pytest
from django.conf import settings
from django.test import Client

LAYERS = ("session", "_messages")


def layers_of(path, *, cookie=""):
    browser = Client()
    if cookie:
        browser.cookies[settings.SESSION_COOKIE_NAME] = cookie
    request = browser.get(path).wsgi_request
    return {name for name in LAYERS if hasattr(request, name)}


@pytest.mark.django_db
class TestSessions:
    def test_are_not_looked_for_when_a_program_calls(self):
        assert layers_of("/api/v1/locations/") == set()

    def test_are_there_for_whoever_brings_one_to_the_api(self):
        """Staff may call it from a page; a cookie that opens nothing makes a stranger of them, as ever."""
        assert layers_of("/api/v1/locations/", cookie="x" * 32) == set(LAYERS)

    def test_are_there_for_pages(self):
        assert layers_of("/admin/login/") == set(LAYERS)
