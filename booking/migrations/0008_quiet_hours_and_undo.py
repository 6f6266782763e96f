"""When a studio does not want reminders to go, and how long the desk's changes wait before they are told."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('booking', '0007_limits_and_blocks'),
    ]

    operations = [
        migrations.AddField(
            model_name='studio',
            name='quiet_from',
            field=models.TimeField(blank=True, help_text='From this clock time on no reminders and no follow-ups go out.', null=True),
        ),
        migrations.AddField(
            model_name='studio',
            name='quiet_until',
            field=models.TimeField(blank=True, help_text='At this clock time they may go again.', null=True),
        ),
        migrations.AddField(
            model_name='studio',
            name='undo_minutes',
            field=models.PositiveSmallIntegerField(db_default=3, default=3, help_text='How long the mail about a change made by the desk waits; what is taken back meanwhile is not told.'),
        ),
        migrations.AddConstraint(
            model_name='studio',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('quiet_from__isnull', True), ('quiet_until__isnull', True)), models.Q(('quiet_from__isnull', False), ('quiet_until__isnull', False), models.Q(('quiet_from', models.F('quiet_until')), _negated=True)), _connector='OR'), name='quiet_hours_have_a_beginning_and_an_end'),
        ),
    ]
