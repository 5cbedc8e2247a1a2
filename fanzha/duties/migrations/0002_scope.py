"""Who sees clocks, and that they follow their case."""

from django.db import migrations

from fanzha.scope import rls


class Migration(migrations.Migration):
    dependencies = [("duties", "0001_initial"), ("cases", "0002_scope")]
    operations = [
        rls.scoped_by_case("duties_clock"),
        rls.follows_case("duties_clock"),
    ]
