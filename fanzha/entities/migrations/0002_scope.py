"""Entities are seen through their mentions; number and 'known or not' have one door."""

from django.db import migrations

from fanzha.scope import rls



LOOK_UP = """
CREATE FUNCTION entities_intern(kind_in text, value_in text) RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public AS $$
DECLARE found bigint;
BEGIN
  SELECT id INTO found FROM entities_entity WHERE kind = kind_in AND value = value_in;
  IF found IS NULL THEN
    INSERT INTO entities_entity (kind, value) VALUES (kind_in, value_in)
      ON CONFLICT (kind, value) DO UPDATE SET kind = excluded.kind RETURNING id INTO found;
  END IF;
  RETURN found;
END $$;
CREATE FUNCTION entities_known(kind_in text, value_in text)
RETURNS TABLE (cases bigint, last_at timestamptz) LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = public AS $$
  SELECT count(DISTINCT m.case_id), max(m.at) FROM entities_entity e
    JOIN entities_mention m ON m.entity_id = e.id
   WHERE e.kind = kind_in AND e.value = value_in
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("entities", "0001_initial"), ("cases", "0002_scope")]
    operations = [
        rls.scoped_by_case("entities_mention"),
        rls.follows_case("entities_mention"),
        rls.scoped_through("entities_entity", "id", "entities_mention", "entity_id"),
        migrations.RunSQL(LOOK_UP, migrations.RunSQL.noop),
    ]
