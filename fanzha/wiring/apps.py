"""The wiring as a Django app: installs the page of subscriptions."""

from __future__ import annotations

from django.apps import AppConfig


class WiringConfig(AppConfig):
    """Who listens to what."""

    name = "fanzha.wiring"

    def ready(self) -> None:
        """Install the subscriptions."""
        from fanzha.outbox.announce import listen
        from fanzha.wiring.subscriptions import SUBSCRIPTIONS

        listen(SUBSCRIPTIONS)
