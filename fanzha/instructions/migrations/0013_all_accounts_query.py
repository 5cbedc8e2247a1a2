"""The query that asks for all accounts of a customer."""

from django.db import migrations, models

KINDS = (
    "transaction_query", "holder_query", "all_accounts_query", "stop_payment", "freeze",
    "release_stop", "extend_stop", "release_freeze", "renew_freeze",
)


class Migration(migrations.Migration):
    dependencies = [("instructions", "0012_paper_number")]
    operations = [
        migrations.AlterField(
            "instruction",
            "kind",
            models.CharField(choices=[(each, each) for each in KINDS], max_length=20),
        ),
    ]
