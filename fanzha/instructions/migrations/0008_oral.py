"""Approval by word of mouth."""

import django.db.models.deletion
from django.db import migrations, models

import fanzha.scope.fields
from fanzha.scope import rls


class Migration(migrations.Migration):
    dependencies = [("instructions", "0007_asked_period"), ("cases", "0002_scope")]
    operations = [
        migrations.CreateModel(
            name="Oral",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("unit_path", fanzha.scope.fields.LtreeField()),
                ("restricted", models.BooleanField(default=False)),
                ("approver_id", models.BigIntegerField()),
                ("called", models.CharField(max_length=40)),
                ("told_at", models.DateTimeField()),
                ("recorded_by_id", models.BigIntegerField()),
                ("recorded_at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                ("due_rule", models.CharField(max_length=40)),
                (
                    "verdict",
                    models.CharField(
                        blank=True, choices=[("confirmed", "Confirmed"), ("denied", "Denied")], max_length=12
                    ),
                ),
                ("decided_at", models.DateTimeField(null=True)),
                ("reason", models.TextField(blank=True)),
                (
                    "case",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="cases.case"),
                ),
                (
                    "package",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="oral", to="instructions.package"
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            "oral", models.Index(condition=models.Q(("decided_at", None)), fields=["due_at"], name="oral_open")
        ),
        rls.scoped_by_case("instructions_oral"),
        rls.follows_case("instructions_oral"),
    ]
