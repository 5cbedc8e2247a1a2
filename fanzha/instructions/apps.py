"""Instructions as a Django app."""

from __future__ import annotations

from django.apps import AppConfig


class InstructionsConfig(AppConfig):
    """Query, stop, freeze."""

    name = "fanzha.instructions"
