"""Accounts that pay very many: not followed by themselves, followed for a reason, undone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from fanzha.cases.models import FollowedHub
from fanzha.desk.flow import inputs
from fanzha.desk.tasks import retrace
from fanzha.tracing.models import StoredTrace
from tests.build import MULE, OTHER_MULE
from tests.desk.browser import HTMX, browser, shown, stored
from tests.desk.test_flow import (
    PAID,
    VICTIM,
    case,
    data,
    draft,
    noon_in_english,
    row_of,
    statement,
    stopped,
)

if TYPE_CHECKING:
    from fanzha.cases.models import Case
    from fanzha.identity.models import Officer

__all__ = ["case", "noon_in_english"]
RULES = ("fifo", "lifo", "rolling_pro_rata", "own_first")


@pytest.fixture
def hub(chen: Officer, case: Case, monkeypatch: pytest.MonkeyPatch) -> Case:
    """The mule, who pays one other account, already counts as a hub."""
    monkeypatch.setattr(inputs, "MOST_PAYEES", 0)
    statement(case, chen)
    return case


def node_of(officer: Officer, case: Case) -> str:
    found: str = row_of(data(officer, case), MULE[-4:])["node"]
    return found


def post(officer: Officer, case: Case, what: str, **form: str) -> Any:
    address = reverse(f"desk:flow_{what}", args=[case.number, node_of(officer, case)])
    return browser(officer).post(address, form)


def page(officer: Officer, case: Case, language: str = "en") -> str:
    address = reverse("desk:flow", args=[case.number])
    return shown(browser(officer, language).get(address))


def step(officer: Officer, case: Case, what: str) -> int:
    done = browser(officer).post(reverse(f"desk:flow_{what}", args=[case.number]))
    return int(done.status_code)


@pytest.mark.parametrize("rule", RULES)
def test_what_comes_to_a_hub_ends_there_as_unknown_by_every_rule(
    lin: Officer, hub: Case, rule: str
) -> None:
    address = reverse("desk:flow_data", args=[hub.number])
    found = browser(lin).get(f"{address}?rule={rule}").json()
    (row,) = [each for each in found["table"] if each["kind"] == "account"]
    assert (row["state"], row["received_fen"]) == ("hub", PAID)
    assert row["here_fen"] == {"unknown": PAID}
    assert (found["figures"]["unknown"], found["figures"]["paid"]) == (PAID, PAID)


def test_the_page_says_how_many_are_omitted_and_nothing_rests_on_them(
    lin: Officer, hub: Case
) -> None:
    told = page(lin, hub)
    assert "a hub, not followed; 1 payees omitted" in told
    assert "Hub: 1 omitted" in told
    assert OTHER_MULE[-4:] not in told
    assert "枢纽，略去 1 户" in page(lin, hub, "zh-hans")
    assert draft(lin, hub, node_of(lin, hub), kind="freeze").status_code == 409


def test_a_hub_is_followed_for_a_reason_which_is_undone_and_redone(
    lin: Officer, chen: Officer, hub: Case
) -> None:
    assert post(chen, hub, "follow_hub", reason=" ").status_code == 409
    assert post(chen, hub, "follow_hub", reason=f"the only way on, see {VICTIM}").status_code == 302
    told = page(lin, hub)
    assert "followed by decision of" in told
    assert VICTIM not in told
    assert row_of(data(lin, hub), OTHER_MULE[-4:])["received_fen"] == 30_000_000
    assert step(lin, hub, "undo") == 409
    assert "Undo: a hub that is followed (Ctrl+Z)" in page(chen, hub)
    assert step(chen, hub, "undo") == 302
    assert "1 payees omitted" in page(lin, hub)
    assert step(chen, hub, "redo") == 302
    assert "Follow it no more" in shown(
        browser(lin).get(
            reverse("desk:flow_drawer", args=[hub.number, node_of(lin, hub)]), headers=HTMX
        )
    )
    assert post(lin, hub, "leave_hub").status_code == 302
    assert post(lin, hub, "leave_hub").status_code == 404
    assert stored(FollowedHub, withdrawn_at=None) == []
    assert step(lin, hub, "undo") == 302
    assert len(stored(FollowedHub, withdrawn_at=None)) == 1


def test_the_decision_has_the_stored_figures_traced_anew(chen: Officer, hub: Case) -> None:
    def figures() -> dict[str, int]:
        newest = max(stored(StoredTrace, case_id=hub.pk), key=lambda each: each.pk)
        found: dict[str, int] = newest.result["figures"]
        return found

    assert figures()["unknown"] == PAID
    assert post(chen, hub, "follow_hub", reason="x").status_code == 302
    reactions = [each.args.get("reaction") for each in ProcrastinateJob.objects.all()]
    assert "fanzha.desk.reactions:retrace_decided" in reactions
    retrace(case_id=hub.pk, reason="x")
    assert figures()["unknown"] == 0


def test_an_account_that_is_no_hub_cannot_be_followed(
    lin: Officer, chen: Officer, case: Case
) -> None:
    statement(case, chen)
    assert "payees omitted" not in page(lin, case)
    assert post(chen, case, "follow_hub", reason="x").status_code == 404


def test_a_stop_of_a_hub_shows_first_and_the_hub_stands_in_the_drawer(
    lin: Officer, liang: Officer, hub: Case
) -> None:
    stopped(hub, liang)
    row = row_of(data(lin, hub), MULE[-4:])
    assert row["state"] == "stopped"
    drawer = reverse("desk:flow_drawer", args=[hub.number, row["node"]])
    assert "none of them is followed" in shown(browser(lin).get(drawer, headers=HTMX))
