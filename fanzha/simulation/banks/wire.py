"""XML as the simulated banks read and write it: a reading of the interface of their own.

Kept apart from the platform's codec on purpose: what one side gets wrong must show on the other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from defusedxml.ElementTree import ParseError, fromstring

from fanzha.core.clock import ZONE, from_wire, to_wire
from fanzha.core.money import FEN_PER_YUAN, BadAmount, parse_yuan
from fanzha.simulation.banks.store import from_ms, to_ms

if TYPE_CHECKING:
    from collections.abc import Iterable
    from xml.etree.ElementTree import Element

_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_AMOUNT = re.compile(r"[0-9]{1,15}(\.[0-9]{1,2})?")
_HINTS = {
    name: re.compile(rf"<{name}>\s*([^<>\s]+)\s*</{name}>".encode())
    for name in ("TxCode", "MessageFrom", "TransSerialNumber", "ApplicationID", "BankID")
}


class Unreadable(Exception):
    """Bytes that are no message."""


@dataclass(frozen=True)
class Envelope:
    """The head of a message, and the two fields of the body that say where it goes."""

    tx_code: str
    message_from: str
    serial: str
    application_id: str
    bank: str


class Request:
    """One message from the police side."""

    def __init__(self, raw: bytes) -> None:
        try:
            root = fromstring(raw, forbid_dtd=True)
        except (ParseError, ValueError, LookupError) as error:
            raise Unreadable(str(error)) from None
        head, body = root.find("Head"), root.find("Body")
        if head is None or body is None:
            raise Unreadable("no Head or no Body")
        self._body: Element = body
        self.envelope = Envelope(
            (head.findtext("TxCode") or "").strip(),
            (head.findtext("MessageFrom") or "").strip(),
            (head.findtext("TransSerialNumber") or "").strip(),
            self.text("ApplicationID"),
            self.text("BankID"),
        )
        if not self.envelope.tx_code or not self.envelope.serial:
            raise Unreadable("no TxCode or no TransSerialNumber")

    def text(self, name: str) -> str:
        """Give the text of an element, "" when there is none."""
        return (self._body.findtext(name) or "").strip()

    def time(self, name: str) -> int | None:
        """Milliseconds of a time; None when it is empty. Raises ValueError."""
        text = self.text(name)
        return to_ms(from_wire(text)) if text else None

    def amount(self, name: str) -> int | None:
        """Fen of an amount; None when it is empty. Raises BadAmount, also for a negative one."""
        text = self.text(name)
        if not text:
            return None
        if _AMOUNT.fullmatch(text) is None:
            raise BadAmount(f"{text!r} is not an amount of yuan with at most two decimals")
        return parse_yuan(text)

    def papers(self) -> set[str]:
        """Kinds of the attached papers: the first two characters of their file names."""
        return {
            (each.findtext("Filename") or "").strip()[:2]
            for each in self._body.iterfind("Attachments/Attachment")
            if (each.findtext("Content") or "").strip()
        }


def glimpse(raw: bytes) -> Envelope:
    """Make out what can be read in bytes that do not parse."""
    seen = {}
    for name, pattern in _HINTS.items():
        found = pattern.search(raw)
        seen[name] = found[1].decode("ascii", "replace") if found else ""
    return Envelope(
        seen["TxCode"], seen["MessageFrom"], seen["TransSerialNumber"],
        seen["ApplicationID"], seen["BankID"],
    )  # fmt: skip


def write(tx_code: str, to: str, serial: str, body: str) -> bytes:
    """One message from a bank."""
    head = element("Head", "".join(
        element(name, text(value))
        for name, value in (
            ("Mode", "01"), ("To", to), ("TxCode", tx_code), ("TransSerialNumber", serial),
        )
    ))  # fmt: skip
    declaration = '<?xml version="1.0" encoding="UTF-8"?>'
    return (declaration + element("Response", head + element("Body", body))).encode()


def fields(pairs: Iterable[tuple[str, str]]) -> str:
    """Several elements of text in their order."""
    return "".join(element(name, text(value)) for name, value in pairs)


def element(name: str, inner: str) -> str:
    """One element around what is already XML."""
    return f"<{name}>{inner}</{name}>"


def text(value: str) -> str:
    """Plain text as XML."""
    return escape(_ILLEGAL.sub("", value), quote=False)


def yuan(fen: int | None) -> str:
    """`1200.50`; "" when there is no amount."""
    if fen is None:
        return ""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // FEN_PER_YUAN}.{abs(fen) % FEN_PER_YUAN:02d}"


def stamp(ms: int | None) -> str:
    """`yyyyMMddHHmmss` of the zone of the banks; "" when there is no time."""
    return "" if ms is None else to_wire(from_ms(ms))


def iso(ms: int) -> str:
    """Write a time as people read it in the ledger."""
    return from_ms(ms).astimezone(ZONE).isoformat(timespec="milliseconds")
