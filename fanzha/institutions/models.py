"""The register of institutions."""

from __future__ import annotations

from django.db import models


class Institution(models.Model):
    """A bank or payment firm: its code in messages, its names, the card prefixes it told us."""

    code = models.CharField(max_length=12, unique=True)
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=30, default="bank")
    card_prefixes = models.JSONField(default=list)
    registered_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name

    @property
    def mark(self) -> str:
        """One sign that stands for the institution in narrow places."""
        return self.name[:1]
