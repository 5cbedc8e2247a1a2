"""Files of the first release, one for each statement in the order of its rows, become pieces."""

from django.db import migrations

from fanzha.movements import lake


def convert(apps, schema_editor):
    """Write the rows again in the lake's order; the sweep removes the files that were."""
    database = schema_editor.connection.alias
    statements = apps.get_model("movements", "Statement").objects.using(database)
    pieces = apps.get_model("movements", "Piece").objects.using(database)
    for each in statements.exclude(lake_file__in=("", "none")).order_by("pk"):
        kept = lake.source_path(each.lake_file.replace(lake.SUFFIX, lake.SOURCE))
        if kept.exists():
            lake.keep_source(each.case_id, each.public_id, kept)
        for stored in lake.write(each.case_id, each.public_id, lake.opened(each.lake_file).read()):
            pieces.create(
                case_id=each.case_id, statement_id=each.pk, name=stored.name, run=each.public_id,
                low=stored.low, high=stored.high, rows=stored.rows, first=stored.first,
                last=stored.last, unit_path=each.unit_path, restricted=each.restricted,
            )
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


class Migration(migrations.Migration):
    dependencies = [("movements", "0003_pieces")]
    operations = [
        migrations.RunPython(convert),
        migrations.RemoveField(model_name="statement", name="lake_file"),
    ]
