"""Two mails about a no in a guest's calendar."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('notifications', '0007_what_came_back'),
    ]

    operations = [
        migrations.AlterField(
            model_name='message',
            name='kind',
            field=models.CharField(choices=[('confirmation', 'Confirmation'), ('rescheduled', 'Rescheduled'), ('relocated', 'Relocated'), ('cancelled', 'Cancelled'), ('reminder', 'Reminder'), ('follow-up', 'Follow Up'), ('request-received', 'Request Received'), ('declined', 'Declined'), ('waitlist-offer', 'Waitlist Offer'), ('staff-digest', 'Staff Digest'), ('cancel-link', 'Cancel Link'), ('declined-invite', 'Declined Invite')], max_length=20),
        ),
    ]
