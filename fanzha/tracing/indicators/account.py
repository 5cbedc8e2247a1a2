"""One account's rows as the indicators see them, and the rows that are left out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

import yaml

from fanzha.tracing.engine import EndKind
from fanzha.tracing.engine.model import HOME_CURRENCY, NO_BALANCE, OUTSIDE
from fanzha.tracing.shapes.model import DATA, undone

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from fanzha.tracing.engine import Movements

Noise = dict[str, list[str]]
REVERSED: Final = "reversed"
OTHER_CURRENCY: Final = "other_currency"
FEE: Final = "fee"


class AccountFacts(NamedTuple):
    """What is known of an account beside its rows; empty: not known.

    `region` is the first six digits of the holder's ID number, `bank` any name or code of a bank.
    """

    holder: str = ""
    region: str = ""
    bank: str = ""


class Row(NamedTuple):
    """A row seen from the account; `other` is empty for the world outside, `noise` a kind or empty.

    `balance` is what lay in the account after it: stated, or counted on from what was known.
    """

    row: int
    time: int
    inward: bool
    fen: int
    other: str
    cash: bool
    balance: int
    noise: str


class Excluded(NamedTuple):
    """Rows that are left out, by kind."""

    kind: str
    rows: int
    fen: int


@dataclass(frozen=True)
class Account:
    """Rows in `seq` order without what was taken back, without other currencies."""

    name: str
    rows: tuple[Row, ...]
    left_out: tuple[Excluded, ...]
    facts: Mapping[str, AccountFacts]

    def of(self, name: str) -> AccountFacts:
        """What is known of an account."""
        return self.facts.get(name, AccountFacts())

    def plain(self) -> tuple[Row, ...]:
        """The rows with counterparties that are no noise."""
        return tuple(row for row in self.rows if not row.noise)

    def noise(self) -> tuple[Excluded, ...]:
        """What `plain` leaves out."""
        return _summed((row.noise, row.fen) for row in self.rows if row.noise)


@cache
def usual_noise() -> Noise:
    """The everyday counterparties of `data/noise.yaml`: words by kind."""
    loaded: Noise = yaml.safe_load((DATA / "noise.yaml").read_text(encoding="utf-8"))["kinds"]
    return loaded


def account_of(
    movements: Movements,
    name: str,
    *,
    facts: Mapping[str, AccountFacts],
    noise: Noise,
    opening_fen: int | None,
    currency: str = HOME_CURRENCY,
) -> Account:
    """Gather the rows of an account; one that has none (or does not exist) has no rows."""
    code = movements.code_of.get(name)
    touching = [] if code is None else movements.rows_touching(code)
    taken_back = undone(movements)
    rows, left_out = [], []
    for row in touching:
        fen = int(movements.amount_fen[row])
        if movements.currency[row] != currency:
            left_out.append((OTHER_CURRENCY, fen))
        elif row in taken_back:
            left_out.append((REVERSED, fen))
        else:
            rows.append(row)
    balances = _balances(movements, code, rows, opening_fen)
    seen = tuple(
        _row(movements, code, row, balance, facts, noise)
        for row, balance in zip(rows, balances, strict=True)
    )
    return Account(name, seen, _summed(left_out), facts)


def _row(
    movements: Movements,
    code: int | None,
    row: int,
    balance: int,
    facts: Mapping[str, AccountFacts],
    noise: Noise,
) -> Row:
    inward = movements.to_account[row] == code
    other = int((movements.from_account if inward else movements.to_account)[row])
    name = movements.name(other)
    channel = movements.channel[row] if other == OUTSIDE else ""
    kind = FEE if channel == EndKind.FEE else noise_kind(noise, name, facts.get(name))
    return Row(
        row=row,
        time=int(movements.time[row]),
        inward=bool(inward),
        fen=int(movements.amount_fen[row]),
        other=name,
        cash=channel == EndKind.CASH,
        balance=balance,
        noise=kind,
    )


def noise_kind(noise: Noise, name: str, facts: AccountFacts | None) -> str:
    """The kind of everyday counterparty whose word stands in the name or the holder, or empty."""
    text = f"{name} {facts.holder if facts else ''}".casefold()
    kinds = (
        kind for kind, words in noise.items() if any(word.casefold() in text for word in words)
    )
    return next(kinds, "")


def _balances(
    movements: Movements, code: int | None, rows: Sequence[int], opening_fen: int | None
) -> list[int]:
    """The balance after each row: stated, else counted on; without any start the lowest is 0."""
    found: list[int] = []
    balance, anchored = opening_fen or 0, opening_fen is not None
    for row in rows:
        inward = movements.to_account[row] == code
        fen = int(movements.amount_fen[row])
        balance += fen if inward else -fen
        stated = int((movements.balance_to_fen if inward else movements.balance_from_fen)[row])
        if stated != NO_BALANCE:
            if not anchored:
                found = [earlier + stated - balance for earlier in found]
            balance, anchored = stated, True
        found.append(balance)
    lowest = min([0, *found])
    return found if anchored else [balance - lowest for balance in found]


def _summed(parts: Iterable[tuple[str, int]]) -> tuple[Excluded, ...]:
    sums: dict[str, tuple[int, int]] = {}
    for kind, fen in parts:
        rows, total = sums.get(kind, (0, 0))
        sums[kind] = rows + 1, total + fen
    return tuple(Excluded(kind, *sums[kind]) for kind in sorted(sums))
