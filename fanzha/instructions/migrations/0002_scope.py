"""Who sees instructions."""

from django.db import migrations

from fanzha.scope import rls


class Migration(migrations.Migration):
    dependencies = [("instructions", "0001_initial"), ("cases", "0002_scope")]
    operations = [
        rls.scoped_by_case("instructions_package"),
        rls.follows_case("instructions_package"),
        rls.scoped_by_case("instructions_instruction"),
        rls.follows_case("instructions_instruction"),
        rls.scoped_by_case("instructions_change"),
        rls.follows_case("instructions_change"),
    ]
