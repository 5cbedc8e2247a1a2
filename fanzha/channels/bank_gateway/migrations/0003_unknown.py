"""Messages that nobody understood, few among many."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("bank_gateway", "0002_scope")]
    operations = [
        migrations.AddIndex(
            "message",
            models.Index(
                fields=["id"],
                condition=models.Q(state="unknown", outgoing=False),
                name="message_unknown",
            ),
        ),
    ]
