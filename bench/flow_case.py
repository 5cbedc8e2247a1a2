"""A case of any size to look at: a victim's money over four tiers, with ordinary rows around it."""

from __future__ import annotations

import csv
import io
import itertools
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from fanzha.core.money import format_yuan
from fanzha.movements.profile import load

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

PAID_FEN_EACH = 1_500_000
"""So much was paid for each account behind the case, so that something comes to all of them."""
TIERS = (0.01, 0.07, 0.32, 0.6)
"""The share of the accounts that stands in each tier."""
SEEN = 0.7
"""So many accounts of the last tier have a statement; the others are gaps."""
CASH = 0.3
"""So many of the last tier's accounts draw what they got in cash."""
SECOND_PAYER = 0.25
KEPT = 20
"""One part in so many stays where it came."""
OWN_FEN = 20_000
COLUMNS = (
    "card_no", "holder_name", "txn_time", "amount_fen", "direction", "cp_account_no", "balance_fen",
    "summary", "currency", "success",
)  # fmt: skip


class Row(NamedTuple):
    """A row of an account's statement; `other` is the other side, `told` the bank's words."""

    account: str
    at: datetime
    fen: int
    came: bool
    other: str
    told: str = "转账"


@dataclass
class Invented:
    """The victim's account and payments (account, fen, time), and the rows of all statements."""

    victim: str
    seen: set[str]
    chance: Random
    payments: list[tuple[str, int, datetime]] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)

    def as_csv(self) -> bytes:
        """One file with the statements of all accounts, each with its running balance."""
        return as_csv(self.rows)

    def move(self, payer: str, payee: str, fen: int, at: datetime) -> None:
        """Write a transfer into the statements of those that have one."""
        if payer in self.seen:
            self.rows.append(Row(payer, at, fen, False, payee))
        if payee in self.seen:
            self.rows.append(Row(payee, at, fen, True, payer))


def invented(accounts: int, rows: int, at: datetime) -> Invented:
    """A case with so many accounts behind it and about `rows` movements, all before `at`."""
    chance, start = Random(accounts), at - timedelta(hours=20)
    sizes = [max(round(accounts * share), 1) for share in TIERS]
    numbers = iter(f"62990{n % 7}{n:013d}" for n in range(sum(sizes)))
    tiers = [[next(numbers) for _ in range(size)] for size in sizes]
    seen = {each for tier in tiers[:-1] for each in tier}
    seen |= {each for each in tiers[-1] if chance.random() < SEEN}
    made = Invented(f"6299099{accounts:012d}", seen, chance)
    got: Mapping[str, int] = dict(
        zip(tiers[0], _cut(chance, PAID_FEN_EACH * accounts, len(tiers[0])), strict=True)
    )
    for at_, (account, fen) in enumerate(got.items()):
        paid_at = start + timedelta(seconds=15 * at_)
        made.payments.append((account, fen, paid_at))
        made.move(made.victim, account, fen, paid_at)
    for number, (payers, payees) in enumerate(itertools.pairwise(tiers), start=1):
        got = _pass_on(made, payers, payees, got, start + timedelta(hours=3 * number))
    for account in (each for each in got if each in seen and chance.random() < CASH):
        late = start + timedelta(hours=13, seconds=chance.randrange(20_000))
        made.rows.append(Row(account, late, got[account] * 9 // 10, False, "", "ATM取现"))
    _live(made, rows - len(made.rows), start)
    return made


def one_more(at: datetime) -> bytes:
    """A statement of one row of yet another account."""
    return as_csv([Row("6299098000000000001", at, 100, True, "6299098000000000002")])


def as_csv(rows: Sequence[Row]) -> bytes:
    """Write rows as a bank does."""
    names, text = load().names, io.StringIO()
    writer = csv.writer(text)
    writer.writerow([names[each] for each in COLUMNS])
    balance: dict[str, int] = defaultdict(lambda: OWN_FEN)
    for row in sorted(rows, key=lambda row: row.at):
        balance[row.account] += row.fen if row.came else -row.fen
        writer.writerow([
            row.account, f"户{row.account[-5:]}", f"{row.at:%Y-%m-%d %H:%M:%S}", _yuan(row.fen),
            "进" if row.came else "出", row.other, _yuan(balance[row.account]), row.told, "人民币",
            "成功",
        ])  # fmt: skip
    return text.getvalue().encode()


def _pass_on(
    made: Invented,
    payers: Sequence[str],
    payees: Sequence[str],
    got: Mapping[str, int],
    at: datetime,
) -> Mapping[str, int]:
    """Hand on most of what came; who has no statement hands on nothing. What each payee got."""
    chance = made.chance
    ready = [each for each in payers if each in made.seen and each in got]
    wanted: dict[str, list[str]] = defaultdict(list)
    for place, payee in enumerate(payees):
        near = ready[place * len(ready) // len(payees)]
        also = chance.choice(ready)
        for payer in {near, also} if chance.random() < SECOND_PAYER else {near}:
            wanted[payer].append(payee)
    sums: Counter[str] = Counter()
    for payer, to in wanted.items():
        when = at
        for payee, fen in zip(to, _cut(chance, got[payer] - got[payer] // KEPT, len(to)),
                              strict=True):  # fmt: skip
            when += timedelta(seconds=chance.randrange(5, 60))
            made.move(payer, payee, fen, when)
            sums[payee] += fen
    return sums


def _live(made: Invented, rows: int, start: datetime) -> None:
    """Ordinary rows of the same accounts in the month before."""
    chance, accounts = made.chance, sorted(made.seen)
    for at in range(rows):
        when = start - timedelta(seconds=chance.randrange(600, 30 * 86_400))
        other = f"6299097{chance.randrange(10**6):012d}"
        fen = chance.randrange(100, 800)
        made.rows.append(Row(accounts[at % len(accounts)], when, fen, at % 2 == 0, other))


def _cut(chance: Random, fen: int, parts: int) -> list[int]:
    """Cut a sum into parts, a few large and many small."""
    weights = [chance.paretovariate(0.9) for _ in range(parts)]
    small = [max(int(fen * each / sum(weights)), 1) for each in weights[1:]]
    return [fen - sum(small), *small]


def _yuan(fen: int) -> str:
    return format_yuan(fen).replace(",", "")
