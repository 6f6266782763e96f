"""Give hours, time off and closures a name that may be shown, and let a client be forgotten."""

import booking.models.references
from booking.models.references import new_reference
from django.db import migrations, models

NAMED = ("weeklyhours", "dateoverride", "timeoff", "closure")


def name_each(apps, schema_editor):
    for name in NAMED:
        model = apps.get_model("booking", name)
        rows = list(model.objects.filter(reference=None).only("pk"))
        for row in rows:
            row.reference = new_reference()
        model.objects.bulk_update(rows, ["reference"], batch_size=1_000)


def named(**options):
    return models.CharField(default=booking.models.references.new_reference, editable=False, max_length=10, **options)


class Migration(migrations.Migration):
    dependencies = [("booking", "0004_one_place_at_a_time")]

    operations = [
        migrations.AddField("client", "forgotten_at", models.DateTimeField(blank=True, editable=False, null=True)),
        *[
            migrations.AddField(name, "reference", models.CharField(max_length=10, null=True, editable=False))
            for name in NAMED
        ],
        migrations.RunPython(name_each, migrations.RunPython.noop),
        *[migrations.AlterField(name, "reference", named(unique=True)) for name in NAMED],
    ]
