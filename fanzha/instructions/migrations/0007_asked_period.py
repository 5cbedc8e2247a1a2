"""A query may ask for a part of the time only."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("instructions", "0006_release_due")]
    operations = [
        migrations.AddField("instruction", "period_since", models.DateTimeField(null=True)),
        migrations.AddField("instruction", "period_until", models.DateTimeField(null=True)),
    ]
