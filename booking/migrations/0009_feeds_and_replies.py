"""Calendar addresses, what guests' calendars answered, and how to see cheaply that a calendar has not changed."""

import booking.models.references
import django.db.models.deletion
from django.db import migrations, models

# A calendar shows its clients' names, so another name is a change of the client's visits. No booking changes a name.
A_NAME_IS_PART_OF_THE_VISIT = """
CREATE FUNCTION booking_client_has_another_name() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE booking_appointment SET version = version + 1 WHERE client_id = NEW.id;
  RETURN NULL;
END $$;
CREATE TRIGGER a_name_is_part_of_the_visit AFTER UPDATE OF name ON booking_client
  FOR EACH ROW WHEN (OLD.name IS DISTINCT FROM NEW.name) EXECUTE FUNCTION booking_client_has_another_name();
"""
AS_IT_WAS = """
DROP TRIGGER a_name_is_part_of_the_visit ON booking_client; DROP FUNCTION booking_client_has_another_name()
"""


class Migration(migrations.Migration):

    dependencies = [
        ('booking', '0008_quiet_hours_and_undo'),
    ]

    operations = [
        migrations.CreateModel(
            name='CalendarFeed',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.CharField(default=booking.models.references.new_reference, editable=False, max_length=10, unique=True)),
                ('digest', models.CharField(editable=False, max_length=64, unique=True)),
                ('label', models.CharField(blank=True, help_text="Whose it is, for example “Anna's phone”.", max_length=80)),
                ('names', models.BooleanField(default=True, help_text="Show the clients' first names.")),
                ('created_at', models.DateTimeField()),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Reply',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(max_length=8)),
                ('partstat', models.CharField(choices=[('accepted', 'Accepted'), ('tentative', 'Tentative'), ('declined', 'Declined'), ('delegated', 'Delegated')], max_length=10)),
                ('sequence', models.PositiveIntegerField()),
                ('stamped_at', models.DateTimeField()),
                ('received_at', models.DateTimeField()),
            ],
            options={
                'verbose_name_plural': 'replies',
                'ordering': ['received_at', 'id'],
            },
        ),
        migrations.RemoveIndex(
            model_name='appointment',
            name='appointment_by_place_and_start',
        ),
        migrations.AlterField(
            model_name='assignment',
            name='therapist',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='assignments', to='booking.therapist'),
        ),
        migrations.AddIndex(
            model_name='appointment',
            index=models.Index(fields=['location', 'start_at'], include=('id', 'version', 'changed_at', 'status'), name='appointment_by_place_and_start'),
        ),
        migrations.AddIndex(
            model_name='assignment',
            index=models.Index(models.F('therapist'), models.F('occupied__startswith'), name='calendar_of_a_therapist'),
        ),
        migrations.AddField(
            model_name='calendarfeed',
            name='client',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='feeds', to='booking.client'),
        ),
        migrations.AddField(
            model_name='calendarfeed',
            name='location',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='feeds', to='booking.location'),
        ),
        migrations.AddField(
            model_name='calendarfeed',
            name='therapist',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='feeds', to='booking.therapist'),
        ),
        migrations.AddField(
            model_name='reply',
            name='appointment',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='replies', to='booking.appointment'),
        ),
        migrations.AddConstraint(
            model_name='calendarfeed',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('client__isnull', True), ('location__isnull', True), ('therapist__isnull', False)), models.Q(('client__isnull', True), ('location__isnull', False), ('therapist__isnull', True)), models.Q(('client__isnull', False), ('location__isnull', True), ('therapist__isnull', True)), _connector='OR'), name='a_feed_is_about_one_of_them'),
        ),
        migrations.AddConstraint(
            model_name='reply',
            constraint=models.UniqueConstraint(fields=('appointment', 'role', 'sequence', 'stamped_at'), name='an_answer_is_taken_once'),
        ),
        migrations.RunSQL(A_NAME_IS_PART_OF_THE_VISIT, AS_IT_WAS),
    ]
