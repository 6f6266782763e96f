"""Whom the studio does not give time to online: kept by the desk, over the API and in the owner's pages (S38)."""

import pytest
from django.contrib.auth.models import User
from django.contrib.messages import get_messages
from django.test import Client as Browser

from booking.models import BlockedContact, Client
from booking.queries import is_blocked
from tests.booking.admin_pages import address, save
from tests.booking.caller import Caller, is_problem
from tests.factories import NOW, api_key


@pytest.fixture
def block(desk):
    def block(kind, value, headers=None, **more):
        return desk.post("blocked/", {"kind": kind, "value": value, **more}, **(headers or {}))

    return block


@pytest.fixture
def noor(house) -> Browser:
    browser = Browser()
    browser.force_login(User.objects.create_superuser("noor"))
    return browser


class TestBlocking:
    @pytest.mark.parametrize(
        ("kind", "value"),
        [
            ("address", "KIM@Example.com"),
            ("domain", "example.com"),
            ("domain", "@EXAMPLE.com"),
            ("phone", "+49 40 1234567"),
        ],
    )
    def test_keeps_the_person_out_however_they_write_it(self, block, kind, value):
        assert not is_blocked("kim@mail.example.com", "+49401234567")

        answer = block(kind, value, reason="Never comes")

        assert answer.status_code == 201
        assert answer.json() | {"reference": "", "value": ""} == {
            "reference": "",
            "kind": kind,
            "value": "",
            "reason": "Never comes",
            "created_at": NOW.isoformat(),
        }
        assert is_blocked("Kim@EXAMPLE.com", "+49 (0)40 1234567")
        assert not is_blocked("sam@example.org", "+49 40 7654321")

    @pytest.mark.parametrize(
        ("email", "found"),
        [("x@a.spam.example", True), ("x@spam.example", True), ("x@notspam.example", False), ("x@example", False)],
    )
    def test_of_a_domain_holds_for_those_below_it(self, block, email, found):
        block("domain", "spam.example")

        assert is_blocked(email, "") is found

    def test_twice_is_one_block(self, block):
        first = block("phone", "+49 40 1234567", reason="Never comes").json()

        assert block("phone", "+49401234567").json() == first
        assert BlockedContact.objects.count() == 1

    def test_with_one_key_is_one_answer(self, block):
        answers = [block("domain", "spam.example", headers={"Idempotency_Key": "once"}) for _ in range(2)]

        assert [answer.get("Idempotency-Replayed") for answer in answers] == [None, "true"]
        assert answers[0].content == answers[1].content

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"kind": "name", "value": "Kim"}, "kind"),
            ({"kind": "phone", "value": "040 1234567"}, "value"),
            ({"kind": "address", "value": "example.com"}, "value"),
            ({"kind": "domain", "value": "a\nb.example"}, "value"),
            ({"kind": "domain", "value": "example.com", "until": "never"}, "until"),
            ({"kind": "domain"}, "value"),
        ],
        ids=str,
    )
    def test_asked_wrongly_names_the_field(self, desk, body, field):
        answer = desk.post("blocked/", body)

        assert is_problem(answer, 400, "invalid")
        assert set(answer.json()["errors"]) == {field}
        assert not BlockedContact.objects.exists()


class TestTheList:
    def test_comes_in_pages_newest_first(self, block, desk, clock):
        for name in ("one", "two", "three"):
            block("domain", f"{name}.example")
            clock.shift(60)

        page = desk.get("blocked/", {"limit": 2}).json()
        rest = desk.browser.get(page["next"], headers=desk.headers).json()

        values = [one["value"] for one in page["results"] + rest["results"]]
        assert values == ["three.example", "two.example", "one.example"]

    def test_is_shortened_by_the_desk(self, block, desk):
        reference = block("domain", "example.com").json()["reference"]

        assert desk.send("DELETE", f"blocked/{reference}/").status_code == 204
        assert not is_blocked("kim@example.com", "")
        assert is_problem(desk.send("DELETE", f"blocked/{reference}/"), 404, "not-found")
        assert is_problem(desk.send("DELETE", "blocked/\x00/"), 404, "not-found")

    @pytest.mark.parametrize("scopes", [None, ("read",)], ids=str)
    def test_is_nobody_elses_business(self, house, scopes):
        caller = Caller(**({"Authorization": f"Bearer {api_key(*scopes)}"} if scopes else {}))

        for method, path in (("GET", "blocked/"), ("POST", "blocked/"), ("DELETE", "blocked/ZZZZZZZZZZ/")):
            assert caller.send(method, path, {}).status_code in {401, 403}


class TestTheOwnersPages:
    def test_block_a_client_from_the_list(self, noor, booked):
        kim = Client.objects.get()
        Client.objects.update(phone="+49 40 1234567")

        answer = noor.post("/admin/booking/client/", {"action": "block", "_selected_action": [kim.pk]})

        assert [str(message) for message in get_messages(answer.wsgi_request)] == [
            "Blocked online: kim@example.com, +49401234567. The desk can still book for them."
        ]
        assert set(BlockedContact.objects.values_list("kind", "value", "created_at")) == {
            ("address", "kim@example.com", NOW),
            ("phone", "+49401234567", NOW),
        }

    def test_say_when_there_is_nothing_to_block(self, noor, house):
        kim = Client.objects.create(name="Kim", phone="040 1234567", created_at=NOW)

        answer = noor.post("/admin/booking/client/", {"action": "block", "_selected_action": [kim.pk]})

        assert ["Nothing to block" in str(message) for message in get_messages(answer.wsgi_request)] == [True]
        assert not BlockedContact.objects.exists()

    def test_keep_a_contact_in_its_one_spelling(self, noor, house):
        save(noor, address(BlockedContact), kind="domain", value="@Spam.Example", reason="Nuisance")

        kept = BlockedContact.objects.get()
        assert (kept.value, kept.created_at, len(kept.reference)) == ("spam.example", NOW, 10)

    def test_refuse_what_is_no_contact(self, noor, house):
        answer = noor.post(address(BlockedContact), {"kind": "phone", "value": "040 1234567"})

        assert "country code" in str(answer.context["adminform"].form.errors["value"])
