"""An index that nothing reads by, and that each mail would write three times."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('notifications', '0008_what_calendars_answered'),
    ]

    operations = [
        migrations.AlterField(
            model_name='message',
            name='rule',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='notifications.reminderrule'),
        ),
    ]
