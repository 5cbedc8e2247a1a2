"""Passwords: an older hash still opens the door, and reading it writes nothing."""

from __future__ import annotations

from django.contrib.auth.hashers import make_password

from fanzha.identity.models import Officer
from fanzha.scope.guard import open_action
from tests.cast import officer


def test_a_password_hashed_the_older_way_still_opens_the_door(lin: Officer) -> None:
    older = make_password("an-invented-word", hasher="pbkdf2_sha256")
    token = open_action.set("test")
    Officer.objects.filter(pk=lin.pk).update(password=older)
    open_action.reset(token)
    assert officer("lin").check_password("an-invented-word")
    assert not officer("lin").check_password("another-word")
    assert officer("lin").password == older
