"""Tables of units, officers and the roles granted to them."""

from __future__ import annotations

from functools import cached_property

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import check_password
from django.db import models

from fanzha.core import clock
from fanzha.core.masking import mask_name
from fanzha.identity import rules
from fanzha.scope.fields import LtreeField


class Unit(models.Model):
    """A unit of the tree: 市-县-所-社区-网格-微网格, or 兵团-师-团-连; the levels are data."""

    path = LtreeField(unique=True)
    name = models.CharField(max_length=80)
    level = models.CharField(max_length=30)

    def __str__(self) -> str:
        return self.name


class Officer(AbstractBaseUser):
    """Somebody who logs in and acts."""

    username = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=60)
    police_number = models.CharField(max_length=20, blank=True)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="officers")
    is_active = models.BooleanField(default=True)
    must_set_password = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    USERNAME_FIELD = "username"
    objects = BaseUserManager["Officer"]()

    def __str__(self) -> str:
        return self.username

    def check_password(self, raw_password: str | None) -> bool:
        """Whether the password is right. Django would also re-hash it here, outside any action."""
        return check_password(raw_password, self.password)

    @cached_property
    def role_codes(self) -> frozenset[str]:
        """The roles granted and not withdrawn."""
        return frozenset(self.grants.filter(until=None).values_list("role", flat=True))

    def holds(self, permission: str) -> bool:
        """Whether a role of the officer carries the permission."""
        return self.is_active and rules.allowed(self.role_codes, permission)

    def may(self, permission: str) -> bool:
        """Whether she holds the permission, or stands in now for somebody who does."""
        return self.holds(permission) or self.stands_in_for(permission) is not None

    def stands_in_for(self, permission: str) -> Officer | None:
        """Whose right she uses; None where she holds it herself, or may not."""
        if not self.is_active or permission not in rules.lendable() or self.holds(permission):
            return None
        at = clock.now()
        return next(
            (
                each.giver
                for each in self._lent
                if each.permission == permission
                and each.since <= at < each.until
                and each.giver.holds(permission)
            ),
            None,
        )

    @cached_property
    def _lent(self) -> list[Delegation]:
        """What was lent to her and not taken back."""
        found = self.stands_in.filter(withdrawn_at=None, until__gt=clock.now())
        return list(found.select_related("giver__unit").order_by("id"))

    @property
    def masked_name(self) -> str:
        """The surname only."""
        return mask_name(self.name)


class RoleGrant(models.Model):
    """A role given to an officer, dated; withdrawn grants stay as history."""

    officer = models.ForeignKey(Officer, on_delete=models.CASCADE, related_name="grants")
    role = models.CharField(max_length=40)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)


class Delegation(models.Model):
    """A right that an approver lent to a deputy for a span; one that is over stays as history."""

    giver = models.ForeignKey(Officer, on_delete=models.CASCADE, related_name="lends")
    deputy = models.ForeignKey(Officer, on_delete=models.CASCADE, related_name="stands_in")
    permission = models.CharField(max_length=40)
    since = models.DateTimeField()
    until = models.DateTimeField()
    reason = models.TextField()
    given_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
