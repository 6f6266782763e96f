import pytest
from django.urls import get_resolver

from web import urls

PUBLIC = {"home", "learn", "snippet"}


@pytest.mark.parametrize("pattern", urls.urlpatterns, ids=lambda pattern: pattern.name)
class TestAPage:
    def test_says_who_may_come_in(self, pattern):
        assert pattern.callback.scope == ("public" if pattern.name in PUBLIC else "link")

    def test_asks_for_no_csrf_cookie_only_where_the_link_is_the_authority(self, pattern):
        """S30."""
        assert getattr(pattern.callback, "csrf_exempt", False) is (pattern.name not in PUBLIC)


class TestPublicPages:
    @pytest.mark.parametrize("address", ["/", "/learn/"])
    def test_take_no_form(self, db, sam, address):
        """S30."""
        assert sam.post(address).status_code == 405


def test_every_page_has_a_name():
    assert len(get_resolver("web.urls").reverse_dict) > len(urls.urlpatterns)
