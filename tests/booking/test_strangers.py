"""Whose appointment is it: every caller against every object by every method."""

import json

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import connection

from booking import access
from booking.models import Appointment, HistoryEntry, LinkToken, Purpose
from notifications.models import Message
from tests import factories
from tests.booking.caller import BASE, Caller, is_problem, row_counts
from tests.factories import NOW, at

SAM = {"name": "Sam Okoro", "email": "sam@example.com"}
NEVER = "ZZZZZZZZZZ"
DOORS = (
    ("GET", "", None),
    ("GET", "invite.ics", None),
    ("POST", "reschedule/", {"start": at("15:00")}),
    ("POST", "cancel/", {"reason": "no"}),
)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


@pytest.fixture
def sams(book):
    return book(client=SAM, start=at("13:00"))


@pytest.fixture
def sam(sams):
    return Caller(Authorization=f"Link {sams['token']}")


@pytest.fixture
def calendar_link(booked):
    appointment = Appointment.objects.get(reference=booked["reference"])
    [token] = access.issue_links([(appointment.pk, appointment.end_at, Purpose.CALENDAR)])
    return token


@pytest.fixture
def strangers(sam, calendar_link, booked):
    """Everybody who has no business with Kim's appointment, by what they hold."""
    user = get_user_model().objects.create_user("lee", password="a long enough secret")
    visitor = Caller()
    visitor.browser.force_login(user)
    token = booked["token"]
    return {
        "nobody": Caller(),
        "another client": sam,
        "a visitor with an account": visitor,
        "a calendar link": Caller(Authorization=f"Link {calendar_link}"),
        "a made-up link": Caller(Authorization="Link " + "A" * 43),
        "a link but for one letter": Caller(Authorization=f"Link {token[:-1]}{'A' if token[-1] != 'A' else 'B'}"),
        "a cut link": Caller(Authorization=f"Link {token[:-1]}"),
        "the hash of the link": Caller(Authorization=f"Link {access.digest(token)}"),
        "a CSRF token": Caller(X_CSRFToken="a" * 64),
        "an empty link": Caller(Authorization="Link "),
    }


def kims_rows() -> str:
    rows = [
        Appointment.objects.values(),
        HistoryEntry.objects.values(),
        Message.objects.values(),
        LinkToken.objects.values(),
    ]
    return json.dumps([list(found.order_by("pk")) for found in rows], default=str)


class TestAStranger:
    """S01, S02, S03, S06, S42: object by object, method by method."""

    def test_meets_the_same_404_as_for_what_never_existed(self, booked, strangers):
        before = kims_rows()
        for who, caller in strangers.items():
            for method, door, body in DOORS:
                known = caller.send(method, f"appointments/{booked['reference']}/{door}", body or "")
                never = caller.send(method, f"appointments/{NEVER}/{door}", body or "")
                assert is_problem(known, 404, "not-found"), (who, method, door)
                assert known.content == never.content, (who, method, door)
                assert known.headers == never.headers, (who, method, door)

        assert kims_rows() == before

    def test_finds_no_method_that_does_more(self, booked, strangers):
        before = kims_rows()
        for who, caller in strangers.items():
            for door in ("", "invite.ics", "reschedule/", "cancel/"):
                for method in METHODS:
                    answer = caller.send(method, f"appointments/{booked['reference']}/{door}", {})
                    assert answer.status_code in {400, 404, 405}, (who, method, door, answer.status_code)

        assert kims_rows() == before

    def test_gets_no_list(self, strangers):
        """S07: no list of appointments for the public."""
        for who, caller in strangers.items():
            answer = caller.get("appointments/")
            assert answer.status_code in {401, 403}, who
            assert b"reference" not in answer.content, who

    @pytest.mark.parametrize(
        "extra",
        [
            {"manage_mode": True, "id": 1},
            {"reference": NEVER},
            {"appointment": {"id": 1}},
            {"status": "cancelled"},
            {"price": "0.00"},
            {"price_amount": -9999},
            {"override": {"rules": ["notice"], "reason": "me"}},
            {"notify": False},
            {"source": "walk-in"},
            {"client_id": 1},
            {"token": "x"},
        ],
        ids=str,
    )
    def test_cannot_send_what_is_not_theirs_to_say(self, api, wish, booked, extra):
        """S03, S39, S42: unknown fields are refused, so a public POST can only create, at our price."""
        before = row_counts()

        answer = api.post("appointments/", wish(start=at("14:00"), **extra))

        assert is_problem(answer, 400, "invalid")
        assert set(answer.json()["errors"]) == set(extra)
        assert row_counts() == before

    def test_cannot_book_as_somebody_the_desk_knows(self, api, wish, booked):
        """S02: a client's reference is the desk's to use."""
        known = apps.get_model("booking.Client").objects.get()

        answer = api.post("appointments/", wish(start=at("14:00"), client={"reference": known.reference}))

        assert is_problem(answer, 400, "invalid")


class TestAKeyOfTheDesk:
    @pytest.mark.parametrize(
        ("scopes", "seen", "changed"),
        [(("read",), 200, 403), (("read", "desk"), 200, 200), (("desk",), 200, 200), (("admin",), 200, 200)],
        ids=str,
    )
    def test_does_what_its_scopes_say(self, booked, scopes, seen, changed):
        caller = Caller(Authorization=f"Bearer {factories.api_key(*scopes)}")
        path = f"appointments/{booked['reference']}/"

        assert caller.get(path).status_code == seen
        assert caller.get("appointments/").status_code == seen
        assert caller.post(path + "cancel/").status_code == changed

    @pytest.mark.parametrize("state", ["unknown", "revoked", "expired"])
    def test_that_opens_nothing_is_told_so(self, booked, state):
        key = factories.api_key("read", "desk")
        keys = apps.get_model("booking.ApiKey").objects
        if state == "unknown":
            keys.all().delete()
        else:
            keys.update(**{"revoked_at" if state == "revoked" else "expires_at": NOW})

        answer = Caller(Authorization=f"Bearer {key}").get(f"appointments/{booked['reference']}/")

        assert is_problem(answer, 401, "not-authenticated")
        assert "Bearer" in answer["WWW-Authenticate"]

    def test_is_stored_hashed(self, house):
        key = factories.api_key("read")
        with connection.cursor() as cursor:
            cursor.execute("SELECT t::text FROM booking_apikey t")
            assert key not in cursor.fetchone()[0]


class TestASession:
    @pytest.fixture
    def robin(self, house):
        user = get_user_model().objects.create_user("robin", password="a long enough secret", is_staff=True)
        user.user_permissions.add(*Permission.objects.filter(codename__in=["view_appointment", "add_appointment"]))
        caller = Caller()
        caller.browser = type(caller.browser)(enforce_csrf_checks=True)
        caller.browser.force_login(user)
        return caller

    def test_of_staff_without_permission_reads_nothing(self, house, booked):
        """An editor of notes can log in to /admin/ and has no business with clients."""
        editor = get_user_model().objects.create_user("eli", password="a long enough secret", is_staff=True)
        caller = Caller()
        caller.browser.force_login(editor)

        assert caller.get("appointments/").status_code == 403
        assert caller.get(f"appointments/{booked['reference']}/").status_code == 404

    def test_of_staff_reads(self, robin, booked):
        assert robin.get(f"appointments/{booked['reference']}/").json()["client"]["email"] == "kim@example.com"

    def test_changes_nothing_without_its_csrf_token(self, robin, booked):
        """S06, S30."""
        answer = robin.post(f"appointments/{booked['reference']}/cancel/")

        assert is_problem(answer, 403, "forbidden")
        assert Appointment.objects.get().status == "booked"

    def test_with_a_long_name_can_still_be_written_down(self, wish, house):
        user = get_user_model().objects.create_superuser("r" * 150, password="a long enough secret")
        caller = Caller()
        caller.browser.force_login(user)

        assert caller.post("appointments/", wish()).status_code == 201


class TestAReference:
    def test_is_not_a_number_that_counts(self, booked, sams):
        """S03."""
        references = {booked["reference"], sams["reference"]}

        assert len(references) == 2
        assert all(len(one) == 10 and not set(one) & set("01ILOU") for one in references)

    @pytest.mark.parametrize("reference", ["%00", "..%2f", "%F0%9F%92%A9", "x" * 300, "1", "' OR 1=1 --"])
    def test_that_is_nonsense_is_not_found_by_staff_either(self, desk, reference):
        assert desk.browser.get(f"{BASE}appointments/{reference}/", headers=desk.headers).status_code == 404

    @pytest.mark.parametrize("reference", ["a\x00b", "\x00", "é" * 20])
    def test_with_a_nul_is_not_found(self, desk, reference):
        assert is_problem(desk.get(f"appointments/{reference}/"), 404, "not-found")
