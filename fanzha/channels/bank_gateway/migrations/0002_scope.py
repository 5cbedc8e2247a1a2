"""Who sees raw messages."""

from django.db import migrations

from fanzha.scope import rls


class Migration(migrations.Migration):
    dependencies = [("bank_gateway", "0001_initial"), ("cases", "0002_scope")]
    operations = [
        rls.scoped_by_case("bank_gateway_message"),
        rls.follows_case("bank_gateway_message"),
    ]
