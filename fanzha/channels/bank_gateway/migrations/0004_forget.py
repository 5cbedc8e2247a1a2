from django.db import migrations

FORGET = """
CREATE FUNCTION bank_gateway_forget(numbers text[]) RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public AS $$
DECLARE gone bigint;
BEGIN
  DELETE FROM bank_gateway_message m WHERE m.case_id IS NULL AND EXISTS (
    SELECT FROM unnest(numbers) AS n WHERE position(convert_to(n, 'UTF8') IN m.content) > 0
  );
  GET DIAGNOSTICS gone = ROW_COUNT;
  RETURN gone;
END $$;
"""


class Migration(migrations.Migration):
    """Messages of no case are seen by few; whoever erases a person's number need not see them."""

    dependencies = [("bank_gateway", "0003_unknown")]
    operations = [migrations.RunSQL(FORGET, "DROP FUNCTION bank_gateway_forget(text[])")]
