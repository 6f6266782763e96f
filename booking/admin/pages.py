"""What the admin pages share: reading without writing, and times by the studio's clocks (T-11)."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from booking.domain.hours import instant, wall_clock
from booking.models import Location

if TYPE_CHECKING:  # Django's admin classes take their models in brackets for mypy only
    from django.contrib.admin import ModelAdmin as Pages
    from django.contrib.admin import TabularInline as Table
    from django.forms import ModelForm as Form
else:

    class Pages(admin.ModelAdmin):
        __class_getitem__ = classmethod(lambda cls, _model: cls)

    class Table(admin.TabularInline):
        extra = 0
        __class_getitem__ = classmethod(lambda cls, _models: cls)

    class Form(forms.ModelForm):
        __class_getitem__ = classmethod(lambda cls, _model: cls)


__all__ = ["STUDIO_TIMES", "Form", "Pages", "ReadOnly", "StretchForm", "Table", "WallTimeField", "by_the_clock"]


class ReadOnly:
    """For pages and tables that nobody writes through."""

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


# Plain inputs: Django's own offer the browser's "now" and warn of "server time", and neither is the studio's.
STUDIO_TIMES: "dict[type[models.Field[Any, Any]], dict[str, Any]]" = {
    models.TimeField: {"widget": forms.TimeInput(attrs={"type": "time"}, format="%H:%M")}
}


class WallTimeField(forms.DateTimeField):
    """A date and time as the clocks of a place show it, naive until the form knows which place."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")

    def prepare_value(self, value: Any) -> Any:
        return value

    def to_python(self, value: Any) -> datetime | None:
        try:
            return None if value in self.empty_values else datetime.fromisoformat(str(value)).replace(tzinfo=None)
        except ValueError as error:
            raise forms.ValidationError("Enter a date and a time, such as 2026-12-24T13:00.") from error


class StretchForm(forms.ModelForm):  # type: ignore[type-arg]  # Closure or TimeOff; a form has no brackets here
    """From `start_at` to `end_at` by the clocks of a location, whatever zone the browser or the server is in."""

    start_at = WallTimeField(label="From", help_text="By the location's clocks.")
    end_at = WallTimeField(label="Until", help_text="By the location's clocks; not included.")

    def place_of(self, instance: Any) -> Location | None:
        """Return the location whose clocks show the times that are stored."""
        raise NotImplementedError

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        place = self.place_of(self.instance) if self.instance.pk else None
        if place is not None:
            for name in ("start_at", "end_at"):
                self.initial[name] = wall_clock(getattr(self.instance, name), place.time_zone)

    def clean(self) -> dict[str, Any] | None:
        found = super().clean() or self.cleaned_data
        place = found.get("location")
        # Without a place the form is refused anyway; the other checks need instants all the same.
        zone = place.time_zone if place else "UTC"
        for name in ("start_at", "end_at"):
            if found.get(name) is not None:
                wall = found[name]
                found[name] = instant(wall.date(), wall.time(), zone)
        return found


def by_the_clock(at: datetime | None, zone: str) -> str:
    """Return "2026-12-01 09:00 America/New_York", "" for None."""
    return "" if at is None else f"{wall_clock(at, zone):%Y-%m-%d %H:%M} {zone}"
