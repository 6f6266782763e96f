"""What the studio is made of, as the desk sees it: the public fields and the rules behind them."""

from typing import Any

from booking.api import responses
from booking.api.catalogue_requests import WEEKDAYS
from booking.api.responses import money
from booking.models import DateOverride, Location, Room, Service, Therapist, WeeklyHours
from booking.queries import studio


def location(one: Location) -> dict[str, Any]:
    rules = {"clean_up_within_hours": one.clean_up_within_hours, "is_active": one.is_active}
    return responses.location(one) | rules


def room(one: Room) -> dict[str, Any]:
    return {
        "slug": one.slug,
        "name": one.name,
        "location": one.location.slug,
        "features": one.features,
        "usual_for": sorted(therapist.slug for therapist in one.usual_for.all()),
        "is_active": one.is_active,
    }


def therapist(one: Therapist) -> dict[str, Any]:
    limits = ("longest_stretch_minutes", "rest_minutes", "daily_limit_minutes", "weekly_limit_minutes", "is_active")
    return responses.therapist(one) | {name: getattr(one, name) for name in limits}


def hours(one: WeeklyHours) -> dict[str, Any]:
    return {
        "reference": one.reference,
        "therapist": one.therapist.slug,
        "location": one.location.slug,
        "time_zone": one.location.time_zone,
        "weekday": WEEKDAYS[one.weekday],
        "opens": f"{one.opens:%H:%M}",
        "closes": f"{one.closes:%H:%M}",
        "valid_from": one.valid_from.isoformat(),
        "valid_until": one.valid_until.isoformat() if one.valid_until else None,
    }


def date_override(one: DateOverride) -> dict[str, Any]:
    return {
        "reference": one.reference,
        "therapist": one.therapist.slug,
        "location": one.location.slug,
        "time_zone": one.location.time_zone,
        "date": one.on.isoformat(),
        "opens": f"{one.opens:%H:%M}" if one.opens else None,
        "closes": f"{one.closes:%H:%M}" if one.closes else None,
    }


def service(one: Service) -> dict[str, Any]:
    """Return the service with all its rules; of its variations those that can be booked."""
    currency = studio().currency
    rules = (
        "kind",
        "needs_room",
        "room_features",
        "step_minutes",
        "start_mode",
        "fewest_gaps",
        "smallest_gap_minutes",
        "load_percent",
        "is_active",
    )
    found = responses.service(one, currency=currency) | {name: getattr(one, name) for name in rules}
    found["policy"] |= {"late_cancel_percent": one.late_cancel_percent}
    found["variations"] = [
        {
            "slug": variation.slug,
            "duration_minutes": variation.duration_minutes,
            "clean_up_before_minutes": variation.clean_up_before_minutes,
            "clean_up_after_minutes": variation.clean_up_after_minutes,
            "price": money(variation.price_amount, currency),
        }
        for variation in one.variations.all()
        if variation.is_active
    ]
    return found
