"""Answers settled by telephone."""

import django.db.models.deletion
from django.db import migrations, models

import fanzha.scope.fields
from fanzha.scope import rls


class Migration(migrations.Migration):
    dependencies = [("instructions", "0008_oral"), ("cases", "0002_scope")]
    operations = [
        migrations.CreateModel(
            name="Settlement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("unit_path", fanzha.scope.fields.LtreeField()),
                ("restricted", models.BooleanField(default=False)),
                (
                    "verdict",
                    models.CharField(choices=[("done", "Done"), ("not_done", "Not Done")], max_length=12),
                ),
                ("told_by", models.CharField(max_length=60)),
                ("called", models.CharField(max_length=40)),
                ("told_at", models.DateTimeField()),
                ("effective_at", models.DateTimeField(null=True)),
                ("evidence", models.TextField()),
                ("recorded_by_id", models.BigIntegerField()),
                ("recorded_at", models.DateTimeField()),
                ("agreed", models.BooleanField(null=True)),
                ("decided_by_id", models.BigIntegerField(null=True)),
                ("decided_at", models.DateTimeField(null=True)),
                ("reason", models.TextField(blank=True)),
                (
                    "case",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="cases.case"),
                ),
                (
                    "instruction",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="settlements",
                        to="instructions.instruction",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            "settlement",
            models.UniqueConstraint(
                condition=models.Q(("decided_at", None)), fields=("instruction",), name="one_open_settlement"
            ),
        ),
        rls.scoped_by_case("instructions_settlement"),
        rls.follows_case("instructions_settlement"),
    ]
