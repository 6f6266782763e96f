"""Mails that came back, addresses that nothing is sent to any more, and the reports that were taken."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('notifications', '0006_what_may_lapse'),
    ]

    operations = [
        migrations.CreateModel(
            name='MailEvent',
            fields=[
                ('digest', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name='preference',
            name='undeliverable_since',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name='message',
            name='state',
            field=models.CharField(choices=[('pending', 'Pending'), ('sending', 'Sending'), ('sent', 'Sent'), ('failed', 'Failed'), ('expired', 'Expired'), ('cancelled', 'Cancelled'), ('unknown', 'Unknown'), ('bounced', 'Bounced')], default='pending', max_length=10),
        ),
    ]
