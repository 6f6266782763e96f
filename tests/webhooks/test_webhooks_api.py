"""Keeping webhooks over the API, and looking at what became of each call."""

import pytest

from notifications.webhooks import signing
from notifications.webhooks.models import Event, Webhook, WebhookDelivery
from tests.booking.caller import Caller, is_problem
from tests.factories import NOW, api_key
from tests.webhooks.conftest import PUBLIC

URL = "https://hooks.example.com/in"
BODY = {"url": URL, "events": ["appointment.cancelled", "appointment.booked"]}


def caller(*scopes: str) -> Caller:
    return Caller(Authorization=f"Bearer {api_key(*scopes, name='-'.join(scopes))}")


@pytest.fixture
def owner(house, names) -> Caller:
    names(hooks_example_com=[PUBLIC], other_example_com=[PUBLIC])
    return caller("read", "desk", "admin")


@pytest.fixture
def kept(owner: Caller) -> dict:
    answer = owner.post("webhooks/", BODY)
    assert answer.status_code == 201, answer.content
    return answer.json()


@pytest.fixture
def webhook(kept) -> Webhook:
    return Webhook.objects.get(reference=kept["reference"])


class TestAddingAWebhook:
    def test_answers_with_its_secret_and_with_all_there_is(self, kept, webhook: Webhook) -> None:
        assert kept == {
            "reference": webhook.reference,
            "url": URL,
            "events": ["appointment.booked", "appointment.cancelled"],
            "include_client": False,
            "is_active": True,
            "disabled_at": None,
            "disabled_reason": "",
            "failing_since": None,
            "created_at": "2026-11-23T08:00:00Z",
            "secret": signing.shown_secret(webhook),
        }

    def test_shows_the_secret_never_again(self, kept, owner: Caller) -> None:
        later = [owner.get("webhooks/"), owner.get(f"webhooks/{kept['reference']}/")]

        assert [answer.status_code for answer in later] == [200, 200]
        assert "whsec_" not in "".join(answer.content.decode() for answer in later)

    def test_with_one_key_is_one_webhook(self, owner: Caller) -> None:
        answers = [owner.post("webhooks/", BODY, Idempotency_Key="once") for _ in range(2)]

        assert answers[0].json() == answers[1].json()
        assert answers[1]["Idempotency-Replayed"] == "true"
        assert Webhook.objects.count() == 1

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"events": []}, "events"),
            ({"events": ["appointment.book"]}, "events.0"),
            ({"events": ["appointment.*"]}, "events.0"),
            ({"events": "appointment.booked"}, "events"),
            ({"url": ""}, "url"),
            ({"url": "https://hooks.example.com/" + "x" * 500}, "url"),
            ({"secret": "whsec_mine"}, "secret"),
            ({"is_active": "perhaps"}, "is_active"),
        ],
    )
    def test_refuses_what_it_does_not_understand(self, owner: Caller, changes: dict, field: str) -> None:
        """S58: the word of an event, and nothing that only begins like one."""
        answer = owner.post("webhooks/", BODY | changes)

        assert is_problem(answer, 400, "invalid")
        assert field in answer.json()["errors"]
        assert Webhook.objects.count() == 0


class TestAWebhook:
    def test_is_changed_field_by_field(self, kept, owner: Caller) -> None:
        answer = owner.send("PATCH", f"webhooks/{kept['reference']}/", {"events": ["waitlist.offered"]})

        assert answer.json()["events"] == ["waitlist.offered"]
        assert answer.json()["url"] == URL

    def test_can_be_led_elsewhere_but_not_inside(self, kept, owner: Caller, webhook: Webhook) -> None:
        address = f"webhooks/{kept['reference']}/"

        assert owner.send("PATCH", address, {"url": "https://other.example.com/"}).status_code == 200
        assert is_problem(owner.send("PATCH", address, {"url": "https://127.0.0.1/"}), 400, "invalid")
        webhook.refresh_from_db()
        assert (webhook.url, webhook.host) == ("https://other.example.com/", "other.example.com:443")

    def test_that_gave_up_starts_anew_when_it_is_switched_on(self, kept, owner: Caller, webhook: Webhook) -> None:
        Webhook.objects.update(
            is_active=False, disabled_at=NOW, disabled_reason="Gone.", failing_since=NOW, failures=9, rests_until=NOW
        )

        answer = owner.send("PATCH", f"webhooks/{kept['reference']}/", {"is_active": True}).json()

        assert (answer["is_active"], answer["disabled_at"], answer["disabled_reason"]) == (True, None, "")
        webhook.refresh_from_db()
        assert (webhook.failing_since, webhook.failures, webhook.rests_until) == (None, 0, None)

    def test_gets_a_new_secret(self, kept, owner: Caller) -> None:
        answer = owner.post(f"webhooks/{kept['reference']}/secret/")

        assert answer.status_code == 200
        assert answer.json()["secret"].startswith("whsec_")
        assert answer.json()["secret"] != kept["secret"]

    def test_is_deleted(self, kept, owner: Caller) -> None:
        assert owner.send("DELETE", f"webhooks/{kept['reference']}/").status_code == 204
        assert is_problem(owner.get(f"webhooks/{kept['reference']}/"), 404, "not-found")

    @pytest.mark.parametrize("reference", ["nothing", "a%00b", "%2e%2e"])
    def test_that_is_not_there_is_not_found(self, owner: Caller, reference: str) -> None:
        for path in ("", "deliveries/"):
            assert is_problem(owner.get(f"webhooks/{reference}/{path}"), 404, "not-found")


class TestWhoMayCome:
    def doors(self, kept) -> list[tuple[str, str]]:
        address = f"webhooks/{kept['reference']}/"
        return [
            ("GET", "webhooks/"),
            ("POST", "webhooks/"),
            ("GET", address),
            ("PATCH", address),
            ("DELETE", address),
            ("POST", f"{address}secret/"),
            ("POST", f"{address}test/"),
            ("POST", f"{address}deliveries/evt_1/retry/"),
        ]

    def test_is_the_owner_alone(self, kept) -> None:
        """S15: nobody else reads addresses or secrets."""
        for who, status in ((Caller(), 401), (caller("read"), 403), (caller("read", "desk"), 403)):
            for method, address in self.doors(kept):
                assert who.send(method, address, {}).status_code == status, (method, address)

    def test_to_the_deliveries_is_all_staff(self, kept) -> None:
        address = f"webhooks/{kept['reference']}/deliveries/"

        assert Caller().get(address).status_code == 401
        assert caller("read").get(address).json() == {"next": None, "previous": None, "results": []}


class TestATestCall:
    def test_is_owed_like_any_other(self, kept, owner: Caller) -> None:
        answer = owner.post(f"webhooks/{kept['reference']}/test/")

        assert answer.status_code == 202
        assert answer.json() == {
            "id": WebhookDelivery.objects.get().event_id,
            "event": "webhook.test",
            "state": "pending",
            "tries": 0,
            "created_at": "2026-11-23T08:00:00Z",
            "tried_at": None,
            "next_try_at": "2026-11-23T08:00:00Z",
            "status_code": None,
            "answer": "",
            "words": "",
            "payload": {
                "type": "webhook.test",
                "timestamp": "2026-11-23T08:00:00Z",
                "data": {"webhook": kept["reference"]},
            },
        }

    def test_is_refused_while_the_webhook_is_off(self, kept, owner: Caller) -> None:
        owner.send("PATCH", f"webhooks/{kept['reference']}/", {"is_active": False})

        assert is_problem(owner.post(f"webhooks/{kept['reference']}/test/"), 409, "wrong-state")


class TestADelivery:
    @pytest.fixture
    def delivery(self, kept, owner: Caller) -> str:
        return str(owner.post(f"webhooks/{kept['reference']}/test/").json()["id"])

    def test_is_listed_newest_first_and_by_state(self, kept, owner: Caller, delivery: str, clock) -> None:
        clock.shift(60)
        newer = owner.post(f"webhooks/{kept['reference']}/test/").json()["id"]
        WebhookDelivery.objects.filter(event_id=delivery).update(state="failed", answer="oh no", status_code=500)
        address = f"webhooks/{kept['reference']}/deliveries/"

        assert [row["id"] for row in owner.get(address).json()["results"]] == [newer, delivery]
        [failed] = owner.get(address, {"state": "failed"}).json()["results"]
        assert (failed["answer"], failed["status_code"], failed["next_try_at"]) == ("oh no", 500, None)
        assert is_problem(owner.get(address, {"state": "lost"}), 400, "invalid")
        assert is_problem(owner.get(address, {"order": "x"}), 400, "invalid")

    def test_comes_in_pages(self, kept, owner: Caller, delivery: str, clock) -> None:
        clock.shift(60)
        owner.post(f"webhooks/{kept['reference']}/test/")

        first = owner.get(f"webhooks/{kept['reference']}/deliveries/", {"limit": 1}).json()
        cursor = first["next"].split("cursor=")[1].split("&")[0].replace("%3D", "=")
        second = owner.get(f"webhooks/{kept['reference']}/deliveries/", {"limit": 1, "cursor": cursor}).json()

        assert second["results"][0]["id"] == delivery

    def test_that_has_ended_is_sent_again(self, kept, owner: Caller, delivery: str) -> None:
        address = f"webhooks/{kept['reference']}/deliveries/{delivery}/retry/"
        assert is_problem(owner.post(address), 409, "wrong-state")
        WebhookDelivery.objects.update(state="failed", tries=8)

        answer = owner.post(address)

        assert answer.status_code == 202
        assert (answer.json()["state"], answer.json()["id"], answer.json()["tries"]) == ("pending", delivery, 0)

    def test_of_another_webhook_is_not_found(self, owner: Caller, delivery: str) -> None:
        other = owner.post("webhooks/", BODY).json()["reference"]

        assert is_problem(owner.post(f"webhooks/{other}/deliveries/{delivery}/retry/"), 404, "not-found")


def test_the_schema_knows_the_doors_and_the_words(owner: Caller) -> None:
    schema = Caller().get("schema/", {"format": "json"}).content.decode()

    for words in ("/webhooks/{reference}/deliveries/{event_id}/retry/", *Event.values):
        assert words in schema
