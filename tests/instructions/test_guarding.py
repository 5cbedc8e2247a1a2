"""The guard list: a hold of a guarded account needs a reason, one level up, and another reason."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from fanzha.audit.rules import Ground
from fanzha.identity.acting import acting_for
from fanzha.instructions import actions, checks, guarding
from fanzha.instructions.guarding import AccountGuarded
from fanzha.instructions.guards import Mode, groups
from fanzha.instructions.models import Change
from fanzha.instructions.rules import Kind, Move
from tests import build
from tests.cast import DUTY, NOON

if TYPE_CHECKING:
    from fanzha.cases.models import Case
    from fanzha.identity.models import Officer
    from fanzha.instructions.models import Package

SAYS = Ground("duty", "", "备付金清单")
SILENT = Ground("duty")
NEED = "账户被用于转移赃款"


@pytest.fixture
def case(lin: Officer, liang: Officer) -> Case:
    return build.filed_case(lin, liang)


def guard(by: Officer, group: str = "customer_reserves", account: str = build.MULE) -> None:
    with acting_for(by):
        guarding.guard(by, account, group, at=NOON, ground=SAYS)


def drafted(by: Officer, case: Case, kind: Kind = Kind.STOP, **changes: Any) -> Package:
    with acting_for(by):
        (package,) = actions.draft(
            by, case, [build.draft(kind, **changes)], at=NOON, ground=DUTY
        )  # fmt: skip
    return package


def approve(by: Officer, package: Package, ground: Ground = SAYS) -> int:
    with acting_for(by):
        return actions.approve(by, package, at=NOON, ground=ground)


@pytest.mark.parametrize("kind", [Kind.STOP, Kind.FREEZE])
def test_a_guarded_account_is_not_held_without_a_reason_in_writing(
    lin: Officer, case: Case, kind: Kind
) -> None:
    guard(lin)
    with pytest.raises(AccountGuarded) as refused:
        drafted(lin, case, kind)
    assert refused.value.facts["group"] == "customer_reserves"
    assert "*" in str(refused.value.facts["account"])


def test_with_a_reason_it_goes_one_level_up_and_that_approver_writes_why(
    lin: Officer, liang: Officer, case: Case
) -> None:
    guard(lin)
    stop = drafted(lin, case, necessity=NEED)
    freeze = drafted(lin, case, Kind.FREEZE, necessity=NEED)
    assert stop.permission == "instruction.approve_freeze"
    assert freeze.permission == "instruction.approve_beyond"
    with pytest.raises(checks.ReasonMissing):
        approve(liang, stop, SILENT)
    assert approve(liang, stop) == 1
    with acting_for(lin):
        moved = Change.objects.get(instruction__package=stop, move=Move.APPROVE)
    assert moved.note == SAYS.reason


def test_what_came_onto_the_list_after_the_draft_is_found_at_the_approval(
    lin: Officer, zhao: Officer, case: Case
) -> None:
    stop = drafted(lin, case)
    guard(lin)
    with pytest.raises(AccountGuarded):
        approve(zhao, stop)


def test_a_query_and_the_other_accounts_are_free(lin: Officer, case: Case) -> None:
    guard(lin)
    assert drafted(lin, case, Kind.QUERY).permission == "instruction.approve_query"
    assert drafted(lin, case, account=build.OTHER_MULE).permission == "instruction.approve_stop"


def test_a_group_guarded_as_a_whole_lets_a_limited_freeze_pass() -> None:
    whole = groups()["bank_clearing"]
    assert not whole.forbids(Kind.FREEZE, 100)
    assert whole.forbids(Kind.FREEZE, None)
    assert whole.forbids(Kind.STOP, None)
    assert not replace(whole, mode=Mode.LOOK).forbids(Kind.FREEZE, None)


def test_a_sub_account_is_guarded_with_its_account(lin: Officer, case: Case) -> None:
    guard(lin, account=f" {build.MULE[:4]} {build.MULE[4:]} ")
    with pytest.raises(AccountGuarded):
        drafted(lin, case, account=f"{build.MULE}_1")


def test_an_account_stands_on_the_list_once_with_a_source_and_a_group(
    lin: Officer, db: None
) -> None:
    guard(lin)
    with pytest.raises(guarding.GuardedBefore):
        guard(lin, "military")
    with pytest.raises(guarding.GuardGroupUnknown):
        guard(lin, "mine")
    with pytest.raises(checks.AccountIncomplete):
        guard(lin, account="6299 **** 0128")
    with acting_for(lin), pytest.raises(checks.ReasonMissing):
        guarding.guard(lin, build.OTHER_MULE, "military", at=NOON, ground=SILENT)
