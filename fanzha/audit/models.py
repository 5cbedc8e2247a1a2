"""Tables of the audit log. Entries and blocks are only ever appended (trigger and grants)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from fanzha.scope.fields import LtreeField


class Entry(models.Model):
    """One thing that somebody did: actor, moment, action, object, ground, facts."""

    scoped: ClassVar[bool] = True

    at = models.DateTimeField()
    actor = models.CharField(max_length=80)
    officer_id = models.BigIntegerField(null=True)
    action = models.CharField(max_length=80)
    object_kind = models.CharField(max_length=40)
    object_id = models.CharField(max_length=80)
    case_id = models.BigIntegerField(null=True)
    ground_kind = models.CharField(max_length=40)
    ground_ref = models.CharField(max_length=80)
    ground_reason = models.TextField()
    facts = models.JSONField()
    origin = models.CharField(max_length=60)
    unit_path = LtreeField()
    restricted = models.BooleanField(default=False)
    xid = models.BigIntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["case_id", "id"], name="audit_entry_case"),
            models.Index(fields=["object_kind", "object_id"], name="audit_entry_object"),
            models.Index(fields=["xid", "id"], name="audit_entry_xid"),
        ]


class Block(models.Model):
    """A sealed run of entries: ids with digests in order, and the hash that chains it."""

    number = models.BigIntegerField(primary_key=True)
    previous = models.CharField(max_length=64)
    members = models.JSONField()
    hash = models.CharField(max_length=64)
    last_xid = models.BigIntegerField()
    sealed_at = models.DateTimeField()
