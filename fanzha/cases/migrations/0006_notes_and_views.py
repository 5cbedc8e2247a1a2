"""What officers write down beside the fund flow: notes and saved views."""

from django.db import migrations, models

from fanzha.scope import rls
from fanzha.scope.fields import LtreeField

SCOPE = [("unit_path", LtreeField()), ("restricted", models.BooleanField(default=False))]


def _of_a_case(related_name: str) -> models.ForeignKey:
    return models.ForeignKey("cases.case", models.CASCADE, related_name=related_name)


class Migration(migrations.Migration):
    dependencies = [("cases", "0005_no_rule_yet")]
    operations = [
        migrations.CreateModel(
            "Note",
            [
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.CharField(max_length=40, unique=True)),
                ("case", _of_a_case("notes")),
                ("account", models.CharField(blank=True, max_length=60)),
                ("text", models.TextField()),
                ("officer_id", models.BigIntegerField()),
                ("written_at", models.DateTimeField()),
                *SCOPE,
            ],
        ),
        migrations.CreateModel(
            "SavedView",
            [
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.CharField(max_length=40, unique=True)),
                ("case", _of_a_case("views")),
                ("name", models.CharField(max_length=60)),
                ("query", models.CharField(blank=True, max_length=300)),
                ("officer_id", models.BigIntegerField()),
                ("saved_at", models.DateTimeField()),
                *SCOPE,
            ],
        ),
        migrations.AddConstraint(
            "savedview",
            models.UniqueConstraint(fields=["case", "officer_id", "name"], name="view_named_once"),
        ),
        rls.scoped_by_case("cases_note"),
        rls.follows_case("cases_note"),
        rls.scoped_by_case("cases_savedview"),
        rls.follows_case("cases_savedview"),
    ]
