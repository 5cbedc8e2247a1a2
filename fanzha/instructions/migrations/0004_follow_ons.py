"""Instructions that concern an earlier one: release and extension of a stop or a freeze."""

import django.db.models.deletion
from django.db import migrations, models

KINDS = (
    "transaction_query", "stop_payment", "freeze",
    "release_stop", "extend_stop", "release_freeze", "renew_freeze",
)
STATES = (
    "draft", "awaiting_approval", "returned", "withdrawn", "approval_expired", "approved", "sent",
    "accepted", "effective", "partially_effective", "extended", "renewed", "failed",
    "unknown_result", "released", "lapsed", "released_by_law",
)
GROUNDS = ("unrelated", "wrong_stop", "case_decided", "reduction")
OPEN = [
    "accepted", "approved", "awaiting_approval", "draft", "effective", "extended",
    "partially_effective", "renewed", "sent", "unknown_result",
]
UNDECIDED = ["accepted", "approved", "awaiting_approval", "draft", "sent"]


def _choice(values, **more):
    return models.CharField(choices=[(each, each) for each in values], max_length=20, **more)


class Migration(migrations.Migration):
    dependencies = [("instructions", "0003_answered")]
    operations = [
        migrations.AlterField("instruction", "kind", _choice(KINDS)),
        migrations.AlterField("instruction", "state", _choice(STATES)),
        migrations.AddField(
            "instruction",
            "concerns",
            models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT,
                related_name="follow_ons", to="instructions.instruction",
            ),
        ),
        migrations.AddField(
            "instruction", "release_ground", _choice(GROUNDS, blank=True, default=""),
            preserve_default=False,
        ),
        migrations.AddField("instruction", "asked_until", models.DateTimeField(null=True)),
        migrations.AddField("instruction", "freed_fen", models.BigIntegerField(null=True)),
        migrations.AddField("instruction", "release_due_at", models.DateTimeField(null=True)),
        migrations.AddField(
            "instruction", "release_due_rule",
            models.CharField(blank=True, default="", max_length=40), preserve_default=False,
        ),
        migrations.RemoveConstraint("instruction", "one_open_stop_per_account"),
        migrations.AddConstraint(
            "instruction",
            models.UniqueConstraint(
                fields=["account", "kind"],
                condition=models.Q(("state__in", OPEN), ("kind__in", ["stop_payment"])),
                name="one_open_stop_per_account",
            ),
        ),
        migrations.AddConstraint(
            "instruction",
            models.UniqueConstraint(
                fields=["concerns", "kind"],
                condition=models.Q(("state__in", UNDECIDED)),
                name="one_follow_on_at_a_time",
            ),
        ),
    ]
