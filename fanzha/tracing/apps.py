"""Tracing as a Django app."""

from __future__ import annotations

from django.apps import AppConfig


class TracingConfig(AppConfig):
    """Stored traces."""

    name = "fanzha.tracing"
