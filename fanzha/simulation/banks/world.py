"""The world of the simulated banks: takes messages, lets time pass, and gives answers out.

Two things happen by themselves when their moment comes: a planned movement of money, and the work
of a bank on a message. `step` does everything that is due, in order of its moment.
"""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fanzha.core import clock
from fanzha.simulation.banks.answering import Answer, feedback_code, garbled
from fanzha.simulation.banks.counter import Counter
from fanzha.simulation.banks.faults import Faults
from fanzha.simulation.banks.launderers import crew_of, draw, split
from fanzha.simulation.banks.ledger import Booked, Ledger, Payment, PaymentRefused
from fanzha.simulation.banks.scenario import (
    Delay,
    Move,
    Scenario,
    ScenarioError,
    check_move,
    read_move,
)
from fanzha.simulation.banks.store import Store, from_ms, to_ms
from fanzha.simulation.banks.wire import Envelope, Request, Unreadable, glimpse, write

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from datetime import datetime

TAKEN, BAD_FORMAT, TWICE = "100000", "200001", "200003"
DESCRIPTIONS = {TAKEN: "成功", BAD_FORMAT: "报文格式错误", TWICE: "重复提交"}
WRONG_SERIAL = "9" * 12 + "_" + "0" * 40
REPORT_TAKEN = "100402"
"""Our answer to a report by a bank; nothing is said to it."""
GARBAGE = b"\x00\xff<<not a message>"
STEPS_AT_ONCE = 500
REPLY = "at, bank, application_id, tx_code, result, content"


@dataclass(frozen=True)
class Ack:
    """The synchronous answer to one message."""

    serial: str
    code: str

    def as_json(self) -> dict[str, str]:
        """Shape it as the wire wants it."""
        return {
            "TransSerialNumber": self.serial,
            "Code": self.code,
            "Description": DESCRIPTIONS.get(self.code, ""),
        }


class World:
    """One front-end with its banks. `now` is the clock of the house unless a test gives its own."""

    def __init__(
        self,
        store: Store,
        scenario: Scenario,
        *,
        seed: int | None = None,
        check_duplicates: bool = True,
        now: Callable[[], datetime] = clock.now,
    ) -> None:
        self.store, self.scenario = store, scenario
        self.ledger = Ledger(store, scenario)
        self._seed = scenario.seed if seed is None else seed
        self.faults = Faults(store, self._seed)
        self.check_duplicates = check_duplicates
        self._counter = Counter(store, self.ledger, scenario, check_duplicates=check_duplicates)
        self._now = now
        self._set_up()

    def reopened(self) -> World:
        """Give the same world anew from its file; the old one must be closed."""
        return World(
            Store(self.store.path), self.scenario, seed=self._seed,
            check_duplicates=self.check_duplicates, now=self._now,
        )  # fmt: skip

    @property
    def story_start(self) -> int | None:
        """When the story began, in milliseconds; None while it waits."""
        found = self.store.recall("story_start")
        return None if found is None else int(found)

    def now_ms(self) -> int:
        """Milliseconds of the present moment."""
        return to_ms(self._now())

    def start(self, ago: float = 0) -> bool:
        """Begin the story `ago` seconds before now, if it has not begun; True when this began it.

        What was due since then is done at once, in order, at the times when it was due.
        """
        with self.store.transaction():
            if self.story_start is not None:
                return False
            now = self.now_ms() - int(ago * 1000)
            self.store.remember("story_start", str(now))
            for move in self.scenario.moves:
                self._plan(move, now)
            return True

    def receive(self, raw: bytes) -> Ack:
        """Take one message over; what it asks for happens when the bank gets to it."""
        now = self.now_ms()
        with self.store.transaction():
            try:
                request = Request(raw)
            except Unreadable as error:
                return self._receive_garbage(raw, str(error), now)
            envelope = request.envelope
            if refused := self.faults.strike("refuse", envelope.bank):
                self._keep(envelope, raw, refused["code"], now)
                return Ack(envelope.serial, refused["code"])
            if self.check_duplicates and self.store.one(
                "SELECT 1 FROM message WHERE serial = ? AND code = ?", envelope.serial, TAKEN
            ):
                self._keep(envelope, raw, TWICE, now)
                return Ack(envelope.serial, TWICE)
            message = self._keep(envelope, raw, TAKEN, now)
            if envelope.tx_code != REPORT_TAKEN:
                self.store.run(
                    "INSERT INTO task (message, bank, due) VALUES (?, ?, ?)",
                    message, envelope.bank, now + self._delay(envelope),
                )  # fmt: skip
            misread = self.faults.strike("wrong_serial", envelope.bank)
            return Ack(WRONG_SERIAL if misread else envelope.serial, TAKEN)

    def fetch(self, after: int, limit: int) -> tuple[list[tuple[int, bytes]], bool]:
        """Give the answers behind a cursor, oldest first, and whether more wait."""
        rows = self.store.all(
            "SELECT cursor, content FROM reply WHERE cursor > ? AND acked = 0"
            " ORDER BY cursor LIMIT ?",
            after, limit + 1,
        )  # fmt: skip
        return [(row["cursor"], row["content"]) for row in rows[:limit]], len(rows) > limit

    def acknowledge(self, upto: int) -> None:
        """Stop offering the answers up to a cursor."""
        with self.store.transaction():
            self.store.run("UPDATE reply SET acked = 1 WHERE cursor <= ? AND acked = 0", upto)

    def step(self) -> int:
        """Do what is due, oldest first; how many things were done."""
        now = self.now_ms()
        if self.store.one("SELECT 1 FROM held_back WHERE until <= ?", now):
            with self.store.transaction():
                self._let_go(now)
        for done in range(STEPS_AT_ONCE):
            with self.store.transaction():
                if not self._step_once(now):
                    return done
        return STEPS_AT_ONCE

    def pay(self, raw: dict[str, Any]) -> Booked:
        """Let a victim pay now: from, to, amount, memo, claim; ScenarioError, PaymentRefused."""
        move = read_move(raw)
        if not move.claim or move.fen is None:
            raise ScenarioError("A victim's payment needs a claim and an amount.")
        check_move(move, self.scenario)
        with self.store.transaction():
            self.step()  # what was due before comes before
            return self._book(move, move.fen, self.now_ms())

    def script(self, moves: list[dict[str, Any]]) -> int:
        """Add moves, `at` in story seconds from now; how many. Raises ScenarioError."""
        read = [read_move(each) for each in moves]
        for move in read:
            check_move(move, self.scenario)
        with self.store.transaction():
            now = self.now_ms()
            for move in read:
                self._plan(move, now)
        return len(read)

    def order_fault(self, raw: dict[str, Any]) -> None:
        """Set a fault, or clear the faults of one bank ("" = all). Raises FaultError."""
        with self.store.transaction():
            if raw.get("clear"):
                self.faults.clear(str(raw.get("bank", "") or ""))
                # What a silent bank left lying is worked off from now on, not in the past.
                self.store.run(
                    "UPDATE task SET due = ? WHERE done = 0 AND due < ?",
                    self.now_ms(), self.now_ms(),
                )  # fmt: skip
            else:
                self.faults.order(raw, set(self.scenario.banks))

    def effects(self, application_id: str) -> int:
        """Count how often a request took effect."""
        count: int = self.store.value(
            "SELECT count(*) FROM effect WHERE application_id = ?", application_id
        )
        return count

    def _set_up(self) -> None:
        wanted = f"{self.scenario.name}/{self._seed}/{_fingerprint(self.scenario)}"
        with self.store.transaction():
            found = self.store.recall("scenario")
            if found == wanted:
                return
            if found is not None:
                raise ScenarioError(
                    f"The ledger belongs to another story ({found}); give another --data folder."
                )
            self.store.remember("scenario", wanted)
            now = self.now_ms()
            for account in self.scenario.accounts.values():
                chance = random.Random(f"{self._seed}/past/{account.number}")
                self.ledger.open(account, now, chance)

    def _receive_garbage(self, raw: bytes, cause: str, now: int) -> Ack:
        seen = glimpse(raw)
        self._keep(seen, raw, BAD_FORMAT, now)
        if seen.message_from and seen.application_id:
            answer = garbled(f"报文无法解析：{cause}", self.scenario.banks.get(seen.bank))
            self._reply(seen, answer, answer.result, now)
        return Ack(seen.serial, BAD_FORMAT)

    def _keep(self, envelope: Envelope, raw: bytes, code: str, now: int) -> int:
        return self.store.run(
            "INSERT INTO message (at, bank, serial, message_from, application_id, tx_code, code,"
            " raw) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            now, envelope.bank, envelope.serial, envelope.message_from,
            envelope.application_id, envelope.tx_code, code, raw,
        )  # fmt: skip

    def _delay(self, envelope: Envelope) -> int:
        bank = self.scenario.banks.get(envelope.bank)
        kinds = {"1001": bank.stop, "1002": bank.freeze, "1003": bank.query} if bank else {}
        ordinal = self.store.count(f"delay/{envelope.bank}/{envelope.tx_code}")
        chance = random.Random(f"{self._seed}/delay/{envelope.bank}/{envelope.tx_code}/{ordinal}")
        late = self.faults.strike("delay", envelope.bank)
        extra = int(late["seconds"] * 1000) if late else 0
        return draw(kinds.get(envelope.tx_code[:4], Delay()), chance) + extra

    def _step_once(self, now: int) -> bool:
        plan = self.store.one(
            "SELECT * FROM plan WHERE state = 'planned' AND due <= ? ORDER BY due, id LIMIT 1", now
        )
        task = self._next_task(now)
        if plan is not None and (task is None or plan["due"] <= task["due"]):
            self._carry_out(plan)
        elif task is not None:
            self._work(task)
        else:
            return self._tell_watched(now)
        return True

    def _tell_watched(self, now: int) -> bool:
        """Let a bank tell the next batch of a watched account, if there is one."""
        batch = self._counter.watches.next_batch()
        if batch is not None:
            self._reply(Request(batch[0]).envelope, batch[1], batch[1].result, now)
        return batch is not None

    def _next_task(self, now: int) -> sqlite3.Row | None:
        quiet = self.faults.silenced(set(self.scenario.banks))
        quiet |= {bank.code for bank in self.scenario.banks.values() if bank.silent}
        rows = self.store.all(
            "SELECT * FROM task WHERE done = 0 AND due <= ? ORDER BY due, id", now
        )
        return next((row for row in rows if row["bank"] not in quiet), None)

    def _work(self, task: sqlite3.Row) -> None:
        message = self.store.one("SELECT * FROM message WHERE id = ?", task["message"])
        assert message is not None, "a task belongs to a message"
        request, at, bank = Request(message["raw"]), task["due"], task["bank"]
        odd = self.faults.strike("unknown_code", bank)
        answer = Answer("", ()) if odd else self._counter.serve(request, message["id"], at)
        result = odd["code"] if odd else answer.result
        self.store.run("UPDATE task SET done = 1, result = ? WHERE id = ?", result, task["id"])
        if self.faults.strike("drop_reply", bank):
            return
        copies = 2 if self.faults.strike("duplicate_reply", bank) else 1
        for _ in range(copies):
            self._reply(request.envelope, answer, result, at)

    def _reply(self, envelope: Envelope, answer: Answer, result: str, at: int) -> None:
        tx_code = feedback_code(envelope.tx_code)
        moment = clock.to_wire(from_ms(at))
        serial = f"{envelope.bank:0>12}_{'0' * 12}{moment}{self.store.count('serial'):014d}"
        body = answer.body(envelope.application_id, result)
        content = write(tx_code, envelope.message_from, serial, body)
        if self.faults.strike("garbage_reply", envelope.bank):
            content = GARBAGE
        row = (at, envelope.bank, envelope.application_id, tx_code, result, content)
        if late := self.faults.strike("reorder", envelope.bank):
            self.store.run(
                f"INSERT INTO held_back (until, {REPLY}) VALUES (?, ?, ?, ?, ?, ?, ?)",
                at + int(late["seconds"] * 1000), *row,
            )  # fmt: skip
            return
        self.store.run(f"INSERT INTO reply ({REPLY}) VALUES (?, ?, ?, ?, ?, ?)", *row)
        self._let_go()

    def _let_go(self, due: int | None = None) -> None:
        """Give out the answers that were held back: all, or those whose wait is over."""
        over = "until <= coalesce(?, until)"
        self.store.run(
            f"INSERT INTO reply ({REPLY}) SELECT {REPLY} FROM held_back WHERE {over} ORDER BY id",
            due,
        )
        self.store.run(f"DELETE FROM held_back WHERE {over}", due)

    def _plan(self, move: Move, start: int, kind: str = "move") -> None:
        self.store.run(
            "INSERT INTO plan (due, kind, source, target, fen, channel, memo, claim, keep_fen,"
            " source_name, target_name) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            start + int(move.at * 1000), kind, move.source, move.target, move.fen, move.channel,
            move.memo, move.claim, move.keep_fen, move.source_name, move.target_name,
        )  # fmt: skip

    def _carry_out(self, plan: sqlite3.Row) -> None:
        try:
            if plan["kind"] == "spread":
                self._spread(plan)
            else:
                move = Move(
                    0, plan["source"], plan["target"], plan["fen"], plan["channel"], plan["memo"],
                    plan["claim"], plan["keep_fen"], plan["source_name"], plan["target_name"],
                )  # fmt: skip
                self._book(move, self._amount(plan), plan["due"])
        except PaymentRefused as refused:
            # The launderer gives up here; whatever comes in later starts anew.
            self._close(plan, "refused", str(refused))
        else:
            self._close(plan, "done", "")

    def _close(self, plan: sqlite3.Row, state: str, note: str) -> None:
        self.store.run("UPDATE plan SET state = ?, note = ? WHERE id = ?", state, note, plan["id"])

    def _amount(self, plan: sqlite3.Row) -> int:
        """Find what a planned move takes: its amount, or the rest beyond what is kept."""
        fen: int | None = plan["fen"]
        if fen is not None:
            return fen
        number = plan["source"]
        account = self.ledger.account(number)
        rest: int = self.ledger.free_fen(number, plan["due"]) - plan["keep_fen"]
        if rest <= 0 and account is not None and account["balance_fen"] > plan["keep_fen"]:
            raise PaymentRefused("stopped or frozen")
        return rest

    def _book(self, move: Move, fen: int, at: int) -> Booked:
        booked = self.ledger.pay(
            Payment(
                at, move.source, move.target, fen, move.channel, move.memo, move.claim,
                move.source_name, move.target_name,
            )
        )  # fmt: skip
        self._arrive(move.target, booked, fen, at)
        return booked

    def _arrive(self, account: str, booked: Booked, fen: int, at: int) -> None:
        """Let a crew that waits at the account plan its next step."""
        found = crew_of(self.scenario, account, booked.claims)
        if found is None:
            return
        crew, _tier = found
        chance = self._chance(f"{crew.name}/{account}/hold")
        onward = Move(draw(crew.hold, chance) / 1000, account, "", fen, memo=crew.name)
        self._plan(onward, at, "spread")

    def _spread(self, plan: sqlite3.Row) -> None:
        number, due = plan["source"], plan["due"]
        free = self.ledger.free_fen(number, due)
        if free <= 0:
            raise PaymentRefused("stopped or frozen")
        crew = next(each for each in self.scenario.launderers if each.name == plan["memo"])
        tier = next(place for place, tier in enumerate(crew.tiers) if number in tier)
        chance = self._chance(f"{crew.name}/{number}/split")
        for onward in split(crew, tier, min(plan["fen"], free), chance):
            due += onward.gap_ms
            self._plan(
                Move(
                    0, number, onward.target, onward.fen, onward.channel,
                    target_name=onward.target_name,
                ),
                due,
            )  # fmt: skip

    def _chance(self, key: str) -> random.Random:
        return random.Random(f"{self._seed}/{key}/{self.store.count(key)}")


def _fingerprint(scenario: Scenario) -> str:
    return hashlib.sha256(repr(scenario).encode()).hexdigest()[:12]
