"""Front-ends that banks are reached through, and every raw message sent or received."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from fanzha.scope.fields import LtreeField


class FrontEnd(models.Model):
    """A front-end serves one or several institutions; the platform calls it."""

    url = models.CharField(max_length=200, unique=True)
    token = models.CharField(max_length=200)
    poll_seconds = models.FloatField(default=2)
    cursor = models.BigIntegerField(default=0)
    last_answer_at = models.DateTimeField(null=True)
    failing_since = models.DateTimeField(null=True)
    last_failure = models.CharField(max_length=300, blank=True)
    their_key = models.CharField(max_length=60, blank=True, db_default="")
    """By which its signatures are checked; where one stands, both sides sign every body."""
    drained_at = models.DateTimeField(null=True)
    """When we last asked while a delivery was in doubt, and afterwards had all there was."""


class Route(models.Model):
    """Which front-end an institution is reached through, and how handing over to it goes.

    `failures` in a row make the route rest until `rest_until`; `opened_at` is since when it counts
    as broken. A person pauses it, and it waits until a person resumes it.
    """

    institution_code = models.CharField(max_length=12, unique=True)
    front_end = models.ForeignKey(FrontEnd, on_delete=models.PROTECT, related_name="routes")
    failures = models.IntegerField(db_default=0)
    rest_until = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    last_failure = models.CharField(max_length=300, db_default="", blank=True)
    paused_at = models.DateTimeField(null=True)
    paused_by_id = models.BigIntegerField(null=True)
    pause_reason = models.CharField(max_length=300, db_default="", blank=True)


class Message(models.Model):
    """One raw message, kept word for word; outgoing ones with the life of their delivery.

    Outgoing messages of one `order_key` arrive in their order; an empty key stands in no order.
    """

    scoped: ClassVar[bool] = True

    class State(models.TextChoices):
        """Delivery of an outgoing message, handling of an incoming one."""

        QUEUED = "queued"
        POSTING = "posting"
        DELIVERED = "delivered"
        REJECTED = "rejected"
        RECEIVED = "received"
        HANDLED = "handled"
        UNKNOWN = "unknown"

    outgoing = models.BooleanField()
    front_end = models.ForeignKey(FrontEnd, on_delete=models.PROTECT)
    institution_code = models.CharField(max_length=12, db_default="", blank=True)
    state = models.CharField(max_length=12, choices=State.choices)
    serial = models.CharField(max_length=80)
    tx_code = models.CharField(max_length=12)
    application_id = models.CharField(max_length=80)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField()
    order_key = models.CharField(max_length=80)
    attempts = models.IntegerField(default=0)
    resends = models.IntegerField(db_default=0)
    tried_at = models.DateTimeField(null=True)
    retry_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    gateway_code = models.CharField(max_length=12)
    note = models.CharField(max_length=300)
    cursor = models.BigIntegerField(null=True)
    case_id = models.BigIntegerField(null=True)
    unit_path = LtreeField()
    restricted = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["serial"], condition=models.Q(outgoing=True), name="message_sent_once"
            ),
            models.UniqueConstraint(
                fields=["front_end", "cursor", "sha256"],
                condition=models.Q(outgoing=False),
                name="message_received_once",
            ),
        ]
        indexes = [
            models.Index(fields=["application_id"], name="message_application"),
            models.Index(
                fields=["retry_at"],
                condition=models.Q(state__in=["queued", "posting"]),
                name="message_due",
            ),
            models.Index(
                fields=["institution_code", "id"],
                condition=models.Q(state__in=["queued", "posting"]),
                name="message_line",
            ),
            models.Index(
                fields=["order_key", "id"],
                condition=models.Q(state__in=["queued", "posting"]),
                name="message_order",
            ),
            models.Index(
                fields=["institution_code", "at"],
                condition=models.Q(outgoing=True),
                name="message_lately",
            ),
            models.Index(
                fields=["id"],
                condition=models.Q(state="unknown", outgoing=False),
                name="message_unknown",
            ),
            models.Index(
                fields=["front_end", "at"],
                condition=models.Q(state="received", outgoing=False),
                name="message_unread",
            ),
        ]
