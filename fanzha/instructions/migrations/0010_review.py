"""Reviews of stops that went out."""

import django.db.models.deletion
from django.db import migrations, models

import fanzha.scope.fields
from fanzha.scope import rls


class Migration(migrations.Migration):
    dependencies = [("instructions", "0009_settlement"), ("cases", "0002_scope")]
    operations = [
        migrations.CreateModel(
            name="Review",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("unit_path", fanzha.scope.fields.LtreeField()),
                ("restricted", models.BooleanField(default=False)),
                ("opened_at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                ("due_rule", models.CharField(max_length=40)),
                (
                    "verdict",
                    models.CharField(blank=True, choices=[("upheld", "Upheld"), ("wrong", "Wrong")], max_length=12),
                ),
                ("wrong", models.JSONField(default=list)),
                ("decided_by_id", models.BigIntegerField(null=True)),
                ("decided_at", models.DateTimeField(null=True)),
                ("reason", models.TextField(blank=True)),
                (
                    "case",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="cases.case"),
                ),
                (
                    "package",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="reviews", to="instructions.package"
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            "review",
            models.UniqueConstraint(
                condition=models.Q(("decided_at", None)), fields=("package",), name="one_open_review"
            ),
        ),
        migrations.AddIndex(
            "review", models.Index(condition=models.Q(("decided_at", None)), fields=["due_at"], name="review_open")
        ),
        rls.scoped_by_case("instructions_review"),
        rls.follows_case("instructions_review"),
    ]
