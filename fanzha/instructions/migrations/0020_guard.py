"""The guard list."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("instructions", "0015_leads")]
    operations = [
        migrations.CreateModel(
            name="Guard",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.CharField(max_length=40, unique=True)),
                ("account", models.CharField(max_length=60)),
                ("group", models.CharField(max_length=30)),
                ("source", models.TextField()),
                ("noted_by", models.CharField(max_length=80)),
                ("noted_at", models.DateTimeField()),
                ("lifted_at", models.DateTimeField(null=True)),
                ("lifted_by_id", models.BigIntegerField(null=True)),
                ("lift_reason", models.TextField(blank=True)),
            ],
        ),
        migrations.AddConstraint(
            "guard",
            models.UniqueConstraint(condition=models.Q(("lifted_at", None)), fields=("account",), name="guarded_once"),
        ),
    ]
