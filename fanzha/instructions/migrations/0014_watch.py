"""Watched accounts: their kinds, why a watch ends, and the batches of rows that a bank tells."""

import django.db.models.deletion
from django.db import migrations, models

import fanzha.scope.fields
from fanzha.scope import rls

KINDS = (
    "transaction_query", "holder_query", "all_accounts_query", "watch", "stop_payment", "freeze",
    "release_watch", "release_stop", "extend_stop", "release_freeze", "renew_freeze",
)
GROUNDS = ("unrelated", "wrong_stop", "case_decided", "reduction", "seen_enough")


class Migration(migrations.Migration):
    dependencies = [("instructions", "0013_all_accounts_query"), ("cases", "0002_scope")]
    operations = [
        migrations.AlterField(
            "instruction",
            "kind",
            models.CharField(choices=[(each, each) for each in KINDS], max_length=20),
        ),
        migrations.AlterField(
            "instruction",
            "release_ground",
            models.CharField(blank=True, choices=[(each, each) for each in GROUNDS], max_length=20),
        ),
        migrations.CreateModel(
            name="Batch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("unit_path", fanzha.scope.fields.LtreeField()),
                ("restricted", models.BooleanField(default=False)),
                ("statement", models.CharField(max_length=40, unique=True)),
                ("received_at", models.DateTimeField()),
                ("arrived_fen", models.BigIntegerField()),
                ("left_fen", models.BigIntegerField()),
                ("rows", models.IntegerField()),
                ("seen_at", models.DateTimeField(null=True)),
                ("seen_by_id", models.BigIntegerField(null=True)),
                ("note", models.TextField(blank=True)),
                (
                    "case",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="cases.case"),
                ),
                (
                    "watch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="batches",
                        to="instructions.instruction",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            "batch",
            models.Index(condition=models.Q(("seen_at", None)), fields=["received_at"], name="batch_unseen"),
        ),
        rls.scoped_by_case("instructions_batch"),
        rls.follows_case("instructions_batch"),
    ]
