"""Who sees entries; entries and blocks are only ever appended."""

from django.db import migrations

from fanzha.scope import rls


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial"), ("cases", "0002_scope")]
    operations = [
        rls.scoped_by_case("audit_entry"),
        rls.follows_case("audit_entry"),
        rls.append_only("audit_entry", may_change=("unit_path", "restricted")),
        rls.append_only("audit_block"),
    ]
