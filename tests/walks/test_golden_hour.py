"""The golden hour once through: report, stop, statements, trace, freeze; banks over a wire."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from fanzha.audit.rules import Ground
from fanzha.cases import actions as cases
from fanzha.cases.models import Case
from fanzha.channels.bank_gateway.models import Message
from fanzha.core import clock
from fanzha.desk.actions import TakenReport, take_report
from fanzha.desk.flow.result import CaseFlow, flow_of
from fanzha.identity.acting import acting_for, system_scope
from fanzha.instructions import actions as instructions
from fanzha.instructions import queries
from fanzha.instructions.drafts import Draft
from fanzha.instructions.models import Instruction
from fanzha.instructions.rules import Kind, State
from fanzha.intake.rules import ToldPayment, ToldReport
from tests.cast import officer
from tests.walks.world import World, world

if TYPE_CHECKING:
    from collections.abc import Iterator

VICTIM, FIRST, SECOND = "6299011000000000009", "6299011000000000017", "6299021000000000007"
WHY = Ground("duty", "", "story")
SCENARIO = Path(__file__).parent / "two_banks.yaml"


@pytest.fixture
def banks(committed: None, tmp_path: Path) -> Iterator[World]:
    with world(tmp_path, SCENARIO) as made:
        yield made


def pay_and_run(banks: World) -> ToldPayment:
    """The victim pays 482,300; the first mule passes 300,000 on and draws 20,000 in cash."""
    banks.control(
        "pay", **{"from": VICTIM, "to": FIRST, "amount": "482300.00", "memo": "货款", "claim": "K1"}
    )
    banks.control(
        "script",
        moves=[
            {"at": 0, "from": FIRST, "to": SECOND, "amount": "300000.00"},
            {"at": 0, "from": FIRST, "channel": "cash", "amount": "20000.00", "memo": "ATM取款"},
        ],
    )
    return ToldPayment(
        amount_fen=48_230_000, paid_at=clock.now(), from_account=VICTIM,
        to_account=FIRST, to_name="甲一",
    )  # fmt: skip


def told(*payments: ToldPayment, token: str = "form-1", **changes: object) -> ToldReport:
    facts: dict[str, Any] = {
        "form_token": token, "door": "110", "told": "冒充领导要求转账", "ongoing": "no",
        "victim_name": "周敏", "victim_phone": "11200000001", "fraud_type": "AG",
        "payments": payments,
    }  # fmt: skip
    return ToldReport(**facts | changes)


def take(report: ToldReport) -> TakenReport:
    lin = officer("lin")
    with acting_for(lin):
        return take_report(lin, report, at=clock.now(), ground=WHY)


def approve_all(*usernames: str) -> None:
    for username in usernames:
        by = officer(username)
        with acting_for(by):
            for package in queries.awaiting(by):
                instructions.approve(by, package, at=clock.now(), ground=WHY)


def states() -> dict[tuple[str, str], str]:
    with system_scope("test"):
        return {(each.kind, each.account): each.state for each in Instruction.objects.all()}


def settled() -> bool:
    waiting = {State.APPROVED, State.SENT, State.ACCEPTED}
    return not waiting & set(states().values())


def flow(case: Case) -> CaseFlow:
    with system_scope("test"):
        found = flow_of(case.pk)
    assert found
    return found


def draft_second(case: Case, kind: Kind, **facts: int) -> None:
    chen = officer("chen")
    wanted = Draft(
        kind=kind, account=SECOND, account_name="乙二", institution_code="990100000002",
        institution_name="松谷银行", reason="二级卡", transfer_fen=30_000_000,
        transfer_at=clock.now(), out_account=FIRST,
        amount_fen=facts.get("amount_fen"), traced_fen=facts.get("traced_fen"),
    )  # fmt: skip
    with acting_for(chen):
        instructions.draft(chen, case, [wanted], at=clock.now(), ground=WHY)


def test_report_stop_trace_freeze(banks: World) -> None:
    case = take(told(pay_and_run(banks))).case
    approve_all("zhao", "liang")
    banks.until(settled, "the first banks answered")
    assert states() == {
        ("stop_payment", FIRST): "effective",
        ("transaction_query", FIRST): "effective",
    }

    # The mule's own 1,000.00 came first and left first.
    first = flow(case)
    assert first.figures["paid"] == 48_230_000
    assert first.figures["stopped"] == 16_330_000
    assert first.figures["gone"] == 2_000_000
    assert first.figures["transit"] == 29_900_000

    draft_second(case, Kind.STOP)
    draft_second(case, Kind.QUERY)
    approve_all("zhao", "liang")
    banks.until(settled, "the second bank answered")
    assert flow(case).figures["stopped"] == 46_230_000
    assert flow(case).tiers[SECOND] == 2

    liang = officer("liang")
    with acting_for(liang):
        case = Case.objects.get(pk=case.pk)
        cases.file_case(liang, case, "岚公立字〔2026〕1号", at=clock.now(), ground=WHY)
    draft_second(case, Kind.FREEZE, amount_fen=29_900_000, traced_fen=29_900_000)
    approve_all("liang")
    banks.until(settled, "the freeze took effect")
    last = flow(case)
    assert (last.figures["frozen"], last.figures["stopped"]) == (29_900_000, 16_330_000)
    assert sum(fen for fate, fen in last.figures.items() if fate != "paid") == 48_230_000


def test_the_stop_ends_when_the_bank_says_not_when_we_sent(banks: World) -> None:
    take(told(pay_and_run(banks)))
    approve_all("zhao", "liang")
    banks.until(settled, "the bank answered")
    with system_scope("test"):
        stop = Instruction.objects.get(kind=Kind.STOP)
    assert stop.effective_at
    assert stop.ends_at == stop.effective_at + timedelta(hours=48)
    assert stop.ends_rule == "stop_window"


def test_the_same_payment_through_two_doors_is_one_payment_with_two_sources(banks: World) -> None:
    from fanzha.intake.models import Payment

    payment = pay_and_run(banks)
    first = take(told(payment))
    masked = ToldPayment(
        amount_fen=payment.amount_fen, paid_at=payment.paid_at, from_account="",
        to_account="6299****0017", to_name="甲 一",
    )  # fmt: skip
    again = take(told(masked, token="form-2", door="bank"))
    assert again.joined
    assert again.case.pk == first.case.pk
    assert again.packages == ()
    with system_scope("test"):
        assert Payment.objects.count() == 1
        assert Payment.objects.get().sources.count() == 2
        assert Case.objects.count() == 1


def test_an_account_already_under_way_is_said_and_not_drafted_again(banks: World) -> None:
    payment = pay_and_run(banks)
    take(told(payment))
    other = ToldPayment(amount_fen=99_900, paid_at=clock.now(), to_account=FIRST, to_name="甲一")
    second = take(told(other, token="form-2", victim_name="吴某", victim_phone="11200000002"))
    assert not second.joined
    assert {each.refusal.code for each in second.not_drafted} == {"AlreadyUnderWay"}
    assert second.packages == ()


def test_a_stop_protects_the_money_of_every_case_in_the_account(banks: World) -> None:
    take(told(pay_and_run(banks)))
    approve_all("zhao", "liang")
    banks.until(settled, "the bank answered")
    other = ToldPayment(amount_fen=99_900, paid_at=clock.now(), to_account=FIRST, to_name="甲一")
    second = take(told(other, token="form-2", victim_name="吴某", victim_phone="11200000002"))
    assert not second.joined
    assert flow(second.case).figures["stopped"] == 99_900


def test_every_raw_message_is_kept_word_for_word(banks: World) -> None:
    take(told(pay_and_run(banks)))
    approve_all("zhao", "liang")
    banks.until(settled, "the bank answered")
    with system_scope("test"):
        messages = list(Message.objects.order_by("id"))
    assert [m.outgoing for m in messages].count(True) == 2
    assert [m.outgoing for m in messages].count(False) == 2
    assert all(bytes(m.content).startswith(b"<?xml") for m in messages if m.outgoing)
    assert {m.state for m in messages} == {"delivered", "handled"}


def test_an_unknown_result_code_is_kept_shown_and_harms_nothing(banks: World) -> None:
    banks.control("faults", bank="990100000001", kind="unknown_code", count=1)
    take(told(pay_and_run(banks)))
    approve_all("zhao", "liang")
    banks.until(settled, "the bank answered")
    with system_scope("test"):
        puzzled = Instruction.objects.filter(state=State.UNKNOWN_RESULT)
        unknown = Message.objects.filter(state=Message.State.UNKNOWN)
        assert [each.result_code for each in puzzled] == ["9876"]
        assert "9876" in unknown.get().note
        assert Instruction.objects.filter(state=State.EFFECTIVE).count() == 1


def test_garbage_from_a_bank_is_kept_as_unknown_and_the_rest_goes_on(banks: World) -> None:
    banks.control("faults", bank="990100000001", kind="garbage_reply", count=1)
    take(told(pay_and_run(banks)))
    approve_all("zhao", "liang")
    answered = {"effective"}
    banks.until(lambda: bool(answered & set(states().values())), "one of two is answered")
    with system_scope("test"):
        assert Message.objects.filter(state=Message.State.UNKNOWN).count() == 1
    assert sorted(states().values()) == ["accepted", "effective"]
