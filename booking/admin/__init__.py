"""The owner's settings. Appointments can be read here and nowhere be written: changes go through the actions."""

from booking.admin import appointments, blocked, catalogue, feeds, keys, locations, login, people, waitlist

__all__ = ["appointments", "blocked", "catalogue", "feeds", "keys", "locations", "login", "people", "waitlist"]
