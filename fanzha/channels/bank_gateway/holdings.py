"""What a bank says of all accounts of one customer: message 100310. Nothing here raises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fanzha.channels.bank_gateway.replies import View, read_statement

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from fanzha.channels.bank_gateway.codec import Message
    from fanzha.channels.bank_gateway.profile import Profile
    from fanzha.channels.bank_gateway.replies import AccountSummary


@dataclass(frozen=True)
class Measure:
    """Money that somebody holds on an account: who, how much, until when; the type verbatim."""

    account_number: str
    type_code: str
    department: str
    held_fen: int | None
    ends_at: datetime | None


@dataclass(frozen=True)
class Holdings:
    """The accounts, and the measures on them."""

    accounts: tuple[AccountSummary, ...]
    measures: tuple[Measure, ...]


def read_holdings(message: Message, *, profile: Profile | None = None) -> Holdings:
    """View a 100310, however its lists are wrapped."""
    statement = read_statement(message, profile=profile)
    return Holdings(statement.accounts, tuple(map(_measure, records(message.body, "Measure"))))


def number_of(account: AccountSummary) -> str:
    """The number by which the account can be asked about: its card, or its main number."""
    return account.card_number or account.account_number.partition("_")[0]


def records(node: Any, name: str) -> Iterator[dict[str, Any]]:
    """Every record of this name, at any depth."""
    if isinstance(node, list):
        for each in node:
            yield from records(each, name)
    elif isinstance(node, dict):
        for key, child in node.items():
            if key == name:
                many = child if isinstance(child, list) else [child]
                yield from (each for each in many if isinstance(each, dict))
            else:
                yield from records(child, name)


def _measure(record: dict[str, Any]) -> Measure:
    view = View(record)
    return Measure(
        account_number=view.text("AccountNumber") or view.text("CardNumber"),
        type_code=view.text("FreezeType"),
        department=view.text("FreezeDeptName"),
        held_fen=view.amount("FreezeBalance", view.text("Currency")),
        ends_at=view.time("FreezeEndTime"),
    )
