"""Companion tables in a case: what they say joins the accounts of its statements."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fanzha.identity.acting import acting_for
from fanzha.movements import actions, beside, queries, rules
from tests import build
from tests.cast import DUTY, NOON
from tests.movements.build import A, line, table
from tests.movements.test_companions import TABLES

if TYPE_CHECKING:
    from pathlib import Path

    from fanzha.cases.models import Case
    from fanzha.identity.models import Officer
    from fanzha.movements.models import Statement

ACCOUNT = "990100000001"


@pytest.fixture
def case(lin: Officer, own_lake: Path) -> Case:
    return build.case(lin)


def imported(by: Officer, case: Case, text: str) -> Statement:
    with acting_for(by):
        return actions.import_statement(
            by, text.encode(), file_name="made.csv", case_id=case.pk, at=NOON, ground=DUTY
        )


def test_a_companion_joins_card_and_account_of_two_statements(chen: Officer, case: Case) -> None:
    imported(chen, case, table(line(card_no=A)))
    imported(chen, case, table(line(card_no="", account_no=ACCOUNT, amount_fen="7.00")))
    with acting_for(chen):
        assert queries.transfers_of_case(case.pk).key_of[ACCOUNT] == ACCOUNT
    told = imported(chen, case, TABLES["bank_accounts"][0])
    assert (told.source, told.rows_read, told.rows_kept, told.account) == ("companion", 2, 2, A)
    with acting_for(chen):
        assert queries.transfers_of_case(case.pk).key_of[ACCOUNT] == A
        (found,) = beside.belongings(case.pk, [ACCOUNT])
        assert (found.statement, found.is_same) == (told.public_id, True)
        assert (found.belonging.row_no, found.belonging.one) == (2, A)
        assert [each.told["account_status"] for each in beside.facts(case.pk)] == ["正常"] * 2
        assert queries.source_of(told) == TABLES["bank_accounts"][0].encode()


def test_a_bound_card_leads_on_but_is_no_name_of_the_wallet(chen: Officer, case: Case) -> None:
    imported(chen, case, TABLES["tenpay_registration"][0])
    with acting_for(chen):
        found = list(beside.belongings(case.pk, ["wallet1"]))
    assert [each.is_same for each in found] == [False] * 3


def test_a_companion_is_imported_once(chen: Officer, case: Case) -> None:
    imported(chen, case, TABLES["bank_persons"][0])
    with pytest.raises(rules.AlreadyImported):
        imported(chen, case, TABLES["bank_persons"][0])
    with acting_for(chen):
        assert list(beside.belongings(case.pk)) == []
