"""Ten thousand invented cases with all that hangs on them: most old, some sixty live."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bench import invented
from bench.city import COUNTIES, ROOT, STATIONS, bank_code
from bench.orders import Order, add_orders
from fanzha.core.ids import new_public_id

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from random import Random

    from psycopg import Connection

    from bench.city import Person
    from bench.copying import Rows

LIVE = 60
LIVE_SPAN = timedelta(hours=46)
OLD_SPAN = timedelta(days=3 * 365)
RESTRICTED = 0.01
BATCH = 500


@dataclass(frozen=True)
class Victim:
    """One case's facts that several tables repeat."""

    case: int
    number: str
    name: str
    phone: str
    fraud: str
    opened: datetime
    age: timedelta
    live: bool
    filed: bool
    unit: str
    restricted: bool

    def scope(self) -> dict[str, Any]:
        """The columns that every scoped table carries."""
        return {"case_id": self.case, "unit_path": self.unit, "restricted": self.restricted}


def fill(
    owner: Connection[Any],
    rows: Rows,
    chance: Random,
    folk: Sequence[Person],
    *,
    cases: int,
    at: datetime,
) -> None:
    """Write `cases` cases as the owner, a batch per transaction; then renew the statistics."""
    for number in range(1, cases + 1):
        live = number > cases - LIVE
        ago = (LIVE_SPAN if live else OLD_SPAN) * ((cases - number) / (LIVE if live else cases))
        spread = timedelta() if live else timedelta(days=2)
        _one(rows, chance, folk, number, at, ago + spread + timedelta(minutes=5), live=live)
        if number % BATCH == 0 or number == cases:
            rows.write(owner)
            owner.commit()
    rows.continue_numbers(owner)
    owner.commit()


def _one(
    rows: Rows,
    chance: Random,
    folk: Sequence[Person],
    number: int,
    at: datetime,
    age: timedelta,
    *,
    live: bool,
) -> None:
    opened = at - age
    filed = chance.random() < (0.5 if live else 0.9)
    victim = Victim(
        case=number, number=f"LJ{opened:%y}-{number:06d}", name=invented.name(chance),
        phone=invented.phone(chance), fraud=chance.choice(list(invented.FRAUDS)), opened=opened,
        age=age, live=live, filed=filed, unit=chance.choice((ROOT, *COUNTIES, *STATIONS)),
        restricted=chance.random() < RESTRICTED,
    )  # fmt: skip
    orders = [_order(chance, opened) for _ in range(chance.choice((1, 1, 1, 2, 2, 3)))]
    told = invented.telling(
        chance, victim.fraud, victim.name, sum(each.fen for each in orders) // 100, orders[0].to
    )
    _case(rows, chance, victim, orders, told)
    officer = chance.choice(folk).pk
    rows.add("cases_member", officer_id=officer, since=opened, **victim.scope())
    _report(rows, chance, victim, orders, told, officer)
    trace = _trace(rows, chance, victim, orders)
    add_orders(rows, chance, victim, orders, officer=officer, trace=trace, folk=folk)
    _log(rows, chance, victim, officer)


def _order(chance: Random, opened: datetime) -> Order:
    bank, from_bank = chance.randrange(12), chance.randrange(12)
    return Order(
        fen=int(chance.lognormvariate(13.8, 1.2)) + 10_000,
        paid_at=opened - timedelta(minutes=chance.randrange(10, 300)),
        bank=bank, to=invented.account(chance, bank), to_name=invented.name(chance),
        source=invented.account(chance, from_bank), source_bank=from_bank,
    )  # fmt: skip


def _case(rows: Rows, chance: Random, victim: Victim, orders: Sequence[Order], told: str) -> None:
    words = [victim.name, victim.phone, told]
    for each in orders:
        words += [each.to, each.source, each.to_name]
    state = "filed" if victim.filed else "accepted"
    closed = not victim.live and victim.filed and chance.random() < 0.6  # noqa: PLR2004 - a share
    rows.add(
        "cases_case", public_id=new_public_id("C", "LJ"), number=victim.number,
        state="closed" if closed else state, fraud_type=victim.fraud, victim_name=victim.name,
        search_text=" ".join(words), opened_at=victim.opened,
        filed_at=victim.opened + timedelta(hours=5) if victim.filed else None,
        filing_number=f"岚公立字{victim.case}" if victim.filed else "",
        closed_at=victim.opened + timedelta(days=300) if closed else None,
        unit_path=victim.unit, restricted=victim.restricted,
    )  # fmt: skip


def _report(
    rows: Rows,
    chance: Random,
    victim: Victim,
    orders: Sequence[Order],
    told: str,
    officer: int,
) -> None:
    public_id = new_public_id("R", "LJ")
    report = rows.add(
        "intake_report", public_id=public_id, form_token=public_id,
        door=chance.choice(invented.DOORS), reported_at=victim.opened, told=told, ongoing="no",
        victim_name=victim.name, victim_phone=victim.phone,
        victim_id_number=invented.id_number(chance), fraud_type=victim.fraud,
        fraud_reason="措辞", taken_by_id=officer, **victim.scope(),
    )  # fmt: skip
    numbers = [("phone", victim.phone, "victim", victim.name)]
    for each in orders:
        payment = rows.add(
            "intake_payment", public_id=new_public_id("P", "LJ"), kind="bank",
            amount_fen=each.fen, paid_at=each.paid_at, from_account=each.source,
            from_institution=bank_code(each.source_bank), to_account=each.to,
            to_institution=bank_code(each.bank), to_name=each.to_name, to_hint="", complete=True,
            movement_id="", **victim.scope(),
        )  # fmt: skip
        as_told = {"amount_fen": each.fen, "to_account": each.to, "to_name": each.to_name}
        rows.add(
            "intake_paymentsource", payment_id=payment, report_id=report, as_told=as_told,
            **victim.scope(),
        )  # fmt: skip
        numbers.append(("account", each.to, "payee", each.to_name))
    for kind, value, role, name in numbers:
        entity = rows.add("entities_entity", kind=kind, value=value)
        rows.add(
            "entities_mention", entity_id=entity, role=role, name_as_written=name,
            source=public_id, at=victim.opened, **victim.scope(),
        )  # fmt: skip


def _trace(rows: Rows, chance: Random, victim: Victim, orders: Sequence[Order]) -> int:
    """A stored result of the size that a case of three tiers has: some thirty rows."""
    paid = sum(each.fen for each in orders)
    cuts = sorted(chance.randrange(paid) for _ in range(4))
    names = ("stopped", "frozen", "transit", "unknown", "gone")
    figures = dict(
        zip(names, (b - a for a, b in zip([0, *cuts], [*cuts, paid], strict=True)), strict=True)
    )
    ends = [
        {"account": invented.account(chance, chance.randrange(12)), "kind": "held",
         "fen": paid // 12, "by_claim": {str(victim.case): paid // 12}}
        for _ in range(12)
    ]  # fmt: skip
    pieces = [
        {"id": f"{victim.case}-{at}", "fen": paid // 9, "by_claim": {str(victim.case): paid // 9}}
        for at in range(30)
    ]
    result = {
        "rule_version": "fifo-1", "ends": ends, "pieces": pieces, "notes": [],
        "figures": figures | {"returned": 0, "paid": paid}, "until": {},
    }  # fmt: skip
    rows.add(
        "movements_statement", public_id=new_public_id("S", "LJ"), account=orders[0].to,
        institution_code=bank_code(orders[0].bank), file_name=f"{victim.case}.csv",
        file_sha256=f"{victim.case:064d}", profile="bank_34", source="message",
        imported_at=victim.opened, rows_read=30, rows_kept=30, rows_duplicate=0, rows_rejected=0,
        rows_skipped=0, sums={}, rejects=[], findings=[], truncated=False,
        **victim.scope(),
    )  # fmt: skip
    return rows.add(
        "tracing_storedtrace", rule="fifo", input_sha256=f"{victim.case:064d}",
        engine="fanzha-tracing 1.0", seeded_fen=paid, result=result,
        computed_at=victim.opened + timedelta(minutes=40), **victim.scope(),
    )  # fmt: skip


def _log(rows: Rows, chance: Random, victim: Victim, officer: int) -> None:
    verbs = (
        "intake.file_report", "cases.open_case", "entities.note_mentions", "instructions.draft",
        "instructions.approve", "instructions.send", "instructions.record", "tracing.store",
    )  # fmt: skip
    for verb in verbs:
        rows.add(
            "audit_entry", at=victim.opened, actor=f"u{officer}", officer_id=officer, action=verb,
            object_kind="case", object_id=victim.number, ground_kind="case",
            ground_ref=victim.number, ground_reason="接警",
            facts={"paid_fen": chance.randrange(10**7)},
            origin="127.0.0.1", xid=victim.case, **victim.scope(),
        )  # fmt: skip
