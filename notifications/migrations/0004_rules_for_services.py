"""Rules for some services, and the instant from which a rule holds; those that are there have always held."""

from datetime import UTC, datetime

import django.db.models.functions.datetime
from django.db import migrations, models


def have_always_held(apps, schema_editor):
    apps.get_model('notifications', 'ReminderRule').objects.update(since=datetime(2000, 1, 1, tzinfo=UTC))


class Migration(migrations.Migration):

    dependencies = [
        ('booking', '0008_quiet_hours_and_undo'),
        ('notifications', '0003_requests_offers_and_summaries'),
    ]

    operations = [
        migrations.AddField(
            model_name='reminderrule',
            name='services',
            field=models.ManyToManyField(blank=True, help_text='None chosen: for all of them.', related_name='+', to='booking.service'),
        ),
        migrations.AddField(
            model_name='reminderrule',
            name='since',
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
        ),
        migrations.RunPython(have_always_held, migrations.RunPython.noop),
    ]
