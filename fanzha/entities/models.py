"""Things known once in the whole city, and every mention of them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from fanzha.scope.fields import LtreeField


class Entity(models.Model):
    """An account, phone, address, app, chat id or wallet, normalised; seen through its mentions."""

    scoped: ClassVar[bool] = True

    kind = models.CharField(max_length=20)
    value = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "value"], name="entity_known_once")]


class Mention(models.Model):
    """Where an entity occurs: which case, which source, which spelling of the name."""

    scoped: ClassVar[bool] = True

    entity = models.ForeignKey(Entity, on_delete=models.CASCADE, related_name="mentions")
    case_id = models.BigIntegerField(null=True)
    role = models.CharField(max_length=30)
    name_as_written = models.CharField(max_length=80)
    source = models.CharField(max_length=80)
    at = models.DateTimeField()
    unit_path = LtreeField()
    restricted = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["entity", "source", "role", "name_as_written"], name="mention_once"
            )
        ]
        indexes = [models.Index(fields=["case_id"], name="mention_case")]
