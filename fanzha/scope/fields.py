"""The ltree column: a path of unit codes, `lj.hd.s1`; `lj` contains it. Texts among many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

    TextPath = models.Field[str, str]
    AnyLookup = models.Lookup[Any]
else:
    TextPath, AnyLookup = models.Field, models.Lookup


class LtreeField(TextPath):
    """A PostgreSQL ltree. Lookup `__within=path` finds the path itself and all below it."""

    description = "unit path"

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        """The column type."""
        return "ltree"

    def get_prep_value(self, value: Any) -> str | None:
        """Paths travel as text."""
        return None if value is None else str(value)


@LtreeField.register_lookup
class Within(AnyLookup):
    """`path <@ given`: the given unit and everything below it."""

    lookup_name = "within"

    def as_sql(self, compiler: Any, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
        """SQL of the lookup."""
        left, left_params = self.process_lhs(compiler, connection)
        right, right_params = self.process_rhs(compiler, connection)
        return f"{left} <@ {right}::ltree", (*left_params, *right_params)


@models.CharField.register_lookup
class AnyOf(AnyLookup):
    """`column = ANY(given)`: one parameter where `__in` writes thousands into the statement."""

    lookup_name = "any_of"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
        """SQL of the lookup."""
        left, left_params = self.process_lhs(compiler, connection)
        return f"{left} = ANY(%s)", (*left_params, list(self.rhs))
