"""The manifest of the lake: statements and files of their rows, under row-level security.

It is the only door to those files.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from fanzha.movements.decisions import Decision, IdentityDecision, PairDecision
from fanzha.movements.saved import SavedProfile
from fanzha.scope.fields import LtreeField

__all__ = ["Decision", "IdentityDecision", "PairDecision", "Piece", "SavedProfile", "Statement"]


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

    @property
    def layout(self) -> str:
        """The name of its layout without the version."""
        return self.profile.partition("@")[0]


class Piece(models.Model):
    """What of one statement stands in one file of the lake: buckets `low` to `high` (lake.Stored).

    `run` names what the file was written by: an import (level 0) or a merge (its inputs' level and
    one); files of one merge share no account.
    """

    scoped: ClassVar[bool] = True

    case_id = models.BigIntegerField(db_index=True)
    statement = models.ForeignKey(Statement, models.CASCADE, related_name="pieces")
    name = models.CharField(max_length=80, db_index=True)
    run = models.CharField(max_length=40)
    level = models.SmallIntegerField(default=0)
    low = models.IntegerField()
    high = models.IntegerField()
    rows = models.IntegerField()
    first = models.DateTimeField()
    last = models.DateTimeField()
    unit_path = LtreeField()
    restricted = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(
                fields=["low"], condition=models.Q(low=models.F("high")), name="piece_of_one_bucket"
            ),
            models.Index(
                fields=["low", "high"],
                condition=models.Q(low__lt=models.F("high")),
                name="piece_of_several_buckets",
            ),
        ]
