"""The table of clocks."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

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
                fields=["rule", "due_at", "id"], name="clock_rule",
                condition=models.Q(closed_at=None),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.rule} {self.about}"
