"""The duty desk looks for holds that have to be released."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("instructions", "0005_escapes")]
    operations = [
        migrations.AddIndex(
            "instruction",
            models.Index(
                condition=models.Q(("release_due_at__isnull", False)),
                fields=["release_due_at"], name="instruction_release",
            ),
        )
    ]
