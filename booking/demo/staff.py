"""Two people who can log in to the demo studio: the front desk and the owner. Never anywhere else."""

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group, Permission, User

PASSWORD = "demo"  # noqa: S105 - the command refuses to run anywhere but on one's own machine
DESK = "desk@example.com"
OWNER = "owner@example.com"
DESK_GROUP = "Front desk"

# The desk sees all that the studio works with, and neither log-ins nor keys; it changes these few.
NOT_FOR_THE_DESK = ("admin", "auth", "contenttypes", "sessions")
SECRETS = ("apikey", "linktoken", "idempotencykey", "preference")
DESK_CHANGES = (
    "add_appointment",
    "add_client",
    "change_client",
    "add_timeoff",
    "change_timeoff",
    "delete_timeoff",
    "add_dateoverride",
    "change_dateoverride",
    "delete_dateoverride",
    "add_closure",
    "change_closure",
    "delete_closure",
    "change_message",
)


def write() -> None:
    """Make both log-ins; their name is their e-mail address, and the password is in the README."""
    secret = make_password(PASSWORD)
    for address, is_owner in ((DESK, False), (OWNER, True)):
        User.objects.create(username=address, email=address, password=secret, is_staff=True, is_superuser=is_owner)
    desk, _ = Group.objects.get_or_create(name=DESK_GROUP)
    desk.permissions.set(_desk_permissions())
    User.objects.get(username=DESK).groups.add(desk)


def _desk_permissions() -> list[Permission]:
    everything = Permission.objects.exclude(content_type__app_label__in=NOT_FOR_THE_DESK)
    seen = everything.filter(codename__startswith="view_").exclude(content_type__model__in=SECRETS)
    return [*seen, *everything.filter(codename__in=DESK_CHANGES)]
