"""The cases of an officer, which every policy asks for."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0002_scope")]
    operations = [
        migrations.AddIndex(
            "member",
            models.Index(fields=["officer_id"], name="member_officer"),
        ),
    ]
