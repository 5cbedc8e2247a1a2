"""What was held without cause is let go; what must be held longer is: both ledgers say the same."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from fanzha.audit.rules import Ground
from fanzha.cases import actions as cases
from fanzha.cases.models import Case
from fanzha.core import clock
from fanzha.identity.acting import acting_for, system_scope
from fanzha.instructions import actions as instructions
from fanzha.instructions import checks, queries, rules
from fanzha.instructions.models import Instruction
from fanzha.instructions.rules import Kind, ReleaseGround, State
from fanzha.instructions.sweeps import lapse_due
from tests.cast import officer
from tests.walks.test_golden_hour import (
    FIRST,
    SCENARIO,
    SECOND,
    WHY,
    approve_all,
    draft_second,
    flow,
    pay_and_run,
    settled,
    take,
    told,
)
from tests.walks.world import World, world

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FOUND = Ground("case", "", "户主是正常商户")


@pytest.fixture
def banks(committed: None, tmp_path: Path) -> Iterator[World]:
    with world(tmp_path, SCENARIO) as made:
        yield made


@pytest.fixture
def case(banks: World) -> Case:
    """A report whose first account is stopped and has sent its statement."""
    opened = take(told(pay_and_run(banks))).case
    approve_all("zhao", "liang")
    banks.until(settled, "the first bank answered")
    return opened


def instruction(kind: Kind, **conditions: Any) -> Instruction:
    with system_scope("test"):
        found = Instruction.objects.select_related("case").filter(kind=kind, **conditions)
        return found.latest("id")


def release(hold: Instruction, because: ReleaseGround = ReleaseGround.UNRELATED) -> None:
    chen = officer("chen")
    with acting_for(chen):
        instructions.draft_release(chen, hold, because, at=clock.now(), ground=FOUND)


def extend(hold: Instruction) -> None:
    chen = officer("chen")
    with acting_for(chen):
        instructions.draft_extension(chen, hold, at=clock.now(), ground=FOUND)


def at_the_bank(banks: World, number: str) -> dict[str, Any]:
    found: dict[str, Any] = next(
        each for each in banks.control("ledger")["accounts"] if each["number"] == number
    )
    return found


def test_a_stop_found_unrelated_is_released_and_the_money_is_free(banks: World, case: Case) -> None:
    stop = instruction(Kind.STOP)
    assert at_the_bank(banks, FIRST)["held_fen"] > 0
    release(stop)
    approve_all("zhao")
    banks.until(settled, "the bank let it go")

    over = instruction(Kind.STOP)
    assert over.state == State.RELEASED
    assert over.release_due_at is not None
    account = at_the_bank(banks, FIRST)
    assert (account["held_fen"], account["stopped_until"]) == (0, None)
    banks.control(
        "pay", **{"from": FIRST, "to": SECOND, "amount": "100.00", "claim": "K2", "memo": "货款"}
    )
    assert flow(case).figures["stopped"] == 0
    with system_scope("test"):
        assert queries.harm_of(case.pk, clock.now()).holds == 1

    with pytest.raises(checks.HoldNotInForce):
        release(over)


def test_a_bank_that_released_it_before_says_no_and_the_hold_stays_on_our_books(
    banks: World, case: Case
) -> None:
    release(instruction(Kind.STOP))
    banks.control("faults", bank="990100000001", kind="unknown_code", count=1, code="1999")
    approve_all("zhao")
    banks.until(settled, "the bank refused")
    refused = instruction(Kind.RELEASE_STOP)
    assert (refused.state, refused.result_code) == (State.FAILED, "1999")
    assert instruction(Kind.STOP).state == State.EFFECTIVE

    release(instruction(Kind.STOP), ReleaseGround.WRONG_STOP)
    approve_all("zhao")
    banks.until(settled, "the bank let it go")
    assert instruction(Kind.STOP).state == State.RELEASED
    assert at_the_bank(banks, FIRST)["held_fen"] == 0
    assert case.pk == instruction(Kind.STOP).case_id


def test_a_stop_found_wrong_on_its_way_is_let_go_as_soon_as_the_bank_has_answered(
    banks: World,
) -> None:
    banks.control("faults", bank="990100000001", kind="delay", count=2, seconds=3)
    take(told(pay_and_run(banks)))
    approve_all("zhao", "liang")
    banks.until(lambda: instruction(Kind.STOP).state == State.ACCEPTED, "the stop is on its way")
    release(instruction(Kind.STOP), ReleaseGround.WRONG_STOP)
    approve_all("zhao")
    banks.turn()
    assert instruction(Kind.RELEASE_STOP).state == State.APPROVED
    banks.until(settled, "the bank stopped it and let it go")
    assert instruction(Kind.STOP).state == State.RELEASED
    assert at_the_bank(banks, FIRST)["held_fen"] == 0


def test_an_extended_stop_holds_past_its_first_end_on_both_ledgers(
    banks: World, case: Case
) -> None:
    first = instruction(Kind.STOP)
    assert first.ends_at is not None
    extend(first)
    approve_all("zhao")
    banks.until(settled, "the bank extended it")
    longer = instruction(Kind.STOP)
    assert (longer.state, longer.ends_at) == (State.EXTENDED, first.ends_at + timedelta(hours=48))
    until = datetime.fromisoformat(at_the_bank(banks, FIRST)["stopped_until"])
    assert until == longer.ends_at
    with clock.held_at(first.ends_at + timedelta(hours=1)):
        assert lapse_due() == 0
        assert flow(case).figures["stopped"] == 16_330_000
    with pytest.raises(checks.StopUsesExhausted):
        extend(longer)


def test_a_renewed_freeze_holds_on_and_is_released_when_the_case_is_decided(
    banks: World, case: Case
) -> None:
    freeze = frozen(banks, case)
    assert freeze.ends_at is not None
    extend(freeze)
    approve_all("liang")
    banks.until(settled, "the bank renewed it")
    renewed = instruction(Kind.FREEZE)
    assert renewed.state == State.RENEWED
    assert renewed.ends_at == rules.FREEZE_TERM.ends(freeze.ends_at)
    assert datetime.fromisoformat(at_the_bank(banks, SECOND)["frozen_until"]) == renewed.ends_at
    with clock.held_at(freeze.ends_at + timedelta(days=1)):
        lapse_due()
    assert instruction(Kind.FREEZE).state == State.RENEWED

    release(renewed, ReleaseGround.CASE_DECIDED)
    approve_all("liang")
    banks.until(settled, "the bank let it go")
    assert instruction(Kind.RELEASE_FREEZE).freed_fen == 29_900_000
    assert instruction(Kind.FREEZE).state == State.RELEASED
    account = at_the_bank(banks, SECOND)
    assert (account["frozen_fen"], account["frozen_until"]) == (0, None)


def test_a_freeze_of_too_much_is_reduced_to_what_is_needed(banks: World, case: Case) -> None:
    freeze = frozen(banks, case)
    chen = officer("chen")
    with acting_for(chen):
        instructions.draft_release(
            chen, freeze, ReleaseGround.REDUCTION, keep_fen=10_000_000, at=clock.now(),
            ground=FOUND,
        )  # fmt: skip
    approve_all("liang")
    banks.until(settled, "the bank freed the excess")
    left = instruction(Kind.FREEZE)
    assert (left.state, left.amount_fen, left.held_fen) == (
        State.EFFECTIVE, 10_000_000, 10_000_000,
    )  # fmt: skip
    assert at_the_bank(banks, SECOND)["frozen_fen"] == 10_000_000
    assert flow(case).figures["frozen"] == 10_000_000


def frozen(banks: World, case: Case) -> Instruction:
    """299,000.00 frozen in the second account."""
    liang = officer("liang")
    with acting_for(liang):
        found = Case.objects.get(pk=case.pk)
        cases.file_case(liang, found, "岚公立字〔2026〕1号", at=clock.now(), ground=WHY)
    draft_second(found, Kind.QUERY)
    draft_second(found, Kind.FREEZE, amount_fen=29_900_000, traced_fen=29_900_000)
    approve_all("liang")
    banks.until(settled, "the freeze took effect")
    return instruction(Kind.FREEZE)
