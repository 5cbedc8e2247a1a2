"""A stop on an approver's word: named, called back, confirmed by herself, or taken back."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from fanzha.audit.models import Entry
from fanzha.audit.rules import Ground
from fanzha.identity.acting import acting_for, system_scope
from fanzha.instructions import actions, checks, oral
from fanzha.instructions.models import Instruction, Oral
from fanzha.instructions.rules import Kind, Move, State
from tests import build
from tests.cast import DUTY, NOON

if TYPE_CHECKING:
    from fanzha.identity.models import Officer
    from fanzha.instructions.models import Package

NO = Ground("case", "", "当晚没有接到电话")
MINUTE = timedelta(minutes=1)


@pytest.fixture
def package(bank: None, lin: Officer) -> Package:
    return build.drafted(lin)


def word(by: Officer, package: Package, approver: Officer, **changes: Any) -> Oral:
    how: dict[str, Any] = {"called": "1060000", "told_at": NOON, "at": NOON + MINUTE} | changes
    with acting_for(by):
        return oral.approve_by_word(by, package, approver, ground=DUTY, **how)


def the_stop() -> Instruction:
    with system_scope("test"):
        return Instruction.objects.filter(kind=Kind.STOP).select_related("case").get()


def test_it_is_approved_in_the_name_of_who_gave_the_word_and_recorded_by_who_called(
    lin: Officer, zhao: Officer, package: Package
) -> None:
    kept = word(lin, package, zhao)
    stop = the_stop()
    assert (stop.state, stop.approved_by_id) == (State.APPROVED, zhao.pk)
    assert (kept.approver_id, kept.recorded_by_id, kept.called) == (zhao.pk, lin.pk, "1060000")
    assert kept.due_at == NOON + MINUTE + timedelta(hours=24)
    with system_scope("test"):
        change = stop.changes.get(move=Move.APPROVE)
    assert (change.actor, change.note) == (str(lin), str(zhao))


def test_nobody_gives_her_word_for_her_own_draft_nor_to_herself(
    lin: Officer, zhao: Officer, package: Package
) -> None:
    with pytest.raises(checks.OwnDraft):
        word(zhao, package, zhao)
    with pytest.raises(oral.NotAnApprover):
        word(lin, package, lin)
    own = build.drafted(zhao, build.draft(Kind.QUERY))
    assert zhao not in oral.approvers_of(own)


def test_only_whoever_may_approve_here_can_be_named(
    lin: Officer, chen: Officer, wu: Officer, package: Package
) -> None:
    for other in (chen, wu):
        with pytest.raises(oral.NotAnApprover):
            word(lin, package, other)
    with acting_for(lin):
        assert [each.username for each in oral.approvers_of(package)] == ["liang", "zhao"]


@pytest.mark.parametrize("kind", [Kind.QUERY])
def test_what_needs_a_signature_does_not_go_out_on_a_word(
    kind: Kind, lin: Officer, liang: Officer, package: Package
) -> None:
    with pytest.raises(oral.NotByWord):
        word(lin, build.drafted(lin, build.draft(kind)), liang)


@pytest.mark.parametrize("changes", [{"told_at": NOON + 2 * MINUTE}, {"told_at": NOON - MINUTE}])
def test_the_word_was_given_between_the_draft_and_now(
    changes: Any, lin: Officer, zhao: Officer, package: Package
) -> None:
    with pytest.raises(oral.ToldInFuture):
        word(lin, package, zhao, **changes)
    with pytest.raises(oral.CallBackMissing):
        word(lin, package, zhao, called=" ")
    assert the_stop().state == State.AWAITING_APPROVAL


def test_a_word_of_the_minute_of_the_draft_is_taken(lin: Officer, zhao: Officer, db: None) -> None:
    build.bank()
    opened = build.case(lin)
    late = NOON + timedelta(seconds=40)
    with acting_for(lin):
        (made,) = actions.draft(lin, opened, [build.draft()], at=late, ground=DUTY)
    assert word(lin, made, zhao, at=late).told_at == NOON


def test_only_the_named_approver_confirms_and_only_once(
    lin: Officer, zhao: Officer, liang: Officer, package: Package
) -> None:
    kept = word(lin, package, zhao)
    with acting_for(liang), pytest.raises(oral.NotNamed):
        oral.confirm_word(liang, kept, at=NOON, ground=DUTY)
    with acting_for(zhao):
        oral.confirm_word(zhao, kept, at=NOON, ground=DUTY)
        with pytest.raises(oral.DecidedBefore):
            oral.deny_word(zhao, kept, at=NOON, ground=NO)
    with system_scope("test"):
        assert Oral.objects.get().verdict == Oral.Verdict.CONFIRMED
    assert the_stop().state == State.APPROVED


def test_a_denied_word_withdraws_what_has_not_gone_out(
    lin: Officer, zhao: Officer, package: Package
) -> None:
    kept = word(lin, package, zhao)
    with acting_for(zhao):
        with pytest.raises(checks.ReasonMissing):
            oral.deny_word(zhao, kept, at=NOON, ground=Ground("case", "", " "))
        oral.deny_word(zhao, kept, at=NOON, ground=NO)
    assert the_stop().state == State.WITHDRAWN


def test_a_denied_word_drafts_the_release_of_what_holds_and_puts_harm_on_record(
    lin: Officer, zhao: Officer, package: Package
) -> None:
    kept = word(lin, package, zhao)
    with system_scope("test") as system:
        stop = the_stop()
        actions.send(system, stop, at=NOON, ground=DUTY)
        yes = actions.Answer(Move.TAKE_EFFECT, "0000", "", effective_at=NOON)
        actions.record_reply(system, stop, yes, message_id=1, at=NOON, ground=DUTY)
    with acting_for(zhao):
        oral.deny_word(zhao, kept, at=NOON, ground=NO)
    with system_scope("test"):
        release = Instruction.objects.get(kind=Kind.RELEASE_STOP)
        assert (release.state, release.release_ground) == (State.AWAITING_APPROVAL, "wrong_stop")
        assert release.reason == NO.reason
        assert Entry.objects.filter(object_kind="harm").count() == 1
    assert the_stop().release_due_at is not None
