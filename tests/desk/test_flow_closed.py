"""Accounts of restricted cases: hidden from the fund flow of others, asked for, opened."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from fanzha.cases import actions as cases
from fanzha.desk.actions import take_report
from fanzha.duties.models import Order
from fanzha.identity.acting import acting_for
from fanzha.instructions.models import Instruction
from tests import build
from tests.build import MULE, OTHER_MULE
from tests.cast import DUTY, NOON
from tests.desk.browser import HTMX, browser, shown, stored
from tests.desk.test_flow import case, data, draft, noon_in_english, row_of, statement

if TYPE_CHECKING:
    from fanzha.cases.models import Case
    from fanzha.identity.models import Officer

__all__ = ["case", "noon_in_english"]


@pytest.fixture
def kept(zhao: Officer, lin: Officer, chen: Officer, case: Case) -> Case:
    """A case of Zhao's that names the second mule and that she alone may see."""
    statement(case, chen)
    told = build.report(
        build.payment(to=OTHER_MULE), victim_name="吴梅", victim_phone="11200000009"
    )
    with acting_for(zhao):
        other = take_report(zhao, told, at=NOON, ground=DUTY, draft=False).case
        cases.restrict(zhao, other, at=NOON, ground=DUTY)
    return other


def node_of(officer: Officer, case: Case) -> str:
    (row,) = [each for each in data(officer, case)["table"] if each["state"] == "closed"]
    found: str = row["node"]
    return found


def drawer(officer: Officer, case: Case, node: str, language: str = "en") -> str:
    address = reverse("desk:flow_drawer", args=[case.number, node])
    return shown(browser(officer, language).get(address, headers=HTMX))


def ask(officer: Officer, case: Case, node: str, reason: str = "to follow the money") -> Any:
    address = reverse("desk:flow_ask", args=[case.number, node])
    return browser(officer).post(address, {"reason": reason})


def test_the_account_is_shown_as_restricted_and_the_totals_stay_exact(
    lin: Officer, zhao: Officer, case: Case, kept: Case
) -> None:
    seen, hidden = data(zhao, case), data(lin, case)
    assert seen["figures"] == hidden["figures"]
    assert row_of(seen, OTHER_MULE[-4:])["received_fen"] == 30_000_000
    (row,) = [each for each in hidden["table"] if each["state"] == "closed"]
    assert (row["account"], row["institution"], row["tier"]) == ("", "", 2)
    assert "received_fen" not in row
    assert [step["kind"] for step in row["next"]] == ["ask_owner"]
    texts = [
        shown(browser(lin).get(reverse("desk:flow", args=[case.number]))),
        drawer(lin, case, row["node"]),
        shown(browser(lin).get(reverse("desk:flow_findings", args=[case.number]))),
        shown(browser(lin).get(reverse("desk:flow_copy", args=[case.number, "flow.csv"]))),
        shown(browser(lin).get(reverse("desk:flow_copy", args=[case.number, "picture.svg"]))),
        shown(browser(lin).get(reverse("desk:flow_copy", args=[case.number, "flow.ftm.json"]))),
    ]
    assert not any(OTHER_MULE[-4:] in text for text in texts)
    assert all(kept.number not in text for text in texts)
    assert "Restricted" in texts[0]
    assert "Another case keeps this account to its members" in texts[1]


def test_what_could_open_it_is_refused(lin: Officer, case: Case, kept: Case) -> None:
    node = node_of(lin, case)
    for form in ({"kind": "stop_payment"}, {"kind": "transaction_query"}):
        assert draft(lin, case, node, **form).status_code == 403
    reveal = reverse("desk:flow_reveal", args=[case.number, node, "account"])
    assert browser(lin).post(reveal, {"reason": "to know"}).status_code == 403
    rows = reverse("desk:flow_rows", args=[case.number, f"{node}.in"])
    assert browser(lin).get(rows).status_code == 403
    full = reverse("desk:flow_copy", args=[case.number, "flow.csv"])
    assert OTHER_MULE not in browser(lin).post(full, {"reason": "to read"}).content.decode("utf-8")
    assert stored(Instruction, account=OTHER_MULE) == []


def test_its_owner_is_asked_signs_and_opens_it(
    lin: Officer, zhao: Officer, case: Case, kept: Case
) -> None:
    node = node_of(lin, case)
    assert ask(lin, case, node, " ").status_code == 409
    assert ask(lin, case, node).status_code == 302
    assert ask(lin, case, node).status_code == 302
    (order,) = stored(Order, kind="see_account")
    assert (order.unit_path, order.case_number, order.restricted) == ("lj", kept.number, True)
    assert "to be signed for by" in drawer(lin, case, node)
    page = f"/orders/{order.public_id}/"
    assert browser(lin).get(page).status_code == 404
    assert "to follow the money" in shown(browser(zhao).get(page))
    browser(zhao).post(f"{page}sign/")
    assert "signed for" in drawer(lin, case, node)
    browser(zhao).post(f"{page}answer/", {"result": "granted", "text": "请共享查询结果"})
    assert row_of(data(lin, case), OTHER_MULE[-4:])["received_fen"] == 30_000_000


def test_a_refusal_is_told_and_the_account_stays_closed(
    lin: Officer, zhao: Officer, case: Case, kept: Case
) -> None:
    node = node_of(lin, case)
    ask(lin, case, node)
    (order,) = stored(Order, kind="see_account")
    browser(zhao).post(f"/orders/{order.public_id}/sign/")
    browser(zhao).post(
        f"/orders/{order.public_id}/answer/", {"result": "refused", "text": "侦查中，请电话联系"}
    )
    told = drawer(lin, case, node, "zh-hans")
    assert "侦查中，请电话联系" in told
    assert re.search(r"不同意", told)
    assert node_of(lin, case) == node


def test_what_the_own_victim_told_stays(lin: Officer, zhao: Officer, case: Case) -> None:
    paid = build.payment(1_000_000, MULE, from_account="6299030000000000009")
    told = build.report(paid, victim_name="吴梅", victim_phone="11200000009")
    with acting_for(zhao):
        other = take_report(zhao, told, at=NOON, ground=DUTY, draft=False).case
        assert other.pk != case.pk
        cases.restrict(zhao, other, at=NOON, ground=DUTY)
    assert row_of(data(lin, case), MULE[-4:])["state"] == "not_queried"
