"""Stored traces: a result with everything that is needed to replay it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from fanzha.scope.fields import LtreeField


class StoredTrace(models.Model):
    """One result for one case: rule, hash of the input, engine, figures, the whole result."""

    scoped: ClassVar[bool] = True

    case_id = models.BigIntegerField()
    rule = models.CharField(max_length=30)
    input_sha256 = models.CharField(max_length=64)
    engine = models.CharField(max_length=40)
    seeded_fen = models.BigIntegerField()
    result = models.JSONField()
    computed_at = models.DateTimeField()
    unit_path = LtreeField()
    restricted = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["case_id", "-id"], name="trace_case")]
