"""What a campaign of faults is played on: twelve invented banks, three officers, their orders."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import yaml
from django.db import transaction

from fanzha.audit.rules import Ground
from fanzha.cases import actions as cases
from fanzha.channels.bank_gateway import actions as gateway
from fanzha.core import clock
from fanzha.core.refusal import Refusal
from fanzha.identity.acting import acting_for, system_scope
from fanzha.identity.models import Officer, RoleGrant, Unit
from fanzha.institutions import actions as institutions
from fanzha.instructions import actions as instructions
from fanzha.instructions.drafts import Draft
from fanzha.instructions.models import Instruction
from fanzha.instructions.rules import HOLDING_STATES, Kind, ReleaseGround, State
from fanzha.scope.guard import open_action

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

BANKS, FRONT_ENDS = 12, 3
PACKAGE = 8
"""Accounts in one package."""
FEN = 100_000
WHY = Ground("duty", "", "fault campaign")
FOLK = {"lin": "duty_officer", "zhao": "duty_head", "liang": "county_head"}
"""Who drafts, who approves stops and queries, who approves freezes."""
QUICK = {"median": 0.05, "p95": 0.2}


def bank_code(number: int) -> str:
    """The code of an invented bank."""
    return f"99010000{number:04d}"


def bank_name(number: int) -> str:
    """The name of an invented bank."""
    return f"第{number + 1}银行"


def account(bank: int, number: int) -> str:
    """An invented account of a bank."""
    return f"6299{bank:02d}{number:013d}"


def write_scenario(path: Path, front_end: int, accounts: int) -> None:
    """Write the story of one front-end: its share of the banks, so many accounts in each."""
    mine = range(front_end, BANKS, FRONT_ENDS)
    story: dict[str, Any] = {
        "name": f"faults_{front_end}",
        "seed": 20160318 + front_end,
        "banks": {
            f"b{bank}": {
                "code": bank_code(bank), "name": bank_name(bank), "prefix": f"6299{bank:02d}",
                "stop": QUICK, "freeze": QUICK, "query": QUICK,
            }
            for bank in mine
        },
        "cast": [], "moves": [], "launderers": [],
        "accounts": [
            {"number": account(bank, each), "bank": f"b{bank}", "holder": "甲某",
             "balance": "5000.00", "role": "mule"}
            for bank in mine for each in range(accounts)
        ],
    }  # fmt: skip
    path.write_text(yaml.safe_dump(story, allow_unicode=True), "utf-8")


def found(password: str, urls: Sequence[str], token: str) -> None:
    """Make the unit, the officers, the banks and the ways to them."""
    mark = open_action.set("bench.faults")
    try:
        with transaction.atomic():
            unit = Unit.objects.create(path="lj", name="岚江市反诈中心", level="city")
            for name, role in FOLK.items():
                officer = Officer(
                    username=name, name="林某", unit=unit, created_at=clock.now(),
                    must_set_password=False,
                )  # fmt: skip
                officer.set_password(password)
                officer.save()
                RoleGrant.objects.create(officer=officer, role=role, since=clock.now())
    finally:
        open_action.reset(mark)
    for bank in range(BANKS):
        with system_scope("bench") as system:
            institutions.register(
                system, code=bank_code(bank), name=bank_name(bank),
                card_prefixes=[f"6299{bank:02d}"], at=clock.now(), ground=WHY,
            )  # fmt: skip
            gateway.connect(
                system, institution_code=bank_code(bank), url=urls[bank % FRONT_ENDS],
                token=token, poll_seconds=0.3, at=clock.now(), ground=WHY,
            )  # fmt: skip


def officer(username: str) -> Officer:
    """One of the officers, freshly read."""
    return Officer.objects.select_related("unit").get(username=username)


def batches(accounts: int) -> Iterator[list[tuple[int, int]]]:
    """Banks and account numbers, a package's worth at a time."""
    everything = [(bank, each) for each in range(accounts) for bank in range(BANKS)]
    for first in range(0, len(everything), PACKAGE):
        yield everything[first : first + PACKAGE]


def stop_or_freeze_and_query(number: int) -> tuple[Kind, ...]:
    """Every account is queried; the even ones are stopped, the odd ones frozen."""
    return (Kind.FREEZE if number % 2 else Kind.STOP, Kind.QUERY)


def draft(
    some: Sequence[tuple[int, int]],
    number: int,
    kinds: Callable[[int], tuple[Kind, ...]] = stop_or_freeze_and_query,
) -> None:
    """One filed case: for every account the kinds that its number calls for, as one package."""
    lin, liang = officer("lin"), officer("liang")
    with acting_for(lin):
        case = cases.open_case(
            lin, fraud_type="AG", victim_name="周某", search_text="周某", at=clock.now(), ground=WHY
        )
    with acting_for(liang):
        cases.file_case(liang, case, f"立字{number}号", at=clock.now(), ground=WHY)
    wanted = [_wanted(kind, bank, each) for bank, each in some for kind in kinds(each)]
    with acting_for(lin):
        instructions.draft(lin, case, wanted, at=clock.now(), ground=WHY)


def waiting_packages() -> int:
    """How many packages wait for approval."""
    with system_scope("bench"):
        waiting = Instruction.objects.filter(state=State.AWAITING_APPROVAL)
        return waiting.values("package").distinct().count()


def _wanted(kind: Kind, bank: int, each: int) -> Draft:
    fen = FEN if kind == Kind.FREEZE else None
    return Draft(
        kind=kind, account=account(bank, each), account_name="甲某",
        institution_code=bank_code(bank), institution_name=bank_name(bank), reason="campaign",
        transfer_fen=FEN, transfer_at=clock.now() - timedelta(minutes=30),
        out_account="6299990000000000002", amount_fen=fen, traced_fen=fen,
    )  # fmt: skip


def draft_follow_ons() -> int:
    """Extend half of the stops in force, release half of the freezes; how many were drafted now."""
    lin, drafted = officer("lin"), 0
    with acting_for(lin):
        holds = list(
            Instruction.objects.filter(
                kind__in=[Kind.STOP, Kind.FREEZE], state__in=sorted(HOLDING_STATES)
            ).order_by("id")
        )
    for hold in holds:
        if int(hold.application_id[-1]) % 2:
            continue
        try:
            with acting_for(lin):
                if hold.kind == Kind.STOP:
                    instructions.draft_extension(lin, hold, at=clock.now(), ground=WHY)
                else:
                    instructions.draft_release(
                        lin, hold, ReleaseGround.CASE_DECIDED, at=clock.now(), ground=WHY
                    )
        except Refusal:
            continue
        drafted += 1
    return drafted
