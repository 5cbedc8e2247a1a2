"""kill -9 of worker, gateway or banks in the middle: nothing lost, nothing effective twice.

Once with the banks' own duplicate check on, once with it off.
"""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fanzha.audit import log
from fanzha.channels.bank_gateway.models import Message
from fanzha.core import clock
from fanzha.identity.acting import acting_for, system_scope
from fanzha.instructions import actions as instructions
from fanzha.instructions.models import Instruction
from fanzha.instructions.rules import Kind, State
from tests import build
from tests.cast import officer
from tests.walks.test_golden_hour import FIRST, SECOND, WHY, approve_all, states
from tests.walks.world import World, world

if TYPE_CHECKING:
    from collections.abc import Iterator

SCENARIO = Path(__file__).parent / "two_banks.yaml"
ANSWERED = {State.EFFECTIVE, State.PARTIALLY_EFFECTIVE, State.FAILED}
ROUNDS = 6


class Platform:
    """Worker and gateway as processes of their own, killed and started again at will."""

    def __init__(self) -> None:
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, *names: str) -> None:
        for name in names:
            self.running[name] = subprocess.Popen([sys.executable, "-m", "fanzha", name])

    def kill(self, name: str) -> None:
        self.running[name].kill()
        self.running[name].wait()
        self.start(name)

    def end(self) -> None:
        for process in self.running.values():
            process.kill()
            process.wait()


@pytest.fixture(params=[(), ("--no-duplicate-check",)], ids=["duplicate check", "no check"])
def banks(
    request: pytest.FixtureRequest,
    committed: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[World]:
    # These banks answer within 0.1 s, so three seconds without an answer are evidence enough.
    monkeypatch.setenv("FANZHA_RESEND_SECONDS", '{"100101": 3, "100301": 3}')
    with world(tmp_path, SCENARIO, *request.param) as made:
        yield made


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_nothing_is_lost_and_nothing_is_effective_twice(banks: World) -> None:
    platform = Platform()
    chance = random.Random(4)
    platform.start("worker", "gateway")
    try:
        expected = _draft_everything()
        for _ in range(ROUNDS):
            time.sleep(chance.uniform(0.05, 0.7))
            victim = chance.choice(["worker", "gateway", "banks"])
            if victim == "banks":
                banks.kill_banks()
                time.sleep(chance.uniform(0, 0.3))
                banks.start_banks()
            else:
                platform.kill(victim)
        banks.wait(_all_answered, "everything is answered", seconds=120)
    finally:
        platform.end()
    _compare_books(banks, expected)


def _draft_everything() -> set[str]:
    lin = officer("lin")
    case = build.case(lin)
    with acting_for(lin):
        drafts = [
            build.draft(
                kind,
                account=account,
                account_name=name,
                institution_code=code,
                institution_name=bank,
                transfer_at=clock.now(),
            )
            for account, name, code, bank in (
                (FIRST, "甲一", "990100000001", "江岚银行"),
                (SECOND, "乙二", "990100000002", "松谷银行"),
            )
            for kind in (Kind.STOP, Kind.QUERY)
        ]
        instructions.draft(lin, case, drafts, at=clock.now(), ground=WHY)
    approve_all("zhao", "liang")
    with system_scope("test"):
        return set(Instruction.objects.values_list("application_id", flat=True))


def _all_answered() -> bool:
    return all(state in ANSWERED for state in states().values())


def _compare_books(banks: World, expected: set[str]) -> None:
    ledger = banks.control("ledger")
    assert ledger["effects"] == dict.fromkeys(expected, 1)
    assert set(states().values()) == {State.EFFECTIVE}
    with system_scope("test"):
        sent = list(Message.objects.filter(outgoing=True).values_list("application_id", "serial"))
        flaws, _, _ = log.verify()
    assert {application for application, _ in sent} == expected
    assert len(sent) == len(expected)
    assert flaws == []
