"""Whoever examines an endpoint: its invented orders, the line to it, and what came back."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import httpx

from fanzha.channels.bank_gateway import inquiries, orders
from fanzha.channels.bank_gateway.codec import Message, decode, encode
from fanzha.channels.bank_gateway.failures import MalformedMessage
from fanzha.channels.bank_gateway.profile import load
from fanzha.channels.bank_gateway.replies import read_result
from fanzha.channels.bank_gateway.serials import new_application_id, new_serial
from fanzha.core import clock

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from fanzha.channels.bank_gateway.client import FrontEnd

ORGANISATION = "990199990000"
TAKEN, TWICE = "100000", "200003"
LOOK_SECONDS = 0.1
PAPERS = {
    "100101": (orders.PAPER_STOP_FORM,),
    "100201": (orders.PAPER_POLICE_ID, orders.PAPER_FREEZE),
    "100203": (orders.PAPER_FREEZE,),
}


class Failed(Exception):
    """The endpoint does otherwise; the sentence says what."""


@dataclass(frozen=True)
class Subject:
    """An account that exists behind the endpoint, and whose it is."""

    bank: str
    account: str
    holder: str


class Examiner:
    """Sends invented orders about one account and waits for what is said of them."""

    def __init__(
        self,
        front: FrontEnd,
        subject: Subject,
        *,
        patience: float = 60,
        now: Callable[[], datetime] = clock.now,
    ) -> None:
        self.front, self.subject, self.patience, self.now = front, subject, patience, now
        self.cursor = 0
        self._heard: dict[str, list[Message]] = {}

    def rewind(self) -> None:
        """Go behind everything that waits: none of it was said to us."""
        while True:
            page = self.front.fetch(self.cursor)
            self.cursor = page.last or self.cursor
            if not page.more:
                return

    def raw(self, method: str, path: str, token: str | None = None, **more: Any) -> int:
        """Call a door by hand; the status."""
        heads = self.front.heads if token is None else {"Authorization": f"Bearer {token}"}
        try:
            answer = httpx.request(
                method, self.front.url + path, headers=heads, timeout=10, trust_env=False, **more
            )
        except httpx.HTTPError as error:
            raise Failed(f"{method} {path} was cut off: {error}") from None
        return answer.status_code

    def send(self, *messages: Message | bytes) -> list[str]:
        """Post messages in one call; their gateway codes, each of which must name its message."""
        acks = self.front.post(
            [encode(each) if isinstance(each, Message) else each for each in messages]
        )
        for message, ack in zip(messages, acks, strict=True):
            if isinstance(message, Message) and ack.serial != message.serial:
                raise Failed(f"message {message.serial} was acknowledged as {ack.serial or '-'}")
        return [ack.code for ack in acks]

    def ask(self, message: Message) -> Message:
        """Send one message that must be taken; its feedback."""
        (code,) = self.send(message)
        if code != TAKEN:
            raise Failed(f"{message.tx_code} was not taken over: {code}")
        return self.feedback(message)

    def result(self, message: Message) -> str:
        """Send one message that must be taken; the business result."""
        return read_result(self.ask(message)).code

    def feedback(self, message: Message, count: int = 1) -> Message:
        """Wait for the `count`-th feedback to a message and check its head."""
        number, ends = message.application_id, time.monotonic() + self.patience
        while len(self._heard.get(number, ())) < count:
            if time.monotonic() > ends:
                raise Failed(f"{message.tx_code} had no answer within {self.patience:g} s")
            self._listen()
        answer = self._heard[number][count - 1]
        wanted = load().tx_codes[message.tx_code].feedback
        if answer.tx_code[-4:] != wanted[-4:]:
            raise Failed(f"{message.tx_code} was answered by {answer.tx_code}, not {wanted}")
        if answer.to != ORGANISATION:
            raise Failed(f"the feedback goes To {answer.to or '-'}, not to {ORGANISATION}")
        if not read_result(answer).known:
            raise Failed(f"the Result {read_result(answer).code or '-'} is none of the profile")
        return answer

    def _listen(self) -> None:
        page = self.front.fetch(self.cursor)
        for item in page.items:
            self.cursor = item.cursor
            try:
                heard = decode(item.content)
            except MalformedMessage as flaw:
                raise Failed(f"the message at cursor {item.cursor} is unreadable: {flaw}") from None
            self._heard.setdefault(heard.application_id, []).append(heard)
        if not page.items:
            time.sleep(LOOK_SECONDS)

    def query(self, **changes: Any) -> Message:
        """Ask for the transactions of the account in the last week."""
        now = self.now()
        return inquiries.transaction_query(
            self._request("100301", **changes), period=(now - timedelta(days=7), now)
        )

    def stop(self, **changes: Any) -> Message:
        """Stop the account for 48 hours."""
        now = self.now()
        return orders.stop_payment(
            self._request("100101", **changes),
            orders.Transfer(100_00, now - timedelta(minutes=30)),
            starts=now, expires=now + timedelta(hours=48),
        )  # fmt: skip

    def freeze(self, amount_fen: int) -> Message:
        """Freeze an amount in the account for 30 days."""
        now = self.now()
        return orders.freeze(
            self._request("100201"),
            amount_fen=amount_fen, starts=now, expires=now + timedelta(days=30),
        )  # fmt: skip

    def release(self, tx_code: str, original: str) -> Message:
        """Release what was ordered under the number `original`."""
        return orders.release(tx_code, self._request(tx_code), original)

    def _request(self, tx_code: str, **changes: Any) -> orders.Request:
        now, subject = self.now(), self.subject
        papers = PAPERS.get(tx_code, ())
        return orders.Request(
            envelope=orders.Envelope(
                ORGANISATION, new_serial(ORGANISATION, now), new_application_id(tx_code, now)
            ),
            target=orders.Target(
                subject.bank,
                changes.get("account", subject.account),
                changes.get("holder", subject.holder),
            ),
            applicant=orders.Applicant(
                now, ORGANISATION, "测试反诈中心",
                orders.Person("测某", "000001", "96110", "04"), orders.Person("试某", "000002"),
            ),
            case=orders.CaseRef("A9901999", "测试"),
            reason="接口认证测试",
            attachments=tuple(
                orders.Attachment(kind, b"%PDF-1.4 worksheet " + kind.encode()) for kind in papers
            ),
        )  # fmt: skip
