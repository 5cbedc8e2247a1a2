"""Questions to a bank in tests of screens: drafted on the page, approved, sent, answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fanzha.channels.bank_gateway import actions as gateway
from fanzha.channels.bank_gateway.client import Item
from fanzha.channels.bank_gateway.events import MessageReceived
from fanzha.channels.bank_gateway.models import FrontEnd, Message
from fanzha.identity.acting import acting_for, system_scope
from fanzha.instructions import actions, reactions
from fanzha.instructions.models import Instruction
from tests.build import bank, case, draft
from tests.cast import DUTY, NOON
from tests.desk.browser import browser, shown

if TYPE_CHECKING:
    from fanzha.identity.models import Officer


def drafted_stop(by: Officer) -> Instruction:
    """The stop on whose page everything else is asked."""
    bank()
    opened = case(by)
    with acting_for(by):
        (package,) = actions.draft(by, opened, [draft()], at=NOON, ground=DUTY)
        made: Instruction = package.instructions.select_related("case", "package").get()
    return made


def ask_url(of: Instruction) -> str:
    """Where a question about the account of an instruction is drafted."""
    return f"/instructions/{of.public_id}/ask/"


def asked_on(stop: Instruction, kind: str, by: Officer, approver: Officer) -> Instruction:
    """Draft the question on the page, approve and send it."""
    browser(by).post(ask_url(stop), {"kind": kind, "reason": "查明开户人"})
    with acting_for(approver):
        found = Instruction.objects.select_related("case", "package").filter(kind=kind).latest("id")
        actions.approve(approver, found.package, at=NOON, ground=DUTY)
    with system_scope("test") as system:
        found.refresh_from_db()
        actions.send(system, found, at=NOON, ground=DUTY)
    return found


def answer(asked: Instruction, tx_code: str, told: str, result: str = "0000") -> None:
    """Let the bank answer with these elements."""
    xml = f"""<Response><Head><TxCode>{tx_code}</TxCode></Head><Body>
    <ApplicationID>{asked.application_id}</ApplicationID><Result>{result}</Result>{told}
    </Body></Response>"""
    receive(xml)


def receive(xml: str) -> None:
    """A front-end hands a message over, and it is read."""
    with system_scope("test") as system:
        end = FrontEnd.objects.get()
        cursor = Message.objects.filter(outgoing=False).count() + 1
        gateway.keep_received(system, end, [Item(cursor, xml.encode())], at=NOON, ground=DUTY)
        received = Message.objects.filter(outgoing=False).latest("id")
    reactions.read_message(MessageReceived(received.pk))


def page_of(officer: Officer, of: Instruction, language: str = "en") -> str:
    """The page of an instruction as this officer sees it."""
    return shown(browser(officer, language).get(f"/instructions/{of.public_id}/"))
