"""An entity that nothing mentions any more may go, whoever mentioned it last."""

from django.db import migrations

FORGET = """
CREATE FUNCTION entities_forget(candidates bigint[]) RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public AS $$
DECLARE gone bigint;
BEGIN
  DELETE FROM entities_entity e WHERE e.id = ANY(candidates)
    AND NOT EXISTS (SELECT FROM entities_mention m WHERE m.entity_id = e.id);
  GET DIAGNOSTICS gone = ROW_COUNT;
  RETURN gone;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("entities", "0002_scope")]
    operations = [
        migrations.RunSQL(FORGET, "DROP FUNCTION entities_forget(bigint[])"),
    ]
