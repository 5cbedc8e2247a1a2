"""A small town with two banks, a clock that stands still, and the platform's own messages."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from fanzha.channels.bank_gateway import inquiries, orders
from fanzha.channels.bank_gateway.codec import Message, decode, encode
from fanzha.channels.bank_gateway.serials import new_application_id, new_serial
from fanzha.core.clock import ZONE
from fanzha.simulation.banks.scenario import parse
from fanzha.simulation.banks.store import Store
from fanzha.simulation.banks.world import World

if TYPE_CHECKING:
    from pathlib import Path

START = datetime(2026, 3, 2, 9, 0, tzinfo=ZONE)
CENTRE = "990199990000"
NORTH, SOUTH = "990100000011", "990100000012"
MULE, SECOND, VICTIM = "629911001", "629912001", "629911002"
GUARDED, LIMITED, FULL, BUSY = "629911003", "629911004", "629911005", "629911006"
HOLDER = {
    MULE: "柏小舟",
    SECOND: "邢二郎",
    VICTIM: "沈若溪",
    GUARDED: "某市社保专户",
    LIMITED: "鲍三",
    FULL: "陶四",
    BUSY: "闻五",
}


def town(**changes: Any) -> dict[str, Any]:
    """Two banks that answer at once, and one account of each kind."""
    former = {"department": "某地法院", "until": "2099-12-31"}
    return {
        "name": "town",
        "banks": {
            "north": {"code": NORTH, "name": "北城银行", "prefix": "629911"},
            "south": {"code": SOUTH, "name": "南城银行", "prefix": "629912"},
        },
        "accounts": [
            _account(MULE, balance="800.00", role="mule"),
            _account(SECOND, bank="south", role="mule", balance="5.50"),
            _account(VICTIM, balance="20000.00", role="victim"),
            _account(GUARDED, guard="社会保险基金"),
            _account(LIMITED, balance="300.00", former=former | {"amount": "100.00"}),
            _account(FULL, balance="300.00", former=former),
            _account(BUSY, balance="300.00"),
        ],
    } | changes


def _account(number: str, **more: Any) -> dict[str, Any]:
    return {"number": number, "bank": "north", "holder": HOLDER[number], "history": 3} | more


@dataclass
class Town:
    """A world under test with a clock that its test turns."""

    world: World
    clock: list[datetime]
    seen: int = 0
    sent: list[Message] = field(default_factory=list)

    def wait(self, seconds: float = 0) -> None:
        """Let time pass and what is due happen."""
        self.clock[0] += timedelta(seconds=seconds)
        self.world.step()

    def send(self, message: Message) -> str:
        """Hand a message over; its gateway code."""
        self.sent.append(message)
        return self.world.receive(encode(message)).code

    def answers(self) -> list[Message]:
        """Read and acknowledge what the banks have said since the last time."""
        found, _more = self.world.fetch(self.seen, 100)
        if found:
            self.seen = found[-1][0]
            self.world.acknowledge(self.seen)
        return [decode(content) for _cursor, content in found]

    def ask(self, message: Message) -> Message:
        """Send, wait a second, and give back the one answer."""
        assert self.send(message) == "100000"
        self.wait(1)
        (answer,) = self.answers()
        assert answer.to == CENTRE
        assert answer.application_id == message.application_id
        return answer

    def result(self, message: Message) -> str:
        """Give the business result of a message."""
        result: str = self.ask(message).body["Result"]
        return result

    def pay(self, source: str, target: str, amount: str, claim: str = "K1") -> None:
        """Let a victim pay."""
        self.world.pay({"from": source, "to": target, "amount": amount, "claim": claim})

    def balance(self, number: str) -> int:
        """Give the balance of an account in fen."""
        row = self.world.ledger.account(number)
        assert row is not None
        balance: int = row["balance_fen"]
        return balance

    def stop(self, account: str = MULE, **changes: Any) -> Message:
        """Write a stop of an account, valid unless something is changed."""
        transfer = orders.Transfer(1_000_000, self.clock[0] - timedelta(minutes=5))
        return orders.stop_payment(
            self._request("100101", account, "03", **changes),
            transfer,
            expires=self.clock[0] + timedelta(hours=48),
        )

    def freeze(self, account: str = MULE, amount_fen: int | None = None, **more: Any) -> Message:
        """Write a freeze of an account."""
        ends = self.clock[0] + timedelta(days=more.pop("days", 180))
        request = self._request("100201", account, "01", "02", **more)
        return orders.freeze(request, amount_fen=amount_fen, starts=self.clock[0], expires=ends)

    def query(self, account: str = MULE, *, days: int = 60, **more: Any) -> Message:
        """Write a query for the transactions of an account."""
        period = (self.clock[0] - timedelta(days=days), self.clock[0] + timedelta(days=1))
        return inquiries.transaction_query(self._request("100301", account, **more), period=period)

    def holder_query(self, account: str = MULE, **more: Any) -> Message:
        """Write a query for the holder of an account."""
        return inquiries.holder_query(self._request("100303", account, **more))

    def all_accounts_query(self, account: str = MULE, **more: Any) -> Message:
        """Write a query for everything that the holder of an account has at the bank."""
        return inquiries.all_accounts_query(self._request("100309", account, **more))

    def watch(self, account: str = MULE, *, days: int = 30, **more: Any) -> Message:
        """Write a watch of an account."""
        until = self.clock[0] + timedelta(days=days)
        return inquiries.watch(self._request("100305", account, **more), until=until)

    def release_watch(self, watch: Message) -> Message:
        """Write the end of a watch that was written here."""
        request = self._request("100307", watch.body["AccountNumber"])
        return inquiries.release_watch(request, watch.application_id)

    def release(self, hold: Message, amount_fen: int | None = None) -> Message:
        """Write the release of a stop or freeze that was written here."""
        tx_code, papers = {"100101": ("100103", ()), "100201": ("100203", ("02",))}[hold.tx_code]
        request = self._request(tx_code, hold.body["AccountNumber"], *papers)
        return orders.release(tx_code, request, hold.application_id, amount_fen=amount_fen)

    def extension(self, hold: Message, *, until: datetime) -> Message:
        """Write the extension of a stop or freeze that was written here."""
        tx_code, papers = {"100101": ("100105", ()), "100201": ("100205", ("02",))}[hold.tx_code]
        request = self._request(tx_code, hold.body["AccountNumber"], *papers)
        return orders.extension(
            tx_code, request, hold.application_id, starts=self.clock[0], expires=until
        )

    def _request(self, tx_code: str, account: str, *papers: str, **changes: Any) -> orders.Request:
        now = self.clock[0]
        parts: dict[str, Any] = {
            "envelope": orders.Envelope(
                CENTRE, new_serial(CENTRE, now), new_application_id(tx_code, now)
            ),
            "target": orders.Target(
                changes.pop("bank", SOUTH if account.startswith("629912") else NORTH),
                account,
                changes.pop("holder", HOLDER.get(account, "无名氏")),
            ),
            "applicant": orders.Applicant(
                now,
                CENTRE,
                "岚江市反诈中心",
                orders.Person("林青", "000000199001011234", "10100000001"),
                orders.Person("赵柯", "000000198501011234"),
            ),
            "case": orders.CaseRef("A9901001", "冒充领导"),
            "reason": "电信网络诈骗",
            "attachments": tuple(orders.Attachment(kind, b"%PDF-1.4") for kind in papers),
        }
        return orders.Request(**(parts | changes))


def changed(message: Message, **body: str) -> Message:
    """Change elements of a message behind the builder's back, under a new serial."""
    return Message(
        message.tx_code,
        new_serial(CENTRE, START),
        message_from=message.message_from,
        body=message.body | body,
    )


def open_town(folder: Path, *, check_duplicates: bool = True, **changes: Any) -> Town:
    """Open a town on a folder, its story begun."""
    clock = [START]
    store = Store(folder / "ledger.sqlite3")
    scenario = parse(town(**changes))
    world = World(store, scenario, check_duplicates=check_duplicates, now=lambda: clock[0])
    world.start()
    return Town(world, clock)
