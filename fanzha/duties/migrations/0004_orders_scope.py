"""Who sees orders: the unit they went to and those above; of a restricted case its members."""

from django.db import migrations

from fanzha.scope import rls

RESTRICTS = """
CREATE FUNCTION fanzha_case_restricts_orders() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public AS $$
BEGIN
  UPDATE duties_order SET restricted = NEW.restricted WHERE case_id = NEW.id;
  UPDATE duties_orderstep SET restricted = NEW.restricted WHERE case_id = NEW.id;
  RETURN NULL;
END $$;
CREATE TRIGGER case_restricts_orders AFTER UPDATE OF restricted ON cases_case
  FOR EACH ROW EXECUTE FUNCTION fanzha_case_restricts_orders();
"""


class Migration(migrations.Migration):
    dependencies = [("duties", "0003_orders"), ("cases", "0002_scope")]
    operations = [
        rls.scoped_by_case("duties_order"),
        rls.scoped_by_case("duties_orderstep"),
        migrations.RunSQL(
            RESTRICTS,
            "DROP TRIGGER case_restricts_orders ON cases_case;"
            " DROP FUNCTION fanzha_case_restricts_orders();",
        ),
    ]
