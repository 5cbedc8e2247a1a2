"""Joined by hand: tracing follows it, everything says so, drafts rest on none; undo and redo."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from fanzha.audit.models import Entry
from fanzha.cases import actions
from fanzha.cases.models import Bridge, Note
from fanzha.cases.rules import (
    REASON_SIGNS,
    BridgeAhead,
    BridgeToItself,
    BridgeUnclear,
    NothingToRedo,
    NothingToUndo,
    check_bridge,
)
from fanzha.desk.actions import take_report
from fanzha.desk.flow.result import flow_of
from fanzha.identity.acting import acting_for
from fanzha.movements import actions as movements
from tests import build
from tests.build import MULE, OTHER_MULE
from tests.cast import DUTY, NOON
from tests.desk.browser import HTMX, browser, shown, stored
from tests.desk.test_flow import (
    PAID,
    case,
    data,
    draft,
    minutes,
    noon_in_english,
    row_of,
    statement,
)
from tests.movements.build import line, table

if TYPE_CHECKING:
    from fanzha.cases.models import Case
    from fanzha.identity.models import Officer

__all__ = ["case", "noon_in_english"]
THIRD = "6299035550000000017"
CASH = 8_200_000
RULES = ("fifo", "lifo", "rolling_pro_rata", "own_first")


def panel(officer: Officer, case: Case) -> str:
    return shown(browser(officer).get(reverse("desk:flow_joins", args=[case.number]), headers=HTMX))


def cash_row(officer: Officer, case: Case) -> str:
    """The transfer to nobody as the form offers it."""
    return panel(officer, case).partition('value="row:')[2].partition('"')[0]


def join(officer: Officer, case: Case, **form: str) -> Any:
    told = {"source": f"row:{cash_row(officer, case)}", "payee": THIRD, "reason": "seen on camera"}
    return browser(officer).post(reverse("desk:flow_join", args=[case.number]), told | form)


def joined(case: Case, by: Officer, **facts: Any) -> Bridge:
    """5,000.00 from the second mule to a third account, shown by nothing."""
    told: dict[str, Any] = {
        "payer": OTHER_MULE,
        "payee": THIRD,
        "amount_fen": 500_000,
        "reason": "told by a bank",
    }
    told |= {"moved_at": NOON - timedelta(minutes=5)}
    with acting_for(by):
        return actions.join_by_hand(by, case, **(told | facts), at=NOON, ground=DUTY)


def step(officer: Officer, case: Case, what: str) -> Any:
    return browser(officer).post(reverse(f"desk:flow_{what}", args=[case.number]))


@pytest.mark.parametrize(
    ("payee", "fen", "minutes_ahead", "reason", "refusal"),
    [
        ("A", 1, 0, "x", BridgeToItself),
        ("B", 0, 0, "x", BridgeUnclear),
        ("B", 1, 0, "", BridgeUnclear),
        ("B", 1, 0, "x" * (REASON_SIGNS + 1), BridgeUnclear),
        ("B", 1, 1, "x", BridgeAhead),
    ],
)
def test_a_join_says_what_went_where_and_why(
    payee: str, fen: int, minutes_ahead: int, reason: str, refusal: type[Exception]
) -> None:
    check_bridge("A", "B", 1, NOON, "x" * REASON_SIGNS, NOON)
    with pytest.raises(refusal):
        check_bridge("A", payee, fen, NOON + timedelta(minutes=minutes_ahead), reason, NOON)


def test_cash_that_was_joined_to_an_account_lies_there_and_drafts_do_not_rest_on_it(
    lin: Officer, chen: Officer, case: Case
) -> None:
    statement(case, chen)
    answer = join(chen, case)
    assert answer.status_code == 302
    found = data(lin, case)
    assert found["figures"]["gone"] == 0
    assert found["figures"]["paid"] == PAID == sum(found["figures"].values()) - PAID
    third = row_of(found, THIRD[-4:])
    assert (third["received_fen"], third["tier"]) == (CASH, 2)
    (edge,) = (e for e in found["picture"]["edges"] if e["by_hand"])
    assert (edge["fen"], edge["by_hand"], edge["target"]) == (CASH, 1, third["node"])
    assert draft(lin, case, third["node"], kind="stop_payment").status_code == 404
    mule = row_of(found, MULE[-4:])["node"]
    drawer = reverse("desk:flow_drawer", args=[case.number, mule])
    page = shown(browser(lin).get(drawer, headers=HTMX))
    assert "nothing cut or joined by hand" in page
    plain = browser(lin).get(reverse("desk:flow_data", args=[case.number]) + "?plain=1").json()
    assert plain["figures"]["gone"] == CASH
    with acting_for(lin):
        assert not (flow_of(case.pk) or pytest.fail("no flow")).given.bridges


@pytest.mark.parametrize("rule", RULES)
def test_under_every_rule_what_was_joined_is_counted_once(
    chen: Officer, case: Case, rule: str
) -> None:
    statement(case, chen)
    join(chen, case)
    joined(case, chen)
    with acting_for(chen):
        flow = flow_of(case.pk, rule=rule, by_hand=True)
    assert flow is not None
    assert len(flow.links) == 2
    assert sum(flow.figures.values()) - flow.figures["paid"] == PAID


def test_both_statements_show_a_joined_transfer_and_it_moves_once(
    chen: Officer, case: Case
) -> None:
    statement(case, chen)
    rows = [
        line(card_no=THIRD, txn_time=minutes(-8), amount_fen="82000.00", balance_fen="90000.00",
             summary="ATM存现"),
    ]  # fmt: skip
    with acting_for(chen):
        movements.import_statement(
            chen, table(*rows).encode(), file_name="third.csv", case_id=case.pk, at=NOON,
            ground=DUTY,
        )  # fmt: skip
    join(chen, case, moved_at="2026-03-18T11:50:30")
    found = data(chen, case)
    third = row_of(found, THIRD[-4:])
    assert (third["received_fen"], third["in_account_fen"], third["other_fen"]) == (
        CASH, CASH, 800_000,
    )  # fmt: skip
    (edge,) = (e for e in found["picture"]["edges"] if e["by_hand"])
    rows_of = reverse("desk:flow_rows", args=[case.number, edge["id"]])
    page = shown(browser(chen).get(rows_of, headers=HTMX))
    assert "seen on camera" in page
    assert chen.name in page
    assert "bank.csv" in page
    assert "third.csv" in page
    with acting_for(chen):
        flow = flow_of(case.pk, by_hand=True)
    assert flow is not None
    assert [int(flow.trace.movements.time_to[row]) for row in flow.links] == [
        int((NOON - timedelta(minutes=8)).timestamp())
    ]


def test_what_the_payees_statement_alone_shows_gets_its_payer(chen: Officer, case: Case) -> None:
    statement(case, chen)
    rows = [line(card_no=THIRD, txn_time=minutes(-4), amount_fen="5000.00", balance_fen="5000.00")]
    with acting_for(chen):
        movements.import_statement(
            chen, table(*rows).encode(), file_name="third.csv", case_id=case.pk, at=NOON,
            ground=DUTY,
        )  # fmt: skip
    joined(case, chen, payer=MULE)
    assert row_of(data(chen, case), THIRD[-4:])["in_account_fen"] == 500_000


def test_every_copy_says_what_was_joined_by_hand(chen: Officer, case: Case) -> None:
    statement(case, chen)
    join(chen, case, reason=f"like {MULE}")
    client = browser(chen)
    for form, words in {
        "flow.csv": ("人工连接", "1 笔，共 82,000.00 元"),
        "flow.graphml": ("人工连接",),
        "picture.svg": ("人工", 'stroke-dasharray="5 7"'),
    }.items():
        text = client.get(reverse("desk:flow_copy", args=[case.number, form])).content.decode()
        assert all(word in text for word in words)
        assert MULE not in text
    page = shown(client.get(reverse("desk:flow", args=[case.number])))
    assert "ff-by-hand" in page
    assert "Joined by hand: 1, drawn with gaps." in page
    assert f"like ...{MULE[-4:]}" in panel(chen, case)


def test_an_officer_undoes_and_redoes_her_own_steps_only(
    lin: Officer, chen: Officer, case: Case
) -> None:
    statement(case, chen)
    bridge = joined(case, chen)
    with acting_for(chen):
        actions.write_note(chen, case, "x", account=MULE, at=NOON, ground=DUTY)
    assert step(lin, case, "undo").status_code == 409
    assert [step(chen, case, "undo").status_code for _ in range(3)] == [302, 302, 409]
    assert stored(Bridge, withdrawn_at=None) == stored(Note, withdrawn_at=None) == []
    assert THIRD[-4:] not in str(data(chen, case)["table"])
    assert [step(chen, case, "redo").status_code for _ in range(3)] == [302, 302, 409]
    assert len(stored(Bridge, withdrawn_at=None)) == len(stored(Note, withdrawn_at=None)) == 1
    part = reverse("desk:flow_part", args=[case.number, bridge.public_id])
    assert browser(lin).post(part).status_code == 302
    assert browser(lin).post(part).status_code == 404
    assert step(lin, case, "undo").status_code == 302
    assert row_of(data(chen, case), THIRD[-4:])["received_fen"] == 500_000
    second = row_of(data(chen, case), OTHER_MULE[-4:])
    assert (second["state"], second["in_account_fen"]) == ("not_queried", 29_500_000)
    done = {entry.action for entry in stored(Entry)}
    assert {"cases.undo", "cases.redo", "cases.part_again", "cases.join_by_hand"} <= done
    assert not any(THIRD in str(entry.facts) for entry in stored(Entry))


def test_a_new_step_ends_what_could_be_redone(chen: Officer, case: Case) -> None:
    joined(case, chen)
    with acting_for(chen):
        actions.undo(chen, case, at=NOON, ground=DUTY)
    joined(case, chen)
    with acting_for(chen), pytest.raises(NothingToRedo):
        actions.redo(chen, case, at=NOON, ground=DUTY)


def test_what_a_colleague_withdrew_is_not_undone_again(
    lin: Officer, chen: Officer, case: Case
) -> None:
    bridge = joined(case, chen)
    with acting_for(lin):
        actions.part_again(lin, case, bridge.public_id, at=NOON, ground=DUTY)
    with acting_for(chen), pytest.raises(NothingToUndo):
        actions.undo(chen, case, at=NOON, ground=DUTY)


def test_the_form_says_what_is_missing(
    lin: Officer, chen: Officer, admin: Officer, case: Case
) -> None:
    statement(case, chen)
    node = row_of(data(chen, case), MULE[-4:])["node"]
    whole = {"source": node, "amount_yuan": "5", "moved_at": "2026-03-18T11:00"}
    assert join(chen, case, payee="6299 **** 1111").status_code == 409
    assert join(chen, case, payee="somebody").status_code == 409
    assert join(chen, case, source="row:none").status_code == 404
    for wrong in ({"amount_yuan": "x"}, {"moved_at": "soon"}, {"target": node}, {"reason": " "}):
        assert join(chen, case, **(whole | wrong)).status_code == 409
    assert stored(Bridge) == []
    assert browser(admin).post(reverse("desk:flow_join", args=[case.number])).status_code == 403
    drawer = reverse("desk:flow_drawer", args=[case.number, node])
    assert "Join to another account by hand" in shown(browser(lin).get(drawer, headers=HTMX))


def test_the_panel_is_a_page_in_both_languages(lin: Officer, case: Case) -> None:
    for language, word in (("en", "Joined by hand"), ("zh-hans", "人工连接")):
        address = reverse("desk:flow_joins", args=[case.number])
        assert word in shown(browser(lin, language).get(address))


def test_a_courier_whom_the_victim_told_of_leads_on_to_an_account(
    lin: Officer, chen: Officer
) -> None:
    paid = build.payment(kind="cash_courier", to_account="")
    with acting_for(lin):
        told = take_report(lin, build.report(paid), at=NOON, ground=DUTY, draft=False)
    case = told.case
    assert join(chen, case).status_code == 302
    assert row_of(data(chen, case), THIRD[-4:])["tier"] == 1
