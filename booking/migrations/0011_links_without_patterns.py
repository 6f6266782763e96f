"""Nobody looks for links by the beginning of a digest, which Django makes an index for beside the unique one."""

from django.db import migrations

DROP = "DROP INDEX IF EXISTS booking_linktoken_digest_1375c2af_like"
CREATE = """
CREATE INDEX IF NOT EXISTS booking_linktoken_digest_1375c2af_like ON booking_linktoken (digest varchar_pattern_ops)
"""


class Migration(migrations.Migration):

    dependencies = [
        ('booking', '0010_catalogue_edition'),
    ]

    operations = [migrations.RunSQL(DROP, CREATE)]
