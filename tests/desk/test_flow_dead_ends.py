"""Where a fund flow ends in bad input: each has its sentence and its next step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse

from fanzha.desk.flow import result
from fanzha.identity.acting import acting_for
from fanzha.movements import actions as movements
from fanzha.movements.models import Statement
from tests.build import MULE, OTHER_MULE
from tests.cast import DUTY, NOON
from tests.desk.browser import browser, shown, stored
from tests.desk.test_flow import VICTIM, case, minutes, noon_in_english, statement
from tests.movements.build import line, table

if TYPE_CHECKING:
    import pytest

    from fanzha.cases.models import Case
    from fanzha.identity.models import Officer

__all__ = ["case", "noon_in_english"]


def other_statement(case: Case, by: Officer) -> None:
    """The same account again: without the transfer to the second mule, with one to a third."""
    facts = {"card_no": MULE, "holder_name": "贾某"}
    rows = [
        line(**facts, txn_time=minutes(-30), amount_fen="482300.00", cp_account_no=VICTIM,
             balance_fen="482300.00"),
        line(**facts, txn_time=minutes(-20), amount_fen="300000.00", direction="出",
             cp_account_no="6299019876543210999", balance_fen="182300.00"),
        line(**facts, txn_time=minutes(-10), amount_fen="82000.00", direction="出",
             summary="ATM取现", balance_fen="100300.00"),
    ]  # fmt: skip
    with acting_for(by):
        movements.import_statement(
            by, table(*rows).encode(), file_name="second.csv", case_id=case.pk, at=NOON, ground=DUTY
        )


def page(by: Officer, case: Case, language: str = "en", query: str = "") -> str:
    return shown(browser(by, language).get(reverse("desk:flow", args=[case.number]) + query))


def test_statements_that_disagree_are_told_with_both_files_and_a_next_step(
    lin: Officer, chen: Officer, case: Case
) -> None:
    statement(case, chen)
    assert "disagree" not in page(lin, case)
    other_statement(case, chen)
    told = page(lin, case)
    assert "two statements disagree about the time that both cover" in told
    for each in stored(Statement, case_id=case.pk):
        assert reverse("desk:statement", args=[case.number, each.public_id]) in told
    assert told.count("rows only there: 1") == 2
    assert reverse("desk:pairs", args=[case.number]) in told
    assert "两份流水在共同覆盖的时段内不一致" in page(lin, case, "zh-hans")
    assert MULE not in told
    assert OTHER_MULE not in told


def test_a_trace_that_was_given_up_says_so_and_offers_larger_transfers(
    lin: Officer, chen: Officer, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(result, "MOST_STEPS", 0)
    statement(case, chen)
    told = page(lin, case)
    assert "The trace was given up after its last step" in told
    assert "?least=500" in told
    assert "?least=2000" in page(lin, case, query="?least=500")
