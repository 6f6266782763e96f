"""The studio, where it is, and what it offers."""

from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from booking import errors, queries
from booking.models import Service, Studio
from booking.wording import place_of
from notifications.render import price_in_words
from web import shown
from web.doors import public_page

API_DOCS = "/api/v1/docs/"


@public_page
def home(request: HttpRequest) -> HttpResponse:
    studio = _studio()
    currency = studio.currency if studio else "EUR"
    context = {
        "api_docs": API_DOCS,
        "studio": studio_name(),
        "locations": [
            {
                "name": one.name,
                "address": one.address,
                "zone": place_of(one.time_zone),
                "contact": shown.contact(one.phone),
            }
            for one in queries.locations()
        ],
        "services": [_service(one, currency) for one in queries.services()],
    }
    return render(request, "web/home.html", context)


def studio_name() -> str:
    """Return the studio's name, or "" before it is set up."""
    studio = _studio()
    return studio.name if studio else ""


def _studio() -> Studio | None:
    try:
        return queries.studio()
    except errors.StudioBusy:
        return None


def _service(one: Service, currency: str) -> dict[str, Any]:
    return {
        "name": one.name,
        "description": one.description,
        "variations": [_length(each.duration_minutes, each.price_amount, currency) for each in one.variations.all()],
        "add_ons": [
            {"name": each.name} | _length(each.duration_minutes, each.price_amount, currency)
            for each in one.add_ons.all()
        ],
    }


def _length(minutes: int, amount: Decimal, currency: str) -> dict[str, Any]:
    return {"minutes": minutes, "price": price_in_words(amount, currency).removesuffix(".00")}
