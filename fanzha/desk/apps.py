"""The screens as a Django app."""

from __future__ import annotations

from django.apps import AppConfig


class DeskConfig(AppConfig):
    """Screens that span packages."""

    name = "fanzha.desk"

    def ready(self) -> None:
        """A log-in is kept by an action of ours."""
        from django.contrib.auth.signals import user_logged_in

        from fanzha.desk.views.access import keep_log_in

        user_logged_in.connect(keep_log_in, dispatch_uid="fanzha.desk.log_in")
