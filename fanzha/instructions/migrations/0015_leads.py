"""Reports by banks, until somebody decides what becomes of them."""

import django.db.models.deletion
from django.db import migrations, models

import fanzha.scope.fields
from fanzha.scope import rls


class Migration(migrations.Migration):
    dependencies = [("instructions", "0014_watch"), ("cases", "0002_scope")]
    operations = [
        migrations.CreateModel(
            name="Lead",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("decided_by_id", models.BigIntegerField(null=True)),
                ("decided_at", models.DateTimeField(null=True)),
                ("reason", models.TextField(blank=True)),
                ("public_id", models.CharField(max_length=40, unique=True)),
                ("message_id", models.BigIntegerField()),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("tx_code", models.CharField(max_length=12)),
                ("application_id", models.CharField(max_length=80)),
                ("institution_code", models.CharField(blank=True, max_length=12)),
                ("received_at", models.DateTimeField()),
                ("unit_path", fanzha.scope.fields.LtreeField()),
                ("restricted", models.BooleanField(default=False)),
                (
                    "case",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="cases.case"
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            "lead",
            models.Index(condition=models.Q(("decided_at", None)), fields=["received_at"], name="lead_open"),
        ),
        rls.scoped_by_case("instructions_lead"),
        rls.follows_case("instructions_lead"),
    ]
