"""Whose right an approver used who stands in for another."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("instructions", "0020_guard")]
    operations = [
        migrations.AddField("instruction", "approved_for_id", models.BigIntegerField(null=True)),
    ]
