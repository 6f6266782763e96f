"""What Django's models cannot say: the assignment follows its appointment, and history is append-only."""

from django.db import migrations

ASSIGNMENT_FOLLOWS = """
ALTER TABLE booking_assignment
  ADD CONSTRAINT an_assignment_occupies_what_its_appointment_does
  FOREIGN KEY (appointment_id, occupied, blocks)
  REFERENCES booking_appointment (id, occupied, blocks)
  ON UPDATE CASCADE ON DELETE CASCADE
"""

HISTORY_STAYS = """
CREATE FUNCTION booking_history_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'history is append-only' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER history_stays BEFORE UPDATE OR DELETE ON booking_historyentry
  FOR EACH ROW EXECUTE FUNCTION booking_history_stays();
"""


class Migration(migrations.Migration):
    dependencies = [("booking", "0001_initial")]

    operations = [
        migrations.RunSQL(
            ASSIGNMENT_FOLLOWS,
            "ALTER TABLE booking_assignment DROP CONSTRAINT an_assignment_occupies_what_its_appointment_does",
        ),
        migrations.RunSQL(
            HISTORY_STAYS,
            "DROP TRIGGER history_stays ON booking_historyentry; DROP FUNCTION booking_history_stays()",
        ),
    ]
