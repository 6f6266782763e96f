"""A new edition of the catalogue with every change of it, so that a process knows when what it remembers is out of date."""

from django.contrib.postgres.functions import RandomUUID
from django.db import migrations, models

# A new value that never was before, not a number counted up: what was read before a rollback must not look current after.
TABLES = ("location", "service", "variation", "room", "room_usual_for", "therapist")
EDITIONS = """
CREATE FUNCTION booking_studio_is_another() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.catalogue_edition := gen_random_uuid();
  RETURN NEW;
END $$;
CREATE TRIGGER a_change_is_another_edition BEFORE UPDATE ON booking_studio
  FOR EACH ROW EXECUTE FUNCTION booking_studio_is_another();
CREATE FUNCTION booking_catalogue_is_another() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE booking_studio SET catalogue_edition = gen_random_uuid();
  RETURN NULL;
END $$;
""" + "".join(
    f"""
CREATE TRIGGER a_change_is_another_edition AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON booking_{table}
  FOR EACH STATEMENT EXECUTE FUNCTION booking_catalogue_is_another();
"""
    for table in TABLES
)
NO_EDITIONS = "".join(f"DROP TRIGGER a_change_is_another_edition ON booking_{table};" for table in (*TABLES, "studio")) + """
DROP FUNCTION booking_catalogue_is_another(); DROP FUNCTION booking_studio_is_another();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('booking', '0009_feeds_and_replies'),
    ]

    operations = [
        migrations.AddField(
            model_name='studio',
            name='catalogue_edition',
            field=models.UUIDField(db_default=RandomUUID(), editable=False),
        ),
        migrations.RunSQL(EDITIONS, NO_EDITIONS),
    ]
