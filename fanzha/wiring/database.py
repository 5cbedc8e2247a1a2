"""Starting the embedded server, migrating as the owner, and the command's way into Django."""

from __future__ import annotations

import os


def setup_django() -> None:
    """Load settings and apps once; commands that need no database never call this."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fanzha.wiring.settings")
    import django

    django.setup()


def start() -> None:
    """Start the embedded server unless the installation brings its own, and make its database."""
    from django.conf import settings

    if settings.USES_EMBEDDED:
        from fanzha.wiring.home import ensure_home

        ensure_home()
        settings.EMBEDDED.start()
        settings.EMBEDDED.ensure_database(settings.DATABASES["default"]["NAME"])


def migrate(*, quiet: bool = True) -> None:
    """Bring the tables up to date, as the owner."""
    from django.core.management import call_command

    call_command("migrate", database="owner", verbosity=0 if quiet else 1, interactive=False)
