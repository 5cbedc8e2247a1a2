"""What officers join by hand in the fund flow, and the steps that they may undo."""

from django.db import migrations, models

from fanzha.scope import rls
from fanzha.scope.fields import LtreeField


def _of_a_case(name: str, related_name: str, *fields: tuple[str, models.Field]) -> list:
    """A table of things of a case, which its policy shows to whoever sees the case."""
    table = f"cases_{name.lower()}"
    return [
        migrations.CreateModel(
            name,
            [
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("case", models.ForeignKey("cases.case", models.CASCADE, related_name=related_name)),
                *fields,
                ("unit_path", LtreeField()),
                ("restricted", models.BooleanField(default=False)),
            ],
        ),
        rls.scoped_by_case(table),
        rls.follows_case(table),
    ]


class Migration(migrations.Migration):
    dependencies = [("cases", "0006_notes_and_views")]
    operations = [
        migrations.AddField("note", "withdrawn_at", models.DateTimeField(null=True)),
        *_of_a_case(
            "Bridge",
            "bridges",
            ("public_id", models.CharField(max_length=40, unique=True)),
            ("payer", models.CharField(max_length=60)),
            ("payee", models.CharField(max_length=60)),
            ("row_id", models.CharField(blank=True, max_length=60)),
            ("amount_fen", models.BigIntegerField()),
            ("moved_at", models.DateTimeField()),
            ("reason", models.TextField()),
            ("officer_id", models.BigIntegerField()),
            ("written_at", models.DateTimeField()),
            ("withdrawn_at", models.DateTimeField(null=True)),
        ),
        *_of_a_case(
            "FlowStep",
            "flow_steps",
            ("officer_id", models.BigIntegerField()),
            ("target", models.CharField(max_length=40)),
            ("back", models.BooleanField(default=False)),
            ("done_at", models.DateTimeField()),
            ("undone_at", models.DateTimeField(null=True)),
        ),
    ]
