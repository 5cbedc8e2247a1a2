"""Clocks for what was under way before there were clocks; what is past already presses no more."""

from django.db import migrations

ADOPT = """
INSERT INTO duties_clock (case_id, unit_path, restricted, rule, version, basis, about_kind, about,
  started_at, due_at, presses, pressed, next_press_at, state, escalated_path)
SELECT f.case_id, f.unit_path, f.restricted, f.rule, 1, '', 'instruction', f.public_id, f.started,
  f.due, p.moments, least(p.past, cardinality(p.moments) - 1),
  p.moments[least(p.past, cardinality(p.moments) - 1) + 1], 'running', ''
FROM (
  SELECT i.*, i.ends_rule AS rule, i.effective_at AS started, i.ends_at AS due,
         CASE i.ends_rule WHEN 'stop_window' THEN ARRAY['12 hours', '6 hours', '2 hours']
         ELSE ARRAY['30 days', '15 days', '10 days', '7 days', '1 day'] END AS before
    FROM instructions_instruction i
   WHERE i.state IN ('effective', 'partially_effective', 'extended', 'renewed')
     AND i.ends_rule IN ('stop_window', 'freeze_term')
     AND i.effective_at IS NOT NULL AND i.ends_at IS NOT NULL
  UNION ALL
  SELECT i.*, i.due_rule, i.sent_at, i.due_at, ARRAY['30 minutes']
    FROM instructions_instruction i
   WHERE i.state IN ('sent', 'accepted') AND i.due_rule <> ''
     AND i.sent_at IS NOT NULL AND i.due_at IS NOT NULL
  UNION ALL
  SELECT i.*, i.release_due_rule, i.release_due_at - interval '3 days', i.release_due_at,
         ARRAY['1 day']
    FROM instructions_instruction i
   WHERE i.state IN ('sent', 'accepted', 'effective', 'partially_effective', 'extended', 'renewed',
                     'unknown_result')
     AND i.release_due_at IS NOT NULL
) f
CROSS JOIN LATERAL (
  SELECT array_agg(m ORDER BY m) AS moments, count(*) FILTER (WHERE m <= now())::int AS past
    FROM (SELECT f.due - b::interval FROM unnest(f.before) b UNION SELECT f.due) x (m)
   WHERE m > f.started OR m = f.due
) p
ON CONFLICT DO NOTHING
"""


class Migration(migrations.Migration):
    dependencies = [("duties", "0005_escalated"), ("instructions", "0008_oral")]
    operations = [migrations.RunSQL(ADOPT, migrations.RunSQL.noop)]
