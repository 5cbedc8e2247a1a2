from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import time
from functools import partial
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import yaml

from fanzha.channels.bank_gateway.client import FrontEnd
from fanzha.channels.bank_gateway.codec import decode, encode
from fanzha.channels.bank_gateway.failures import TransportFailure
from fanzha.core import clock
from tests.simulation.build import MULE, NORTH, VICTIM, Town, open_town, town

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow
START_SECONDS = 20
COMMAND = "from fanzha.wiring.cli.simulate import app; app()"


class Process:
    """`fanzha simulate banks` on a folder; it can be killed and started again."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder, self.options = folder, options
        self.running: subprocess.Popen[str] | None = None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        (folder / "town.yaml").write_text(yaml.safe_dump(town(), allow_unicode=True))
        self.url = f"http://127.0.0.1:{self.port}"
        self.front = FrontEnd(self.url, "T")
        self.seen = 0

    def start(self) -> None:
        """Start and wait until it says where it listens."""
        self.running = subprocess.Popen(
            [
                sys.executable, "-c", COMMAND, "banks", "--port", str(self.port), "--token", "T",
                "--scenario", str(self.folder / "town.yaml"), "--data", str(self.folder / "data"),
                *self.options,
            ],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONWARNINGS": "default"},
        )  # fmt: skip
        assert self.running.stdout is not None
        assert self.running.stdout.readline().startswith(self.url)

    def end(self, how: signal.Signals) -> int:
        """Send a signal and give the exit code."""
        assert self.running is not None
        self.running.send_signal(how)
        code = self.running.wait(START_SECONDS)
        assert self.running.stdout is not None
        self.running.stdout.close()
        self.running = None
        return code

    def control(self, method: str, door: str, order: Any = None) -> dict[str, Any]:
        """Call the control door with the token that the process wrote."""
        token = (self.folder / "data" / "control.token").read_text()
        answer = httpx.request(
            method,
            f"{self.url}/control/{door}",
            json=order,
            headers={"Authorization": f"Bearer {token}"},
            trust_env=False,
        )
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def replies(self, count: int) -> list[bytes]:
        """Wait for so many replies."""
        ends = time.monotonic() + START_SECONDS
        while time.monotonic() < ends:
            items = self.front.fetch(0).items
            if len(items) >= count:
                return [item.content for item in items]
            time.sleep(0.05)
        raise AssertionError("no replies came")


@pytest.fixture
def author(tmp_path: Path) -> Iterator[Town]:
    """Somebody who writes messages at the real time."""
    (tmp_path / "author").mkdir()
    opened = open_town(tmp_path / "author")
    opened.clock[0] = clock.now()
    yield opened
    opened.world.store.close()


@pytest.fixture(params=[(), ("--no-duplicate-check",)], ids=["checked", "unchecked"])
def process(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Process]:
    started = Process(tmp_path, *request.param)
    started.start()
    yield started
    started.front.close()
    if started.running is not None:
        started.end(signal.SIGKILL)


def test_a_killed_bank_finishes_what_it_took_over_once(process: Process, author: Town) -> None:
    process.control("POST", "faults", {"bank": NORTH, "kind": "silent"})
    stop, query = author.stop(), author.query()
    acks = process.front.post([encode(stop), encode(query)])
    assert [ack.code for ack in acks] == ["100000", "100000"]
    process.end(signal.SIGKILL)
    process.start()
    assert process.front.fetch(0).items == ()
    process.control("POST", "faults", {"clear": True})
    answers = [decode(raw) for raw in process.replies(2)]
    assert [each.body["Result"] for each in answers] == ["0000", "0000"]
    process.end(signal.SIGKILL)
    process.start()
    assert len(process.replies(2)) == 2
    effects = process.control("GET", "ledger")["effects"]
    assert effects == {stop.application_id: 1, query.application_id: 1}


def test_a_message_sent_again_after_a_kill_is_counted(process: Process, author: Town) -> None:
    stop = author.stop()
    process.front.post([encode(stop)])
    process.replies(1)
    process.end(signal.SIGKILL)
    process.start()
    (ack,) = process.front.post([encode(stop)])
    checked = not process.options
    assert ack.code == ("200003" if checked else "100000")
    process.replies(1 if checked else 2)
    ledger = process.control("GET", "ledger")
    assert ledger["effects"] == {stop.application_id: 1 if checked else 2}
    assert len(ledger["messages"]) == 2


def test_kills_at_any_moment_neither_lose_nor_double_an_order(tmp_path: Path, author: Town) -> None:
    process = Process(tmp_path)
    process.start()
    chance = random.Random(4)
    orders = [encode(author.query()) for _ in range(60)]
    for batch in (orders[:20], orders[20:40], orders[40:]):
        process.front.post(batch)
        time.sleep(chance.uniform(0, 0.06))
        process.end(signal.SIGKILL)
        process.start()
        assert {ack.code for ack in process.front.post(batch)} == {"200003"}
    answers = [decode(raw).application_id for raw in process.replies(60)]
    assert sorted(answers) == sorted(decode(raw).application_id for raw in orders)
    assert set(process.control("GET", "ledger")["effects"].values()) == {1}
    process.front.close()
    assert process.end(signal.SIGTERM) == 0


def test_kills_between_payments_neither_lose_nor_double_money(tmp_path: Path) -> None:
    process = Process(tmp_path)
    process.start()
    paid = {"from": VICTIM, "to": MULE, "amount": "10.00", "claim": "K1"}
    for _ in range(3):
        process.control("POST", "pay", paid)
        process.end(signal.SIGKILL)
        process.start()
    claim = process.control("GET", "ledger")["truth"]["K1"]
    assert claim["paid_fen"] == claim["in_accounts"][MULE] == 3_000
    process.front.close()
    assert process.end(signal.SIGTERM) == 0


def test_a_crash_on_command_loses_nothing_that_was_taken_over(tmp_path: Path, author: Town) -> None:
    process = Process(tmp_path, "--fault", "crash")
    process.start()
    query = encode(author.query())
    with pytest.raises(TransportFailure):
        process.front.post([query])
    assert process.running is not None
    assert process.running.wait(START_SECONDS) == -signal.SIGKILL
    assert process.running.stdout is not None
    process.running.stdout.close()
    process.options = ()
    process.start()
    assert [ack.code for ack in process.front.post([query])] == ["200003"]
    process.replies(1)
    process.front.close()
    assert process.end(signal.SIGTERM) == 0


def test_a_restart_on_command_comes_back_with_its_ledger(tmp_path: Path, author: Town) -> None:
    process = Process(tmp_path, "--fault", "restart,seconds=0.3")
    process.start()
    query = encode(author.query())
    for _ in range(2):
        with pytest.raises(TransportFailure):
            process.front.post([query])
    time.sleep(0.6)
    assert [ack.code for ack in process.front.post([query])] == ["200003"]
    process.replies(1)
    process.front.close()
    assert process.end(signal.SIGTERM) == 0


def test_an_order_for_a_fault_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    process = Process(tmp_path)
    process.start()
    token = (tmp_path / "data" / "control.token").read_text()
    run = partial(subprocess.run, capture_output=True, text=True, check=False, timeout=20)
    order = [sys.executable, "-c", COMMAND, "fault", process.url, "--control-token", token]
    done = run([*order, "delay,count=2,chance=0.5,seconds=1"])
    assert done.stdout == "delay *: 0 struck, 2 left\n"
    for wrong in ("flood", "delay,colour=1", "delay,count=x", "delay,chance=2"):
        assert run([*order, wrong]).returncode == 2
    assert run([*order, "clear"]).stdout == "delay *: 0 struck, 0 left\n"
    process.front.close()
    assert process.end(signal.SIGTERM) == 0


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_banks_cleanly(tmp_path: Path, how: signal.Signals) -> None:
    process = Process(tmp_path)
    process.start()
    process.front.health()
    assert process.end(how) == 0
    process.front.close()


def test_banks_that_cannot_open_say_so_in_one_sentence(tmp_path: Path) -> None:
    process = Process(tmp_path)
    process.start()
    second = subprocess.run(
        [
            sys.executable, "-c", COMMAND, "banks", "--port", "0", "--token", "T",
            "--scenario", str(tmp_path / "town.yaml"), "--data", str(tmp_path / "data"),
        ],
        capture_output=True, text=True, check=False, timeout=START_SECONDS,
    )  # fmt: skip
    assert second.returncode == 2
    assert "already" in second.stderr
    assert second.stdout == ""
    assert process.end(signal.SIGTERM) == 0
    process.front.close()
