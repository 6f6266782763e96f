"""Fill in what the new columns say of visits booked before, and keep a client from being in two places at once."""

import booking.models.appointments
import django.contrib.postgres.constraints
from django.db import migrations, models

# Two visits of one client at once, booked when that was possible, stay; the desk sees that they are known.
KNOWN_OVERLAPS = """
UPDATE booking_appointment one SET alongside = true
WHERE one.blocks AND EXISTS (
  SELECT FROM booking_appointment other
  WHERE other.client_id = one.client_id AND other.blocks AND other.id <> one.id
    AND tstzrange(other.start_at, other.end_at) && tstzrange(one.start_at, one.end_at))
"""
HANDS_ON = """
UPDATE booking_assignment a
SET before_minutes = extract(epoch FROM p.start_at - lower(p.occupied)) / 60,
    after_minutes = extract(epoch FROM upper(p.occupied) - p.end_at) / 60,
    load_minutes = extract(epoch FROM p.end_at - p.start_at) / 60
FROM booking_appointment p WHERE p.id = a.appointment_id
"""


class Migration(migrations.Migration):
    dependencies = [("booking", "0003_holds_series_waitlist")]

    operations = [
        migrations.RunSQL(KNOWN_OVERLAPS, migrations.RunSQL.noop),
        migrations.RunSQL(HANDS_ON, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name='appointment',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('alongside', False), ('blocks', True), ('client__isnull', False)), expressions=[('client', '='), (booking.models.appointments.Stretch('start_at', 'end_at'), '&&')], name='a_client_is_in_one_place_at_a_time'),
        ),
    ]
