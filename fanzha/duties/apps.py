"""Duties as a Django app."""

from __future__ import annotations

from django.apps import AppConfig


class DutiesConfig(AppConfig):
    """Clocks and orders."""

    name = "fanzha.duties"
