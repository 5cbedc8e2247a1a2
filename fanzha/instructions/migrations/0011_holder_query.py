"""The query that asks who holds an account."""

from django.db import migrations, models

KINDS = (
    "transaction_query", "holder_query", "stop_payment", "freeze",
    "release_stop", "extend_stop", "release_freeze", "renew_freeze",
)


class Migration(migrations.Migration):
    dependencies = [("instructions", "0010_review")]
    operations = [
        migrations.AlterField(
            "instruction",
            "kind",
            models.CharField(choices=[(each, each) for each in KINDS], max_length=20),
        ),
    ]
