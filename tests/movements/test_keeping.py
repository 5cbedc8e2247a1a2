"""A long table of transfers is read by another process, and never when anything changed."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

import pytest
from django.conf import settings

from fanzha.identity.acting import acting_for
from fanzha.movements import actions, keeping, lake, lasting, queries
from fanzha.movements.gathered import Gathered, Version, recent
from fanzha.movements.groups import UNDECIDED
from fanzha.movements.pairing import UNJUDGED
from tests import build
from tests.cast import DUTY, NOON, officer
from tests.movements.build import line, table

if TYPE_CHECKING:
    from pathlib import Path

    from fanzha.cases.models import Case
    from fanzha.identity.models import Officer

OWN, OTHER = "6299011234567890128", "6299019876543210981"


@pytest.fixture(autouse=True)
def lake_of_its_own(own_lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "LEAST_ROWS", 1)


def tell(by: Officer, case: Case, *, minute: int) -> None:
    text = table(
        line(card_no=OWN, txn_time=f"2026-11-23 09:{minute:02}:00", amount_fen="100.00",
             cp_account_no=OTHER, balance_fen="100.00"),
    )  # fmt: skip
    actions.import_statement(
        by, text.encode(), file_name=f"{minute}.csv", case_id=case.pk, at=NOON, ground=DUTY
    )


def files(case: Case) -> list[Path]:
    return list((settings.LAKE / f"case-{case.pk}").glob("*.made"))


def same(one: Gathered, other: Gathered) -> bool:
    return all(getattr(one, each.name) == getattr(other, each.name) for each in fields(one))


def test_what_was_kept_is_what_was_joined(chen: Officer) -> None:
    case = build.case(officer("lin"))
    with acting_for(chen):
        tell(chen, case, minute=1)
        joined = queries.gathered_of_case(case.pk)
        assert keeping.kept(case.pk, joined.version) is None
        lasting.keep(case.pk, joined, {})
        recent.parts.clear()
        kept = queries.gathered_of_case(case.pk)
    assert kept is not joined
    assert same(kept, joined)


def test_another_statement_makes_another_table_and_the_old_file_goes(chen: Officer) -> None:
    case = build.case(officer("lin"))
    with acting_for(chen):
        tell(chen, case, minute=1)
        before = queries.gathered_of_case(case.pk)
        lasting.keep(case.pk, before, {})
        tell(chen, case, minute=2)
        after = queries.gathered_of_case(case.pk)
        assert after.table.num_rows == before.table.num_rows + 1
        lasting.keep(case.pk, before, {})
        assert keeping.kept(case.pk, after.version) is None
        lasting.keep(case.pk, after, {})
        assert keeping.kept(case.pk, before.version) is None
    assert len(files(case)) == 1


def test_short_tables_are_not_worth_a_file(chen: Officer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "LEAST_ROWS", 2)
    case = build.case(officer("lin"))
    with acting_for(chen):
        tell(chen, case, minute=1)
        lasting.keep(case.pk, queries.gathered_of_case(case.pk), {})
    assert files(case) == []


def test_nothing_is_kept_when_the_case_was_erased_meanwhile(
    chen: Officer, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = build.case(officer("lin"))
    with acting_for(chen):
        tell(chen, case, minute=1)
        found = queries.gathered_of_case(case.pk)
        nothing = Version((), UNJUDGED, UNDECIDED)
        monkeypatch.setattr(lasting, "version_of_case", lambda _: nothing)
        lasting.keep(case.pk, found, {})
    assert files(case) == []


def test_the_table_goes_with_the_folder_of_its_case(chen: Officer) -> None:
    case = build.case(officer("lin"))
    with acting_for(chen):
        tell(chen, case, minute=1)
        lasting.keep(case.pk, queries.gathered_of_case(case.pk), {})
    assert len(files(case)) == 1
    lake.erase(case.pk)
    assert files(case) == []
