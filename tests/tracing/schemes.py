"""Laundering schemes of every shape, made by chance, alone or among ordinary payments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fanzha.tracing.engine import Movement, Movements, Seeds, trace
from fanzha.tracing.shapes import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from fanzha.tracing.engine import Trace

HOUR, DAY = 3600, 86400
TANGLED = ["A", "B", "C", "D", "E"]


class Scheme:
    """Rows being made: every transfer a while after the one before; 1 to 3% stay on the way."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.rows: list[Movement] = []
        self.clock = 0

    def pay(self, payer: str, payee: str, fen: int) -> int:
        """Add a transfer; returns what the payee will hand on of it."""
        self.clock += self.chance.randint(30, 4 * HOUR)
        self.rows.append(Movement(f"s{len(self.rows)}", self.clock, payer, payee, fen))
        return fen * self.chance.randint(97, 99) // 100

    def amount(self) -> int:
        """Draw an amount in fen, heavy-tailed."""
        return int(self.chance.lognormvariate(14, 1)) + 1000

    def shares(self, fen: int, count: int) -> list[int]:
        """Split unevenly."""
        weights = [self.chance.uniform(0.5, 1.5) for _ in range(count)]
        return [max(int(fen * weight / sum(weights)), 1) for weight in weights]


def scheme(kind: Kind, chance: Random) -> list[Movement]:
    """Make a scheme: 3 to 8 wide, or 3 to 7 long."""
    made = Scheme(chance)
    MAKERS[kind](made, chance.randint(3, 8))
    return made.rows


def _fan_in(made: Scheme, width: int) -> None:
    for at in range(width):
        made.pay(f"P{at}", "H", made.amount())


def _fan_out(made: Scheme, width: int) -> None:
    for at in range(width):
        made.pay("H", f"Q{at}", made.amount())


def _gather_scatter(made: Scheme, width: int) -> None:
    came = sum(made.pay(f"P{at}", "H", made.amount()) for at in range(width))
    for at, fen in enumerate(made.shares(came, made.chance.randint(3, 8))):
        made.pay("H", f"Q{at}", fen)


def _scatter_gather(made: Scheme, width: int) -> None:
    parts = [made.pay("S", f"M{at}", made.amount()) for at in range(width)]
    for at in made.chance.sample(range(width), width):
        made.pay(f"M{at}", "T", parts[at])


def _cycle(made: Scheme, length: int) -> None:
    fen = made.amount()
    for at in range(length):
        fen = made.pay(f"C{at}", f"C{(at + 1) % length}", fen)


def _web(made: Scheme, first: list[tuple[str, int]], second: list[str]) -> list[tuple[str, int]]:
    came = dict.fromkeys(second, 0)
    steps = [
        (payer, payee, fen)
        for payer, whole in first
        for payee, fen in zip(second, made.shares(whole, len(second)), strict=True)
    ]
    for payer, payee, fen in made.chance.sample(steps, len(steps)):
        came[payee] += made.pay(payer, payee, fen)
    return list(came.items())


def _layer(made: Scheme, letter: str) -> list[str]:
    return [f"{letter}{at}" for at in range(made.chance.randint(2, 4))]


def _bipartite(made: Scheme, width: int) -> None:
    _web(made, [(f"P{at}", made.amount()) for at in range(width)], _layer(made, "Q"))


def _stack(made: Scheme, width: int) -> None:
    came = _web(made, [(f"P{at}", made.amount()) for at in range(width)], _layer(made, "M"))
    _web(made, came, _layer(made, "Q"))


MAKERS = {
    Kind.FAN_IN: _fan_in,
    Kind.FAN_OUT: _fan_out,
    Kind.GATHER_SCATTER: _gather_scatter,
    Kind.SCATTER_GATHER: _scatter_gather,
    Kind.CYCLE: _cycle,
    Kind.BIPARTITE: _bipartite,
    Kind.STACK: _stack,
}


def among_ordinary_payments(rows: list[Movement], chance: Random, count: int) -> list[Movement]:
    """Give two accounts in five some own money, and let all of them make small payments."""
    accounts = sorted({end for row in rows for end in (row.from_account, row.to_account)})
    last = max(row.time for row in rows)
    return [*rows, *_own_money(accounts, chance), *_purchases(accounts, last, chance, count)]


def _own_money(accounts: list[str], chance: Random) -> Iterator[Movement]:
    for account in accounts:
        if chance.random() < 0.4:
            fen = int(chance.lognormvariate(11.3, 1))
            yield Movement(f"own {account}", -5 * DAY, f"work {account}", account, fen)


def _purchases(accounts: list[str], last: int, chance: Random, count: int) -> Iterator[Movement]:
    for at in range(count):
        time, shop = chance.randint(-4 * DAY, last), f"shop {chance.randint(0, 30)}"
        fen = int(chance.lognormvariate(8, 1))
        yield Movement(f"n{at}", time, chance.choice(accounts), shop, fen)


def tangle(size: int, chance: Random) -> list[Movement]:
    """Make rows of any kind between five accounts and the world outside, often at one time."""
    rows = []
    for at in range(size):
        time, payer = chance.randint(0, 12) * HOUR, chance.choice(["", *TANGLED])
        payee = chance.choice(TANGLED if not payer else ["", *TANGLED])
        late = time + chance.randint(0, 5) * HOUR if chance.random() < 0.1 else None
        fen = chance.choice([chance.randint(0, 40), 100 * chance.randint(1, 40)])
        rows.append(Movement(f"t{at}", time, payer, payee, fen, time_to=late))
    return rows


def traced_scheme(rows: list[Movement], own: int | None = None, rule: str = "fifo") -> Trace:
    """Trace the first hops of the scheme's rows (the first `own` of all): each its own claim."""
    movements = Movements.build(rows)
    paid: set[str] = set()
    seeds = []
    for row in sorted(rows[:own], key=lambda row: row.time):
        if row.from_account not in paid and row.from_account != row.to_account:
            seeds.append((row.id, row.id))
        paid.add(row.to_account)
    return trace(movements, Seeds.of(movements, seeds), rule=rule)
