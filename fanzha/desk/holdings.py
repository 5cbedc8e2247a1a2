"""What else a customer has at a bank: message 100310 as the page of its query shows it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from fanzha.channels.bank_gateway.holdings import number_of, read_holdings
from fanzha.channels.bank_gateway.profile import load
from fanzha.core.refusal import NotFound, gettext_noop
from fanzha.desk.forms.choices import chinese
from fanzha.desk.onward import against
from fanzha.entities.rules import normal_account
from fanzha.instructions import actions
from fanzha.instructions.drafts import Draft
from fanzha.instructions.queries import answer_to
from fanzha.instructions.rules import Kind

if TYPE_CHECKING:
    from datetime import datetime

    from fanzha.audit.rules import Ground
    from fanzha.channels.bank_gateway.holdings import Measure
    from fanzha.channels.bank_gateway.replies import AccountSummary
    from fanzha.identity.models import Officer
    from fanzha.instructions.models import Instruction


class NoSuchAccount(NotFound):
    """The answer names no account at this place."""

    message = gettext_noop("The answer names no such account; read the page again.")


@dataclass(frozen=True)
class Hold:
    """One measure on an account, its type as a word; an unknown type verbatim."""

    word: str
    measure: Measure


@dataclass(frozen=True)
class Found:
    """One account, by its place in the answer; `against` is why it cannot be queried now."""

    place: int
    number: str
    told: AccountSummary
    holds: tuple[Hold, ...]
    against: str = ""


def found_of(instruction: Instruction) -> list[Found]:
    """The accounts of the newest answer; nothing for other kinds."""
    answer = answer_to(instruction) if instruction.kind == Kind.ACCOUNTS else None
    if answer is None:
        return []
    told = read_holdings(answer)
    held: dict[str, list[Hold]] = {}
    for each in told.measures:
        number = normal_account(each.account_number.partition("_")[0])
        held.setdefault(number, []).append(Hold(_word(each.type_code), each))
    return [
        Found(place, number, each, tuple(held.get(number, ())))
        for place, each in enumerate(told.accounts, start=1)
        for number in [normal_account(number_of(each))]
    ]


def offered(officer: Officer, instruction: Instruction) -> list[Found]:
    """The same, each with what stands against a query of its movements."""
    found = found_of(instruction)
    if not officer.may("instruction.draft"):
        return found
    return [
        replace(each, against=against(officer, instruction.case, _draft(instruction, each, "")))
        for each in found
    ]


def draft_query(
    by: Officer, instruction: Instruction, place: int, *, at: datetime, ground: Ground
) -> Instruction:
    """Draft the query of one account's movements. Raises NoSuchAccount, or what a draft meets."""
    found = _at(instruction, str(place))
    if not found:
        raise NoSuchAccount
    wanted = _draft(instruction, found[0], ground.reason)
    (package,) = actions.draft(by, instruction.case, [wanted], at=at, ground=ground)
    made: Instruction = package.instructions.get()
    return made


def number_at(instruction: Instruction, place: str) -> str:
    """One number in full, for who may see it; empty when there is none."""
    return next((each.number for each in _at(instruction, place)), "")


def holder_at(instruction: Instruction, place: str) -> str:
    """One holder in full, for who may see it; empty when there is none."""
    return next((each.told.holder_name for each in _at(instruction, place)), "")


def _at(instruction: Instruction, place: str) -> list[Found]:
    return [each for each in found_of(instruction) if str(each.place) == place]


def _draft(of: Instruction, found: Found, reason: str) -> Draft:
    """Of another account: what was paid into and traced to the first says nothing of it."""
    return Draft.about(
        of, Kind.QUERY, reason=reason, account=found.number,
        account_name=found.told.holder_name or of.account_name, traced_fen=None, trace_id=None,
        payment_id=None, out_account="", transfer_fen=None,
    )  # fmt: skip


def _word(code: str) -> str:
    zh, en = load().allowed("Measure", "FreezeType").get(code, (code, code))
    return zh if chinese() else en
