"""Where queries and migrations go: everything runs as the app role, migrations as the owner."""

from __future__ import annotations

from typing import Any


class AppRole:
    """`default` is the app role, which row-level security binds; `owner` only migrates."""

    def db_for_read(self, model: type, **hints: Any) -> str:
        """Reads run as the app role."""
        return "default"

    def db_for_write(self, model: type, **hints: Any) -> str:
        """Writes run as the app role."""
        return "default"

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        """Only the owner changes tables."""
        return db == "owner"
