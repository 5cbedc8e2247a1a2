"""Instructions of the invented cases: packages, papers' history, messages sent and received."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from bench.city import bank_code
from bench.invented import BANKS
from fanzha.core.ids import new_public_id
from fanzha.instructions import levels
from fanzha.instructions.rules import (
    FREEZE_TERM,
    STOP_WINDOW,
    TX_CODE,
    Kind,
    State,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from random import Random

    from bench.city import Person
    from bench.copying import Rows
    from bench.fill import Victim

UNDECIDED = (State.AWAITING_APPROVAL, State.WITHDRAWN)
ANSWERED = frozenset(
    {State.EFFECTIVE, State.FAILED, State.RELEASED, State.LAPSED, State.UNKNOWN_RESULT}
)
FREEZE_RUNS = timedelta(days=178)
"""A freeze of a younger case is in force still."""
FREEZE_SHARE = 0.3
_ROW = "<Row><Field>000000000000000000000000000000000000000000000000000000000000</Field></Row>"
BODY = f"<Transaction><Head/><Body>{_ROW * 8}</Body></Transaction>"


@dataclass(frozen=True)
class Order:
    """One payment of a victim, and what instructions repeat of it."""

    fen: int
    paid_at: datetime
    bank: int
    to: str
    to_name: str
    source: str
    source_bank: int


def add_orders(
    rows: Rows,
    chance: Random,
    victim: Victim,
    orders: Sequence[Order],
    *,
    officer: int,
    trace: int,
    folk: Sequence[Person],
) -> None:
    """Two to four instructions: a stop and a query of each of the first accounts, some freezes."""
    wanted = [(kind, each) for each in orders[:2] for kind in (Kind.STOP, Kind.QUERY)]
    if victim.filed and not victim.live and len(orders) == 1 and chance.random() < FREEZE_SHARE:
        wanted.append((Kind.FREEZE, orders[0]))
    approver = chance.choice([each.pk for each in folk if each.pk != officer])
    packages: dict[Kind, int] = {}
    for kind, order in wanted:
        if kind not in packages:
            packages[kind] = rows.add(
                "instructions_package", public_id=new_public_id("K", "LJ"),
                drafted_by_id=officer, drafted_at=victim.opened,
                permission=levels.in_force(kind, victim.opened).permission, **victim.scope(),
            )  # fmt: skip
        state = _state(chance, victim, kind)
        facts = _times(chance, victim, kind, state, approver) | {
            "package_id": packages[kind], "drafted_by_id": officer,
        }  # fmt: skip
        if kind == Kind.FREEZE:
            facts |= {"amount_fen": order.fen // 2, "traced_fen": order.fen // 2, "trace_id": trace}
        _instruction(rows, chance, victim, kind, state, order, facts)


def _state(chance: Random, victim: Victim, kind: Kind) -> State:
    if victim.live:
        weights = {
            State.AWAITING_APPROVAL: 20, State.ACCEPTED: 15, State.EFFECTIVE: 60,
            State.FAILED: 4, State.UNKNOWN_RESULT: 1,
        }  # fmt: skip
    elif kind == Kind.STOP:
        weights = {State.LAPSED: 55, State.RELEASED: 25, State.FAILED: 15, State.WITHDRAWN: 5}
    elif kind == Kind.QUERY:
        weights = {State.EFFECTIVE: 90, State.FAILED: 9, State.WITHDRAWN: 1}
    else:
        running = victim.age < FREEZE_RUNS
        weights = {State.EFFECTIVE if running else State.LAPSED: 80, State.RELEASED: 20}
    return chance.choices(list(weights), list(weights.values()))[0]


def _times(
    chance: Random, victim: Victim, kind: Kind, state: State, approver: int
) -> dict[str, Any]:
    """Who decided and when; empty where it did not come to that."""
    sent = victim.opened + timedelta(minutes=chance.randrange(2, 9))
    answered = sent + timedelta(minutes=chance.randrange(1, 20))
    if state in UNDECIDED:
        approver, sent = None, None  # type: ignore[assignment] # nobody, never
    if state not in ANSWERED:
        answered = None  # type: ignore[assignment] # not yet
    held = kind != Kind.QUERY and state not in (State.FAILED, State.UNKNOWN_RESULT)
    in_force = answered is not None and held
    limit = FREEZE_TERM if kind == Kind.FREEZE else STOP_WINDOW
    ends = limit.ends(answered) if in_force else None
    return {
        "approved_by_id": approver, "approved_at": sent, "sent_at": sent, "answered_at": answered,
        "effective_at": answered if in_force else None, "ends_at": ends,
        "ends_rule": limit.name if ends else "",
        "due_at": sent + timedelta(hours=1) if sent else None,
        "due_rule": "feedback_limit" if sent else "",
    }  # fmt: skip


def _instruction(
    rows: Rows,
    chance: Random,
    victim: Victim,
    kind: Kind,
    state: State,
    order: Order,
    facts: dict[str, Any],
) -> None:
    number = str(uuid.UUID(int=chance.getrandbits(128)))
    held = order.fen // 3 if facts["effective_at"] else None
    row = {
        "public_id": new_public_id("I", "LJ"), "kind": kind, "state": state, "account": order.to,
        "account_name": order.to_name, "institution_code": bank_code(order.bank),
        "institution_name": f"{BANKS[order.bank]}银行", "amount_fen": None, "traced_fen": None,
        "trace_id": None, "necessity": "", "reason": f"被害人转账 {order.fen // 100} 元至该账户",
        "out_account": order.source, "transfer_fen": order.fen, "transfer_at": order.paid_at,
        "application_id": number, "drafted_at": victim.opened,
        "result_code": "1" if facts["answered_at"] else "", "result_text": "", "balance_fen": held,
        "held_fen": held, "release_ground": "", "release_due_rule": "",
    }  # fmt: skip
    instruction = rows.add("instructions_instruction", **row | facts, **victim.scope())
    _history(rows, victim, instruction, state, facts)
    _messages(rows, victim, kind, number, order.bank, facts)


def _history(
    rows: Rows, victim: Victim, instruction: int, state: State, facts: dict[str, Any]
) -> None:
    moves = [("submit", State.DRAFT, State.AWAITING_APPROVAL, victim.opened)]
    if facts["sent_at"]:
        moves += [
            ("approve", State.AWAITING_APPROVAL, State.APPROVED, facts["approved_at"]),
            ("send", State.APPROVED, State.SENT, facts["sent_at"]),
            ("acknowledge", State.SENT, State.ACCEPTED, facts["sent_at"]),
        ]
    if facts["answered_at"]:
        moves.append(("take_effect", State.ACCEPTED, state, facts["answered_at"]))
    for move, before, after, at in moves:
        rows.add(
            "instructions_change", instruction_id=instruction, move=move, before=before,
            after=after, at=at, actor="u1", note="", **victim.scope(),
        )  # fmt: skip


def _messages(
    rows: Rows, victim: Victim, kind: Kind, number: str, bank: int, facts: dict[str, Any]
) -> None:
    moments = [(True, "delivered", facts["sent_at"]), (False, "handled", facts["answered_at"])]
    for outgoing, state, at in moments:
        if at is None:
            continue
        code = TX_CODE[kind]
        serial = f"{number}-{outgoing:d}"
        rows.add(
            "bank_gateway_message", outgoing=outgoing, front_end_id=bank % 3 + 1, state=state,
            serial=serial, tx_code=code if outgoing else f"{code[:5]}{int(code[5]) + 1}",
            application_id=number, content=BODY.encode(),
            sha256=sha256(serial.encode()).hexdigest(),
            at=at, order_key=number, attempts=1, gateway_code="", note="", **victim.scope(),
        )  # fmt: skip
