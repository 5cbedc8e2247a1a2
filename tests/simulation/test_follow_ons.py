"""Release and extension at the simulated banks: the ledger really changes, the codes are told."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from fanzha.channels.bank_gateway.replies import read_freeze, read_release, read_stop
from fanzha.core.clock import to_wire
from fanzha.simulation.banks.ledger import PaymentRefused
from fanzha.simulation.banks.truth import ledger
from tests.simulation.build import (
    BUSY,
    GUARDED,
    LIMITED,
    MULE,
    SECOND,
    START,
    VICTIM,
    Town,
    changed,
    open_town,
)

if TYPE_CHECKING:
    from pathlib import Path

HOUR = 3600
STOP_HOURS = 48 * HOUR


def test_a_released_stop_lets_the_money_go_at_once(town: Town) -> None:
    stop = town.stop()
    town.ask(stop)
    with pytest.raises(PaymentRefused, match="stopped"):
        town.pay(MULE, SECOND, "0.01", "K2")
    town.wait(HOUR)
    reply = read_release(town.ask(town.release(stop)))
    assert (reply.result.code, reply.issues) == ("0000", ())
    assert reply.withdrawn_at == START + timedelta(hours=1, seconds=1)
    town.pay(MULE, SECOND, "800.00", "K2")
    assert town.balance(MULE) == 0


def test_the_open_ledger_tells_what_became_of_a_hold(town: Town) -> None:
    stop = town.stop()
    town.ask(stop)
    release = town.release(stop)
    town.ask(release)
    (hold,) = [each for each in ledger(town.world)["holds"] if each["account"] == MULE]
    assert [(each["kind"], each["application_id"]) for each in hold["changes"]] == [
        ("release", release.application_id)
    ]


def test_a_second_release_finds_nothing_to_release(town: Town) -> None:
    stop = town.stop()
    town.ask(stop)
    assert town.result(town.release(stop)) == "0000"
    again = town.ask(town.release(stop))
    assert again.body["Result"] == "1999"
    assert "已解除" in again.body["FailureCause"]


def test_what_has_expired_is_neither_released_nor_extended(town: Town) -> None:
    stop = town.stop()
    town.ask(stop)
    extension = town.extension(stop, until=START + timedelta(hours=96))
    town.wait(STOP_HOURS)
    assert town.result(town.release(stop)) == "1900"
    assert town.result(extension) == "1800"


def test_only_the_hold_that_is_ours_and_on_that_account_is_touched(town: Town) -> None:
    stop = town.stop()
    town.ask(stop)
    release = town.release(stop)
    assert town.result(changed(release, OriginalApplicationID="0101" + "9" * 32)) == "0400"
    other = changed(town.release(stop), AccountNumber=BUSY, AccountName="闻五")
    assert town.result(other) == "0499"
    stranger = town.release(stop)
    stranger = type(stranger)(
        stranger.tx_code, stranger.serial, message_from="990199990009", body=stranger.body
    )
    assert town.send(stranger) == "100000"
    town.wait(1)
    assert town.answers()[-1].body["Result"] == "0499"
    assert town.world.ledger.free_fen(MULE, town.world.now_ms()) == 0


@pytest.mark.parametrize(
    ("change", "result"),
    [
        ({"WithdrawalRemark": ""}, "0500"),
        ({"OriginalApplicationID": ""}, "0500"),
        ({"AccountName": "别人"}, "0301"),
    ],
)
def test_a_flawed_release_frees_nothing(town: Town, change: dict[str, str], result: str) -> None:
    stop = town.stop()
    town.ask(stop)
    assert town.result(changed(town.release(stop), **change)) == result
    assert town.world.ledger.free_fen(MULE, town.world.now_ms()) == 0


def test_an_extended_stop_holds_past_its_first_end_and_uses_up_the_second_stop(town: Town) -> None:
    stop = town.stop()
    first = read_stop(town.ask(stop))
    assert first.expire_time is not None
    until = first.expire_time + timedelta(hours=48)
    reply = read_stop(town.ask(town.extension(stop, until=until)))
    assert (reply.result.code, reply.expire_time) == ("0000", until)
    town.wait(STOP_HOURS + HOUR)
    with pytest.raises(PaymentRefused, match="stopped"):
        town.pay(MULE, SECOND, "0.01", "K2")
    assert town.result(town.extension(stop, until=until + timedelta(hours=48))) == "1304"
    town.wait(STOP_HOURS)
    assert town.result(town.stop()) == "1304"
    town.pay(MULE, SECOND, "0.01", "K2")


@pytest.mark.parametrize("hours", [-1, 0, 50])
def test_an_extension_beyond_the_law_is_0801(town: Town, hours: int) -> None:
    stop = town.stop()
    end = read_stop(town.ask(stop)).expire_time
    assert end is not None
    assert town.result(town.extension(stop, until=end + timedelta(hours=hours))) == "0801"


def test_a_renewed_freeze_runs_on(town: Town) -> None:
    freeze = town.freeze(amount_fen=50_000, days=30)
    end = read_freeze(town.ask(freeze)).expire_time
    assert end is not None
    reply = read_freeze(town.ask(town.extension(freeze, until=end + timedelta(days=180))))
    assert (reply.result.code, reply.frozen_fen, reply.available_fen) == ("0000", 50_000, 30_000)
    town.wait(40 * 24 * HOUR)
    assert town.world.ledger.free_fen(MULE, town.world.now_ms()) == 30_000


def test_a_freeze_is_released_in_part_or_whole(town: Town) -> None:
    freeze = town.freeze(amount_fen=50_000)
    town.ask(freeze)
    part = read_release(town.ask(town.release(freeze, amount_fen=20_000)))
    assert (part.applied_fen, part.freed_fen, part.balance_fen) == (20_000, 20_000, 80_000)
    assert town.world.ledger.free_fen(MULE, town.world.now_ms()) == 50_000
    whole = read_release(town.ask(town.release(freeze)))
    assert (whole.applied_fen, whole.freed_fen) == (30_000, 30_000)
    assert town.world.ledger.free_fen(MULE, town.world.now_ms()) == 80_000


@pytest.mark.parametrize("fen", [50_000, 50_001])
def test_a_part_that_is_no_part_is_0299(town: Town, fen: int) -> None:
    freeze = town.freeze(amount_fen=50_000)
    town.ask(freeze)
    assert town.result(town.release(freeze, amount_fen=fen)) == "0299"
    assert town.world.ledger.free_fen(MULE, town.world.now_ms()) == 30_000


def test_a_release_of_a_freeze_needs_its_paper(town: Town) -> None:
    freeze = town.freeze()
    town.ask(freeze)
    assert town.result(changed(town.release(freeze), Attachments="")) == "0600"


def test_when_the_first_freeze_is_released_the_next_in_the_queue_holds(town: Town) -> None:
    first, second = town.freeze(BUSY, amount_fen=10_000), town.freeze(BUSY, amount_fen=20_000)
    town.ask(first)
    town.ask(second)
    queued = read_release(town.ask(town.release(town.freeze(LIMITED))))
    assert queued.result.code == "0400"
    assert read_release(town.ask(town.release(first))).freed_fen == 10_000
    assert town.world.ledger.free_fen(BUSY, town.world.now_ms()) == 10_000
    reply = read_release(town.ask(town.release(second)))
    assert reply.freed_fen == 20_000


def test_a_hold_made_before_an_account_was_protected_can_be_released(town: Town) -> None:
    assert town.result(town.stop(GUARDED)) == "0302"
    assert town.result(town.release(town.stop(GUARDED))) == "0400"


def test_without_its_duplicate_check_a_bank_releases_again_and_harms_nobody(tmp_path: Path) -> None:
    town = open_town(tmp_path, check_duplicates=False)
    stop = town.stop()
    assert [town.send(stop) for _ in range(2)] == ["100000"] * 2
    town.wait(1)
    release = town.release(stop)
    assert [town.send(release) for _ in range(2)] == ["100000"] * 2
    town.wait(1)
    assert [each.body["Result"] for each in town.answers()] == ["0000"] * 4
    assert town.world.effects(release.application_id) == 2
    assert town.world.ledger.free_fen(MULE, town.world.now_ms()) == town.balance(MULE)
    town.pay(VICTIM, MULE, "1.00")
    town.world.store.close()


def test_without_its_duplicate_check_an_extension_names_the_same_end_twice(tmp_path: Path) -> None:
    town = open_town(tmp_path, check_duplicates=False)
    stop = town.stop()
    end = read_stop(town.ask(stop)).expire_time
    assert end is not None
    extension = town.extension(stop, until=end + timedelta(hours=48))
    for _ in range(2):
        town.send(extension)
    town.wait(1)
    told = {each.body["ExpireTime"] for each in town.answers()}
    assert told == {to_wire(end + timedelta(hours=48))}
    town.world.store.close()
