"""The audit log as a Django app; it installs the watch on every statement."""

from __future__ import annotations

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """The audit log."""

    name = "fanzha.audit"

    def ready(self) -> None:
        """From here on no connection of the app role goes unwatched."""
        from fanzha.scope import guard

        guard.install()
