"""The tables of clocks and orders."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from fanzha.duties.orders import OPEN_STATES
from fanzha.duties.orders import State as OrderState
from fanzha.duties.rules import State
from fanzha.scope.fields import LtreeField


class Scoped(models.Model):
    """Columns that say who sees the row; of a case they follow the case."""

    scoped: ClassVar[bool] = True

    case_id = models.BigIntegerField(null=True)
    unit_path = LtreeField()
    restricted = models.BooleanField(default=False)

    class Meta:
        abstract = True


class Clock(Scoped):
    """One clock: which rule, about what, from when to when; the unit of the row is pressed.

    `presses` are the moments at which it presses, the end last, and `pressed` how many have been
    told; `next_press_at` is the first that has not, None when all have. An open clock has no
    `closed_at`: it runs, or its end is past and the duty is still owed.
    """

    rule = models.CharField(max_length=40)
    version = models.IntegerField()
    basis = models.CharField(max_length=80)
    about_kind = models.CharField(max_length=20)
    about = models.CharField(max_length=40)
    started_at = models.DateTimeField()
    due_at = models.DateTimeField()
    presses = ArrayField(models.DateTimeField())
    pressed = models.IntegerField(default=0)
    next_press_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, choices=[(each, each) for each in State])
    closed_at = models.DateTimeField(null=True)
    escalated_path = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["about_kind", "about", "rule"], condition=models.Q(closed_at=None),
                name="clock_runs_once",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(
                fields=["next_press_at"], name="clock_press",
                condition=models.Q(closed_at=None, next_press_at__isnull=False),
            ),
            models.Index(
                fields=["due_at", "id"], name="clock_open", condition=models.Q(closed_at=None)
            ),
            models.Index(
                fields=["escalated_path", "due_at"], name="clock_escalated",
                condition=models.Q(closed_at=None) & ~models.Q(escalated_path=""),
            ),
            models.Index(
                fields=["rule", "due_at", "id"], name="clock_rule",
                condition=models.Q(closed_at=None),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.rule} {self.about}"


class Order(Scoped):
    """One order to the unit of the row, with deadlines; objects carry masked numbers only.

    `cause` names what made the platform issue it, once; officers' orders have none. A restricted
    case's order is seen by the members of the case.
    """

    public_id = models.CharField(max_length=40, unique=True)
    kind = models.CharField(max_length=30)
    priority = models.CharField(max_length=10)
    text = models.TextField()
    objects_told = models.JSONField(default=list)
    case_number = models.CharField(max_length=30, blank=True)
    cause = models.CharField(max_length=120, blank=True)
    issuer_id = models.BigIntegerField(null=True)
    issuer_path = LtreeField()
    issued_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=[(each, each) for each in OrderState])
    sign_due_at = models.DateTimeField()
    feedback_due_at = models.DateTimeField()
    signed_by_id = models.BigIntegerField(null=True)
    signed_at = models.DateTimeField(null=True)
    answered_by_id = models.BigIntegerField(null=True)
    answered_at = models.DateTimeField(null=True)
    result = models.CharField(max_length=30, blank=True)
    feedback = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["cause"], condition=~models.Q(cause=""), name="order_caused_once"
            )
        ]
        indexes = [
            models.Index(fields=["state", "-id"], name="order_state"),
            models.Index(fields=["unit_path", "-id"], name="order_unit"),
            models.Index(
                fields=["feedback_due_at"], name="order_open",
                condition=models.Q(state__in=sorted(OPEN_STATES)),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.public_id


class OrderStep(Scoped):
    """One move of an order: who, when, with which words."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="steps")
    move = models.CharField(max_length=12)
    after = models.CharField(max_length=10)
    at = models.DateTimeField()
    actor = models.CharField(max_length=80)
    result = models.CharField(max_length=30, blank=True)
    text = models.TextField(blank=True)
