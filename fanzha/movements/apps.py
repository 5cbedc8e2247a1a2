"""Movements as a Django app."""

from __future__ import annotations

from django.apps import AppConfig


class MovementsConfig(AppConfig):
    """The manifest of the lake."""

    name = "fanzha.movements"
