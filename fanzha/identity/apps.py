"""Identity as a Django app."""

from __future__ import annotations

from django.apps import AppConfig


class IdentityConfig(AppConfig):
    """Officers, units, roles."""

    name = "fanzha.identity"

    def ready(self) -> None:
        """Log-in is an audited action of ours, so Django must not write `last_login` itself."""
        from django.contrib.auth.models import update_last_login
        from django.contrib.auth.signals import user_logged_in

        user_logged_in.disconnect(update_last_login, dispatch_uid="update_last_login")
