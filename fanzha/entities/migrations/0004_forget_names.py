from django.db import migrations

FORGET = """
CREATE FUNCTION entities_forget(candidates bigint[]) RETURNS SETOF text LANGUAGE sql
SECURITY DEFINER SET search_path = public AS $$
  DELETE FROM entities_entity e WHERE e.id = ANY(candidates)
    AND NOT EXISTS (SELECT FROM entities_mention m WHERE m.entity_id = e.id)
  RETURNING e.value;
$$;
"""
COUNT_ONLY = """
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
DROP = "DROP FUNCTION entities_forget(bigint[]);"


class Migration(migrations.Migration):
    """What is forgotten is named, so that messages of no case that carry it can go too."""

    dependencies = [("entities", "0003_forget")]
    operations = [migrations.RunSQL(DROP + FORGET, DROP + COUNT_ONLY)]
