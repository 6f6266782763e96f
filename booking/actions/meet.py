from datetime import datetime

from django.db import connection

from booking.actions.put_down import Person
from booking.models import Client
from booking.models.references import new_reference

MEET_CLIENT = """
INSERT INTO booking_client (reference, name, email, phone, time_zone, language, created_at)
VALUES (%s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (lower(email), lower(name)) WHERE NOT (email = '')
DO UPDATE SET phone = coalesce(nullif(booking_client.phone, ''), excluded.phone)
RETURNING id
"""


def meet(person: Person, *, now: datetime) -> Client:
    """Return the client, new or known, in one statement that two callers at once cannot confuse.

    The same name at the same address is the same client. What we know of them is not overwritten by a guest.
    """
    values: list[str | datetime] = [
        new_reference(),
        person.name,
        person.email,
        person.phone,
        person.time_zone,
        person.language,
        now,
    ]
    with connection.cursor() as cursor:
        cursor.execute(MEET_CLIENT, values)
        row = cursor.fetchone()
    return Client.objects.get(pk=row[0])
