"""The door for staff: guesses are counted before a password is looked at. Reliability, limits and passwords."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

RIGHT, WRONG = "a-quiet-afternoon", "a-loud-afternoon"
AT_HOME, ELSEWHERE = "203.0.113.7", "198.51.100.9"


@pytest.fixture(autouse=True)
def _noor_and_eli(db: None, settings: Any) -> None:
    for name in ("noor", "eli"):
        User.objects.create_superuser(name, password=RIGHT)
    settings.LIMITS |= {"logins": "4/hour", "logins-account": "2/hour"}


def log_in(name: str, password: str, *, address: str = AT_HOME) -> str:
    """Try it in a new browser; return "in" or what the page says instead."""
    answer = Browser(REMOTE_ADDR=address).post("/admin/login/", {"username": name, "password": password, "next": "/"})
    if answer.status_code == 302:
        return "in"
    (words,) = answer.context["form"].non_field_errors()
    return str(words)


def log_in_unlooked(name: str, password: str) -> str:
    """The same, and nobody asks the database for the account: so no password is compared with anything."""
    with CaptureQueriesContext(connection) as asked:
        answer = log_in(name, password)
    assert not [query["sql"] for query in asked if "auth_user" in query["sql"]]
    return answer


class TestAnAccount:
    def test_is_open_to_whoever_knows_its_password(self) -> None:
        assert [log_in("noor", RIGHT), log_in("noor", WRONG)[:12]] == ["in", "Please enter"]

    def test_takes_no_more_tries_than_its_limit_wherever_they_come_from(self) -> None:
        for address in (AT_HOME, ELSEWHERE):
            assert log_in("noor", WRONG, address=address).startswith("Please enter the correct username")

        assert log_in_unlooked("noor", RIGHT) == "That was tried too often. Please try again in 60 minutes."

    def test_that_was_tried_too_often_shuts_out_no_other(self) -> None:
        for _ in range(3):
            log_in("noor", WRONG)

        assert log_in("eli", RIGHT) == "in"

    def test_that_does_not_exist_is_answered_like_one_that_does(self) -> None:
        tries = [[log_in(name, WRONG, address=f"203.0.113.{number}") for number in range(3)] for name in ("noor", "x")]

        assert tries[0] == tries[1]


class TestAnAddress:
    def test_has_its_own_limit_whatever_accounts_it_tries(self) -> None:
        for number in range(4):
            log_in(f"guess-{number}", WRONG)

        assert log_in_unlooked("noor", RIGHT).startswith("That was tried too often.")
        assert log_in("noor", RIGHT, address=ELSEWHERE) == "in"

    def test_that_is_shut_out_uses_up_no_accounts_tries(self) -> None:
        for number in range(4):
            log_in(f"guess-{number}", WRONG)
        for _ in range(5):
            log_in("noor", WRONG)

        assert log_in("noor", RIGHT, address=ELSEWHERE) == "in"


def test_an_empty_form_is_no_try() -> None:
    for _ in range(5):
        Browser().post("/admin/login/", {"username": "noor", "password": ""})

    assert log_in("noor", RIGHT) == "in"
