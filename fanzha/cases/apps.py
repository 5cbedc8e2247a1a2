"""Cases as a Django app."""

from __future__ import annotations

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """The case file."""

    name = "fanzha.cases"
