"""Webhooks in the owner's pages."""

import html

import pytest
from django.contrib.auth.models import Permission, User
from django.contrib.messages import get_messages
from django.test import Client as Browser

from notifications.webhooks import signing
from notifications.webhooks.models import Webhook, WebhookDelivery
from tests.webhooks.conftest import PUBLIC

WEBHOOKS = "/admin/notifications/webhook/"
DELIVERIES = "/admin/notifications/webhookdelivery/"
FORM = {"url": "https://hooks.example.com/in", "events": ["appointment.booked"], "is_active": "on"}


@pytest.fixture
def noor(house, names) -> Browser:
    names(hooks_example_com=[PUBLIC])
    browser = Browser()
    browser.force_login(User.objects.create_superuser("noor"))
    return browser


@pytest.fixture
def webhook(noor: Browser) -> Webhook:
    noor.post(f"{WEBHOOKS}add/", FORM)
    return Webhook.objects.get()


def act(browser: Browser, page: str, action: str, *rows):
    return browser.post(page, {"action": action, "_selected_action": [row.pk for row in rows]})


def said(answer) -> list[str]:
    return [str(each) for each in get_messages(answer.wsgi_request)]


class TestTheOwnersPages:
    def test_show_the_secret_once(self, noor: Browser) -> None:
        added = noor.post(f"{WEBHOOKS}add/", FORM)
        webhook = Webhook.objects.get()

        assert signing.shown_secret(webhook) in html.unescape(added.content.decode())
        for page in ("", f"{webhook.pk}/change/"):
            answer = noor.get(WEBHOOKS + page)
            assert answer.status_code == 200
            assert "whsec_" not in answer.content.decode()

    def test_refuse_an_address_that_leads_inside(self, noor: Browser) -> None:
        answer = noor.post(f"{WEBHOOKS}add/", FORM | {"url": "https://169.254.169.254/"})

        assert "We call public https addresses only" in answer.content.decode()
        assert Webhook.objects.count() == 0

    def test_change_a_webhook_without_asking_for_its_address_anew(self, noor: Browser, webhook: Webhook, names) -> None:
        names()

        answer = noor.post(f"{WEBHOOKS}{webhook.pk}/change/", FORM | {"events": ["waitlist.offered"]})

        assert answer.status_code == 302
        webhook.refresh_from_db()
        assert (webhook.events, webhook.host) == (["waitlist.offered"], "hooks.example.com:443")

    def test_switch_on_again_what_gave_up(self, noor: Browser, webhook: Webhook) -> None:
        Webhook.objects.update(is_active=False, disabled_at="2026-11-23T08:00Z", disabled_reason="Gone.")

        assert noor.post(f"{WEBHOOKS}{webhook.pk}/change/", FORM).status_code == 302

        webhook.refresh_from_db()
        assert (webhook.is_active, webhook.disabled_at, webhook.disabled_reason) == (True, None, "")

    def test_send_a_test_and_what_has_ended(self, noor: Browser, webhook: Webhook) -> None:
        act(noor, WEBHOOKS, "send_test", webhook)
        delivery = WebhookDelivery.objects.get()
        assert noor.get(f"{DELIVERIES}{delivery.pk}/change/").status_code == 200
        assert said(act(noor, DELIVERIES, "send_again", delivery))[-1] == "To be sent again: 0."
        WebhookDelivery.objects.update(state="failed")

        assert said(act(noor, DELIVERIES, "send_again", delivery))[-1] == "To be sent again: 1."

    def test_send_no_test_to_one_that_is_off(self, noor: Browser, webhook: Webhook) -> None:
        Webhook.objects.update(is_active=False)

        [words] = said(act(noor, WEBHOOKS, "send_test", webhook))

        assert words.endswith("This webhook is switched off. Switch it on first.")

    def test_give_a_new_secret_to_one_at_a_time(self, noor: Browser, webhook: Webhook) -> None:
        before = signing.shown_secret(webhook)
        noor.post(f"{WEBHOOKS}add/", FORM)

        assert said(act(noor, WEBHOOKS, "give_new_secret", *Webhook.objects.all())) == [
            "Choose one webhook: its secret is shown once."
        ]
        page = act(noor, WEBHOOKS, "give_new_secret", webhook)

        webhook.refresh_from_db()
        assert "whsec_" in page.content.decode()
        assert signing.shown_secret(webhook) != before

    def test_delete_a_webhook_with_its_deliveries(self, noor: Browser, webhook: Webhook) -> None:
        act(noor, WEBHOOKS, "send_test", webhook)

        assert noor.post(f"{WEBHOOKS}{webhook.pk}/delete/", {"post": "yes"}).status_code == 302
        assert WebhookDelivery.objects.count() == 0

    def test_are_read_only_for_who_may_only_look(self, webhook: Webhook) -> None:
        browser = Browser()
        ina = User.objects.create_user("ina", is_staff=True)
        ina.user_permissions.set(Permission.objects.filter(codename__in=["view_webhook", "view_webhookdelivery"]))
        browser.force_login(ina)

        assert browser.get(WEBHOOKS).status_code == 200
        assert browser.post(f"{WEBHOOKS}add/", FORM).status_code == 403
        act(browser, WEBHOOKS, "send_test", webhook)
        act(browser, WEBHOOKS, "give_new_secret", webhook)

        fresh = Webhook.objects.get()
        assert (fresh.nonce, WebhookDelivery.objects.count()) == (webhook.nonce, 0)
