"""Draft, approve, return: what the law and the matrix allow, and nothing else."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from fanzha.audit.rules import Ground
from fanzha.cases import actions as cases
from fanzha.channels.bank_gateway.models import Message
from fanzha.identity.acting import acting_for, system_scope
from fanzha.identity.rules import PermissionMissing
from fanzha.instructions import actions, checks, queries, rules
from fanzha.instructions.events import Approved
from fanzha.instructions.models import Instruction
from fanzha.instructions.reactions import send_approved
from fanzha.instructions.rules import Kind, State
from fanzha.scope.guard import open_action
from tests import build
from tests.cast import DUTY, NOON

if TYPE_CHECKING:
    from fanzha.identity.models import Officer
    from fanzha.instructions.models import Package

WHY = Ground("duty", "", "金额不符")


@pytest.fixture
def bank(db: None) -> None:
    build.bank()


def _draft(by: Officer, *kinds: Kind) -> list[Package]:
    case = build.case(by)
    with acting_for(by):
        drafts = [build.draft(kind) for kind in kinds]
        return actions.draft(by, case, drafts, at=NOON, ground=DUTY)


def _only(by: Officer) -> Instruction:
    with acting_for(by):
        return queries.visible().get()


def test_an_officer_cannot_approve_her_own_draft(zhao: Officer, bank: None) -> None:
    (package,) = _draft(zhao, Kind.STOP)
    with acting_for(zhao), pytest.raises(checks.OwnDraft):
        actions.approve(zhao, package, at=NOON, ground=DUTY)


def test_the_duty_head_approves_stops_but_not_queries(
    lin: Officer, zhao: Officer, liang: Officer, bank: None
) -> None:
    stop, query = _draft(lin, Kind.STOP, Kind.QUERY)
    with acting_for(zhao):
        assert actions.approve(zhao, stop, at=NOON, ground=DUTY) == 1
        with pytest.raises(PermissionMissing):
            actions.approve(zhao, query, at=NOON, ground=DUTY)
    with acting_for(liang):
        assert actions.approve(liang, query, at=NOON, ground=DUTY) == 1


def test_a_package_is_approved_with_exceptions_taken_out(
    lin: Officer, zhao: Officer, bank: None
) -> None:
    case = build.case(lin)
    with acting_for(lin):
        drafts = [build.draft(account=build.MULE), build.draft(account=build.OTHER_MULE)]
        (package,) = actions.draft(lin, case, drafts, at=NOON, ground=DUTY)
        excluded = package.instructions.get(account=build.OTHER_MULE).public_id
    with acting_for(zhao):
        assert actions.approve(zhao, package, without=[excluded], at=NOON, ground=DUTY) == 1
        states = dict(package.instructions.values_list("account", "state"))
    assert states == {
        build.MULE: State.APPROVED,
        build.OTHER_MULE: State.AWAITING_APPROVAL,
    }


def test_a_freeze_waits_for_the_filing_of_the_case(
    lin: Officer, liang: Officer, bank: None
) -> None:
    case = build.case(lin)
    with acting_for(lin), pytest.raises(checks.CaseNotFiled):
        actions.draft(lin, case, [build.draft(Kind.FREEZE)], at=NOON, ground=DUTY)
    with acting_for(liang):
        cases.file_case(liang, case, "岚公立字〔2026〕1号", at=NOON, ground=DUTY)
    with acting_for(lin):
        assert actions.draft(lin, case, [build.draft(Kind.FREEZE)], at=NOON, ground=DUTY)


def test_a_freeze_above_the_traced_amount_needs_written_necessity(
    lin: Officer, liang: Officer, bank: None
) -> None:
    case = build.case(lin)
    with acting_for(liang):
        cases.file_case(liang, case, "岚公立字〔2026〕2号", at=NOON, ground=DUTY)
    above = build.draft(Kind.FREEZE, amount_fen=48_230_001)
    with acting_for(lin):
        with pytest.raises(checks.AmountNotAllowed):
            actions.draft(lin, case, [above], at=NOON, ground=DUTY)
        argued = build.draft(Kind.FREEZE, amount_fen=48_230_001, necessity="孳息")
        assert actions.draft(lin, case, [argued], at=NOON, ground=DUTY)
        whole = build.draft(Kind.FREEZE, account=build.OTHER_MULE, amount_fen=None)
        with pytest.raises(checks.ReasonMissing):
            actions.draft(lin, case, [whole], at=NOON, ground=DUTY)


def test_an_account_already_under_way_anywhere_in_the_city_is_said(
    lin: Officer, wu: Officer, bank: None
) -> None:
    _draft(lin, Kind.STOP)
    case = build.case(wu)
    with acting_for(wu), pytest.raises(checks.AlreadyUnderWay) as refused:
        actions.draft(wu, case, [build.draft()], at=NOON, ground=DUTY)
    assert refused.value.facts["state"] == State.AWAITING_APPROVAL
    assert build.MULE not in str(refused.value)


def test_a_third_stop_is_refused_before_the_bank_refuses_it(lin: Officer, bank: None) -> None:
    case = build.case(lin)
    with acting_for(lin):
        for day in (1, 2):
            (package,) = actions.draft(lin, case, [build.draft()], at=NOON, ground=DUTY)
            _as_if_lapsed(package, day)
        with pytest.raises(checks.StopUsesExhausted):
            actions.draft(lin, case, [build.draft()], at=NOON, ground=DUTY)


def _as_if_lapsed(package: Package, day: int) -> None:
    token = open_action.set("test")
    package.instructions.update(state=State.LAPSED, effective_at=NOON - timedelta(days=day))
    open_action.reset(token)


def test_a_return_needs_a_reason_and_ends_the_draft(
    lin: Officer, zhao: Officer, bank: None
) -> None:
    (package,) = _draft(lin, Kind.STOP)
    with acting_for(zhao):
        with pytest.raises(checks.ReasonMissing):
            actions.send_back(zhao, package, at=NOON, ground=Ground("duty"))
        actions.send_back(zhao, package, at=NOON, ground=WHY)
        assert package.instructions.get().state == State.RETURNED
        with pytest.raises(rules.ForbiddenMove):
            actions.approve(zhao, package, at=NOON, ground=DUTY)


def test_an_incomplete_account_or_unknown_holder_is_not_drafted(lin: Officer, bank: None) -> None:
    case = build.case(lin)
    bad = (
        (build.draft(account="6299****0128"), checks.AccountIncomplete),
        (build.draft(account_name=""), checks.HolderUnknown),
        (build.draft(institution_code=""), checks.InstitutionUnknown),
        (build.draft(transfer_at=None), checks.TransferTimeUnknown),
    )
    with acting_for(lin):
        for wanted, refusal in bad:
            with pytest.raises(refusal):
                actions.draft(lin, case, [wanted], at=NOON, ground=DUTY)
        assert not queries.visible().exists()


def test_approved_means_sent_once_even_if_told_twice(
    lin: Officer, zhao: Officer, bank: None
) -> None:
    (package,) = _draft(lin, Kind.STOP)
    with acting_for(zhao):
        actions.approve(zhao, package, at=NOON, ground=DUTY)
        instruction = package.instructions.get()
    for _ in range(2):
        send_approved(Approved(instruction.pk))
    with system_scope("test"):
        sent = Message.objects.get(outgoing=True)
    assert sent.application_id == instruction.application_id
    assert len(sent.serial) == 53
    assert _only(lin).state == State.SENT


def test_an_unused_approval_dies(lin: Officer, zhao: Officer, bank: None) -> None:
    from fanzha.core import clock
    from fanzha.instructions.sweeps import lapse_due

    (package,) = _draft(lin, Kind.STOP)
    with acting_for(zhao):
        actions.approve(zhao, package, at=NOON, ground=DUTY)
    with clock.held_at(NOON + timedelta(hours=23)):
        assert lapse_due() == 0
    with clock.held_at(NOON + timedelta(hours=24)):
        assert lapse_due() == 1
        assert lapse_due() == 0
    assert _only(lin).state == State.APPROVAL_EXPIRED


def test_one_sweep_ends_more_than_one_batch(
    lin: Officer, zhao: Officer, bank: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fanzha.core import clock
    from fanzha.instructions import sweeps

    monkeypatch.setattr(sweeps, "BATCH", 2)
    case = build.case(lin)
    wanted = [build.draft(account=f"629901000000000000{number}") for number in range(5)]
    with acting_for(lin):
        (package,) = actions.draft(lin, case, wanted, at=NOON, ground=DUTY)
    with acting_for(zhao):
        actions.approve(zhao, package, at=NOON, ground=DUTY)
    with clock.held_at(NOON + timedelta(hours=24)):
        assert sweeps.lapse_due() == 5
        assert sweeps.lapse_due() == 0


@pytest.mark.parametrize("batch", [2, 50])
def test_what_cannot_be_ended_keeps_nothing_else_in_force(
    lin: Officer, zhao: Officer, bank: None, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    from fanzha.core import clock
    from fanzha.instructions import sweeps

    monkeypatch.setattr(sweeps, "BATCH", batch)
    case = build.case(lin)
    wanted = [build.draft(account=f"629901000000000000{number}") for number in range(5)]
    with acting_for(lin):
        (package,) = actions.draft(lin, case, wanted, at=NOON, ground=DUTY)
    with acting_for(zhao):
        actions.approve(zhao, package, at=NOON, ground=DUTY)
    with system_scope("test"):
        first = Instruction.objects.order_by("pk").first()
        assert first is not None
        token = open_action.set("test")
        Instruction.objects.filter(pk=first.pk).update(
            ends_rule="no such rule", ends_at=NOON + timedelta(hours=1)
        )
        open_action.reset(token)
    with clock.held_at(NOON + timedelta(hours=24)):
        assert sweeps.lapse_due() == 4
        assert sweeps.lapse_due() == 0
    with system_scope("test"):
        kept = Instruction.objects.get(state=State.APPROVED)
    assert kept.pk == first.pk


def test_another_district_sees_neither_package_nor_instruction(
    lin: Officer, wu: Officer, bank: None
) -> None:
    (package,) = _draft(lin, Kind.STOP)
    with acting_for(wu):
        assert queries.awaiting(wu) == []
        with pytest.raises(queries.InstructionNotFound):
            queries.package(package.public_id)


def test_what_was_recalled_does_not_go_out_though_the_sender_read_it_before(
    lin: Officer, zhao: Officer, bank: None
) -> None:
    (package,) = _draft(lin, Kind.STOP)
    with acting_for(zhao):
        actions.approve(zhao, package, at=NOON, ground=DUTY)
    with system_scope("test") as system:
        read_before = Instruction.objects.select_related("case", "concerns").get()
        with acting_for(lin):
            actions.withdraw(lin, _only(lin), at=NOON, ground=WHY)
        with pytest.raises(rules.ForbiddenMove):
            actions.send(system, read_before, at=NOON, ground=DUTY)
        assert not Message.objects.exists()
    assert _only(lin).state == State.WITHDRAWN
