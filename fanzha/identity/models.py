"""Tables of units, officers and the roles granted to them."""

from __future__ import annotations

from functools import cached_property

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import check_password
from django.db import models

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

    def may(self, permission: str) -> bool:
        """Whether a role of the officer carries the permission."""
        return self.is_active and rules.allowed(self.role_codes, permission)

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
