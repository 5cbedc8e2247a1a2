"""Several tables of one payment firm stand beside each other in a case and are never added up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fanzha.identity.acting import acting_for
from fanzha.movements import actions, columnar, looks, queries
from fanzha.movements.columnar import blocks
from fanzha.movements.firm_tables import SameMoney, refuse_sum, views
from tests import build
from tests.cast import DUTY, NOON
from tests.movements.test_pairing_tables import OWN, TRADE, account, balance, bank, summary

if TYPE_CHECKING:
    from pathlib import Path

    from fanzha.cases.models import Case
    from fanzha.identity.models import Officer
    from fanzha.movements.looks import Held
    from fanzha.movements.models import Statement


@pytest.fixture
def case(lin: Officer, own_lake: Path) -> Case:
    return build.case(lin)


def imported(by: Officer, case: Case, *contents: bytes) -> list[Statement]:
    with acting_for(by):
        return [
            actions.import_statement(
                by, content, file_name="a.csv", case_id=case.pk, at=NOON, ground=DUTY
            )
            for content in contents
        ]


def held(case: Case) -> Held:
    return next(each for each in looks.accounts_of_case(case.pk) if OWN in each.numbers)


def test_tables_of_one_firm_are_views_and_those_of_two_are_not() -> None:
    assert views(["payment_firm_20", "alipay_balance"]) == ["alipay_balance", "payment_firm_20"]
    assert views(["payment_firm_20", "bank_34"]) == ["bank_34", "payment_firm_20"]
    for apart in (["tenpay", "alipay_balance"], ["bank_34", "alipay_balance"], ["tenpay"] * 2, []):
        assert views(apart) == []
        refuse_sum(apart)


def test_a_sum_over_two_views_is_refused_and_says_which(chen: Officer, case: Case) -> None:
    imported(chen, case, balance(), summary())
    with acting_for(chen):
        assert looks.views_of(held(case)) == ["alipay_balance", "payment_firm_20"]
        with pytest.raises(SameMoney, match="alipay_balance, payment_firm_20 tell the same"):
            looks.entries(case.pk, {OWN})
        for layout in ("alipay_balance", "payment_firm_20"):
            rows = looks.entries(case.pk, {OWN}, table=layout)
            assert rows["amount_fen"].to_pylist() == [50_000]


def test_tables_that_tell_other_money_stay_beside_the_chosen_one(chen: Officer, case: Case) -> None:
    imported(chen, case, balance(), balance(TRADE[:-1] + "2"))
    with acting_for(chen):
        assert looks.views_of(held(case)) == []
        assert looks.entries(case.pk, {OWN})["amount_fen"].to_pylist() == [50_000] * 2


@pytest.mark.parametrize("large", [False, True])
def test_a_row_of_one_view_is_no_repeat_of_a_row_of_another(
    chen: Officer, case: Case, monkeypatch: pytest.MonkeyPatch, *, large: bool
) -> None:
    # Else the better table, imported later, would lose the rows that the lesser one told first,
    # and those of the lesser do not count beside it.
    if large:
        monkeypatch.setattr(columnar, "LARGE", 0)
        monkeypatch.setattr(blocks, "BLOCK", 1000)
    second = TRADE[:-1] + "2"
    lesser = account().replace(b"12:00:02", b"12:00:01")
    better = balance() + b"\n" + balance(second).split(b"\n")[1]
    told = imported(chen, case, lesser, better, better + b"\n")
    assert [(each.rows_kept, each.rows_duplicate) for each in told] == [(1, 0), (2, 0), (0, 2)]
    with acting_for(chen):
        found = queries.transfers_of_case(case.pk).transfers
    assert [each.amount_fen for each in found] == [50_000, 50_000]


def test_the_thirty_four_columns_and_the_summary_of_one_number_count_once(
    chen: Officer, case: Case
) -> None:
    imported(chen, case, bank(), summary())
    with acting_for(chen), pytest.raises(SameMoney):
        looks.entries(case.pk, {OWN})
