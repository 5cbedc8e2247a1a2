"""Layouts that persons mapped. They name columns and words, and hold nothing of a case."""

from __future__ import annotations

from django.db import models


class SavedProfile(models.Model):
    """One version of a layout, in the form of the YAML files; never changed, only followed (R14).

    Everybody in the house reads by it, so no scope guards it.
    """

    name = models.CharField(max_length=30)
    version = models.IntegerField()
    data = models.JSONField()
    officer_id = models.BigIntegerField()
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name", "version"], name="profile_version_once"),
        ]

    def __str__(self) -> str:
        return f"{self.name}@{self.version}"
