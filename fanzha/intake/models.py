"""Reports as told, and the payments of the victims."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from fanzha.core.masking import last4, mask_name
from fanzha.scope.fields import LtreeField


class Report(models.Model):
    """One report through one door, word for word, with the form that was confirmed beside it."""

    scoped: ClassVar[bool] = True

    public_id = models.CharField(max_length=40, unique=True)
    form_token = models.CharField(max_length=40, unique=True)
    door = models.CharField(max_length=20)
    reported_at = models.DateTimeField()
    told = models.TextField()
    ongoing = models.CharField(max_length=10)
    victim_name = models.CharField(max_length=80)
    victim_phone = models.CharField(max_length=30)
    victim_id_number = models.CharField(max_length=30)
    fraud_type = models.CharField(max_length=4, blank=True)
    fraud_reason = models.CharField(max_length=300, blank=True)
    taken_by_id = models.BigIntegerField()
    case_id = models.BigIntegerField(null=True)
    unit_path = LtreeField()
    restricted = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["case_id"], name="report_case"),
            models.Index(fields=["reported_at"], name="report_at"),
        ]

    @property
    def victim_masked(self) -> str:
        """The victim's surname only."""
        return mask_name(self.victim_name)


class Payment(models.Model):
    """One payment of a victim; the same payment told through two doors is one with two sources."""

    scoped: ClassVar[bool] = True

    public_id = models.CharField(max_length=40, unique=True)
    case_id = models.BigIntegerField(null=True)
    kind = models.CharField(max_length=30)
    amount_fen = models.BigIntegerField()
    paid_at = models.DateTimeField(null=True)
    from_account = models.CharField(max_length=60, blank=True)
    from_institution = models.CharField(max_length=12, blank=True)
    to_account = models.CharField(max_length=60, blank=True)
    to_institution = models.CharField(max_length=12, blank=True)
    to_name = models.CharField(max_length=80, blank=True)
    to_hint = models.CharField(max_length=200, blank=True)
    complete = models.BooleanField()
    movement_id = models.CharField(max_length=80, blank=True)
    unit_path = LtreeField()
    restricted = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(amount_fen__gt=0), name="payment_is_positive")
        ]
        indexes = [models.Index(fields=["case_id"], name="payment_case")]

    @property
    def to_last4(self) -> str:
        """Last four signs of the payee's account."""
        return last4(self.to_account)


class PaymentSource(models.Model):
    """That a report told of a payment, in its own figures and spelling."""

    scoped: ClassVar[bool] = True

    payment = models.ForeignKey(Payment, on_delete=models.CASCADE, related_name="sources")
    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="tellings")
    as_told = models.JSONField()
    unit_path = LtreeField()
    restricted = models.BooleanField(default=False)
    case_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["payment", "report"], name="payment_told_once")
        ]
