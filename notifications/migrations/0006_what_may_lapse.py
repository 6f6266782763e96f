"""Changes by the desk that wait, what each mail said, and which one said the same already."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('notifications', '0005_webhooks'),
    ]

    operations = [
        migrations.AddField(
            model_name='message',
            name='may_lapse',
            field=models.BooleanField(default=False, db_default=False),
        ),
        migrations.AddField(
            model_name='message',
            name='told',
            field=models.CharField(blank=True, db_default='', default='', max_length=64),
        ),
        migrations.AddField(
            model_name='message',
            name='says_nothing_after',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='notifications.message'),
        ),
    ]
