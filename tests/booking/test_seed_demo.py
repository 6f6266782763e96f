"""The demo studio, Stillwater: what `manage.py seed_demo` leaves behind."""

import io
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client as Browser

from booking import queries
from booking.demo.lives import life_of
from booking.domain import hours, status
from booking.domain.intervals import minute_of
from booking.models import (
    Appointment,
    Assignment,
    Client,
    HistoryEntry,
    Location,
    Room,
    Service,
    Studio,
    Therapist,
    Variation,
)
from booking.queries.agenda import Agenda
from notifications import reminders
from notifications.models import Message, State
from tests.booking.stillwater import NOW, seed


def rows() -> list[tuple[Any, ...]]:
    """Every appointment with all that somebody could notice, but for database keys."""
    wanted = ["reference", "uid", "status", "start_at", "end_at", "occupied", "wall_start", "agreed_at", "price_amount"]
    wanted += ["version", "sequence", "room__slug", "variation__slug", "client__name", "client__reference", "note"]
    wanted += ["assignments__therapist__slug", "changed_at", "late", "tips", "notify", "add_ons", "partner_name"]
    return list(Appointment.objects.order_by("reference", "assignments__therapist__slug").values_list(*wanted))


def agenda_of(appointment: Appointment) -> Agenda:
    """Return the diaries as they would be if this appointment were to be booked now."""
    wanted = queries.wanted(location=appointment.location.slug, variation=appointment.variation.slug)
    minutes = int((appointment.end_at - appointment.start_at).total_seconds() // 60)
    return queries.agenda_around(
        wanted, appointment.start_at, now=NOW, instead_of=appointment.pk, duration=minutes, rules=False
    )


@pytest.fixture
def stillwater(db) -> str:
    return seed()


@pytest.mark.usefixtures("stillwater")
class TestTheDemoStudio:
    def test_has_two_locations_eight_therapists_six_rooms_and_eight_services(self) -> None:
        counts = [model.objects.count() for model in (Location, Therapist, Room, Service)]

        assert counts == [2, 8, 6, 8]

    def test_lies_in_two_zones(self) -> None:
        zones = dict(Location.objects.values_list("slug", "time_zone"))

        assert zones == {"harbour": "America/New_York", "riverside": "Europe/Berlin"}

    def test_has_one_room_for_couples_and_a_service_that_needs_it(self) -> None:
        couples = Service.objects.get(slug="couples")

        assert (couples.therapists_required, couples.room_features) == (2, ["couples"])
        assert Room.objects.filter(features__contains=["couples"]).count() == 1
        assert Appointment.objects.filter(service=couples, status="booked").exists()

    def test_names_the_studio_that_the_mails_come_from(self) -> None:
        studio = Studio.objects.get()

        assert (studio.name, studio.mail_address) == ("Stillwater", "hello@stillwater.example")
        assert (studio.reply_to, studio.tips_by_default) == ("desk@stillwater.example", True)
        assert not studio.conflicting_notes

    def test_offers_an_hour_of_swedish_massage(self) -> None:
        assert set(Variation.objects.values_list("slug", flat=True)) >= {"swedish-60", "swedish-90"}

    def test_gives_every_therapist_breaks_and_a_week_of_their_own(self) -> None:
        weeks = {
            each.slug: Counter(each.weekly_hours.values_list("weekday", "opens", "closes"))
            for each in Therapist.objects.all()
        }

        assert all(max(Counter(day for day, _, _ in week).values()) >= 2 for week in weeks.values())
        assert len({frozenset(week) for week in weeks.values()}) == len(weeks)

    def test_knows_nobody_who_could_get_mail(self) -> None:
        addresses = set(Client.objects.values_list("email", flat=True)) | set(
            Appointment.objects.values_list("partner_email", flat=True)
        )

        assert {address.partition("@")[2] for address in addresses} == {"", "example.com", "example.org"}

    def test_tells_nobody(self) -> None:
        assert not Message.objects.exists()

    def test_has_two_people_who_can_log_in(self) -> None:
        assert Browser().login(username="desk@example.com", password="demo")
        assert Browser().login(username="owner@example.com", password="demo")
        assert [user.is_superuser for user in User.objects.order_by("username")] == [False, True]

    def test_lets_the_desk_look_at_appointments_and_not_at_keys(self) -> None:
        desk = Browser()
        desk.login(username="desk@example.com", password="demo")

        assert desk.get("/admin/booking/appointment/").status_code == 200
        assert desk.get("/admin/booking/apikey/").status_code == 403
        assert desk.get("/admin/auth/user/").status_code == 403


@pytest.mark.usefixtures("stillwater")
class TestItsAppointments:
    def test_reach_from_two_weeks_ago_to_as_many_days_ahead_as_asked_for(self) -> None:
        starts = sorted(Appointment.objects.values_list("start_at", flat=True))

        assert timedelta(days=12) < NOW - starts[0] < timedelta(days=15)
        assert timedelta(days=6) < starts[-1] - NOW < timedelta(days=9)

    def test_share_no_therapist_and_no_room(self) -> None:
        diaries: dict[tuple[str, int], list[Any]] = defaultdict(list)
        for therapist, occupied in Assignment.objects.filter(blocks=True).values_list("therapist", "occupied"):
            diaries["therapist", therapist].append(occupied)
        for room, occupied in Appointment.objects.filter(blocks=True).values_list("room", "occupied"):
            diaries["room", room].append(occupied)

        for diary in diaries.values():
            diary.sort(key=lambda occupied: occupied.lower)
            assert all(one.upper <= other.lower for one, other in pairwise(diary))

    def test_that_are_to_come_could_each_have_been_booked(self) -> None:
        """Within hours, on the grid, with a therapist who can do it and a room that suits it."""
        to_come = list(Appointment.objects.filter(start_at__gt=NOW, status="booked"))

        for appointment in to_come:
            book, start = agenda_of(appointment), minute_of(appointment.start_at)
            who = set(appointment.therapists.values_list("slug", flat=True))
            free = book.offers(first=start, last=start).by_start.get(start, [])
            assert who <= {book.therapist_slugs[index] for index in free}
            assert appointment.room_id in book.room_ids
            assert len(who) == appointment.service.therapists_required
        assert len(to_come) > 50

    def test_keep_the_wall_time_that_was_agreed(self) -> None:
        for each in Appointment.objects.select_related("location"):
            assert each.time_zone == each.location.time_zone
            assert each.wall_start == hours.wall_clock(each.start_at, each.time_zone).isoformat(timespec="minutes")

    def test_were_agreed_before_now_and_hours_before_the_visit(self) -> None:
        for each in Appointment.objects.filter(start_at__gt=NOW):
            assert each.created_at == each.agreed_at < NOW
            assert each.changed_at <= NOW

    def test_that_are_over_have_an_end(self) -> None:
        ends = Counter(Appointment.objects.filter(end_at__lte=NOW).values_list("status", flat=True))

        assert set(ends) == {status.FULFILLED, status.NOSHOW, status.CANCELLED}
        assert ends[status.FULFILLED] > ends[status.NOSHOW] + ends[status.CANCELLED]

    def test_have_a_history_that_ends_where_they_stand(self) -> None:
        last = {entry.appointment_id: entry.after["status"] for entry in HistoryEntry.objects.order_by("at", "id")}

        assert last == dict(Appointment.objects.values_list("pk", "status"))

    def test_leave_room_for_others(self) -> None:
        wanted = queries.wanted(location="harbour", variation="swedish-60")
        tomorrow = hours.local_date(NOW, "America/New_York") + timedelta(days=1)

        found = queries.slots(wanted, first_on=tomorrow, last_on=tomorrow + timedelta(days=6), now=NOW)

        assert all(day["slots"] for day in found.days[:5])


class TestTheFirstReminders:
    @pytest.mark.parametrize("hour", [0, 7, 15, 23])
    @pytest.mark.parametrize("weekday", [0, 4, 6])
    def test_are_due_at_once_whenever_the_studio_is_made(self, db, weekday: int, hour: int) -> None:
        now = datetime(2026, 11, 23, hour, tzinfo=UTC) + timedelta(days=weekday)
        seed(now=now, days=2)
        call_command("seed_rules", as_if_always=True, stdout=io.StringIO())

        reminders.derive(now=now)

        due = Message.objects.filter(rule__name="A day before", state=State.PENDING)
        assert due.count() >= 3
        assert all(mail.endswith(("@example.com", "@example.org")) for mail in _addresses(due))

    def test_are_not_due_for_everybody_who_comes_today(self, db) -> None:
        """Some have booked so lately that a reminder would only tell them what they have just heard."""
        monday = NOW + timedelta(days=1)
        seed(now=monday)
        call_command("seed_rules", as_if_always=True, stdout=io.StringIO())

        reminders.derive(now=monday)

        soon = {"start_at__gt": monday + timedelta(hours=3), "start_at__lte": monday + timedelta(hours=24)}
        reminded = Message.objects.filter(kind="reminder").values("appointment")
        coming = Appointment.objects.filter(status="booked", **soon)
        assert 0 < coming.filter(pk__in=reminded).count() < coming.count()


def _addresses(due: Any) -> list[str]:
    return [message.appointment.client.email for message in due.select_related("appointment__client")]


class TestTheSameSeed:
    def test_at_the_same_time_gives_the_same_rows(self, db) -> None:
        from django.db import transaction

        found = []
        for _ in range(2):
            with transaction.atomic():
                seed(days=3)
                found.append(rows())
                transaction.set_rollback(True)

        assert found[0] == found[1] != []

    def test_is_not_another_seed(self, db) -> None:
        from django.db import transaction

        with transaction.atomic():
            seed(days=1)
            one = rows()
            transaction.set_rollback(True)
        seed(days=1, seed=2)

        assert rows() != one

    def test_tells_of_the_same_lives_a_day_later(self) -> None:
        start = NOW + timedelta(hours=30)
        end = start + timedelta(hours=1)

        lives = [
            life_of(start, end, deadline_minutes=60, rng=Random(seed), now=NOW + timedelta(days=later))
            for seed in range(50)
            for later in (0, 3)
        ]

        for before, after in zip(lives[::2], lives[1::2], strict=True):
            assert (before.status == status.CANCELLED) == (after.status == status.CANCELLED)
            assert before.status == status.CANCELLED or after.status in {status.FULFILLED, status.NOSHOW}
