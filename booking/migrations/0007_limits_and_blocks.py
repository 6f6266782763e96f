"""What limits and blocks are asked by: numbers, what was made online of late, and a public name for each block."""

import booking.models.references
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('booking', '0006_links_in_offers'),
    ]

    operations = [
        migrations.AddField(
            model_name='blockedcontact',
            name='reference',
            field=models.CharField(default=booking.models.references.new_reference, editable=False, max_length=10, unique=True),
        ),
        migrations.AlterField(
            model_name='historyentry',
            name='channel',
            field=models.CharField(help_text='api, page, admin, command, job', max_length=12),
        ),
        migrations.AddIndex(
            model_name='appointment',
            index=models.Index(condition=models.Q(('source', 'online')), fields=['created_at'], name='appointment_made_online'),
        ),
        migrations.AddIndex(
            model_name='client',
            index=models.Index(condition=models.Q(('phone', ''), _negated=True), fields=['phone'], name='client_by_phone'),
        ),
    ]
