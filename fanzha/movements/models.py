"""The manifest of the lake: the only door to its files, guarded by row-level security."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from fanzha.scope.fields import LtreeField


class Statement(models.Model):
    """One imported statement: whose, from which bytes, how its rows were disposed of."""

    scoped: ClassVar[bool] = True

    public_id = models.CharField(max_length=40, unique=True)
    case_id = models.BigIntegerField()
    account = models.CharField(max_length=60)
    institution_code = models.CharField(max_length=12, blank=True)
    file_name = models.CharField(max_length=200)
    file_sha256 = models.CharField(max_length=64)
    profile = models.CharField(max_length=40)
    source = models.CharField(max_length=80)
    imported_at = models.DateTimeField()
    rows_read = models.IntegerField()
    rows_kept = models.IntegerField()
    rows_duplicate = models.IntegerField()
    rows_rejected = models.IntegerField()
    rows_skipped = models.IntegerField()
    sums = models.JSONField()
    rejects = models.JSONField()
    findings = models.JSONField()
    first = models.DateTimeField(null=True)
    last = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)
    balance_fen = models.BigIntegerField(null=True)
    truncated = models.BooleanField(default=False)
    lake_file = models.CharField(max_length=200)
    unit_path = LtreeField()
    restricted = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case_id", "file_sha256"], name="statement_imported_once"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    rows_read=models.F("rows_kept")
                    + models.F("rows_duplicate")
                    + models.F("rows_rejected")
                ),
                name="statement_rows_add_up",
            ),
        ]
