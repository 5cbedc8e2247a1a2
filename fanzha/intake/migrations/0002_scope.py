"""Who sees reports and payments."""

from django.db import migrations

from fanzha.scope import rls


class Migration(migrations.Migration):
    dependencies = [("intake", "0001_initial"), ("cases", "0002_scope")]
    operations = [
        rls.scoped_by_case("intake_report"),
        rls.follows_case("intake_report"),
        rls.scoped_by_case("intake_payment"),
        rls.follows_case("intake_payment"),
        rls.scoped_by_case("intake_paymentsource"),
        rls.follows_case("intake_paymentsource"),
    ]
