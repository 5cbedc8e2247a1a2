"""What was answered within the last hour."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("instructions", "0002_scope")]
    operations = [
        migrations.AddIndex(
            "instruction",
            models.Index(fields=["answered_at"], name="instruction_answered"),
        ),
    ]
