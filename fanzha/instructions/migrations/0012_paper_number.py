"""Numbers of papers, counted by word and year."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("instructions", "0011_holder_query")]
    operations = [
        migrations.CreateModel(
            name="Series",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("word", models.CharField(max_length=12)),
                ("year", models.IntegerField()),
                ("last", models.IntegerField()),
            ],
        ),
        migrations.AddConstraint(
            "series", models.UniqueConstraint(fields=("word", "year"), name="one_series_a_year")
        ),
        migrations.AddField("instruction", "paper_number", models.CharField(blank=True, max_length=60)),
    ]
