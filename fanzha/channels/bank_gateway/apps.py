"""The bank gateway as a Django app."""

from __future__ import annotations

from django.apps import AppConfig


class BankGatewayConfig(AppConfig):
    """Messages to and from banks."""

    name = "fanzha.channels.bank_gateway"
