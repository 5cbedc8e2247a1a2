"""What happens because something happened: approved, acknowledged, answered. Safe to run twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fanzha.audit.rules import Ground
from fanzha.channels.bank_gateway import actions as gateway
from fanzha.channels.bank_gateway.codec import decode, text_of
from fanzha.channels.bank_gateway.failures import MalformedMessage
from fanzha.channels.bank_gateway.holdings import number_of, read_holdings
from fanzha.channels.bank_gateway.models import Message
from fanzha.channels.bank_gateway.replies import read_statement
from fanzha.channels.bank_gateway.reports import is_report
from fanzha.channels.bank_gateway.rules import Outcome
from fanzha.core import clock
from fanzha.entities import actions as entities
from fanzha.entities.rules import normal_account
from fanzha.identity.acting import System, system_scope
from fanzha.instructions import actions, answers, guarding, leads, queries, watching
from fanzha.instructions.escapes import Escape, Outflow, Term, escapes, fresh
from fanzha.instructions.guards import NAMED_BY_BANK
from fanzha.instructions.models import Instruction
from fanzha.instructions.rules import FEEDBACK_OF, Kind, Move, State
from fanzha.movements import actions as movements
from fanzha.movements import queries as statements
from fanzha.movements.rules import AlreadyImported

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fanzha.channels.bank_gateway.codec import Message as Xml
    from fanzha.channels.bank_gateway.events import DeliverySettled, MessageReceived
    from fanzha.instructions.events import Approved, ReplyRecorded
    from fanzha.movements.events import StatementImported
    from fanzha.movements.models import Statement

BELONGS_TO_NONE = "no instruction of ours has this ApplicationID"


def send_approved(fact: Approved) -> None:
    """Approved means: it goes out."""
    with system_scope("instructions.send") as system:
        instruction = _locked(fact.instruction_id)
        ground = Ground("instruction", instruction.public_id, "approved")
        actions.send(system, instruction, at=clock.now(), ground=ground)


def note_delivery(fact: DeliverySettled) -> None:
    """The gateway took or refused the message."""
    with system_scope("instructions.delivery") as system:
        found = Instruction.objects.filter(application_id=fact.application_id).first()
        if found is None:
            return
        instruction = _locked(found.pk)
        ground = Ground("instruction", instruction.public_id)
        actions.note_delivery(
            system, instruction, accepted=bool(fact.accepted), code=fact.code,
            at=clock.now(), ground=ground,
        )  # fmt: skip


def read_message(fact: MessageReceived) -> None:
    """Read a raw message: whose it is, what it says; what nobody understands goes to UNKNOWN."""
    with system_scope("instructions.read") as system:
        message = Message.objects.select_for_update().get(pk=fact.message_id)
        if message.state != Message.State.RECEIVED:
            return
        try:
            xml = decode(bytes(message.content))
        except MalformedMessage as flaw:
            _unknown(system, message, "", "", str(flaw))
            return
        if is_report(xml.tx_code):
            _reported(system, message, xml)
            return
        found = Instruction.objects.filter(application_id=xml.application_id).first()
        if found is None or not xml.application_id:
            _unknown(system, message, xml.tx_code, xml.application_id, BELONGS_TO_NONE)
            return
        instruction = _locked(found.pk)
        expected = FEEDBACK_OF[Kind(instruction.kind)]
        if xml.tx_code[-4:] != expected[-4:]:
            note = f"{xml.tx_code} does not answer {instruction.kind}"
            _unknown(system, message, xml.tx_code, xml.application_id, note)
            return
        if note := _foreign(message, xml, instruction):
            _unknown(system, message, xml.tx_code, xml.application_id, note)
            return
        _record(system, message, xml, instruction)


def _reported(system: System, message: Message, xml: Xml) -> None:
    """A bank speaks first: no request of ours is asked for."""
    at, ground = clock.now(), Ground("message", f"in-{message.pk}")
    fresh = leads.keep(system, message, xml, at=at, ground=ground)
    gateway.note_read(
        system, message, state=Message.State.HANDLED, tx_code=xml.tx_code,
        application_id=xml.application_id, case_id=None, note="" if fresh else "delivered twice",
        at=at, ground=ground,
    )  # fmt: skip


def _foreign(message: Message, xml: Xml, instruction: Instruction) -> str:
    """Why the message cannot be the answer of whoever was asked; empty when it can."""
    sent = Message.objects.filter(
        outgoing=True, application_id=xml.application_id, front_end_id=message.front_end_id
    )
    if not sent.exists():
        return answers.OTHER_LINE
    named = {
        normal_account(text_of(xml.body, name).partition("_")[0])
        for name in ("AccountNumber", "CardNumber")
    } - {""}
    asked = normal_account(instruction.account.partition("_")[0])
    return answers.OTHER_ACCOUNT if named and asked not in named else ""


def watch_statement(fact: StatementImported) -> None:
    """A new statement may show that money left an account which a bank says it holds."""
    with system_scope("instructions.escapes") as system:
        _watch(system, statements.of_id(fact.statement_id))


def watch_answer(fact: ReplyRecorded) -> None:
    """A hold took effect: statements that are here already may reach beyond that moment."""
    with system_scope("instructions.escapes") as system:
        hold = Instruction.objects.get(pk=fact.instruction_id)
        if hold.kind in (Kind.STOP, Kind.FREEZE) and hold.effective_at:
            for statement in statements.statements_of_case(fact.case_id):
                if statement.last and statement.last >= hold.effective_at:
                    _watch(system, statement, only=hold.account)


def _watch(system: System, statement: Statement, only: str = "") -> None:
    """Find in one statement what left the accounts that are held; `only` that one if named."""
    by_account: dict[str, list[Outflow]] = {}
    for row in statements.outgoing(statement):
        outflow = Outflow(
            statement.public_id, row["row_no"], row["txn_time"], row["time_precision"],
            row["amount_fen"], row["balance_fen"],
        )  # fmt: skip
        for account in {row["own_key"], row["card_key"], row["account_key"]} - {""}:
            if account == only or not only:
                by_account.setdefault(account, []).append(outflow)
    if not by_account:
        return
    first = min(each.left_at for rows in by_account.values() for each in rows)
    for hold in queries.held_accounts(by_account, first):
        found = _escaped(hold, by_account[hold.account])
        if found:
            actions.note_escapes(
                system, hold, found, at=clock.now(), ground=Ground("statement", statement.public_id)
            )


def _escaped(hold: Instruction, outflows: Iterable[Outflow]) -> list[Escape]:
    assert hold.effective_at is not None
    term = Term(
        hold.effective_at, hold.ends_at, hold.amount_fen if hold.kind == Kind.FREEZE else None
    )
    known = [
        Outflow(
            each.statement, each.row_no, each.left_at, each.precision, each.amount_fen,
            each.balance_fen,
        )
        for each in queries.escapes_of(hold)
    ]  # fmt: skip
    return fresh(escapes(term, outflows), known)


def _record(system: System, message: Message, xml: Xml, instruction: Instruction) -> None:
    """Keep what the message says, and who has to look at it."""
    answer = answers.read(Kind(instruction.kind), xml)
    if answer is None:
        note, puzzled = "delivered twice", False
    elif instruction.kind == Kind.WATCH and instruction.effective_at:
        note, puzzled = _more(system, message, xml, instruction, answer)
    else:
        note, puzzled = _answered(system, message, xml, instruction, answer)
    gateway.note_read(
        system, message,
        state=Message.State.UNKNOWN if puzzled else Message.State.HANDLED,
        tx_code=xml.tx_code, application_id=xml.application_id, case_id=instruction.case_id,
        note=note, at=clock.now(), ground=Ground("message", f"in-{message.pk}"),
    )  # fmt: skip


def _guard(system: System, instruction: Instruction, answer: actions.Answer) -> None:
    """A bank that refuses because it guards the account puts it on our list too."""
    kind = Kind(instruction.kind)
    if answers.outcome_of(kind, answer.result_code) is not Outcome.GUARDED:
        return
    if guarding.guard_of(instruction.account) is None:
        source = f"{instruction.institution_name} {answer.result_code} {answer.result_text}"
        ground = Ground("instruction", instruction.public_id, source)
        guarding.guard(system, instruction.account, NAMED_BY_BANK, at=clock.now(), ground=ground)


def _answered(
    system: System, message: Message, xml: Xml, instruction: Instruction, answer: actions.Answer
) -> tuple[str, bool]:
    """The answer of the bank to what was asked: what it says, and whether nobody understands."""
    failed, effect = instruction.state == State.FAILED, answer.move in actions.TAKES_EFFECT
    if instruction.kind == Kind.QUERY and answer.move != Move.FAIL:
        _import(system, message, xml, instruction)
    if instruction.kind == Kind.ACCOUNTS:
        _mention(system, xml, instruction)
    fresh = actions.record_reply(
        system, instruction, answer, message_id=message.pk, at=clock.now(),
        ground=Ground("message", f"in-{message.pk}"),
    )  # fmt: skip
    if fresh:
        _guard(system, instruction, answer)
    if instruction.kind == Kind.WATCH and effect:
        _batch(system, message, xml, instruction)
    if answer.move is Move.PUZZLE:
        return f"unknown result {answer.result_code}", True
    if effect and instruction.state == State.UNKNOWN_RESULT:
        return answers.ONE_TOO_MANY, True
    # Money may be held that we do not know of: a person must see it.
    if failed and effect and not fresh:
        return answers.AFTER_A_NO, True
    return "" if fresh else "answered before", False


def _more(
    system: System, message: Message, xml: Xml, watch: Instruction, answer: actions.Answer
) -> tuple[str, bool]:
    """One more message of a watch that runs: new rows, or that the bank watches no longer."""
    if answer.move not in actions.TAKES_EFFECT:
        return answers.AFTER_A_YES, True
    return _batch(system, message, xml, watch), False


def _batch(system: System, message: Message, xml: Xml, watch: Instruction) -> str:
    """Import new rows and tell of them; what is to be noted of the message."""
    told = read_statement(xml)
    statement = _import(system, message, xml, watch) if told.rows else None
    if statement is None:
        return "delivered twice" if told.rows else "no new rows"
    if statement.rows_kept:
        watching.note_batch(
            system, watch, watching.moved(told.rows), statement.public_id, at=clock.now(),
            ground=Ground("message", f"in-{message.pk}"),
        )  # fmt: skip
    return ""


def _import(
    system: System, message: Message, xml: Xml, instruction: Instruction
) -> Statement | None:
    """The statement; None when it was imported before."""
    try:
        return movements.import_reply(
            system, read_statement(xml), bytes(message.content), message_id=message.pk,
            account=instruction.account, institution_code=instruction.institution_code,
            case_id=instruction.case_id, at=clock.now(),
            ground=Ground("message", f"in-{message.pk}"),
        )  # fmt: skip
    except AlreadyImported:
        return None


def _mention(system: System, xml: Xml, instruction: Instruction) -> None:
    """The other accounts of the customer are accounts of the case from now on."""
    found = read_holdings(xml).accounts
    if not found:
        return
    entities.note_mentions(
        system,
        [
            ("account", normal_account(number_of(each)), "same_customer", each.holder_name)
            for each in found
        ],
        case_id=instruction.case_id, source=instruction.public_id, at=clock.now(),
        ground=Ground("instruction", instruction.public_id),
    )  # fmt: skip


def _unknown(system: System, message: Message, tx_code: str, application: str, note: str) -> None:
    gateway.note_read(
        system, message, state=Message.State.UNKNOWN, tx_code=tx_code,
        application_id=application, case_id=None, note=note, at=clock.now(),
        ground=Ground("message", f"in-{message.pk}"),
    )  # fmt: skip


def _locked(instruction_id: int) -> Instruction:
    return (
        Instruction.objects.select_for_update(of=("self",))
        .select_related("case", "package")
        .get(pk=instruction_id)
    )
