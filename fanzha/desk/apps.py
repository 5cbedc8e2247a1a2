"""The screens as a Django app."""

from __future__ import annotations

from django.apps import AppConfig


class DeskConfig(AppConfig):
    """Screens that span packages."""

    name = "fanzha.desk"
