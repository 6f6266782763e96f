"""An independent check: pairs that overlap, found by comparing plain times, without ranges and constraints."""

from django.db import connection

THERAPISTS = """
SELECT count(*) FROM booking_assignment a
JOIN booking_appointment p ON p.id = a.appointment_id AND p.status <> 'cancelled'
JOIN booking_variation v ON v.id = p.variation_id
JOIN booking_assignment b ON b.therapist_id = a.therapist_id AND b.id > a.id
JOIN booking_appointment q ON q.id = b.appointment_id AND q.status <> 'cancelled'
JOIN booking_variation w ON w.id = q.variation_id
WHERE p.start_at - v.clean_up_before_minutes * interval '1 minute'
      < q.end_at + w.clean_up_after_minutes * interval '1 minute'
  AND q.start_at - w.clean_up_before_minutes * interval '1 minute'
      < p.end_at + v.clean_up_after_minutes * interval '1 minute'
"""
ROOMS = """
SELECT count(*) FROM booking_appointment p
JOIN booking_variation v ON v.id = p.variation_id
JOIN booking_appointment q ON q.room_id = p.room_id AND q.id > p.id AND q.status <> 'cancelled'
JOIN booking_variation w ON w.id = q.variation_id
WHERE p.status <> 'cancelled'
  AND p.start_at - v.clean_up_before_minutes * interval '1 minute'
      < q.end_at + w.clean_up_after_minutes * interval '1 minute'
  AND q.start_at - w.clean_up_before_minutes * interval '1 minute'
      < p.end_at + v.clean_up_after_minutes * interval '1 minute'
"""


def overlapping_pairs() -> tuple[int, int]:
    """Return how many pairs of appointments overlap on a therapist, and how many in a room."""
    with connection.cursor() as cursor:
        cursor.execute(THERAPISTS)
        therapists = cursor.fetchone()[0]
        cursor.execute(ROOMS)
        return therapists, cursor.fetchone()[0]
