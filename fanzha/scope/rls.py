"""Row-level security as migration operations: one policy text for every scoped table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import migrations

if TYPE_CHECKING:
    from django.db.migrations.operations.base import Operation

FUNCTIONS = """
CREATE EXTENSION IF NOT EXISTS ltree;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE FUNCTION fanzha_scope() RETURNS ltree LANGUAGE sql STABLE PARALLEL SAFE AS
  $$ SELECT nullif(current_setting('fanzha.scope', true), '')::ltree $$;
CREATE FUNCTION fanzha_officer() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS
  $$ SELECT nullif(current_setting('fanzha.officer', true), '')::bigint $$;
CREATE FUNCTION fanzha_is_system() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS
  $$ SELECT coalesce(current_setting('fanzha.system', true), '') <> '' $$;
"""

IN_SCOPE = "unit_path <@ (SELECT fanzha_scope())"
NOT_RESTRICTED = """(NOT restricted OR (SELECT fanzha_is_system()) OR EXISTS (
    SELECT 1 FROM cases_member m
    WHERE m.case_id = {table}.{case} AND m.officer_id = (SELECT fanzha_officer())))"""


def database_foundation(app_role: str) -> list[Operation]:
    """Extensions, scope functions, and what the app role may do with tables made from now on."""
    return [
        migrations.RunSQL(FUNCTIONS, migrations.RunSQL.noop),
        migrations.RunSQL(
            f"""
            GRANT USAGE ON SCHEMA public TO {app_role};
            ALTER DEFAULT PRIVILEGES IN SCHEMA public
              GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {app_role};
            ALTER DEFAULT PRIVILEGES IN SCHEMA public
              GRANT USAGE, SELECT ON SEQUENCES TO {app_role};
            ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT EXECUTE ON FUNCTIONS TO {app_role};
            """,
            migrations.RunSQL.noop,
        ),
    ]


def scoped_by_unit(table: str) -> Operation:
    """Rows are seen from their unit and the units above it."""
    return _policy(table, IN_SCOPE)


def scoped_by_case(table: str, *, case: str = "case_id") -> Operation:
    """Rows are seen from their unit and above, and of a restricted case only by its members."""
    return _policy(table, f"{IN_SCOPE} AND {NOT_RESTRICTED.format(table=table, case=case)}")


def scoped_through(table: str, column: str, parent: str, key: str = "id") -> Operation:
    """Rows are seen exactly when their parent row is (the parent's own policy decides)."""
    return _policy(table, f"{column} IN (SELECT {key} FROM {parent})")


def _policy(table: str, condition: str) -> Operation:
    return migrations.RunSQL(
        f"""
        ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
        CREATE POLICY scope ON {table} USING ({condition}) WITH CHECK ({condition});
        """,
        f"DROP POLICY scope ON {table}; ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;",
    )


def follows_case(table: str, *, case: str = "case_id") -> Operation:
    """Unit and restriction of the row are always those of its case, whoever writes it."""
    return migrations.RunSQL(
        f"""
        CREATE TRIGGER follows_case BEFORE INSERT OR UPDATE OF {case} ON {table}
          FOR EACH ROW EXECUTE FUNCTION fanzha_follow_case();
        CREATE TRIGGER case_moves AFTER UPDATE OF unit_path, restricted ON cases_case
          FOR EACH ROW EXECUTE FUNCTION fanzha_case_moves('{table}', '{case}');
        """.replace("TRIGGER case_moves", f"TRIGGER case_moves_{table}"),
        f"DROP TRIGGER follows_case ON {table}; DROP TRIGGER case_moves_{table} ON cases_case;",
    )


FOLLOW_CASE_FUNCTIONS = """
CREATE FUNCTION fanzha_follow_case() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public AS $$
BEGIN
  IF NEW.case_id IS NOT NULL THEN
    SELECT c.unit_path, c.restricted INTO STRICT NEW.unit_path, NEW.restricted
      FROM cases_case c WHERE c.id = NEW.case_id;
  END IF;
  RETURN NEW;
END $$;
CREATE FUNCTION fanzha_case_moves() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public AS $$
BEGIN
  EXECUTE format('UPDATE %I SET unit_path = $1, restricted = $2 WHERE %I = $3',
                 TG_ARGV[0], TG_ARGV[1]) USING NEW.unit_path, NEW.restricted, NEW.id;
  RETURN NULL;
END $$;
"""


def append_only(table: str, *, may_change: tuple[str, ...] = ()) -> Operation:
    """Nobody updates, deletes or truncates; `may_change` names columns that follow the case."""
    from django.conf import settings

    app_role = settings.DATABASES["default"]["USER"]
    minus = "".join(f" - '{column}'" for column in may_change)
    return migrations.RunSQL(
        f"""
        REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {app_role};
        CREATE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF TG_OP = 'UPDATE' THEN
            IF to_jsonb(OLD){minus} = to_jsonb(NEW){minus} THEN RETURN NEW; END IF;
          END IF;
          RAISE EXCEPTION '{table} is append-only';
        END $$;
        CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table}
          FOR EACH ROW EXECUTE FUNCTION {table}_append_only();
        CREATE TRIGGER append_only_all BEFORE TRUNCATE ON {table}
          FOR EACH STATEMENT EXECUTE FUNCTION {table}_append_only();
        """,
        migrations.RunSQL.noop,
    )
