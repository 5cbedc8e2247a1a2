"""Prepared reads: planned once, watched like every statement, and bound by the same policies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fanzha.identity.acting import acting_for
from fanzha.scope.current import ScopeMissing
from fanzha.scope.prepared import rows
from tests import build

if TYPE_CHECKING:
    from fanzha.identity.models import Officer

NUMBERS = "SELECT number FROM cases_case WHERE state = %(state)s"


def test_it_reads_what_the_scope_shows(lin: Officer, wu: Officer) -> None:
    case = build.case(lin)
    with acting_for(lin), CaptureQueriesContext(connection) as queries:
        assert rows(NUMBERS, state="accepted") == [{"number": case.number}]
    assert len(queries) == 1
    with acting_for(wu):
        assert rows(NUMBERS, state="accepted") == []


def test_one_prepared_plan_shows_each_officer_her_own(lin: Officer, wu: Officer) -> None:
    own = {each.username: build.case(each).number for each in (lin, wu)}
    assert connection.connection is not None
    connection.connection.prepare_threshold = 0
    for each in (wu, lin, wu):
        with acting_for(each):
            found = {row["number"] for row in rows(NUMBERS, state="accepted")}
            assert own[each.username] in found
            assert (own["lin"] in found) is (each == lin)
            (plans,) = rows("SELECT generic_plans AS n FROM pg_prepared_statements LIMIT 1")
    assert plans["n"] == 3


def test_without_a_scope_nothing_is_read(db: None) -> None:
    with pytest.raises(ScopeMissing):
        rows(NUMBERS, state="accepted")
