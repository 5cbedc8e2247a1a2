"""Decisions to follow the money through an account that pays very many."""

from django.db import migrations, models

from fanzha.scope import rls
from fanzha.scope.fields import LtreeField


class Migration(migrations.Migration):
    dependencies = [("cases", "0007_by_hand")]
    operations = [
        migrations.CreateModel(
            "FollowedHub",
            [
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.CharField(max_length=40, unique=True)),
                ("account", models.CharField(max_length=60)),
                ("reason", models.TextField()),
                ("officer_id", models.BigIntegerField()),
                ("written_at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(null=True)),
                (
                    "case",
                    models.ForeignKey(
                        "cases.case", models.CASCADE, related_name="followed_hubs"
                    ),
                ),
                ("unit_path", LtreeField()),
                ("restricted", models.BooleanField(default=False)),
            ],
        ),
        rls.scoped_by_case("cases_followedhub"),
        rls.follows_case("cases_followedhub"),
    ]
