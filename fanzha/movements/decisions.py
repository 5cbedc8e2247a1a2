"""What persons decided about rows and numbers: kept as data with author, time and reason."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from fanzha.scope.fields import LtreeField


class Decision(models.Model):
    """Somebody's judgement, in force until it is undone; neither is ever overwritten."""

    scoped: ClassVar[bool] = True

    public_id = models.CharField(max_length=40, unique=True)
    case_id = models.BigIntegerField(db_index=True)
    same = models.BooleanField()
    reason = models.CharField(max_length=400)
    officer_id = models.BigIntegerField()
    decided_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)
    undone_by_id = models.BigIntegerField(null=True)
    undone_reason = models.CharField(max_length=400, blank=True)
    unit_path = LtreeField()
    restricted = models.BooleanField(default=False)

    class Meta:
        abstract = True


class PairDecision(Decision):
    """Two rows are one transfer (`same`), or are not.

    Rows are named by the bytes they came from, so that the decision holds when the same file is
    imported again.
    """

    out_sha256 = models.CharField(max_length=64)
    out_row = models.IntegerField()
    in_sha256 = models.CharField(max_length=64)
    in_row = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case_id", "out_sha256", "out_row", "in_sha256", "in_row"],
                condition=models.Q(undone_at=None),
                name="pair_decided_once",
            ),
            models.UniqueConstraint(
                fields=["case_id", "out_sha256", "out_row"],
                condition=models.Q(undone_at=None, same=True),
                name="payer_row_in_one_pair",
            ),
            models.UniqueConstraint(
                fields=["case_id", "in_sha256", "in_row"],
                condition=models.Q(undone_at=None, same=True),
                name="payee_row_in_one_pair",
            ),
        ]


class IdentityDecision(Decision):
    """Two numbers (`one` < `other`) mean one account (`same`), or do not."""

    one = models.CharField(max_length=60)
    other = models.CharField(max_length=60)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case_id", "one", "other"],
                condition=models.Q(undone_at=None),
                name="identity_decided_once",
            ),
        ]
