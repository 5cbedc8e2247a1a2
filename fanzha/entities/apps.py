"""Entities as a Django app."""

from __future__ import annotations

from django.apps import AppConfig


class EntitiesConfig(AppConfig):
    """Accounts, phones, addresses: each known once."""

    name = "fanzha.entities"
