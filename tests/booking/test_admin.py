"""The owner's settings. Noor owns the studio; Kim has an appointment."""

from datetime import timedelta

import pytest
from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.contrib.auth.models import User
from django.contrib.messages import get_messages
from django.test import Client as Browser

from booking.models import (
    ApiKey,
    Appointment,
    Client,
    HistoryEntry,
    IdempotencyKey,
    LinkToken,
    Location,
    Series,
    Service,
    Studio,
    Therapist,
    Variation,
)
from tests import factories
from tests.booking.admin_pages import address, form_of, save

PAGES = sorted(model._meta.model_name for model in admin.site._registry if model._meta.app_label == "booking")
HARBOUR_ZONE = "America/New_York"


@pytest.fixture
def noor(clock, db) -> Browser:
    browser = Browser()
    browser.force_login(User.objects.create_superuser("noor"))
    return browser


@pytest.fixture
def house(clock, db) -> factories.House:
    """On another clock than the server's."""
    return factories.house(zone=HARBOUR_ZONE)


@pytest.fixture
def kims(house, api, wish) -> Appointment:
    """Kim's appointment, booked as a guest would."""
    answer = api.post("appointments/", wish(start=factories.at("10:00", zone=HARBOUR_ZONE)))
    return Appointment.objects.get(reference=answer.json()["reference"])


class TestThePages:
    def test_are_for_all_that_an_owner_sets_and_for_no_secret(self) -> None:
        assert set(PAGES) >= {"studio", "location", "room", "closure", "therapist", "service", "addon", "client"}
        assert set(PAGES) >= {"appointment", "historyentry", "apikey"}
        assert LinkToken not in admin.site._registry
        assert IdempotencyKey not in admin.site._registry

    @pytest.mark.parametrize("name", PAGES)
    def test_open(self, noor, kims, name: str) -> None:
        ApiKey.objects.create(name="wall", prefix="sp_1", digest="0" * 64, scopes=["read"], created_at=factories.NOW)
        model = next(each for each in admin.site._registry if each._meta.model_name == name)
        found = model.objects.first()

        assert noor.get(f"/admin/booking/{name}/").status_code == 200
        assert noor.get(f"/admin/booking/{name}/", {"q": "kim"}).status_code == 200
        assert found is None or noor.get(address(model, found.pk)).status_code == 200

    def test_are_closed_to_strangers(self, db) -> None:
        assert Browser().get("/admin/booking/appointment/").status_code == 302


class TestTheStudio:
    def test_is_set_up_once(self, noor) -> None:
        """A new house has none yet, and no command makes one in production."""
        page = address(Studio)
        save(noor, page, name="Stillwater", mail_address="hello@stillwater.example")

        assert Studio.objects.get().pk == 1
        assert noor.get(page).status_code == 403

    def test_is_never_deleted(self, noor, house) -> None:
        assert noor.post(address(Studio, 1, "delete"), {"post": "yes"}).status_code == 403
        assert Studio.objects.exists()


class TestAnAppointment:
    @pytest.mark.parametrize("page", ["change", "delete"])
    def test_is_written_by_nobody_here(self, noor, kims, page: str) -> None:
        before = Appointment.objects.values().get()

        answer = noor.post(address(Appointment, kims.pk, page), {"status": "cancelled", "post": "yes"})

        assert answer.status_code == 403
        assert Appointment.objects.values().get() == before

    def test_is_made_by_nobody_here(self, noor, kims) -> None:
        assert noor.get(address(Appointment)).status_code == 403

    def test_has_no_action_in_its_list(self, noor, kims) -> None:
        noor.post("/admin/booking/appointment/", {"action": "delete_selected", "_selected_action": [kims.pk]})

        assert Appointment.objects.filter(pk=kims.pk).exists()

    def test_is_found_by_its_reference_and_by_its_client(self, noor, kims) -> None:
        for words in (kims.reference, "Kim Larsen", "kim@example.com", kims.client.reference):
            assert kims.reference in noor.get("/admin/booking/appointment/", {"q": words}).content.decode()
        assert kims.reference not in noor.get("/admin/booking/appointment/", {"q": "sam"}).content.decode()

    def test_shows_its_time_by_the_clocks_that_were_agreed(self, noor, kims) -> None:
        """T-11."""
        for page in ("/admin/booking/appointment/", address(Appointment, kims.pk)):
            assert "2026-12-01 10:00 America/New_York" in noor.get(page).content.decode()

    def test_shows_its_history_which_nobody_changes(self, noor, kims) -> None:
        entry = HistoryEntry.objects.get()

        assert "booked" in noor.get(address(Appointment, kims.pk)).content.decode()
        assert noor.post(address(HistoryEntry, entry.pk), {"action": "none"}).status_code == 403
        assert noor.post(address(HistoryEntry, entry.pk, "delete"), {"post": "yes"}).status_code == 403

    @pytest.mark.parametrize("what", ["location", "room", "service", "variation", "client", "therapist"])
    def test_does_not_go_with_what_it_needs(self, noor, kims, what: str) -> None:
        """Deleting it would delete the appointment, so it is refused."""
        needed = kims.therapists.get() if what == "therapist" else getattr(kims, what)

        if type(needed) is not Variation:
            noor.post(address(type(needed), needed.pk, "delete"), {"post": "yes"})

        assert Appointment.objects.filter(pk=kims.pk).exists()
        assert type(needed).objects.filter(pk=needed.pk).exists()

    def test_says_what_the_desk_set_aside_and_until_when_it_is_kept(self, noor, kims) -> None:
        series = Series.objects.create(every_weeks=2, times=6, created_at=factories.NOW)
        ends = factories.NOW + timedelta(hours=24)
        Appointment.objects.update(status="pending", expires_at=ends, overridden=["notice", "gap"], series=series)

        text = noor.get(address(Appointment, kims.pk)).content.decode()

        for words in ("notice, gap", "2026-11-24 03:00 America/New_York", series.reference):
            assert words in text


class TestAPageOfSettings:
    @pytest.mark.parametrize("model", [Studio, Service, Therapist], ids=lambda model: model.__name__)
    def test_shows_every_field_that_an_owner_may_change(self, noor, house, model) -> None:
        """A setting that was forgotten in the groups of the page could never be set."""
        shown = set(flatten_fieldsets(admin.site._registry[model].fieldsets))
        fields = [*model._meta.fields, *model._meta.many_to_many]

        assert {field.name for field in fields if field.editable and not field.primary_key} == shown


class TestAClient:
    @pytest.fixture
    def robin(self) -> dict[str, str]:
        return {"name": "Robin Vale", "email": "robin@example.com", "language": "en"}

    def test_is_added_with_a_reference_and_the_time(self, noor, clock, robin) -> None:
        noor.post(address(Client), robin)

        added = Client.objects.get()
        assert (added.name, added.created_at, len(added.reference)) == ("Robin Vale", factories.NOW, 10)

    @pytest.mark.parametrize("wrong", [{"email": "Robin <robin@example.com>"}, {"email": "róbin@example.com"}])
    def test_has_an_address_that_mail_can_go_to(self, noor, robin, wrong: dict[str, str]) -> None:
        assert "email" in noor.post(address(Client), robin | wrong).context["adminform"].form.errors
        assert not Client.objects.exists()

    def test_lives_in_a_zone_that_exists(self, noor, robin) -> None:
        answer = noor.post(address(Client), robin | {"time_zone": "Berlin"})

        assert "time_zone" in answer.context["adminform"].form.errors


class TestALocation:
    def test_lies_in_a_zone_that_exists(self, noor, house) -> None:
        page = address(Location, house.harbour.pk)

        answer = noor.post(page, {**form_of(noor.get(page)), "time_zone": "New York"})

        assert "time_zone" in answer.context["adminform"].form.errors


class TestAnApiKey:
    @pytest.fixture
    def key(self, db) -> str:
        return factories.api_key("read", name="wall calendar")

    def test_shows_no_secret(self, noor, key) -> None:
        found = ApiKey.objects.get()

        for page in ("/admin/booking/apikey/", address(ApiKey, found.pk)):
            text = noor.get(page).content.decode()
            assert found.prefix in text
            assert key not in text
            assert found.digest not in text

    def test_is_revoked_from_the_list(self, noor, key, clock) -> None:
        chosen = {"action": "revoke", "_selected_action": [ApiKey.objects.get().pk]}

        answer = noor.post("/admin/booking/apikey/", chosen)

        assert [str(message) for message in get_messages(answer.wsgi_request)] == ["Revoked: 1."]
        assert ApiKey.objects.get().revoked_at == factories.NOW

    def test_is_neither_made_nor_changed_here(self, noor, key) -> None:
        assert noor.get(address(ApiKey)).status_code == 403
        assert noor.post(address(ApiKey, ApiKey.objects.get().pk), {"scopes": "admin"}).status_code == 403
        assert ApiKey.objects.get().scopes == ["read"]
