"""The owner's settings. Appointments can be read here and nowhere be written: changes go through the actions."""

from booking.admin import appointments, catalogue, keys, locations, people

__all__ = ["appointments", "catalogue", "keys", "locations", "people"]
