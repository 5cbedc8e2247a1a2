"""Who sees the manifest of the lake."""

from django.db import migrations

from fanzha.scope import rls


class Migration(migrations.Migration):
    dependencies = [("movements", "0001_initial"), ("cases", "0002_scope")]
    operations = [
        rls.scoped_by_case("movements_statement"),
        rls.follows_case("movements_statement"),
    ]
