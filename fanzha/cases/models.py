"""Cases, the members of restricted ones, what officers write beside or join in the fund flow."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from fanzha.scope.fields import LtreeField


class Case(models.Model):
    """A case: number, state of filing, handling unit, type."""

    scoped: ClassVar[bool] = True

    public_id = models.CharField(max_length=40, unique=True)
    number = models.CharField(max_length=30, unique=True)
    state = models.CharField(max_length=20)
    fraud_type = models.CharField(max_length=4, blank=True)
    victim_name = models.CharField(max_length=80)
    search_text = models.TextField()
    opened_at = models.DateTimeField()
    filed_at = models.DateTimeField(null=True)
    filed_by_id = models.BigIntegerField(null=True)
    filing_number = models.CharField(max_length=60, blank=True)
    closed_at = models.DateTimeField(null=True)
    keep_until = models.DateTimeField(null=True)
    keep_rule = models.CharField(max_length=40, blank=True, db_default="")
    erasure_proposed_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)
    unit_path = LtreeField()
    restricted = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["-opened_at"], name="case_opened"),
            models.Index(fields=["state", "-opened_at"], name="case_state"),
        ]

    def __str__(self) -> str:
        return self.number


class Member(models.Model):
    """An officer who belongs to a case; a restricted case is seen by its members only."""

    scoped: ClassVar[bool] = True

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="members")
    officer_id = models.BigIntegerField()
    since = models.DateTimeField()
    unit_path = LtreeField()
    restricted = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "officer_id"], name="member_once")]
        # Every policy asks for an officer's restricted cases, in every statement.
        indexes = [models.Index(fields=["officer_id"], name="member_officer")]


class Note(models.Model):
    """What an officer wrote about an account of the case, or (`account` empty) about all of it."""

    scoped: ClassVar[bool] = True

    public_id = models.CharField(max_length=40, unique=True)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="notes")
    account = models.CharField(max_length=60, blank=True)
    text = models.TextField()
    officer_id = models.BigIntegerField()
    written_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    unit_path = LtreeField()
    restricted = models.BooleanField(default=False)


class Bridge(models.Model):
    """Money that an officer joins by hand: it went from one account to another.

    `row_id` names the transfer to nobody whose payee it is; empty where no statement shows one.
    """

    scoped: ClassVar[bool] = True

    public_id = models.CharField(max_length=40, unique=True)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="bridges")
    payer = models.CharField(max_length=60)
    payee = models.CharField(max_length=60)
    row_id = models.CharField(max_length=60, blank=True)
    amount_fen = models.BigIntegerField()
    moved_at = models.DateTimeField()
    reason = models.TextField()
    officer_id = models.BigIntegerField()
    written_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    unit_path = LtreeField()
    restricted = models.BooleanField(default=False)


class FollowedHub(models.Model):
    """An officer's decision that money be followed through an account that pays very many."""

    scoped: ClassVar[bool] = True

    public_id = models.CharField(max_length=40, unique=True)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="followed_hubs")
    account = models.CharField(max_length=60)
    reason = models.TextField()
    officer_id = models.BigIntegerField()
    written_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    unit_path = LtreeField()
    restricted = models.BooleanField(default=False)


class FlowStep(models.Model):
    """What an officer may undo in a fund flow: she wrote the target, or (`back`) withdrew it."""

    scoped: ClassVar[bool] = True

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="flow_steps")
    officer_id = models.BigIntegerField()
    target = models.CharField(max_length=40)
    back = models.BooleanField(default=False)
    done_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)
    unit_path = LtreeField()
    restricted = models.BooleanField(default=False)


class SavedView(models.Model):
    """A picture of the fund flow that an officer named: the end of its address."""

    scoped: ClassVar[bool] = True

    public_id = models.CharField(max_length=40, unique=True)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="views")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=300, blank=True)
    officer_id = models.BigIntegerField()
    saved_at = models.DateTimeField()
    unit_path = LtreeField()
    restricted = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "officer_id", "name"], name="view_named_once")
        ]
