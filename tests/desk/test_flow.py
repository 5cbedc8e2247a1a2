"""The fund-flow screen: equal figures in data, picture and table; drafts; nothing in full."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse
from django.utils import translation

from fanzha.audit.models import Entry
from fanzha.cases import actions as cases
from fanzha.core import clock
from fanzha.desk.actions import take_report
from fanzha.desk.flow.result import refresh
from fanzha.identity.acting import acting_for, system_scope
from fanzha.instructions import actions as instructions
from fanzha.instructions.actions import Answer
from fanzha.instructions.models import Instruction
from fanzha.instructions.rules import Kind, Move
from fanzha.movements import actions as movements
from tests import build
from tests.build import MULE, OTHER_MULE
from tests.cast import DUTY, NOON, officer
from tests.desk.browser import HTMX, browser, shown
from tests.movements.build import line, table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fanzha.cases.models import Case
    from fanzha.identity.models import Officer

VICTIM = "6299020000000000002"
PAID = 48_230_000


@pytest.fixture(autouse=True)
def noon_in_english(own_lake: Path) -> Iterator[None]:
    with clock.held_at(NOON), translation.override("en"):
        yield


@pytest.fixture
def case(lin: Officer) -> Case:
    """482,300.00 went to a mule, who passed on 300,000.00 and drew 82,000.00 in cash."""
    build.bank()
    with acting_for(lin):
        told = take_report(lin, build.report(build.payment()), at=NOON, ground=DUTY, draft=False)
    return told.case


def statement(case: Case, by: Officer) -> None:
    rows = [
        line(card_no=MULE, holder_name="贾某", txn_time=minutes(-30), amount_fen="482300.00",
             cp_account_no=VICTIM, balance_fen="482300.00"),
        line(card_no=MULE, holder_name="贾某", txn_time=minutes(-20), amount_fen="300000.00",
             direction="出", cp_account_no=OTHER_MULE, cp_name="钱某", balance_fen="182300.00"),
        line(card_no=MULE, holder_name="贾某", txn_time=minutes(-10), amount_fen="82000.00",
             direction="出", summary="ATM取现", balance_fen="100300.00"),
    ]  # fmt: skip
    with acting_for(by):
        movements.import_statement(
            by, table(*rows).encode(), file_name="bank.csv", case_id=case.pk, at=NOON, ground=DUTY
        )
    with system_scope("test") as system:
        refresh(system, case.pk, DUTY)


def minutes(count: float) -> str:
    return f"{NOON + timedelta(minutes=count):%Y-%m-%d %H:%M:%S}"


def data(officer: Officer, case: Case) -> dict[str, Any]:
    found: dict[str, Any] = (
        browser(officer).get(reverse("desk:flow_data", args=[case.number])).json()
    )
    return found


def row_of(found: dict[str, Any], tail: str) -> dict[str, Any]:
    return next(row for row in found["table"] if row["account"].endswith(tail))


def draft(officer: Officer, case: Case, node: str, **form: str) -> Any:
    return browser(officer).post(reverse("desk:flow_draft", args=[case.number, node]), form)


def stopped(case: Case, liang: Officer, account: str = MULE) -> None:
    """A stop of the account, approved and in effect."""
    lin = officer("lin")
    with acting_for(lin):
        wanted = build.draft(Kind.STOP, account)
        (package,) = instructions.draft(lin, case, [wanted], at=NOON, ground=DUTY)
    with acting_for(liang):
        instructions.approve(liang, package, at=NOON, ground=DUTY)
    with system_scope("test") as system:
        order = package.instructions.select_related("case", "package").get()
        instructions.send(system, order, at=NOON, ground=DUTY)
        answer = Answer(Move.TAKE_EFFECT, "0000", "", balance_fen=10_030_000)
        instructions.record_reply(system, order, answer, message_id=1, at=NOON, ground=DUTY)


def test_before_any_statement_the_payee_is_a_gap_and_a_query_is_offered(
    lin: Officer, case: Case
) -> None:
    found = data(lin, case)
    row = row_of(found, MULE[-4:])
    assert (row["state"], row["in_account_fen"], row["tier"]) == ("not_queried", PAID, 1)
    assert [step["kind"] for step in row["next"]] == ["stop_payment", "transaction_query"]
    page = browser(lin).get(reverse("desk:flow", args=[case.number])).content.decode()
    assert "Nobody has looked into" in page


def test_figures_nodes_and_table_say_the_same(lin: Officer, chen: Officer, case: Case) -> None:
    statement(case, chen)
    found = data(lin, case)
    figures = found["figures"]
    assert figures == {
        "paid": PAID, "stopped": 0, "frozen": 0, "transit": 40_030_000, "unknown": 0,
        "gone": 8_200_000, "returned": 0,
    }  # fmt: skip
    mule = row_of(found, MULE[-4:])
    assert (mule["received_fen"], mule["passed_fen"]) == (PAID, 38_200_000)
    assert (mule["in_account_fen"], mule["other_fen"]) == (10_030_000, 0)
    assert mule["dwell_seconds"] == round((600 * 300 + 1200 * 82) / 382)
    assert row_of(found, OTHER_MULE[-4:])["in_account_fen"] == 30_000_000
    assert {node["id"] for node in found["picture"]["nodes"]} == {r["node"] for r in found["table"]}


def test_no_full_number_or_name_stands_in_pages_data_or_addresses(
    lin: Officer, chen: Officer, case: Case
) -> None:
    statement(case, chen)
    found = data(lin, case)
    client = browser(lin)
    texts = [
        client.get(reverse("desk:flow", args=[case.number])).content.decode(),
        client.get(reverse("desk:flow_data", args=[case.number])).content.decode(),
    ]
    for row in found["table"]:
        address = reverse("desk:flow_drawer", args=[case.number, row["node"]])
        texts += [address, client.get(address, headers=HTMX).content.decode()]
    for secret in (MULE, OTHER_MULE, VICTIM, "周敏", "贾某", "钱某"):
        assert not any(secret in text for text in texts)


def test_a_stop_is_drafted_with_the_facts_of_the_trace(
    lin: Officer, chen: Officer, case: Case
) -> None:
    statement(case, chen)
    node = row_of(data(lin, case), OTHER_MULE[-4:])["node"]
    answer = draft(lin, case, node, kind="stop_payment")
    assert answer.status_code == 302
    assert f"node={node}" in answer.url
    with acting_for(lin):
        made = Instruction.objects.get(account=OTHER_MULE)
    assert (made.kind, made.state, made.account_name) == (
        "stop_payment",
        "awaiting_approval",
        "钱某",
    )
    assert (made.transfer_fen, made.out_account) == (30_000_000, MULE)
    assert made.transfer_at == NOON - timedelta(minutes=20)
    assert made.institution_name == "江岚银行"


def test_the_same_draft_twice_is_refused_with_a_sentence(
    lin: Officer, chen: Officer, case: Case
) -> None:
    statement(case, chen)
    node = row_of(data(lin, case), OTHER_MULE[-4:])["node"]
    draft(lin, case, node, kind="stop_payment")
    answer = draft(lin, case, node, kind="stop_payment")
    assert answer.status_code == 409
    assert "already under way" in answer.content.decode()


def test_a_freeze_waits_for_filing_and_is_limited_to_what_was_traced(
    lin: Officer, chen: Officer, liang: Officer, case: Case
) -> None:
    statement(case, chen)
    stopped(case, liang)
    row = row_of(data(lin, case), MULE[-4:])
    assert (row["state"], [step["kind"] for step in row["next"]]) == ("stopped", ["file"])
    assert draft(lin, case, row["node"], kind="freeze").status_code == 409
    with acting_for(liang):
        cases.file_case(liang, case, "岚公立字〔2026〕1号", at=NOON, ground=DUTY)
    assert row_of(data(lin, case), MULE[-4:])["next"][0]["kind"] == "freeze"
    refused = draft(lin, case, row["node"], kind="freeze", amount_yuan="200,000")
    assert (refused.status_code, "100,300.00" in refused.content.decode()) == (409, True)
    assert draft(lin, case, row["node"], kind="freeze", amount_yuan="ten").status_code == 409
    assert draft(lin, case, row["node"], kind="freeze").status_code == 302
    with acting_for(lin):
        made = Instruction.objects.get(kind=Kind.FREEZE)
    assert (made.amount_fen, made.traced_fen) == (10_030_000, 10_030_000)
    assert made.trace_id is not None


def test_who_may_not_draft_sees_no_button_and_is_refused(
    lin: Officer, liang: Officer, case: Case
) -> None:
    node = row_of(data(lin, case), MULE[-4:])["node"]
    address = reverse("desk:flow_drawer", args=[case.number, node])
    drawn = {
        each.username: browser(each).get(address, headers=HTMX).content.decode()
        for each in (lin, liang)
    }
    assert "btn-order" in drawn["lin"]
    assert "btn-order" not in drawn["liang"]
    assert draft(liang, case, node, kind="stop_payment").status_code == 403


def test_another_district_does_not_find_the_case(wu: Officer, case: Case) -> None:
    for name in ("flow", "flow_data", "flow_news"):
        assert browser(wu).get(reverse(f"desk:{name}", args=[case.number])).status_code == 404


def test_every_figure_leads_to_its_rows_with_file_and_row_number(
    lin: Officer, chen: Officer, case: Case
) -> None:
    statement(case, chen)
    node = row_of(data(lin, case), MULE[-4:])["node"]
    page = browser(lin).get(reverse("desk:flow_rows", args=[case.number, f"{node}.out"]))
    text = page.content.decode()
    assert "bank.csv" in text
    assert "row 3" in text
    assert "300,000.00" in text
    figures = {
        "paid": "482,300.00", "transit": "400,300.00", "gone": "82,000.00",
        f"{node}.in": "482,300.00", f"{node}.here": "100,300.00",
    }  # fmt: skip
    for ref, figure in figures.items():
        answer = browser(lin).get(reverse("desk:flow_rows", args=[case.number, ref]), headers=HTMX)
        told = re.search(r"Traced in these rows</dt><dd[^>]*><span[^>]*>([^<]*)", shown(answer))
        assert told is not None
        assert told[1] == figure
    missing = browser(lin).get(reverse("desk:flow_rows", args=[case.number, "none"]))
    assert missing.status_code == 404


def test_a_number_is_shown_in_full_for_a_reason_that_is_kept(lin: Officer, case: Case) -> None:
    node = row_of(data(lin, case), MULE[-4:])["node"]
    address = reverse("desk:flow_reveal", args=[case.number, node, "account"])
    assert browser(lin).post(address, {"reason": " "}).status_code == 409
    shown = browser(lin).post(address, {"reason": "read back to the bank"})
    assert MULE in shown.content.decode()
    with acting_for(lin):
        kept = Entry.objects.filter(action="entities.reveal").get()
    assert (kept.case_id, kept.ground_reason) == (case.pk, "read back to the bank")


def test_the_page_hears_of_new_rows(lin: Officer, chen: Officer, case: Case) -> None:
    client = browser(lin)
    page = client.get(reverse("desk:flow", args=[case.number]))
    address = re.findall(r'hx-get="([^"]*/flow/news/[^"]*)"', page.content.decode())[0]
    assert client.get(address).status_code == 204
    statement(case, chen)
    assert "New: 3 rows" in client.get(address).content.decode()


def test_asking_for_news_does_not_keep_an_abandoned_session_alive(lin: Officer, case: Case) -> None:
    client = browser(lin)
    sessions, key = Session.objects, client.session.session_key
    before = sessions.get(pk=key).expire_date - timedelta(minutes=5)
    sessions.filter(pk=key).update(expire_date=before)
    with clock.held_at(NOON + timedelta(minutes=5)):
        client.get(reverse("desk:flow_news", args=[case.number]))
        assert sessions.get(pk=key).expire_date == before
        client.get(reverse("desk:flow", args=[case.number]))
    assert sessions.get(pk=key).expire_date > before


def test_a_case_without_payments_says_what_will_be_drawn(lin: Officer) -> None:
    empty = build.case(lin)
    page = browser(lin).get(reverse("desk:flow", args=[empty.number]))
    assert (page.status_code, "Nobody has told of a payment" in page.content.decode()) == (
        200,
        True,
    )
    assert data(lin, empty) == {"case": empty.number, "table": [], "seen": "0---0"}
