"""Institutions as a Django app."""

from __future__ import annotations

from django.apps import AppConfig


class InstitutionsConfig(AppConfig):
    """The register of institutions."""

    name = "fanzha.institutions"
