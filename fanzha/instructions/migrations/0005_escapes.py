"""Money that left an account while a hold was in force there."""

import django.db.models.deletion
from django.db import migrations, models

import fanzha.scope.fields
from fanzha.scope import rls


class Migration(migrations.Migration):
    dependencies = [("instructions", "0004_follow_ons"), ("cases", "0002_scope")]
    operations = [
        migrations.CreateModel(
            name="Escape",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("unit_path", fanzha.scope.fields.LtreeField()),
                ("restricted", models.BooleanField(default=False)),
                ("statement", models.CharField(max_length=40)),
                ("row_no", models.IntegerField()),
                ("amount_fen", models.BigIntegerField()),
                ("balance_fen", models.BigIntegerField(null=True)),
                ("left_at", models.DateTimeField()),
                ("precision", models.CharField(max_length=8)),
                ("certain", models.BooleanField()),
                ("found_at", models.DateTimeField()),
                ("explained_at", models.DateTimeField(null=True)),
                ("explained_by_id", models.BigIntegerField(null=True)),
                ("explanation", models.TextField(blank=True)),
                (
                    "case",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="cases.case"),
                ),
                (
                    "hold",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="escapes",
                        to="instructions.instruction",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            "escape",
            models.UniqueConstraint(fields=("hold", "statement", "row_no"), name="one_escape_per_row"),
        ),
        migrations.AddIndex(
            "escape",
            models.Index(condition=models.Q(("explained_at", None)), fields=["found_at"], name="escape_open"),
        ),
        rls.scoped_by_case("instructions_escape"),
        rls.follows_case("instructions_escape"),
    ]
