"""Who sees a case; what follows it."""

from django.db import migrations

from fanzha.scope import rls


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial")]
    operations = [
        migrations.RunSQL("CREATE SEQUENCE cases_case_number", "DROP SEQUENCE cases_case_number"),
        rls.scoped_by_case("cases_case", case="id"),
        rls.scoped_by_unit("cases_member"),
        migrations.RunSQL(rls.FOLLOW_CASE_FUNCTIONS, migrations.RunSQL.noop),
        rls.follows_case("cases_member"),
    ]
