import pytest
from django.test import Client

from booking.api.problems import EVERY
from tests.web.visitor import text_of


class TestAnUnknownAddress:
    def test_is_a_page_for_people(self, db, sam):
        answer = sam.get("/no/such/page/")

        assert answer.status_code == 404
        assert answer["Content-Type"].startswith("text/html")
        assert "There is nothing here" in text_of(answer)
        assert "no/such/page" not in text_of(answer)

    def test_is_a_problem_for_programs(self, db, sam):
        answer = sam.get("/api/v1/no-such-thing/")

        assert answer.status_code == 404
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["code"] == "not-found"
        assert answer.json()["type"].endswith("/problems/not-found")


class TestABug:
    @pytest.fixture
    def broken(self, monkeypatch) -> Client:
        """A studio in which the start page and the list of places fail."""
        from booking import queries

        def fail() -> None:
            raise ZeroDivisionError

        monkeypatch.setattr(queries, "locations", fail)
        return Client(raise_request_exception=False)

    def test_is_a_page_that_tells_nothing_of_the_inside(self, db, broken):
        answer = broken.get("/")

        assert answer.status_code == 500
        assert "Sorry, that did not work" in text_of(answer)
        assert "ZeroDivisionError" not in text_of(answer)

    def test_is_a_problem_for_programs(self, db, broken):
        answer = broken.get("/api/v1/locations/")

        assert answer.status_code == 500
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["code"] == "failed"
        assert "ZeroDivisionError" not in text_of(answer)

    def test_is_answered_when_the_page_for_it_cannot_be_made(self, db, broken, settings):
        settings.TEMPLATES = [settings.TEMPLATES[0] | {"APP_DIRS": False}]

        answer = broken.get("/")

        assert answer.status_code == 500
        assert b"Something went wrong on our side" in answer.content


class TestAForm:
    def test_of_staff_without_its_cookie_is_refused_in_plain_words(self, db, settings):
        settings.CSRF_FAILURE_VIEW = "config.pages.csrf_failed"

        answer = Client(enforce_csrf_checks=True).post("/admin/login/", {"username": "x"})

        assert answer.status_code == 403
        assert "Please send that once more" in text_of(answer)


class TestTheProblemPages:
    def test_are_all_listed(self, db, sam):
        page = text_of(sam.get("/problems/"))

        assert [code for code in EVERY if f'href="{code}"' not in page] == []

    @pytest.mark.parametrize("code", sorted(EVERY))
    def test_explain_each_code(self, db, sam, code):
        page = text_of(sam.get(f"/problems/{code}"))

        assert f"<code>{code}</code>" in page
        assert "`" not in page
