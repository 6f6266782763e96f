"""C-12: an appointment ends because somebody says so, never because something else is gone."""

from datetime import time, timedelta

import pytest

from booking.actions.requests import end_requests, forget_holds
from booking.models import (
    Appointment,
    Closure,
    DateOverride,
    HistoryEntry,
    Location,
    Room,
    Service,
    Therapist,
    TimeOff,
    Variation,
    WeeklyHours,
)
from notifications.models import Message
from tests.factories import NOW, TUESDAY, at

ALL_DAY = {"start_at": at("00:00"), "end_at": at("23:59")}


def gone(house, what):
    match what:
        case "the hours":
            WeeklyHours.objects.all().delete()
        case "the day":
            DateOverride.objects.create(therapist=house.anna, location=house.harbour, on=TUESDAY)
        case "the therapist":
            Therapist.objects.update(is_active=False)
        case "the skill":
            house.anna.skills.clear()
        case "the room":
            Room.objects.update(is_active=False)
        case "the service":
            Service.objects.update(is_active=False, notice_minutes=10**6, horizon_days=0)
        case "the length":
            Variation.objects.update(is_active=False, duration_minutes=5)


def laid_over(house, what):
    match what:
        case "time off":
            TimeOff.objects.create(therapist=house.anna, **ALL_DAY)
        case "a closure":
            Closure.objects.create(location=house.harbour, **ALL_DAY)
        case "a closed house":
            Location.objects.update(is_active=False)


class TestAnAppointment:
    @pytest.mark.parametrize(
        "what",
        [
            *("the hours", "the day", "the therapist", "the skill", "the room", "the service", "the length"),
            *("time off", "a closure", "a closed house"),
        ],
    )
    def test_stands_whatever_is_gone_or_comes_over_it(self, house, booked, kim, what):
        gone(house, what)
        laid_over(house, what)
        later = NOW + timedelta(days=1)
        end_requests(now=later)
        forget_holds(now=later)

        present = Appointment.objects.get()
        assert (present.status, present.blocks, present.version) == ("booked", True, 1)
        assert present.end_at - present.start_at == timedelta(hours=1)
        assert HistoryEntry.objects.count() == Message.objects.count() == 1
        assert kim.get(f"appointments/{booked['reference']}/").json()["start"] == at("10:00")

    def test_of_a_guest_for_a_day_stands_too(self, house, book):
        extra = DateOverride.objects.create(
            therapist=house.anna, location=house.harbour, on=TUESDAY, opens=time(20), closes=time(22)
        )
        book(therapist="anna", start=at("20:00"))

        extra.delete()

        assert Appointment.objects.get().status == "booked"
