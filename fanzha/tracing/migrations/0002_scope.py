"""Who sees a stored trace."""

from django.db import migrations

from fanzha.scope import rls


class Migration(migrations.Migration):
    dependencies = [("tracing", "0001_initial"), ("cases", "0002_scope")]
    operations = [
        rls.scoped_by_case("tracing_storedtrace"),
        rls.follows_case("tracing_storedtrace"),
    ]
