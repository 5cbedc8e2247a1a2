"""Tables of instructions, their packages, their history and their clocks."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from fanzha.cases.models import Case
from fanzha.instructions.rules import OPEN_STATES, UNDECIDED_STATES, Kind, ReleaseGround, State
from fanzha.scope.fields import LtreeField


class Scoped(models.Model):
    """Columns that follow the case."""

    scoped: ClassVar[bool] = True

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    unit_path = LtreeField()
    restricted = models.BooleanField(default=False)

    class Meta:
        abstract = True


class Package(Scoped):
    """Instructions drafted together and approved together, each object and amount named."""

    public_id = models.CharField(max_length=40, unique=True)
    drafted_by_id = models.BigIntegerField()
    drafted_at = models.DateTimeField()
    permission = models.CharField(max_length=40)


class Instruction(Scoped):
    """One instruction to one institution about one account.

    A release or extension `concerns` the stop or freeze that it ends or prolongs: `asked_until` is
    the new end asked for, `amount_fen` what is to be freed (None: everything), `freed_fen` what the
    bank freed. On the stop or freeze, `release_due_at` is when it has to be released by law.
    A query asks for the rows from `period_since` to `period_until`, or by default when empty.
    """

    public_id = models.CharField(max_length=40, unique=True)
    package = models.ForeignKey(Package, on_delete=models.PROTECT, related_name="instructions")
    kind = models.CharField(max_length=20, choices=[(kind, kind) for kind in Kind])
    state = models.CharField(max_length=20, choices=[(state, state) for state in State])
    account = models.CharField(max_length=60)
    account_name = models.CharField(max_length=80)
    institution_code = models.CharField(max_length=12)
    institution_name = models.CharField(max_length=60)
    amount_fen = models.BigIntegerField(null=True)
    traced_fen = models.BigIntegerField(null=True)
    trace_id = models.BigIntegerField(null=True)
    necessity = models.TextField(blank=True)
    reason = models.TextField()
    payment_id = models.BigIntegerField(null=True)
    out_account = models.CharField(max_length=60, blank=True)
    transfer_fen = models.BigIntegerField(null=True)
    transfer_at = models.DateTimeField(null=True)
    application_id = models.CharField(max_length=36, unique=True)
    paper_number = models.CharField(max_length=60, blank=True)
    drafted_by_id = models.BigIntegerField()
    drafted_at = models.DateTimeField()
    approved_by_id = models.BigIntegerField(null=True)
    approved_for_id = models.BigIntegerField(null=True)
    approved_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    effective_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    ends_rule = models.CharField(max_length=40, blank=True)
    due_at = models.DateTimeField(null=True)
    due_rule = models.CharField(max_length=40, blank=True)
    result_code = models.CharField(max_length=12, blank=True)
    result_text = models.CharField(max_length=300, blank=True)
    balance_fen = models.BigIntegerField(null=True)
    held_fen = models.BigIntegerField(null=True)
    concerns = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="follow_ons"
    )
    release_ground = models.CharField(
        max_length=20, blank=True, choices=[(each, each) for each in ReleaseGround]
    )
    asked_until = models.DateTimeField(null=True)
    period_since = models.DateTimeField(null=True)
    period_until = models.DateTimeField(null=True)
    freed_fen = models.BigIntegerField(null=True)
    release_due_at = models.DateTimeField(null=True)
    release_due_rule = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "kind"],
                condition=models.Q(state__in=sorted(OPEN_STATES))
                & models.Q(kind__in=["stop_payment"]),
                name="one_open_stop_per_account",
            ),
            models.UniqueConstraint(
                fields=["concerns", "kind"],
                condition=models.Q(state__in=sorted(UNDECIDED_STATES)),
                name="one_follow_on_at_a_time",
            ),
        ]
        indexes = [
            models.Index(fields=["case", "kind"], name="instruction_case"),
            models.Index(fields=["state", "ends_at"], name="instruction_ends"),
            models.Index(fields=["state", "due_at"], name="instruction_due"),
            models.Index(fields=["account"], name="instruction_account"),
            models.Index(fields=["answered_at"], name="instruction_answered"),
            models.Index(
                fields=["release_due_at"],
                condition=models.Q(release_due_at__isnull=False),
                name="instruction_release",
            ),
        ]


class Series(models.Model):
    """The papers numbered so far under one word in one year; no person or case is in it."""

    word = models.CharField(max_length=12)
    year = models.IntegerField()
    last = models.IntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["word", "year"], name="one_series_a_year")]


class Guard(models.Model):
    """One account on the guard list, by whose word and why; no person or case is in it."""

    public_id = models.CharField(max_length=40, unique=True)
    account = models.CharField(max_length=60)
    group = models.CharField(max_length=30)
    source = models.TextField()
    noted_by = models.CharField(max_length=80)
    noted_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)
    lifted_by_id = models.BigIntegerField(null=True)
    lift_reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=models.Q(lifted_at=None), name="guarded_once"
            )
        ]


class Change(Scoped):
    """One move of an instruction: who, when, from where to where, by which message, why."""

    instruction = models.ForeignKey(Instruction, on_delete=models.CASCADE, related_name="changes")
    move = models.CharField(max_length=24)
    before = models.CharField(max_length=20)
    after = models.CharField(max_length=20)
    at = models.DateTimeField()
    actor = models.CharField(max_length=80)
    note = models.TextField(blank=True)
    message_id = models.BigIntegerField(null=True)


class Escape(Scoped):
    """Money that left an account while the hold was in force there, by a row of a statement.

    `left_at` is the bank's time with its `precision`; `certain` is false where the row's time or
    the balance leaves it open. A person explains it, and it no longer presses.
    """

    hold = models.ForeignKey(Instruction, on_delete=models.CASCADE, related_name="escapes")
    statement = models.CharField(max_length=40)
    row_no = models.IntegerField()
    amount_fen = models.BigIntegerField()
    balance_fen = models.BigIntegerField(null=True)
    left_at = models.DateTimeField()
    precision = models.CharField(max_length=8)
    certain = models.BooleanField()
    found_at = models.DateTimeField()
    explained_at = models.DateTimeField(null=True)
    explained_by_id = models.BigIntegerField(null=True)
    explanation = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["hold", "statement", "row_no"], name="one_escape_per_row"
            )
        ]
        indexes = [
            models.Index(
                fields=["found_at"], condition=models.Q(explained_at=None), name="escape_open"
            )
        ]


class Batch(Scoped):
    """New rows of a watched account, as one message brought them: what came, what left.

    It presses until an officer has seen it.
    """

    watch = models.ForeignKey(Instruction, on_delete=models.CASCADE, related_name="batches")
    statement = models.CharField(max_length=40, unique=True)
    received_at = models.DateTimeField()
    arrived_fen = models.BigIntegerField()
    left_fen = models.BigIntegerField()
    rows = models.IntegerField()
    seen_at = models.DateTimeField(null=True)
    seen_by_id = models.BigIntegerField(null=True)
    note = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["received_at"], condition=models.Q(seen_at=None), name="batch_unseen"
            )
        ]


class Oral(Scoped):
    """One approval by word of mouth: whose word, given when, called back at which number.

    It presses until the approver confirms or denies it; `due_at` is until when she has to.
    """

    class Verdict(models.TextChoices):
        """What the approver says of it herself."""

        CONFIRMED = "confirmed"
        DENIED = "denied"

    package = models.OneToOneField(Package, on_delete=models.CASCADE, related_name="oral")
    approver_id = models.BigIntegerField()
    called = models.CharField(max_length=40)
    told_at = models.DateTimeField()
    recorded_by_id = models.BigIntegerField()
    recorded_at = models.DateTimeField()
    due_at = models.DateTimeField()
    due_rule = models.CharField(max_length=40)
    verdict = models.CharField(max_length=12, blank=True, choices=Verdict.choices)
    decided_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(decided_at=None), name="oral_open")
        ]


class Decided(models.Model):
    """What waits for an officer's decision, and what she decided and why."""

    decided_by_id = models.BigIntegerField(null=True)
    decided_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)

    class Meta:
        abstract = True


class Review(Decided, Scoped):
    """A second look at stops that a duty head let out, by an officer above her, until `due_at`.

    One of a package waits at a time: what is approved later in the same package joins it.
    """

    class Verdict(models.TextChoices):
        """Whether every one of the stops was right."""

        UPHELD = "upheld"
        WRONG = "wrong"

    package = models.ForeignKey(Package, on_delete=models.CASCADE, related_name="reviews")
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    due_rule = models.CharField(max_length=40)
    verdict = models.CharField(max_length=12, blank=True, choices=Verdict.choices)
    wrong = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["package"], condition=models.Q(decided_at=None), name="one_open_review"
            )
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(decided_at=None), name="review_open")
        ]


class Lead(Decided):
    """What a bank reported by itself, until somebody decides what becomes of it.

    Who and what stands in the message; it belongs to a case only once it was opened or joined.
    """

    scoped: ClassVar[bool] = True

    public_id = models.CharField(max_length=40, unique=True)
    message_id = models.BigIntegerField()
    digest = models.CharField(max_length=64, unique=True)
    tx_code = models.CharField(max_length=12)
    application_id = models.CharField(max_length=80)
    institution_code = models.CharField(max_length=12, blank=True)
    received_at = models.DateTimeField()
    case = models.ForeignKey(Case, null=True, on_delete=models.PROTECT, related_name="+")
    unit_path = LtreeField()
    restricted = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(
                fields=["received_at"], condition=models.Q(decided_at=None), name="lead_open"
            )
        ]


class Settlement(Decided, Scoped):
    """What a bank said on the telephone about an answer that nobody understood.

    It moves nothing until a second officer decides; one waits for that at a time.
    """

    class Verdict(models.TextChoices):
        """Whether the bank did what was asked."""

        DONE = "done"
        NOT_DONE = "not_done"

    instruction = models.ForeignKey(
        Instruction, on_delete=models.CASCADE, related_name="settlements"
    )
    verdict = models.CharField(max_length=12, choices=Verdict.choices)
    told_by = models.CharField(max_length=60)
    called = models.CharField(max_length=40)
    told_at = models.DateTimeField()
    effective_at = models.DateTimeField(null=True)
    evidence = models.TextField()
    recorded_by_id = models.BigIntegerField()
    recorded_at = models.DateTimeField()
    agreed = models.BooleanField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["instruction"],
                condition=models.Q(decided_at=None),
                name="one_open_settlement",
            )
        ]
