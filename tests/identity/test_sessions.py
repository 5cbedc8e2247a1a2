"""The idle time-out is renewed once a minute, and who is logged in comes in one read."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fanzha.identity.backends import OfficerBackend
from fanzha.identity.models import Officer, RoleGrant
from fanzha.scope.guard import open_action
from tests.cast import NOON
from tests.desk.browser import browser

if TYPE_CHECKING:
    from django.test import Client


def end(client: Client) -> Session:
    return Session.objects.get(pk=client.session.session_key)


def move_end(client: Client, by: timedelta) -> None:
    session = end(client)
    Session.objects.filter(pk=session.pk).update(expire_date=session.expire_date + by)


def test_a_session_is_renewed_once_its_end_was_set_a_minute_ago(lin: Officer) -> None:
    client = browser(lin)
    renewed = {}
    for seconds in (40, 61):
        move_end(client, -timedelta(seconds=seconds))
        before = end(client).expire_date
        client.get("/cases/")
        renewed[seconds] = end(client).expire_date > before
    assert renewed == {40: False, 61: True}


def test_an_ended_session_opens_nothing(lin: Officer) -> None:
    client = browser(lin)
    move_end(client, -timedelta(seconds=settings.SESSION_COOKIE_AGE + 1))
    assert client.get("/cases/").status_code == 302


def test_a_page_that_only_reads_writes_no_session(lin: Officer) -> None:
    client = browser(lin)
    with CaptureQueriesContext(connection) as queries:
        client.get("/cases/")
    assert not [each for each in queries if each["sql"].startswith(("UPDATE", "INSERT"))]


def test_the_officer_comes_with_unit_and_roles_in_one_read(han: Officer) -> None:
    with CaptureQueriesContext(connection) as queries:
        found = OfficerBackend().get_user(han.pk)
        assert found is not None
        assert (found, found.unit.path) == (han, "lj.hd")
        assert found.role_codes == {"investigator", "duty_officer"}
        assert found.may("report.file")
    assert len(queries) == 1


def test_a_withdrawn_role_and_an_officer_who_left_open_nothing(lin: Officer) -> None:
    token = open_action.set("test")
    try:
        RoleGrant.objects.filter(officer=lin).update(until=NOON)
        found = OfficerBackend().get_user(lin.pk)
        assert found is not None
        assert not found.may("report.file")
        Officer.objects.filter(pk=lin.pk).update(is_active=False)
    finally:
        open_action.reset(token)
    assert OfficerBackend().get_user(lin.pk) is None
    assert OfficerBackend().get_user(0) is None
